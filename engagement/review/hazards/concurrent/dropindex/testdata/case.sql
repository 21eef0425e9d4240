create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create index i on orders (code);
create index j on orders (note);
-- migration:
drop index i; -- want
drop index concurrently j;
