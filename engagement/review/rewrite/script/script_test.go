package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
)

var update = flag.Bool("update", false, "write the golden files anew")

func facts() rewrite.Facts {
	return rewrite.Facts{Server: rewrite.Server{Product: rewrite.PostgreSQL, Version: [3]int{15}}, Tables: []rewrite.Table{{
		Name:    rewrite.Name{Schema: "public", Name: "orders"},
		Columns: []rewrite.Column{{Name: "id", Type: "bigint", NotNull: true, StatisticsTarget: -1}, {Name: "amount", Type: "integer", StatisticsTarget: -1, Default: "0"}},
		Indexes: []rewrite.Index{{Name: "orders_pkey", Unique: true, Primary: true, Constraint: "orders_pkey", Method: "btree", Parts: []rewrite.Part{{Column: "id"}}, Valid: true}},
	}}}
}

func TestGolden(t *testing.T) {
	o := rewrite.Name{Schema: "public", Name: "orders"}
	for name, c := range map[string]rewrite.Change{
		"not-null":    rewrite.SetNotNull{Table: o, Column: "amount"},
		"type":        rewrite.ChangeType{Table: o, Column: "amount", To: "bigint"},
		"drop-column": rewrite.DropColumn{Table: o, Column: "amount"},
		"unique":      rewrite.AddUnique{Table: o, Name: "orders_amount_key", Columns: []string{"amount"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := rewrite.Build(c, facts(), rewrite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text, err := Psql(r, "In place of migrations/0002.sql:3.")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".sql", text)
			for _, tool := range Tools() {
				files, err := Files(r, tool, Numbered(20), "")
				if err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				for _, f := range files {
					fmt.Fprintf(&all, "==> %s\n%s", f.Name, f.Content)
				}
				golden(t, name+"."+string(tool), all.String())
			}
		})
	}
	if _, err := Files(rewrite.Recipe{}, "other", Numbered(1), ""); err == nil {
		t.Error("an unknown tool was written for")
	}
}

// TestPath: a file whose names have no schema says which one is meant.
func TestPath(t *testing.T) {
	f := facts()
	f.Tables[0].Name.Schema = ""
	r, err := rewrite.Build(rewrite.SetNotNull{Table: rewrite.Name{Name: "orders"}, Column: "amount"}, f, rewrite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := Psql(r, "")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Files(r, Goose, Numbered(1), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, File{"psql", text}) {
		if !strings.Contains(f.Content, "search_path") {
			t.Errorf("%s names no schema and does not say which is meant", f.Name)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is written now (renew with -update):\n%s", path, got)
	}
}
