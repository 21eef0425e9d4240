package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
)

// TestPageIsCurrent fails when a rule changed and docs/rules.md was not written anew.
func TestPageIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, Page()) {
		t.Error("docs/rules.md is out of date; run `make docs`")
	}
}

// TestDocsAreWhole fails for a rule whose page would leave its reader without an answer.
func TestDocsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for i, r := range rules.All {
		d := r.Doc
		if seen[d.ID] {
			t.Errorf("%s is listed twice", d.ID)
		}
		seen[d.ID] = true
		if i > 0 && rules.All[i-1].Doc.ID > d.ID {
			t.Errorf("%s stands before %s; keep the list in order", rules.All[i-1].Doc.ID, d.ID)
		}
		for name, v := range map[string]string{"Title": d.Title, "Summary": d.Summary, "Why": d.Why, "Cost": d.Cost, "Fix": d.Fix, "Wrong": d.Wrong, "Category": d.Category, "Severity": string(d.Severity), "Effort": string(d.Effort), "Proof": d.Proof} {
			if v == "" {
				t.Errorf("%s: %s is empty", d.ID, name)
			}
		}
		if len(d.References("")) == 0 {
			t.Errorf("%s: no reference", d.ID)
		}
		if len(d.Examples) == 0 {
			t.Errorf("%s: no example", d.ID)
		}
		if (r.File == nil) == (r.Project == nil) {
			t.Errorf("%s: exactly one of File and Project must be set", d.ID)
		}
		for _, ref := range d.References("") {
			if !strings.HasPrefix(ref.URL, "https://") {
				t.Errorf("%s: reference %q is not https", d.ID, ref.URL)
			}
		}
	}
	for _, p := range rules.NotYet {
		if seen[p.ID] {
			t.Errorf("%s is both implemented and planned", p.ID)
		}
		if p.Reason == "" {
			t.Errorf("%s: no reason", p.ID)
		}
	}
}
