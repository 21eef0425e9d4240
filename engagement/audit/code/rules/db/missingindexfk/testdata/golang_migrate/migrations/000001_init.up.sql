CREATE TABLE customers (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE
);

CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE, -- want: db.missing-index-fk
  number text NOT NULL
);

CREATE TABLE order_events (
  id bigserial PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders (id),
  caused_by bigint REFERENCES order_events (id) -- want: db.missing-index-fk
);

CREATE INDEX order_events_order ON order_events (order_id, id);
