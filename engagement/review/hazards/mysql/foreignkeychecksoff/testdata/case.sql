-- dialect: mysql
create table customers (id bigint primary key, email varchar(50));
create table orders (id bigint primary key, customer_id bigint, total int, note text, code varchar(50), kind enum('a', 'b'), state varchar(20) not null);
-- migration:
set foreign_key_checks = 0;
alter table orders add constraint f foreign key (customer_id) references customers (id); -- want
set foreign_key_checks = 1;
alter table orders add index (code);
