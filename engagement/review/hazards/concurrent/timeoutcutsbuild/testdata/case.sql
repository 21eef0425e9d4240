create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
set statement_timeout = '5s';
create index concurrently i on orders (code); -- want
set statement_timeout = 0;
create index concurrently j on orders (note);
