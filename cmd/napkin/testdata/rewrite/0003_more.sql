SET lock_timeout = '1s';
ALTER TABLE orders ADD EXCLUDE USING gist (during WITH &&);
ALTER TABLE orders RENAME COLUMN code TO number;
