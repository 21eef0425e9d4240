create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table p (id int not null) partition by range (id);
create table p1 partition of p for values from (0) to (9);
-- migration:
alter table p detach partition p1 concurrently;
alter table p detach partition p1; -- want
