CREATE TABLE price_events (
    id   serial PRIMARY KEY, -- want: db.int-pk
    body jsonb NOT NULL
);
CREATE TABLE products (id serial PRIMARY KEY, name text);
