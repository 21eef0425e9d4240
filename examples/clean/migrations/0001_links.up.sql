CREATE TABLE owners (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE links (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id   bigint NOT NULL REFERENCES owners (id),
    name       text NOT NULL UNIQUE,
    target     text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX links_owner ON links (owner_id, id);
