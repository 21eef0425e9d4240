-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY orders_id ON orders (id);
-- +goose Down
DROP INDEX CONCURRENTLY orders_id;
