-- Drop the column public.orders.amount (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders DROP COLUMN amount
\set ON_ERROR_STOP on

-- Step 1 of 2: Bring out code that does not use public.orders.amount
-- It must not read it (SELECT * and models that list columns included) and must not write it. Wait until no process of
-- the old version runs.

-- Step 2 of 2: Drop the column
-- The catalog forgets the column; its data go when rows are written again.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT to_regclass('public.orders') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute
-- WHERE attrelid = to_regclass('public.orders') AND attname = 'amount' AND NOT attisdropped)
-- No way back after this step.
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders DROP COLUMN amount;
COMMIT;
