package missingindexfk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule/ruletest"
	"github.com/napkin-infra/napkin/foundation/report"
)

func TestRule(t *testing.T) { ruletest.Run(t, Rule) }

// findings runs the rule over a folder of testdata, by the table and columns that each is about.
func findings(t *testing.T, folder string) map[string]*rule.Finding {
	t.Helper()
	dir := filepath.Join("testdata", folder)
	files := map[string]string{}
	err := filepath.Walk(dir, func(p string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p := load.FromFiles(files)
	out := map[string]*rule.Finding{}
	for _, f := range rule.NewPass(p, prepare.Run(t.Context(), p), &cost.Model{}, Rule).Run() {
		out[f.Subject] = f
	}
	return out
}

// A query that another index serves is no reason for an index; the deletes of the parent are.
func TestServed(t *testing.T) {
	found := findings(t, "served_queries")
	for subject, served := range map[string]bool{"bookmarks.article_id": true, "ratings.article_id": true, "excerpts.article_id": false} {
		f := found[subject]
		if f == nil {
			t.Errorf("%s: no finding", subject)
			continue
		}
		cited := false
		for _, at := range f.Secondary {
			cited = cited || at.Note == "searches the column"
		}
		if cited == served || strings.HasSuffix(f.Title, "for deletes from articles") != served {
			t.Errorf("%s: %q cites a query: %v; served by another index: %v", subject, f.Title, cited, served)
		}
	}
}

// What hardly ever deletes a parent row leaves a finding low, without a patch.
func TestSeldom(t *testing.T) {
	for folder, want := range map[string]map[string]bool{
		"kept_rails":     {"moorings.boat_id": true, "moorings.harbour_id": false},
		"kept_sequelize": {"flights.pilotId": true, "flights.airportId": false, "flights.archivedById": true, "flights.userId": false},
		"kept_laravel":   {"harvests.grower_id": true},
		"kept_django":    {"farm_visit_note.vet_id": true, "farm_visit_note.stable_id": false},
	} {
		found := findings(t, folder)
		for subject, seldom := range want {
			f := found[subject]
			if f == nil {
				t.Errorf("%s: no finding of %s", folder, subject)
				continue
			}
			if got := f.Severity == report.Low && len(f.Edits) == 0 && strings.HasPrefix(f.Cause, "fk-seldom"); got != seldom {
				t.Errorf("%s: %s is %s with %d edits, cause %s; deleted seldom: %v", folder, subject, f.Severity, len(f.Edits), f.Cause, seldom)
			}
		}
	}
}

// A table of codes that go when they are used stays small.
func TestOneUse(t *testing.T) {
	found := findings(t, "one_use")
	for subject, want := range map[string]report.Severity{"pairing_codes.device_id": report.Low, "leases.device_id": report.Medium} {
		if f := found[subject]; f == nil || f.Severity != want {
			t.Errorf("%s: %+v; want severity %s", subject, f, want)
		}
	}
}
