create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
set lock_timeout = '60s'; -- want
set lock_timeout = '5min'; -- want
set lock_timeout = '3s';
set lock_timeout = 5000;
