-- server: 15
create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create index orders_placed on orders (placed);
set timezone = 'UTC';
-- migration:
set timezone = 'UTC';
alter table orders alter column placed type timestamptz; -- want
alter table orders alter column code type text;
