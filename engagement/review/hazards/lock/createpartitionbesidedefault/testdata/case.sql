create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table p (id int not null) partition by range (id);
create table pd partition of p default;
create table r (id int not null) partition by range (id);
-- migration:
create table p1 partition of p for values from (0) to (9); -- want
create table r1 partition of r for values from (0) to (9);
