create table t (
	id int not null primary key, a int not null, n int, big bigint, small smallint, s varchar(20), s2 varchar(200), c char(10), txt text,
	num decimal(10, 2), f float, d date, ts timestamp null, dt datetime, b tinyint(1), e enum('low', 'high'), st set('x', 'y'), js json,
	l1 varchar(20) character set latin1, parent_id int, geo point not null,
	key t_n (n), key t_s (s), unique key t_a (a), key t_f (f), constraint t_positive check (a > 0)
) engine=InnoDB;
insert into t select seq, seq, seq, seq, seq % 1000, concat('s', seq), concat('t', seq), 'c', 'text', 1.5, 1, '2020-01-01', '2020-01-01 00:00:00',
	'2020-01-01 00:00:00', 1, 'low', 'x', '{}', 'l', seq, point(1, 2) from seq_1_to_$ROWS;
create table parent (id int not null primary key, code int, name varchar(50), unique key parent_code (code)) engine=InnoDB;
insert into parent select seq, seq, 'p' from seq_1_to_$ROWS;
create table child (id int not null primary key, parent_id int, v int, key child_parent (parent_id), constraint child_fk foreign key (parent_id) references parent (id)) engine=InnoDB;
insert into child select seq, seq, seq from seq_1_to_$ROWS;
create table part (id int not null, v int, primary key (id)) engine=InnoDB partition by range (id) (partition p0 values less than (1000000), partition p1 values less than (2000000));
insert into part select seq, seq from seq_1_to_$ROWS;
create table spare (id int not null, v int, primary key (id)) engine=InnoDB;
insert into spare select seq, seq from seq_1_to_$ROWS;
create table plain_keyless (v int, w varchar(20)) engine=InnoDB;
insert into plain_keyless select seq, 'w' from seq_1_to_$ROWS;
create table counted (id int not null auto_increment primary key, v int) engine=InnoDB;
insert into counted select seq, seq from seq_1_to_$ROWS;
create table compact (id int not null primary key, v varchar(50)) engine=InnoDB row_format=compact;
insert into compact select seq, 'v' from seq_1_to_$ROWS;
create table gen (id int not null primary key, v int, w int as (v + 1) virtual, x int as (v + 2) stored) engine=InnoDB;
insert into gen (id, v) select seq, seq from seq_1_to_$ROWS;
create view vw as select id, a from t;
analyze table t, parent, child, part, spare, plain_keyless, counted, compact, gen;
