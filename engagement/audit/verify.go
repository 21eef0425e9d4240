package audit

import (
	"context"
	"math"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/load"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/prepare"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules"
)

// verifyRounds bounds how often the project is audited again: patches that overlap are checked in
// different rounds.
const verifyRounds = 3

// verifyPatches keeps the edits of a claim only if they apply, leave no new error in any file, and
// silence the claim when its rule looks again. All patches that do not overlap are checked together,
// on a copy of the project in memory.
func (a *auditor) verifyPatches(ctx context.Context) {
	var waiting []*claim
	for _, c := range a.found {
		if len(c.Edits) > 0 {
			waiting = append(waiting, c)
		}
	}
	byID := map[string]*rule.Rule{}
	for _, r := range rules.All {
		byID[r.Doc.ID] = r
	}
	for round := 0; round < verifyRounds && len(waiting) > 0 && ctx.Err() == nil; round++ {
		var batch, later []*claim
		var edits []patch.Edit
		for _, c := range waiting {
			if !a.applies(c) {
				c.Edits = nil
				continue
			}
			next := append(edits[:len(edits):len(edits)], c.Edits...)
			if patch.Overlap(next) != nil {
				later = append(later, c)
				continue
			}
			edits, batch = next, append(batch, c)
		}
		a.check(ctx, batch, edits, byID)
		waiting = later
	}
	for _, c := range waiting {
		c.Edits = nil // never checked, so not offered
	}
}

// applies reports whether a claim's edits apply by themselves and touch no test.
func (a *auditor) applies(c *claim) bool {
	for _, e := range c.Edits {
		if f := a.project.File(e.Path); f != nil && f.Role == project.Test {
			return false
		}
	}
	return patch.Overlap(c.Edits) == nil
}

func (a *auditor) check(ctx context.Context, batch []*claim, edits []patch.Edit, byID map[string]*rule.Rule) {
	if len(batch) == 0 {
		return
	}
	after, err := load.WithEdits(a.project, edits)
	if err != nil {
		// One bad patch must not take the others along: check them one by one without the flow.
		for _, c := range batch {
			if len(batch) == 1 {
				c.Edits = nil
				continue
			}
			a.check(ctx, []*claim{c}, c.Edits, byID)
		}
		return
	}
	changed := map[string]bool{}
	for _, e := range edits {
		changed[e.Path] = true
	}
	broken := map[string]bool{}
	needFlow := false
	for path := range changed {
		before, now := a.project.File(path), after.File(path)
		if now != nil && before != nil && errorsOf(now) > errorsOf(before) {
			broken[path] = true
		}
	}
	for _, c := range batch {
		needFlow = needFlow || byID[c.Rule].Project != nil
	}
	var fl *flow.Result
	if needFlow {
		fl = prepare.Again(ctx, after, a.flow, a.around(batch), changed)
	} else {
		after.Schemas, after.Frameworks = a.project.Schemas, a.project.Frameworks
		fl = a.flow
	}
	left := map[string]map[string]int{}
	for _, c := range batch {
		if left[c.Rule] != nil {
			continue
		}
		counts := map[string]int{}
		r := byID[c.Rule]
		if r.Project != nil {
			found, failed := a.apply(r, after, fl)
			if failed != "" {
				counts["*"]++
			}
			for _, f := range found {
				counts[identity(f)]++
			}
		} else {
			pass := rule.NewPass(after, fl, a.cost, r)
			for path := range changed {
				if f := after.File(path); f != nil {
					for _, x := range pass.RunFile(f) {
						counts[identity(x)]++
					}
				}
			}
		}
		left[c.Rule] = counts
	}
	// Equal claims before, to tell how many should be gone.
	before := map[string]int{}
	fixed := map[string]int{}
	for _, c := range a.found {
		before[c.Rule+"\x00"+identity(c.Finding)]++
	}
	for _, c := range batch {
		fixed[c.Rule+"\x00"+identity(c.Finding)]++
	}
	for _, c := range batch {
		key := c.Rule + "\x00" + identity(c.Finding)
		if left[c.Rule]["*"] > 0 || left[c.Rule][identity(c.Finding)] > before[key]-fixed[key] {
			c.Edits = nil
			continue
		}
		for _, e := range c.Edits {
			if broken[e.Path] {
				c.Edits = nil
				break
			}
		}
	}
}

// around returns the lines that the claims speak of and those that their edits change: what the rules
// are asked about when they look again.
func (a *auditor) around(batch []*claim) flow.Focus {
	focus := flow.Focus{}
	for _, c := range batch {
		for _, place := range append(c.Secondary[:len(c.Secondary):len(c.Secondary)], c.Primary) {
			if place.File != nil {
				focus.Add(place.File.Path, place.Line, place.EndLine)
			}
		}
		for _, e := range c.Edits {
			f := a.project.File(e.Path)
			if f == nil || f.Tree == nil {
				focus.Add(e.Path, 0, math.MaxInt)
				continue
			}
			// One line more on both sides: what is inserted between two functions may belong to either.
			focus.Add(e.Path, f.Tree.Line(uint32(e.Start))-1, f.Tree.Line(uint32(e.End))+1)
		}
	}
	return focus
}

func errorsOf(f *project.File) int {
	if f.Tree != nil {
		return f.Tree.Errors
	}
	if f.Doc != nil {
		return len(f.Doc.Problems)
	}
	return 0
}

// identity is what stays the same of a claim when lines move.
func identity(f *rule.Finding) string {
	key := f.Primary.File.Path + "\x00" + f.Primary.Symbol + "\x00" + f.Subject
	if f.Subject == "" {
		key += "\x00" + snippet(f)
	}
	return key
}
