-- Drop the column public.orders.amount (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders DROP COLUMN amount
-- In place of migrations/0002.sql:3.
-- For psql 11 or later, straight to the server (no pooler in transaction mode). Run it again after an error or an
-- interruption: it goes on behind the last step that is done.
\set ON_ERROR_STOP on
SET statement_timeout = 0;
-- A statement fails instead of seeing a part of the rows, where policies would hide some from this role.
SET row_security = off;

-- One run at a time. The server may still be ending the session of a run before this one: a moment is given.
SELECT (SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('napkin recipe: Drop the column public.orders.amount', 0)) THEN true WHEN pg_sleep(2) IS NULL THEN false ELSE pg_try_advisory_lock(hashtextextended('napkin recipe: Drop the column public.orders.amount', 0)) END) IS TRUE AS napkin_alone \gset
\if :napkin_alone
\else
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Another session is at work on this recipe. Wait for it, or end it.$says$; END$napkin$;
\endif

-- Which step is next? Each is asked by its query, from the last one on; a table or column that is not there means no.
DO $napkin$
DECLARE
  queries text[] := ARRAY[
    NULL,
    $sql$SELECT to_regclass('public.orders') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.orders') AND attname = 'amount' AND NOT attisdropped)$sql$
  ];
  done boolean;
BEGIN
  PERFORM set_config('napkin.next', '1', false);
  FOR step IN REVERSE 2..1 LOOP
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

-- Step 1 of 2: Bring out code that does not use public.orders.amount
-- It must not read it (SELECT * and models that list columns included) and must not write it. Wait until no process of
-- the old version runs.
SELECT (SELECT :napkin_next <= 1) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 1 of 2: Bring out code that does not use public.orders.amount'
\if :{?step_deploy}
\else
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Step 1 is not one of the database: Bring out code that does not use public.orders.amount. It must not read it (SELECT * and models that list columns included) and must not write it. Wait until no process of the old version runs.
When that is done, run this script again with -v step_deploy=done.$says$; END$napkin$;
\endif
\else
\echo 'Step 1 of 2: Bring out code that does not use public.orders.amount (done before)'
\endif

-- Step 2 of 2: Drop the column
-- The catalog forgets the column; its data go when rows are written again.
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- No way back after this step.
SELECT (SELECT :napkin_next <= 2) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 2 of 2: Drop the column'
DO $napkin$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$ALTER TABLE public.orders DROP COLUMN amount$sql$;
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
\echo 'Step 2 of 2: Drop the column (done before)'
\endif
