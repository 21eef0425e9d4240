package datadiff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
	"github.com/napkin-infra/napkin/engine/datadiff/link"
	"github.com/napkin-infra/napkin/foundation/progress"
)

// Side is one of the two tables.
type Side struct {
	Database dialect.Database
	Table    dialect.TableName
	// Name is what the side is called in messages and in the journal: the URL with its password masked,
	// and the table.
	Name string
	// Meter, if not nil, is around the connections of Database and counts their bytes.
	Meter *link.Meter
}

// Options of a comparison. The zero value is a sound default.
type Options struct {
	Selection
	// Plan forces a plan; empty lets the planner choose.
	Plan PlanKind
	// Workers is the number of connections to each side; 0 is the number of processors, at least two and
	// at most eight, for servers on this machine, which share them with us, and four for others.
	Workers int
	// RangeRows is the number of rows of a range; 0 lets the planner choose.
	RangeRows int64
	// Memory bounds the rows without a partner that are kept in memory, in bytes; 0 is 64 MiB.
	Memory int
	// TempDir is where rows go that exceed it; empty is the system's.
	TempDir string
	// Snapshot reads each side at one point in time.
	Snapshot bool
	// Recheck reads rows that differ again, until both sides kept their values for so long: those are
	// confirmed. 0 does not read again.
	Recheck time.Duration
	// RecheckRows bounds how many rows are read again; 0 is 20,000.
	RecheckRows int64
	// Sample compares only this share of the ranges, chosen at random; 0 or 1 compares all.
	Sample float64
	// Limit ends the comparison after so many differences; 0 finds all.
	Limit int64
	// Journal is the file that makes the run resumable; empty for none. Resume goes on from it.
	Journal string
	Resume  bool
	// Progress, if not nil, is told how far the work is.
	Progress progress.Reporter
}

const (
	defaultMemory      = 64 << 20
	defaultRecheckRows = 20_000
	// remoteWorkers keeps a link with a round trip busy, and is few enough to be polite.
	remoteWorkers = 4
	// mostLocalWorkers keeps a large machine from opening a session for each processor.
	mostLocalWorkers = 8
)

// Job is a comparison that is prepared: columns paired, a plan chosen. Run it once.
type Job struct {
	side    [2]Side
	opts    Options
	pairing *Pairing
	plan    Plan
	workers int
	one     bool // both sides are on one server
}

// Prepare reads both catalogs, pairs the columns, measures, and chooses the plan. It reads no row of
// either table.
func Prepare(ctx context.Context, a, b Side, o Options) (*Job, error) {
	if o.Sample < 0 || o.Sample > 1 {
		return nil, fmt.Errorf("a sample is a share between 0 and 1, not %g", o.Sample)
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.RecheckRows == 0 {
		o.RecheckRows = defaultRecheckRows
	}
	o.Progress = progress.OrSilent(o.Progress)
	j := &Job{side: [2]Side{a, b}, opts: o, workers: o.Workers}
	var tables [2]*dialect.Table
	for i, s := range j.side {
		t, err := s.Database.Table(ctx, s.Table)
		if err != nil {
			return nil, fmt.Errorf("read the catalog of %s: %w", s.Name, err)
		}
		tables[i] = t
	}
	var err error
	if j.pairing, err = NewPairing(a.Database, b.Database, tables[0], tables[1], o.Selection); err != nil {
		return nil, err
	}
	if j.one, err = a.Database.Same(ctx, b.Database); err != nil {
		return nil, err
	}
	if o.Resume && o.Plan == "" {
		// The plan of the first run goes on, and is what the rates are measured for.
		j.opts.Plan = journalPlan(o.Journal)
	}
	if j.plan, err = j.choose(ctx); err != nil {
		return nil, err
	}
	if o.Plan == "" && j.opts.Plan != "" {
		j.plan.Why = "that of the run that was cut off"
	}
	return j, nil
}

// Pairing returns which columns are compared, and as what.
func (j *Job) Pairing() *Pairing { return j.pairing }

// Plan returns the plan and what it was chosen by.
func (j *Job) Plan() *Plan { return &j.plan }

// relation returns what is read of a side.
func (j *Job) relation(side int) *dialect.Relation {
	if side == 0 {
		return &j.pairing.A
	}
	return &j.pairing.B
}

// open opens a session of a side.
func (j *Job) open(ctx context.Context, side int) (dialect.Session, error) {
	s, err := j.side[side].Database.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.side[side].Name, err)
	}
	return s, nil
}

// errLimit ends a run that has found as many differences as were asked for.
var errLimit = errors.New("as many differences as asked for were found")
