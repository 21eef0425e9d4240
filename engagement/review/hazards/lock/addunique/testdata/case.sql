create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add constraint u unique (code); -- want
create unique index concurrently ui on orders (note);
alter table orders add constraint u2 unique using index ui;
