-- PostgreSQL
CREATE TABLE teams (id bigserial PRIMARY KEY, name text);

CREATE TABLE members (
  id bigserial PRIMARY KEY,
  team_id bigint NOT NULL REFERENCES teams (id),
  backup_team_id bigint REFERENCES teams (id),
  old_team_id bigint REFERENCES teams (id),
  UNIQUE (team_id, id)
);

CREATE INDEX members_backup ON members (backup_team_id, id);
CREATE INDEX members_old ON members (old_team_id) WHERE old_team_id IS NOT NULL;
