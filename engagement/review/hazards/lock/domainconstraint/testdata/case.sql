create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create domain tag as text;
create table tags (t tag);
create domain unused as text;
-- migration:
alter domain tag add constraint c check (value <> ''); -- want
alter domain tag add constraint d check (value <> '') not valid;
alter domain unused add constraint e check (value <> '');
