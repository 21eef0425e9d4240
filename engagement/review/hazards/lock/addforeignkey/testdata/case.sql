create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
-- migration:
alter table orders add constraint f foreign key (customer_id) references customers (id); -- want
alter table orders add constraint f2 foreign key (customer_id) references customers (id) not valid;
alter table orders validate constraint f2;
