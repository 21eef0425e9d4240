-- PostgreSQL
CREATE TABLE projects (id uuid PRIMARY KEY);
CREATE TABLE runs (
  id uuid PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects (id),
  trace_id text,
  created_at timestamptz
);
CREATE INDEX runs_project ON runs (project_id);
CREATE INDEX runs_trace ON runs (trace_id);
CREATE TABLE logs (id bigserial PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects (id), at timestamptz);
CREATE INDEX logs_list ON logs (project_id, at DESC);
