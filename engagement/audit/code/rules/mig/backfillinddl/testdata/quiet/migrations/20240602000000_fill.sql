-- migrate:up
UPDATE events SET kind = 'a';
