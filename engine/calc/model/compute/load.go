package compute

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
)

// loader gives package exec the cells of inputs from outside. Rows go straight to their cells; only where samples are
// drawn, and the cells are wanted again, they are kept.
type loader struct {
	m    *model.Model
	rows model.Rows
	keep bool

	mu    sync.Mutex
	kept  map[model.VarID]*input
	notes map[model.VarID]string
	count int64
}

// input is the cells of an input.
type input struct {
	once    sync.Once
	err     error
	numbers []int64
	values  []float64
}

// load is an [exec.Data].
func (l *loader) load(ctx context.Context, v *model.Var, cell func(period, position int) *float64) error {
	if l.rows == nil {
		return fmt.Errorf("%s is read from a %s, and there is nothing to read it with", v.Name, v.Data.External.Source.Kind)
	}
	if v.Cells == 0 {
		return nil
	}
	positions := v.Cells / int64(l.m.Periods(v.Grain))
	at := func(number int64) *float64 { return cell(int(number/positions), int(number%positions)) }
	if !l.keep {
		return l.stream(ctx, v, at)
	}
	l.mu.Lock()
	in := l.kept[v.ID]
	if in == nil {
		in = &input{}
		l.kept[v.ID] = in
	}
	l.mu.Unlock()
	in.once.Do(func() {
		cells, report, err := data.Collect(ctx, l.m, v, l.rows, math.MaxInt64)
		in.err = err
		l.told(v, report)
		for number, value := range cells {
			in.numbers, in.values = append(in.numbers, number), append(in.values, value)
		}
	})
	for i, number := range in.numbers {
		*at(number) = in.values[i]
	}
	return in.err
}

// told keeps what became of the rows of an input.
func (l *loader) told(v *model.Var, report data.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count += report.Rows
	if s := report.String(); s != "" {
		l.notes[v.ID] = v.Name + ": " + s
	}
}

// stream puts rows into their cells as they come. Beside the cells it takes a bit for each, which says that the cell had a
// row, or four bytes where several rows are averaged.
func (l *loader) stream(ctx context.Context, v *model.Var, at func(number int64) *float64) error {
	repeated := v.Data.External.Repeated
	var seen []uint64
	var counts []uint32
	switch repeated {
	case model.RepeatedAverage:
		counts = make([]uint32, v.Cells)
	case model.RepeatedLast:
	default:
		seen = make([]uint64, (v.Cells+63)/64)
	}
	report, err := data.Stream(ctx, l.m, v, l.rows, func(number int64, value float64) error {
		to := at(number)
		switch {
		case counts != nil:
			// The mean of n values and one more.
			counts[number]++
			if n := counts[number]; n > 1 {
				value = *to + (value-*to)/float64(n)
			}
		case seen != nil:
			bit := uint64(1) << (number % 64)
			switch {
			case seen[number/64]&bit == 0:
				seen[number/64] |= bit
			case repeated == model.RepeatedError:
				return data.Repeated(l.m, v, number)
			default:
				value += *to
			}
		}
		if math.IsInf(value, 0) {
			return data.NotFinite(l.m, v, number)
		}
		*to = value
		return nil
	})
	l.told(v, report)
	return err
}
