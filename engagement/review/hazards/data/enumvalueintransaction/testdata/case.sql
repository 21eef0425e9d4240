create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create type mood as enum ('a');
-- migration:
begin;
alter type mood add value 'b'; -- want
alter table orders add column m mood default 'b';
commit;
alter type mood add value 'c';
begin;
alter type mood add value 'd';
commit;
