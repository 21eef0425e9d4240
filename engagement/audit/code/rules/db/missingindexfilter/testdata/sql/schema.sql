-- PostgreSQL
CREATE TABLE devices (
  id bigserial PRIMARY KEY,
  serial_number text NOT NULL, -- want: db.missing-index-filter
  label text,
  seen_at timestamptz,
  online boolean -- want: db.missing-index-filter
);
CREATE TABLE sessions (
  id bigserial PRIMARY KEY,
  token text NOT NULL UNIQUE,
  device text
);
