CREATE TABLE farm_vet (id bigserial PRIMARY KEY, name text NOT NULL, is_deleted boolean NOT NULL);
CREATE TABLE farm_stable (id bigserial PRIMARY KEY, name text NOT NULL, is_deleted boolean NOT NULL);
CREATE TABLE farm_visit_note (
  id bigserial PRIMARY KEY,
  vet_id bigint NOT NULL REFERENCES farm_vet (id), -- want: db.missing-index-fk
  stable_id bigint NOT NULL REFERENCES farm_stable (id) -- want: db.missing-index-fk
);
