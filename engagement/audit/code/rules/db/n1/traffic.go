package n1

import (
	"fmt"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rates of entry points per second beside the ten of a read. They are assumptions: changes are made by
// fewer people than look, and few people administer.
const (
	readRate  = 10
	writeRate = 1
	adminRate = 0.1
)

// traffic is who waits for a load, and how often.
type traffic struct {
	class   flow.EntryClass
	period  time.Duration
	entries []string
}

// meet adds a load. The most frequent entry speaks for all.
func (t *traffic) meet(r *flow.Result, l flow.Load) {
	class, period := r.ClassOf(l)
	if _, known := r.EntryOf(l.Entry); !known {
		switch verb, _, _ := strings.Cut(l.Entry, " "); verb {
		case "mail", "job", "task", "search":
			class = flow.EntryTask
		}
	}
	if l.Entry != "" {
		known := false
		for _, e := range t.entries {
			known = known || e == l.Entry
		}
		if !known && (len(t.entries) == 0 || class < t.class || t.class == flow.EntryUnknown) {
			t.entries = append([]string{l.Entry}, t.entries...)
		} else if !known {
			t.entries = append(t.entries, l.Entry)
		}
	}
	if t.class == flow.EntryUnknown || class != flow.EntryUnknown && class < t.class {
		t.class, t.period = class, period
	}
}

// rare reports code that is run by hand, or once for each install.
func (t *traffic) rare() bool {
	return t.class == flow.EntryCommand || t.class == flow.EntryInstall || t.class == flow.EntrySeed
}

// event names what the cost is paid for.
func (t *traffic) event() string {
	switch t.class {
	case flow.EntryRead:
		return "request"
	case flow.EntryWrite:
		return "write request"
	case flow.EntryAdmin:
		if len(t.entries) > 0 {
			return "admin request"
		}
		return "call"
	case flow.EntryUnknown:
		return "call"
	}
	return "run"
}

// apply gives a cost the frequency of its entry.
func (t *traffic) apply(p *rule.Pass, c *report.Cost) *report.Cost {
	switch c.Event {
	case "write request":
		return p.Cost.AtRate(c, p.Cost.Traffic(writeRate, "a request that changes something"))
	case "admin request":
		return p.Cost.AtRate(c, p.Cost.Traffic(adminRate, "an administrator's request"))
	case "run":
		if t.period > 0 {
			c.Inputs = append(c.Inputs, report.Input{Name: "P", Value: t.period.Seconds(), Unit: "s", Origin: report.Read, Detail: "between two runs, by the schedule"})
			c.PerDay = (c.Now - c.Fixed) * float64(24*time.Hour) / float64(t.period)
		}
	}
	return c
}

// reached ends a claim with the entry points.
func (t *traffic) reached() string {
	if len(t.entries) == 0 {
		return ""
	}
	s := " Reached from " + list(t.entries, 2)
	if t.period > 0 {
		s += fmt.Sprintf(", every %s", spoken(t.period))
	}
	return s + "."
}

// spoken writes a period as people do.
func spoken(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= u.unit && d%u.unit == 0 {
			if n := d / u.unit; n > 1 {
				return fmt.Sprintf("%d %ss", n, u.name)
			}
			return u.name
		}
	}
	return d.String()
}

// Savings in ms from which a finding is grave, and from which it is worth a page.
const (
	graveSaving = 20
	worthSaving = 5
	// worthAssumed is worthSaving where the number of rows is an assumption.
	worthAssumed = 8
	runSaving    = 500 // of a run that nobody waits for
	// unsureSaving is that of a loop of which neither the entry point nor the rows are known.
	unsureSaving = 60

	sure = 0.65 // confidence below which nothing is grave
)

// weigh sets severity and place in the report by consequence: who waits, how long, and whether the
// data bounds it.
func (t *traffic) weigh(f *rule.Finding, n count) {
	saving := f.Cost.Now - f.Cost.Fixed
	worth := float64(worthSaving)
	if n.Origin == report.Assumed {
		worth = worthAssumed
	}
	switch {
	case t.rare():
		f.Severity, f.Minor = report.Low, true
		f.Confidence = min(f.Confidence, 0.45)
	case t.class == flow.EntryRead && f.Evidence >= 2 && f.Confidence >= sure && (saving >= graveSaving || n.unbounded):
		f.Severity = report.High
	case t.class.Request() && saving >= worth:
		f.Severity = report.Medium
	case t.class == flow.EntryTask && saving >= runSaving:
		f.Severity = report.Medium
	case t.class == flow.EntryUnknown && (saving >= worth && f.Confidence >= sure || n.unbounded || saving >= unsureSaving):
		f.Severity = report.Medium
	default:
		f.Severity, f.Minor = report.Low, true
	}
}
