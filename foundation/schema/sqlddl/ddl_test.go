package sqlddl

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// describe prints operations, one a line, so that the tables below read as a specification.
func describe(ops []schema.Op) string {
	var lines []string
	for i := range ops {
		op := &ops[i]
		var b strings.Builder
		fmt.Fprintf(&b, "%d-%d %s", op.Place.Line, op.Place.EndLine, op.Kind)
		for _, s := range []string{op.Table, op.Name, op.NewName} {
			if s != "" {
				b.WriteString(" " + s)
			}
		}
		if op.Def != nil {
			for _, c := range op.Def.Columns {
				b.WriteString(" [" + describeColumn(c) + "]")
			}
			for _, ix := range op.Def.Indexes {
				b.WriteString(" " + describeIndex(ix))
			}
			for _, fk := range op.Def.ForeignKeys {
				b.WriteString(" " + describeKey(fk))
			}
			if op.Def.PartitionOf != "" {
				b.WriteString(" partition-of=" + op.Def.PartitionOf)
			}
			if op.Def.View {
				b.WriteString(" view")
			}
			if op.Def.Incomplete {
				b.WriteString(" incomplete")
			}
		}
		if op.Column != nil {
			b.WriteString(" [" + describeColumn(op.Column) + "]")
		}
		if op.Index != nil {
			b.WriteString(" " + describeIndex(op.Index))
		}
		if op.ForeignKey != nil {
			b.WriteString(" " + describeKey(op.ForeignKey))
		}
		for _, f := range []struct {
			on   bool
			name string
		}{{op.IfExists, "if-exists"}, {op.IfNotExists, "if-not-exists"}, {op.Concurrently, "concurrently"}, {op.Cascade, "cascade"}, {op.Conditional, "conditional"},
			{op.Like != "", "like=" + op.Like}, {op.LikeIndexes, "like-indexes"}, {len(op.Inherits) > 0, "inherits=" + strings.Join(op.Inherits, ",")}, {op.UsingIndex != "", "using=" + op.UsingIndex},
			{op.RefTable != "", "ref=" + op.RefTable}, {op.SQL != "", "sql=" + op.SQL}} {
			if f.on {
				b.WriteString(" " + f.name)
			}
		}
		lines = append(lines, b.String())
	}
	return strings.Join(lines, "\n")
}

func describeColumn(c *schema.Column) string {
	s := c.Name + " " + c.Type.Name
	if c.Type.Size > 0 {
		s += fmt.Sprintf("(%d)", c.Type.Size)
	}
	if c.Type.Array {
		s += "[]"
	}
	if c.Type.Unsigned {
		s += " unsigned"
	}
	if c.NotNull {
		s += " nn"
	}
	if c.Default != "" {
		s += " def=" + c.Default
	}
	if c.AutoIncrement {
		s += " auto"
	}
	if c.Generated != "" {
		s += " gen=" + c.Generated
	}
	return s
}

func describeIndex(ix *schema.Index) string {
	kind := "index"
	if ix.Primary {
		kind = "pk"
	} else if ix.Unique {
		kind = "unique"
	}
	var keys []string
	for _, c := range ix.Columns {
		k := c.Name
		if c.Expr != "" {
			k = "`" + c.Expr + "`"
		}
		if c.Prefix > 0 {
			k += fmt.Sprintf("(%d)", c.Prefix)
		}
		if c.OpClass != "" {
			k += ":" + c.OpClass
		}
		if c.Desc {
			k += "-"
		}
		keys = append(keys, k)
	}
	s := kind + "(" + strings.Join(keys, ",") + ")"
	if ix.Name != "" {
		s = ix.Name + "=" + s
	}
	if ix.Method != "" {
		s += "~" + ix.Method
	}
	if ix.Where != "" {
		s += " where=" + ix.Where
	}
	if len(ix.Include) > 0 {
		s += " include=" + strings.Join(ix.Include, ",")
	}
	return s
}

func describeKey(fk *schema.ForeignKey) string {
	s := fmt.Sprintf("fk(%s)->%s(%s)", strings.Join(fk.Columns, ","), fk.RefTable, strings.Join(fk.RefColumns, ","))
	if fk.Name != "" {
		s = fk.Name + "=" + s
	}
	if fk.OnDelete != "" {
		s += " delete=" + strings.ReplaceAll(fk.OnDelete, " ", "-")
	}
	if fk.NotValid {
		s += " not-valid"
	}
	if !fk.Enforced {
		s += " unenforced"
	}
	return s
}

const (
	pg     = schema.Postgres
	my     = schema.MySQL
	lite   = schema.SQLite
	mssql  = schema.SQLServer
	nodial = schema.Unknown
)

func TestParseDDL(t *testing.T) {
	cases := []struct {
		name    string
		dialect schema.Dialect
		sql     string
		want    string
	}{
		{"inline constraints", pg, `CREATE TABLE IF NOT EXISTS public.users (
  id bigserial PRIMARY KEY,
  "Email" varchar(255) NOT NULL UNIQUE DEFAULT 'a''b',
  team_id int REFERENCES teams (id) ON DELETE SET NULL ON UPDATE CASCADE,
  tags text[] DEFAULT '{}'::text[] NOT NULL,
  at timestamp(6) with time zone DEFAULT now() NOT NULL CHECK (at > '2000-01-01'),
  total numeric(10, 2) GENERATED ALWAYS AS (a * 2) STORED
);`, `1-8 create table public.users [id bigint nn auto] [Email varchar(255) nn def='a''b'] [team_id integer] [tags text[] nn def='{}'::text[]] [at timestamptz(6) nn def=now()] [total numeric(10) gen=a * 2] pk(id) unique(Email) fk(team_id)->teams(id) delete=set-null if-not-exists`},
		{"table constraints", pg, `create table t (a int, b int, constraint pk primary key (a, b), constraint u unique (b) include (a), foreign key (a) references x on delete cascade, check (a > 0), exclude using gist (a with =, b with &&));`,
			`1-1 create table t [a integer] [b integer] pk=pk(a,b) u=unique(b) include=a index(a,b)~gist fk(a)->x() delete=cascade`},
		{"mysql", my, "CREATE TABLE `t` (\n `id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'the, id',\n `name` varchar(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,\n `ok` tinyint(1) NOT NULL DEFAULT '1',\n `e` enum('a','b') DEFAULT 'a',\n `u` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,\n PRIMARY KEY (`id`),\n UNIQUE KEY `uk` (`name`(20)),\n KEY `ix` (`ok`,`e` DESC) USING BTREE,\n FULLTEXT KEY `ft` (`name`),\n CONSTRAINT `f` FOREIGN KEY (`e`) REFERENCES `x` (`y`)\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='x;y';",
			"1-12 create table t [id integer unsigned nn auto] [name varchar(100) def=NULL] [ok boolean nn def='1'] [e enum def='a'] [u timestamp def=CURRENT_TIMESTAMP] pk(id) uk=unique(name(20)) ix=index(ok,e-)~btree ft=index(name)~fulltext f=fk(e)->x(y)"},
		{"sqlite without types", lite, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a, b UNIQUE, key text NOT NULL, \"index\" int) WITHOUT ROWID;",
			"1-1 create table t [id integer nn auto] [a ] [b ] [key text nn] [index integer] pk(id) unique(b)"},
		{"columns called like keywords", pg, "CREATE TABLE t (key varchar(255), index int, unique_id uuid, primary_at date, check_order int, comment text, period text);",
			"1-1 create table t [key varchar(255)] [index integer] [unique_id uuid] [primary_at date] [check_order integer] [comment text] [period text]"},
		{"sql server", mssql, "CREATE TABLE [dbo].[T] (\n [Id] [int] IDENTITY(1,1) NOT NULL,\n [N] [nvarchar](50) NULL,\n CONSTRAINT [PK_T] PRIMARY KEY CLUSTERED ([Id] ASC)\n)\nGO\nALTER TABLE [T] WITH CHECK ADD CONSTRAINT [FK] FOREIGN KEY([N]) REFERENCES [U] ([M])\nGO\nALTER TABLE t ADD a int NULL, b int NOT NULL\nGO",
			"1-5 create table dbo.T [Id integer nn auto] [N varchar(50)] PK_T=pk(Id)\n7-7 add foreign key T FK FK=fk(N)->U(M)\n9-9 add column t a [a integer]\n9-9 add column t b [b integer nn]"},
		{"without semicolons", nodial, "CREATE TABLE a (x int)\nCREATE INDEX i ON a (x)\nALTER TABLE a\n  DROP COLUMN x\n",
			"1-1 create table a [x integer]\n2-2 add index a i=index(x)\n3-4 drop column a x"},
		{"partitions", pg, "CREATE TABLE m (at date) PARTITION BY RANGE (at);\nCREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');\nALTER TABLE ONLY public.m ATTACH PARTITION public.m2 DEFAULT;",
			"1-1 create table m [at date]\n2-2 create table m1 partition-of=m\n3-3 attach partition public.m2 ref=public.m"},
		{"like and inherits", pg, "CREATE TABLE a (LIKE b INCLUDING ALL, c int) INHERITS (d, e) WITH (fillfactor=70);\nCREATE TABLE f AS SELECT 1;",
			"1-1 create table a [c integer] like=b like-indexes inherits=d,e\n2-2 create table f incomplete"},
		{"mysql like", my, "CREATE TABLE a LIKE b;", "1-1 create table a like=b like-indexes"},
		{"alter with many actions", pg, "ALTER TABLE IF EXISTS ONLY t\n  ADD COLUMN IF NOT EXISTS a int NOT NULL DEFAULT 0,\n  ADD b text REFERENCES x,\n  DROP COLUMN IF EXISTS c CASCADE,\n  ALTER COLUMN d TYPE bigint USING d::bigint,\n  ALTER d SET NOT NULL,\n  ALTER d SET DEFAULT nextval('s'),\n  ALTER e DROP NOT NULL,\n  ADD CONSTRAINT u UNIQUE USING INDEX ui,\n  ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES y (z) NOT VALID,\n  DROP CONSTRAINT g,\n  VALIDATE CONSTRAINT f,\n  OWNER TO me;",
			`1-2 add column t a [a integer nn def=0] if-exists if-not-exists
3-3 add column t b [b text] fk(b)->x() if-exists
4-4 drop column t c if-exists cascade
5-5 change column t d [d bigint] if-exists
6-6 change column t d [d  nn] if-exists
7-7 change column t d [d  def=nextval('s')] if-exists
8-8 change column t e [e ] if-exists
9-9 add unique t u u=unique() if-exists using=ui
10-10 add foreign key t f f=fk(a)->y(z) not-valid if-exists
11-11 drop constraint t g if-exists
12-12 validate constraint t f if-exists`},
		{"mysql alter", my, "ALTER TABLE `t` ADD KEY `i` (`a`), ADD UNIQUE INDEX u (b), ADD (c int, d int), MODIFY COLUMN e bigint NOT NULL AFTER f, CHANGE g h varchar(9), DROP PRIMARY KEY, DROP FOREIGN KEY fk, DROP KEY k, RENAME INDEX x TO y, ALGORITHM=INPLACE, LOCK=NONE;\nALTER TABLE t RENAME u;\nRENAME TABLE a TO b, c TO d;",
			`1-1 add index t i i=index(a)
1-1 add unique t u u=unique(b)
1-1 add column t c [c integer]
1-1 add column t d [d integer]
1-1 change column t e [e bigint nn]
1-1 rename column t g h
1-1 change column t h [h varchar(9)]
1-1 drop primary key t
1-1 drop foreign key t fk
1-1 drop index t k
1-1 rename index t x y
2-2 rename table t u
3-3 rename table a b
3-3 rename table c d`},
		{"indexes", pg, "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY public.t USING btree (lower(a) text_pattern_ops DESC NULLS LAST, b DESC, (c ->> 'x')) INCLUDE (d) WITH (fillfactor = 70) WHERE (e IS NULL);\nCREATE INDEX ON t USING GIN (j jsonb_path_ops, k public.gin_trgm_ops) WITH (fastupdate = false);\ncreate index on t(COALESCE(a, b) desc, id);",
			"1-1 add index public.t i=unique(`lower(a)`:text_pattern_ops-,b-,`c ->> 'x'`)~btree where=e IS NULL include=d if-not-exists concurrently\n2-2 add index t index(j:jsonb_path_ops,k:gin_trgm_ops)~gin\n3-3 add index t index(`COALESCE(a, b)`-,id)"},
		{"drops", pg, "DROP INDEX CONCURRENTLY IF EXISTS public.i, j;\nDROP TABLE IF EXISTS a, b CASCADE;\nDROP INDEX k ON t;\nDROP MATERIALIZED VIEW v;\nDROP TYPE x;",
			"1-1 drop index public.i if-exists concurrently\n1-1 drop index j if-exists concurrently\n2-2 drop table a if-exists cascade\n2-2 drop table b if-exists cascade\n3-3 drop index t k\n4-4 drop table v"},
		{"renames", pg, "ALTER TABLE a RENAME TO b;\nALTER TABLE b RENAME COLUMN c TO d;\nALTER TABLE b RENAME e TO f;\nALTER INDEX g RENAME TO h;\nALTER TABLE b RENAME CONSTRAINT i TO j;",
			"1-1 rename table a b\n2-2 rename column b c d\n3-3 rename column b e f\n4-4 rename index g h\n5-5 rename constraint b i j"},
		{"views", pg, "CREATE OR REPLACE VIEW v (a, b) AS SELECT 1, 2;\nCREATE MATERIALIZED VIEW m AS SELECT x FROM y WITH NO DATA;",
			"1-1 create table v [a ] [b ] view incomplete\n2-2 create table m view incomplete"},
		{"copy and psql", pg, "\\restrict abc\nSET x = 1;\nCREATE TABLE a (b text);\nCOPY public.a (b) FROM stdin;\nDROP TABLE a;\nit's ; \\N\n\\.\n\n\\c other\nCREATE TABLE c (d int);",
			"3-3 create table a [b text]\n10-10 create table c [d integer]"},
		{"functions hide their bodies", pg, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN DROP TABLE x; END; $body$;\nCREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();\nDROP TABLE y;",
			"3-3 drop table y"},
		{"sqlite trigger", lite, "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n UPDATE b SET c = CASE WHEN 1 THEN 2 END;\n DELETE FROM d;\nEND;\nDROP TABLE y;",
			"5-5 drop table y"},
		{"do block", pg, "DO $$\nBEGIN\n  IF NOT EXISTS (SELECT 1) THEN\n    ALTER TABLE a ADD COLUMN b int;\n  END IF;\n  EXECUTE 'CREATE INDEX i ON a (b)';\n  EXECUTE format('DROP TABLE %I', x);\nEND $$;",
			"4-4 add column a b [b integer] conditional\n6-6 add index a i=index(b) conditional"},
		{"mysql conditional", my, "SET @s = IF((SELECT COUNT(*) FROM x) = 0, 'ALTER TABLE a ADD COLUMN b int DEFAULT ''1''', 'SELECT 1');\nPREPARE p FROM @s;\nEXECUTE p;",
			"1-1 add column a b [b integer def='1'] conditional"},
		{"delimiter and called procedure", my, "DELIMITER $$\nCREATE PROCEDURE up()\nBEGIN\n  IF x THEN\n    ALTER TABLE a ADD b int;\n  END IF;\nEND$$\nDELIMITER ;\nCALL up();\nDROP PROCEDURE up;\nDROP TABLE c;",
			"5-5 add column a b [b integer] conditional\n11-11 drop table c"},
		{"delimiter of slashes", my, "DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.x = 1; END//\nDELIMITER ;\nDROP TABLE c;", "4-4 drop table c"},
		{"mysqldump", my, "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `a`;\n/*!40101 SET character_set_client = utf8 */;\nCREATE TABLE `a` (`b` int);\nLOCK TABLES `a` WRITE;\nINSERT INTO `a` VALUES (1,'it\\'s; DROP TABLE x;');\n/*!50001 CREATE VIEW `v` AS SELECT 1 */;\nUNLOCK TABLES;",
			"3-3 drop table a if-exists\n5-5 create table a [b integer]\n8-8 create table v view incomplete"},
		{"goose", pg, "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE a (b int);\nCREATE TABLE c (d int)\n-- +goose StatementEnd\n-- +goose Down\nDROP TABLE a;\n",
			"3-3 create table a [b integer]\n4-4 create table c [d integer]"},
		{"dbmate", pg, "-- migrate:up\nCREATE TABLE a (b int)\n\n-- migrate:down\nDROP TABLE a", "2-2 create table a [b integer]"},
		{"sql-migrate", pg, "-- +migrate Down\nDROP TABLE a;\n-- +migrate Up\nCREATE TABLE a (b int);", "4-4 create table a [b integer]"},
		{"play", nodial, "# --- !Ups\nCREATE TABLE a (b int);\n# --- !Downs\nDROP TABLE a;", "2-2 create table a [b integer]"},
		{"temporary tables do not count", pg, "CREATE TEMP TABLE x (a int);\nALTER TABLE x ADD b int;\nDROP TABLE x;\nCREATE TABLE y (a int);", "4-4 create table y [a integer]"},
		{"templates", pg, "CREATE TABLE ${prefix}users (id int);\nCREATE INDEX i ON {{.Schema}}.t (a);\n${generated}\n/* x */\nDROP TABLE z;",
			"1-1 create table ${prefix}users [id integer]\n2-2 add index {{.Schema}}.t i=index(a)\n5-5 drop table z"},
		{"raw", pg, "BEGIN;\nUPDATE a SET b = 1;\nINSERT INTO a VALUES (1);\nINSERT INTO a SELECT 1;\nCREATE EXTENSION pg_trgm;\nCOMMIT;",
			"2-2 raw sql sql=UPDATE a SET b = 1\n4-4 raw sql sql=INSERT INTO a SELECT 1\n5-5 raw sql sql=CREATE EXTENSION pg_trgm"},
		{"nested comments", pg, "/* a /* b */ DROP TABLE x; */ DROP TABLE y;", "1-1 drop table y"},
		{"unbalanced comment", my, "/* a /* b */ DROP TABLE y;", "1-1 drop table y"},
		{"identity", pg, "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY (START 1) NOT NULL, v varchar(5) COLLATE \"C\" NOT NULL, d double precision, i interval);\nALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME s);",
			"1-1 create table t [id bigint nn auto] [v varchar(5) nn] [d double] [i interval]\n2-2 change column t id [id  auto]"},
		{"clickhouse", schema.ClickHouse, "CREATE TABLE IF NOT EXISTS e ON CLUSTER c (id String, at DateTime64(3) DEFAULT now(), INDEX i id TYPE bloom_filter GRANULARITY 1) ENGINE = MergeTree ORDER BY (id);",
			"1-1 create table e [id varchar] [at datetime64(3) def=now()] if-not-exists"},
		{"broken statement is passed over", pg, "CREATE TABLE (;\nCREATE TABLE a (b int);", "2-2 create table a [b integer]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ops, _ := ParseDDL("f.sql", []byte(c.sql), c.dialect)
			if got := describe(ops); got != c.want {
				t.Errorf("%s\n got:\n%s\nwant:\n%s", c.sql, got, c.want)
			}
		})
	}
}

func TestProblemsAreReported(t *testing.T) {
	_, problems := ParseDDL("f.sql", []byte("CREATE INDEX i;\nALTER TABLE;\nCREATE TABLE;"), pg)
	if len(problems) != 3 || problems[1].Place.Line != 2 {
		t.Errorf("got %v, want one problem for each of the three lines", problems)
	}
}

func TestWindowsLinesAndByteOrderMark(t *testing.T) {
	ops, _ := ParseDDL("f.sql", []byte("\uFEFFCREATE TABLE a (\r\n  b int\r\n);\r\n\\.\r\nDROP TABLE c;\r\n"), pg)
	if got, want := describe(ops), "1-3 create table a [b integer]\n5-5 drop table c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDetectDialect(t *testing.T) {
	for text, want := range map[string]schema.Dialect{
		"CREATE TABLE `a` (`b` int) ENGINE=InnoDB;":      my,
		"CREATE TABLE a (b jsonb, c timestamptz);":       pg,
		"-- PostgreSQL database dump\n":                  pg,
		"PRAGMA foreign_keys = ON;":                      lite,
		"CREATE TABLE [dbo].[A] ([b] nvarchar(3))":       mssql,
		"CREATE TABLE a (b int);":                        nodial,
		"":                                               nodial,
		"CREATE TABLE e (a String) ENGINE = MergeTree()": schema.ClickHouse,
	} {
		if got := DetectDialect([]byte(text)); got != want {
			t.Errorf("DetectDialect(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTransactions(t *testing.T) {
	cases := []struct {
		name    string
		tool    Tool
		dialect schema.Dialect
		sql     string
		want    bool
	}{
		{"goose", Numbered, pg, "-- +goose Up\nDROP TABLE a;", true},
		{"goose without", Numbered, pg, "-- +goose NO TRANSACTION\n-- +goose Up\nDROP TABLE a;", false},
		{"sql-migrate without", Numbered, pg, "-- +migrate Up notransaction\nDROP TABLE a;", false},
		{"dbmate without", Numbered, pg, "-- migrate:up transaction:false\nDROP TABLE a;", false},
		{"golang-migrate with its own", GolangMigrate, pg, "BEGIN;\nDROP TABLE a;\nCOMMIT;", true},
		{"golang-migrate, one statement", GolangMigrate, pg, "CREATE INDEX CONCURRENTLY i ON a (b);", false},
		{"flyway, concurrently", Flyway, pg, "CREATE INDEX CONCURRENTLY i ON a (b);", false},
		{"flyway", Flyway, pg, "CREATE INDEX i ON a (b);", true},
		{"mysql", Flyway, my, "CREATE INDEX i ON a (b);", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, _ := ParseMigration("f.sql", []byte(c.sql), c.dialect, c.tool)
			if m.Transactional != c.want {
				t.Errorf("Transactional = %v, want %v", m.Transactional, c.want)
			}
		})
	}
}

// Every input must take time in proportion to its length. The bound is loose: a quadratic scan of these
// sizes takes minutes.
func TestHostileTextIsReadInLinearTime(t *testing.T) {
	n := 300_000
	for name, text := range map[string]string{
		"parentheses":       "CREATE TABLE a " + strings.Repeat("(", n),
		"closing":           "CREATE TABLE a (" + strings.Repeat(")", n),
		"comments":          strings.Repeat("/* ", n),
		"dollars":           dollars(n / 8),
		"quotes":            strings.Repeat("'\"`", n) + "'",
		"brackets":          strings.Repeat("[a ", n),
		"templates":         strings.Repeat("#{ ${ {{ ", n/3),
		"columns":           "CREATE TABLE a (" + strings.Repeat("b int, ", n/4) + "c int);",
		"statements":        strings.Repeat("CREATE TABLE a (b int);", n/20),
		"semicolons":        strings.Repeat(";", n),
		"one insert":        "INSERT INTO a VALUES " + strings.Repeat("(1, 'x'),", n),
		"copies":            strings.Repeat("COPY a FROM stdin;\n", n/20),
		"begin":             "CREATE TRIGGER t BEGIN " + strings.Repeat("BEGIN ;", n/4),
		"nested blocks":     strings.Repeat("DO 'x", n/4),
		"executes":          strings.Repeat("EXECUTE 'CREATE TABLE ''x''';", n/20),
		"versioned":         strings.Repeat("/*!1 ", n),
		"binary":            strings.Repeat("\x00\xff\xfe(\x80", n),
		"alter actions":     "ALTER TABLE a " + strings.Repeat("ADD b int,", n/8),
		"many tables, fold": manyTables(n / 60),
	} {
		for _, dialect := range []schema.Dialect{nodial, my} {
			start := time.Now()
			ops, _ := ParseDDL("f.sql", []byte(text), dialect)
			if name == "many tables, fold" {
				schema.Fold([]schema.Migration{{Path: "f.sql", Ops: ops}}, dialect)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s: %v for %d bytes", name, took, len(text))
			}
		}
	}
}

func dollars(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "$t%d$ ", i)
	}
	return b.String()
}

func manyTables(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "CREATE TABLE t%d (a int);CREATE INDEX i%d ON t%d (a);DROP INDEX i%d;", i, i, i, i)
	}
	return b.String()
}

func FuzzParseDDL(f *testing.F) {
	for _, seed := range []string{"CREATE TABLE a (b int PRIMARY KEY, KEY k (b), CONSTRAINT c UNIQUE (b));", "ALTER TABLE a ADD b int, DROP c, CHANGE d e int;",
		"CREATE INDEX ON a USING gin (b c DESC) WHERE d;", "DO $$ BEGIN EXECUTE 'DROP TABLE x'; END $$", "DELIMITER //\nCREATE PROCEDURE p() BEGIN END//\nCALL p()//",
		"COPY a FROM stdin;\n1\n\\.\n", "-- +goose Up\nx\n-- +goose Down\n", "/*!40101 x */ SET @a = 'ALTER TABLE b ADD c int'", "CREATE TABLE [a] ([b] [int])\nGO", "ALTER TABLE a ALTER b TYPE int[], RENAME TO c"} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(1))
	}
	f.Fuzz(func(t *testing.T, src []byte, which uint8) {
		dialect := []schema.Dialect{nodial, my, pg, lite, mssql}[int(which)%5]
		m, _ := ParseMigration("f.sql", src, dialect, Numbered)
		lines := strings.Count(string(src), "\n") + 1
		for i := range m.Ops {
			if p := m.Ops[i].Place; p.Line < 1 || p.EndLine < p.Line || p.EndLine > lines {
				t.Errorf("%s stands at lines %d to %d of %d", m.Ops[i].Kind, p.Line, p.EndLine, lines)
			}
		}
		s := schema.Fold([]schema.Migration{m}, dialect)
		for _, table := range s.Tables {
			table.UnindexedForeignKeys(dialect)
			table.DuplicateIndexes()
		}
	})
}
