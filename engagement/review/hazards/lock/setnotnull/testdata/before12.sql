-- server: 11
create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
alter table orders add constraint c check (note is not null);
-- migration:
alter table orders alter column note set not null; -- want
select 1;
