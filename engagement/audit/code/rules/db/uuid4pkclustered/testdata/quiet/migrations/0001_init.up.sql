CREATE TABLE orders (
    id    binary(16) NOT NULL DEFAULT (uuid_to_bin(uuid(), 1)),
    total int,
    PRIMARY KEY (id)
) ENGINE=InnoDB;
CREATE TABLE carts (
    id    bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    token char(36) NOT NULL
) ENGINE=InnoDB;
