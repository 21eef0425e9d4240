-- server: 17
create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table sums (a int, b int generated always as (a * 2) stored);
-- migration:
alter table sums alter column b set expression as (a * 3); -- want
alter table sums alter column b drop expression;
