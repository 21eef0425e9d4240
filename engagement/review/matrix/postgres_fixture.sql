-- The schema that the statements of postgres.sql are run against, on versions 11 to 18. $ROWS is the number
-- of rows of each table that has any. Nothing refers to t, and t refers to nothing, so that what a statement
-- does to it is its own doing.
set client_min_messages = warning;
create type mood as enum ('low', 'mid', 'high');
create domain short as text check (length(value) < 100);
create domain plain as int;
create type pair as (x int, y int);
create sequence seq;
create schema other;
do $$ begin if not exists (select from pg_roles where rolname = 'matrix_reader') then create role matrix_reader; end if; end $$;
create collation by_bytes (locale = 'C');

create table t (
	id int primary key, a int not null, n int, big bigint, small smallint, f real, num numeric(10, 2), whole numeric,
	s varchar(20), s_plain varchar(20), limitless varchar, txt text, txt_plain text, ch char(10), dom short, di plain,
	ts timestamp, ts_plain timestamp, tz timestamptz, tz_plain timestamptz, ts0 timestamp(0), d date, tm time, iv interval,
	b boolean, u uuid, js json, jb jsonb, arr int[], ip inet, net cidr, bits varbit(8), m mood, p pair, bt bytea, span int4range,
	parent_id int, checked int, half int, other_id int
);
insert into t select i, i, i, i, i % 1000, i, i % 1000, i, 's' || i, 's' || i, 's' || i, 't' || i, 't' || i, 'c', 'd', i,
	timestamp '2020-01-01' + i * interval '1 hour', '2020-01-01', '2020-01-01 00:00Z', '2020-01-01 00:00Z', '2020-01-01', '2020-01-01', '12:00', '1 day',
	true, md5(i::text)::uuid, '{}', '{}', '{1}', '10.0.0.1', '10.0.0.0/8', b'101', 'mid', row(1, 2)::pair, 'x', int4range(i, i + 1), i, i, i, i
	from generate_series(1, $ROWS) i;
create index t_n on t (n);
create index t_s on t (s);
create index t_txt on t (txt);
create index t_ts on t (ts);
create index t_tz on t (tz);
create unique index t_u on t (u);
create unique index t_a on t (a);
create unique index t_big on t (big);
create index t_upper on t (upper(limitless));
create index t_part on t (small) where small > 500;
alter table t add constraint t_checked check (checked is not null);
alter table t add constraint t_half check (half is not null) not valid;
alter table t add constraint t_positive check (a > 0) not valid;
alter table t add constraint t_sound check (a > 0);

create table parent (id int primary key, code int unique, name text);
insert into parent select i, i, 'p' || i from generate_series(1, $ROWS) i;
create table child (id int primary key, parent_id int, second_id int,
	constraint child_parent foreign key (parent_id) references parent on delete cascade);
insert into child select i, i, i from generate_series(1, $ROWS) i;
alter table child add constraint child_second foreign key (second_id) references parent not valid;
create index child_parent_id on child (parent_id);
create table grandchild (id int primary key, child_id int references child);
insert into grandchild select i, i from generate_series(1, $ROWS) i;
create table node (id int primary key, up int);
insert into node select i, i from generate_series(1, $ROWS) i;
create table uncle (id int primary key, note text);
insert into uncle select i, 'u' from generate_series(1, $ROWS) i;

create table part (id int not null, v int not null, w text) partition by range (id);
create table part_1 partition of part for values from (0) to (1000000);
create table part_2 partition of part for values from (1000000) to (2000000);
create table part_default partition of part default;
insert into part select i, i, 'w' from generate_series(1, $ROWS) i;
insert into part select i + 5000000, i, 'w' from generate_series(1, $ROWS) i;
create index part_v on part (v);
create table bare (id int not null, v int not null, w text) partition by range (id);
create table bare_1 partition of bare for values from (0) to (1000000);
insert into bare select i, i, 'w' from generate_series(1, $ROWS) i;
create table cand (id int not null, v int not null, w text);
insert into cand select i + 2000000, i, 'w' from generate_series(1, $ROWS) i;
create table cand_checked (id int not null, v int not null, w text, check (id >= 2000000 and id < 3000000));
insert into cand_checked select i + 2000000, i, 'w' from generate_series(1, $ROWS) i;
create index cand_checked_v on cand_checked (v);
create table rest (id int not null, v int not null, w text);
insert into rest select i + 9000000, i, 'w' from generate_series(1, $ROWS) i;
create table listed (k int not null, v int) partition by list (k);
create table listed_1 partition of listed for values in (1);
insert into listed select 1, i from generate_series(1, $ROWS) i;
create table hashed (id int not null, v int) partition by hash (id);
create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
insert into hashed select i, i from generate_series(1, $ROWS) i;
create table keyed (id int primary key, v int) partition by range (id);
create table keyed_1 partition of keyed for values from (0) to (1000000);
insert into keyed select i, i from generate_series(1, $ROWS) i;

create table base (id int, v int, note text);
create table derived (extra int) inherits (base);
insert into base select i, i, 'b' from generate_series(1, $ROWS) i;
insert into derived select i, i, 'd', i from generate_series(1, $ROWS) i;
create table stranger (id int, v int, note text, extra int);
insert into stranger select i, i, 'x', i from generate_series(1, $ROWS) i;

create view v as select id, name from parent;
create materialized view mv as select id, name from parent;
create unique index mv_id on mv (id);
create materialized view mv_plain as select count(*) as n from parent;

create table other.placed (id int primary key, v int);
insert into other.placed select i, i from generate_series(1, $ROWS) i;
create unlogged table fleeting (id int primary key, v int);
insert into fleeting select i, i from generate_series(1, $ROWS) i;
create table counted (id int generated by default as identity primary key, old_id serial, v int);
insert into counted (v) select i from generate_series(1, $ROWS) i;
create table archive (id int, a int);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create function one() returns int language sql stable as 'select 1';
create function any_int() returns int language sql volatile as 'select 1';
create trigger uncle_touch before update on uncle for each row execute procedure touch();
create rule uncle_rule as on delete to uncle where old.id < 0 do instead nothing;
create policy uncle_policy on uncle using (true);
create statistics uncle_stats (dependencies) on id, note from uncle;
create publication pub for table uncle;
create text search configuration words (copy = simple);
