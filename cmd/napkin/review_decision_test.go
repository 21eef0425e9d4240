package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// record is a decision record with a model.
func record(model string) string {
	return "---\nstatus: proposed\nchosen: a\n---\n# A or B\n\n```napkin\n" + model + "\n```\n"
}

func TestReviewDecisionExitCodes(t *testing.T) {
	migrations(t, map[string]string{
		"good.md":        record("option a { cost = 10 to 20 $/month }\noption b { cost = 30 $/month }\nconstraint cost <= 40 $/month"),
		"risky.md":       record("option a { cost = 10 to 40 $/month }\noption b { cost = 30 $/month }\nconstraint cost <= 25 $/month"),
		"false.md":       record("option a { cost = 10 $/month }\nclaim: 1 / postgres.commit.durable > 1M/s"),
		"ill.md":         record("option a { cost = 10 $ + 3 s }"),
		"none.md":        "# T\n\nNo model.\n",
		"empty.md":       "",
		"open.md":        "# T\n\n```napkin\noption a = 1\n",
		"x.sql":          "SELECT 1;\n",
		"dir.md/a.md":    "",
		"records/1.md":   record("option a { cost = 10 $/month }"),
		"records/2.md":   record("option a { cost = 10 $/month }"),
		"records/README": "",
		"texts/a.md":     "# T\n",
	})
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string // in standard output or error
	}{
		{"nothing is contradicted", []string{"good.md"}, 0, "The model contradicts nothing in the record."},
		{"the chosen option fails", []string{"risky.md"}, 1, "the chosen option a fails `cost <= 25 $/month` with probability 30 %"},
		{"within the risk", []string{"--risk", "0.4", "risky.md"}, 0, "one constraint of a is open"},
		{"a false claim", []string{"false.md"}, 1, "the claim `1 / postgres.commit.durable > 1M/s` is contradicted"},
		{"a false claim, whatever the risk", []string{"--risk", "1", "false.md"}, 1, "is contradicted"},
		{"ill typed", []string{"ill.md"}, 2, "ill.md:8:"},
		{"no model", []string{"none.md"}, 2, "there is no fenced block"},
		{"empty", []string{"empty.md"}, 2, "the file is empty"},
		{"open fence", []string{"open.md"}, 2, "open.md:3: the fence that opens here is never closed"},
		{"no file", []string{"nowhere.md"}, 2, "there is no such file"},
		{"a folder", []string{"dir.md"}, 2, "this is a folder"},
		{"two records", []string{"good.md", "risky.md"}, 2, "one decision record at a time"},
		{"a record and a migration", []string{"good.md", "x.sql"}, 2, "one decision record at a time"},
		{"no probability", []string{"--risk", "20", "good.md"}, 2, "a probability is from 0 to 1"},
		{"too few draws", []string{"--samples", "10", "good.md"}, 2, "give a number from 1000"},
		{"SARIF", []string{"--format", "sarif", "good.md"}, 2, "there is no SARIF"},
		{"a flag of migrations", []string{"--rehearse", "good.md"}, 2, "--rehearse is for migrations, and good.md is a decision record; leave it out"},
		{"another one", []string{"--fail-on", "high", "good.md"}, 2, "--fail-on is for migrations"},
		{"a URL", []string{"--db", "postgres://nowhere", "good.md"}, 2, "--db is for migrations"},
		{"a flag of records", []string{"--experiment", "x.sql"}, 2, "--experiment is for decision records (Markdown), and x.sql is none"},
		{"another one of records", []string{"--risk", "0.3", "x.sql"}, 2, "--risk is for decision records"},
		{"a folder of records", []string{"records"}, 2, "this is a folder of 2 decision records; review takes one at a time, such as `napkin review records"},
		{"a folder of records with a flag", []string{"--experiment", "records"}, 2, "this is a folder of 2 decision records"},
		{"a folder of other texts", []string{"texts"}, 2, "texts"},
		{"a folder for nothing", []string{"--dir", "/tmp", "good.md"}, 2, "--dir says where experiments measure"},
		{"a negative seed", []string{"--seed", "-1", "good.md"}, 2, "give a whole number that is not negative"},
		{"nothing to measure", []string{"--experiment", "good.md"}, 0, "no experiment: none of the rates"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			code, stdout, stderr := s.run(t, append([]string{"review"}, tt.args...)...)
			flat := strings.ToLower(strings.Join(strings.Fields(stdout+" "+stderr), " "))
			if code != tt.code || !strings.Contains(flat, strings.ToLower(tt.want)) {
				t.Errorf("exit %d, want %d with %q:\n%s\n%s", code, tt.code, tt.want, stdout, stderr)
			}
		})
	}
}

// TestReviewUsage: the first line of the help says what the verb itself takes.
func TestReviewUsage(t *testing.T) {
	s := newSession(t)
	_, stdout, _ := s.run(t, "review", "--help")
	for _, want := range []string{"napkin review MIGRATION... | DECISION.md [flags]", "napkin review VERB [flags]"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in the help", want)
		}
	}
}

// decisionReport is what a program reads of a review.
type decisionReport struct {
	SchemaVersion int    `json:"schema_version"`
	Kind          string `json:"kind"`
	Sections      []struct {
		Title string
		Rows  [][]string
	}
}

func (r *decisionReport) rows(title string) [][]string {
	for _, s := range r.Sections {
		if s.Title == title {
			return s.Rows
		}
	}
	return nil
}

func TestReviewDecisionFormats(t *testing.T) {
	migrations(t, map[string]string{"d.md": record("option a { cost = 10 to 20 $/month }\noption b { cost = 30 $/month }\nconstraint cost <= 40 $/month")})
	s := newSession(t)
	_, first, _ := s.run(t, "review", "--json", "d.md")
	_, second, _ := s.run(t, "review", "--json", "d.md")
	var r decisionReport
	if err := json.Unmarshal([]byte(first), &r); err != nil || first != second {
		t.Fatalf("%v; the same twice: %v", err, first == second)
	}
	if r.SchemaVersion == 0 || r.Kind != "review" || len(r.rows("Constraints")) != 2 || len(r.rows("Open questions")) == 0 {
		t.Errorf("%+v", r)
	}
	for name, want := range map[string]string{"r.html": "<svg", "r.md": "## Constraints", "r.json": `"schema_version"`, "r.txt": "●"} {
		path := filepath.Join(t.TempDir(), name)
		code, stdout, stderr := s.run(t, "review", "-o", path, "d.md")
		data, err := os.ReadFile(path)
		if code != 0 || stdout != "" || err != nil || !strings.Contains(string(data), want) {
			t.Errorf("-o %s: exit %d, %v, %q printed, %s; the file has %d bytes", name, code, err, stdout, stderr, len(data))
		}
	}
	code, stdout, stderr := s.run(t, "review", "--quiet", "d.md")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "Open questions") {
		t.Errorf("--quiet: exit %d, standard error %q", code, stderr)
	}
}

// TestReviewDecisionExperiment measures SQLite for the worked example. That one commit, with its fsync, takes
// more than a nanosecond and less than ten seconds holds on every disk; the records say no more.
func TestReviewDecisionExperiment(t *testing.T) {
	migrations(t, map[string]string{
		"true.md":  record("option a { write = sqlite.commit.durable }\nclaim: sqlite.commit.durable < 10 s at synchronous=FULL"),
		"false.md": record("option a { write = sqlite.commit.durable }\nclaim: 1 / sqlite.commit.durable > 1G/s at synchronous=FULL"),
	})
	for _, tt := range []struct {
		file, want string
		code       int
	}{{"true.md", "supported, by experiment", 0}, {"false.md", "contradicted, by experiment", 1}} {
		t.Run(tt.file, func(t *testing.T) {
			s := newSession(t)
			dir := t.TempDir()
			code, stdout, stderr := s.run(t, "review", "--experiment", "--dir", dir, "--json", tt.file)
			if strings.Contains(stderr, "disturbed too much") {
				t.Skip("other work disturbed the measurement too much to be used, and the review says so")
			}
			var r decisionReport
			if err := json.Unmarshal([]byte(stdout), &r); err != nil {
				t.Fatalf("%v: %s", err, stderr)
			}
			claims, rates := r.rows("Claims"), r.rows("Rates and prices used")
			if code != tt.code || len(claims) != 1 || claims[0][1] != tt.want {
				t.Errorf("exit %d, claims %v\n%s", code, claims, stderr)
			}
			if len(rates) != 1 || !strings.Contains(rates[0][3], "measured by this review") {
				t.Errorf("rates %v", rates)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("%v stays below --dir, %v", left, err)
			}
		})
	}
}
