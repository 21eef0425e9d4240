-- One row for every price shown: some 300 a second.
CREATE TABLE price_events (
    id         serial PRIMARY KEY,
    price_id   bigint NOT NULL REFERENCES prices (id) ON DELETE CASCADE,
    shown_to   text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX price_events_created ON price_events (created_at);
