-- Change the type of public.orders.amount to bigint (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ALTER COLUMN amount TYPE bigint
-- The column stands at the end of the table: SELECT * and INSERT without a list of columns see another order.
-- Sessions that keep prepared statements meet "cached plan must not change result type" once, as after any change of a
-- type; most drivers prepare them again by themselves.
-- The table grows by the new column and by one dead version of each row; there must be room for new indexes beside the
-- old ones.
\set ON_ERROR_STOP on

-- Must give false. True means: Some values cannot be converted.
SELECT count(amount::bigint) < 0 FROM public.orders;

-- Step 1 of 5: Add a column of the new type and a trigger that keeps it equal
-- From here on each row that is written has the value. The trigger's name puts it after those of the application,
-- which fire in the order of names. It costs each INSERT and UPDATE some microseconds.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND
-- tgname = 'zz_amount_napkin_sync')
-- To take it back: DROP TRIGGER IF EXISTS zz_amount_napkin_sync ON public.orders; DROP FUNCTION IF EXISTS
-- public.orders_amount_napkin_sync(); ALTER TABLE public.orders DROP COLUMN IF EXISTS amount_napkin_new
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders ADD COLUMN amount_napkin_new bigint;
CREATE OR REPLACE FUNCTION public.orders_amount_napkin_sync() RETURNS trigger LANGUAGE plpgsql AS $napkin$
#variable_conflict use_column
BEGIN
  NEW.amount_napkin_new := (SELECT amount::bigint FROM (SELECT NEW.*) AS orders);
  RETURN NEW;
END
$napkin$;
CREATE TRIGGER zz_amount_napkin_sync BEFORE INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.orders_amount_napkin_sync();
COMMIT;

-- Step 2 of 5: Convert the rows that are there
-- Ranges of the primary key, each its own transaction of about 1s; the size follows the time that batches take. Rows
-- of a batch are locked for that long; other rows and all readers go on. Stop it at any time: it goes on where rows
-- are left.
-- Locks: ROW EXCLUSIVE on public.orders for a batch.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND
-- tgname = 'zz_amount_napkin_sync') AND NOT EXISTS (SELECT FROM public.orders WHERE amount_napkin_new IS NULL AND
-- (amount::bigint) IS NOT NULL)
DO $napkin$
DECLARE
  start_1 bigint; next_1 bigint;
BEGIN
  SELECT t.id INTO start_1 FROM public.orders AS t ORDER BY t.id LIMIT 1;
  LOOP
    EXIT WHEN start_1 IS NULL;
    SELECT t.id INTO next_1 FROM public.orders AS t WHERE (t.id) >= (start_1) ORDER BY t.id LIMIT 1 OFFSET 1000;
    IF next_1 IS NULL THEN
      UPDATE public.orders SET amount_napkin_new = amount::bigint WHERE (id) >= (start_1) AND (amount_napkin_new IS NULL AND (amount::bigint) IS NOT NULL);
    ELSE
      UPDATE public.orders SET amount_napkin_new = amount::bigint WHERE (id) >= (start_1) AND (id) < (next_1) AND (amount_napkin_new IS NULL AND (amount::bigint) IS NOT NULL);
    END IF;
    COMMIT;
    start_1 := next_1;
  END LOOP;
END
$napkin$;

-- Step 3 of 5: Give the planner statistics of the new column
-- Without them the first queries after the swap may be planned badly.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a scan.
ANALYZE public.orders;

-- Step 4 of 5: Put the new column in the place of the old one
-- One transaction, sent as one message, of changes to the catalog: each constraint has been proven before, each index
-- is there. From here on the old column is no longer kept.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND
-- attname = 'amount_napkin_old' AND NOT attisdropped) AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid =
-- to_regclass('public.orders') AND attname = 'amount_napkin_new' AND NOT attisdropped)
-- No way back after this step.
BEGIN;
SET LOCAL lock_timeout = '100ms';
LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER zz_amount_napkin_sync ON public.orders;
ALTER TABLE public.orders ALTER COLUMN amount_napkin_new SET DEFAULT 0;
ALTER TABLE public.orders ALTER COLUMN amount DROP DEFAULT;
ALTER TABLE public.orders RENAME COLUMN amount TO amount_napkin_old;
ALTER TABLE public.orders RENAME COLUMN amount_napkin_new TO amount;
COMMIT;

-- Step 5 of 5: Drop the old column
-- Wait as long as you want to be able to look at the old values.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND
-- attname = 'amount' AND NOT attisdropped AND format_type(atttypid, atttypmod) <> 'integer') AND NOT EXISTS (SELECT
-- FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount_napkin_new' AND NOT
-- attisdropped) AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname =
-- 'amount_napkin_old' AND NOT attisdropped)
-- No way back after this step.
BEGIN;
SET LOCAL lock_timeout = '100ms';
ALTER TABLE public.orders DROP COLUMN IF EXISTS amount_napkin_old;
DROP FUNCTION IF EXISTS public.orders_amount_napkin_sync();
COMMIT;
