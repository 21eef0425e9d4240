package datadiff

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/napkin-infra/napkin/foundation/limit"
)

// Verdict is the answer.
type Verdict string

// Verdicts.
const (
	Equal     Verdict = "equal"
	Different Verdict = "different"
	// Unknown: the answer could not be had, and nothing is to be concluded from what was not found.
	Unknown Verdict = "unknown"
)

// Result is what a run found.
type Result struct {
	Verdict Verdict
	Pairing *Pairing
	Plan    *Plan
	// Rows are those compared of each side; CellBytes the size of the canonical cells that were read, and
	// LinkBytes what came over the connections since the run began, where they are metered (the plan says
	// what the measuring took). The join plan reads only rows that
	// it suspects, and Rows counts those.
	Rows      [2]int64
	CellBytes [2]int64
	LinkBytes [2]int64
	// EarlierRows and EarlierBytes are what of Rows and CellBytes was read by the runs that this one went
	// on from; Outcome is of this run alone.
	EarlierRows, EarlierBytes [2]int64
	// Differences by kind. Transient ones, which were gone when read again, are not among them.
	OnlyA, OnlyB, Changed int64
	Confirmed             int64
	Moving                int64
	Transient             int64
	// Columns count the changed rows in which each column differs, in the order of the pairing.
	Columns []ColumnResult
	// Limited: the run ended at the number of differences asked for; there may be more.
	Limited bool
	// Ranges is the number of ranges compared.
	Ranges int
	// Spilled is the number of bytes of rows without a partner that went to disk.
	Spilled int64
	// Position is the point in time of each side's snapshot, when there was one.
	Position [2]string
	// Journal is the file from which an unfinished run can go on; empty when there is none.
	Journal string
	Outcome limit.Outcome
	began   time.Time
}

// ColumnResult is what the changed rows have in common in one column.
type ColumnResult struct {
	Name    string
	Changed int64
}

// Differences is the number of rows that differ.
func (r *Result) Differences() int64 { return r.OnlyA + r.OnlyB + r.Changed }

// CollisionProbability bounds the chance that a range that differs was taken for equal: the number of
// ranges hashed times that of one hash, 2^-60 for portable sums of 60 bits and for native ones, of which
// the weakest have no more. It is 0 for plans that compare rows.
func (r *Result) CollisionProbability() float64 {
	switch r.Plan.Kind {
	case Portable, Native:
		return float64(r.Ranges) * math.Exp2(-60)
	}
	return 0
}

// SampleBound is the share of ranges that may differ though none of the sampled did, with the given
// confidence: of n ranges drawn at random none differs with a probability of at most (1-share)^n.
func (r *Result) SampleBound(confidence float64) float64 {
	if r.Ranges == 0 {
		return 1
	}
	return 1 - math.Pow(1-confidence, 1/float64(r.Ranges))
}

// conclude reads the differences from the journal, checks those that may have been seen in passing, and
// hands them on.
func (r *run) conclude(ctx context.Context, res *Result, emit func(Difference) error) error {
	check := newRecheck(r)
	if r.opts.Recheck > 0 && r.pairing.Key > 0 {
		if err := r.journal.each(check.collect); err != nil {
			return err
		}
		if err := check.settleAll(ctx); err != nil {
			return fmt.Errorf("read rows that differ again: %w", err)
		}
	}
	n := int64(0)
	err := r.journal.each(func(d Difference) error {
		if r.opts.Limit > 0 && n == r.opts.Limit {
			return errLimit
		}
		d, gone := check.verdict(d)
		if gone {
			res.Transient++
			return nil
		}
		n++
		if err := res.count(d); err != nil {
			return err
		}
		if emit == nil {
			return nil
		}
		return emit(d)
	})
	if err != nil && err != errLimit { //nolint:errorlint // it is ours, and not wrapped
		return err
	}
	res.Limited = res.Limited || err != nil
	switch {
	case res.Differences() == 0 && res.Limited:
		// What was found was gone when it was read again, and what was not read is not known.
		res.Verdict = Unknown
	case res.Differences() == 0:
		res.Verdict = Equal
	case res.Differences() == res.Moving:
		res.Verdict = Unknown
	default:
		res.Verdict = Different
	}
	return nil
}

func (r *Result) count(d Difference) error {
	switch d.Kind {
	case OnlyA:
		r.OnlyA++
	case OnlyB:
		r.OnlyB++
	default:
		r.Changed++
		if err := differing(d.A, d.B, func(i int, _, _ []byte) {
			if i < len(r.Columns) {
				r.Columns[i].Changed++
			}
		}); err != nil {
			return err
		}
	}
	switch d.State {
	case Confirmed:
		r.Confirmed++
	case Moving:
		r.Moving++
	}
	return nil
}

// countFound counts the differences of a run that was cut off: those of the ranges that were finished.
func (r *Result) countFound(j *journal) {
	r.OnlyA, r.OnlyB, r.Changed, r.Confirmed, r.Moving, r.Transient = 0, 0, 0, 0, 0, 0
	for i := range r.Columns {
		r.Columns[i].Changed = 0
	}
	// What cannot be read is not counted: the verdict is unknown either way.
	_ = j.each(r.count)
}
