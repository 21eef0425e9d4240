-- dialect: mysql
create table orders (id bigint primary key, code varchar(20), total int);
-- whole
-- migration:
alter table orders modify nope int; -- want
alter table orders modify total bigint;
alter table orders drop column nada; -- want
alter table orders add column code int; -- want
alter table orders add column c2 int after code;
