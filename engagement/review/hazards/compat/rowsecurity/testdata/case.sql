create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
create policy all_rows on customers using (true);
alter table customers enable row level security;
alter table orders enable row level security; -- want
