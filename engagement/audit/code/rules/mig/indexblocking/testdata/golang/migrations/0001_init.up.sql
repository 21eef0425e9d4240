CREATE TABLE events (id bigserial PRIMARY KEY, at timestamptz NOT NULL, body jsonb);
