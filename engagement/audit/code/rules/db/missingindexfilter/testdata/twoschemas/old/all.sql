CREATE TABLE devices (id bigserial PRIMARY KEY, label text);
CREATE TABLE plugs (id bigserial PRIMARY KEY);
