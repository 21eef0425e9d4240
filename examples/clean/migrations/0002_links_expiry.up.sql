-- Outside a transaction, since the table is in use.
CREATE INDEX CONCURRENTLY IF NOT EXISTS links_expires ON links (expires_at);
