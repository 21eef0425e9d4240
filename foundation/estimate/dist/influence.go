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
	}
	first := list[:min(len(list), maxInfluences)]
	var held []Ref
	for _, i := range first {
		held = append(held, i.Input.Ref)
	}
	known, err := g.runHolding(ctx, opt, ref, held, fix)
	if err != nil {
		return nil, err
	}
	for i := range first {
		d := NewSampled(known[i])
		first[i].KnownLow, first[i].KnownHigh = d.Quantile(0.05), d.Quantile(0.95)
	}
	return list, nil
}

// runHolding returns the draws of a node once for each of some inputs, with that input at its value. The
// draws of the other inputs, and all that does not depend on the held one, are computed once for all.
func (g *Graph) runHolding(ctx context.Context, opt RunOptions, ref Ref, held []Ref, value map[Ref]float64) ([][]float64, error) {
	opt.apart = true
	n := opt.samples()
	p := g.program(opt, []Ref{ref})
	results := make([][]float64, len(held))
	outputs := make([][]float64, len(held))
	var again []step // after those of p, in the order of held
	for k, input := range held {
		columns := slices.Clone(p.columns)
		columns[input] = make([]float64, block)
		for i := range columns[input] {
			columns[input][i] = value[input]
		}
		depends := make([]bool, len(g.nodes))
		depends[input] = true
		for _, s := range p.steps {
			args := s.args[:s.n]
			if !slices.ContainsFunc(args, func(arg Ref) bool { return depends[arg] }) {
				continue
			}
			depends[s.ref] = true
			s.out = make([]float64, block)
			columns[s.ref] = s.out
			for j, arg := range args {
				s.in[j] = columns[arg]
			}
			again = append(again, s)
		}
		results[k], outputs[k] = make([]float64, n), columns[ref]
	}
	p.steps = append(p.steps, again...)
	return results, p.run(ctx, n, outputs, results)
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
	coordinates, u := make([]uint32, len(ranks)), make([]float64, len(ranks))
	total := 0.0
	for i := range list {
		newStream(g.nodes[list[i].Input.Ref].input, opt.Seed).fill(0, coordinates)
		for j, x := range coordinates {
			u[j] = probability(x)
		}
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
	order := sortedOrder(v)
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
