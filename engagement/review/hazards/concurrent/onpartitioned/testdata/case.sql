create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table p (id int not null) partition by range (id);
-- migration:
create index concurrently i on p (id); -- want
create index concurrently j on orders (code);
