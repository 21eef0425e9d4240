package rehearse

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// String is the problem with its place.
func (p Problem) String() string {
	if p.Path == "" {
		return p.Sentence
	}
	if p.Line == 0 {
		return p.Path + ": " + p.Sentence
	}
	return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Sentence)
}

// Interval prints a prediction: "3 s to 7 s", or why there is none.
func Interval(p scale.Prediction) string {
	if !p.Estimated() {
		return "not estimated: " + p.NotEstimated
	}
	return unit.Seconds(p.Low) + " to " + unit.Seconds(p.High)
}

// Sections are the rehearsal's part of a report.
func (r *Result) Sections() []report.Appendix {
	main := report.Appendix{Title: "Rehearsal", Text: r.story(),
		Head: []string{"statement", "lock", "waits", "work", "takes in production", "lock held", "by base rates"}}
	for _, s := range r.Statements {
		place := fmt.Sprintf("%s:%d %s", s.Path, s.Line, shorten(strings.Join(strings.Fields(s.SQL), " "), 60))
		if !s.Ran() {
			main.Rows = append(main.Rows, []string{place, s.Error, "", "", "", "", ""})
			continue
		}
		main.Rows = append(main.Rows, []string{place, LockText(s.Effect), s.waits(), s.Signature.String(), Interval(s.Duration), Interval(s.Held), s.byRates()})
	}
	all := []report.Appendix{main}
	queue := report.Appendix{Title: "Behind a transaction of another session",
		Text: "Another session kept a transaction open on the table; the statement came and waited for its lock, and sessions that came behind it waited with it. A lock_timeout ends this.",
		Head: []string{"statement", "the other had", "statement waited", "sessions that waited", "longest"}}
	for _, s := range r.Statements {
		if q := s.Queue; q != nil {
			what := "reads"
			if q.Writes {
				what = "writes"
			}
			queue.Rows = append(queue.Rows, []string{fmt.Sprintf("%s:%d", s.Path, s.Line), q.Holder + " the table, open for " + unit.Seconds(q.Held), unit.Seconds(q.Waited),
				fmt.Sprintf("%d of %d %s", q.Blocked, q.Probes, what), unit.Seconds(q.Longest)})
		}
	}
	if len(queue.Rows) > 0 {
		all = append(all, queue)
	}
	if len(r.Losses) > 0 {
		loss := report.Appendix{Title: "Data that the migration destroys", Head: []string{"place", "what"}}
		for _, l := range r.Losses {
			loss.Rows = append(loss.Rows, []string{fmt.Sprintf("%s:%d", l.Path, l.Line), l.Sentence})
		}
		all = append(all, loss)
	}
	notes := report.Appendix{Title: "Notes of the rehearsal", Head: []string{"place", "note"}}
	for _, s := range r.Statements {
		for _, n := range s.Notes {
			notes.Rows = append(notes.Rows, []string{fmt.Sprintf("%s:%d", s.Path, s.Line), n})
		}
	}
	if len(notes.Rows) > 0 {
		all = append(all, notes)
	}
	return all
}

// byRates is the time by base rates, and what holds where it lies above the interval.
func (s *Statement) byRates() string {
	if s.Floor <= 0 || s.Effect.Work == 0 {
		return ""
	}
	text := unit.Seconds(s.Floor)
	if s.FloorHolds {
		text = "at least " + text
	}
	text += ", " + s.FloorBy
	switch {
	case !s.Duration.Estimated() || s.Floor <= s.Duration.High:
	case s.FloorHolds:
		text += "; it is above the interval, and to be believed"
	default:
		text += "; it is above the interval, which was measured and holds: the rate is a published one, of another machine"
	}
	return text
}

func (r *Result) story() string {
	text := "Run on PostgreSQL " + r.Server
	if r.Target != "" {
		text += " for production's " + r.Target
	}
	var rows []string
	for _, s := range r.Sizes {
		most := int64(0)
		for _, t := range s.Tables {
			most = max(most, t.Rows)
		}
		rows = append(rows, unit.Count(most).String())
	}
	text += fmt.Sprintf(", at %s rows of the largest table, each size timed at least %d times by %s. ", strings.Join(rows, ", "), r.Repeats, r.Clock.Why)
	return text + "Intervals hold nine of ten runs; waiting for locks is not in them. The ratio between the machines: " + r.Machine.Basis + "."
}

// LockText names the strongest lock of a rehearsed statement and on what: "SHARE ROW EXCLUSIVE, and SHARE on a parent".
func LockText(e effect.Effect) string {
	if e.Target == effect.NoLock && e.Held() == effect.NoLock {
		return "none on tables that were there"
	}
	text := e.Target.String()
	if e.Parent != effect.NoLock {
		text += ", and " + e.Parent.String() + " on a parent"
	}
	if e.Other != effect.NoLock {
		text += ", and " + e.Other.String() + " on another table"
	}
	return text
}

// waits says what was seen to wait, by probes where there are some.
func (s *Statement) waits() string {
	var parts []string
	for _, b := range s.Blocks {
		if b.Blocked > 0 {
			what := "reads of "
			if b.Write {
				what = "writes to "
			}
			parts = append(parts, what+b.Table)
		}
	}
	if len(parts) == 0 {
		return "nothing was seen to wait"
	}
	return strings.Join(parts, ", ")
}
