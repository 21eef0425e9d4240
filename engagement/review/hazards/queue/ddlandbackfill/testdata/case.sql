create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
begin;
alter table orders add column kind text;
update orders set kind = 'x'; -- want
commit;
update orders set kind = 'y';
