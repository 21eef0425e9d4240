package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/review/budget"
	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/rehearse"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/engagement/review/statement"
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
		l.bare[f.Fingerprint] = bare{f.Severity, f.Claim, f.Fix, slices.Clone(f.Facts)}
	}
}

// conclude completes the report by what is known so far: times from a rehearsal, and what the offers have become.
// It is called again whenever more is known.
func (l *linter) conclude(r *report.Report) {
	l.strip(r)
	for i := range r.Findings {
		l.hold(&r.Findings[i])
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

// strip makes the findings bare again.
func (l *linter) strip(r *report.Report) {
	for i := range r.Findings {
		f := &r.Findings[i]
		b := l.bare[f.Fingerprint]
		f.Severity, f.Claim, f.Fix, f.Facts, f.Holds = b.severity, b.claim, b.fix, slices.Clone(b.facts), nil
	}
}

// hold says in a finding how long its statements hold their locks, and how that stands to the lock budget.
func (l *linter) hold(f *report.Finding) {
	stops, known := false, true
	for _, st := range l.walker.StepsOf(f) {
		h, blocks := l.holdOf(st)
		known = known && h != nil && h.NotEstimated == ""
		if h == nil {
			continue
		}
		stops = stops || blocks
		if stall, ever := l.stall(); ever && blocks {
			h.Budget = stall.Seconds()
		}
		f.Holds = append(f.Holds, *h)
	}
	h := worst(f.Holds)
	if h == nil {
		return
	}
	text := heldText(h)
	if h.NotEstimated == "" {
		if h.Budget > 0 {
			text += "; " + l.opt.Load.Fills()
		}
		lead := "The lock is held "
		if len(f.Holds) > 1 {
			lead = fmt.Sprintf("The longest of %d locks is held ", len(f.Holds))
		}
		f.Claim += " " + lead + text + "."
		if stops {
			l.weigh(f, h, known)
		}
	}
	f.Facts = append(f.Facts, report.Fact{Group: "effect", Name: "held", Value: strings.Replace(text, " ("+h.Bound+")", "", 1)})
}

// weigh sets the severity of a finding about a lock by the lock budget. Other findings are about what time does not mend:
// code that breaks, data that are lost, and the wait for a lock that is not in the time. known says that all holds
// of the finding are.
func (l *linter) weigh(f *report.Finding, h *report.Hold, known bool) {
	family, _, _ := strings.Cut(f.Rule, ".")
	if h.Budget == 0 || family != "lock" && family != "mysql" {
		return
	}
	low, high := h.Low, h.High
	if h.FloorHolds && h.Floor > high { // what was fitted cannot be; the floor is to be believed, and nothing is known above it
		low, high, known = h.Floor, h.Floor, false
	}
	switch l.opt.Load.Standing(scale.Duration(low), scale.Duration(high)) {
	case budget.Over:
		f.Severity = report.Critical
	case budget.MayReach:
		if f.Severity.Rank() > report.High.Rank() {
			f.Severity = report.High
		}
	case budget.FarUnder:
		if known {
			f.Severity = report.Low
			f.Claim += " That is far under it and no reason to act."
		}
	}
}

// weighed says of how many findings the lock budget has changed the severity.
func (l *linter) weighed(findings []report.Finding) string {
	milder, worse := 0, 0
	for i := range findings {
		f := &findings[i]
		switch by := f.Severity.Rank() - l.bare[f.Fingerprint].severity.Rank(); {
		case f.Status == report.StatusSuppressed:
		case by > 0:
			milder++
		case by < 0:
			worse++
		}
	}
	if milder+worse == 0 {
		return ""
	}
	return fmt.Sprintf("Findings that are milder for it, by the time of their locks: %d; graver: %d.", milder, worse)
}

// stall is after how long a lock has the pool waiting, where the load is known.
func (l *linter) stall() (time.Duration, bool) {
	if l.opt.Load == nil {
		return 0, false
	}
	return l.opt.Load.Stall()
}

// holdOf returns how long a statement holds its locks, and whether they stop others: as rehearsed, else by base rates. It is
// nil where nothing is known, or there is no lock.
func (l *linter) holdOf(st *lint.Step) (h *report.Hold, blocks bool) {
	rated := l.ratedHold(st)
	if l.ran != nil {
		if h, blocks = l.rehearsedHold(st); h != nil && (h.NotEstimated == "" || rated == nil) {
			return h, blocks
		}
	}
	return rated, rated != nil
}

// rehearsedHold is what the rehearsal says of a statement.
func (l *linter) rehearsedHold(st *lint.Step) (h *report.Hold, blocks bool) {
	s := statementOf(st, l.ran)
	if s == nil {
		return nil, false
	}
	h = &report.Hold{Path: s.Path, StartLine: s.Line, Origin: report.Measured, Basis: "rehearsed on PostgreSQL " + l.ran.Server}
	switch {
	case !s.Ran():
		h.NotEstimated = "the statement failed in the rehearsal: " + s.Error
		return h, false
	case s.Effect.Held() == effect.NoLock:
		return nil, false
	}
	h.Lock = rehearse.LockText(s.Effect)
	if s.Effect.Work != 0 {
		h.Floor, h.Bound, h.FloorHolds = s.Floor, s.FloorBy, s.FloorHolds
	}
	switch {
	case !s.Held.Estimated():
		h.NotEstimated = s.Held.NotEstimated
	case s.ProductionRows <= 0: // then the tables were empty or of any size
		h.NotEstimated = "production's rows of the table are not known; give --stats or --db"
	default:
		h.Low, h.High = s.Held.Low, s.Held.High
	}
	return h, s.Effect.BlocksReads() || s.Effect.BlocksWrites()
}

// ratedHold is the time of a statement that stops others, and of those behind it in its transaction, by base rates; nil where
// one of them is not known. Base rates are PostgreSQL's.
func (l *linter) ratedHold(st *lint.Step) *report.Hold {
	i := slices.IndexFunc(st.Impacts, func(im predict.Impact) bool { return im.Harm() })
	t, known := l.times[st]
	if i < 0 || !known || t.High == 0 || !l.walker.World.Postgres() {
		return nil
	}
	at := slices.Index(l.steps, st)
	for _, later := range l.steps[at+1:] {
		if !st.InTransaction || later.File != st.File || !later.InTransaction || later.Actions[0].Kind == statement.Commit {
			break
		}
		more, known := l.times[later]
		if !known {
			return nil
		}
		t.Low, t.High = t.Low+more.Low, t.High+more.High
	}
	return &report.Hold{Path: st.File.Migration.Path, StartLine: st.Statement.Start.Line, Lock: lint.LockText(&st.Impacts[i]), Low: t.Low, High: t.High,
		Origin: report.Published, Basis: "the rows of the table by the server's statistics, over published rates"}
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
	if h.Origin == report.Published {
		text += " by published rates"
	}
	switch {
	case h.Floor > 0 && h.FloorHolds:
		text += fmt.Sprintf(", at least %s (%s)", unit.Seconds(h.Floor), h.Bound)
	case h.Floor > 0:
		text += fmt.Sprintf(", by base rates %s (%s)", unit.Seconds(h.Floor), h.Bound)
	}
	return text
}
