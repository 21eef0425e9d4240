create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table lines (id bigint primary key, order_id bigint references orders);
create table visits (id bigint primary key, customer_id bigint references customers);
create index on visits (customer_id);
-- migration:
delete from orders where total = 0; -- want
delete from customers where email = '';
