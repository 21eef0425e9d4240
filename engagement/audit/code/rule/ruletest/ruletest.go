// Package ruletest runs a rule over its testdata.
//
// Every folder below testdata beside the rule is a small project of any languages. A line that holds
//
//	want: db.n1-relation
//
// in a comment of whatever syntax expects a finding of that rule whose primary place covers the line.
// Where no comment can stand (JSON, the last line of a here-document), the folder's want.txt lists
// "path:line" instead, one a line. Every finding that no expectation covers fails the test, so a folder
// without expectations is a hard negative. A finding that carries edits is applied in memory: the
// edited files must parse without new errors, and the finding must be gone.
package ruletest

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
)

// reporter is the part of *testing.T that a check of one folder needs; the tests of this package
// record instead of failing.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Run runs the rule over every folder of testdata.
func Run(t *testing.T, r *rule.Rule) {
	t.Helper()
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatalf("%s has no testdata: %v", r.Doc.ID, err)
	}
	expectations := 0
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		files, err := readFolder(filepath.Join("testdata", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(e.Name(), func(t *testing.T) { expectations += check(t, t.Context(), r, files) })
	}
	if expectations == 0 {
		t.Errorf("no folder of testdata expects %s: nothing shows that the rule finds anything", r.Doc.ID)
	}
}

func readFolder(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	return files, err
}

// check runs the rule over one project and returns how many lines expected a finding.
func check(t reporter, ctx context.Context, r *rule.Rule, files map[string]string) int {
	t.Helper()
	wanted, err := expected(r.Doc.ID, files)
	if err != nil {
		t.Fatalf("%v", err)
		return 0
	}
	delete(files, "want.txt")
	p := load.FromFiles(files)
	for _, f := range p.Files {
		if f.Skipped != "" {
			t.Errorf("%s was not read: %s", f.Path, f.Skipped)
		}
		if f.Tree != nil && f.Tree.Errors > 0 && f.Lang != "jinja" {
			t.Errorf("%s has %d syntax errors", f.Path, f.Tree.Errors)
		}
	}
	findings, err := run(ctx, r, p)
	if err != nil {
		t.Fatalf("%v", err)
		return 0
	}
	met := map[string]bool{}
	seen := map[string]bool{}
	for _, f := range findings {
		covers := false
		for line := f.Primary.Line; line <= f.Primary.EndLine; line++ {
			at := place(f.Primary.File.Path, line)
			if wanted[at] {
				met[at], covers = true, true
			}
		}
		at := place(f.Primary.File.Path, f.Primary.Line)
		if !covers {
			t.Errorf("%s: unexpected finding: %s", at, f.Claim)
		}
		if id := at + " " + f.Subject; seen[id] {
			t.Errorf("%s: reported twice: %s", at, f.Claim)
		} else {
			seen[id] = true
		}
		if len(f.Edits) > 0 {
			checkEdits(t, ctx, r, p, findings, f)
		}
	}
	for _, at := range sorted(wanted) {
		if !met[at] {
			t.Errorf("%s: expected a finding of %s", at, r.Doc.ID)
		}
	}
	return len(wanted)
}

// run runs the rule over a project that is prepared first.
func run(ctx context.Context, r *rule.Rule, p *project.Project) ([]*rule.Finding, error) {
	result := prepare.Run(ctx, p)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("prepare the project: %w", err)
	}
	return rule.NewPass(p, result, &cost.Model{}, r).Run(), nil
}

// checkEdits applies the edits of one finding and looks whether it is gone.
func checkEdits(t reporter, ctx context.Context, r *rule.Rule, p *project.Project, before []*rule.Finding, f *rule.Finding) {
	t.Helper()
	at := place(f.Primary.File.Path, f.Primary.Line)
	for _, e := range f.Edits {
		if file := p.File(e.Path); file != nil && file.Role == project.Test {
			t.Errorf("%s: the patch edits the test %s", at, e.Path)
		}
	}
	q, err := load.WithEdits(p, f.Edits)
	if err != nil {
		t.Errorf("%s: the patch does not apply: %v", at, err)
		return
	}
	diff, err := patch.Unified(f.Edits, func(name string) ([]byte, error) {
		if file := p.File(name); file != nil {
			return file.Raw(), nil
		}
		return nil, patch.ErrNoFile
	})
	if err != nil || diff == "" {
		t.Errorf("%s: the patch has no diff (%v)", at, err)
		return
	}
	for _, e := range f.Edits {
		if n := newErrors(p.File(e.Path), q.File(e.Path)); n != "" {
			t.Errorf("%s: %s does not parse after the patch: %s\n%s", at, e.Path, n, diff)
			return
		}
	}
	after, err := run(ctx, r, q)
	if err != nil {
		t.Errorf("%s: after the patch: %v", at, err)
		return
	}
	if count(after, f) >= count(before, f) || len(after) >= len(before) {
		t.Errorf("%s: the patch does not silence the finding:\n%s", at, diff)
	}
}

// newErrors says what an edit broke, "" when nothing.
func newErrors(before, after *project.File) string {
	switch {
	case after == nil:
		return "the file is gone"
	case after.Skipped != "" && (before == nil || before.Skipped == ""):
		return after.Skipped
	case after.Tree == nil:
		return ""
	}
	was := 0
	if before != nil && before.Tree != nil {
		was = before.Tree.Errors
	}
	if after.Tree.Errors > was {
		return fmt.Sprintf("%d new syntax errors", after.Tree.Errors-was)
	}
	return ""
}

// count counts the findings that say the same of the same thing: line numbers move with a patch.
func count(findings []*rule.Finding, like *rule.Finding) int {
	n := 0
	for _, f := range findings {
		if f.Subject == like.Subject && f.Primary.File.Path == like.Primary.File.Path && f.Primary.Symbol == like.Primary.Symbol {
			n++
		}
	}
	return n
}

var wantPattern = regexp.MustCompile(`\bwant: ([a-z0-9]+\.[a-z0-9-]+)`)

// expected returns the places, as "path:line", at which a finding of the rule is expected.
func expected(id string, files map[string]string) (map[string]bool, error) {
	out := map[string]bool{}
	for p, text := range files {
		sc := bufio.NewScanner(strings.NewReader(text))
		sc.Buffer(nil, 1<<20)
		for line := 1; sc.Scan(); line++ {
			if p == "want.txt" {
				if at := strings.TrimSpace(sc.Text()); at != "" {
					name, n, ok := strings.Cut(at, ":")
					if _, err := strconv.Atoi(n); !ok || err != nil || files[name] == "" {
						return nil, fmt.Errorf("want.txt: %q is not path:line of a file of the folder", at)
					}
					out[at] = true
				}
				continue
			}
			for _, m := range wantPattern.FindAllStringSubmatch(sc.Text(), -1) {
				if m[1] == id {
					out[place(p, line)] = true
				}
			}
		}
		if err := sc.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
	}
	return out, nil
}

func place(p string, line int) string { return fmt.Sprintf("%s:%d", p, line) }

func sorted(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
