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
	if found, problems := LoadSuppressions(fstest.MapFS{"napkin.toml": {Data: []byte("[[")}}); len(found) != 0 || len(problems) != 1 {
		t.Errorf("a broken file gives %v, %v", found, problems)
	}
	if found, problems := LoadSuppressions(fstest.MapFS{}); found != nil || problems != nil {
		t.Errorf("no file gives %v, %v", found, problems)
	}
}

func TestSuppress(t *testing.T) {
	at := func(rule, path string, line int) report.Finding {
		return report.Finding{Rule: rule, Claim: "Claim.", Primary: report.Place{Path: path, StartLine: line, EndLine: line + 2}}
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
		in := []report.Finding{c.f}
		visible, suppressed := Suppress(in, []Suppression{c.s}, today)
		if (len(visible) == 1) != c.visible || len(visible)+len(suppressed) != 1 {
			t.Errorf("%s: %d visible, %d suppressed", name, len(visible), len(suppressed))
			continue
		}
		if !c.visible && suppressed[0].Status != report.StatusSuppressed {
			t.Errorf("%s: status %q", name, suppressed[0].Status)
		}
		if c.visible && strings.Contains(visible[0].Claim, "expired") != c.expired {
			t.Errorf("%s: claim %q", name, visible[0].Claim)
		}
		if in[0].Claim != "Claim." {
			t.Errorf("%s: the input was changed", name)
		}
	}
	// One that holds outweighs one that has expired.
	visible, _ := Suppress([]report.Finding{at("db.int-pk", "b.rb", 1)}, []Suppression{{Rule: "db", Until: day("2026-01-01")}, {Rule: "db"}}, today)
	if len(visible) != 0 {
		t.Error("an expired suppression took away one that holds")
	}
}

func TestCompare(t *testing.T) {
	finding := func(print, rule string) report.Finding { return report.Finding{Fingerprint: print, Rule: rule} }
	earlier := &report.Report{Findings: []report.Finding{
		finding("a", "db.n1-nested"), finding("b", "db.int-pk"), finding("twice", "db.int-pk"), finding("twice", "db.int-pk"), finding("o", "ops.nginx-gzip"),
	}}
	current := func() *report.Report {
		return &report.Report{Findings: []report.Finding{finding("a", "db.n1-nested"), finding("new", "db.int-pk"), finding("twice", "db.int-pk")}}
	}
	r := current()
	Compare(r, earlier, "the run of 22 Nov", nil)
	if b := r.Baseline; b.New != 1 || b.Still != 2 || len(b.Fixed) != 3 || b.Fixed[0].Status != report.StatusFixed || b.Against != "the run of 22 Nov" {
		t.Errorf("baseline %+v", b)
	}
	if r.Findings[1].Status != report.StatusNew || r.Findings[0].Status != report.StatusStill {
		t.Errorf("statuses %q, %q", r.Findings[1].Status, r.Findings[0].Status)
	}
	r = current()
	Compare(r, earlier, "", []string{"db"})
	if len(r.Baseline.Fixed) != 2 {
		t.Errorf("narrowed to db, %d are fixed, want 2", len(r.Baseline.Fixed))
	}
	r = current()
	r.Verdict.Partial = "interrupted"
	Compare(r, earlier, "", nil)
	if len(r.Baseline.Fixed) != 0 {
		t.Error("a partial run claims fixes")
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
		Suppress([]report.Finding{{Rule: "db.x", Primary: report.Place{Path: "a/b/c"}}}, append(found, more...), time.Unix(0, 0))
	})
}
