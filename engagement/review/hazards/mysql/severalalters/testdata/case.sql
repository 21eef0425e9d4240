-- dialect: mysql
create table customers (id bigint primary key, email varchar(50));
create table orders (id bigint primary key, customer_id bigint, total int, note text, code varchar(50), kind enum('a', 'b'), state varchar(20) not null);
-- migration:
alter table orders modify total bigint;
alter table orders modify id bigint unsigned; -- want
alter table customers engine=innodb;
