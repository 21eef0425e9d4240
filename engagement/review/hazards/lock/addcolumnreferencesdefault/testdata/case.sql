create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add column second_id bigint default 1 references customers; -- want
alter table orders add column third_id bigint references customers;
