-- PostgreSQL
CREATE TABLE items (
  id bigserial PRIMARY KEY,
  order_id bigint NOT NULL,
  position integer NOT NULL,
  sku text NOT NULL,
  deleted_at timestamptz
);
CREATE UNIQUE INDEX items_order_position ON items (order_id, position);
CREATE INDEX items_order ON items (order_id); -- want: db.duplicate-index
CREATE INDEX items_sku ON items (sku);
CREATE INDEX items_sku_again ON items (sku); -- want: db.duplicate-index
CREATE INDEX items_sku_pattern ON items (sku text_pattern_ops);
CREATE INDEX items_live ON items (order_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX items_one ON items (order_id, position, sku);
CREATE INDEX items_position ON items (position);
CREATE INDEX items_id ON items (id); -- want: db.duplicate-index
