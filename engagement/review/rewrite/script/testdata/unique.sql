-- Make (amount) unique in public.orders (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ADD CONSTRAINT orders_amount_key UNIQUE (amount)
-- From the second pass of the build on, rows that would be twice are refused: bring out code that can stand that
-- first.
\set ON_ERROR_STOP on

-- Must give false. True means: Values of (amount) occur twice in public.orders. Merge or delete those rows first.
SELECT EXISTS (SELECT FROM public.orders WHERE amount IS NOT NULL GROUP BY amount HAVING count(*) > 1);

-- Step 1 of 2: Build the index orders_amount_key
-- Two passes over the table while it is in use, each after all transactions older than it have ended: a forgotten open
-- transaction holds it up. If it fails it leaves an invalid index, which is dropped before the next try.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a build.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid =
-- to_regclass('public.orders_amount_key') AND indrelid = to_regclass('public.orders') AND indisvalid AND indisunique
-- AND ARRAY(SELECT a.attname::text FROM unnest(indkey::smallint[]) WITH ORDINALITY AS k(attnum, n) JOIN pg_attribute
-- AS a ON a.attrelid = indrelid AND a.attnum = k.attnum WHERE k.n <= indnkeyatts ORDER BY k.n) = ARRAY['amount'])
-- If this gives true: SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.orders_amount_key')
-- AND indrelid = to_regclass('public.orders') AND NOT indisvalid AND NOT EXISTS (SELECT FROM pg_constraint WHERE
-- conindid = indexrelid)), a failed try left something behind; run first: DROP INDEX CONCURRENTLY IF EXISTS
-- public.orders_amount_key
-- To take it back: DROP INDEX CONCURRENTLY IF EXISTS public.orders_amount_key
CREATE UNIQUE INDEX CONCURRENTLY orders_amount_key ON public.orders (amount);

-- Step 2 of 2: Make the constraint of the index
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders')
-- AND conname = 'orders_amount_key' AND contype = 'u')
-- To take it back: ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_amount_key
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders ADD CONSTRAINT orders_amount_key UNIQUE USING INDEX orders_amount_key;
COMMIT;
