-- Set public.orders.amount NOT NULL (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ALTER COLUMN amount SET NOT NULL
-- Bring out code that writes no NULL before the first step: from then on the server refuses such rows.
-- In place of migrations/0002.sql:3.
-- For psql 11 or later, straight to the server (no pooler in transaction mode). Run it again after an error or an
-- interruption: it goes on behind the last step that is done.
\set ON_ERROR_STOP on
SET statement_timeout = 0;
-- A statement fails instead of seeing a part of the rows, where policies would hide some from this role.
SET row_security = off;

-- One run at a time. The server may still be ending the session of a run before this one: a moment is given.
SELECT (SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('napkin recipe: Set public.orders.amount NOT NULL', 0)) THEN true WHEN pg_sleep(2) IS NULL THEN false ELSE pg_try_advisory_lock(hashtextextended('napkin recipe: Set public.orders.amount NOT NULL', 0)) END) IS TRUE AS napkin_alone \gset
\if :napkin_alone
\else
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Another session is at work on this recipe. Wait for it, or end it.$says$; END$napkin$;
\endif

-- Which step is next? Each is asked by its query, from the last one on; a table or column that is not there means no.
DO $napkin$
DECLARE
  queries text[] := ARRAY[
    $sql$SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders') AND conname = 'orders_amount_napkin_not_null')$sql$,
    $sql$SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders') AND conname = 'orders_amount_napkin_not_null' AND convalidated)$sql$,
    $sql$SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount' AND NOT attisdropped AND attnotnull)$sql$,
    $sql$SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount' AND NOT attisdropped AND attnotnull) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders') AND conname = 'orders_amount_napkin_not_null')$sql$
  ];
  done boolean;
BEGIN
  PERFORM set_config('napkin.next', '1', false);
  FOR step IN REVERSE 4..1 LOOP
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
SELECT (SELECT EXISTS (SELECT FROM public.orders WHERE amount IS NULL)) IS TRUE AS napkin_found \gset
\if :napkin_found
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$public.orders.amount holds NULL. Fill or delete those rows first (a backfill does it in batches), and bring out code that writes no NULL. Nothing was changed.$says$; END$napkin$;
\endif
\endif

-- Step 1 of 4: Forbid NULL in new rows
-- NOT VALID: rows that are there are not read, so that the lock is held for a moment.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- To take it back: ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_amount_napkin_not_null
SELECT (SELECT :napkin_next <= 1) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 1 of 4: Forbid NULL in new rows'
DO $napkin$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$ALTER TABLE public.orders ADD CONSTRAINT orders_amount_napkin_not_null CHECK (amount IS NOT NULL) NOT VALID$sql$;
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
\echo 'Step 1 of 4: Forbid NULL in new rows (done before)'
\endif

-- Step 2 of 4: Validate the constraint
-- Reads all rows while readers and writers go on.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a scan.
SELECT (SELECT :napkin_next <= 2) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 2 of 4: Validate the constraint'
ALTER TABLE public.orders VALIDATE CONSTRAINT orders_amount_napkin_not_null;
\else
\echo 'Step 2 of 4: Validate the constraint (done before)'
\endif

-- Step 3 of 4: Mark the column NOT NULL
-- The valid CHECK proves that there is no NULL: no row is read.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- To take it back: ALTER TABLE public.orders ALTER COLUMN amount DROP NOT NULL
SELECT (SELECT :napkin_next <= 3) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 3 of 4: Mark the column NOT NULL'
DO $napkin$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$ALTER TABLE public.orders ALTER COLUMN amount SET NOT NULL$sql$;
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
\echo 'Step 3 of 4: Mark the column NOT NULL (done before)'
\endif

-- Step 4 of 4: Drop the CHECK that is no longer needed
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- To take it back: DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders')
-- AND conname = 'orders_amount_napkin_not_null') THEN ALTER TABLE public.orders ADD CONSTRAINT
-- orders_amount_napkin_not_null CHECK (amount IS NOT NULL) NOT VALID; END IF; END$$; ALTER TABLE public.orders
-- VALIDATE CONSTRAINT orders_amount_napkin_not_null
SELECT (SELECT :napkin_next <= 4) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 4 of 4: Drop the CHECK that is no longer needed'
DO $napkin$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_amount_napkin_not_null$sql$;
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
\echo 'Step 4 of 4: Drop the CHECK that is no longer needed (done before)'
\endif
