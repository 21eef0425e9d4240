package exec

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/model"
)

// folding folds values of several periods, position by position.
type folding struct {
	w     *worker
	agg   model.Agg
	sum   []float64 // or the least, the greatest, ...
	k     float64   // the same where all are one number
	some  bool
	count float64
}

func newFolding(w *worker, agg model.Agg) *folding { return &folding{w: w, agg: agg} }

// add takes the values of a period times a factor, which count as so much.
func (f *folding) add(x operand, factor, weight float64) {
	if x.v == nil && f.sum == nil {
		f.k = f.one(f.k, x.k*factor)
	} else {
		if f.sum == nil {
			f.sum = f.w.take()
			kernel.Fill(f.sum, f.k)
		}
		f.vector(x, factor)
	}
	f.some = true
	f.count += weight
}

// one folds a number into another. The first one stands where there was none.
func (f *folding) one(have, x float64) float64 {
	switch f.agg {
	case model.Count:
		if x != 0 {
			return have + 1
		}
		return have
	case model.Sum, model.Average:
		return have + x
	}
	if !f.some {
		return x
	}
	switch f.agg {
	case model.Min:
		return least(have, x)
	case model.Max:
		return greatest(have, x)
	case model.Last:
		return x
	}
	return have // the first
}

func least(a, b float64) float64 {
	if a != a || b != b {
		return math.NaN()
	}
	return min(a, b)
}

func greatest(a, b float64) float64 {
	if a != a || b != b {
		return math.NaN()
	}
	return max(a, b)
}

func (f *folding) vector(x operand, factor float64) {
	switch {
	case (f.agg == model.Sum || f.agg == model.Average) && x.v == nil:
		kernel.AddC(f.sum, f.sum, x.k*factor)
	case (f.agg == model.Sum || f.agg == model.Average) && factor == 1:
		kernel.AddInto(f.sum, x.v)
	case f.agg == model.Sum || f.agg == model.Average:
		kernel.MulCAdd(f.sum, x.v, f.sum, factor)
	default:
		for i := range f.sum {
			f.sum[i] = f.one(f.sum[i], x.at(i)*factor)
		}
	}
}

func (f *folding) value() operand {
	switch f.agg {
	case model.Average:
		if !f.some {
			return operand{k: math.NaN()}
		}
		if f.sum == nil {
			return operand{k: f.k / f.count}
		}
		kernel.DivC(f.sum, f.sum, f.count)
	case model.Min, model.Max, model.First, model.Last, model.Median:
		if !f.some {
			return operand{k: math.NaN()}
		}
	}
	if f.sum == nil {
		return operand{k: f.k}
	}
	return operand{v: f.sum}
}

// sink gathers a roll-up over dimensions while its variable is swept.
type sink struct {
	v   *variable
	agg model.Agg
	m   *mapping
	id  int // of the mapping
}

// gathered is what one piece of the work has gathered, by period and position of the result.
type gathered struct {
	sum   []float64
	count []float64 // nil for sums and counts
	from  int       // the first period
}

func newGathered(p *pool, agg model.Agg, from, periods, positions int) gathered {
	g := gathered{sum: p.take(periods * positions), from: from}
	clear(g.sum)
	if agg != model.Sum && agg != model.Count {
		g.count = make([]float64, periods*positions)
	}
	return g
}

// add takes the values of a tile.
func (s *sink) add(w *worker, g *gathered, x operand) {
	l := w.lead(s.id, s.m)
	base := (w.period - g.from) * s.v.positions
	switch l.kind {
	case leadOne:
		if l.at == nowhere {
			return
		}
		i := base + l.at
		switch {
		case s.agg == model.Sum || s.agg == model.Average:
			if x.v == nil {
				g.sum[i] += x.k * float64(w.n)
			} else {
				g.sum[i] += kernel.Sum(x.v)
			}
			if g.count != nil {
				g.count[i] += float64(w.n)
			}
		default:
			for j := range w.n {
				s.one(g, i, x.at(j))
			}
		}
	case leadRun:
		i := base + l.at
		if (s.agg == model.Sum || s.agg == model.Average) && x.v != nil {
			kernel.AddInto(g.sum[i:i+w.n], x.v)
			if g.count != nil {
				kernel.AddC(g.count[i:i+w.n], g.count[i:i+w.n], 1)
			}
			return
		}
		for j := range w.n {
			s.one(g, i+j, x.at(j))
		}
	default:
		for j, at := range l.list {
			if at != nowhere {
				s.one(g, base+int(at), x.at(j))
			}
		}
	}
}

// one takes one value.
func (s *sink) one(g *gathered, i int, x float64) {
	switch s.agg {
	case model.Sum:
		g.sum[i] += x
		return
	case model.Count:
		if x != 0 {
			g.sum[i]++
		}
		return
	case model.Average:
		g.sum[i] += x
	case model.Min:
		if g.count[i] == 0 {
			g.sum[i] = x
		} else {
			g.sum[i] = least(g.sum[i], x)
		}
	case model.Max:
		if g.count[i] == 0 {
			g.sum[i] = x
		} else {
			g.sum[i] = greatest(g.sum[i], x)
		}
	case model.First:
		if g.count[i] == 0 {
			g.sum[i] = x
		}
	case model.Last:
		g.sum[i] = x
	}
	g.count[i]++
}

// join adds what a later piece has gathered.
func (s *sink) join(g, next *gathered) {
	shift := (next.from - g.from) * s.v.positions
	for i, x := range next.sum {
		j := i + shift
		if next.count == nil {
			g.sum[j] += x
			continue
		}
		n := next.count[i]
		if n == 0 {
			continue
		}
		switch {
		case s.agg == model.Average:
			g.sum[j] += x
		case g.count[j] == 0:
			g.sum[j] = x
		case s.agg == model.Min:
			g.sum[j] = least(g.sum[j], x)
		case s.agg == model.Max:
			g.sum[j] = greatest(g.sum[j], x)
		case s.agg == model.Last:
			g.sum[j] = x
		}
		g.count[j] += n
	}
}

// finish makes results of what was gathered.
func (s *sink) finish(g *gathered) {
	if g.count == nil {
		return
	}
	for i, n := range g.count {
		switch {
		case n == 0:
			g.sum[i] = math.NaN()
		case s.agg == model.Average:
			g.sum[i] /= n
		}
	}
}
