CREATE TABLE orders (id bigserial PRIMARY KEY);
DO $$ BEGIN
