CREATE TABLE readers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE articles (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookmarks (
  id bigint PRIMARY KEY,
  reader_id bigint NOT NULL REFERENCES readers (id) ON DELETE CASCADE,
  article_id bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE, -- want: db.missing-index-fk
  shelf_id bigint,
  UNIQUE (reader_id, shelf_id)
);
CREATE TABLE ratings (
  id bigint PRIMARY KEY,
  reader_id bigint NOT NULL,
  article_id bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE, -- want: db.missing-index-fk
  removed_at timestamptz
);
CREATE INDEX ratings_live ON ratings (reader_id) WHERE removed_at IS NULL;
CREATE TABLE excerpts (
  id bigint PRIMARY KEY,
  reader_id bigint NOT NULL,
  article_id bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE, -- want: db.missing-index-fk
  removed_at timestamptz
);
CREATE INDEX excerpts_live ON excerpts (reader_id) WHERE removed_at IS NULL;
