create table orders (id bigint primary key);
create table customers (id bigint primary key);
-- whole
-- migration:
alter table orders drop column id;
alter table orders drop column id; -- want
