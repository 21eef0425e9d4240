-- +goose Up
CREATE TABLE hosts (id bigserial PRIMARY KEY);
CREATE TABLE checks (
  id bigserial PRIMARY KEY,
  host_id bigint NOT NULL REFERENCES hosts (id) -- want: db.missing-index-fk
);

-- +goose Down
DROP TABLE checks;
DROP TABLE hosts;
