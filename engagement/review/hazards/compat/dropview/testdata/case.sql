create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create view v as select 1;
create view w as select 1;
-- migration:
drop view v; -- want
drop view w;
create view w as select 2;
