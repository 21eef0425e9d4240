create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table p (id int not null) partition by range (id);
create table pd partition of p default;
create table p1 (id int not null, check (id >= 0 and id < 9));
create table r (id int not null) partition by range (id);
create table r1 (id int not null, check (id >= 0 and id < 9));
-- migration:
alter table p attach partition p1 for values from (0) to (9); -- want
alter table r attach partition r1 for values from (0) to (9);
