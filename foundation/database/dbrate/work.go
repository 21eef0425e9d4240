package dbrate

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/foundation/rate/measure"
)

// setup is a probe's Setup.
type setup func(context.Context, measure.Env) (measure.Work, error)

// writing refuses where nothing may be written.
func writing(allowed bool, next setup) setup {
	return func(ctx context.Context, env measure.Env) (measure.Work, error) {
		if !allowed {
			return measure.Work{}, errReadOnly
		}
		return next(ctx, env)
	}
}

// stored is what a row with a number holds, in all products: rows prove themselves by it.
func stored(id uint64) uint64 { return id*7 + 3 }

// scatter is odd, so that its multiples modulo a power of two visit each number once.
const scatter = 2654435761

// point is the i-th row that reads at random places visit, of rows 1 to size, a power of two.
func point(i, size uint64) uint64 { return i*scatter%size + 1 }

// pointCounter verifies reads at random places, one after the other.
func pointCounter(size uint64) func(n int, sum uint64) error {
	at := uint64(0)
	return func(n int, sum uint64) error {
		var want uint64
		for range n {
			want += stored(point(at, size))
			at++
		}
		return sameSum(sum, want)
	}
}

func sameSum(got, want uint64) error {
	if got != want {
		return fmt.Errorf("the answers sum to %d, want %d", got, want)
	}
	return nil
}

// points reads rows 1 to size at random places, one at a time.
func points(size uint64, read func(id uint64) (uint64, error)) measure.Work {
	at := uint64(0)
	return measure.Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				v, err := read(point(at, size))
				if err != nil {
					return 0, err
				}
				at++
				sum += v
			}
			return sum, nil
		},
		Verify: pointCounter(size),
	}
}

// counting asks about 1, 2, 3 and so on; the answer is the number and more.
func counting(more uint64, ask func(n uint64) (uint64, error)) measure.Work {
	asked, verified := uint64(0), uint64(0)
	return measure.Work{
		Run: func(n int) (uint64, error) {
			var sum uint64
			for range n {
				asked++
				v, err := ask(asked)
				if err != nil {
					return 0, err
				}
				sum += v
			}
			return sum, nil
		},
		Verify: func(n int, sum uint64) error {
			var want uint64
			for range n {
				verified++
				want += verified + more
			}
			return sameSum(sum, want)
		},
	}
}

// connecting opens connections, and proves each by its number, which the server tells over it.
func connecting[C any](open func() (conn *C, id uint64, err error), ask func(*C) (uint64, error), shut func(*C)) measure.Work {
	var last *C
	discard := func() error {
		if last != nil {
			shut(last)
		}
		last = nil
		return nil
	}
	return measure.Work{
		Prepare: discard,
		Run: func(int) (id uint64, err error) {
			last, id, err = open()
			return id, err
		},
		Verify: func(_ int, sum uint64) error {
			id, err := ask(last)
			if err != nil {
				return err
			}
			return sameSum(sum, id)
		},
		Close: discard,
	}
}
