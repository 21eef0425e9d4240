-- Change the type of public.orders.amount to bigint (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ALTER COLUMN amount TYPE bigint
-- The column stands at the end of the table: SELECT * and INSERT without a list of columns see another order.
-- Sessions that keep prepared statements meet "cached plan must not change result type" once, as after any change of a
-- type; most drivers prepare them again by themselves.
-- The table grows by the new column and by one dead version of each row; there must be room for new indexes beside the
-- old ones.
\set ON_ERROR_STOP on

-- Must give false. True means: Row security hides rows of public.orders from this role, or may: they would be left
-- without a value and lost. Run the recipe as the owner of the table, without FORCE ROW LEVEL SECURITY, or as a role
-- with BYPASSRLS.
SELECT row_security_active('public.orders');

-- Step 1 of 7: Try the statement on an empty copy
-- What the server would refuse, such as a default or a check that the new type cannot have, it refuses here, before
-- anything is changed. An expression must depend on nothing but the row (be immutable).
BEGIN;
DO $napkin$BEGIN
  IF EXISTS (SELECT FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = to_regclass('public.orders') AND (indisreplident OR indisclustered) AND relname::text <> ALL (ARRAY['']) AND (SELECT attnum FROM pg_attribute WHERE attrelid = indrelid AND attname = 'amount' AND NOT attisdropped) = ANY (indkey::smallint[])) THEN
    RAISE EXCEPTION USING MESSAGE = 'An index of public.orders is its replica identity or that of CLUSTER, which the recipe was not told and would lose. Read the schema from the database (--db), or take the mark off.';
  END IF;
END$napkin$;
CREATE TEMPORARY TABLE orders (LIKE public.orders INCLUDING ALL) ON COMMIT DROP;
ALTER TABLE pg_temp.orders ALTER COLUMN amount TYPE bigint;
DROP TABLE pg_temp.orders;
COMMIT;

-- Step 2 of 7: Add a column of the new type and a trigger that keeps it equal
-- From here on each row that is written has the value. Triggers fire in the order of their names; the step fails where
-- one of the application would fire after this one. It costs each INSERT and UPDATE some microseconds.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND
-- tgname = 'zz_amount_napkin_sync')
-- To take it back: DROP TRIGGER IF EXISTS zz_amount_napkin_sync ON public.orders; DROP FUNCTION IF EXISTS
-- public.orders_amount_napkin_sync(); ALTER TABLE public.orders DROP COLUMN IF EXISTS amount_napkin_new
BEGIN;
SET LOCAL lock_timeout = '100ms';
DO $napkin$BEGIN
  IF row_security_active('public.orders') THEN
    RAISE EXCEPTION USING MESSAGE = 'Row security hides rows of public.orders from this role, or may: they would be left without a value and lost. Run the recipe as the owner of the table, without FORCE ROW LEVEL SECURITY, or as a role with BYPASSRLS.';
  END IF;
END$napkin$;
ALTER TABLE public.orders ADD COLUMN amount_napkin_new bigint;
CREATE OR REPLACE FUNCTION public.orders_amount_napkin_sync() RETURNS trigger LANGUAGE plpgsql AS $napkin$
#variable_conflict use_column
BEGIN
  NEW.amount_napkin_new := (SELECT amount FROM (SELECT NEW.*) AS orders);
  RETURN NEW;
END
$napkin$;
CREATE TRIGGER zz_amount_napkin_sync BEFORE INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.orders_amount_napkin_sync();
ALTER TABLE public.orders ENABLE ALWAYS TRIGGER zz_amount_napkin_sync;
DO $napkin$BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0 AND tgname::text > 'zz_amount_napkin_sync' COLLATE "C") THEN
    RAISE EXCEPTION USING MESSAGE = 'Another trigger of public.orders fires after zz_amount_napkin_sync, by its name, and may change what that has copied. Rename it (ALTER TRIGGER ... RENAME TO) so that it sorts before.';
  END IF;
END$napkin$;
COMMIT;

-- Step 3 of 7: Convert the rows that are there
-- Ranges of the primary key, each its own transaction. Rows of a batch are locked while it is written; other rows and
-- all readers go on. Stop it at any time: run again, it passes over the rows that have been changed.
-- Locks: ROW EXCLUSIVE on public.orders for a batch.
-- Done when this gives true: SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND
-- tgname = 'zz_amount_napkin_sync') AND NOT EXISTS (SELECT FROM public.orders WHERE amount_napkin_new IS NULL AND
-- (amount) IS NOT NULL)
DO $napkin$
DECLARE
  start_1 bigint; next_1 bigint;
BEGIN
  SELECT t.id INTO start_1 FROM public.orders AS t ORDER BY t.id LIMIT 1;
  LOOP
    EXIT WHEN start_1 IS NULL;
    SELECT t.id INTO next_1 FROM public.orders AS t WHERE (t.id) >= (start_1) ORDER BY t.id LIMIT 1 OFFSET 1000;
    IF next_1 IS NULL THEN
      UPDATE public.orders SET amount_napkin_new = amount WHERE (id) >= (start_1) AND (amount_napkin_new IS NULL AND (amount) IS NOT NULL);
    ELSE
      UPDATE public.orders SET amount_napkin_new = amount WHERE (id) >= (start_1) AND (id) < (next_1) AND (amount_napkin_new IS NULL AND (amount) IS NOT NULL);
    END IF;
    COMMIT;
    start_1 := next_1;
  END LOOP;
END
$napkin$;

-- Step 4 of 7: Give the planner statistics of the new column
-- Without them the first queries after the swap may be planned badly.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a scan.
ANALYZE public.orders;

-- Step 5 of 7: See that every row has its value
-- Reads the table once and fails when a row is left without its value, so that the steps after this one lose nothing.
BEGIN;
SET LOCAL row_security = off;
DO $napkin$BEGIN
  IF EXISTS (SELECT FROM public.orders WHERE amount_napkin_new::text IS DISTINCT FROM (CAST((amount) AS bigint))::text) THEN
    RAISE EXCEPTION USING MESSAGE = 'Rows of public.orders do not have the value that they should have. Nothing is lost yet: find out what writes them past the trigger or the backfill, and run the backfill again.';
  END IF;
END$napkin$;
COMMIT;

-- Step 6 of 7: Put the new column in the place of the old one
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
DO $napkin$BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0 AND tgname::text > 'zz_amount_napkin_sync' COLLATE "C") THEN
    RAISE EXCEPTION USING MESSAGE = 'Another trigger of public.orders fires after zz_amount_napkin_sync, by its name, and may change what that has copied. Rename it (ALTER TRIGGER ... RENAME TO) so that it sorts before.';
  END IF;
END$napkin$;
DROP TRIGGER zz_amount_napkin_sync ON public.orders;
ALTER TABLE public.orders ALTER COLUMN amount_napkin_new SET DEFAULT 0;
ALTER TABLE public.orders ALTER COLUMN amount DROP DEFAULT;
ALTER TABLE public.orders RENAME COLUMN amount TO amount_napkin_old;
ALTER TABLE public.orders RENAME COLUMN amount_napkin_new TO amount;
COMMIT;

-- Step 7 of 7: Drop the old column
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
