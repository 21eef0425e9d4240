package prepare_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
)

// TestAgainFindsWhatRunFinds changes one file after the other and holds the facts that have a place in it,
// as they are found from the earlier analysis, against those of an analysis of everything.
func TestAgainFindsWhatRunFinds(t *testing.T) {
	p, err := load.Project(t.Context(), "../../../../examples/shop", load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := prepare.Run(t.Context(), p)
	facts := 0
	for _, f := range p.Files {
		if f.Tree == nil || f.Role == project.Migration {
			continue
		}
		edit := patch.Edit{Path: f.Path, Start: 0, End: 0, New: "\n"}
		whole, part := edited(t, p, edit), edited(t, p, edit)
		want := within(prepare.Run(t.Context(), whole), f.Path)
		got := within(prepare.Again(t.Context(), part, before, flow.Focus{f.Path: nil}, map[string]bool{f.Path: true}), f.Path)
		if !slices.Equal(got, want) {
			t.Errorf("%s changed:\n got %q\nwant %q", f.Path, got, want)
		}
		facts += len(want)
	}
	if facts < 20 {
		t.Errorf("%d facts: too few for the test to mean anything", facts)
	}
}

func edited(t *testing.T, p *project.Project, e patch.Edit) *project.Project {
	t.Helper()
	out, err := load.WithEdits(p, []patch.Edit{e})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// within describes the queries and loads with a place in a file.
func within(r *flow.Result, path string) []string {
	var out []string
	here := func(sites []flow.Site) bool {
		return slices.ContainsFunc(sites, func(s flow.Site) bool { return s.File != nil && s.File.Path == path })
	}
	for _, q := range r.Queries {
		if here(q.Sites) {
			out = append(out, fmt.Sprintf("query %d %s %s", q.Site().Node.Line(), q, q.Terminal))
		}
	}
	for _, l := range r.Loads {
		if l.Root != nil && here(l.Root.Sites) || here([]flow.Site{l.Site}) {
			out = append(out, fmt.Sprintf("load %d %s %d %s %q", l.Site.Node.Line(), l.Path, l.Kind, l.Root, l.Entry))
		}
	}
	return out
}

// TestAgainKeepsTheFactsOfOtherFiles holds that nothing is lost elsewhere.
func TestAgainKeepsTheFactsOfOtherFiles(t *testing.T) {
	p, err := load.Project(t.Context(), "../../../../examples/shop", load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := prepare.Run(t.Context(), p)
	again := prepare.Again(t.Context(), edited(t, p, patch.Edit{Path: "Gemfile", New: "\n"}), before, flow.Focus{"Gemfile": nil}, map[string]bool{"Gemfile": true})
	if len(again.Queries) != len(before.Queries) || len(again.Loads) != len(before.Loads) {
		t.Errorf("%d queries and %d loads, want %d and %d", len(again.Queries), len(again.Loads), len(before.Queries), len(before.Loads))
	}
}
