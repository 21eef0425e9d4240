-- dialect: mysql
-- server: mariadb-10.11
create table b (id int not null auto_increment primary key, n varchar(20), m int, q int, q2 int, t text, key k (n), key mq (m, q));
-- migration:
alter table b modify id bigint not null auto_increment, algorithm=inplace, lock=none; -- want
alter table b modify m bigint, lock=none; -- want
alter table b modify m bigint, lock=shared;
alter table b drop column n, algorithm=instant; -- want
alter table b add index z (t(10)), algorithm=instant; -- want
alter table b add column c1 int, add index z1 (q), algorithm=instant; -- want
alter table b add index z2 (t(10)), algorithm=nocopy, lock=none;
alter table b add fulltext index z3 (t), lock=none; -- want
alter table b add column c2 int, algorithm=copy, lock=none; -- want
alter table b add column c3 int, algorithm=instant, lock=none;
alter table b drop column m, algorithm=nocopy; -- want
alter table b drop column q2, algorithm=instant;
