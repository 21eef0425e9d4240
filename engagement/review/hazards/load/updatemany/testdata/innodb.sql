-- dialect: mysql
-- server: mariadb-10.11
create table stage (id int primary key, code varchar(20));
create table orders (id int auto_increment primary key, c int, code varchar(20), note varchar(20), key kc (c));
-- migration:
update orders set note = 'y' where code is null; -- want
update orders set note = 'y' where c = 5; -- want
update orders set note = 'y' where id = 7;
set session transaction isolation level read committed;
update orders set note = 'z' where code is null; -- want
