CREATE TABLE devices (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE pairing_codes (
  id bigint PRIMARY KEY,
  device_id bigint NOT NULL REFERENCES devices (id) -- want: db.missing-index-fk
);
CREATE TABLE leases (
  id bigint PRIMARY KEY,
  device_id bigint NOT NULL REFERENCES devices (id) -- want: db.missing-index-fk
);
