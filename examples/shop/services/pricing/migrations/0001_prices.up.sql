CREATE TABLE prices (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id bigint NOT NULL,
    cents      bigint NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX prices_variant_valid ON prices (variant_id, valid_from DESC);

CREATE TABLE discount_rules (
    name    text PRIMARY KEY,
    percent bigint NOT NULL
);
