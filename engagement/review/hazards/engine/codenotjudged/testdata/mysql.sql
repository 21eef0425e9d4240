-- dialect: mysql
create table orders (id bigint primary key, total int);
-- migration:
call rebuild(); -- want
select count(*) from orders;
