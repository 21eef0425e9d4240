create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
alter table orders add constraint short check (length(code) > 2);
-- migration:
alter table orders alter column code type varchar(40); -- want
alter table customers alter column email type text;
