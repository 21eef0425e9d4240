create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table log (id bigint, at timestamp);
create unique index log_id on log (id);
create table log2 (id bigint not null);
create unique index log2_id on log2 (id);
-- migration:
alter table log add primary key using index log_id; -- want
alter table log2 add primary key using index log2_id;
