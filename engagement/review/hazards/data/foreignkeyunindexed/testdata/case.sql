create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create table lines (id bigint primary key, order_id bigint references orders (id)); -- want
create table lines2 (id bigint primary key, order_id bigint references orders (id));
create index lines2_order on lines2 (order_id);
alter table orders add constraint f foreign key (customer_id) references customers (id) not valid; -- want
