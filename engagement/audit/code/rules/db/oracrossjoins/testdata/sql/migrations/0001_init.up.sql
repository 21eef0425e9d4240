CREATE TABLE projects (id bigserial PRIMARY KEY, body jsonb);
CREATE TABLE members (project_id bigint, user_id bigint);
CREATE TABLE invites (project_id bigint, email text);
