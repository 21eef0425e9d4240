create table orders (id bigint primary key, note text);
-- migration:
vacuum full; -- want
vacuum (full, analyze); -- want
vacuum;
vacuum analyze orders;
