package review

import (
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// bare is what a finding is by the lint alone: without the times of a rehearsal and without recipes.
type bare struct {
	severity report.Severity
	claim    string
	fix      report.Fix
	facts    []report.Fact
}

// keep notes what the findings are by the lint alone.
func (l *linter) keep(findings []report.Finding) {
	l.bare = map[string]bare{}
	for i := range findings {
		f := &findings[i]
		l.bare[f.Fingerprint] = bare{f.Severity, f.Claim, f.Fix, slices.Clip(f.Facts)}
	}
}

// conclude completes the report by what is known so far: times from a rehearsal, and what the offers have become.
// It is called again whenever more is known.
func (l *linter) conclude(r *report.Report) {
	for i := range r.Findings {
		f := &r.Findings[i]
		b := l.bare[f.Fingerprint]
		f.Severity, f.Claim, f.Fix, f.Facts, f.Holds = b.severity, b.claim, b.fix, b.facts, nil
		l.hold(f)
	}
	slices.SortStableFunc(r.Findings, func(a, b report.Finding) int {
		if x, y := a.Status == report.StatusSuppressed, b.Status == report.StatusSuppressed; x != y {
			if x {
				return 1
			}
			return -1
		}
		return a.Severity.Rank() - b.Severity.Rank() // priorities have ordered those of one severity
	})
	l.attach(r.Findings)
	r.System = l.system()
	r.Verdict = l.verdict(r)
}

// hold says in a finding how long its statements hold their locks.
func (l *linter) hold(f *report.Finding) {
	for _, st := range l.walker.StepsOf(f) {
		if h := l.holdOf(st); h != nil {
			f.Holds = append(f.Holds, *h)
		}
	}
	h := worst(f.Holds)
	if h == nil {
		return
	}
	f.Facts = append(f.Facts, report.Fact{Group: "effect", Name: "held", Value: heldText(h)})
	switch {
	case h.NotEstimated != "":
	case len(f.Holds) > 1:
		f.Claim += fmt.Sprintf(" The longest of %d locks is held %s.", len(f.Holds), heldText(h))
	default:
		f.Claim += " The lock is held " + heldText(h) + "."
	}
}

// holdOf returns how long a statement holds its locks, or nil where nothing is known of it or it takes none.
func (l *linter) holdOf(st *lint.Step) *report.Hold {
	if l.ran == nil {
		return nil
	}
	s := statementOf(st, l.ran)
	if s == nil {
		return nil
	}
	h := &report.Hold{Path: s.Path, StartLine: s.Line, Origin: report.Measured, Basis: "rehearsed on PostgreSQL " + l.ran.Server}
	switch {
	case !s.Ran():
		h.NotEstimated = "the statement failed in the rehearsal: " + s.Error
		return h
	case s.Effect.Held() == effect.NoLock:
		return nil
	}
	h.Lock = rehearse.LockText(s.Effect)
	if s.Effect.Work != 0 {
		h.Floor, h.Bound = s.Floor, s.FloorBy
	}
	switch {
	case !s.Held.Estimated():
		h.NotEstimated = s.Held.NotEstimated
	case s.ProductionRows <= 0: // then the tables were empty or of any size
		h.NotEstimated = "production's rows of the table are not known; give --stats or --db"
	default:
		h.Low, h.High = s.Held.Low, s.Held.High
	}
	return h
}

// worst is the hold that is known to last longest, or the first where none is known.
func worst(holds []report.Hold) *report.Hold {
	var out *report.Hold
	for i := range holds {
		if out == nil || holds[i].High > out.High {
			out = &holds[i]
		}
	}
	return out
}

// heldText says "40 s to 1.5 min, at least 12 s (disk)".
func heldText(h *report.Hold) string {
	if h.NotEstimated != "" {
		return "not estimated: " + h.NotEstimated
	}
	text := unit.Seconds(h.Low) + " to " + unit.Seconds(h.High)
	if h.Floor > 0 {
		text += fmt.Sprintf(", at least %s (%s)", unit.Seconds(h.Floor), h.Bound)
	}
	return text
}
