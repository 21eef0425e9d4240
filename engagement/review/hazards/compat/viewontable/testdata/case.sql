create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create view totals as select total from orders;
-- migration:
alter table orders alter column total type bigint; -- want
alter table customers alter column email type varchar;
