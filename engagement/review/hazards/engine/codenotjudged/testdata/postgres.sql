create table orders (id bigint primary key, total int);
create function steady() returns int language sql stable as 'select 1';
create function backfill() returns void language sql volatile as 'update orders set total = 1';
-- migration:
do $$ begin alter table orders alter column total type bigint; end $$; -- want
do $$ begin raise notice 'hello'; end $$; -- want
call rebuild(); -- want
select backfill(); -- want
select create_hypertable('orders', 'at'); -- want
select steady();
select setval('orders_id_seq', 1);
select pg_catalog.set_config('search_path', '', false);
select count(*) from orders;
select 1;
