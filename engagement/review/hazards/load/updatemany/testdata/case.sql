create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
update orders set state = 'x'; -- want
update orders set state = 'y' where total > 5; -- want
update orders set state = 'z' where id = 7;
update orders set state = 'z' where id in (select id from orders where state = 'y' limit 1000);
