create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create index concurrently if not exists i on orders (code); -- want
drop index concurrently if exists j;
create index concurrently if not exists j on orders (note);
create index concurrently k on orders (total);
