-- server: 11
create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
reindex table concurrently orders; -- want
alter table orders add column g int generated always as (total) stored; -- want
create index concurrently i on orders (code);
