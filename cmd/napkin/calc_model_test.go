package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var updateModel = os.Getenv("UPDATE_GOLDEN") != ""

func exampleModel(name string) string { return filepath.Join("..", "..", "examples", "models", name) }

// hold holds a text against a golden file; UPDATE_GOLDEN=1 writes it.
func hold(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "calc", name)
	if updateModel {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is other than it was:\n%s", name, got)
	}
}

// TestCalcModelGolden prints and writes one of the worked models in every form.
func TestCalcModelGolden(t *testing.T) {
	s := newSession(t)
	for _, columns := range []string{"80", "200"} {
		s.env["COLUMNS"] = columns
		code, stdout, stderr := s.run(t, "calc", "run", exampleModel("inventory.nap"))
		if code != exitOK || !strings.Contains(stderr, "this takes at least") || !strings.Contains(stderr, "\nlimit   ") {
			t.Fatalf("exit %d\n%s", code, stderr)
		}
		for _, line := range strings.Split(stdout, "\n") {
			if len([]rune(line)) > 80 && columns == "80" || len([]rune(line)) > 200 {
				t.Errorf("a line is wider than %s columns: %q", columns, line)
			}
		}
		hold(t, "inventory-"+columns+".txt", stdout)
	}
	dir := t.TempDir()
	for _, c := range []struct{ ending, written string }{{"csv", "out-3-stock-orders-by-product-month.csv"}, {"json", "out.json"}, {"md", "out.md"}} {
		code, stdout, stderr := s.run(t, "calc", "run", exampleModel("inventory.nap"), "--scenario", "Safety stock", "-o", filepath.Join(dir, "out."+c.ending))
		if code != exitOK || stdout != "" || !strings.Contains(stderr, "wrote "+filepath.Join(dir, c.written)) {
			t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
		}
		got, err := os.ReadFile(filepath.Join(dir, c.written))
		if err != nil {
			t.Fatal(err)
		}
		hold(t, c.written, strings.ReplaceAll(string(got), programVersion(), "VERSION"))
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 5 {
		t.Errorf("%d files are written", len(entries))
	}
}

// TestCalcModelAgrees holds that JSON says what the tables say, and that flags change what they should.
func TestCalcModelAgrees(t *testing.T) {
	s := newSession(t)
	revenue := func(args ...string) (float64, map[string]any) {
		t.Helper()
		code, stdout, stderr := s.run(t, append([]string{"calc", "run", exampleModel("saas-revenue.nap"), "--json", "--show", "revenue by Plan, month"}, args...)...)
		if code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		var d struct {
			Tables []struct {
				Rows    [][]string
				Columns []struct{ Values []float64 }
			}
		}
		all := map[string]any{}
		if err := json.Unmarshal([]byte(stdout), &d); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(stdout), &all); err != nil {
			t.Fatal(err)
		}
		if row := d.Tables[0].Rows[0]; row[0] != "Basic" || row[1] != "2025-01" {
			t.Fatalf("the first row is %v", row)
		}
		return d.Tables[0].Columns[0].Values[0], all
	}
	for _, c := range []struct {
		args []string
		want float64
	}{
		{[]string{"--samples", "0"}, 1050 * 20},
		{[]string{"--samples", "0", "--scenario", "Price rise"}, 1050 * 24},
		{[]string{"--samples", "0", "--set", "churn = 0%"}, 1100 * 20},
		{[]string{"--samples", "0", "--scenario", "Price rise", "--set", "churn = 0%"}, 1100 * 24},
		{[]string{"--samples", "0", "--dim", "Plan=1", "--plain", "--memory", "1MiB", "--threads", "1"}, 1050 * 20},
	} {
		if got, _ := revenue(c.args...); got != c.want {
			t.Errorf("%v: %v, want %v", c.args, got, c.want)
		}
	}
	first, all := revenue("--samples", "20")
	again, _ := revenue("--samples", "20", "--threads", "1")
	other, _ := revenue("--samples", "20", "--seed", "other")
	if first != again || first == other || first == 1050*20 || all["samples"] != 20.0 || all["seed"] != 7.0 {
		t.Errorf("samples: %v, %v, %v; %v of seed %v", first, again, other, all["samples"], all["seed"])
	}
}

// TestCalcModelJSONInput computes a model that a program wrote.
func TestCalcModelJSONInput(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(s.project, "m.json")
	s.write(t, path, `{"model": "M", "dimensions": [{"name": "A", "items": ["x", "y"]}], "variables": [{"name": "v", "input": true, "over": ["A"], "values": [{"key": "x", "value": 2}, {"key": "y", "value": 0.5}]}, {"name": "w", "formula": "sum(v over A) * 1000"}], "show": [{"variables": ["w"]}]}`)
	code, stdout, stderr := s.run(t, "calc", "run", path)
	if code != exitOK || stdout != "w\n    w\n2,500\n" {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// TestCalcModelData reads inputs from a file beside the model and tells what was left out.
func TestCalcModelData(t *testing.T) {
	s := newSession(t)
	path := filepath.Join(s.project, "m.nap")
	s.write(t, path, "time month 2025-01 to 2025-02\ndimension A from csv \"d.csv\"\ninput v[A, month] from csv \"d.csv\" columns value = n\nshow v by A, month\n")
	s.write(t, filepath.Join(s.project, "d.csv"), "A,date,n\nx,2025-01,5\ny,2025-02,0.25\nx,2024-01,1\n")
	code, stdout, stderr := s.run(t, "calc", "run", path)
	if want := "v by A, month\nA  2025-01  2025-02\nx     5.00     0.00\ny     0.00     0.25\n"; code != exitOK || stdout != want {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if !strings.Contains(stderr, "v: of 3 rows, 1 lies outside of the time axis; it is left out") {
		t.Errorf("notes: %s", stderr)
	}
}

// TestCalcModelRefused holds what is said of wrong command lines and models.
func TestCalcModelRefused(t *testing.T) {
	s := newSession(t)
	broken := filepath.Join(s.project, "broken.nap")
	s.write(t, broken, "input a = 1\nb = a +\nshow b\n")
	silent := filepath.Join(s.project, "silent.nap")
	s.write(t, silent, "input a = 1\nb = a + 1\n")
	saas := exampleModel("saas-revenue.nap")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a flag of workbooks":   {[]string{saas, "--trust"}, "--trust is a flag of workbooks (.xlsx), and"},
		"a flag of models":      {[]string{"book.xlsx", "--dim", "A=1"}, "--dim is a flag of models (.nap, .json), and book.xlsx is a workbook"},
		"no such file":          {[]string{"nothing.nap"}, "no such file"},
		"an error in the text":  {[]string{broken}, "broken.nap:2:8: a number, a variable or a function is expected here\n   2 | b = a +\n     |        ^"},
		"nothing to show":       {[]string{silent}, "shows nothing; add a statement such as `show b`, or give --show"},
		"a scenario":            {[]string{saas, "--scenario", "Boom"}, `the model has no scenario "Boom"; it has High churn, Price rise`},
		"a definition":          {[]string{saas, "--set", "chern = 3%"}, "there is no variable chern to replace\n   1 | chern = 3%"},
		"a dimension":           {[]string{saas, "--dim", "Store=3"}, "the model has no dimension Store; it has Segment, Plan"},
		"a cut":                 {[]string{saas, "--dim", "Plan"}, "--dim Plan: write a dimension and how many of its items stay, as in Store=100"},
		"two cuts":              {[]string{saas, "--dim", "Plan=1", "--dim", "Plan=2"}, "Plan is cut already"},
		"a statement":           {[]string{saas, "--show", "revenuee by year"}, "there is no variable revenuee"},
		"rows":                  {[]string{saas, "--by", "Plann"}, "there is no dimension Plann"},
		"memory":                {[]string{saas, "--memory", "much"}, "--memory much: give a size"},
		"samples":               {[]string{saas, "--samples", "-1"}, "--samples -1: give a number from 0"},
		"digits":                {[]string{saas, "--digits", "0"}, "--digits 0: give a number from 1 to 17"},
		"an ending":             {[]string{saas, "-o", "out.xlsx"}, "the result of a model is not written as .xlsx; end it in .csv"},
		"no ending":             {[]string{saas, "-o", "out"}, "-o out has no ending"},
		"no folder":             {[]string{saas, "-o", "/nonexistent/out.csv"}, "there is no folder /nonexistent"},
		"a workbook's own verb": {nil, ""},
	} {
		args := append([]string{"calc", "run"}, c.args...)
		if c.args == nil {
			args, c.want = []string{"calc", "check", saas}, "is a model; `napkin calc run` computes it"
		}
		code, stdout, stderr := s.run(t, args...)
		if code != exitError || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, %s%s", name, code, stdout, stderr)
		}
	}
}

// TestCalcModelInterrupted ends a run by Ctrl-C: without tables and files, by its own exit code.
func TestCalcModelInterrupted(t *testing.T) {
	s := newSession(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := filepath.Join(t.TempDir(), "out.csv")
	time.AfterFunc(50*time.Millisecond, cancel)
	code, stdout, stderr := s.runContext(ctx, "calc", "run", exampleModel("infrastructure-cost.nap"), "--samples", "1000000", "--show", "cost by year", "-o", out)
	if code != exitInterrupted || stdout != "" || !strings.Contains(stderr, "interrupted") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written")
	}
}

// TestCalcModelCompletion completes names that stand in the model.
func TestCalcModelCompletion(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"calc", "run", exampleModel("saas-revenue.nap"), "--scenario", ""}, []string{"High churn", "Price rise"}},
		{[]string{"calc", "run", exampleModel("saas-revenue.nap"), "--dim", ""}, []string{"Segment=", "Plan="}},
		{[]string{"calc", "run", ""}, []string{"nap", "xlsx"}},
	} {
		_, stdout, _ := s.run(t, append([]string{"__complete"}, c.args...)...)
		for _, want := range c.want {
			if !slices.Contains(strings.Split(stdout, "\n"), want) {
				t.Errorf("%v: %q is not completed:\n%s", c.args, want, stdout)
			}
		}
	}
}
