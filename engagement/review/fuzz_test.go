package review_test

import (
	"bytes"
	"testing"
	"testing/fstest"
	"time"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// FuzzLint judges any text as a schema and as a migration: no panic, and a report that renders.
func FuzzLint(f *testing.F) {
	for _, seed := range [][2]string{
		{"create table t (id int primary key, a text check (a <> ''));", "alter table t alter a type int, add b int references t, drop id;"},
		{"create table p (a int) partition by range (a);", "create table q partition of p default; alter table p attach partition q default;"},
		{"", "begin; update t set a = 1; alter table t validate constraint c; commit;"},
		{"create domain d as d;", "alter table t add c d; alter domain d add check (value > 0);"},
		{"create table t (a varchar(3), key (a));", "alter table t modify a varchar(300), engine=innodb, algorithm=copy; rename table t to u, u to t;"},
		{"create view v as select 1 from t;", "drop table t cascade; truncate v; reindex index i; create index on t (lower(a));"},
	} {
		f.Add(seed[0], seed[1], false)
		f.Add(seed[0], seed[1], true)
	}
	f.Fuzz(func(t *testing.T, before, migration string, mysql bool) {
		dialect := schema.Postgres
		if mysql {
			dialect = schema.MySQL
		}
		r, err := review.Lint(t.Context(), review.Options{FS: fstest.MapFS{"m.sql": {Data: []byte(migration)}}, Paths: []string{"m.sql"}, Dialect: dialect, Schema: []byte(before), SchemaName: "s.sql", Today: time.Unix(0, 0)})
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := report.JSON(&out, r); err != nil {
			t.Fatal(err)
		}
	})
}
