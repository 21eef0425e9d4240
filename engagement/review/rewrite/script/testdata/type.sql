-- Change the type of public.orders.amount to bigint (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ALTER COLUMN amount TYPE bigint
-- The column stands at the end of the table: SELECT * and INSERT without a list of columns see another order.
-- Sessions that keep prepared statements meet "cached plan must not change result type" once, as after any change of a
-- type; most drivers prepare them again by themselves.
-- The table grows by the new column and by one dead version of each row; there must be room for new indexes beside the
-- old ones.
-- In place of migrations/0002.sql:3.
-- For psql 11 or later, straight to the server (no pooler in transaction mode). Run it again after an error or an
-- interruption: it goes on behind the last step that is done.
\set ON_ERROR_STOP on
SET statement_timeout = 0;
-- A statement fails instead of seeing a part of the rows, where policies would hide some from this role.
SET row_security = off;

-- One run at a time. The server may still be ending the session of a run before this one: a moment is given.
SELECT (SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('napkin recipe: Change the type of public.orders.amount to bigint', 0)) THEN true WHEN pg_sleep(2) IS NULL THEN false ELSE pg_try_advisory_lock(hashtextextended('napkin recipe: Change the type of public.orders.amount to bigint', 0)) END) IS TRUE AS napkin_alone \gset
\if :napkin_alone
\else
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Another session is at work on this recipe. Wait for it, or end it.$says$; END$napkin$;
\endif

-- Which step is next? Each is asked by its query, from the last one on; a table or column that is not there means no.
DO $napkin$
DECLARE
  queries text[] := ARRAY[
    NULL,
    $sql$SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND tgname = 'zz_amount_napkin_sync')$sql$,
    $sql$SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND tgname = 'zz_amount_napkin_sync') AND NOT EXISTS (SELECT FROM public.orders WHERE amount_napkin_new IS NULL AND (amount) IS NOT NULL)$sql$,
    NULL,
    NULL,
    $sql$SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount_napkin_old' AND NOT attisdropped) AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount_napkin_new' AND NOT attisdropped)$sql$,
    $sql$SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount' AND NOT attisdropped AND format_type(atttypid, atttypmod) <> 'integer') AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount_napkin_new' AND NOT attisdropped) AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount_napkin_old' AND NOT attisdropped)$sql$
  ];
  done boolean;
BEGIN
  PERFORM set_config('napkin.next', '1', false);
  FOR step IN REVERSE 7..1 LOOP
    CONTINUE WHEN queries[step] IS NULL;
    BEGIN
      EXECUTE queries[step] INTO done;
    EXCEPTION WHEN undefined_table OR undefined_column OR undefined_object OR invalid_schema_name THEN
      done := false;
    END;
    IF done THEN
      PERFORM set_config('napkin.next', (step + 1)::text, false);
      RETURN;
    END IF;
  END LOOP;
END
$napkin$;
SELECT current_setting('napkin.next')::int AS napkin_next \gset

-- Before the first step: do the data allow it?
SELECT (SELECT :napkin_next = 1) IS TRUE AS napkin_first \gset
\if :napkin_first
SELECT (SELECT row_security_active('public.orders')) IS TRUE AS napkin_found \gset
\if :napkin_found
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Row security hides rows of public.orders from this role, or may: they would be left without a value and lost. Run the recipe as the owner of the table, without FORCE ROW LEVEL SECURITY, or as a role with BYPASSRLS. Nothing was changed.$says$; END$napkin$;
\endif
\endif

-- Step 1 of 7: Try the statement on an empty copy
-- What the server would refuse, such as a default or a check that the new type cannot have, it refuses here, before
-- anything is changed. An expression must depend on nothing but the row (be immutable).
SELECT (SELECT :napkin_next <= 1) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 1 of 7: Try the statement on an empty copy'
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
\else
\echo 'Step 1 of 7: Try the statement on an empty copy (done before)'
\endif

-- Step 2 of 7: Add a column of the new type and a trigger that keeps it equal
-- From here on each row that is written has the value. Triggers fire in the order of their names; the step fails where
-- one of the application would fire after this one. It costs each INSERT and UPDATE some microseconds.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- To take it back: DROP TRIGGER IF EXISTS zz_amount_napkin_sync ON public.orders; DROP FUNCTION IF EXISTS
-- public.orders_amount_napkin_sync(); ALTER TABLE public.orders DROP COLUMN IF EXISTS amount_napkin_new
SELECT (SELECT :napkin_next <= 2) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 2 of 7: Add a column of the new type and a trigger that keeps it equal'
DO $napkin_$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$DO $napkin$BEGIN
  IF row_security_active('public.orders') THEN
    RAISE EXCEPTION USING MESSAGE = 'Row security hides rows of public.orders from this role, or may: they would be left without a value and lost. Run the recipe as the owner of the table, without FORCE ROW LEVEL SECURITY, or as a role with BYPASSRLS.';
  END IF;
END$napkin$$sql$;
      EXECUTE $sql$ALTER TABLE public.orders ADD COLUMN amount_napkin_new bigint$sql$;
      EXECUTE $sql$CREATE OR REPLACE FUNCTION public.orders_amount_napkin_sync() RETURNS trigger LANGUAGE plpgsql AS $napkin$
#variable_conflict use_column
BEGIN
  NEW.amount_napkin_new := (SELECT amount FROM (SELECT NEW.*) AS orders);
  RETURN NEW;
END
$napkin$$sql$;
      EXECUTE $sql$CREATE TRIGGER zz_amount_napkin_sync BEFORE INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.orders_amount_napkin_sync()$sql$;
      EXECUTE $sql$ALTER TABLE public.orders ENABLE ALWAYS TRIGGER zz_amount_napkin_sync$sql$;
      EXECUTE $sql$DO $napkin$BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0 AND tgname::text > 'zz_amount_napkin_sync' COLLATE "C") THEN
    RAISE EXCEPTION USING MESSAGE = 'Another trigger of public.orders fires after zz_amount_napkin_sync, by its name, and may change what that has copied. Rename it (ALTER TRIGGER ... RENAME TO) so that it sorts before.';
  END IF;
END$napkin$$sql$;
      RETURN;
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
      IF try = 30 THEN
        RAISE;
      END IF;
      RAISE NOTICE 'try % of 30: %', try, SQLERRM;
    END;
    COMMIT;
    PERFORM pg_sleep(pause[try] / 1000.0);
  END LOOP;
END
$napkin_$;
\else
\echo 'Step 2 of 7: Add a column of the new type and a trigger that keeps it equal (done before)'
\endif

-- Step 3 of 7: Convert the rows that are there
-- Ranges of the primary key, each its own transaction. Rows of a batch are locked while it is written; other rows and
-- all readers go on. Stop it at any time: run again, it passes over the rows that have been changed.
-- Locks: ROW EXCLUSIVE on public.orders for a batch.
SELECT (SELECT :napkin_next <= 3) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 3 of 7: Convert the rows that are there'
DO $napkin$
#variable_conflict use_column
DECLARE
  napkin_rows int := 1000;
  napkin_began timestamptz;
  napkin_from_1 bigint; napkin_to_1 bigint;
BEGIN
  SELECT t.id INTO napkin_from_1 FROM public.orders AS t ORDER BY t.id LIMIT 1;
  WHILE napkin_from_1 IS NOT NULL LOOP
    napkin_began := clock_timestamp();
    SELECT t.id INTO napkin_to_1 FROM public.orders AS t WHERE (t.id) >= (napkin_from_1) ORDER BY t.id LIMIT 1 OFFSET napkin_rows - 1;
    IF napkin_to_1 IS NULL THEN
      SELECT t.id INTO napkin_to_1 FROM public.orders AS t ORDER BY t.id DESC LIMIT 1;
    END IF;
    LOOP
      -- ctid names the row version that was locked; the condition stands twice, because partitions use the same ctids.
      UPDATE public.orders SET amount_napkin_new = amount
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.orders WHERE (id) >= (napkin_from_1) AND (id) <= (napkin_to_1) AND (amount_napkin_new IS NULL AND (amount) IS NOT NULL) FOR NO KEY UPDATE SKIP LOCKED)) AND (id) >= (napkin_from_1) AND (id) <= (napkin_to_1) AND (amount_napkin_new IS NULL AND (amount) IS NOT NULL);
      COMMIT;
      EXIT WHEN NOT EXISTS (SELECT FROM public.orders WHERE (id) >= (napkin_from_1) AND (id) <= (napkin_to_1) AND (amount_napkin_new IS NULL AND (amount) IS NOT NULL));
      COMMIT;
      PERFORM pg_sleep(0.05);
    END LOOP;
    napkin_rows := least(100000, greatest(50, napkin_rows * least(2, greatest(0.5,
      1 / greatest(0.001, extract(epoch FROM clock_timestamp() - napkin_began)::float8)))));
    SELECT t.id INTO napkin_from_1 FROM public.orders AS t WHERE (t.id) > (napkin_to_1) ORDER BY t.id LIMIT 1;
  END LOOP;
END
$napkin$;
\else
\echo 'Step 3 of 7: Convert the rows that are there (done before)'
\endif

-- Step 4 of 7: Give the planner statistics of the new column
-- Without them the first queries after the swap may be planned badly.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a scan.
SELECT (SELECT :napkin_next <= 4) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 4 of 7: Give the planner statistics of the new column'
ANALYZE public.orders;
\else
\echo 'Step 4 of 7: Give the planner statistics of the new column (done before)'
\endif

-- Step 5 of 7: See that every row has its value
-- Reads the table once and fails when a row is left without its value, so that the steps after this one lose nothing.
SELECT (SELECT :napkin_next <= 5) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 5 of 7: See that every row has its value'
BEGIN;
SET LOCAL row_security = off;
DO $napkin$BEGIN
  IF EXISTS (SELECT FROM public.orders WHERE amount_napkin_new::text IS DISTINCT FROM (CAST((amount) AS bigint))::text) THEN
    RAISE EXCEPTION USING MESSAGE = 'Rows of public.orders do not have the value that they should have. Nothing is lost yet: find out what writes them past the trigger or the backfill, and run the backfill again.';
  END IF;
END$napkin$;
COMMIT;
\else
\echo 'Step 5 of 7: See that every row has its value (done before)'
\endif

-- Step 6 of 7: Put the new column in the place of the old one
-- One transaction, sent as one message, of changes to the catalog: each constraint has been proven before, each index
-- is there. From here on the old column is no longer kept.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- No way back after this step.
SELECT (SELECT :napkin_next <= 6) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 6 of 7: Put the new column in the place of the old one'
DO $napkin_$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE$sql$;
      EXECUTE $sql$DO $napkin$BEGIN
  IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.orders') AND NOT tgisinternal AND tgtype & 3 = 3 AND tgtype & 20 <> 0 AND tgname::text > 'zz_amount_napkin_sync' COLLATE "C") THEN
    RAISE EXCEPTION USING MESSAGE = 'Another trigger of public.orders fires after zz_amount_napkin_sync, by its name, and may change what that has copied. Rename it (ALTER TRIGGER ... RENAME TO) so that it sorts before.';
  END IF;
END$napkin$$sql$;
      EXECUTE $sql$DROP TRIGGER zz_amount_napkin_sync ON public.orders$sql$;
      EXECUTE $sql$ALTER TABLE public.orders ALTER COLUMN amount_napkin_new SET DEFAULT 0$sql$;
      EXECUTE $sql$ALTER TABLE public.orders ALTER COLUMN amount DROP DEFAULT$sql$;
      EXECUTE $sql$ALTER TABLE public.orders RENAME COLUMN amount TO amount_napkin_old$sql$;
      EXECUTE $sql$ALTER TABLE public.orders RENAME COLUMN amount_napkin_new TO amount$sql$;
      RETURN;
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
      IF try = 30 THEN
        RAISE;
      END IF;
      RAISE NOTICE 'try % of 30: %', try, SQLERRM;
    END;
    COMMIT;
    PERFORM pg_sleep(pause[try] / 1000.0);
  END LOOP;
END
$napkin_$;
\else
\echo 'Step 6 of 7: Put the new column in the place of the old one (done before)'
\endif

-- Step 7 of 7: Drop the old column
-- Wait as long as you want to be able to look at the old values.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- No way back after this step.
SELECT (SELECT :napkin_next <= 7) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 7 of 7: Drop the old column'
DO $napkin$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$ALTER TABLE public.orders DROP COLUMN IF EXISTS amount_napkin_old$sql$;
      EXECUTE $sql$DROP FUNCTION IF EXISTS public.orders_amount_napkin_sync()$sql$;
      RETURN;
    EXCEPTION WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
      IF try = 30 THEN
        RAISE;
      END IF;
      RAISE NOTICE 'try % of 30: %', try, SQLERRM;
    END;
    COMMIT;
    PERFORM pg_sleep(pause[try] / 1000.0);
  END LOOP;
END
$napkin$;
\else
\echo 'Step 7 of 7: Drop the old column (done before)'
\endif
