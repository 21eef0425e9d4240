create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create table a (at int); -- want
create table b (id int primary key);
create table c (id int);
create unique index on c (id);
create table d (id int);
alter table d add primary key (id);
create table e (id int);
drop table e;
