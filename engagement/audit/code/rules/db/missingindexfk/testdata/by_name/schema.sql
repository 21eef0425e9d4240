-- PostgreSQL
CREATE TABLE accounts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz);

CREATE TABLE tokens (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL, -- want: db.missing-index-fk
  request_id uuid NOT NULL,
  revoked_by_account_id uuid, -- want: db.missing-index-fk
  account_count bigint,
  created_at timestamptz
);

CREATE TABLE folders (
  id uuid PRIMARY KEY,
  parent_id uuid -- want: db.missing-index-fk
);
