create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table states (a int not null default 5, b int default 5);
-- migration:
alter table states alter column a drop default; -- want
alter table states alter column b drop default;
alter table orders add column rank int default 5 not null;
alter table orders alter column rank drop default; -- want
create table fresh (a int not null default 5);
alter table fresh alter column a drop default;
