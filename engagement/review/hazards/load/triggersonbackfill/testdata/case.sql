create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create trigger audit after update on orders for each row execute function f();
-- migration:
update orders set state = 'x'; -- want
update customers set email = '';
