-- dialect: mysql
-- server: mysql-8.0.36
create table b (id int not null auto_increment primary key, n varchar(20), m int, q int, q2 int, t text, key k (n), key mq (m, q));
-- migration:
alter table b modify id bigint not null auto_increment, algorithm=inplace, lock=none; -- want
alter table b add column c int, algorithm=instant, lock=none; -- want
alter table b add column d int, algorithm=instant;
alter table b add index z (t(10)), algorithm=nocopy; -- want
alter table b add index z2 (q), algorithm=inplace, lock=none;
alter table b modify n varchar(100), algorithm=inplace; -- want
