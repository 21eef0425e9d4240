CREATE TABLE growers (id bigserial PRIMARY KEY, name text NOT NULL, deleted_at timestamptz);
CREATE TABLE harvests (
  id bigserial PRIMARY KEY,
  grower_id bigint NOT NULL REFERENCES growers (id) -- want: db.missing-index-fk
);
