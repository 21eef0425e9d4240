create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders alter column total type bigint; -- want
alter table orders alter column code type varchar(10); -- want
alter table orders alter column code type varchar(40);
alter table orders alter column code type text;
