package exec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// Options of an execution.
type Options struct {
	// Threads is how many processors are used; 0 means all. It does not change results.
	Threads int
	// Memory is how many bytes the values may take; what is more goes to a file. An eighth is left to what is read back from
	// there and what is being written. 0 means 4 GiB.
	Memory int64
	// Folder is where that file is; "" means the system's for temporary files.
	Folder string
	// Plain keeps values as float64 and tries no smaller form.
	Plain bool
	// Sample is the number of the sample to draw, from 0; below 0 every distribution stands for its mean.
	Sample int
	// Data reads the cells of inputs from outside; see [Data].
	Data Data
	// Loaded, if not nil, is called when the inputs are in memory and before anything is computed.
	Loaded func()
	// Progress, if not nil, is told now and then how many cells of how many have been computed.
	Progress func(done, all int64)
}

// Data gives the cells of an input that comes from outside of the model: it calls cell for each cell that has a value, and sets what it
// returns, which is the variable's fill before. A cell is good until the next one is asked for. Cells may come in any order; along positions
// and then periods is the fastest.
type Data func(ctx context.Context, v *model.Var, cell func(period, position int) *float64) error

// Stats is what an execution did.
type Stats struct {
	Cells   int64 // computed, stored or not
	Sweeps  []Sweep
	Spilled int64 // bytes that went to the file
	Touched int64 // bytes of memory used for the first time
	Stored  int64 // bytes of values in memory at the end
	Took    time.Duration
}

// Sweep is variables that were computed together.
type Sweep struct {
	Vars    []string // of the model
	Cells   int64    // of all its variables
	Rollups int      // that were gathered meanwhile
	Read    int64    // bytes of arrays over the same positions that were read, in the form in which they are kept
	Took    time.Duration
}

// Result is the values that a model shows.
type Result struct {
	Stats Stats
	x     *executor
}

type executor struct {
	m    *model.Model
	p    *plan
	o    Options
	pool *pool
	done atomic.Int64
}

// Run evaluates what a model shows and what that needs. It returns an [Unsupported] error for models that only the reference evaluator knows.
// The result is to be closed.
func Run(ctx context.Context, m *model.Model, o Options) (*Result, error) {
	began := time.Now()
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.Folder == "" {
		o.Folder = os.TempDir()
	}
	if o.Memory <= 0 {
		o.Memory = 4 << 30
	}
	p, err := newPlan(m)
	if err != nil {
		return nil, err
	}
	x := &executor{m: m, p: p, o: o, pool: &pool{free: map[int][][]float64{}, budget: o.Memory - o.Memory/8, coded: !o.Plain, folder: o.Folder}}
	r := &Result{x: x}
	needed := p.needed()
	all := int64(0)
	for _, v := range p.vars {
		if needed[v] && v.fold == nil {
			all += int64(v.periods) * int64(v.positions)
		}
	}
	stop := x.tell(all)
	defer stop()
	if err := x.load(ctx, needed); err != nil {
		r.Close()
		return nil, err
	}
	if o.Loaded != nil {
		o.Loaded()
	}
	for _, s := range p.sweeps {
		before, cpu := time.Now(), x.done.Load()
		if err := x.sweep(ctx, s, needed); err != nil {
			r.Close()
			return nil, s.named(err)
		}
		if cells := x.done.Load() - cpu; cells > 0 {
			r.Stats.Sweeps = append(r.Stats.Sweeps, x.told(s, needed, cells, time.Since(before)))
		}
	}
	r.Stats.Cells, r.Stats.Spilled, r.Stats.Touched, r.Stats.Stored = x.done.Load(), x.pool.spilled, x.pool.touched, x.pool.kept
	r.Stats.Took = time.Since(began)
	return r, nil
}

// named puts the variables of the model before an error of their sweep, unless it was told to end.
func (s *sweep) named(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var names []string
	for _, v := range s.vars {
		if v.id >= 0 && len(names) < 5 {
			names = append(names, v.name)
		}
	}
	return fmt.Errorf("%s: %w", strings.Join(names, ", "), err)
}

// told is what a sweep did.
func (x *executor) told(s *sweep, needed map[*variable]bool, cells int64, took time.Duration) Sweep {
	out := Sweep{Cells: cells, Took: took}
	read := map[*variable]bool{}
	for _, v := range s.vars {
		if !needed[v] {
			continue
		}
		if v.id >= 0 {
			out.Vars = append(out.Vars, v.name)
		}
		if v.data != nil {
			read[v] = true
		}
		for _, k := range v.sinks {
			if needed[k] {
				out.Rollups++
			}
		}
		for _, r := range v.reads {
			if r.same && r.of.values != nil && (r.of.sweep != v.sweep || r.of.data != nil) {
				read[r.of] = true
			}
		}
	}
	for v := range read {
		out.Read += v.values.bytes()
	}
	return out
}

// tell reports progress until the function that it returns is called.
func (x *executor) tell(all int64) func() {
	if x.o.Progress == nil {
		return func() {}
	}
	end := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				x.o.Progress(min(x.done.Load(), all), all)
			case <-end:
				return
			}
		}
	}()
	return func() {
		close(end)
		<-done
		x.o.Progress(all, all)
	}
}

// Close gives up the memory and the file.
func (r *Result) Close() error { return r.x.pool.close() }

// Value returns one cell of a variable that the model shows; other variables may not have been kept.
func (r *Result) Value(v model.VarID, period, position int) (float64, error) {
	var rd reader
	return r.Values(&rd, v, period, position)
}

// Reader reads cells of a result; each goroutine has its own.
type Reader = reader

// Values is [Result.Value] with a reader that keeps what it has read.
func (r *Result) Values(rd *Reader, v model.VarID, period, position int) (float64, error) {
	of := r.x.p.byID[v]
	if of.values == nil {
		return 0, &Unsupported{of.name, "its values were not kept"}
	}
	x, err := of.values.value(rd, period, position)
	if err != nil {
		err = fmt.Errorf("%s: %w", of.name, err)
	}
	return x, err
}

// needed finds what the outputs rest on.
func (p *plan) needed() map[*variable]bool {
	out := map[*variable]bool{}
	var visit func(v *variable)
	visit = func(v *variable) {
		if out[v] {
			return
		}
		out[v] = true
		if v.fold != nil {
			visit(v.fold.of)
		}
		for _, r := range v.reads {
			visit(r.of)
		}
	}
	for _, v := range p.vars {
		if v.wanted {
			visit(v)
		}
	}
	return out
}

// sweep runs one sweep of the plan.
func (x *executor) sweep(ctx context.Context, s *sweep, needed map[*variable]bool) error {
	if s.alone {
		return x.period(ctx, s, needed)
	}
	r, err := x.prepare(s, s.vars, needed)
	if err != nil || len(r.vars) == 0 {
		return err
	}
	return r.do(ctx)
}

// prepare makes nodes of the expressions of a sweep.
func (x *executor) prepare(s *sweep, vars []*variable, needed map[*variable]bool) (*run, error) {
	r := &run{x: x, s: s, space: x.p.space(vars[0].dims), periods: vars[0].periods}
	place := map[*variable]int{}
	for _, v := range vars {
		if !needed[v] {
			continue
		}
		if v.stored && v.values == nil {
			v.values = newArray(x.pool, v.periods, v.positions)
		}
		c := &computed{v: v}
		if v.history > 0 {
			c.ring = v.history + 1
		}
		place[v] = len(r.vars)
		r.vars = append(r.vars, c)
	}
	b := &binder{x: x, r: r, place: place}
	for _, c := range r.vars {
		b.v = c.v
		var err error
		if c.v.data != nil {
			m := &mapping{same: true}
			times := times{single: true}
			for period := range r.periods {
				times.list = append(times.list, []taken{{int32(period), 1}})
			}
			c.node = &stored{of: c.v, m: m, mapID: len(r.maps), times: times}
			r.maps = append(r.maps, m)
		} else if c.node, err = b.node(c.v.expr); err != nil {
			return nil, err
		}
		for _, k := range c.v.sinks {
			if !needed[k] {
				continue
			}
			m := x.p.foldTo(&r.space, k.fold, k)
			k.place = len(r.sinks)
			one := &sink{v: k, agg: k.fold.agg, m: m, id: len(r.maps)}
			r.maps = append(r.maps, m)
			r.sinks = append(r.sinks, one)
			c.sinks = append(c.sinks, one)
		}
	}
	for i, c := range r.vars {
		read := false
		for _, other := range r.vars {
			for _, ref := range other.v.reads {
				read = read || place[ref.of] == i && ref.of == c.v
			}
		}
		c.fused = r.fuse(c, read)
	}
	return r, nil
}
