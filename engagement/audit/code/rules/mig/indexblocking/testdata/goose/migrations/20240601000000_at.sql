-- +goose Up
CREATE INDEX events_at ON events (at); -- want: mig.index-blocking

-- +goose Down
DROP INDEX events_at;
