create schema app;
create table app.orders (id bigint primary key);
-- migration:
drop owned by bob; -- want
drop database prod; -- want
drop schema app cascade; -- want
drop schema app;
drop role bob; -- want
copy app.orders to program 'gzip > /tmp/x'; -- want
copy app.orders to '/tmp/orders'; -- want
copy app.orders to stdout;
drop sequence s;
