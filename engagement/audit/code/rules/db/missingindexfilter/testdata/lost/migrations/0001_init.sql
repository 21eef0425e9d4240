-- PostgreSQL
CREATE TABLE blobs (id bigserial PRIMARY KEY, repo_id bigint NOT NULL, digest_md5 text, digest_sha256 text);
ALTER TABLE blobs ADD CONSTRAINT blobs_md5 UNIQUE (repo_id, digest_md5);
