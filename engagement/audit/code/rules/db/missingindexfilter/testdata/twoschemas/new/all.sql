CREATE TABLE devices (id bigserial PRIMARY KEY, label text, note text);
CREATE TABLE lamps (id bigserial PRIMARY KEY);
