package review_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/foundation/report"
)

const before = "create table customers (id bigint primary key, email text);\ncreate table orders (id bigint primary key, customer_id bigint, code text);\n"

func judge(t *testing.T, opt review.Options, files ...string) *report.Report {
	t.Helper()
	fsys := fstest.MapFS{}
	for i := 0; i+1 < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
		if opt.Paths == nil || len(opt.Paths) < len(files)/2 && !strings.HasPrefix(opt.Paths[0], "m") {
			opt.Paths = append(opt.Paths, files[i])
		}
	}
	opt.FS = fsys
	if opt.Schema == nil {
		opt.Schema, opt.SchemaName = []byte(before), "schema.sql"
	}
	opt.Dialect = "postgresql"
	opt.Today = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	r, err := review.Lint(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOneCauseOneFinding: what one file does again and again is one finding, and each place says its lock.
func TestOneCauseOneFinding(t *testing.T) {
	r := judge(t, review.Options{Server: "15"}, "a.sql", "set lock_timeout = '1s';\ncreate index a on orders (code);\ncreate index b on customers (email);\n")
	if len(r.Findings) != 1 {
		t.Fatalf("%d findings", len(r.Findings))
	}
	f := r.Findings[0]
	if f.Rule != "lock.create-index" || !strings.Contains(f.Title, "2 statements") || len(f.Members) != 2 || len(f.Secondary) != 1 || !strings.Contains(f.Secondary[0].Note, "SHARE on customers") {
		t.Errorf("%+v", f)
	}
}

// TestFacts: each finding says lock, work, who waits, versions and how it is known.
func TestFacts(t *testing.T) {
	r := judge(t, review.Options{Server: "15"}, "a.sql", "alter table orders alter column code set not null;\nalter table orders rename column code to number;\nupdate orders set number = 'x';\n")
	if len(r.Findings) < 4 {
		t.Errorf("%d findings", len(r.Findings))
	}
	for _, f := range r.Findings {
		facts := map[string]string{}
		for _, x := range f.Facts {
			facts[x.Name] = x.Value
		}
		for _, name := range []string{"lock", "work", "blocks", "versions", "evidence"} {
			if facts[name] == "" {
				t.Errorf("%s has no %s", f.Rule, name)
			}
		}
		if f.Rule == "lock.set-not-null" && !strings.HasPrefix(facts["evidence"], "measured: ") {
			t.Errorf("%s is known by %q", f.Rule, facts["evidence"])
		}
	}
}

func TestSuppressions(t *testing.T) {
	for _, tt := range []struct {
		name, comment string
		open          int
		note          string
	}{
		{"with a reason", "-- napkin:ignore lock.create-index built at night", 0, ""},
		{"without a reason", "-- napkin:ignore lock.create-index", 1, "gives no reason"},
		{"expired", "-- napkin:ignore lock.create-index at night until=2020-01-01", 1, ""},
		{"of another rule", "-- napkin:ignore lock.reindex at night", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(t, review.Options{}, "a.sql", "set lock_timeout = '1s';\n"+tt.comment+"\ncreate index a on orders (code);\n")
			open := 0
			for _, f := range r.Findings {
				if f.Status != report.StatusSuppressed {
					open++
				}
			}
			if open != tt.open || tt.note != "" && !strings.Contains(strings.Join(r.Coverage.Notes, " "), tt.note) {
				t.Errorf("%d open findings, notes %v", open, r.Coverage.Notes)
			}
		})
	}
}

// TestSuppressedPart: of a folded finding what was accepted is neither counted nor fixed.
func TestSuppressedPart(t *testing.T) {
	text := "set lock_timeout = '1s';\n" +
		"-- napkin:ignore lock.create-index at night\ncreate index a1 on orders (code);\n" +
		"create index a2 on orders (code);\n" +
		"create index a3 on orders (code); -- napkin:ignore lock at night\n" +
		"create index a4 on orders (code);\n"
	find := func(text string) *report.Finding {
		r := judge(t, review.Options{}, "a.sql", text)
		for i := range r.Findings {
			if r.Findings[i].Rule == "lock.create-index" {
				return &r.Findings[i]
			}
		}
		t.Fatal("no finding")
		return nil
	}
	f := find(text)
	if !strings.HasPrefix(f.Title, "2 statements: ") || len(f.Secondary) != 1 || len(f.Members) != 2 {
		t.Errorf("%q, %d further places, members %v", f.Title, len(f.Secondary), f.Members)
	}
	if !strings.Contains(f.Fix.Summary, "2 of 2 statements") || strings.Contains(f.Fix.SQL, "a1") || strings.Contains(f.Fix.SQL, "a3") || !strings.Contains(f.Fix.SQL, "a2") || !strings.Contains(f.Fix.SQL, "a4") {
		t.Errorf("fix: %s\n%s", f.Fix.Summary, f.Fix.SQL)
	}
	f = find(strings.TrimSuffix(text, "create index a4 on orders (code);\n"))
	if strings.Contains(f.Title, "statements") || f.Members != nil || strings.Contains(f.Fix.SQL, "a1") {
		t.Errorf("of one: %q, members %v, %s", f.Title, f.Members, f.Fix.SQL)
	}
}

// TestHistory: in a folder each file is a change, and with From all new files are one.
func TestHistory(t *testing.T) {
	files := []string{"m/001.sql", "create table fresh (id bigint primary key, a int);\n", "m/002.sql", "set lock_timeout = '1s';\ncreate index i on fresh (a);\n", "m/003.sql", "select 1;\n"}
	count := func(opt review.Options) int {
		opt.Paths = []string{"m"}
		n := 0
		for _, f := range judge(t, opt, files...).Findings {
			if f.Rule == "lock.create-index" {
				n++
			}
		}
		return n
	}
	if n := count(review.Options{}); n != 1 {
		t.Errorf("as a history: %d", n)
	}
	if n := count(review.Options{From: "001"}); n != 0 {
		t.Errorf("as one change: %d", n)
	}
	if n := count(review.Options{From: "m/002.sql"}); n != 1 {
		t.Errorf("from the second: %d", n)
	}
	if n := count(review.Options{Only: func(p string) bool { return p == "m/003.sql" }}); n != 0 {
		t.Errorf("only the third: %d", n)
	}
}

// TestBadInput: each kind of foreign text has its sentence, and nothing else is lost for it.
func TestBadInput(t *testing.T) {
	big := "insert into orders (id) values " + strings.Repeat("(1),\n", 2<<20) + "(2);\nalter table orders alter column code set not null;\n"
	for _, tt := range []struct {
		name, sql, want, rule string
		tool                  layout.Tool
	}{
		{"empty", "", "The file is empty", "", ""},
		{"byte order mark", "\uFEFFselect 1;", "byte order mark", "engine.byte-order-mark", layout.Sqlx},
		{"carriage returns", "set lock_timeout = '1s';\r\ncreate index i\r\non orders (code);\r\n", "", "lock.create-index", ""},
		{"open dollar quote", "create index i on orders (code);\ndo $x$ begin", "this dollar quote has no end", "lock.create-index", ""},
		{"psql", "\\i more.sql\ncreate index i on orders (code);", "review that file too", "lock.create-index", ""},
		{"psql under a tool", "\\i more.sql\nselect 1;", "review that file too", "engine.client-command", layout.Goose},
		{"copy", "copy orders from stdin;\n1\\t2\n\\.\ncreate index i on orders (code);", "1 line of data", "lock.create-index", ""},
		{"10 MB statement", big, "", "lock.set-not-null", ""},
		{"unrecognised", "frobnicate orders;", "It was not recognised", "", ""},
		{"opaque", "do $$ begin alter table orders drop column code; end $$;", "a DO block", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := judge(t, review.Options{Tool: tt.tool}, "a.sql", tt.sql)
			var all []string
			ids := []string{}
			for _, f := range r.Findings {
				all = append(all, f.Claim)
				ids = append(ids, f.Rule)
			}
			all = append(all, r.Coverage.Notes...)
			if !strings.Contains(strings.Join(all, "\n"), tt.want) {
				t.Errorf("nothing says %q: %q", tt.want, all)
			}
			if tt.rule != "" && !has(ids, tt.rule) {
				t.Errorf("%v, not %s", ids, tt.rule)
			}
			var out bytes.Buffer
			if err := report.JSON(&out, r); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := review.Lint(ctx, review.Options{FS: fstest.MapFS{"a.sql": {Data: []byte("select 1;")}}, Paths: []string{"a.sql"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestSameBytes: the report is the same for the same input.
func TestSameBytes(t *testing.T) {
	var runs [2]bytes.Buffer
	for i := range runs {
		r := judge(t, review.Options{}, "a.sql", "create index a on orders (code);\nalter table customers rename to clients;\ndrop table orders;\n", "b.sql", "create table x (id int);\ncreate table y (id int);\n")
		if err := report.JSON(&runs[i], r); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(runs[0].Bytes(), runs[1].Bytes()) {
		t.Error("two runs differ")
	}
}
