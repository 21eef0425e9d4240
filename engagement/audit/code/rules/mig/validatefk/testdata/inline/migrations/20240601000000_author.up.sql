ALTER TABLE posts ADD COLUMN user_id bigint REFERENCES users (id);
