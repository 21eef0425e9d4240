create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add column token uuid default gen_random_uuid(); -- want
alter table orders add column seen timestamptz default now();
alter table orders add column level int not null default 0;
create table fresh (id int);
alter table fresh add column token uuid default gen_random_uuid();
