ALTER TABLE events ADD COLUMN kind text; -- want: mig.no-lock-timeout
