package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCalcExport(t *testing.T) {
	s := newSession(t)
	code, stdout, stderr := s.run(t, "calc", "export", exampleModel("inventory.nap"), "--to", "duckdb")
	if code != exitOK || !strings.HasPrefix(stdout, "SET ieee_floating_point_ops = true;\n") || !strings.Contains(stdout, `CREATE VIEW "show_3" AS`) {
		t.Errorf("exit %d\n%.300s%s", code, stdout, stderr)
	}
	path := filepath.Join(t.TempDir(), "m.sql")
	code, stdout, stderr = s.run(t, "calc", "export", exampleModel("saas-revenue.nap"), "--to", "clickhouse", "--set", "churn_factor = 1", "-o", path, "--json")
	var d exportJSON
	if err := json.Unmarshal([]byte(stdout), &d); err != nil || code != exitOK || d.Written != path || len(d.Views) != 5 || d.Model != "SaaS revenue" {
		t.Errorf("exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "ENGINE = MergeTree") {
		t.Errorf("the file: %v", err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a workbook":        {[]string{"book.xlsx", "--to", "duckdb"}, "book.xlsx is no model"},
		"no database":       {[]string{exampleModel("inventory.nap")}, "say for which database: --to duckdb or --to clickhouse"},
		"another database":  {[]string{exampleModel("inventory.nap"), "--to", "oracle"}, "say one of duckdb, clickhouse"},
		"a distribution":    {[]string{exampleModel("saas-revenue.nap"), "--to", "duckdb"}, "churn_factor is drawn from a distribution, and SQL draws no samples"},
		"no ClickHouse":     {[]string{exampleModel("inventory.nap"), "--to", "clickhouse", "--prove"}, "--prove: there is no ClickHouse: name in NAPKIN_CLICKHOUSE_PYTHON"},
		"JSON of nothing":   {[]string{exampleModel("inventory.nap"), "--to", "duckdb", "--json"}, "give -o or --prove"},
		"a wrong dimension": {[]string{exampleModel("inventory.nap"), "--to", "duckdb", "--dim", "Store=2"}, "the model has no dimension Store"},
	} {
		code, stdout, stderr := s.run(t, append([]string{"calc", "export"}, c.args...)...)
		if code != exitError || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, %.200s%s", name, code, stdout, stderr)
		}
	}
}

// TestCalcExportProof proves a part of a model in the databases that are installed.
func TestCalcExportProof(t *testing.T) {
	for _, c := range []struct{ database, product, variable, folder, holds string }{
		{"duckdb", "DuckDB", "NAPKIN_DUCKDB_NODE", filepath.Join("..", "..", "internal", "duckdb"), "node_modules"},
		{"clickhouse", "ClickHouse", "NAPKIN_CLICKHOUSE_PYTHON", filepath.Join("..", "..", "bin", "clickhouse"), "bin"},
	} {
		t.Run(c.database, func(t *testing.T) {
			if _, err := os.Stat(filepath.Join(c.folder, c.holds)); err != nil {
				t.Skip("there is no " + c.product + "; scripts/setup-test " + c.database + " installs it")
			}
			s := newSession(t)
			s.env[c.variable] = c.folder
			code, stdout, stderr := s.run(t, "calc", "export", exampleModel("saas-revenue.nap"), "--to", c.database, "--prove", "--dim", "Plan=2", "--set", "churn_factor = 1")
			if code != exitOK || stdout != "proved: all 62 figures of a part of the model (Plan to its first 2 items) are the same in "+c.product+"\n" {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}
