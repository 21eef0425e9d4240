-- dialect: mysql
create table customers (id bigint primary key, email varchar(50));
create table orders (id bigint primary key, customer_id bigint, total int, note text, code varchar(50), kind enum('a', 'b'), state varchar(20) not null);
-- migration:
start transaction;
insert into customers (id) values (1);
alter table orders add column a int; -- want
commit;
alter table orders add column b int;
