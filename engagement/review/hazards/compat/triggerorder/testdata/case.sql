create table customers (id bigint primary key, email text);
create table orders (id bigint primary key, customer_id bigint, total integer, note text, code varchar(20), placed timestamp, state text not null);
create trigger b before insert on orders for each row execute function f();
-- migration:
create trigger a before insert on orders for each row execute function f(); -- want
create trigger c before insert on customers for each row execute function f();
