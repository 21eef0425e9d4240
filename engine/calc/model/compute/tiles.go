package compute

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// tiles is a run by package exec.
type tiles struct {
	m     *model.Model
	o     Options
	r     *Result
	loads loader
	// random are the columns that differ by sample.
	random []drawn
}

// ErrTooManySamples is the error of samples whose figures, of which percentiles are taken, are more than memory is allowed for.
var ErrTooManySamples = errors.New("too many samples")

// drawn collects the samples of a column, by row.
type drawn struct {
	column *result.Column
	v      *model.Var
	values [][]float64
}

// byTile computes the outputs by package exec. The error is an [exec.Unsupported] where it cannot.
func byTile(ctx context.Context, m *model.Model, o Options) (*Result, error) {
	samples := o.Samples
	if samples == 0 {
		samples = m.Samples
	}
	if samples < 0 || !slices.ContainsFunc(m.Vars, func(v *model.Var) bool { return v.Random }) {
		samples = 0
	}
	t := &tiles{m: m, o: o, r: &Result{Result: result.Result{Samples: samples, Percentiles: m.Percentiles}}}
	t.loads = loader{m: m, rows: o.Rows, keep: samples > 0, kept: map[model.VarID]*input{}, notes: map[model.VarID]string{}}
	// The columns that differ by sample are left out of the first pass, and the others out of all samples.
	fixed, varied := *m, *m
	fixed.Outputs, varied.Outputs = nil, nil
	t.r.Tables = make([]result.Table, len(m.Outputs))
	figures := int64(0)
	for i := range m.Outputs {
		out := &m.Outputs[i]
		t.r.Tables[i] = result.NewTable(m, out)
		table := &t.r.Tables[i]
		table.Columns = make([]result.Column, len(out.Columns))
		same, differ := *out, *out
		same.Columns, differ.Columns = nil, nil
		for j, c := range out.Columns {
			v := m.Vars[c.View]
			table.Columns[j] = result.Column{Title: c.Title, Random: v.Random && samples > 0}
			if !table.Columns[j].Random {
				same.Columns = append(same.Columns, c)
				continue
			}
			differ.Columns = append(differ.Columns, c)
			t.random = append(t.random, drawn{column: &table.Columns[j], v: v})
			figures += int64(len(table.Rows))
		}
		if same.Columns != nil {
			fixed.Outputs = append(fixed.Outputs, same)
		}
		if differ.Columns != nil {
			varied.Outputs = append(varied.Outputs, differ)
		}
	}
	if figures > 0 && int64(samples) > o.Memory/8/figures {
		return nil, fmt.Errorf("%w: %d of %d figures take %s, and --memory allows %s; show fewer figures, or draw fewer samples",
			ErrTooManySamples, samples, figures, unit.Bytes(8*int64(samples)*figures), unit.Bytes(o.Memory).Binary())
	}
	if fixed.Outputs != nil {
		if err := t.fixed(ctx, &fixed); err != nil {
			return nil, err
		}
	}
	if t.random != nil {
		if err := t.samples(ctx, &varied, samples); err != nil {
			return nil, err
		}
	}
	t.r.Stats.Rows = t.loads.count
	for _, v := range m.Vars {
		if note := t.loads.notes[v.ID]; note != "" {
			t.r.Notes = append(t.r.Notes, note)
		}
	}
	notes, err := leftOut(ctx, m, o, samples)
	t.r.Notes = append(t.r.Notes, notes...)
	return t.r, err
}

// options are those of one pass.
func (t *tiles) options(sample int) exec.Options {
	return exec.Options{Threads: t.o.Threads, Memory: t.o.Memory, Folder: t.o.Folder, Plain: t.o.Plain, Sample: sample, Data: t.loads.load}
}

// fixed computes the columns that are the same in every sample.
func (t *tiles) fixed(ctx context.Context, m *model.Model) error {
	o := t.options(-1)
	if tell := t.o.Progress; tell != nil {
		o.Progress = func(done, all int64) { tell(Computing, done, all) }
	}
	x, err := exec.Run(ctx, m, o)
	if err != nil {
		return err
	}
	defer x.Close()
	t.add(x.Stats)
	var rd exec.Reader
	for i := range t.m.Outputs {
		for j, c := range t.m.Outputs[i].Columns {
			column := &t.r.Tables[i].Columns[j]
			if column.Random {
				continue
			}
			v := t.m.Vars[c.View]
			column.Values = make([]float64, v.Cells)
			if err := t.figures(x, &rd, v, func(row int, value float64) { column.Values[row] = value }); err != nil {
				return err
			}
		}
	}
	return nil
}

// add keeps what a pass did.
func (t *tiles) add(s exec.Stats) {
	st := &t.r.Stats
	st.Cells += s.Cells
	st.Spilled += s.Spilled
	st.Touched += s.Touched
	st.Stored = max(st.Stored, s.Stored)
	st.Sweeps = append(st.Sweeps, s.Sweeps...)
}

// figures reads the cells of a view in the order of rows: the first dimension slowest, and periods fastest.
func (t *tiles) figures(x *exec.Result, rd *exec.Reader, v *model.Var, set func(row int, value float64)) error {
	periods := t.m.Periods(v.Grain)
	if v.Cells == 0 {
		return nil
	}
	positions := int(v.Cells / int64(periods))
	for period := range periods {
		for position := range positions {
			value, err := x.Values(rd, v.ID, period, position)
			if err != nil {
				return err
			}
			set(position*periods+period, value+0) // no negative zero
		}
	}
	return nil
}

// smallCells is how many cells a model has at most of which several samples are drawn at once, by each thread its own. Above
// it one sample has all threads.
const smallCells = 4 << 20

// samples computes the columns that differ, once for each sample.
func (t *tiles) samples(ctx context.Context, m *model.Model, samples int) error {
	for i := range t.random {
		d := &t.random[i]
		d.values = make([][]float64, d.v.Cells)
		all := make([]float64, int64(samples)*d.v.Cells)
		for row := range d.values {
			d.values[row] = all[row*samples : (row+1)*samples : (row+1)*samples]
		}
	}
	cells := int64(0)
	for _, v := range m.Vars {
		cells = min(cells+min(v.Cells, smallCells), smallCells)
	}
	o := t.options(0)
	workers, size := 1, 1
	if cells < smallCells {
		size = batchSize(m)
		workers = min(t.o.Threads, (samples+size-1)/size)
		o.Threads, o.Memory = 1, max(1, t.o.Memory/int64(workers))
	}
	if size > 1 {
		m = batched(m, size)
	}
	var next, done atomic.Int64
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for range workers {
		group.Go(func() error {
			for {
				sample := (int(next.Add(1)) - 1) * size
				if sample >= samples {
					return nil
				}
				own := o
				own.Sample = sample
				count := min(size, samples-sample)
				stats, err := t.sample(ctx, m, own, size, count)
				if err != nil {
					return err
				}
				mu.Lock()
				if sample > 0 {
					stats.Sweeps = nil
				}
				t.add(stats)
				mu.Unlock()
				if t.o.Progress != nil {
					t.o.Progress(Drawing, done.Add(int64(count)), int64(samples))
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, d := range t.random {
		d.column.Summarise(d.values, t.m.Percentiles)
	}
	return nil
}

// sample draws samples from one on: size of them, of which the first count are kept.
func (t *tiles) sample(ctx context.Context, m *model.Model, o exec.Options, size, count int) (exec.Stats, error) {
	x, err := exec.Run(ctx, m, o)
	if err != nil {
		return exec.Stats{}, err
	}
	defer x.Close()
	var rd exec.Reader
	for i := range t.random {
		d := &t.random[i]
		v := m.Vars[d.v.ID]
		err := t.figures(x, &rd, v, func(row int, value float64) {
			// The periods are the fastest, and the samples before them.
			periods := m.Periods(v.Grain)
			one := row / periods % size
			if one < count {
				d.values[row/(periods*size)*periods+row%periods][o.Sample+one] = value
			}
		})
		if err != nil {
			return exec.Stats{}, err
		}
	}
	return x.Stats, nil
}

// smallModel is how many cells a model has at most of which it is said how much the groups leave out.
const smallModel = 1 << 18

// leftOut says which items are in no group, and in a small model without data from outside how much is in them, which
// the evaluator that goes cell by cell finds out.
func leftOut(ctx context.Context, m *model.Model, o Options, samples int) ([]string, error) {
	notes := result.Missing(m)
	o.Samples = -1
	if w := Least(m, o); notes == nil || w.Sources != nil || plus(w.Given, w.Computed) > smallModel {
		return notes, nil
	}
	e, err := reference.New(ctx, m, reference.Options{})
	if err != nil {
		return nil, err
	}
	if samples > 0 {
		e.Sample(0)
	}
	return e.Notes()
}
