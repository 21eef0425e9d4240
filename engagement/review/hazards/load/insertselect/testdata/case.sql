create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
insert into orders (id) select id from customers; -- want
insert into orders (id) values (5);
create table fresh (id int);
insert into fresh select id from orders;
