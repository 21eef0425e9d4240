create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
delete from orders; -- want
delete from orders where total < 5; -- want
delete from orders where id = 7;
