ALTER TABLE "orders" ADD "note" character varying;
CREATE INDEX "index_orders_on_note" ON "orders" ("note");
INSERT INTO "schema_migrations" (version) VALUES ('20240101000000');
