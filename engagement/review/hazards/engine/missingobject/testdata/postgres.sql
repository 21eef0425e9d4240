create table orders (id bigint primary key, code text, total int);
create view v as select id from orders;
create materialized view mv as select id from orders;
create sequence s;
create table copy as select * from orders;
-- whole
-- migration:
alter table orders drop column nope; -- want
alter table orders drop column if exists nope;
alter table nosuch add column a int; -- want
alter table if exists nosuch add column a int;
create index on orders (nope); -- want
create index on orders (lower(code));
create index on orders (code, total);
alter table orders add column total bigint; -- want
alter table orders add column if not exists total bigint;
alter table orders add column more int, add constraint c check (more > 0), alter column more set default 1;
alter table orders add constraint u unique (nope); -- want
alter table orders rename column total to sum;
create index on orders (total); -- want
create index on orders (sum);
create table orders (id int); -- want
create table fresh (id int);
alter table fresh add column a int;
alter table copy drop column anything;
alter table v rename column id to x;
create index on mv (id);
alter table s rename to s2;
drop table fresh;
alter table fresh add column b int; -- want
