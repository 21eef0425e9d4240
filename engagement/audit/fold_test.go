package audit

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

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
			if got := strings.TrimSpace(systemic(c.members).Fix.Summary); got != c.want {
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
