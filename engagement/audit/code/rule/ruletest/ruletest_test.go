package ruletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

type recorder struct{ said []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, a ...any) {
	r.said = append(r.said, fmt.Sprintf(format, a...))
}
func (r *recorder) Fatalf(format string, a ...any) { r.Errorf(format, a...) }

// printRule reports calls of println; its fix is to replace the callee.
func printRule(replace string) *rule.Rule {
	return &rule.Rule{Doc: rule.Doc{ID: "x.print"}, File: func(p *rule.Pass, f *project.File) {
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if c.Str() != "println" {
				continue
			}
			finding := rule.Finding{Claim: "prints", Subject: "println", Primary: rule.At(f, c, "")}
			if replace != "" {
				finding.Edits = []patch.Edit{{Path: f.Path, Start: int(c.Start()), End: int(c.Start()) + len("println"), New: replace}}
			}
			p.Report(finding)
		}
	}}
}

func TestCheck(t *testing.T) {
	if !lang.Parsed("go") {
		t.Skip("this build has no parser for Go")
	}
	src := func(body string) map[string]string {
		return map[string]string{"a.go": "package a\n\nfunc f() {\n" + body + "\n}\n"}
	}
	tests := []struct {
		name  string
		rule  *rule.Rule
		files map[string]string
		want  string // what the test must complain of; "" for nothing
	}{
		{"as expected", printRule(""), src("println(1) // want: x.print"), ""},
		{"missed", printRule(""), src("print(1) // want: x.print"), "a.go:4: expected a finding of x.print"},
		{"unexpected", printRule(""), src("println(1)"), "a.go:4: unexpected finding"},
		{"other rule's expectation", printRule(""), src("print(1) // want: y.other"), ""},
		{"twice on one line", printRule(""), src("println(1); println(2) // want: x.print"), "reported twice"},
		{"patch silences", printRule("print"), src("println(1) // want: x.print"), ""},
		{"patch that changes nothing that matters", printRule("println"), src("println(1) // want: x.print"), "has no diff"},
		{"patch that breaks the file", printRule(")("), src("println(1) // want: x.print"), "does not parse after the patch"},
		{"patch that does not silence", printRule("println(0); println"), src("println(1) // want: x.print"), "does not silence"},
		{"source that does not parse", printRule(""), src("println( // want: x.print"), "syntax errors"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{}
			check(r, t.Context(), tt.rule, tt.files)
			got := strings.Join(r.said, "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("the harness said %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWantFile(t *testing.T) {
	files := map[string]string{"a.json": "{\n}\n", "want.txt": "a.json:2\n"}
	got, err := expected("x.y", files)
	if err != nil || len(got) != 1 || !got["a.json:2"] {
		t.Errorf("expected = %v, %v", got, err)
	}
	if _, err := expected("x.y", map[string]string{"want.txt": "nowhere:1\n"}); err == nil {
		t.Error("a place outside the folder is accepted")
	}
}
