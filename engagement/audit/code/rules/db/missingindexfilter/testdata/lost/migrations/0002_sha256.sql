ALTER TABLE blobs DROP CONSTRAINT blobs_md5;
ALTER TABLE blobs ADD CONSTRAINT blobs_sha256 UNIQUE (repo_id, digest_sha256);
