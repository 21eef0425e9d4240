-- invalid: bad
create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create unique index bad on orders (code);
create unique index good on orders (note);
-- migration:
alter table orders add constraint u unique using index bad; -- want
alter table orders add constraint v unique using index good;
