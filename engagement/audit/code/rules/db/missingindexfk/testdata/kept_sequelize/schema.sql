CREATE TABLE pilots (id uuid PRIMARY KEY, name text NOT NULL, "deletedAt" timestamptz);
CREATE TABLE airports (id uuid PRIMARY KEY, name text NOT NULL, "deletedAt" timestamptz);
CREATE TABLE users (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE flights (
  id uuid PRIMARY KEY,
  "pilotId" uuid NOT NULL REFERENCES pilots (id), -- want: db.missing-index-fk
  "airportId" uuid NOT NULL REFERENCES airports (id), -- want: db.missing-index-fk
  "archivedById" uuid REFERENCES users (id), -- want: db.missing-index-fk
  "userId" uuid REFERENCES users (id) -- want: db.missing-index-fk
);
