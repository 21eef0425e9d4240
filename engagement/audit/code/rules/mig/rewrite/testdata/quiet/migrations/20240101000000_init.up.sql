CREATE TABLE events (id serial PRIMARY KEY, name varchar(20), at timestamp, body jsonb);
