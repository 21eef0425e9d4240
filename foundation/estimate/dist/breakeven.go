package dist

import (
	"context"
	"math"
	"slices"
)

// Comparison says how two results compare over common draws. Less, Equal and Greater are of the draws in which both
// have a value, and sum to one; they are NaN where there are none.
type Comparison struct {
	Less, Equal, Greater float64
	// Invalid is the share of all draws in which one of the two has no value.
	Invalid float64
}

// Half is the probability of less with ties counted half.
func (c Comparison) Half() float64 { return c.Less + c.Equal/2 }

// Compare compares two results over common draws.
func (g *Graph) Compare(ctx context.Context, opt RunOptions, a, b Ref) (Comparison, error) {
	draws, err := g.Run(ctx, opt, a, b)
	if err != nil {
		return Comparison{}, err
	}
	return CompareDraws(draws[0], draws[1]), nil
}

// CompareDraws compares two results draw by draw.
func CompareDraws(a, b []float64) Comparison {
	var less, equal, greater float64
	for i, x := range a {
		y := b[i]
		switch {
		case x < y:
			less++
		case x == y:
			equal++
		case x > y:
			greater++
		}
	}
	valid, n := less+equal+greater, float64(len(a))
	return Comparison{Less: less / valid, Equal: equal / valid, Greater: greater / valid, Invalid: 1 - valid/n}
}

// ProbabilityLess returns the probability that a is below b, ties half, over common draws in which both have
// a value. It is NaN where there are none.
func (g *Graph) ProbabilityLess(ctx context.Context, opt RunOptions, a, b Ref) (float64, error) {
	c, err := g.Compare(ctx, opt, a, b)
	return c.Half(), err
}

// Crossing is one place at which the order of two results changes as one input grows.
type Crossing struct {
	// At is the input at which each result is as likely to be below the other. Where both are equal for a while it is
	// where that begins.
	At float64
	// Low and High are the ends between which the answer is open: there the probability is 5 or 95 %.
	// They are NaN where the range that was searched, or that up to the next crossing, ends before.
	Low, High float64
	// FirstBelow holds where the first result is the lower one just below At, and the second just above.
	FirstBelow bool
}

// BreakEven is where two results cross as one input grows.
type BreakEven struct {
	Found bool
	// Crossing is the lowest of the crossings.
	Crossing
	// Crossings are all that were found, by rising input. Between two of them, and beyond the first and the last as
	// far as was searched, the order is one.
	Crossings []Crossing
	// From and To are the range that was searched. It is empty where there is none to search: an input of zero,
	// or one without bounds.
	From, To float64
	// Partial holds where one of the two has no value in some of the range: the order is not known there.
	Partial bool
}

const (
	searchSteps = 48 // over the whole range
	innerSteps  = 32 // besides, over the 90 % interval of an uncertain input
	bisections  = 28
	// beyond is how far the search goes on both sides of a fixed input.
	beyond = 1000
)

// BreakEven searches where a and b cross while the node over is held at one value after the other, all other
// inputs at the same draws each time. From and to bound the search where from is below to; else it takes the range
// of the node: from a tenth of its lowest to ten times its highest thousandth where it is positive, this range and its
// width on both sides where it holds zero, and a factor of a thousand around a fixed one. Two crossings that
// both lie between neighbouring points of the search are not seen: these are a factor of 1.33 apart around a fixed input, and
// have about 3 % of the draws between them within the 90 % interval of an uncertain one.
func (g *Graph) BreakEven(ctx context.Context, opt RunOptions, a, b, over Ref, from, to float64) (BreakEven, error) {
	var inner []float64
	if !(from < to) {
		d, err := g.distribution(ctx, RunOptions{Samples: opt.Samples, Seed: opt.Seed}, over)
		if err != nil {
			return BreakEven{}, err
		}
		from, to = searched(d)
		if _, fixed := d.(Point); !fixed {
			for i := range innerSteps {
				inner = append(inner, d.Quantile(0.05+0.9*float64(i)/(innerSteps-1)))
			}
		}
	}
	if !(from < to) || math.IsInf(from, 0) || math.IsInf(to, 0) {
		return BreakEven{}, nil
	}
	if len(g.Inputs(a))+len(g.Inputs(b)) == 0 {
		opt.Samples = 1 // nothing is uncertain
	}
	s := &search{less: func(x float64) (float64, error) {
		o := opt
		o.Fix = map[Ref]float64{over: x}
		for ref, v := range opt.Fix {
			o.Fix[ref] = v
		}
		return g.ProbabilityLess(ctx, o, a, b)
	}}
	if err := s.look(from, to, inner); err != nil {
		return BreakEven{}, err
	}
	result := BreakEven{From: from, To: to, Crossing: Crossing{Low: math.NaN(), High: math.NaN()}}
	result.Partial = slices.ContainsFunc(s.probability, math.IsNaN)
	var err error
	if result.Crossings, err = s.crossings(); err != nil {
		return BreakEven{}, err
	}
	if result.Found = len(result.Crossings) > 0; result.Found {
		result.Crossing = result.Crossings[0]
	}
	return result, nil
}

// searched is the range of an input in which crossings are looked for.
func searched(d Dist) (from, to float64) {
	if v, fixed := d.(Point); fixed {
		from, to = float64(v)/beyond, float64(v)*beyond
		return math.Min(from, to), math.Max(from, to)
	}
	switch from, to = d.Quantile(0.001), d.Quantile(0.999); {
	case from > 0:
		return from / 10, to * 10
	case to < 0:
		return from * 10, to / 10
	}
	return from - (to - from), to + (to - from)
}

// between is a point between two: the geometric mean of amounts of one sign, whose ranges span magnitudes.
func between(a, b float64) float64 {
	switch {
	case a > 0 && b > 0:
		return math.Sqrt(a) * math.Sqrt(b)
	case a < 0 && b < 0:
		return -math.Sqrt(-a) * math.Sqrt(-b)
	}
	return a/2 + b/2
}

// search holds the probability of less at rising values of the input.
type search struct {
	less        func(float64) (float64, error)
	grid        []float64
	probability []float64
}

// look fills the grid.
func (s *search) look(from, to float64, inner []float64) error {
	for i := range searchSteps + 1 {
		t := float64(i) / searchSteps
		switch {
		case from > 0:
			s.grid = append(s.grid, from*math.Pow(to/from, t))
		case to < 0:
			s.grid = append(s.grid, to*math.Pow(from/to, t))
		default:
			s.grid = append(s.grid, from+t*(to-from))
		}
	}
	s.grid = append(s.grid, inner...)
	slices.Sort(s.grid)
	s.grid = slices.Compact(s.grid)
	s.probability = make([]float64, len(s.grid))
	for i, x := range s.grid {
		var err error
		if s.probability[i], err = s.less(x); err != nil {
			return err
		}
	}
	return nil
}

// crossings goes over the grid. A tie is no order: the next point that has one decides.
func (s *search) crossings() ([]Crossing, error) {
	var list []Crossing
	last := -1 // the last point that has an order
	floor := 0 // no end of a crossing lies before the crossing below it
	for i, p := range s.probability {
		switch {
		case math.IsNaN(p):
			last, floor = -1, i+1
			continue
		case p == 0.5:
			continue
		case last < 0 || (p < 0.5) == (s.probability[last] < 0.5):
			last = i
			continue
		}
		c := Crossing{FirstBelow: p < 0.5}
		ceiling := i // up to the next point with the other order again
		for ceiling+1 < len(s.grid) && !math.IsNaN(s.probability[ceiling+1]) && !((s.probability[ceiling+1] < 0.5) != c.FirstBelow && s.probability[ceiling+1] != 0.5) {
			ceiling++
		}
		var down, up []int
		for k := last; k >= floor; k-- {
			down = append(down, k)
		}
		for k := i; k <= ceiling; k++ {
			up = append(up, k)
		}
		before, err := s.bisect(s.grid[i], s.grid[last], func(p float64) bool { return p != 0.5 && (p < 0.5) != c.FirstBelow })
		if err != nil {
			return nil, err
		}
		c.At = before
		low, high := 0.95, 0.05 // the probability of less falls
		if !c.FirstBelow {
			low, high = high, low
		}
		if c.Low, err = s.end(c.At, down, low); err != nil {
			return nil, err
		}
		if c.High, err = s.end(c.At, up, high); err != nil {
			return nil, err
		}
		list = append(list, c)
		last, floor = i, i
	}
	return list, nil
}

// end goes along the grid until the probability is as far from one half as level is.
func (s *search) end(at float64, along []int, level float64) (float64, error) {
	far := func(p float64) bool { return level > 0.5 && p >= level || level < 0.5 && p <= level }
	near := at
	for _, k := range along {
		if far(s.probability[k]) {
			return s.bisect(near, s.grid[k], far)
		}
		near = s.grid[k]
	}
	return math.NaN(), nil
}

// bisect finds where what holds at one point and not at the other begins to.
func (s *search) bisect(not, holds float64, is func(float64) bool) (float64, error) {
	for range bisections {
		middle := between(not, holds)
		p, err := s.less(middle)
		if err != nil {
			return 0, err
		}
		if is(p) {
			holds = middle
		} else {
			not = middle
		}
	}
	return between(not, holds), nil
}
