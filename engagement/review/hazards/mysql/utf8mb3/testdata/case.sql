-- dialect: mysql
create table customers (id bigint primary key, email varchar(50));
create table orders (id bigint primary key, customer_id bigint, total int, note text, code varchar(50), kind enum('a', 'b'), state varchar(20) not null);
-- migration:
create table a (id int primary key) charset=utf8; -- want
create table b (id int primary key) charset=utf8mb4;
