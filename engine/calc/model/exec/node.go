package exec

import (
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/random"
)

// operand is the values of an expression over the positions of a tile: a vector, or one number for all.
type operand struct {
	v []float64 // nil for one number
	k float64
}

// node is an expression made ready for a sweep.
type node interface{ eval(w *worker) operand }

type number struct{ k float64 }

func (n *number) eval(*worker) operand { return operand{k: n.k} }

// own is a variable of the same sweep in the own period.
type own struct{ i int }

func (n *own) eval(w *worker) operand { return w.now[n.i] }

// earlier is a variable of the same sweep some periods back, or ahead where time runs backward.
type earlier struct {
	i, lag  int
	outside float64
}

func (n *earlier) eval(w *worker) operand {
	p := w.period - n.lag
	if p < 0 || p >= w.run.periods {
		return operand{k: n.outside}
	}
	ring := w.rings[n.i]
	row := ring[p%len(ring)]
	return operand{v: row[w.lo:w.hi]}
}

// stored is a variable whose values are an array: over the same positions, or others.
type stored struct {
	of      *variable
	m       *mapping
	mapID   int
	times   times
	outside float64
	flat    []float64 // all values, where positions are not the same ones and there is room
}

func (n *stored) eval(w *worker) operand {
	list := n.times.list[w.period]
	if n.times.single {
		return n.at(w, int(list[0].period))
	}
	if l := w.lead(n.mapID, n.m); l.kind == leadOne && l.at == nowhere {
		return operand{k: n.outside}
	}
	f := newFolding(w, n.times.agg)
	for _, t := range list {
		x := n.at(w, int(t.period))
		switch {
		case !n.times.weighted:
			f.add(x, t.factor, 1)
		case n.times.agg == model.Average:
			f.add(x, t.factor, t.factor)
		default: // which value it is does not depend on its weight
			f.add(x, 1, 1)
		}
	}
	return n.without(w, f.value())
}

// without puts the value from outside where the mapping has no item: it is that of the whole reference, and no period's.
func (n *stored) without(w *worker, x operand) operand {
	l := w.lead(n.mapID, n.m)
	if l.kind != leadAny || !slices.Contains(l.list, nowhere) {
		return x
	}
	if x.v == nil {
		v := w.take()
		kernel.Fill(v, x.k)
		x = operand{v: v}
	}
	for i, at := range l.list {
		if at == nowhere {
			x.v[i] = n.outside
		}
	}
	return x
}

// at is the variable in one of its periods.
func (n *stored) at(w *worker, period int) operand {
	if period == outsidePeriod {
		return operand{k: n.outside}
	}
	l := w.lead(n.mapID, n.m)
	base := period * n.of.positions
	switch l.kind {
	case leadOne:
		if l.at == nowhere {
			return operand{k: n.outside}
		}
		return operand{k: n.one(w, period, l.at)}
	case leadRun:
		if n.flat != nil {
			return operand{v: n.flat[base+l.at : base+l.at+w.n]}
		}
		return operand{v: w.read(n.of.values, period, l.at)}
	}
	dst := w.take()
	for i, at := range l.list {
		if at == nowhere {
			dst[i] = n.outside
		} else {
			dst[i] = n.one(w, period, int(at))
		}
	}
	return operand{v: dst}
}

// one is one value.
func (n *stored) one(w *worker, period, position int) float64 {
	if n.flat != nil {
		return n.flat[period*n.of.positions+position]
	}
	x, err := n.of.values.value(&w.reader, period, position)
	if err != nil {
		w.err = err
	}
	return x
}

type unary struct {
	op model.UnaryOp
	x  node
}

func (n *unary) eval(w *worker) operand {
	mark := w.top
	x := n.x.eval(w)
	if x.v == nil {
		return operand{k: n.op.Apply(x.k)}
	}
	w.top = mark
	dst := w.take()
	if n.op == model.Negate {
		kernel.Neg(dst, x.v)
	} else {
		for i, v := range x.v {
			dst[i] = n.op.Apply(v)
		}
	}
	return operand{v: dst}
}

type binary struct {
	op   model.BinaryOp
	x, y node
}

func (n *binary) eval(w *worker) operand {
	mark := w.top
	x := n.x.eval(w)
	y := n.y.eval(w)
	if x.v == nil && y.v == nil {
		return operand{k: n.op.Apply(x.k, y.k)}
	}
	w.top = mark
	dst := w.take()
	if x.v != nil && y.v != nil {
		n.vectors(dst, x.v, y.v)
	} else if y.v == nil {
		n.right(dst, x.v, y.k)
	} else {
		n.left(dst, x.k, y.v)
	}
	return operand{v: dst}
}

func (n *binary) vectors(dst, x, y []float64) {
	switch n.op {
	case model.Add:
		kernel.Add(dst, x, y)
	case model.Sub:
		kernel.Sub(dst, x, y)
	case model.Mul:
		kernel.Mul(dst, x, y)
	case model.Div:
		kernel.Div(dst, x, y)
	case model.Equal:
		kernel.Equal(dst, x, y)
	case model.NotEqual:
		kernel.NotEqual(dst, x, y)
	case model.Less:
		kernel.Less(dst, x, y)
	case model.LessEqual:
		kernel.LessEqual(dst, x, y)
	case model.Greater:
		kernel.Greater(dst, x, y)
	case model.GreaterEqual:
		kernel.GreaterEqual(dst, x, y)
	default:
		for i := range dst {
			dst[i] = n.op.Apply(x[i], y[i])
		}
	}
}

func (n *binary) right(dst, x []float64, k float64) {
	switch n.op {
	case model.Add:
		kernel.AddC(dst, x, k)
	case model.Sub:
		kernel.SubC(dst, x, k)
	case model.Mul:
		kernel.MulC(dst, x, k)
	case model.Div:
		kernel.DivC(dst, x, k)
	case model.Equal:
		kernel.EqualC(dst, x, k)
	case model.NotEqual:
		kernel.NotEqualC(dst, x, k)
	case model.Less:
		kernel.LessC(dst, x, k)
	case model.LessEqual:
		kernel.LessEqualC(dst, x, k)
	case model.Greater:
		kernel.GreaterC(dst, x, k)
	case model.GreaterEqual:
		kernel.GreaterEqualC(dst, x, k)
	default:
		for i, v := range x {
			dst[i] = n.op.Apply(v, k)
		}
	}
}

func (n *binary) left(dst []float64, k float64, y []float64) {
	switch n.op {
	case model.Add:
		kernel.AddC(dst, y, k)
	case model.Mul:
		kernel.MulC(dst, y, k)
	case model.Sub:
		kernel.CSub(dst, y, k)
	case model.Div:
		kernel.CDiv(dst, y, k)
	default:
		for i, v := range y {
			dst[i] = n.op.Apply(k, v)
		}
	}
}

type choice struct{ condition, then, otherwise node }

func (n *choice) eval(w *worker) operand {
	mark := w.top
	c := n.condition.eval(w)
	if c.v == nil {
		switch {
		case c.k != c.k:
			return operand{k: math.NaN()}
		case c.k != 0:
			return n.then.eval(w)
		}
		return n.otherwise.eval(w)
	}
	x := n.then.eval(w)
	y := n.otherwise.eval(w)
	w.top = mark
	dst := w.take()
	for i, v := range c.v {
		switch {
		case v != v:
			dst[i] = v
		case v != 0:
			dst[i] = x.at(i)
		default:
			dst[i] = y.at(i)
		}
	}
	return operand{v: dst}
}

func (o *operand) at(i int) float64 {
	if o.v != nil {
		return o.v[i]
	}
	return o.k
}

type call struct {
	f    model.Func
	args []node
}

func (n *call) eval(w *worker) operand {
	mark := w.top
	var ops [8]operand
	args := ops[:0]
	vector := false
	for _, a := range n.args {
		x := a.eval(w)
		vector = vector || x.v != nil
		args = append(args, x)
	}
	values := make([]float64, len(args))
	if !vector {
		for i := range args {
			values[i] = args[i].k
		}
		return operand{k: n.f.Apply(values)}
	}
	w.top = mark
	dst := w.take()
	if len(args) == 1 {
		switch n.f {
		case model.FuncAbs:
			kernel.Abs(dst, args[0].v)
			return operand{v: dst}
		case model.FuncFloor:
			kernel.Floor(dst, args[0].v)
			return operand{v: dst}
		case model.FuncCeil:
			kernel.Ceil(dst, args[0].v)
			return operand{v: dst}
		case model.FuncSqrt:
			kernel.Sqrt(dst, args[0].v)
			return operand{v: dst}
		case model.FuncRound:
			kernel.Round(dst, args[0].v)
			return operand{v: dst}
		}
	}
	for i := range dst {
		for j := range args {
			values[j] = args[j].at(i)
		}
		dst[i] = n.f.Apply(values)
	}
	return operand{v: dst}
}

// item is the place of the item of a dimension, from 1, or whether it is a given one.
type item struct {
	dim int
	is  int // -1 for the place
}

func (n *item) eval(w *worker) operand {
	dst := w.take()
	at := w.items()
	for i := range dst {
		k := at[n.dim]
		if n.is < 0 {
			dst[i] = float64(k + 1)
		} else if k == n.is {
			dst[i] = 1
		} else {
			dst[i] = 0
		}
		w.run.space.next(at)
	}
	return operand{v: dst}
}

// part is a number that the period has.
type part struct{ byPeriod []float64 }

func (n *part) eval(w *worker) operand { return operand{k: n.byPeriod[w.period]} }

// hash is numbers that depend on the places of items and the day.
type hash struct {
	start uint64
	dims  []int
	keys  []uint64
	days  []uint64 // of each period, nil where time does not matter
	model *model.Hash
}

func (n *hash) eval(w *worker) operand {
	dst := w.take()
	at, lengths := w.items(), w.run.space.lengths
	last := len(lengths) - 1
	for i := 0; i < len(dst); {
		// The state before the last dimension is the same along a row.
		run := 1
		onlyLast := len(n.dims) > 0 && n.dims[len(n.dims)-1] == last
		if onlyLast || last < 0 || !contains(n.dims, last) {
			run = len(dst) - i
			if last >= 0 {
				run = min(run, lengths[last]-at[last])
			}
		}
		h := n.start
		for j, d := range n.dims {
			if onlyLast && j == len(n.dims)-1 {
				break
			}
			h = model.HashStep(h, n.keys[j], uint64(uint32(at[d])))
		}
		for k := range run {
			x := h
			if onlyLast {
				x = model.HashStep(x, n.keys[len(n.keys)-1], uint64(uint32(at[last]+k)))
			}
			if n.days != nil {
				x = model.HashDay(x, n.days[w.period])
			}
			dst[i+k] = model.HashUnit(x)
		}
		i += run
		if last >= 0 {
			at[last] += run
			for d := last; d > 0 && at[d] >= lengths[d]; d-- {
				at[d] = 0
				at[d-1]++
			}
		}
	}
	return operand{v: dst}
}

func contains(list []int, x int) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

// draw is a random draw, or the mean of its distribution where there are no samples.
type draw struct {
	e     *model.Random
	args  []node
	dims  []int // of the cell's number
	sizes []uint64
	batch int // the dimension of the samples, or -1
}

func (n *draw) eval(w *worker) operand {
	mark := w.top
	args := make([]operand, len(n.args))
	vector := (len(n.dims) > 0 || n.batch >= 0) && w.run.x.o.Sample >= 0
	for i, a := range n.args {
		args[i] = a.eval(w)
		vector = vector || args[i].v != nil
	}
	values := make([]float64, len(args))
	if !vector {
		for i := range args {
			values[i] = args[i].k
		}
		return operand{k: n.one(w, values, nil)}
	}
	w.top = mark
	dst := w.take()
	at := w.items()
	for i := range dst {
		for j := range args {
			values[j] = args[j].at(i)
		}
		dst[i] = n.one(w, values, at)
		w.run.space.next(at)
	}
	return operand{v: dst}
}

func (n *draw) one(w *worker, values []float64, at []int) float64 {
	sample := w.run.x.o.Sample
	if sample < 0 {
		return n.e.Law.Mean(values)
	}
	if n.batch >= 0 {
		sample += at[n.batch]
	}
	var cell uint64
	if n.e.OverTime {
		cell = uint64(w.period)
	}
	for i, d := range n.dims {
		cell = cell*n.sizes[i] + uint64(at[d])
	}
	return n.e.Law.Quantile(random.Uniform(w.run.x.m.Seed, n.e.Key, cell, uint64(sample)), values)
}
