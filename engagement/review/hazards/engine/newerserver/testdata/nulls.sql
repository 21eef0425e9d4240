-- server: 14
create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create unique index i on orders (code) nulls not distinct; -- want
create unique index j on orders (note);
