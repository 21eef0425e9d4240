-- PostgreSQL: all keys are declared, so that group_id, which is searched, is a number.
CREATE TABLE groups (id bigserial PRIMARY KEY);
CREATE TABLE parents (id bigserial PRIMARY KEY);
CREATE TABLE children (
  id bigserial PRIMARY KEY,
  group_id bigint NOT NULL,
  red_parent_id bigint REFERENCES parents (id),
  blue_parent_id bigint REFERENCES parents (id),
  green_parent_id bigint REFERENCES parents (id),
  black_parent_id bigint REFERENCES parents (id),
  white_parent_id bigint REFERENCES parents (id),
  brown_parent_id bigint REFERENCES parents (id),
  pink_parent_id bigint REFERENCES parents (id),
  grey_parent_id bigint REFERENCES parents (id),
  amber_parent_id bigint REFERENCES parents (id),
  ivory_parent_id bigint REFERENCES parents (id)
);
CREATE INDEX children_red ON children (red_parent_id);
CREATE INDEX children_blue ON children (blue_parent_id);
CREATE INDEX children_green ON children (green_parent_id);
CREATE INDEX children_black ON children (black_parent_id);
CREATE INDEX children_white ON children (white_parent_id);
CREATE INDEX children_brown ON children (brown_parent_id);
CREATE INDEX children_pink ON children (pink_parent_id);
CREATE INDEX children_grey ON children (grey_parent_id);
CREATE INDEX children_amber ON children (amber_parent_id);
CREATE INDEX children_ivory ON children (ivory_parent_id);
