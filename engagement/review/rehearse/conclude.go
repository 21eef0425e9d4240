package rehearse

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/effect"
	"github.com/napkin-infra/napkin/engagement/review/pgoracle"
	"github.com/napkin-infra/napkin/engagement/review/scale"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// conclude turns what was seen and timed into the result.
func (r *rehearsal) conclude() {
	r.chooseClock()
	for _, g := range r.plan.groups {
		for _, s := range g.steps {
			r.concludeStep(s)
		}
	}
	// A lock of a transaction is held until its end, thus through the statements behind.
	for _, g := range r.plan.groups {
		for i, s := range g.steps {
			s.result.Held = s.result.Duration
			for _, later := range g.steps[i+1:] {
				s.result.Held = sum(s.result.Held, later.result.Duration, later.result.Ran())
			}
		}
	}
}

// busy is the pressure on processors above which wall time tells of others' work.
const busy = 0.2

func (r *rehearsal) chooseClock() {
	c := Clock{Name: "wall", Why: "the time that passed", Pressure: -1}
	if len(r.pressure) > 0 {
		sorted := slices.Sorted(slices.Values(r.pressure))
		c.Pressure = sorted[len(sorted)/2]
	}
	hasCPU := false
	for _, all := range r.times {
		for _, t := range all {
			hasCPU = hasCPU || t.cpu > 0
		}
	}
	switch {
	case c.Pressure > busy && hasCPU:
		c.Name, c.Why = "cpu", fmt.Sprintf("the processor time of the server's processes, because something waited for a processor in %.0f %% of the time: the machine is busy, and the time that passed tells of that", c.Pressure*100)
	case c.Pressure > busy:
		c.Why = fmt.Sprintf("the time that passed, although something waited for a processor in %.0f %% of it: the times are those of a busy machine", c.Pressure*100)
	}
	r.result.Clock = c
}

func (r *rehearsal) concludeStep(s *step) {
	out := s.result
	seen := r.seen[s]
	if seen == nil {
		out.Duration.NotEstimated = "it was not run"
		return
	}
	out.Effect, out.Words, out.Notes = seen.Effect, seen.Words, append(out.Notes, seen.Notes...)
	r.name(s, seen)
	out.Observed, out.Rows = !s.unobserved, r.rowsAt(s)
	out.Blocks = blocks(seen)
	out.Signature = r.signature(s, seen)
	for _, t := range r.times[s] {
		out.Wall = append(out.Wall, scale.Sample{Rows: float64(t.rows), Seconds: t.wall})
		if t.cpu > 0 {
			out.CPU = append(out.CPU, scale.Sample{Rows: float64(t.rows), Seconds: t.cpu})
		}
	}
	out.Samples = out.Wall
	if r.result.Clock.Name == "cpu" {
		out.Samples = out.CPU
	}
	out.Duration = r.predict(s)
	if n := out.ProductionRows; idle(seen.Effect) {
		out.WAL = seen.Effect.WAL
	} else if n > 0 && r.rowsAt(s) > 0 {
		out.WAL = unit.Bytes(float64(seen.Effect.WAL) * n / float64(r.rowsAt(s)))
	}
	r.floor(s)
	r.losses(s)
}

// name takes the table that the oracles found where the statement's text told none.
func (r *rehearsal) name(s *step, seen *pgoracle.Observation) {
	if s.subject != "" || len(seen.Tables) == 0 || seen.Tables[0].Role != pgoracle.Target {
		return
	}
	t := seen.Tables[0]
	key := t.Schema + "." + t.Name
	if r.plan.catalog.Table(key) != nil {
		s.subject, s.result.Table, s.result.ProductionRows = key, key, r.plan.known[key]
	}
}

func (r *rehearsal) rowsAt(s *step) int64 { return r.filled[r.seenRows[s]][s.subject] }

func blocks(seen *pgoracle.Observation) []Block {
	names := map[uint32]string{}
	for _, t := range seen.Tables {
		names[t.OID] = t.Schema + "." + t.Name
	}
	var all []Block
	for _, p := range seen.Probes {
		if p.Tries > 0 && names[p.Relation] != "" {
			all = append(all, Block{Table: names[p.Relation], Write: p.Write, Tries: p.Tries, Blocked: p.Blocked})
		}
	}
	return all
}

// signature counts the work on the statement's table, of all parts of a partitioned one.
func (r *rehearsal) signature(s *step, seen *pgoracle.Observation) scale.Signature {
	n := float64(r.rowsAt(s))
	if n == 0 || idle(seen.Effect) {
		return scale.Signature{}
	}
	var g scale.Signature
	size := unit.Bytes(0)
	for _, t := range seen.Tables {
		c := r.plan.catalog.Table(t.Schema + "." + t.Name)
		for c != nil && c.PartitionOf != "" {
			c = r.plan.catalog.Table(c.PartitionOf)
		}
		if c == nil || c.Key() != s.subject {
			continue
		}
		g.Passes += float64(t.Read) / n
		g.Written += float64(t.Written) / n
		g.Rewrite = g.Rewrite || t.Work.Has(effect.Rewrite)
		size += t.Size
	}
	g.WAL = float64(seen.Effect.WAL) / n
	if size > 0 {
		g.WALShare = float64(seen.Effect.WAL) / float64(size)
	}
	for _, w := range seen.Words {
		if strings.HasPrefix(w, "building index") {
			g.Indexes++
		}
	}
	if g.Indexes == 0 && seen.Effect.Work.Has(effect.IndexBuild) {
		g.Indexes = 1
	}
	return g
}

// idle says whether a statement did nothing that grows with a table.
func idle(e effect.Effect) bool { return e.Work == 0 && e.RowsWritten == 0 && e.RowsRead == 0 }

// predict fits the times. Work that does not grow is not extrapolated: what it took here is what it takes.
func (r *rehearsal) predict(s *step) scale.Prediction {
	out := s.result
	e := out.Effect
	if idle(e) && !s.unobserved {
		return scale.Constant(out.Samples, out.ProductionRows, r.result.Machine)
	}
	p := scale.Fit(out.Samples, growth(e), out.ProductionRows, r.result.Machine)
	if !p.Estimated() && s.subject == "" {
		p.NotEstimated = "it is about no table whose rows are known"
	}
	return p
}

// floor states the time in production by base rates, and whether that is a bound.
func (r *rehearsal) floor(s *step) {
	if r.o.Statistics == nil || s.subject == "" {
		return
	}
	t := targetTable(r.o.Statistics, r.plan.catalog.Table(s.subject))
	if t == nil || t.Rows == 0 {
		return
	}
	rates := r.o.Production
	if rates == nil {
		rates = r.o.Here
	}
	if rates == nil {
		rates = rate.Embedded()
	}
	memory := cache(r.o)
	bound := scale.Floor(s.result.Signature, t, memory, rates)
	s.result.Floor, s.result.FloorBy, s.result.FloorHolds = bound.Seconds, bound.By, !strings.Contains(bound.By, string(rate.Published))
	if s.result.Effect.Work != 0 && memory > 0 && t.Bytes() > memory {
		s.result.Disk, s.result.FloorHolds = true, true
		s.result.Notes = append(s.result.Notes, fmt.Sprintf("production's table has %s and what caches it about %s, while the rehearsal's rows were all in memory; the time by base rates is one of the disk, and where it lies above the interval, believe it", t.Bytes(), memory))
	}
}

// sum adds a prediction to another, low to low and high to high, which is wider than need be.
func sum(a, b scale.Prediction, ran bool) scale.Prediction {
	switch {
	case !ran:
		return a
	case !a.Estimated():
		return a
	case !b.Estimated():
		a.NotEstimated = "a statement behind it in its transaction is not estimated"
		a.Low, a.Median, a.High = 0, 0, 0
		return a
	}
	a.Low, a.Median, a.High = a.Low+b.Low, a.Median+b.Median, a.High+b.High
	return a
}

// losses warns of rows that a statement destroys.
func (r *rehearsal) losses(s *step) {
	for _, a := range s.actions {
		names := append([]string(nil), a.Names...)
		if a.Table != "" {
			names = append(names, a.Table)
		}
		for _, name := range names {
			if t := r.plan.catalog.Table(name); t != nil {
				if text, rows := r.loss(s, a, t); text != "" {
					r.result.Losses = append(r.result.Losses, Loss{Path: s.path, Line: s.at.Start.Line, Table: t.Key(), Rows: rows, Sentence: text})
				}
			}
		}
	}
}

func (r *rehearsal) loss(s *step, a statement.Action, t *scale.Table) (string, float64) {
	rows, where := r.plan.known[t.Key()], "in production, by the server's estimate"
	if rows == 0 {
		rows, where = float64(r.filled[r.seenRows[s]][t.Key()]), "here; production's number is not known"
	}
	count := report.Quantity(rows, "rows")
	switch a.Kind {
	case statement.DropTable:
		return fmt.Sprintf("removes the table %s with its %s (%s)", t.Key(), count, where), rows
	case statement.Truncate:
		return fmt.Sprintf("removes all %s of %s (%s)", count, t.Key(), where), rows
	case statement.DropColumn:
		filled := rows
		if c := t.Column(a.Name); c != nil && r.o.Statistics != nil {
			if p := targetTable(r.o.Statistics, t); p != nil {
				if pc := p.Column(a.Name); pc != nil && pc.Shape != nil {
					filled = math.Round(rows * (1 - pc.Shape.NullFraction))
				}
			}
		}
		return fmt.Sprintf("removes the column %s of %s, which %s hold a value of (%s)", a.Name, t.Key(), report.Quantity(filled, "rows"), where), filled
	case statement.Delete:
		here := float64(r.filled[r.seenRows[s]][t.Key()])
		if here == 0 || s.result.Effect.RowsWritten == 0 {
			return "", 0
		}
		part := min(float64(s.result.Effect.RowsWritten)/here, 1)
		if a.Write != nil && len(a.Write.Where) == 0 && !a.Write.Limited {
			return fmt.Sprintf("deletes all %s of %s (%s)", count, t.Key(), where), rows
		}
		return fmt.Sprintf("deleted %.3g %% of the generated rows of %s; of %s that would be %s (%s), but only production knows which rows meet its condition", part*100, t.Key(), count, report.Quantity(math.Round(part*rows), "rows"), where), part * rows
	}
	return "", 0
}
