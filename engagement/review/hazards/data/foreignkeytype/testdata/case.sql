create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add column owner_id int references customers; -- want
create table lines (id bigint primary key, order_id integer references orders (id)); -- want
create table lines2 (id bigint primary key, order_id bigint references orders (id));
