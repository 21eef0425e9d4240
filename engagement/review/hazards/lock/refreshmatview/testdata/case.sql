create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create materialized view sums as select state, sum(total) from orders group by 1;
-- migration:
refresh materialized view sums; -- want
refresh materialized view concurrently sums;
