create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create index orders_code on orders (code);
-- migration:
reindex index orders_code; -- want
reindex table orders; -- want
reindex table concurrently orders;
