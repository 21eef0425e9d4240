package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/napkin-infra/napkin/engagement/audit"
	"github.com/napkin-infra/napkin/foundation/report"
)

// session is a user with a home of their own, a project and a chosen result of the audit.
type session struct {
	env     map[string]string
	project string
	result  func(ctx context.Context, opt audit.Options) (*audit.Result, error)
	options audit.Options // of the last audit
	columns int           // of the terminal; 0 for a pipe
	clock   time.Time
}

func newSession(t *testing.T) *session {
	t.Helper()
	s := &session{env: map[string]string{"HOME": t.TempDir()}, project: t.TempDir(), clock: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
	s.result = func(context.Context, audit.Options) (*audit.Result, error) { return found("a", "b"), nil }
	return s
}

// found is a result with one finding per fingerprint: the first high, the others low.
func found(prints ...string) *audit.Result {
	r := &report.Report{SchemaVersion: report.SchemaVersion, Kind: "audit", Title: "Audit", Subject: "shop",
		Tool: report.Tool{Name: "napkin", Version: "test"}, Verdict: report.Verdict{Headline: "One thing breaks first."},
		Limit: &report.Limit{Seconds: 2, Bound: "parsing: 12 MB at 6 MB/s", Took: 3}}
	for i, print := range prints {
		severity := report.Low
		if i == 0 {
			severity = report.High
		}
		r.Findings = append(r.Findings, report.Finding{Fingerprint: print, Rule: "db.int-pk", Title: "Finding " + print, Severity: severity,
			Evidence: 1, Confidence: 0.9, Effort: report.OneFile, Claim: "A claim.", Primary: report.Place{Path: "a.rb", StartLine: 1, EndLine: 1}})
	}
	return &audit.Result{Report: r, Patches: []audit.Patch{{Name: "01-db.int-pk.patch", Rule: "db.int-pk", Diff: "--- a/x\n"}}}
}

func (s *session) run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return s.runContext(t.Context(), args...)
}

func (s *session) runContext(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, notes bytes.Buffer
	w := s.world(&out, &notes)
	code = run(ctx, w, args)
	return code, out.String(), notes.String()
}

// world is what a run of the session sees.
func (s *session) world(out, notes io.Writer) world {
	return world{
		stdout: out, stderr: notes, getenv: func(name string) string { return s.env[name] },
		now:      func() time.Time { s.clock = s.clock.Add(time.Second); return s.clock },
		terminal: func(w io.Writer) (int, bool) { return s.columns, s.columns > 0 && w == out },
		audit: func(ctx context.Context, opt audit.Options) (*audit.Result, error) {
			s.options = opt
			return s.result(ctx, opt)
		},
	}
}

func (s *session) write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAuditKeepsAndPrints(t *testing.T) {
	s := newSession(t)
	code, stdout, stderr := s.run(t, "audit", s.project)
	if code != exitOK || !strings.Contains(stdout, "One thing breaks first.") || !strings.Contains(stdout, "Finding a") {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if want := "limit   2.01 s    parsing: 12 MB at 6 MB/s\ntook    3 s       1.49 x the limit\n"; !strings.HasSuffix(stderr, want) {
		t.Errorf("standard error %q does not end with the napkin line", stderr)
	}
	for _, name := range []string{"audit.html", "audit.md", "audit.json", "audit.sarif", "patches/01-db.int-pk.patch", ".gitignore"} {
		if info, err := os.Stat(filepath.Join(s.project, ".napkin", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(stdout, "\x1b[") {
		t.Error("colour in a pipe")
	}
	code, _, stderr = s.run(t, "audit", "--quiet", s.project)
	if code != exitOK || stderr != "" {
		t.Errorf("--quiet: exit %d, standard error %q", code, stderr)
	}
}

func TestAuditFormats(t *testing.T) {
	s := newSession(t)
	_, first, _ := s.run(t, "audit", "--json", s.project)
	_, second, _ := s.run(t, "audit", "--format=json", s.project)
	if first != second {
		t.Error("two runs over one tree give different JSON")
	}
	var object struct {
		SchemaVersion int `json:"schema_version"`
	}
	if err := json.Unmarshal([]byte(first), &object); err != nil || object.SchemaVersion != report.SchemaVersion {
		t.Errorf("--json: %v, version %d", err, object.SchemaVersion)
	}
	for name, begin := range map[string]string{"r.html": "<!doctype html>", "r.md": "#", "r.sarif": "{", "r.json": "{", "r.txt": ""} {
		path := filepath.Join(t.TempDir(), name)
		code, stdout, _ := s.run(t, "audit", "-o", path, s.project)
		data, _ := os.ReadFile(path)
		if code != exitOK || stdout != "" || len(data) == 0 || !strings.HasPrefix(strings.ToLower(string(data)), begin) {
			t.Errorf("-o %s: exit %d, %d bytes printed, file begins %.20q", name, code, len(stdout), data)
		}
	}
	if code, _, stderr := s.run(t, "audit", "--json", "--format", "html", s.project); code != exitError || !strings.Contains(stderr, "exclude each other") {
		t.Errorf("--json --format html: exit %d, %s", code, stderr)
	}
	if code, _, stderr := s.run(t, "audit", "-o", "/nonexistent/x.html", s.project); code != exitError || !strings.Contains(stderr, "write the report") {
		t.Errorf("-o to nowhere: exit %d, %s", code, stderr)
	}
}

func TestAuditBaseline(t *testing.T) {
	s := newSession(t)
	s.run(t, "audit", s.project)
	kept := filepath.Join(t.TempDir(), "main.json")
	data, err := os.ReadFile(filepath.Join(s.project, ".napkin/audit.json"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, kept, string(data))
	s.result = func(context.Context, audit.Options) (*audit.Result, error) { return found("new", "b"), nil }
	_, _, _ = s.run(t, "audit", s.project)
	page, _ := os.ReadFile(filepath.Join(s.project, ".napkin/audit.md"))
	for _, say := range []string{"new", "still there", "fixed"} {
		if !strings.Contains(string(page), say) {
			t.Errorf("the page after a second run does not say %q", say)
		}
	}
	count := func(args ...string) *report.Baseline {
		t.Helper()
		_, stdout, stderr := s.run(t, append([]string{"audit", "--json", s.project}, args...)...)
		r, err := report.ReadJSON(strings.NewReader(stdout))
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		return r.Baseline
	}
	if b := count(); b != nil {
		t.Errorf("JSON compares although nobody asked: %+v", b)
	}
	if b := count("--baseline", kept); b == nil || b.New != 1 || b.Still != 1 || len(b.Fixed) != 1 {
		t.Errorf("against the first run: %+v", b)
	}
	other := newSession(t)
	other.run(t, "audit", other.project)
	if b := count("--baseline", other.project); b == nil || b.New != 1 {
		t.Errorf("against another folder: %+v", b)
	}
	if b := count("--baseline", "none"); b != nil {
		t.Errorf("--baseline none: %+v", b)
	}
	if code, _, stderr := s.run(t, "audit", "--baseline", "/nope.json", s.project); code != exitError || !strings.Contains(stderr, "/nope.json") {
		t.Errorf("a baseline that is not there: exit %d, %s", code, stderr)
	}
	// With a baseline only what is new fails the build.
	for args, want := range map[string]int{"--fail-on=high": exitFindings, "--fail-on=critical": exitOK, "--fail-on=low --baseline=" + kept: exitFindings, "--fail-on=none": exitOK} {
		if code, _, _ := s.run(t, append([]string{"audit", s.project}, strings.Fields(args)...)...); code != want {
			t.Errorf("%s: exit %d, want %d", args, code, want)
		}
	}
	s.result = func(context.Context, audit.Options) (*audit.Result, error) { return found("a"), nil }
	if code, _, _ := s.run(t, "audit", s.project, "--fail-on=low", "--baseline="+kept); code != exitOK {
		t.Errorf("an old finding fails the build: exit %d", code)
	}
}

func TestAuditInterrupted(t *testing.T) {
	s := newSession(t)
	s.result = func(context.Context, audit.Options) (*audit.Result, error) {
		r := found("a")
		r.Partial, r.Report.Verdict.Partial = true, "interrupted after 10 of 20 files"
		return r, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	code, stdout, stderr := s.runContext(ctx, "audit", "--fail-on", "low", s.project)
	if code != exitInterrupted || !strings.Contains(stdout, "interrupted after 10 of 20 files") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	s.result = func(ctx context.Context, _ audit.Options) (*audit.Result, error) { return nil, ctx.Err() }
	if code, _, stderr := s.runContext(ctx, "audit", s.project); code != exitInterrupted || !strings.Contains(stderr, "interrupted") {
		t.Errorf("without a result: exit %d, %s", code, stderr)
	}
}

// TestInterruptedRunKeepsTheLastWhole holds that an interrupted run leaves files of its own, and that
// the next whole run removes them.
func TestInterruptedRunKeepsTheLastWhole(t *testing.T) {
	s := newSession(t)
	whole := s.result
	interrupted := func(context.Context, audit.Options) (*audit.Result, error) {
		r := found()
		r.Partial, r.Report.Verdict.Partial = true, "interrupted"
		return r, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	in := func(name string) string { return filepath.Join(s.project, ".napkin", name) }
	there := func(name string) bool { _, err := os.Stat(in(name)); return err == nil }
	for _, c := range []struct{ only, name, patches string }{
		{"*", "audit", "patches"}, {"db.int-pk", "selection", "selection-patches"},
	} {
		args := []string{"audit", s.project}
		if c.only != "*" {
			args = append(args, "--only", c.only)
		}
		s.result = whole
		s.run(t, args...)
		before, err := os.ReadFile(in(c.name + ".json"))
		if err != nil {
			t.Fatal(err)
		}
		s.result = interrupted
		code, stdout, stderr := s.runContext(ctx, args...)
		if code != exitInterrupted || !strings.Contains(stderr, c.name+"-partial.*") || !strings.Contains(stdout, c.name+"-partial.html") {
			t.Errorf("%s: exit %d\n%s\n%s", c.name, code, stdout, stderr)
		}
		after, err := os.ReadFile(in(c.name + ".json"))
		if err != nil || !bytes.Equal(before, after) || !there(c.patches+"/01-db.int-pk.patch") {
			t.Errorf("%s: the whole report did not survive: %v", c.name, err)
		}
		if !there(c.name+"-partial.json") || !there(c.patches+"-partial/01-db.int-pk.patch") {
			t.Errorf("%s: the partial report was not kept", c.name)
		}
		s.result = whole
		s.run(t, args...)
		for _, stale := range []string{c.name + "-partial.html", c.name + "-partial.md", c.name + "-partial.json", c.name + "-partial.sarif", c.patches + "-partial"} {
			if there(stale) {
				t.Errorf("%s is left after a whole run", stale)
			}
		}
	}
	// A report that is partial for another reason is as whole as this code base's will ever be.
	s.result = interrupted
	if code, _, _ := s.run(t, "audit", s.project); code != exitOK || there("audit-partial.json") {
		t.Errorf("partial without an interrupt: exit %d, kept apart %v", code, there("audit-partial.json"))
	}
}

func TestOutputNames(t *testing.T) {
	s := newSession(t)
	t.Chdir(s.project)
	_, want, _ := s.run(t, "audit", "--json", ".")
	for _, args := range []string{"--format JSON", "--format Json -o -", "--json -o -"} {
		if code, stdout, stderr := s.run(t, append([]string{"audit", "."}, strings.Fields(args)...)...); code != exitOK || stdout != want {
			t.Errorf("%s: exit %d, %d bytes of %d, %s", args, code, len(stdout), len(want), stderr)
		}
	}
	if _, err := os.Stat("-"); err == nil {
		t.Error("-o - wrote a file of that name")
	}
	if code, _, stderr := s.run(t, "audit", "--format", "json", "-o", "report.xyz", "."); code != exitOK {
		t.Errorf("an ending of one's own with --format: exit %d, %s", code, stderr)
	}
	if code, _, stderr := s.run(t, "audit", "-o", os.DevNull, "."); code != exitOK {
		t.Errorf("-o to a device: exit %d, %s", code, stderr)
	}
}

func TestPDF(t *testing.T) {
	s := newSession(t)
	t.Chdir(s.project)
	fake := filepath.Join(t.TempDir(), "browser")
	s.env["NAPKIN_CHROMIUM"] = fake
	code, _, stderr := s.run(t, "audit", "-o", "r.pdf", ".")
	if code != exitError || !strings.Contains(stderr, "NAPKIN_CHROMIUM") {
		t.Errorf("a browser that is not there: exit %d, %s", code, stderr)
	}
	// A browser that prints what it was given.
	s.write(t, fake, "#!/bin/sh\nfor a in \"$@\"; do case $a in --print-to-pdf=*) to=${a#*=};; file://*) from=${a#file://};; esac; done\ncp \"$from\" \"$to\"\n")
	if err := os.Chmod(fake, 0o755); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := s.run(t, "audit", "-o", "r.pdf", ".")
	printed, _ := os.ReadFile("r.pdf")
	if code != exitOK || stdout != "" || !bytes.HasPrefix(printed, []byte("<!DOCTYPE html>")) {
		t.Errorf("exit %d, %q, %s, printed %.40q", code, stdout, stderr, printed)
	}
	s.write(t, fake, "#!/bin/sh\necho no display >&2\nexit 3\n")
	if code, _, stderr := s.run(t, "audit", "-o", "s.pdf", "."); code != exitError || !strings.Contains(stderr, "no display") {
		t.Errorf("a browser that fails: exit %d, %s", code, stderr)
	}
	s.env["NAPKIN_CHROMIUM"] = ""
	t.Setenv("PATH", t.TempDir())
	if code, _, stderr := s.run(t, "audit", "-o", "t.pdf", "."); code != exitError || !strings.Contains(stderr, "none is installed") || !strings.Contains(stderr, "t.html") {
		t.Errorf("no browser: exit %d, %s", code, stderr)
	}
}

// TestPDFByChromium prints with the browser that is installed: a flag that it does not know, or that
// keeps it from printing, fails here.
func TestPDFByChromium(t *testing.T) {
	s := newSession(t)
	if path, err := exec.LookPath("chromium"); err != nil {
		t.Skip("skipped: Chromium is not installed; it prints the PDF")
	} else {
		s.env["NAPKIN_CHROMIUM"] = path
	}
	output := filepath.Join(t.TempDir(), "r.pdf")
	code, _, stderr := s.run(t, "audit", "-o", output, s.project)
	if printed, _ := os.ReadFile(output); code != exitOK || !bytes.HasPrefix(printed, []byte("%PDF-")) {
		t.Errorf("exit %d, %s, %d bytes", code, stderr, len(printed))
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestUnwrittenAnswerIsAnError(t *testing.T) {
	s := newSession(t)
	for _, args := range []string{"--help", "help audit", "version", "--version", "explain", "explain db", "explain db.n1-relation", "explain --json", "rates show", "rates show -v fsync", "completion bash", "audit", "audit --json"} {
		var notes bytes.Buffer
		w := world{stdout: full{}, stderr: &notes, getenv: func(name string) string { return s.env[name] }, now: time.Now,
			terminal: func(io.Writer) (int, bool) { return 0, false },
			audit:    func(context.Context, audit.Options) (*audit.Result, error) { return found("a"), nil }}
		words := strings.Fields(args)
		if words[0] == "audit" {
			words = append(words, s.project)
		}
		if code := run(t.Context(), w, words); code != exitError || !strings.Contains(notes.String(), "no space left") {
			t.Errorf("napkin %s to a full disk: exit %d, %s", args, code, notes.String())
		}
	}
}

func TestBaselineFolderWithoutAudit(t *testing.T) {
	s := newSession(t)
	empty := t.TempDir()
	code, _, stderr := s.run(t, "audit", "--baseline", empty, s.project)
	if code != exitError || !strings.Contains(stderr, "holds no earlier audit") || !strings.Contains(stderr, "audit.json is missing") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// TestHelpTellsSettings holds the page to what the environment does: a flag that it names as a flag
// only has no setting, every other has one.
func TestHelpTellsSettings(t *testing.T) {
	s := newSession(t)
	_, page, _ := s.run(t, "audit", "--help")
	page = strings.Join(strings.Fields(page), " ")
	if !strings.Contains(page, "Every flag but --json, --output, --help, --no-input is also read") {
		t.Errorf("the flags without a setting are not told:\n%s", page)
	}
	s.env["NAPKIN_FORMAT"], s.env["NAPKIN_QUIET"] = "json", "true"
	if _, stdout, stderr := s.run(t, "audit", s.project); !strings.HasPrefix(stdout, "{") || stderr != "" {
		t.Errorf("NAPKIN_FORMAT and NAPKIN_QUIET are not followed: %.40q, %q", stdout, stderr)
	}
	s.env["NAPKIN_COLOR"] = "loud"
	for _, args := range []string{"rates show", "explain"} {
		if code, _, stderr := s.run(t, strings.Fields(args)...); code != exitError || !strings.Contains(stderr, "NAPKIN_COLOR") {
			t.Errorf("%s does not read NAPKIN_COLOR: exit %d, %s", args, code, stderr)
		}
	}
}

func TestExplainJSON(t *testing.T) {
	s := newSession(t)
	_, stdout, _ := s.run(t, "explain", "--json")
	var page struct {
		SchemaVersion int              `json:"schema_version"`
		Rules         []map[string]any `json:"rules"`
	}
	if err := json.Unmarshal([]byte(stdout), &page); err != nil || page.SchemaVersion != report.SchemaVersion {
		t.Fatalf("%v, version %d", err, page.SchemaVersion)
	}
	planned := 0
	for _, rule := range page.Rules {
		for _, field := range []string{"id", "title", "severity", "effort", "cost", "langs", "category", "implemented", "help"} {
			if _, ok := rule[field]; !ok {
				t.Fatalf("%v has no %s", rule["id"], field)
			}
		}
		if rule["implemented"] == false {
			planned++
			if rule["reason"] == nil {
				t.Errorf("%v: no reason why it is not implemented", rule["id"])
			}
			continue
		}
		if rule["severity"] == "" || rule["effort"] == "" || rule["category"] == "" || len(rule["langs"].([]any)) == 0 {
			t.Errorf("%v: severity %v, effort %v, category %v, langs %v", rule["id"], rule["severity"], rule["effort"], rule["category"], rule["langs"])
		}
	}
	if planned == 0 || planned == len(page.Rules) {
		t.Errorf("%d of %d rules are planned", planned, len(page.Rules))
	}
	if _, stdout, _ := s.run(t, "explain"); strings.Count(strings.Join(strings.Fields(stdout), " "), "(not implemented yet)") != planned {
		t.Errorf("the list does not mark the %d planned rules", planned)
	}
}

func TestAuditReadOnlyProject(t *testing.T) {
	s := newSession(t)
	// A file where the folder would be stands for every tree that cannot be written, also for root.
	s.write(t, filepath.Join(s.project, ".napkin"), "in the way")
	code, stdout, stderr := s.run(t, "audit", s.project)
	if code != exitOK || !strings.Contains(stdout, "Finding a") || !strings.Contains(stderr, "not kept") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
}

func TestConfigurationOrder(t *testing.T) {
	s := newSession(t)
	user := filepath.Join(s.env["HOME"], ".config/napkin/config.toml")
	project := filepath.Join(s.project, "napkin.toml")
	rtt := func(args ...string) time.Duration {
		t.Helper()
		if code, _, stderr := s.run(t, append([]string{"audit", s.project}, args...)...); code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		return s.options.RTT
	}
	if got := rtt(); got != 0 {
		t.Errorf("nothing set: %v", got)
	}
	s.write(t, user, "[audit]\nrtt = '1 ms'\nrps = 50\nrows = {users = 10, orders = '5k'}\n")
	if got := rtt(); got != time.Millisecond || s.options.RPS != 50 {
		t.Errorf("user's file: %v, %v", got, s.options.RPS)
	}
	s.write(t, project, "[audit]\nrtt = '2ms'\nonly = []\ninclude-tests = true\n[audit.rows]\norders = 1e6\n[[suppress]]\nrule='db'\nreason='x'\n")
	if got := rtt(); got != 2*time.Millisecond || !s.options.IncludeTests {
		t.Errorf("project's file: %v, include tests %v", got, s.options.IncludeTests)
	}
	s.env["NAPKIN_RTT"] = "3ms"
	s.env["NAPKIN_ROWS"] = "items=7,users=20"
	if got := rtt(); got != 3*time.Millisecond {
		t.Errorf("environment: %v", got)
	}
	if got := rtt("--rtt", "4ms", "--rows", "users=30"); got != 4*time.Millisecond {
		t.Errorf("flag: %v", got)
	}
	want := map[string]float64{"users": 30, "items": 7, "orders": 1e6}
	for table, n := range want {
		if s.options.Rows[table] != n {
			t.Errorf("rows of %s: %v, want %v", table, s.options.Rows[table], n)
		}
	}
}

func TestConfigurationRefused(t *testing.T) {
	for content, say := range map[string]string{
		"[audit]\nrttt = '1ms'":        `no setting "rttt"`,
		"[audit]\nrtt = 'fast'":        "[audit] rtt",
		"[audit]\noutput = '/etc/x'":   `no setting "output"`,
		"[audit]\nbaseline = '/etc/x'": "the user's choice",
		"audit = 3":                    "not a table",
		"[audit":                       "napkin.toml",
		"[audit]\nrows = {a = {b=1}}":  "not a single value",
	} {
		s := newSession(t)
		s.write(t, filepath.Join(s.project, "napkin.toml"), content)
		if code, _, stderr := s.run(t, "audit", s.project); code != exitError || !strings.Contains(stderr, say) {
			t.Errorf("%q: exit %d, %q; want %q", content, code, stderr, say)
		}
	}
	s := newSession(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(s.project, "napkin.toml")); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := s.run(t, "audit", s.project); code != exitError || strings.Contains(stderr, "root:") {
		t.Errorf("a linked napkin.toml: exit %d, %s", code, stderr)
	}
}

func TestUsageErrors(t *testing.T) {
	s := newSession(t)
	t.Chdir(s.project) // none of them writes; should one, then not here
	for args, say := range map[string]string{
		"audti":                           "did you mean audit?",
		"bogus":                           "`napkin --help` lists them",
		"audit --rttt 1ms":                "did you mean --rtt?",
		"audit --wobble":                  "`napkin audit --help` lists the flags",
		"audit --rtt 5":                   "write a unit",
		"audit --rows orders":             "orders=1e7",
		"audit --rps 0":                   "above zero",
		"audit --format pdf":              "text, json, markdown, html, sarif",
		"audit --format":                  "needs a value",
		"audit a b":                       "one code base",
		"audit /nonexistent":              "no such file",
		"audit /dev/null":                 "it is a file",
		"audit --color maybe":             "auto, always, never",
		"rates show warp":                 "no rate has",
		"help warp":                       `no verb "warp"`,
		"audit --only no.such .":          "no.such",
		"explain no.such":                 "no.such",
		"explain a b":                     "one rule is explained at a time, and 2 were given",
		"version now":                     "takes no argument",
		"rates measure warp":              "no rate that can be measured has",
		"rates measure --url x://a":       "are not known",
		"rates measure fsync --dir /proc": "nothing could be measured",
		"rates bogus":                     `no verb "bogus"`,
		"completion":                      "name one shell: bash, zsh, fish, powershell",
		"completion tcsh":                 `no completion for "tcsh"`,
		"audit --rps 1e308":               "up to 1e15",
		"audit --rows a=1e300":            "up to 1e15",
		"audit --rows a=1e999":            "--rows a=1e999",
		"audit -o a.xyz":                  ".xyz, which is no format",
		"audit -o report":                 "has no ending",
		"audit --only db.missing-txn":     "not implemented yet",
	} {
		code, stdout, stderr := s.run(t, strings.Fields(args)...)
		if code != exitError || stdout != "" || !strings.Contains(stderr, say) || !strings.HasPrefix(stderr, "napkin: ") {
			t.Errorf("napkin %s: exit %d, stdout %q, stderr %q; want %q", args, code, stdout, stderr, say)
		}
	}
}

func TestHelpFits(t *testing.T) {
	s := newSession(t)
	for _, s.columns = range []int{80, 200} {
		for _, args := range []string{"", "--help", "audit --help", "help rates", "rates show -h", "rates measure -h", "explain -h", "completion -h", "review matrix -h", "review matrix show -h", "review matrix run -h"} {
			code, stdout, stderr := s.run(t, append(strings.Fields(args), "--color=never")...)
			if code != exitOK || stderr != "" || !strings.Contains(stdout, "Usage") {
				t.Errorf("%q: exit %d, stderr %q", args, code, stderr)
			}
			for _, line := range strings.Split(stdout, "\n") {
				if len([]rune(line)) > s.columns {
					t.Errorf("%q at %d columns: a line of %d: %s", args, s.columns, len([]rune(line)), line)
				}
			}
		}
	}
}

func TestColour(t *testing.T) {
	s := newSession(t)
	for _, c := range []struct {
		columns int
		env     string
		flag    string
		want    bool
	}{{0, "", "auto", false}, {80, "", "auto", true}, {80, "NO_COLOR", "auto", false}, {0, "", "always", true}, {80, "", "never", false}} {
		s.columns = c.columns
		s.env["NO_COLOR"] = c.env
		_, stdout, _ := s.run(t, "--color", c.flag, "--help")
		if got := strings.Contains(stdout, "\x1b["); got != c.want {
			t.Errorf("%+v: colour %v", c, got)
		}
	}
}

func TestRates(t *testing.T) {
	s := newSession(t)
	for _, s.columns = range []int{80, 200} {
		code, stdout, _ := s.run(t, "rates", "show", "-v")
		if code != exitOK || !strings.Contains(stdout, "tcp.roundtrip.datacenter") || !strings.Contains(stdout, "published") {
			t.Errorf("exit %d\n%s", code, stdout)
		}
		for _, line := range strings.Split(stdout, "\n") {
			if len([]rune(line)) > s.columns {
				t.Errorf("a line of %d at %d columns: %s", len([]rune(line)), s.columns, line)
			}
		}
	}
	code, stdout, stderr := s.run(t, "rates", "measure", "fsync", "syscall", "--quick")
	if code != exitOK || !strings.Contains(stdout, "fsync") || !strings.Contains(stderr, "took") || !strings.Contains(stderr, "2 rates kept in "+s.env["HOME"]) {
		t.Fatalf("measure: exit %d\n%s\n%s", code, stdout, stderr)
	}
	if _, stdout, _ := s.run(t, "rates", "show", "--json", "fsync"); !strings.Contains(stdout, `"origin": "measured"`) {
		t.Errorf("after measuring: %s", stdout)
	}
	// Words leave the other rates as they were, and a profile is shown beside the published table.
	if code, _, stderr := s.run(t, "rates", "measure", "atomic", "--quick", "--json"); code != exitOK {
		t.Fatalf("measure: exit %d, %s", code, stderr)
	}
	for _, s.columns = range []int{80, 200} {
		_, stdout, _ := s.run(t, "rates", "show", "-v")
		rows := map[string][]string{}
		for _, line := range strings.Split(stdout, "\n") {
			if len([]rune(line)) > s.columns {
				t.Errorf("a line of %d at %d columns: %s", len([]rune(line)), s.columns, line)
			}
			if fields := strings.Fields(line); len(fields) > 3 {
				rows[fields[0]] = fields
			}
		}
		if rows["fsync"][1] == "-" || rows["atomic.add"][1] == "-" || rows["syscall"][1] == "-" || rows["hash.sha1"][1] != "-" {
			t.Errorf("measured and published rates at %d columns:\n%s", s.columns, stdout)
		}
		if !strings.Contains(stdout, "AWS m7i.large on demand") || !strings.Contains(stdout, "others kept") {
			t.Errorf("prices or conditions are missing:\n%s", stdout)
		}
	}
	s.run(t, "audit", s.project)
	if r, ok := s.options.Profile.Get("syscall"); !ok || r.Origin != "measured" { // a disk that others use may leave fsync unusable
		t.Errorf("the audit is given %+v", r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code, _, stderr := s.runContext(ctx, "rates", "measure"); code != exitInterrupted || !strings.Contains(stderr, "nothing was kept") {
		t.Errorf("interrupted: exit %d, %s", code, stderr)
	}
}

// TestConfigurableFlagsExist holds the literals given to configurable against the flags.
func TestConfigurableFlagsExist(t *testing.T) {
	f := &face{color: choice{value: "auto"}}
	root := f.root()
	verb, _, err := root.Find([]string{"audit"})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, set := range []*pflag.FlagSet{root.PersistentFlags(), verb.Flags()} {
		set.VisitAll(func(flag *pflag.Flag) {
			if a := flag.Annotations[configAnnotation]; len(a) > 0 {
				files[flag.Name] = a[0]
			}
		})
	}
	for _, name := range []string{"quiet", "verbose", "color", "format", "baseline"} {
		if files[name] != userFile {
			t.Errorf("%s may be set by %q", name, files[name])
		}
	}
	for _, name := range []string{"only", "fail-on", "rtt", "rows", "rps", "include-tests"} {
		if files[name] != projectFile {
			t.Errorf("%s may be set by %q", name, files[name])
		}
	}
}

// build compiles the command once for the tests that need a process.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "napkin")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// startUp is the processor time that --version may take, 25ms by the design; 0 measures and holds nothing, since a
// busy machine makes every run slower.
var startUp = flag.Duration("startup", 0, "fail when --version takes more CPU than this")

// TestStartUp measures the processor time of --version, the least of ten runs.
func TestStartUp(t *testing.T) {
	binary := build(t)
	least := time.Hour
	for range 10 {
		cmd := exec.Command(binary, "--version")
		out, err := cmd.Output()
		if err != nil || !strings.HasPrefix(string(out), "napkin ") {
			t.Fatalf("%q, %v", out, err)
		}
		least = min(least, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	t.Logf("%v of CPU", least)
	if *startUp > 0 && least > *startUp {
		t.Errorf("--version takes %v of CPU, more than %v; GODEBUG=inittrace=1 shows which package", least, *startUp)
	}
}

// TestSignals holds that the first interrupt ends the context and the second the process.
func TestSignals(t *testing.T) {
	if os.Getenv("NAPKIN_TEST_SIGNALS") == "1" {
		ctx, _ := interruptible(os.Stderr)
		os.Stdout.WriteString("ready\n")
		<-ctx.Done()
		os.Stdout.WriteString("stopping\n")
		time.Sleep(time.Minute)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSignals$")
	cmd.Env = append(os.Environ(), "NAPKIN_TEST_SIGNALS=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ready\n", "stopping\n"} {
		buf := make([]byte, len(want))
		if _, err := io.ReadFull(out, buf); err != nil || string(buf) != want {
			t.Fatalf("said %q, %v; want %q", buf, err, want)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("after a second interrupt: %v", err)
	}
}
