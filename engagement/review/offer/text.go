package offer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// SQL returns the recipe in short form: above the statements of each step stand its locks, whether it runs in a
// transaction, and how long it waits.
func (o *Offer) SQL() string {
	r := &o.Recipe
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s: %s, in %s.\n", o.Place(), r.Title, o.Length())
	for _, d := range r.Differs {
		fmt.Fprintf(&b, "-- Not the same in the end: %s\n", d)
	}
	for _, q := range r.Preflight {
		fmt.Fprintf(&b, "-- Before the first step, must give false: %s;\n", q.SQL)
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		fmt.Fprintf(&b, "-- %d. %s. %s\n", i+1, s.Title, How(s))
		switch s.Kind {
		case rewrite.Statements:
			for _, sql := range s.SQL {
				b.WriteString(sql + ";\n")
			}
		case rewrite.Batches:
			b.WriteString(s.Backfill.UpdateSQL(true, true) + ";\n")
		case rewrite.Tool:
			for _, line := range s.SQL {
				b.WriteString("--    " + line + "\n")
			}
		}
	}
	return b.String()
}

// Length says how many steps the recipe has.
func (o *Offer) Length() string {
	if len(o.Recipe.Steps) == 1 {
		return "1 step"
	}
	return fmt.Sprintf("%d steps", len(o.Recipe.Steps))
}

// How says in one line how a step runs: "In one transaction, lock_timeout 100 ms, at most 30 tries. ACCESS EXCLUSIVE on
// orders for a moment. No way back."
func How(s *rewrite.Step) string {
	var parts []string
	switch s.Kind {
	case rewrite.Deploy:
		parts = append(parts, "A deployment: "+strings.TrimSuffix(s.Says, "."))
	case rewrite.Tool:
		parts = append(parts, "By a tool")
	case rewrite.Batches:
		parts = append(parts, "In batches, each its own transaction")
	default:
		how := "Outside a transaction"
		if s.Transaction {
			how = "In one transaction"
		}
		if t := s.Ladder.LockTimeout(); t > 0 {
			how += fmt.Sprintf(", lock timeout %s, at most %d tries", unit.Duration(t), s.Ladder.Tries())
		}
		parts = append(parts, how)
	}
	var locks []string
	for _, l := range s.Locks {
		locks = append(locks, l.String())
	}
	if len(locks) > 0 {
		parts = append(parts, strings.Join(locks, ", "))
	}
	if s.NoReturn {
		parts = append(parts, "No way back from here")
	}
	return strings.Join(parts, ". ") + "."
}

// Rollout says in sentences what people do and what to know before the first step.
func (o *Offer) Rollout() string {
	r := &o.Recipe
	var out []string
	for i := range r.Steps {
		switch s := &r.Steps[i]; {
		case s.Kind == rewrite.Deploy:
			out = append(out, fmt.Sprintf("Step %d is a deployment: %s.", i+1, strings.TrimSuffix(s.Title, ".")))
		case s.Kind == rewrite.Tool:
			out = append(out, fmt.Sprintf("Step %d is done by a tool.", i+1))
		}
	}
	if i := slices.IndexFunc(r.Steps, func(s rewrite.Step) bool { return s.NoReturn }); i >= 0 {
		out = append(out, fmt.Sprintf("There is no way back from step %d.", i+1))
	}
	return strings.Join(append(out, r.Notes...), " ")
}

// Rollback returns the statements that take the recipe back before its point of no return, from the last step on.
func (o *Offer) Rollback() string {
	var out []string
	for i := len(o.Recipe.Steps) - 1; i >= 0; i-- {
		s := &o.Recipe.Steps[i]
		if s.NoReturn {
			out = nil // what lies behind it is not taken back
			continue
		}
		if len(s.Undo) > 0 {
			out = append(out, fmt.Sprintf("step %d by %s", i+1, strings.Join(s.Undo, "; ")))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "Take back, from the last step that was done: " + strings.Join(out, "; then ") + "."
}

// Blocks returns whether a step holds a lock that stops readers or writers.
func (o *Offer) Blocks() bool {
	return slices.ContainsFunc(o.Recipe.Steps, func(s rewrite.Step) bool {
		reads, writes := s.Blocks()
		return reads || writes
	})
}
