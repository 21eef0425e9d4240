create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create index i on orders (code); -- want
create unique index ui on orders (note); -- want
create index concurrently ic on orders (total);
create table fresh (a int);
create index fi on fresh (a);
truncate customers;
create index ci on customers (email);
