create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add constraint c check (total > 0) not valid;
alter table orders validate constraint c;
begin;
alter table customers add constraint d check (email <> '') not valid;
alter table customers validate constraint d; -- want
commit;
