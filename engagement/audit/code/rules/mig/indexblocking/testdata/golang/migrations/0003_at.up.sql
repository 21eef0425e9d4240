CREATE INDEX events_at ON events (at); -- want: mig.index-blocking
