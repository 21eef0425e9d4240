package reference

import (
	"context"
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/random"
)

// Evaluator computes cells of a model and keeps them. It is used by one goroutine. Make one with [New].
type Evaluator struct {
	ctx    context.Context
	m      *model.Model
	o      Options
	max    int64
	vars   []*values
	kept   int64
	steps  int64 // cells since the context was last asked
	sample int   // -1 without samples
	step   []model.Direction
	sums   map[*model.VarRef]*groups
	groups map[model.MapID][][]int32
	loaded []string
}

// New makes an evaluator without samples.
func New(ctx context.Context, m *model.Model, o Options) (*Evaluator, error) {
	if o.MaxCells == 0 {
		o.MaxCells = defaultMaxCells
	}
	e := &Evaluator{ctx: ctx, m: m, o: o, max: o.MaxCells, vars: make([]*values, len(m.Vars)), sample: -1, step: make([]model.Direction, len(m.Vars)), sums: map[*model.VarRef]*groups{}, groups: map[model.MapID][][]int32{}}
	for _, s := range m.Steps {
		for _, v := range s.Vars {
			e.step[v] = s.Direction
		}
	}
	return e, ctx.Err()
}

// Sample goes to a sample, from 0. What is random is forgotten. Below 0 there are no samples.
func (e *Evaluator) Sample(n int) {
	e.sample = n
	for _, v := range e.m.Vars {
		if s := e.vars[v.ID]; v.Random && s != nil {
			e.kept -= s.count
			e.vars[v.ID] = nil
		}
	}
}

// Cell computes one cell: items in the order of the variable's dimensions, and the period of its grain.
func (e *Evaluator) Cell(v *model.Var, items []int32, period int) (x float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(stopped)
			if !ok {
				panic(r)
			}
			err = s.err
		}
	}()
	return e.cell(v, items, period), nil
}

// place is the context of an expression.
type place struct {
	items  []int32 // by dimension of the model
	period int
}

// cell computes a cell or finds it among those that are kept.
func (e *Evaluator) cell(v *model.Var, items []int32, period int) float64 {
	if k, ok := v.Expr.(*model.Const); ok {
		return k.Value
	}
	s := e.values(v)
	if s.given != nil || v.Data != nil {
		return s.data(e.m, v, items, period)
	}
	number := e.m.CellNumber(v, items, period)
	if x, ok := s.get(number); ok {
		return x
	}
	// Along a recurrence the periods before are computed first, so that the depth of calls does not grow with time.
	stride := e.m.CellNumber(v, items, 1) - e.m.CellNumber(v, items, 0)
	switch e.step[v.ID] {
	case model.Forward:
		from := period
		for from > 0 && !s.has(number-int64(period-from+1)*stride) {
			from--
		}
		for p := from; p < period; p++ {
			e.compute(v, s, items, p)
		}
	case model.Backward:
		from, last := period, e.m.Periods(v.Grain)-1
		for from < last && !s.has(number+int64(from+1-period)*stride) {
			from++
		}
		for p := from; p > period; p-- {
			e.compute(v, s, items, p)
		}
	}
	return e.compute(v, s, items, period)
}

// compute evaluates a cell and keeps it, unless it was kept meanwhile.
func (e *Evaluator) compute(v *model.Var, s *values, items []int32, period int) float64 {
	number := e.m.CellNumber(v, items, period)
	if x, ok := s.get(number); ok {
		return x
	}
	at := &place{items: make([]int32, len(e.m.Dims)), period: period}
	for i, d := range v.Dims {
		at.items[d] = items[i]
	}
	x := e.eval(v.Expr, at)
	if e.kept++; e.kept > e.max {
		panic(stopped{fmt.Errorf("%s: %w (%d)", v.Name, ErrTooLarge, e.max)})
	}
	s.set(number, x)
	e.tick(1)
	return x
}

// tick counts work and stops it when the context ends.
func (e *Evaluator) tick(n int64) {
	if e.steps += n; e.steps >= 1<<14 {
		e.steps = 0
		if err := e.ctx.Err(); err != nil {
			panic(stopped{err})
		}
	}
}

// eval is the meaning of each expression.
func (e *Evaluator) eval(x model.Expr, at *place) float64 {
	switch x := x.(type) {
	case *model.Const:
		return x.Value
	case *model.VarRef:
		return e.reference(x, at)
	case *model.Unary:
		return x.Op.Apply(e.eval(x.X, at))
	case *model.Binary:
		return x.Op.Apply(e.eval(x.L, at), e.eval(x.R, at))
	case *model.If:
		cond := e.eval(x.Cond, at)
		switch {
		case cond != cond: // no value
			return cond
		case cond != 0:
			return e.eval(x.Then, at)
		}
		return e.eval(x.Else, at)
	case *model.Call:
		args := make([]float64, len(x.Args))
		for i, a := range x.Args {
			args[i] = e.eval(a, at)
		}
		return x.Func.Apply(args)
	case *model.Fold:
		return e.fold(x, at)
	case *model.ItemIs:
		if at.items[x.Dim] == x.Item {
			return 1
		}
		return 0
	case *model.ItemNumber:
		return float64(at.items[x.Dim]) + 1
	case *model.TimePart:
		return x.Part.Of(e.m.Time, x.Grain, at.period)
	case *model.Hash:
		return e.hash(x, at)
	case *model.Random:
		return e.draw(x, at)
	}
	panic(fmt.Sprintf("an expression of type %T", x))
}

func (e *Evaluator) hash(x *model.Hash, at *place) float64 {
	keys := make([]uint64, len(x.Dims))
	items := make([]int32, len(x.Dims))
	for i, d := range x.Dims {
		keys[i], items[i] = model.NameKey(e.m.Dims[d].Name), at.items[d]
	}
	day := 0
	if x.OverTime {
		day, _ = e.m.Time.WholeDays(x.Grain, at.period)
	}
	return model.HashOf(x.Seed, keys, items, x.OverTime, day)
}

func (e *Evaluator) draw(x *model.Random, at *place) float64 {
	args := make([]float64, len(x.Args))
	for i, a := range x.Args {
		args[i] = e.eval(a, at)
	}
	if e.sample < 0 {
		return x.Law.Mean(args)
	}
	var cell uint64
	if x.OverTime {
		cell = uint64(at.period)
	}
	for _, d := range x.Independent {
		cell = cell*uint64(e.m.Dims[d].Len()) + uint64(at.items[d])
	}
	return x.Law.Quantile(random.Uniform(e.m.Seed, x.Key, cell, uint64(e.sample)), args)
}

// fold goes over its periods, slowest, and the items of its dimensions.
func (e *Evaluator) fold(x *model.Fold, at *place) float64 {
	f := model.NewFolder(x.Agg)
	inner := &place{items: append([]int32(nil), at.items...), period: at.period}
	items := make([]int32, len(x.Over))
	from, to := at.period, at.period
	if x.Time {
		n := e.m.Periods(x.Grain)
		from, to = max(0, x.From.Period(at.period, n)), min(n-1, x.To.Period(at.period, n))
	}
	for p := from; p <= to; p++ {
		inner.period = p
		e.each(x.Over, items, func() {
			for i, d := range x.Over {
				inner.items[d] = items[i]
			}
			f.Add(e.eval(x.X, inner))
			e.tick(1)
		})
	}
	return f.Value()
}

// reference is the meaning of a reference.
func (e *Evaluator) reference(r *model.VarRef, at *place) float64 {
	v := e.m.Vars[r.Var]
	b, ok := e.block(r, v, at)
	if !ok {
		return v.Outside
	}
	t := r.Time
	switch t.Kind {
	case model.Timeless:
		return e.categories(b, 0)
	case model.Absolute:
		return e.categories(b, t.Period)
	case model.Window:
		return e.window(b, at)
	}
	axis := e.m.Time
	switch {
	case t.Context == v.Grain:
		return e.inside(b, v.Grain, at.period+t.Shift, func(p int) float64 { return e.categories(b, p) })
	case t.Context.Nests(v.Grain):
		return e.inside(b, v.Grain, axis.Within(t.Context, at.period, v.Grain)+t.Shift, func(p int) float64 {
			x := e.categories(b, p)
			if t.Fold == model.Sum {
				lo, hi := axis.Parts(v.Grain, p, t.Context)
				x /= float64(hi - lo)
			}
			return x
		})
	}
	return e.inside(b, t.Context, at.period+t.Shift, func(p int) float64 {
		f := model.NewFolder(t.Fold)
		for _, s := range axis.Shares(nil, v.Grain, t.Context, p) {
			switch x := e.categories(b, s.Period); {
			case v.Grain.Nests(t.Context):
				f.Add(x)
			case t.Fold == model.Sum:
				f.Add(float64(x * s.Part))
			default:
				f.AddWeighted(x, s.Weight)
			}
		}
		return f.Value()
	})
}

// inside gives the variable's Outside for periods that the axis does not have.
func (e *Evaluator) inside(b *block, g calendar.Grain, period int, value func(int) float64) float64 {
	if period < 0 || period >= e.m.Time.Len(g) {
		return b.v.Outside
	}
	return value(period)
}

// window folds a span of periods.
func (e *Evaluator) window(b *block, at *place) float64 {
	t, axis := b.r.Time, e.m.Time
	now := at.period
	if t.Context != calendar.None && t.Count != t.Context && t.Context.Nests(t.Count) {
		now = axis.Within(t.Context, at.period, t.Count)
	}
	n := axis.Len(t.Count)
	f := model.NewFolder(t.Fold)
	for k := t.From.Period(now, n); k <= t.To.Period(now, n); k++ {
		if k < 0 || k >= n {
			f.Add(b.v.Outside)
			e.tick(1)
			continue
		}
		lo, hi := axis.Parts(t.Count, k, b.v.Grain)
		for p := lo; p < hi; p++ {
			f.Add(e.categories(b, p))
		}
	}
	return f.Value()
}
