create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table p (id int not null, at date not null) partition by range (at);
create table p1 (id int not null, at date not null);
create table p2 (id int not null, at date not null, check (at >= '2024-01-01' and at < '2025-01-01'));
-- migration:
alter table p attach partition p1 for values from ('2023-01-01') to ('2024-01-01'); -- want
alter table p attach partition p2 for values from ('2024-01-01') to ('2025-01-01');
