package compute

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Options of a run. The zero value computes the model as it is, without data from outside.
type Options struct {
	// Rows reads the inputs that come from files and databases.
	Rows model.Rows
	// Samples is how many samples are drawn. 0 takes the model's number; below 0 there are none.
	Samples int
	// Threads is how many processors are used; 0 means all. It changes no figure.
	Threads int
	// Memory is how many bytes of values are kept in memory; what is more goes to a file in Folder ("" means the system's
	// for temporary files). 0 means 4 GiB.
	Memory int64
	Folder string
	// Plain keeps values as float64 and tries no smaller form.
	Plain bool
	// Progress, if not nil, is told now and then how much of how much of a stage is done, from several goroutines.
	// Without a known amount of work all is 0.
	Progress func(stage Stage, done, all int64)
}

// Stage is a part of a run.
type Stage string

// Stages of a run.
const (
	Computing Stage = "computing cells"
	Drawing   Stage = "drawing samples"
)

const defaultMemory = 4 << 30

// MaxRows bounds the rows of an output: each has its labels and figures in memory.
const MaxRows = 20_000_000

// Result is what a run gives.
type Result struct {
	result.Result
	Stats Stats
}

// Stats is what a run did.
type Stats struct {
	// ByCell is set where the evaluator that goes cell by cell ran; Why says why.
	ByCell bool
	Why    string
	// Cells were computed, stored or not; of several samples those of all of them. It is 0 with ByCell, which computes
	// only what it is asked for.
	Cells   int64
	Sweeps  []exec.Sweep // of one pass, without samples
	Spilled int64        // bytes that went to a file
	Touched int64        // bytes of memory used for the first time
	Stored  int64        // bytes of values in memory at the end of a pass
	Rows    int64        // of data from outside
	Took    time.Duration
}

// Run computes the outputs of a model.
func Run(ctx context.Context, m *model.Model, o Options) (*Result, error) {
	began := time.Now()
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	for i := range m.Outputs {
		if rows := result.RowsOf(m, &m.Outputs[i]); rows > MaxRows {
			return nil, fmt.Errorf("show %s: that is %d rows; at most %d are shown. Leave out a dimension, roll it up to a smaller one, or cut it", m.Outputs[i].Title, rows, MaxRows)
		}
	}
	r, err := run(ctx, m, o)
	if err != nil {
		return nil, err
	}
	r.Stats.Took = time.Since(began)
	return r, nil
}

// run chooses the evaluator.
func run(ctx context.Context, m *model.Model, o Options) (*Result, error) {
	if v := scattered(m, o.Memory); v != nil {
		r, err := byCell(ctx, m, o, fmt.Sprintf("%s has few values among %d cells", v.Name, v.Cells))
		if !errors.Is(err, reference.ErrTooLarge) {
			return r, err
		}
		tiled, err2 := byTile(ctx, m, o)
		var not *exec.Unsupported
		if errors.As(err2, &not) {
			return nil, err
		}
		return tiled, err2
	}
	r, err := byTile(ctx, m, o)
	var not *exec.Unsupported
	if errors.As(err, &not) {
		return byCell(ctx, m, o, not.Error())
	}
	return r, err
}

// scattered finds an input that has few values among more cells than memory holds.
func scattered(m *model.Model, memory int64) *model.Var {
	for _, v := range m.Vars {
		if v.Data != nil && v.Storage == model.Sparse && v.Cells > memory/8 {
			return v
		}
	}
	return nil
}

// byCell runs the evaluator that goes cell by cell.
func byCell(ctx context.Context, m *model.Model, o Options, why string) (*Result, error) {
	if o.Progress != nil {
		o.Progress(Computing, 0, 0)
	}
	r, err := reference.Run(ctx, m, reference.Options{Rows: o.Rows, Samples: o.Samples})
	if err != nil {
		return nil, err
	}
	return &Result{Result: *r, Stats: Stats{ByCell: true, Why: why}}, nil
}
