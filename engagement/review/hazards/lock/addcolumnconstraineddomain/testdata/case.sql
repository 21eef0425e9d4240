create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create domain short as text check (length(value) < 9);
create domain plain as text;
-- migration:
alter table orders add column tag short; -- want
alter table orders add column tag2 plain;
