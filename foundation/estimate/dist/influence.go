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
	// Share of the uncertainty that is the input's. Of products of lognormals and sums of normals it is exact:
	// of the variance of the logarithm or of the value, and shares sum to one. Else it is the first-order Sobol
	// index, the part of the variance that goes when the input alone becomes known; what the shares leave to
	// one is of inputs that act together. See [Graph.Influences] for results without a variance.
	Share float64
	Exact bool
	// Correlation is Spearman's rank correlation between input and result; of an exact share its
	// sign and root.
	Correlation float64
	// AtLow and AtHigh are the result with the input at its 5th and 95th percentiles and all others at
	// their medians.
	AtLow, AtHigh float64
	// Low and High are the ends of what the result passes through on the way: AtLow and AtHigh, in this order,
	// where it never goes beyond them, else the least and the greatest of the values that it has.
	Low, High float64
	// KnownLow and KnownHigh are the 5th and 95th percentiles of the result if the input were known to be
	// its median: what measuring it would buy. They are NaN where that was not worked out.
	KnownLow, KnownHigh float64
}

// maxInfluences bounds for how many inputs KnownLow and KnownHigh are worked out: each is a run.
const maxInfluences = 12

// Influences returns the inputs of a node, the most influential first. At most [DefaultSamples] draws are
// taken: shares are read to the percent. Draws without a value are left out of shares. Where some draws are infinite,
// and where a thousandth of them holds most of the variance, which the draws then do not show, shares are of
// the variance of the rank of the result.
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
		if err := g.sobolShares(ctx, opt, ref, list); err != nil {
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
		list[i].KnownLow, list[i].KnownHigh = math.NaN(), math.NaN()
		steps := rangeSteps
		if i >= maxInfluences {
			steps = 1 // the ends alone
		}
		if err := g.across(ctx, ref, &list[i], fix, steps); err != nil {
			return nil, err
		}
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
		d := g.Sampled(ref, known[i])
		first[i].KnownLow, first[i].KnownHigh = d.Quantile(0.05), d.Quantile(0.95)
	}
	return list, nil
}

// rangeSteps is how many steps an input takes from its 5th to its 95th percentile.
const rangeSteps = 16

// across sets what a result passes through as an input goes through its range, all others held at the
// values of fix.
func (g *Graph) across(ctx context.Context, ref Ref, to *Influence, fix map[Ref]float64, steps int) error {
	in := to.Input
	middle := fix[in.Ref]
	defer func() { fix[in.Ref] = middle }()
	least, greatest := math.NaN(), math.NaN()
	for k := range steps + 1 {
		fix[in.Ref] = in.Dist.Quantile(0.05 + 0.9*float64(k)/float64(steps))
		one, err := g.Run(ctx, RunOptions{Samples: 1, Fix: fix}, ref)
		if err != nil {
			return err
		}
		v := one[0][0]
		if k == 0 {
			to.AtLow = v
		}
		to.AtHigh = v
		if math.IsNaN(v) {
			continue
		}
		if !(v >= least) {
			least = v
		}
		if !(v <= greatest) {
			greatest = v
		}
	}
	to.Low, to.High = to.AtLow, to.AtHigh
	// Rounding is no way beyond the ends.
	slack := 1e-12 * (math.Abs(least) + math.Abs(greatest))
	if !(least >= min(to.Low, to.High)-slack && greatest <= max(to.Low, to.High)+slack) {
		to.Low, to.High = least, greatest
	}
	return nil
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
	return g.Sampled(ref, draws[0]), nil
}

// exactShares sets the shares of a product of powers of lognormals, one- or two-piece, or a sum of normals.
func (g *Graph) exactShares(ref Ref, list []Influence) bool {
	f := g.nodes[ref].form
	if f == nil {
		return false
	}
	d, ok := g.Exact(ref)
	_, normal := d.(Normal)
	if !ok && !g.isProduct(f) {
		return false
	}
	weight := map[int]float64{}
	total := 0.0
	for _, t := range f.terms {
		for _, p := range t.powers {
			w := p.exponent
			switch d := g.inputs[p.input].Dist.(type) {
			case Lognormal:
				w *= d.Sigma
			case TwoPiece:
				w *= math.Sqrt(d.logVariance())
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

// isProduct says whether a form is one product of powers of positive inputs.
func (g *Graph) isProduct(f *form) bool {
	return len(f.terms) == 1 && !slices.ContainsFunc(f.terms[0].powers, func(p factor) bool { return !positive(g.inputs[p.input].Dist) })
}

// sobolShares sets the shares from draws. The coordinate of a draw is the rank of the input, because an
// input rises with its coordinate.
func (g *Graph) sobolShares(ctx context.Context, opt RunOptions, ref Ref, list []Influence) error {
	opt.apart = true // the coordinates below are those of the inputs themselves
	draws, err := g.Run(ctx, opt, ref)
	if err != nil {
		return err
	}
	y := draws[0]
	ranks := ranksOf(y)
	spread := y
	if !hasVariance(y) {
		spread = slices.Clone(ranks)
		for i, v := range y {
			if math.IsNaN(v) {
				spread[i] = v
			}
		}
	}
	coordinates, x, u := make([]uint32, len(y)), make([]float64, len(y)), make([]float64, len(y))
	for i := range list {
		in := g.nodes[list[i].Input.Ref].input
		newStream(in, opt.Seed).fill(0, coordinates)
		s := step{dist: list[i].Input.Dist, table: g.tables[in].of(list[i].Input.Dist)}
		s.draw(coordinates, x)
		for j, c := range coordinates {
			u[j] = probability(c)
		}
		list[i].Correlation = correlation(u, ranks)
		list[i].Share = firstOrder(coordinates, x, spread)
	}
	return nil
}

// hasVariance says whether draws show a variance: all are finite, and the thousandth of them that is farthest
// from the mean holds at most half of it. A lognormal loses that beyond a factor of 180 between its 5th and 95th
// percentile.
func hasVariance(y []float64) bool {
	n, m := 0.0, 0.0
	for _, v := range y {
		if math.IsInf(v, 0) {
			return false
		}
		if v == v { //nolint:gocritic // NaN differs from itself
			n++
			m += (v - m) / n
		}
	}
	squares := make([]float64, 0, len(y))
	total := 0.0
	for _, v := range y {
		if v == v { //nolint:gocritic // as above
			squares = append(squares, (v-m)*(v-m))
			total += (v - m) * (v - m)
		}
	}
	if math.IsInf(total, 0) || math.IsNaN(total) {
		return false
	}
	slices.Sort(squares)
	far := 0.0
	for _, v := range squares[len(squares)-len(squares)/1000:] {
		far += v
	}
	return far <= total/2
}

// shareBits is the logarithm of how many bins of equal probability an input is divided into, and fewDraws
// how many a bin holds at least.
const (
	shareBits = 6
	fewDraws  = 32
)

// firstOrder is the first-order Sobol index of an input: the variance of the expectation of y given the input,
// over that of y (Sobol, "Sensitivity estimates for nonlinear mathematical models", 1993). Draws are put into bins of
// the input, and the expectation is a straight line within each; what is left around the lines is the variance of the
// other inputs, with as many degrees of freedom less as lines have parameters. Draws without a value are left out.
func firstOrder(coordinates []uint32, x, y []float64) float64 {
	bits := shareBits
	for bits > 0 && len(y)>>bits < fewDraws {
		bits--
	}
	type sums struct{ n, mx, my, xx, xy, yy float64 }
	bins := make([]sums, 1<<bits)
	var all sums
	// Welford's update keeps the digits of small variances around large means.
	add := func(s *sums, x, y float64) {
		s.n++
		dx, dy := x-s.mx, y-s.my
		s.mx += dx / s.n
		s.my += dy / s.n
		s.xx += dx * (x - s.mx)
		s.xy += dx * (y - s.my)
		s.yy += dy * (y - s.my)
	}
	for i, v := range y {
		if math.IsNaN(v) {
			continue
		}
		add(&bins[coordinates[i]>>(32-bits)], x[i], v)
		add(&all, x[i], v)
	}
	left, freedom := 0.0, 0.0
	for _, s := range bins {
		if s.n < 3 {
			continue
		}
		left += s.yy
		freedom += s.n - 1
		if s.xx > 0 {
			left -= s.xy * s.xy / s.xx
			freedom--
		}
	}
	if !(all.yy > 0) || freedom <= 0 {
		return 0
	}
	return min(max(1-(left/freedom)/(all.yy/(all.n-1)), 0), 1)
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
