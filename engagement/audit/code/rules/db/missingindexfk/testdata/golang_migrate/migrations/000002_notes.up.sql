CREATE TABLE notes (
  order_id bigint NOT NULL REFERENCES orders (id),
  author_id bigint NOT NULL REFERENCES customers (id), -- want: db.missing-index-fk
  body text,
  PRIMARY KEY (order_id, author_id)
);
