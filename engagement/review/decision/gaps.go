package decision

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// statuses are those of MADR 4.0, and draft, which many write before proposed. Behind superseded stands by what.
var statuses = []string{"proposed", "accepted", "rejected", "deprecated", "superseded", "draft"}

// Gap is something that a record should say and does not.
type Gap struct {
	What string // the section or the declaration
	Why  string // what a reader cannot do without it
}

// madr are the sections of MADR 4.0 (https://adr.github.io/madr/) that a reader needs, with the words that
// their titles begin with and what is lost without them.
var madr = []struct {
	title, why string
	any        []string
}{
	{"Context and Problem Statement", "nobody can tell later whether the problem still exists", []string{"context"}},
	{"Decision Drivers", "the constraints of the model have no reason", []string{"decision drivers", "drivers"}},
	{"Considered Options", "the alternatives that were dropped unmodelled are forgotten", []string{"considered options", "options"}},
	{"Decision Outcome", "the record does not say what was chosen and why", []string{"decision outcome", "decision"}},
	{"Consequences", "what gets worse by the choice stands nowhere", []string{"consequences", "positive consequences", "negative consequences"}},
	{"Confirmation", "nothing says how and when the decision is checked in production", []string{"confirmation", "validation"}},
	{"Pros and Cons of the Options", "what no figure of the model holds is not weighed", []string{"pros and cons"}},
}

// gaps lists the sections that a record lacks or leaves empty, and the facts about taking the decision
// back and about the team that it does not declare.
func gaps(r *Record) []Gap {
	var list []Gap
	for _, want := range madr {
		found, filled := false, false
		for _, s := range r.Sections {
			for _, title := range want.any {
				if strings.HasPrefix(strings.ToLower(s.Title), title) {
					found = true
					filled = filled || s.Text != ""
				}
			}
		}
		switch {
		case !found:
			list = append(list, Gap{"section " + want.title, want.why})
		case !filled:
			list = append(list, Gap{"section " + want.title + " (it is empty)", want.why})
		}
	}
	f := &r.Front
	for _, declared := range []struct {
		missing   bool
		what, why string
	}{
		{f.Status == "", "`status` in the front matter", "a reader cannot tell a proposal from a decision"},
		{f.Date == "", "`date` in the front matter", "the age of its assumptions cannot be judged"},
		{len(f.DecisionMakers) == 0, "`decision-makers` in the front matter", "nobody can be asked"},
		{f.Undo == "", "`undo` in the front matter", "what taking the decision back costs is not said"},
		{f.DataFormat == "", "`data-format` in the front matter", "whether data is written in a form that the old system cannot read is not said"},
		{f.PointOfNoReturn == "", "`point-of-no-return` in the front matter", "from when on the decision cannot be taken back is not said"},
		{f.New == nil, "`new-technologies` in the front matter", "what the team has yet to learn to run is not said; write `none` where there is nothing"},
		{len(f.Tags) == 0, "`tags` in the front matter", "no failure modes could be selected"},
	} {
		if declared.missing {
			list = append(list, Gap{declared.what, declared.why})
		}
	}
	if f.Status != "" && !slices.ContainsFunc(statuses, func(known string) bool { return strings.HasPrefix(strings.ToLower(f.Status), known) }) {
		list = append(list, Gap{fmt.Sprintf("a `status` of MADR: %q is none", f.Status), "a reader cannot tell a proposal from a decision; MADR knows proposed, accepted, rejected, deprecated and superseded by ..."})
	}
	if _, err := time.Parse(time.DateOnly, f.Date); err != nil && f.Date != "" {
		list = append(list, Gap{fmt.Sprintf("a `date` as YYYY-MM-DD: %q is none", f.Date), "the age of its assumptions cannot be judged"})
	}
	for _, tag := range f.Tags {
		if !knownTag(tag) {
			list = append(list, Gap{"failure modes for the tag " + tag + ": the library has none", "the pre-mortem leaves it out; there are some for " + strings.Join(Tags(), ", ")})
		}
	}
	return list
}
