create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create index orders_code_ccnew on orders (code);
create index orders_note on orders (note);
-- migration:
alter index orders_code_ccnew rename to orders_code; -- want
alter index orders_note rename to n;
