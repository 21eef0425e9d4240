package dist

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Influence is what one input does to a result.
type Influence struct {
	Input Input
	// Share of the uncertainty that is the input's: exact for products of lognormals and sums of normals
	// (of the variance of the logarithm or of the value), else its squared rank correlation among those
	// of all inputs. Shares sum to one.
	Share float64
	Exact bool
	// Correlation is Spearman's rank correlation between input and result; of an exact share its
	// sign and root.
	Correlation float64
	// Low and High are the result with the input at its 5th and 95th percentiles and all others at
	// their medians.
	Low, High float64
	// KnownLow and KnownHigh are the 5th and 95th percentiles of the result if the input were known to be
	// its median: what measuring it would buy.
	KnownLow, KnownHigh float64
}

// maxInfluences bounds for how many inputs KnownLow and KnownHigh are worked out: each is a run.
const maxInfluences = 12

// Influences returns the inputs of a node, the most influential first. At most [DefaultSamples] draws are
// taken: shares are read to the percent.
func (g *Graph) Influences(ctx context.Context, opt RunOptions, ref Ref) ([]Influence, error) {
	opt.Samples = min(opt.samples(), DefaultSamples)
	inputs := g.Inputs(ref)
	if len(inputs) == 0 {
		return nil, nil
	}
	list := make([]Influence, len(inputs))
	for i, in := range inputs {
		list[i].Input = in
	}
	if !g.exactShares(ref, list) {
		if err := g.rankShares(ctx, opt, ref, list); err != nil {
			return nil, err
		}
	}
	// An input that cancels out, as in x - x, has no influence.
	list = slices.DeleteFunc(list, func(i Influence) bool { return i.Exact && i.Share == 0 })
	slices.SortStableFunc(list, func(a, b Influence) int { return cmp.Compare(b.Share, a.Share) })
	fix := map[Ref]float64{}
	for _, in := range inputs {
		fix[in.Ref] = in.Dist.Quantile(0.5)
	}
	for i := range list {
		in := list[i].Input
		middle := fix[in.Ref]
		for _, end := range []struct {
			p  float64
			to *float64
		}{{0.05, &list[i].Low}, {0.95, &list[i].High}} {
			fix[in.Ref] = in.Dist.Quantile(end.p)
			one, err := g.Run(ctx, RunOptions{Samples: 1, Fix: fix}, ref)
			if err != nil {
				return nil, err
			}
			*end.to = one[0][0]
		}
		fix[in.Ref] = middle
		if i < maxInfluences {
			known, err := g.distribution(ctx, RunOptions{Samples: opt.Samples, Seed: opt.Seed, Fix: map[Ref]float64{in.Ref: middle}}, ref)
			if err != nil {
				return nil, err
			}
			list[i].KnownLow, list[i].KnownHigh = known.Quantile(0.05), known.Quantile(0.95)
		}
	}
	return list, nil
}

// distribution returns the exact distribution where nothing is held fixed and there is one, else the
// sampled one.
func (g *Graph) distribution(ctx context.Context, opt RunOptions, ref Ref) (Dist, error) {
	if d, ok := g.Exact(ref); ok && len(opt.Fix) == 0 {
		return d, nil
	}
	draws, err := g.Run(ctx, opt, ref)
	if err != nil {
		return nil, err
	}
	return NewSampled(draws[0]), nil
}

// exactShares sets the shares of a product of lognormals or a sum of normals.
func (g *Graph) exactShares(ref Ref, list []Influence) bool {
	d, ok := g.Exact(ref)
	if !ok {
		return false
	}
	f := g.nodes[ref].form
	weight := map[int]float64{}
	total := 0.0
	_, normal := d.(Normal)
	for _, t := range f.terms {
		for _, p := range t.powers {
			w := p.exponent
			switch d := g.inputs[p.input].Dist.(type) {
			case Lognormal:
				w *= d.Sigma
			case Normal:
				w *= d.Sigma
			}
			if normal {
				w *= t.coef
			} else if t.coef < 0 {
				w = -w
			}
			weight[p.input] = w
			total += w * w
		}
	}
	for i := range list {
		w := weight[g.nodes[list[i].Input.Ref].input]
		list[i].Exact = true
		if total > 0 {
			list[i].Share = w * w / total
			list[i].Correlation = math.Copysign(math.Sqrt(list[i].Share), w)
		}
	}
	return true
}

// rankShares sets the shares from rank correlations. The coordinate of a draw is the rank of the input,
// because an input rises with its coordinate.
func (g *Graph) rankShares(ctx context.Context, opt RunOptions, ref Ref, list []Influence) error {
	opt.apart = true // the coordinates below are those of the inputs themselves
	draws, err := g.Run(ctx, opt, ref)
	if err != nil {
		return err
	}
	ranks := ranksOf(draws[0])
	u := make([]float64, len(ranks))
	total := 0.0
	for i := range list {
		newStream(g.nodes[list[i].Input.Ref].input, opt.Seed).fill(0, u)
		c := correlation(u, ranks)
		list[i].Correlation = c
		total += c * c
	}
	for i := range list {
		if total > 0 {
			list[i].Share = list[i].Correlation * list[i].Correlation / total
		}
	}
	return nil
}

// ranksOf returns the rank of each value; equal values share their mean rank, and NaN is the highest.
func ranksOf(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := v[a], v[b]
		switch {
		case x < y || y != y && x == x: //nolint:gocritic // NaN differs from itself
			return -1
		case x > y || x != x && y == y:
			return 1
		}
		return 0
	})
	ranks := make([]float64, len(v))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && v[order[j]] == v[order[i]] {
			j++
		}
		for _, at := range order[i:j] {
			ranks[at] = float64(i+j-1) / 2
		}
		i = j
	}
	return ranks
}

// correlation is Pearson's, and zero where one side does not vary.
func correlation(x, y []float64) float64 {
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xy += dx * dy
		xx += dx * dx
		yy += dy * dy
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}
