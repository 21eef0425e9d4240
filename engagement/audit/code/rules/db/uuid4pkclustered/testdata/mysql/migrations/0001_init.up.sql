CREATE TABLE orders (
    id    binary(16) NOT NULL DEFAULT (uuid_to_bin(uuid())), -- want: db.uuid4-pk-clustered
    total int,
    PRIMARY KEY (id)
) ENGINE=InnoDB;
