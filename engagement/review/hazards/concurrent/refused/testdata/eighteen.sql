-- server: 18
create table customers (id bigint primary key);
create table t (id bigint, at date, customer bigint) partition by range (at);
create index a on customers (id);
-- migration:
alter table t add constraint f foreign key (customer) references customers (id) not valid;
drop index concurrently a, b; -- want
