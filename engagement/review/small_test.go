package review_test

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// TestSmallTablesBreakToo: size excuses locks and work, and neither lost data nor broken code.
func TestSmallTablesBreakToo(t *testing.T) {
	c := &review.Catalog{Name: "db", Dialect: schema.Postgres, Server: predict.Server{Product: predict.PostgreSQL, Major: 15, Patch: -1}, TimeZone: "UTC",
		DDL:   "create table public.flags (k text primary key, enabled bool not null, n int);\ncreate table public.child (flag text references public.flags (k));\n",
		Sizes: map[string]lint.Size{"public.flags": {Rows: 50, Bytes: 8192}, "public.child": {Rows: 50, Bytes: 8192}}}
	for sql, rule := range map[string]string{
		"drop table child": "compat.drop-table", "alter table flags rename to ff": "compat.rename-table", "alter table flags rename column enabled to on_": "compat.rename-column",
		"alter table flags drop column enabled": "compat.drop-column", "truncate flags cascade": "data.truncate-cascade", "truncate child": "data.truncate",
		"alter table flags add column r int not null": "data.not-null-without-default", "alter table flags enable row level security": "compat.row-security",
		"alter table flags set schema other": "compat.set-schema", "alter table flags alter column n type smallint": "data.narrowing-type",
		"create index on flags (n)": "queue.no-lock-timeout",
	} {
		r, err := review.Review(t.Context(), review.Options{FS: fstest.MapFS{"m.sql": {Data: []byte(sql + ";\n")}}, Paths: []string{"m.sql"}, Catalog: c, Today: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range r.Report.Findings {
			ids = append(ids, f.Rule)
			if f.Rule == "lock.create-index" {
				t.Errorf("%s: a lock on a small table is reported", sql)
			}
		}
		if !slices.Contains(ids, rule) {
			t.Errorf("%s: %v, want %s", sql, ids, rule)
		}
	}
}
