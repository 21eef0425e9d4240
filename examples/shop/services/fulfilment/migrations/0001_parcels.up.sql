CREATE TABLE parcels (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_number text NOT NULL,
    carrier      text NOT NULL,
    tracking     text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE outbox (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payload jsonb NOT NULL,
    sent_at timestamptz
);

CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;

CREATE TABLE label_jobs (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    printer text
);

CREATE INDEX label_jobs_free ON label_jobs (id) WHERE printer IS NULL;
