CREATE TABLE events (id bigserial PRIMARY KEY, name varchar(20), at timestamp, body jsonb);
CREATE TABLE plans (id bigserial PRIMARY KEY, name text);
