ALTER TABLE users ALTER COLUMN email SET NOT NULL;
ALTER TABLE users ADD CONSTRAINT fk FOREIGN KEY (org_id) REFERENCES orgs(id);
CREATE INDEX users_email ON users(email);
ALTER TABLE users ALTER COLUMN id TYPE numeric;
UPDATE users SET email = lower(email);
