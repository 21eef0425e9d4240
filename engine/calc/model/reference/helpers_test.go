package reference_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

// check parses and checks a text.
func check(t *testing.T, text string, o model.Options) *model.Model {
	t.Helper()
	f, err := lang.Parse(lang.Source{Name: "test.nap", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Check(context.Background(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run computes the outputs of a text without samples.
func run(t *testing.T, text string, o model.Options) *reference.Result {
	t.Helper()
	r, err := reference.Run(context.Background(), check(t, text, o), reference.Options{Samples: -1, Rows: o.Rows})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// example runs one of the worked models.
func example(t *testing.T, name string, o model.Options) *reference.Result {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "examples", "models", name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	o.Rows = data.Files{Dir: filepath.Dir(path)}
	return run(t, string(text), o)
}

// figure finds a value: "by=row labels/column", as in "North 2024-01/revenue".
func figure(t *testing.T, r *reference.Result, table int, where string) float64 {
	t.Helper()
	labels, column, _ := strings.Cut(where, "/")
	tab := r.Tables[table]
	for _, c := range tab.Columns {
		if c.Title != column {
			continue
		}
		for i, row := range tab.Rows {
			if strings.Join(row, " ") == labels {
				return c.Values[i]
			}
		}
	}
	t.Fatalf("table %q has no %s", tab.Title, where)
	return 0
}

// want holds figures of a table against what they must be, to one part in 1e12.
func want(t *testing.T, r *reference.Result, table int, figures map[string]float64) {
	t.Helper()
	for where, x := range figures {
		got := figure(t, r, table, where)
		if math.IsNaN(x) && math.IsNaN(got) || got == x {
			continue
		}
		if !(math.Abs(got-x) <= 1e-12*math.Max(math.Abs(x), math.Abs(got))) {
			t.Errorf("%s: %s is %v, want %v", r.Tables[table].Title, where, got, x)
		}
	}
}
