create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create table a (id serial primary key); -- want
create table b (id bigserial primary key);
create table c (id int generated always as identity, primary key (id)); -- want
create table d (code int primary key);
