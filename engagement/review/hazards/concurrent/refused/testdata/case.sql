-- server: 15
create table customers (id bigint primary key);
create table t (id bigint, at date, customer bigint) partition by range (at);
create table t_1 partition of t for values from ('2024-01-01') to ('2025-01-01');
create table t_rest partition of t default;
create table u (id bigint, at date) partition by range (at);
create table u_1 partition of u for values from ('2024-01-01') to ('2025-01-01');
create table orders (id bigint primary key, customer bigint);
create index a on orders (id);
create index b on orders (id);
-- migration:
drop index concurrently a, b; -- want
drop index concurrently a cascade; -- want
drop index concurrently a;
drop index a, b;
alter table t detach partition t_1 concurrently; -- want
alter table u detach partition u_1 concurrently;
alter table t add constraint f foreign key (customer) references customers (id) not valid; -- want
alter table orders add constraint f foreign key (customer) references customers (id) not valid;
