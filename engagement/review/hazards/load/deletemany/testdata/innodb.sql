-- dialect: mysql
-- server: mariadb-10.11
create table stage (id int primary key, code varchar(20));
create table orders (id int auto_increment primary key, c int, code varchar(20), note varchar(20), key kc (c));
-- migration:
delete from orders where code = 'zz'; -- want
delete from orders where id = 7;
