--: add-column.plain target=t
alter table t add column z int
--: add-column.first target=t
alter table t add column z int first
--: add-column.after target=t
alter table t add column z int after a
--: add-column.constant-default target=t
alter table t add column z int not null default 7
--: add-column.expression-default target=t
alter table t add column z int default (1 + 1)
--: add-column.random-default target=t
alter table t add column z double default (rand())
--: add-column.current-timestamp target=t
alter table t add column z timestamp not null default current_timestamp
--: add-column.auto-increment target=plain_keyless
alter table plain_keyless add column z int auto_increment primary key
--: add-column.virtual target=t
alter table t add column z int as (a * 2) virtual
--: add-column.stored target=t
alter table t add column z int as (a * 2) stored
--: add-column.text target=t
alter table t add column z text
--: add-column.json target=t
alter table t add column z json
--: add-column.check target=t
alter table t add column z int check (z > 0)
--: add-column.unique target=t
alter table t add column z int unique
--: add-column.compact target=compact
alter table compact add column z int
--: add-column.several target=t
alter table t add column z int, add column z2 int not null default 1
--: add-column.and-index target=t
alter table t add column z int, add index t_z (z)
--: drop-column.plain target=t
alter table t drop column txt
--: drop-column.indexed target=t
alter table t drop column n
--: drop-column.virtual target=gen
alter table gen drop column w
--: drop-column.stored target=gen
alter table gen drop column x
--: column.rename target=t
alter table t rename column n to n2
--: column.change-name target=t
alter table t change column n n2 int
--: column.reorder target=t
alter table t modify column n int after txt
--: column.comment target=t
alter table t modify column n int comment 'x'
--: column.default-set target=t
alter table t alter column n set default 7
--: column.default-drop target=t
alter table t alter column n drop default
--: column.invisible target=t
alter table t modify column n int invisible
--: type.int-to-bigint target=t
alter table t modify column n bigint
--: type.int-to-bigint-plain target=t
alter table t modify column parent_id bigint
--: type.bigint-to-int target=t
alter table t modify column big int
--: type.int-to-unsigned target=t
alter table t modify column parent_id int unsigned
--: type.int-to-varchar target=t
alter table t modify column parent_id varchar(20)
--: type.int-display-width target=t
alter table t modify column parent_id int(5)
--: type.varchar-longer target=t
alter table t modify column s varchar(50)
--: type.varchar-longer-across-255-bytes target=t
alter table t modify column s varchar(100)
--: type.varchar-longer-above-255-bytes target=t
alter table t modify column s2 varchar(400)
--: type.varchar-shorter target=t
alter table t modify column s varchar(10)
--: type.varchar-to-text target=t
alter table t modify column s2 text
--: type.text-to-longtext target=t
alter table t modify column txt longtext
--: type.char-longer target=t
alter table t modify column c char(20)
--: type.char-to-varchar target=t
alter table t modify column c varchar(10)
--: type.decimal-precision target=t
alter table t modify column num decimal(12, 2)
--: type.decimal-scale target=t
alter table t modify column num decimal(12, 4)
--: type.float-to-double target=t
alter table t modify column f double
--: type.timestamp-to-datetime target=t
alter table t modify column ts datetime null
--: type.datetime-fraction target=t
alter table t modify column dt datetime(3)
--: type.date-to-datetime target=t
alter table t modify column d datetime
--: type.enum-add-last target=t
alter table t modify column e enum('low', 'high', 'top')
--: type.enum-add-first target=t
alter table t modify column e enum('none', 'low', 'high')
--: type.enum-remove target=t
alter table t modify column e enum('low')
--: type.set-add-last target=t
alter table t modify column st set('x', 'y', 'z')
--: type.tinyint-to-int target=t
alter table t modify column b int
--: type.latin1-to-utf8mb4 target=t
alter table t modify column l1 varchar(20) character set utf8mb4
--: type.collation target=t
alter table t modify column s2 varchar(200) collate utf8mb4_bin
--: type.collation-indexed target=t
alter table t modify column s varchar(20) collate utf8mb4_bin
--: type.same target=t
alter table t modify column n int
--: null.not-null target=t
alter table t modify column n int not null
--: null.null target=t
alter table t modify column a int null
--: null.not-null-loose target=t
--session: set session sql_mode = ''
alter table t modify column n int not null
--: index.add target=t
alter table t add index t_p (parent_id)
--: index.create target=t
create index t_p on t (parent_id)
--: index.create-unique target=t
create unique index t_p on t (parent_id)
--: index.add-unique target=t
alter table t add unique index t_p (parent_id)
--: index.prefix target=t
alter table t add index t_x (txt(10))
--: index.fulltext-first target=t
alter table t add fulltext index t_x (txt)
--: index.spatial target=t
alter table t add spatial index t_g (geo)
--: index.on-virtual target=gen
alter table gen add index gen_w (w)
--: index.drop target=t
alter table t drop index t_n
--: index.drop-statement target=t
drop index t_n on t
--: index.rename target=t
alter table t rename index t_n to t_n2
--: index.ignored target=t
alter table t alter index t_n ignored
--: index.replace target=t
alter table t drop index t_n, add index t_n (n, a)
--: primary-key.add target=plain_keyless
alter table plain_keyless add primary key (v)
--: primary-key.drop target=t
alter table t drop primary key
--: primary-key.replace target=t
alter table t drop primary key, add primary key (a)
--: foreign-key.add target=t
alter table t add constraint t_fk foreign key (parent_id) references parent (id)
--: foreign-key.add-unchecked target=t
--session: set session foreign_key_checks = 0
alter table t add constraint t_fk foreign key (parent_id) references parent (id)
--: foreign-key.add-unchecked-indexed target=t
--session: set session foreign_key_checks = 0
alter table t add constraint t_fk foreign key (n) references parent (id)
--: foreign-key.drop target=child
alter table child drop foreign key child_fk
--: check.add target=t
alter table t add constraint t_new check (n > 0)
--: check.drop target=t
alter table t drop constraint t_positive
--: table.rename target=t
alter table t rename to t2
--: table.rename-statement target=t
rename table t to t2
--: table.comment target=t
alter table t comment 'x'
--: table.auto-increment target=counted
alter table counted auto_increment = 5000000
--: table.engine-same target=t
alter table t engine = InnoDB
--: table.engine-other target=spare
alter table spare engine = Aria
--: table.force target=t
alter table t force
--: table.row-format target=t
alter table t row_format = compressed
--: table.row-format-same target=t
alter table t row_format = dynamic
--: table.charset-default target=t
alter table t default character set latin1
--: table.charset-convert target=plain_keyless
alter table plain_keyless convert to character set latin1
--: table.charset-convert-same target=plain_keyless
alter table plain_keyless convert to character set utf8mb4
--: table.stats-persistent target=t
alter table t stats_persistent = 1
--: table.key-block-size target=t
alter table t key_block_size = 8
--: table.optimize target=t
optimize table t
--: table.analyze target=t
analyze table t
--: table.check target=t
check table t
--: table.truncate target=t
truncate table t
--: table.drop target=t
drop table t
--: table.create target=fresh
create table fresh (id int primary key)
--: table.create-like target=t
create table fresh like t
--: table.create-select target=spare
create table fresh as select * from spare
--: table.disable-keys target=t
alter table t disable keys
--: table.lock-write target=t
lock tables t write
--: table.lock-read target=t
lock tables t read
--: table.flush-read-lock target=t
flush tables t with read lock
--: table.versioning-add target=spare
alter table spare add system versioning
--: partition.by-hash target=spare
alter table spare partition by hash (id) partitions 4
--: partition.by-range target=spare
alter table spare partition by range (id) (partition p0 values less than maxvalue)
--: partition.remove target=part
alter table part remove partitioning
--: partition.add target=part
alter table part add partition (partition p2 values less than (3000000))
--: partition.drop target=part
alter table part drop partition p1
--: partition.truncate target=part
alter table part truncate partition p0
--: partition.reorganize target=part
alter table part reorganize partition p0 into (partition p0a values less than (500), partition p0b values less than (1000000))
--: partition.exchange target=part
alter table part exchange partition p0 with table spare
--: partition.coalesce target=spare
--session: alter table spare partition by hash (id) partitions 4
alter table spare coalesce partition 1
--: partition.rebuild target=part
alter table part rebuild partition p0
--: view.create target=t
create view vw2 as select id from t
--: view.replace target=t
create or replace view vw as select id from t
--: trigger.create target=t
create trigger t_touch before update on t for each row set new.n = new.n
--: rows.update-all target=t
update t set parent_id = 1
--: rows.update-one target=t
update t set parent_id = 1 where id = 5
--: rows.update-batch target=t
update t set parent_id = 1 where id between 1 and 100
--: rows.delete-all target=spare
delete from spare
--: rows.delete-limit target=spare
delete from spare limit 100
--: rows.insert-select target=spare
insert into spare select id + 1000000, v from child
--: together.default-and-type target=t
alter table t alter column n set default 5, modify column parent_id bigint
--: together.two-indexes target=t
alter table t add index t_p (parent_id), add index t_b (big)
--: together.drop-and-add-column target=t
alter table t drop column txt, add column txt2 text
