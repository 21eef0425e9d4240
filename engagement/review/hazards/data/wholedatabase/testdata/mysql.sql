-- dialect: mysql
create table orders (id bigint primary key);
-- migration:
drop database prod; -- want
drop user bob; -- want
drop table orders;
