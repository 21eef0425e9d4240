package dist

import (
	"context"
	"math"
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

// BreakEven is where two results cross as one input grows.
type BreakEven struct {
	Found bool
	// At is the input at which each result is below the other with a probability of one half.
	At float64
	// Low and High are the ends between which the answer is open: there the probability is 5 or 95 %.
	// They are NaN where the search range ends before.
	Low, High float64
	// FirstBelow holds where the first result is the lower one below At.
	FirstBelow bool
	// From and To are the range that was searched.
	From, To float64
}

const (
	searchSteps = 48
	bisections  = 28
	// beyond is how far the search goes on both sides of a fixed input.
	beyond = 1000
)

// BreakEven searches where a and b cross while the node over is held at one positive value after the
// other, all other inputs at the same draws each time. From and to bound the search; zeros take
// the range of the node widened by a factor of ten, or a factor of a thousand around a fixed one.
func (g *Graph) BreakEven(ctx context.Context, opt RunOptions, a, b, over Ref, from, to float64) (BreakEven, error) {
	if from <= 0 || to <= from {
		d, err := g.distribution(ctx, RunOptions{Samples: opt.Samples, Seed: opt.Seed}, over)
		if err != nil {
			return BreakEven{}, err
		}
		if v, fixed := d.(Point); fixed {
			from, to = float64(v)/beyond, float64(v)*beyond
		} else {
			from, to = d.Quantile(0.001)/10, d.Quantile(0.999)*10
		}
	}
	if !(from > 0 && to > from) || math.IsInf(to, 0) {
		return BreakEven{From: from, To: to, Low: math.NaN(), High: math.NaN()}, nil
	}
	less := func(x float64) (float64, error) {
		o := opt
		o.Fix = map[Ref]float64{over: x}
		for ref, v := range opt.Fix {
			o.Fix[ref] = v
		}
		return g.ProbabilityLess(ctx, o, a, b)
	}
	if len(g.Inputs(a))+len(g.Inputs(b)) == 0 {
		opt.Samples = 1 // nothing is uncertain
	}
	grid := make([]float64, searchSteps+1)
	probability := make([]float64, searchSteps+1)
	for i := range grid {
		grid[i] = from * math.Pow(to/from, float64(i)/searchSteps)
		var err error
		if probability[i], err = less(grid[i]); err != nil {
			return BreakEven{}, err
		}
	}
	result := BreakEven{From: from, To: to, Low: math.NaN(), High: math.NaN()}
	cross := func(level float64) (float64, bool, error) {
		for i := range searchSteps {
			p, q := probability[i], probability[i+1]
			if !(p < level) == !(q < level) || p != p || q != q { //nolint:gocritic // NaN differs from itself
				continue
			}
			low, high, falling := math.Log(grid[i]), math.Log(grid[i+1]), q < level
			for range bisections {
				middle := low/2 + high/2
				m, err := less(math.Exp(middle))
				if err != nil {
					return 0, false, err
				}
				if (m < level) == falling {
					high = middle
				} else {
					low = middle
				}
			}
			return math.Exp(low/2 + high/2), falling, nil
		}
		return math.NaN(), false, nil
	}
	at, falling, err := cross(0.5)
	if err != nil || math.IsNaN(at) {
		return result, err
	}
	result.Found, result.At, result.FirstBelow = true, at, falling
	first, second := 0.05, 0.95
	if falling {
		first, second = second, first
	}
	if result.Low, _, err = cross(first); err != nil {
		return result, err
	}
	result.High, _, err = cross(second)
	return result, err
}
