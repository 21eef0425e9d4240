ALTER TABLE events ALTER COLUMN id TYPE bigint; -- want: mig.rewrite
ALTER TABLE events ADD COLUMN token uuid DEFAULT gen_random_uuid(); -- want: mig.rewrite
