ALTER TABLE events ALTER COLUMN name TYPE varchar(80);
ALTER TABLE events ALTER COLUMN name TYPE text;
ALTER TABLE events ADD COLUMN seen_at timestamptz DEFAULT now();
ALTER TABLE events ADD COLUMN kind text DEFAULT 'a' NOT NULL;
