package statement

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// brief is an action on one line: its kind, then what is set.
func brief(a *Action) string {
	out := string(a.Kind)
	add := func(format string, args ...any) { out += " " + fmt.Sprintf(format, args...) }
	if a.Table != "" {
		add("on=%s", a.Table)
	}
	if a.Name != "" && (a.Index == nil || a.Index.Name != a.Name) && a.Column == nil {
		add("name=%s", a.Name)
	}
	if a.NewName != "" {
		add("new=%s", a.NewName)
	}
	if len(a.Names) > 0 {
		add("names=%s", strings.Join(a.Names, ","))
	}
	if a.RefTable != "" {
		add("ref=%s", a.RefTable)
	}
	if a.Option != "" {
		add("option=%s", a.Option)
	}
	if a.Column != nil {
		add("column(%s)", columnText(a.Column))
	}
	if a.Constraint != nil {
		add("constraint(%s)", constraintText(a.Constraint))
	}
	if ix := a.Index; ix != nil {
		add("index(%s)", indexText(ix))
	}
	if d := a.Def; d != nil {
		var parts []string
		for _, c := range d.Columns {
			parts = append(parts, columnText(c))
		}
		for _, k := range d.Constraints {
			parts = append(parts, constraintText(k))
		}
		for _, ix := range d.Indexes {
			parts = append(parts, indexText(ix))
		}
		if d.PartitionOf != "" {
			parts = append(parts, "of "+d.PartitionOf)
		}
		if d.Partitioned {
			parts = append(parts, "partitioned")
		}
		add("def(%s)", strings.Join(parts, "; "))
	}
	if w := a.Write; w != nil {
		var parts []string
		flag := func(on bool, s string) {
			if on {
				parts = append(parts, s)
			}
		}
		flag(w.With, "with")
		flag(w.Values, "values")
		flag(w.Query, "query")
		flag(w.From, "from")
		flag(len(w.Sets) > 0, "sets="+strings.Join(w.Sets, ","))
		flag(len(w.Where) > 0, "where="+Text(w.Where))
		flag(len(w.Sources) > 0, "reads="+strings.Join(w.Sources, ","))
		flag(w.Limited, "limited")
		add("write(%s)", strings.Join(parts, " "))
	}
	for _, f := range []struct {
		on   bool
		name string
	}{{a.Only, "only"}, {a.Concurrently, "concurrently"}, {a.IfExists, "if-exists"}, {a.IfNotExists, "if-not-exists"}, {a.Cascade, "cascade"}, {a.OrReplace, "replace"}, {a.Full, "full"}, {a.Local, "local"}, {a.Temporary, "temporary"}, {a.Default, "default"}} {
		if f.on {
			out += " " + f.name
		}
	}
	if a.Algorithm != "" || a.Lock != "" {
		add("%s/%s", a.Algorithm, a.Lock)
	}
	return out
}

func columnText(c *Column) string {
	s := c.Name
	if c.Type.Raw != "" {
		s += ":" + c.Type.Raw
	}
	for _, f := range []struct {
		on   bool
		name string
	}{{c.NotNull, "notnull"}, {c.Identity, "identity"}, {c.Stored, "stored"}, {c.Virtual, "virtual"}, {c.Placed, "placed"}} {
		if f.on {
			s += " " + f.name
		}
	}
	if len(c.Default) > 0 {
		s += " default=" + Text(c.Default)
	}
	if len(c.Generated) > 0 {
		s += " as=" + Text(c.Generated)
	}
	if len(c.Using) > 0 {
		s += " using=" + Text(c.Using)
	}
	if c.Collate != "" {
		s += " collate=" + c.Collate
	}
	for _, k := range c.Constraints {
		s += " [" + constraintText(k) + "]"
	}
	return s
}

func constraintText(k *Constraint) string {
	s := string(k.Type)
	if k.Name != "" {
		s += " " + k.Name
	}
	if len(k.Columns) > 0 {
		s += " (" + strings.Join(k.Columns, ",") + ")"
	}
	if len(k.Expr) > 0 {
		s += " " + Text(k.Expr)
	}
	if k.RefTable != "" {
		s += " -> " + k.RefTable + "(" + strings.Join(k.RefColumns, ",") + ")"
	}
	if k.OnDelete != "" {
		s += " delete=" + k.OnDelete
	}
	if k.NotValid {
		s += " not-valid"
	}
	if k.UsingIndex != "" {
		s += " using=" + k.UsingIndex
	}
	return s
}

func indexText(ix *Index) string {
	s := ix.Name + "(" + strings.Join(ix.Columns, ",") + ")"
	if ix.Unique {
		s += " unique"
	}
	if ix.Method != "" {
		s += " " + ix.Method
	}
	if len(ix.Where) > 0 {
		s += " where=" + Text(ix.Where)
	}
	return s
}

func parse(t *testing.T, sql string, dialect schema.Dialect) []Action {
	t.Helper()
	s, err := split.Split("x.sql", []byte(sql), split.Options{Dialect: dialect})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Statements) != 1 {
		t.Fatalf("%d statements in %s", len(s.Statements), sql)
	}
	return Parse(&s.Statements[0], dialect)
}

func TestPostgres(t *testing.T) {
	for _, tt := range [][2]string{
		{"ALTER TABLE t ADD COLUMN c int", "add column on=t column(c:int)"},
		{"alter table only public.t add c integer not null default 0", "add column on=public.t column(c:integer notnull default=0) only"},
		{`ALTER TABLE IF EXISTS "S"."T" ADD COLUMN IF NOT EXISTS c timestamptz DEFAULT now() NOT NULL`, "add column on=S.T column(c:timestamptz notnull default=now()) if-exists if-not-exists"},
		{"ALTER TABLE t ADD c numeric(10,2) DEFAULT random() * 10 CHECK (c > 0)", "add column on=t column(c:numeric(10,2) default=random() * 10 [check (c) c > 0])"},
		{"ALTER TABLE t ADD c int DEFAULT 'a'::text::int REFERENCES o (id) ON DELETE CASCADE", "add column on=t column(c:int default='a'::text::int [foreign key (c) -> o(id) delete=cascade])"},
		{"ALTER TABLE t ADD c bigserial PRIMARY KEY", "add column on=t column(c:bigserial notnull identity [primary key (c)])"},
		{"ALTER TABLE t ADD c int GENERATED ALWAYS AS IDENTITY (START 5)", "add column on=t column(c:int notnull identity)"},
		{"ALTER TABLE t ADD c int GENERATED ALWAYS AS (a * 2) STORED", "add column on=t column(c:int stored as=a * 2)"},
		{"ALTER TABLE t ADD c text[] COLLATE \"C\" UNIQUE", "add column on=t column(c:text[] collate=C [unique (c)])"},
		{"ALTER TABLE t ADD c timestamp(3) with time zone", "add column on=t column(c:timestamp(3) with time zone)"},
		{"ALTER TABLE t ADD a int, DROP b, ALTER c SET NOT NULL", "add column on=t column(a:int)\ndrop column on=t name=b\nset not null on=t name=c"},
		{"ALTER TABLE t DROP COLUMN IF EXISTS c CASCADE", "drop column on=t name=c if-exists cascade"},
		{"ALTER TABLE t ALTER COLUMN c TYPE bigint USING c::bigint", "alter column type on=t column(c:bigint using=c::bigint)"},
		{"ALTER TABLE t ALTER c SET DATA TYPE varchar(20) COLLATE \"C\"", "alter column type on=t column(c:varchar(20) collate=C)"},
		{"ALTER TABLE t ALTER c SET DEFAULT now(), ALTER d DROP DEFAULT, ALTER e DROP NOT NULL", "set default on=t column(c default=now())\ndrop default on=t name=d\ndrop not null on=t name=e"},
		{"ALTER TABLE t ALTER c SET STATISTICS 100, ALTER c SET STORAGE EXTERNAL, ALTER c SET (n_distinct = 5)", "column option on=t name=c option=statistics\ncolumn option on=t name=c option=storage\ncolumn option on=t name=c option=options"},
		{"ALTER TABLE t ALTER c ADD GENERATED BY DEFAULT AS IDENTITY", "add identity on=t name=c"},
		{"ALTER TABLE t ALTER c SET EXPRESSION AS (a + 1)", "set generated on=t column(c as=a + 1)"},
		{"ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID", "add constraint on=t constraint(check k a > 0 not-valid)"},
		{"ALTER TABLE t ADD CHECK (a IS NOT NULL)", "add constraint on=t constraint(check a IS NOT NULL)"},
		{"ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES s.o (x, y) ON UPDATE CASCADE ON DELETE SET NULL NOT VALID", "add constraint on=t constraint(foreign key f (a,b) -> s.o(x,y) delete=set null not-valid)"},
		{"ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i", "add constraint on=t constraint(unique u using=i)"},
		{"ALTER TABLE t ADD PRIMARY KEY (id)", "add constraint on=t constraint(primary key (id))"},
		{"ALTER TABLE t ADD CONSTRAINT e EXCLUDE USING gist (during WITH &&)", "add constraint on=t constraint(exclude e (during))"},
		{"ALTER TABLE t ADD CONSTRAINT n NOT NULL c NOT VALID", "add constraint on=t constraint(not null n (c) not-valid)"},
		{"ALTER TABLE t VALIDATE CONSTRAINT k", "validate on=t name=k"},
		{"ALTER TABLE t DROP CONSTRAINT IF EXISTS k", "drop constraint on=t name=k if-exists"},
		{"ALTER TABLE t ALTER CONSTRAINT f DEFERRABLE", "alter constraint on=t name=f"},
		{"ALTER TABLE t RENAME TO u", "rename table on=t new=u"},
		{"ALTER TABLE t RENAME a TO b", "rename column on=t name=a new=b"},
		{"ALTER TABLE t RENAME CONSTRAINT a TO b", "rename constraint on=t name=a new=b"},
		{"ALTER TABLE t SET (fillfactor = 70, autovacuum_enabled = false)", "set options on=t option=fillfactor,autovacuum_enabled"},
		{"ALTER TABLE t SET TABLESPACE x", "set tablespace on=t new=x"},
		{"ALTER TABLE t SET UNLOGGED", "set logged on=t option=unlogged"},
		{"ALTER TABLE t SET ACCESS METHOD heap2", "set access method on=t new=heap2"},
		{"ALTER TABLE t OWNER TO x", "owner on=t new=x"},
		{"ALTER TABLE t SET SCHEMA s", "set schema on=t new=s"},
		{"ALTER TABLE t DISABLE TRIGGER ALL", "trigger state on=t name=ALL option=disable"},
		{"ALTER TABLE t ENABLE ROW LEVEL SECURITY", "row security on=t"},
		{"ALTER TABLE t REPLICA IDENTITY FULL", "replica identity on=t"},
		{"ALTER TABLE t CLUSTER ON i", "cluster on on=t name=i"},
		{"ALTER TABLE p ATTACH PARTITION c FOR VALUES FROM (1) TO (2)", "attach partition on=p ref=c"},
		{"ALTER TABLE p ATTACH PARTITION c DEFAULT", "attach partition on=p ref=c default"},
		{"ALTER TABLE p DETACH PARTITION c CONCURRENTLY", "detach partition on=p ref=c concurrently"},
		{"ALTER TABLE t INHERIT p", "inherit on=t ref=p"},
		{"CREATE INDEX ON t (a, lower(b) DESC)", "create index on=t index((a,lower(b) DESC))"},
		{"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.t USING gin (a jsonb_path_ops) INCLUDE (b) WITH (fastupdate = off) WHERE a IS NOT NULL", "create index on=s.t index(i(a) unique gin where=a IS NOT NULL) only concurrently if-not-exists"},
		{"DROP INDEX CONCURRENTLY IF EXISTS a, s.b", "drop index name=a names=a,s.b concurrently if-exists"},
		{"CREATE TABLE t (id int PRIMARY KEY, b int REFERENCES o, CONSTRAINT u UNIQUE (b), CHECK (b > 0))", "create table on=t def(id:int notnull [primary key (id)]; b:int [foreign key (b) -> o()]; unique u (b); check b > 0)"},
		{"CREATE TABLE c PARTITION OF p FOR VALUES IN (1) PARTITION BY RANGE (x)", "create table on=c def(of p; partitioned)"},
		{"CREATE TABLE c PARTITION OF p DEFAULT", "create table on=c def(of p) default"},
		{"CREATE TEMP TABLE t AS SELECT 1", "create table as on=t def() temporary"},
		{"SELECT * INTO n FROM t", "create table as on=n def()"},
		{"DROP TABLE IF EXISTS a, b CASCADE", "drop table on=a name=a names=a,b if-exists cascade"},
		{"DROP FUNCTION f(int, text), g()", "drop function name=f names=f,g"},
		{"DROP TRIGGER x ON t", "drop trigger on=t name=x option=drop"},
		{"DROP TYPE a", "drop type name=a names=a"},
		{"CREATE TRIGGER x AFTER INSERT OR UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()", "create trigger on=t name=x"},
		{"CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT 1$$", "create function name=f option=immutable replace"},
		{"CREATE DOMAIN d AS text CHECK (VALUE <> '')", "create domain column(d:text [check (d) VALUE <> ''])"},
		{"ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok' AFTER 'sad'", "alter enum name=mood new=ok option=add value"},
		{"ALTER TYPE mood RENAME VALUE 'a' TO 'b'", "alter enum name=mood option=rename value"},
		{"ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID", "alter domain name=d option=add constraint constraint(check c VALUE > 0 not-valid)"},
		{"ALTER INDEX i RENAME TO j", "rename index name=i new=j"},
		{"ALTER VIEW v RENAME TO w", "rename table on=v new=w option=view"},
		{"TRUNCATE ONLY a, b CASCADE", "truncate on=a names=a,b cascade"},
		{"LOCK TABLE a, b IN SHARE ROW EXCLUSIVE MODE NOWAIT", "lock table on=a names=a,b option=SHARE ROW EXCLUSIVE"},
		{"VACUUM (FULL, ANALYZE) t", "vacuum on=t names=t full"},
		{"VACUUM FULL FREEZE t", "vacuum on=t names=t full"},
		{"ANALYZE t", "analyze on=t names=t"},
		{"CLUSTER t USING i", "cluster on=t"},
		{"REINDEX (CONCURRENTLY) TABLE s.t", "reindex on=s.t name=s.t option=table concurrently"},
		{"REINDEX INDEX CONCURRENTLY i", "reindex name=i option=index concurrently"},
		{"REFRESH MATERIALIZED VIEW CONCURRENTLY v", "refresh on=v concurrently"},
		{"COMMENT ON COLUMN s.t.c IS 'x'", "comment on=s.t name=s.t.c option=column"},
		{"GRANT SELECT ON t TO u", "grant"},
		{"SET LOCAL lock_timeout = '5s'", "set name=lock_timeout new=5s local"},
		{"SET SESSION statement_timeout TO 0", "set name=statement_timeout new=0"},
		{"SET TIME ZONE 'UTC'", "set name=timezone new=UTC"},
		{"RESET lock_timeout", "set name=lock_timeout new=default"},
		{"START TRANSACTION", "begin"},
		{"ROLLBACK", "commit option=rollback"},
		{"UPDATE t SET a = 1, b = (SELECT 2) WHERE id IN (SELECT id FROM t WHERE a IS NULL LIMIT 100)", "update on=t write(sets=a,b where=id IN (SELECT id FROM t WHERE a IS NULL LIMIT 100) reads=t limited)"},
		{"UPDATE ONLY t x SET a = o.a FROM o, p AS q WHERE o.id = x.id RETURNING 1", "update on=t write(from sets=a where=o.id = x.id reads=o,p)"},
		{"DELETE FROM t USING o WHERE o.id = t.id", "delete on=t write(from where=o.id = t.id reads=o)"},
		{"DELETE FROM t", "delete on=t write()"},
		{"INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT DO NOTHING", "insert on=t write(values)"},
		{"INSERT INTO t (a) SELECT a FROM o JOIN p ON true", "insert on=t write(query reads=o,p)"},
		{"WITH x AS (SELECT 1 FROM q) UPDATE t SET a = 1", "update on=t write(with sets=a)"},
		{"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "delete on=t write(with)"},
		{"WITH RECURSIVE r AS MATERIALIZED (SELECT 1), d (a) AS (DELETE FROM t WHERE a > 5 RETURNING *), u AS (WITH i AS (INSERT INTO l SELECT 1 FROM t) UPDATE o SET a = 1) INSERT INTO h SELECT * FROM d", "delete on=t write(with where=a > 5)\ninsert on=l write(with query reads=t)\nupdate on=o write(with sets=a)\ninsert on=h write(with query reads=d)"},
		{"SELECT setval('s', 1)", "select name=setval"},
		{"COPY t (a) FROM stdin", "copy on=t"},
		{"DO $$ BEGIN x; END $$", "opaque option=a DO block"},
		{"MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE", "update on=t write(query from)"},
		{"ALTER TABLE t FROBNICATE c", "unrecognised on=t option=this part of an ALTER TABLE: FROBNICATE c"},
		{"FROBNICATE t", "unrecognised option=this statement: FROBNICATE t"},
		{"ALTER TABLE t ADD", "unrecognised on=t option=this part of an ALTER TABLE: ADD"},
	} {
		t.Run(tt[0], func(t *testing.T) {
			var got []string
			for _, a := range parse(t, tt[0], schema.Postgres) {
				got = append(got, brief(&a))
			}
			if strings.Join(got, "\n") != tt[1] {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), tt[1])
			}
		})
	}
}

func TestMySQL(t *testing.T) {
	for _, tt := range [][2]string{
		{"ALTER TABLE `t` ADD COLUMN `c` int unsigned NOT NULL DEFAULT '0' COMMENT 'x' AFTER `b`, ALGORITHM=INSTANT", "add column on=t column(c:int unsigned notnull placed default='0') INSTANT/"},
		{"ALTER TABLE t ADD INDEX i (a, b(10)), LOCK = NONE, ALGORITHM = INPLACE", "create index on=t index(i(a,b)) INPLACE/NONE"},
		{"ALTER TABLE t ADD UNIQUE KEY u (a)", "add constraint on=t constraint(unique u (a))"},
		{"ALTER TABLE t ADD FULLTEXT INDEX f (a)", "create index on=t index(f(a) fulltext)"},
		{"ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES o (id)", "add constraint on=t constraint(foreign key f (a) -> o(id))"},
		{"ALTER TABLE t MODIFY c bigint NOT NULL FIRST", "modify column on=t column(c:bigint notnull placed)"},
		{"ALTER TABLE t CHANGE COLUMN a b varchar(300) CHARACTER SET utf8mb4", "modify column on=t new=b column(b:varchar(300))"},
		{"ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id)", "drop constraint on=t option=primary key\nadd constraint on=t constraint(primary key (id))"},
		{"ALTER TABLE t DROP INDEX i, DROP FOREIGN KEY f", "drop index on=t name=i names=i\ndrop constraint on=t name=f option=foreign key"},
		{"ALTER TABLE t ENGINE=InnoDB", "rebuild on=t new=innodb option=engine"},
		{"ALTER TABLE t ENGINE=InnoDB ROW_FORMAT=DYNAMIC", "rebuild on=t new=innodb option=engine\ntable option on=t new=dynamic option=row_format"},
		{"ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "convert charset on=t new=utf8mb4"},
		{"ALTER TABLE t FORCE", "rebuild on=t option=force"},
		{"ALTER TABLE t RENAME INDEX a TO b, RENAME COLUMN c TO d", "rename index on=t name=a new=b\nrename column on=t name=c new=d"},
		{"ALTER TABLE t RENAME u", "rename table on=t new=u"},
		{"ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 4", "partitioning on=t option=by"},
		{"ALTER TABLE t DROP PARTITION p1", "partitioning on=t option=drop"},
		{"ALTER TABLE t AUTO_INCREMENT = 100", "table option on=t new=100 option=auto_increment"},
		{"ALTER TABLE t ALTER INDEX i INVISIBLE", "index visibility on=t name=i"},
		{"ALTER TABLE t DISABLE KEYS", "keys on=t option=disable"},
		{"CREATE INDEX i ON t (a) ALGORITHM=INPLACE LOCK=NONE", "create index on=t index(i(a)) INPLACE/NONE"},
		{"DROP INDEX i ON t", "drop index on=t name=i names=i"},
		{"RENAME TABLE a TO b, c TO d", "rename table on=a new=b\nrename table on=c new=d"},
		{"OPTIMIZE TABLE t", "rebuild on=t option=optimize"},
		{"SET foreign_key_checks = 0", "set name=foreign_key_checks new=0"},
		{"SET @@session.lock_wait_timeout = 5", "set name=lock_wait_timeout new=5"},
		{"CREATE TABLE t (id int AUTO_INCREMENT, KEY k (id), PRIMARY KEY (id)) ENGINE=InnoDB", "create table on=t def(id:int identity; primary key (id); k(id))"},
		{"UPDATE a JOIN b ON a.id = b.id SET a.x = 1", "update on=a write(from sets=x)"},
		{"DELETE FROM t WHERE a < 5 LIMIT 10", "delete on=t write(where=a < 5 limited)"},
	} {
		t.Run(tt[0], func(t *testing.T) {
			var got []string
			for _, a := range parse(t, tt[0], schema.MySQL) {
				b := brief(&a)
				got = append(got, b)
			}
			if strings.Join(got, "\n") != tt[1] {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), tt[1])
			}
		})
	}
}

// FuzzParse: whatever the tokens, every statement has an action and nothing panics.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"ALTER TABLE t ADD COLUMN c int DEFAULT (1", "CREATE TABLE t (a, b", "ALTER TABLE", "SET", "UPDATE t SET", "CREATE INDEX ON", "RENAME TABLE a TO", "VACUUM (", "COMMENT ON", "WITH x AS (", "ALTER TABLE t ,,"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, sql string, mysql bool) {
		dialect := schema.Postgres
		if mysql {
			dialect = schema.MySQL
		}
		s, _ := split.Split("x.sql", []byte(sql), split.Options{Dialect: dialect})
		for i := range s.Statements {
			if len(Parse(&s.Statements[i], dialect)) == 0 {
				t.Fatalf("no action for %q", s.Statements[i].Text)
			}
		}
	})
}
