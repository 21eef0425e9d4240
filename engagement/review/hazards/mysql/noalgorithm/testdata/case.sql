-- dialect: mysql
create table customers (id bigint primary key, email varchar(50));
create table orders (id bigint primary key, customer_id bigint, total int, note text, code varchar(50), kind enum('a', 'b'), state varchar(20) not null);
-- migration:
alter table orders add column a int; -- want
alter table orders add column b int, algorithm=instant;
