-- dialect: mysql
create table customers (id bigint primary key, email varchar(50));
create table orders (id bigint primary key, customer_id bigint, total int, note text, code varchar(50), kind enum('a', 'b'), state varchar(20) not null);
create table pages (id int primary key, url varchar(1000), title varchar(50));
-- migration:
alter table pages add index u (url); -- want
alter table pages add index v (title);
