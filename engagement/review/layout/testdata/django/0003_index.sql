--
-- Concurrently create index order_note on field(s) note of model order
--
CREATE INDEX CONCURRENTLY "order_note" ON "shop_order" ("note");
