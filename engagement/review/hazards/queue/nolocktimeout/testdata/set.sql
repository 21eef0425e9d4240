create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
set lock_timeout = '2s';
alter table orders add column a int;
reset lock_timeout;
alter table customers add column a int; -- want
