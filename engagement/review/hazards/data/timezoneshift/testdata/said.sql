create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create table visits (at timestamp, til timestamp);
-- migration:
alter table visits alter column at type timestamptz using at at time zone 'UTC';
alter table visits alter column til type timestamptz; -- want
