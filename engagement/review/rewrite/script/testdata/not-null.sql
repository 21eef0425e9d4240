-- Set public.orders.amount NOT NULL (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ALTER COLUMN amount SET NOT NULL
-- Bring out code that writes no NULL before the first step: from then on the server refuses such rows.
\set ON_ERROR_STOP on

-- Must give false. True means: public.orders.amount holds NULL. Fill or delete those rows first (a backfill does it in
-- batches), and bring out code that writes no NULL.
SELECT EXISTS (SELECT FROM public.orders WHERE amount IS NULL);

-- Step 1 of 4: Forbid NULL in new rows
-- NOT VALID: rows that are there are not read, so that the lock is held for a moment.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders')
-- AND conname = 'orders_amount_napkin_not_null')
-- To take it back: ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_amount_napkin_not_null
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders ADD CONSTRAINT orders_amount_napkin_not_null CHECK (amount IS NOT NULL) NOT VALID;
COMMIT;

-- Step 2 of 4: Validate the constraint
-- Reads all rows while readers and writers go on.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a scan.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders')
-- AND conname = 'orders_amount_napkin_not_null' AND convalidated)
ALTER TABLE public.orders VALIDATE CONSTRAINT orders_amount_napkin_not_null;

-- Step 3 of 4: Mark the column NOT NULL
-- The valid CHECK proves that there is no NULL: no row is read.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND
-- attname = 'amount' AND NOT attisdropped AND attnotnull)
-- To take it back: ALTER TABLE public.orders ALTER COLUMN amount DROP NOT NULL
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders ALTER COLUMN amount SET NOT NULL;
COMMIT;

-- Step 4 of 4: Drop the CHECK that is no longer needed
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND
-- attname = 'amount' AND NOT attisdropped AND attnotnull) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid =
-- to_regclass('public.orders') AND conname = 'orders_amount_napkin_not_null')
-- To take it back: DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders')
-- AND conname = 'orders_amount_napkin_not_null') THEN ALTER TABLE public.orders ADD CONSTRAINT
-- orders_amount_napkin_not_null CHECK (amount IS NOT NULL) NOT VALID; END IF; END$$; ALTER TABLE public.orders
-- VALIDATE CONSTRAINT orders_amount_napkin_not_null
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_amount_napkin_not_null;
COMMIT;
