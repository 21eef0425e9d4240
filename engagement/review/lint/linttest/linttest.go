// Package linttest runs a hazard over its annotated migrations.
//
// Each file of testdata is a schema, a line "-- migration:", and a migration. A line whose statement the
// hazard must report ends in "-- want"; every other line must stay silent. Lines before the schema may say
// "-- server: 15", "-- dialect: mysql", "-- tool: goose" and "-- size: orders=1000".
package linttest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/layout"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Run checks a hazard against the files in testdata.
func Run(t *testing.T, h *lint.Hazard) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("there is no testdata/*.sql")
	}
	wanted, silent := 0, 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".sql"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w, s := run(t, h, string(text))
			wanted += w
			silent += s
		})
	}
	if wanted == 0 {
		t.Error("no line wants a finding")
	}
	if silent == 0 {
		t.Error("no statement of a migration must stay silent")
	}
}

// run judges one file and returns how many lines want a finding, and how many statements want none.
func run(t *testing.T, h *lint.Hazard, text string) (wanted, silent int) {
	before, migration, ok := strings.Cut(text, "-- migration:\n")
	if !ok {
		t.Fatal("there is no line -- migration:")
	}
	set := settings(t, before)
	w := lint.NewWalker(lint.NewWorld(set.server, ""), []*lint.Hazard{h})
	if err := w.Walk(context.Background(), layout.Parse("schema.sql", []byte(before), layout.Plain, set.dialect, ""), false); err != nil {
		t.Fatal(err)
	}
	w.World.Learn(set.sizes, set.invalid)
	w.World.Whole = strings.Contains(before, "-- whole\n")
	m := layout.Parse("migration.sql", []byte(migration), set.tool, set.dialect, "")
	if m.Err != nil {
		t.Fatal(m.Err)
	}
	if err := w.Walk(context.Background(), m, true); err != nil {
		t.Fatal(err)
	}
	w.Finish()
	got := map[int]bool{}
	for _, f := range w.Findings(func(*statement.Action, *predict.Impact) (lint.Evidence, string) { return lint.Documented, "" }) {
		got[f.Primary.StartLine] = true
		for _, p := range f.Secondary {
			if p.Fingerprint != "" {
				got[p.StartLine] = true
			}
		}
		check(t, f.Title, f.Claim, f.Fix.Summary)
	}
	for i, line := range strings.Split(migration, "\n") {
		want := strings.HasSuffix(line, "-- want")
		if want {
			wanted++
		}
		if got[i+1] != want {
			t.Errorf("line %d, %q: reported %v, want %v", i+1, line, got[i+1], want)
		}
	}
	return wanted, max(0, len(m.Script.Statements)-wanted)
}

func check(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s == "" || strings.Contains(s, "%!") {
			t.Errorf("a finding says %q", s)
		}
	}
}

type given struct {
	server  predict.Server
	dialect schema.Dialect
	tool    layout.Tool
	sizes   map[string]lint.Size
	invalid []string
}

func settings(t *testing.T, text string) given {
	set := given{dialect: schema.Postgres, tool: layout.Plain, sizes: map[string]lint.Size{}}
	server := ""
	for _, line := range strings.Split(text, "\n") {
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "-- "), ": ")
		if !ok || !strings.HasPrefix(line, "-- ") {
			continue
		}
		switch name {
		case "server":
			server = value
		case "dialect":
			set.dialect = schema.Dialect(value)
		case "tool":
			set.tool = layout.Tool(value)
		case "invalid":
			set.invalid = append(set.invalid, value)
		case "size":
			table, rows, _ := strings.Cut(value, "=")
			n, err := strconv.ParseInt(rows, 10, 64)
			if err != nil {
				t.Fatal(fmt.Errorf("size %q: %w", value, err))
			}
			set.sizes[table] = lint.Size{Rows: n, Bytes: unit.Bytes(n * 100)}
		}
	}
	if server == "" {
		server = "15"
		if set.dialect == schema.MySQL {
			server = "mysql-8.0.36"
		}
	}
	s, err := predict.ParseServer(server, set.dialect)
	if err != nil {
		t.Fatal(err)
	}
	set.server = s
	return set
}
