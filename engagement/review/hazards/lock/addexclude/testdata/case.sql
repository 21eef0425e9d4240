create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add constraint e exclude using gist (placed with =); -- want
alter table orders add constraint c check (total > 0) not valid;
