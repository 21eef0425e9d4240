package audit

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/napkin-infra/napkin/foundation/report"
)

func TestParseInline(t *testing.T) {
	const source = `class Post
  has_many :comments # napkin:ignore db.missing-index-fk small table until=2027-01-31
  # napkin:ignore db.n1-* shown to three editors
  # and nobody else

  posts.each { |p| p.author.name }
  /* napkin:ignore db.unbounded-load ten rows by constraint */ load()
  <!-- napkin:ignore web.no-cache internal page -->
  <div>
  x = 1 // napkin:ignore net.no-timeout
  y = 2 # napkin:ignore
  z = 3 # napkin:ignore db.int-pk later until=soon
`
	found, problems := ParseInline("app/post.rb", []byte(source))
	type short struct {
		rule, reason string
		line         int
		until        string
	}
	want := []short{
		{"db.missing-index-fk", "small table", 2, "2027-01-31"},
		{"db.n1-*", "shown to three editors", 6, ""},
		{"db.unbounded-load", "ten rows by constraint", 7, ""},
		{"web.no-cache", "internal page", 9, ""},
	}
	if len(found) != len(want) {
		t.Fatalf("found %d suppressions, want %d: %+v", len(found), len(want), found)
	}
	for i, s := range found {
		until := ""
		if !s.Until.IsZero() {
			until = s.Until.Format(time.DateOnly)
		}
		if got := (short{s.Rule, s.Reason, s.Line, until}); got != want[i] {
			t.Errorf("suppression %d is %+v, want %+v", i, got, want[i])
		}
	}
	if found, problems := ParseInline("x.rb", []byte("a # napkin:ignore db.int-pk,db.n1-nested two of one line expires=2027-01-31\n")); len(problems) > 0 || len(found) != 2 || found[1].Rule != "db.n1-nested" || found[1].Until.IsZero() {
		t.Errorf("two rules in one comment: %+v, %+v", found, problems)
	}
	for i, say := range []string{"net.no-timeout gives no reason", "names no rule", `"soon" is not`} {
		if i >= len(problems) || !strings.Contains(problems[i].Text, say) || problems[i].Place.StartLine != 10+i {
			t.Errorf("problem %d of %+v should say %q at line %d", i, problems, say, 10+i)
		}
	}
}

func TestSuppressTables(t *testing.T) {
	const source = `
[audit]
rtt = "1 ms"

[[suppress]]
rule = "db.n1-relation"
path = "app/admin/**"
reason = "ten users"
expires = 2026-12-31

[[suppress]]
rule = "ops"
reason = "the platform team owns it"
expires = "2026-10-01"

[[suppress]]
rule = "db.int-pk"

[[suppress]]
rule = "db.int-pk"
reason = "x"
path = "app/["
[[suppress]]
reason = "no rule"
[[suppress]]
rule = "db.int-pk"
reason = "x"
expires = 5
`
	found, problems := LoadSuppressions(fstest.MapFS{"napkin.toml": {Data: []byte(source)}})
	if len(found) != 2 || found[0].Until.Format(time.DateOnly) != "2026-12-31" || found[1].Place.StartLine != 11 {
		t.Fatalf("found %+v", found)
	}
	wants := []string{"gives no reason", "not a pattern", "names no rule", "not of the form"}
	if len(problems) != len(wants) {
		t.Fatalf("problems %+v", problems)
	}
	for i, say := range wants {
		if !strings.Contains(problems[i].Text, say) {
			t.Errorf("problem %q should say %q", problems[i].Text, say)
		}
	}
	typos := "[[supress]]\nrule = 'db'\n[[suppress]]\nrule = 'db'\nreason = 'x'\nuntil = 2026-12-31\nwhy = 'y'\n[audit]\nrtt = '1ms'\n"
	if found, problems := LoadSuppressions(fstest.MapFS{"napkin.toml": {Data: []byte(typos)}}); len(found) != 1 || found[0].Until.IsZero() || len(problems) != 2 ||
		!strings.Contains(problems[0].Text, `"supress"`) || !strings.Contains(problems[1].Text, `"why"`) {
		t.Errorf("typos: %+v, %+v", found, problems)
	}
	if found, problems := LoadSuppressions(fstest.MapFS{"napkin.toml": {Data: []byte("[[")}}); len(found) != 0 || len(problems) != 1 {
		t.Errorf("a broken file gives %v, %v", found, problems)
	}
	if found, problems := LoadSuppressions(fstest.MapFS{}); found != nil || problems != nil {
		t.Errorf("no file gives %v, %v", found, problems)
	}
}

func TestSuppress(t *testing.T) {
	at := func(rule, path string, line int) report.Finding {
		return report.Finding{Rule: rule, Primary: report.Place{Path: path, StartLine: line, EndLine: line + 2}}
	}
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	today := day("2026-11-23")
	for name, c := range map[string]struct {
		s       Suppression
		f       report.Finding
		visible bool
		expired bool
	}{
		"file and rule":         {Suppression{Rule: "db.n1-relation", Path: "a/b.rb"}, at("db.n1-relation", "a/b.rb", 1), false, false},
		"other rule":            {Suppression{Rule: "db.n1-relation", Path: "a/b.rb"}, at("db.n1-nested", "a/b.rb", 1), true, false},
		"a rule is no prefix":   {Suppression{Rule: "db.n1", Path: ""}, at("db.n1-nested", "a/b.rb", 1), true, false},
		"family":                {Suppression{Rule: "db"}, at("db.n1-nested", "a/b.rb", 1), false, false},
		"stars":                 {Suppression{Rule: "db.n1-*"}, at("db.n1-nested", "a/b.rb", 1), false, false},
		"folder":                {Suppression{Rule: "db", Path: "a"}, at("db.int-pk", "a/x/b.rb", 1), false, false},
		"double star":           {Suppression{Rule: "db", Path: "**/x/*.rb"}, at("db.int-pk", "a/x/b.rb", 1), false, false},
		"double star backtrack": {Suppression{Rule: "db", Path: "**/x/*.rb"}, at("db.int-pk", "x/y/x/b.rb", 1), false, false},
		"single star":           {Suppression{Rule: "db", Path: "a/*.rb"}, at("db.int-pk", "a/x/b.rb", 1), true, false},
		"line inside":           {Suppression{Rule: "db", Path: "b.rb", Line: 6}, at("db.int-pk", "b.rb", 4), false, false},
		"line outside":          {Suppression{Rule: "db", Path: "b.rb", Line: 7}, at("db.int-pk", "b.rb", 4), true, false},
		"last day":              {Suppression{Rule: "db", Until: day("2026-11-23")}, at("db.int-pk", "b.rb", 4), false, false},
		"day after":             {Suppression{Rule: "db", Until: day("2026-11-22"), Reason: "soon gone"}, at("db.int-pk", "b.rb", 4), true, true},
	} {
		holds, expired := decide([]Suppression{c.s}, c.f.Rule, c.f.Primary, today)
		if (holds == nil) != c.visible || (expired != nil) != c.expired {
			t.Errorf("%s: holds %v, expired %v", name, holds, expired)
		}
	}
	// One that holds outweighs one that has expired.
	if holds, _ := decide([]Suppression{{Rule: "db", Until: day("2026-01-01")}, {Rule: "db"}}, "db.int-pk", report.Place{Path: "b.rb", StartLine: 1}, today); holds == nil {
		t.Error("an expired suppression took away one that holds")
	}
}

func TestCompare(t *testing.T) {
	finding := func(print, rule string, members ...string) report.Finding {
		f := report.Finding{Fingerprint: print, Rule: rule, Claim: "Claim.", Members: members, Primary: report.Place{Path: print + ".rb", StartLine: 1}}
		for i, m := range members {
			p := report.Place{Path: m + ".rb", StartLine: 1, Fingerprint: m}
			if i == 0 {
				f.Primary = p
			} else {
				f.Secondary = append(f.Secondary, p)
			}
		}
		return f
	}
	earlier := func() *report.Report {
		return &report.Report{
			Findings: []report.Finding{
				finding("a", "db.n1-nested"), finding("gone", "db.int-pk"), finding("fold", "db.n1-relation", "m1", "m2"),
				finding("single", "db.n1-query-in-loop"), finding("o", "ops.nginx-gzip"), finding("moved", "db.int-pk"),
			},
			Claims: []string{"a", "appendix", "fold", "gone", "m1", "m2", "moved", "o", "single"},
		}
	}
	current := func() *report.Report {
		return &report.Report{
			Findings: []report.Finding{
				finding("a", "db.n1-nested"), finding("new", "db.int-pk"), finding("appendix", "db.int-pk"),
				finding("m2", "db.n1-relation"),                               // one of two was fixed: what is left has its own name
				finding("fold2", "db.n1-query-in-loop", "single", "x1", "x2"), // one became three
			},
			Claims: []string{"a", "appendix", "m2", "moved", "new", "single", "x1", "x2"},
		}
	}
	r := current()
	Compare(r, earlier(), "the run of 22 Nov", nil)
	status := map[string]report.Status{}
	for _, f := range r.Findings {
		status[f.Fingerprint] = f.Status
	}
	for print, want := range map[string]report.Status{"a": report.StatusStill, "new": report.StatusNew, "appendix": report.StatusStill, "m2": report.StatusStill, "fold2": report.StatusNew} {
		if status[print] != want {
			t.Errorf("%s is %q, want %q", print, status[print], want)
		}
	}
	if c := r.Findings[4].Claim; !strings.Contains(c, "x1.rb:1, x2.rb:1") {
		t.Errorf("the grown finding says %q", c)
	}
	fixed := func(r *report.Report) string {
		var out []string
		for _, f := range r.Baseline.Fixed {
			out = append(out, f.Fingerprint)
		}
		return strings.Join(out, " ")
	}
	if got := fixed(r); got != "gone o" || r.Baseline.New != 2 || r.Baseline.Still != 3 {
		t.Errorf("fixed %q, baseline %+v", got, r.Baseline)
	}
	r = current()
	Compare(r, earlier(), "", []string{"db"})
	if got := fixed(r); got != "gone" {
		t.Errorf("narrowed to db, %q are fixed", got)
	}
	r = current()
	r.Unread = []string{"gone.rb"}
	Compare(r, earlier(), "", nil)
	if got := fixed(r); got != "o" {
		t.Errorf("with a file that was not read, %q are fixed", got)
	}
	r = current()
	r.Verdict.Partial = "interrupted"
	Compare(r, earlier(), "", nil)
	if got := fixed(r); got != "" {
		t.Errorf("a partial run claims that %q are fixed", got)
	}
}

func TestCheckOnly(t *testing.T) {
	rules := []report.RuleInfo{{ID: "db.n1-nested"}, {ID: "ops.nginx-gzip"}}
	for _, good := range []string{"db", "db.n1-nested", "ops.*", "*"} {
		if err := CheckOnly([]string{good}, rules); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	if err := CheckOnly([]string{"db", "nginx"}, rules); err == nil || !strings.Contains(err.Error(), "ops.nginx-gzip") {
		t.Errorf("nginx: %v", err)
	}
}

func FuzzParseInline(f *testing.F) {
	f.Add([]byte("# napkin:ignore db.n1-* reason until=2026-01-01\nx"), []byte("[[suppress]]\nrule='a'\npath='**/*'"))
	f.Fuzz(func(t *testing.T, inline, table []byte) {
		found, _ := ParseInline("f", inline)
		more, _, _ := ParseSuppressTables("napkin.toml", table)
		lines := strings.Count(string(inline), "\n") + 1
		for _, s := range found {
			if s.Rule == "" || s.Reason == "" || s.Line < 1 || s.Line > lines {
				t.Fatalf("%+v in %d lines", s, lines)
			}
		}
		decide(append(found, more...), "db.x", report.Place{Path: "a/b/c"}, time.Unix(0, 0))
	})
}
