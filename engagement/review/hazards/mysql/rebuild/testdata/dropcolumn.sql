-- dialect: mysql
-- server: mariadb-10.11
create table b (id int primary key, n varchar(20), m int, q int, r int, t text, key k (n), key mq (m, q), key rq (r, q));
-- migration:
alter table b drop column t;
alter table b drop column n;
alter table b drop column m; -- want
alter table b drop column r, drop index rq;
