-- migrate:up
ALTER TABLE events ADD COLUMN size int;
UPDATE events SET size = 1 WHERE id = 7;
