-- PostgreSQL
CREATE TABLE parcels (id bigserial PRIMARY KEY, weighed boolean NOT NULL, listed boolean NOT NULL, arrived timestamptz, unlisted timestamptz);
CREATE INDEX parcels_weighed ON parcels (weighed);
CREATE INDEX parcels_listed ON parcels (listed);
