package audit

import (
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

// calls is a small service with a call without a timeout in each of the named functions.
func calls(functions ...string) map[string]string {
	src := "import requests\n"
	for _, name := range functions {
		src += "\n\ndef " + strings.TrimSuffix(name, "!") + "(url, event):\n    "
		if strings.HasSuffix(name, "!") {
			src += "# napkin:ignore net.client-no-timeout a person waits and can stop it until=2027-01-31\n    "
		}
		src += "return requests.post(url, json=event)\n"
	}
	return map[string]string{"service/notify.py": src, "requirements.txt": "requests==2.32.0\n"}
}

// TestFoldedFindingsCompareByPlace: a finding that folds several places into one is compared place by
// place, so that a new place is new and a fixed one makes nothing new.
func TestFoldedFindingsCompareByPlace(t *testing.T) {
	only := []string{"net.client-no-timeout"}
	audit := func(functions ...string) *report.Report {
		r := run(t, Options{Root: tree(t, calls(functions...)), Only: only}).Report
		if len(r.Findings) == 0 {
			t.Fatalf("no finding for %v", functions)
		}
		return r
	}
	for _, c := range []struct {
		what          string
		before, after []string
		isNew, fixed  int
		says          string
	}{
		{"the same", []string{"a", "b"}, []string{"a", "b"}, 0, 0, ""},
		{"a third", []string{"a", "b"}, []string{"a", "b", "c"}, 1, 0, "service/notify.py:13"},
		{"a second", []string{"a"}, []string{"a", "b"}, 1, 0, "service/notify.py:9"},
		{"one of two fixed", []string{"a", "b"}, []string{"b"}, 0, 0, ""},
		{"one of three fixed", []string{"a", "b", "c"}, []string{"a", "c"}, 0, 0, ""},
		{"another one instead", []string{"a"}, []string{"b"}, 1, 1, ""},
	} {
		now := audit(c.after...)
		Compare(now, audit(c.before...), "before", only)
		if now.Baseline.New != c.isNew || len(now.Baseline.Fixed) != c.fixed {
			t.Errorf("%s: %d new and %d fixed, want %d and %d", c.what, now.Baseline.New, len(now.Baseline.Fixed), c.isNew, c.fixed)
		}
		if !strings.Contains(now.Findings[0].Claim, c.says) {
			t.Errorf("%s: the claim %q does not name %s", c.what, now.Findings[0].Claim, c.says)
		}
	}
}

// TestOnePlaceOfAFoldCanBeAccepted: a suppression at one place takes that place and no other.
func TestOnePlaceOfAFoldCanBeAccepted(t *testing.T) {
	today := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	for left, functions := range map[string][]string{"a": {"a", "b!"}, "b": {"a!", "b"}} {
		r := run(t, Options{Root: tree(t, calls(functions...)), Today: today}).Report
		var visible, accepted []report.Finding
		for _, f := range r.Findings {
			switch {
			case f.Rule != "net.client-no-timeout":
			case f.Status == report.StatusSuppressed:
				accepted = append(accepted, f)
			default:
				visible = append(visible, f)
			}
		}
		if len(visible) != 1 || len(accepted) != 1 {
			t.Fatalf("%v: %d visible, %d accepted", functions, len(visible), len(accepted))
		}
		if visible[0].Primary.Symbol != left || len(visible[0].Secondary) != 0 {
			t.Errorf("%v: visible at %s and %d other places", functions, visible[0].Primary.Symbol, len(visible[0].Secondary))
		}
		if !strings.Contains(accepted[0].Suppressed, "a person waits") || !strings.Contains(accepted[0].Suppressed, "until 2027-01-31") {
			t.Errorf("%v: accepted because %q", functions, accepted[0].Suppressed)
		}
		for _, n := range r.Coverage.Notes {
			if strings.Contains(n, "can go") {
				t.Errorf("%v: %s", functions, n)
			}
		}
	}
}

// TestFoldSaysWhatThePatchCovers: a patch of some places must not look like one of all.
func TestFoldSaysWhatThePatchCovers(t *testing.T) {
	member := func(edited bool) *claim {
		f := &rule.Finding{Title: "t", Claim: "c", Cause: "x", Fix: report.Fix{Summary: "Do it."}}
		if edited {
			f.Edits = []patch.Edit{{Path: "a", New: "b"}}
		}
		return &claim{Finding: f, doc: &rule.Doc{}}
	}
	for _, c := range []struct {
		name    string
		members []*claim
		want    string
	}{
		{"some", []*claim{member(true), member(false), member(true)}, "Do it. The patch covers 2 of the 3 places."},
		{"all", []*claim{member(true), member(true)}, "Do it."},
		{"none", []*claim{member(false), member(false)}, "Do it."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.TrimSpace(systemic(c.members, "x").Fix.Summary); got != c.want {
				t.Errorf("summary %q, want %q", got, c.want)
			}
		})
	}
}

func TestReferencesOfOneLanguage(t *testing.T) {
	d := &rule.Doc{Refs: []report.Reference{{Title: "all"}}, LangRefs: map[string][]report.Reference{"go": {{Title: "go"}}, "typescript": {{Title: "ts"}}}}
	for lang, want := range map[string]string{"go": "all go", "tsx": "all ts", "python": "all", "": "all go ts"} {
		var got []string
		for _, r := range d.References(lang) {
			got = append(got, r.Title)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("references of %q: %v, want %s", lang, got, want)
		}
	}
}

// TestSilenceAboutUnreadCodeIsNoPraise: a tree of languages without a parser is not called healthy.
func TestSilenceAboutUnreadCodeIsNoPraise(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM alpine\nUSER app\n"}
	for _, n := range []string{"a", "b", "c", "d", "e", "f"} {
		files["src/"+n+".rs"] = "fn main() {}\n"
	}
	v := run(t, Options{Root: tree(t, files)}).Report.Verdict
	if strings.Contains(v.Headline, "Little is wrong") || len(v.Paragraphs) == 0 || !strings.Contains(v.Paragraphs[0], "6 of 6 source files could not be read (rust)") {
		t.Errorf("verdict %+v", v)
	}
}
