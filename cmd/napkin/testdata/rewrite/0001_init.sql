CREATE TABLE orders (
    id bigint PRIMARY KEY,
    code text,
    note text,
    during tstzrange,
    total integer NOT NULL DEFAULT 0
);
