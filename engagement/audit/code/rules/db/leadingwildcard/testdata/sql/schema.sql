-- PostgreSQL
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  login text NOT NULL,
  team_id bigint NOT NULL,
  data jsonb NOT NULL,
  labels text[] NOT NULL,
  notes text,
  name citext,
  created_at timestamptz NOT NULL,
  expires_at timestamptz
);
CREATE INDEX accounts_login ON accounts (lower(login));
CREATE INDEX accounts_team ON accounts (team_id);
CREATE INDEX accounts_created ON accounts (created_at);
CREATE TABLE indexed_docs (id bigserial PRIMARY KEY, data jsonb, body text);
CREATE INDEX indexed_docs_data ON indexed_docs USING gin (data jsonb_path_ops);
CREATE INDEX indexed_docs_body ON indexed_docs USING gin (body gin_trgm_ops);
CREATE TABLE account_types (id bigserial PRIMARY KEY, name text);
