-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY orders_id ON orders (id);
CREATE INDEX CONCURRENTLY orders_id2 ON orders (id);

-- migrate:down transaction:false
DROP INDEX orders_id;
