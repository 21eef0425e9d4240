create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table third (id int);
-- migration:
begin;
alter table orders add column a int;
alter table customers add column a int;
alter table third add column a int; -- want
commit;
