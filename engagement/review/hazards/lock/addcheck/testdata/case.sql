create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add constraint p check (total > 0); -- want
alter table orders add constraint p2 check (total > 0) not valid;
alter table orders validate constraint p2;
