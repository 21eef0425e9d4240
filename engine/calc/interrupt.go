package calc

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// ErrMemory is in the chain of the error of a recalculation that ended for [Options.Heap].
var ErrMemory = errors.New("too much memory")

// interrupt ends a recalculation from outside: by its context, or by the memory that it takes. One formula may take any time and any
// memory (a recursion, the product of two arrays), so the flag is asked for by the walkers within a formula, too: see [fn.Env.Poll].
type interrupt struct {
	stop atomic.Bool
	mu   sync.Mutex
	err  error // other than that of the context
	cell bool  // err names the cell
}

// memoryPace is how often the memory is looked at.
const memoryPace = 10 * time.Millisecond

// watch begins to set the flag when the run is to end; the function that it returns ends that.
func (r *run) watch() (end func()) {
	unwatch := context.AfterFunc(r.ctx, func() { r.stop.Store(true) })
	most := r.b.options.Heap
	if most <= 0 {
		return func() { unwatch() }
	}
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(memoryPace)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
			}
			if heap() <= most {
				continue
			}
			runtime.GC() // what is garbage does not count
			if heap() > most {
				r.fail(fmt.Errorf("%w: the recalculation needs more than %s", ErrMemory, unit.Bytes(most)))
				return
			}
		}
	}()
	return func() {
		unwatch()
		close(done)
	}
}

// heap is how many bytes of memory the objects of the program take, garbage included.
func heap() int64 {
	sample := [1]metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample[:])
	return int64(sample[0].Value.Uint64())
}

func (i *interrupt) fail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err == nil {
		i.err = err
	}
	i.stop.Store(true)
}

// ended returns why the run is to end, nil while it is not.
func (r *run) ended() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if !r.stop.Load() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// guard runs a part of the recalculation on one goroutine, and returns why it was ended.
func (r *run) guard(part func() error) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		s, ok := p.(eval.Stopped)
		if !ok {
			panic(p)
		}
		r.mu.Lock()
		if r.err != nil && !r.cell {
			r.err, r.cell = fmt.Errorf("%s!%s: %w", r.b.sheets[s.Sheet].name, cell.Address(s.Row, s.Col), r.err), true
		}
		r.mu.Unlock()
		err = r.ended()
	}()
	return part()
}

// newEnv returns the workbook as a walker of this run sees it.
func (r *run) newEnv() *env {
	e := r.b.newEnv()
	e.walker.StopBy(&r.stop)
	return e
}
