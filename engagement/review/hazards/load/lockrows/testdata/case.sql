create table orders (id bigint primary key, note text);
-- migration:
select count(*) from orders for update; -- want
select * from orders for no key update; -- want
select * from orders where id = 5 for update;
select * from orders limit 10 for update;
select * from orders;
create table fresh (id int);
select * from fresh for update;
