SET lock_timeout = '1s';
CREATE INDEX ON orders (code);
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
ALTER TABLE orders ALTER COLUMN total TYPE bigint;
ALTER TABLE orders DROP COLUMN note;
