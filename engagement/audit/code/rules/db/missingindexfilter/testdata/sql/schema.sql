-- PostgreSQL
CREATE TABLE devices (
  id bigserial PRIMARY KEY,
  serial_number text NOT NULL,
  label text,
  seen_at timestamptz,
  online boolean
);
CREATE TABLE sessions (
  id bigserial PRIMARY KEY,
  token text NOT NULL UNIQUE,
  device text
);
