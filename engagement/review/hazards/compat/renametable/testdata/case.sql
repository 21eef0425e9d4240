create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders rename to purchases; -- want
alter table customers rename to clients;
create view customers as select * from clients;
