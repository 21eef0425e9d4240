CREATE TABLE price_events (
    id   bigserial PRIMARY KEY,
    body jsonb NOT NULL
);
CREATE TABLE event_types (id serial PRIMARY KEY, name text);
CREATE TABLE messages (code integer PRIMARY KEY, name jsonb);
