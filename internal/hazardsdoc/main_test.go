package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engagement/review/hazards"
	"github.com/napkin-infra/napkin/foundation/report"
)

// TestPageIsCurrent fails when a hazard changed and docs/hazards.md was not written anew.
func TestPageIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../../docs/hazards.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, Page()) {
		t.Error("docs/hazards.md is out of date; run `make docs`")
	}
}

// TestDocsAreWhole fails for a hazard whose page would leave its reader without an answer.
func TestDocsAreWhole(t *testing.T) {
	if len(hazards.All) < 70 {
		t.Errorf("there are %d hazards", len(hazards.All))
	}
	page := string(Page())
	for i, h := range hazards.All {
		d := &h.Doc
		if i > 0 && hazards.All[i-1].Doc.ID >= d.ID {
			t.Errorf("%s stands before %s; keep the list in order, each once", hazards.All[i-1].Doc.ID, d.ID)
		}
		for name, v := range map[string]string{"Title": d.Title, "Summary": d.Summary, "Why": d.Why, "Fix": d.Fix, "Wrong": d.Wrong, "Products": d.Products, "Versions": d.Versions, "Lock": d.Lock, "Work": d.Work, "Effort": string(d.Effort)} {
			if v == "" {
				t.Errorf("%s: %s is empty", d.ID, name)
			}
		}
		if d.Severity.Rank() > report.Low.Rank() || len(d.Refs) == 0 || (d.Before == "") != (d.After == "") {
			t.Errorf("%s: severity %q, %d references, or half an example", d.ID, d.Severity, len(d.Refs))
		}
		checks := 0
		for _, set := range []bool{h.Statement != nil, h.File != nil, h.Change != nil} {
			if set {
				checks++
			}
		}
		if checks != 1 {
			t.Errorf("%s: %d checks are set", d.ID, checks)
		}
		if !strings.Contains(page, "`"+d.ID+"`") {
			t.Errorf("%s stands in no family of the page", d.ID)
		}
	}
}
