-- Make (amount) unique in public.orders (PostgreSQL 15)
-- In place of: ALTER TABLE public.orders ADD CONSTRAINT orders_amount_key UNIQUE (amount)
-- From the second pass of the build on, rows that would be twice are refused: bring out code that can stand that
-- first.
-- In place of migrations/0002.sql:3.
-- For psql 11 or later, straight to the server (no pooler in transaction mode). Run it again after an error or an
-- interruption: it goes on behind the last step that is done.
\set ON_ERROR_STOP on
SET statement_timeout = 0;
-- A statement fails instead of seeing a part of the rows, where policies would hide some from this role.
SET row_security = off;

-- One run at a time. The server may still be ending the session of a run before this one: a moment is given.
SELECT (SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('napkin recipe: Make (amount) unique in public.orders', 0)) THEN true WHEN pg_sleep(2) IS NULL THEN false ELSE pg_try_advisory_lock(hashtextextended('napkin recipe: Make (amount) unique in public.orders', 0)) END) IS TRUE AS napkin_alone \gset
\if :napkin_alone
\else
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Another session is at work on this recipe. Wait for it, or end it.$says$; END$napkin$;
\endif

-- Which step is next? Each is asked by its query, from the last one on; a table or column that is not there means no.
DO $napkin$
DECLARE
  queries text[] := ARRAY[
    $sql$SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.orders_amount_key') AND indrelid = to_regclass('public.orders') AND indisvalid AND indisunique AND ARRAY(SELECT a.attname::text FROM unnest(indkey::smallint[]) WITH ORDINALITY AS k(attnum, n) JOIN pg_attribute AS a ON a.attrelid = indrelid AND a.attnum = k.attnum WHERE k.n <= indnkeyatts ORDER BY k.n) = ARRAY['amount'])$sql$,
    $sql$SELECT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.orders') AND conname = 'orders_amount_key' AND contype = 'u')$sql$
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

-- Before the first step: do the data allow it?
SELECT (SELECT :napkin_next = 1) IS TRUE AS napkin_first \gset
\if :napkin_first
SELECT (SELECT EXISTS (SELECT FROM public.orders WHERE amount IS NOT NULL GROUP BY amount HAVING count(*) > 1)) IS TRUE AS napkin_found \gset
\if :napkin_found
DO $napkin$BEGIN RAISE EXCEPTION USING MESSAGE = $says$Values of (amount) occur twice in public.orders. Merge or delete those rows first. Nothing was changed.$says$; END$napkin$;
\endif
\endif

-- Step 1 of 2: Build the index orders_amount_key
-- Two passes over the table while it is in use, each after all transactions older than it have ended: a forgotten open
-- transaction holds it up. If it fails it leaves an invalid index, which must go before the next try.
-- Locks: SHARE UPDATE EXCLUSIVE on public.orders for a build.
-- To take it back: DROP INDEX CONCURRENTLY IF EXISTS public.orders_amount_key
SELECT (SELECT :napkin_next <= 1) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 1 of 2: Build the index orders_amount_key'
-- What a failed try left is removed first.
SELECT (SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.orders_amount_key') AND indrelid = to_regclass('public.orders') AND NOT indisvalid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid))) IS TRUE AS napkin_left \gset
\if :napkin_left
DROP INDEX CONCURRENTLY IF EXISTS public.orders_amount_key;
\endif
SELECT (SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.orders_amount_key') AND indrelid = to_regclass('public.orders') AND indisvalid AND indisunique AND ARRAY(SELECT a.attname::text FROM unnest(indkey::smallint[]) WITH ORDINALITY AS k(attnum, n) JOIN pg_attribute AS a ON a.attrelid = indrelid AND a.attnum = k.attnum WHERE k.n <= indnkeyatts ORDER BY k.n) = ARRAY['amount'])) IS TRUE AS napkin_done \gset
\if :napkin_done
\else
CREATE UNIQUE INDEX CONCURRENTLY orders_amount_key ON public.orders (amount);
\endif
\else
\echo 'Step 1 of 2: Build the index orders_amount_key (done before)'
\endif

-- Step 2 of 2: Make the constraint of the index
-- Locks: ACCESS EXCLUSIVE on public.orders for a moment.
-- Waits for its locks 100ms at first, and comes again when they are not free: at most 30 tries. Nothing is held
-- between two tries.
-- To take it back: ALTER TABLE public.orders DROP CONSTRAINT IF EXISTS orders_amount_key
SELECT (SELECT :napkin_next <= 2) IS TRUE AS napkin_run \gset
\if :napkin_run
\echo 'Step 2 of 2: Make the constraint of the index'
DO $napkin$
DECLARE
  -- Of each try, in ms: how long it waits for a lock, and how long it sleeps when that did not come.
  wait int[] := array_fill(100, ARRAY[10]) || array_fill(500, ARRAY[5]) || array_fill(1000, ARRAY[5]) || array_fill(2000, ARRAY[5]) || array_fill(5000, ARRAY[5]);
  pause int[] := array_fill(1000, ARRAY[10]) || array_fill(5000, ARRAY[5]) || array_fill(15000, ARRAY[5]) || array_fill(30000, ARRAY[5]) || array_fill(60000, ARRAY[5]);
BEGIN
  FOR try IN 1..30 LOOP
    BEGIN
      PERFORM set_config('lock_timeout', wait[try]::text, true);
      EXECUTE $sql$ALTER TABLE public.orders ADD CONSTRAINT orders_amount_key UNIQUE USING INDEX orders_amount_key$sql$;
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
\echo 'Step 2 of 2: Make the constraint of the index (done before)'
\endif
