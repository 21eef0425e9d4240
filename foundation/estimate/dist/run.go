package dist

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Samples at which a graph is evaluated.
const (
	DefaultSamples = 1 << 14
	MaxSamples     = 10_000_000
	// maxValues bounds the memory of a run: 2 GB of results.
	maxValues = 250_000_000
)

// RunOptions say how a graph is evaluated.
type RunOptions struct {
	Samples int // 0 for [DefaultSamples]
	Seed    uint64
	// Fix holds nodes at a value instead of computing them.
	Fix map[Ref]float64
	// apart draws every input by itself, also where several could be drawn as one.
	apart bool
}

func (o RunOptions) samples() int {
	if o.Samples == 0 {
		return DefaultSamples
	}
	return o.Samples
}

// block is how many draws are computed at once: their columns stay in the first level of the cache.
const block = 256

// Run evaluates nodes at every draw and returns their values, draw by draw in the same order for all.
func (g *Graph) Run(ctx context.Context, opt RunOptions, outputs ...Ref) ([][]float64, error) {
	n := opt.samples()
	if n < 1 || n > MaxSamples || n*len(outputs) > maxValues {
		return nil, fmt.Errorf("evaluate at %d draws: at most %d draws, and %d values of all results together, are possible", n, MaxSamples, maxValues)
	}
	results := make([][]float64, len(outputs))
	for i := range results {
		results[i] = make([]float64, n)
	}
	p := g.program(opt, outputs)
	for from := 0; from < n; from += block {
		if from%(64*block) == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		size := min(block, n-from)
		for _, s := range p.steps {
			s.compute(p, from, size)
		}
		for i, ref := range outputs {
			copy(results[i][from:], p.columns[ref][:size])
		}
	}
	return results, nil
}

// program is a graph prepared for a run: one column for each node that is needed.
type program struct {
	columns [][]float64
	steps   []step
	u       [block]float64
}

type step struct {
	node
	out    []float64
	in     [4][]float64
	stream *stream
	dist   Dist
}

func (g *Graph) program(opt RunOptions, outputs []Ref) *program {
	p := &program{columns: make([][]float64, len(g.nodes))}
	need := g.needed(outputs...)
	// What is computed only for a node that is held fixed is not needed.
	if len(opt.Fix) > 0 {
		need = g.neededExcept(opt.Fix, outputs)
	}
	var merged map[Ref]mergedInput
	if !opt.apart {
		merged = g.merge(opt.Fix, outputs, need)
	}
	for i, n := range g.nodes {
		if !need[i] {
			continue
		}
		column := make([]float64, block)
		p.columns[i] = column
		value, fixed := opt.Fix[Ref(i)]
		if !fixed && n.op == opConst {
			value, fixed = n.value, true
		}
		if fixed {
			for j := range column {
				column[j] = value
			}
			continue
		}
		s := step{node: n, out: column}
		if m, ok := merged[Ref(i)]; ok {
			s.op, s.dist, s.stream = opInput, m.dist, newStream(m.input, opt.Seed)
			p.steps = append(p.steps, s)
			continue
		}
		for j, arg := range n.args[:n.n] {
			s.in[j] = p.columns[arg]
		}
		if n.op == opInput {
			s.dist, s.stream = g.inputs[n.input].Dist, newStream(n.input, opt.Seed)
		}
		p.steps = append(p.steps, s)
	}
	return p
}

// mergedInput is a node that is drawn as one input.
type mergedInput struct {
	dist  Dist
	input int // whose coordinate it takes
}

// maxMerges bounds how many nodes are looked at: each is a pass over the graph.
const maxMerges = 200

// merge finds nodes that can be drawn as one input instead of several: those with a closed form whose inputs
// nothing else depends on. What only they need is taken from need.
func (g *Graph) merge(fix map[Ref]float64, outputs []Ref, need []bool) map[Ref]mergedInput {
	merged := map[Ref]mergedInput{}
	cut := make(map[Ref]float64, len(fix))
	for ref, v := range fix {
		cut[ref] = v
	}
	for i, tries := len(g.nodes)-1, 0; i >= 0 && tries < maxMerges; i-- {
		ref := Ref(i)
		_, fixed := fix[ref]
		if !need[i] || fixed || g.nodes[i].form == nil || g.nodes[i].op == opInput {
			continue
		}
		d, ok := g.Exact(ref)
		_, lognormal := d.(Lognormal)
		_, normal := d.(Normal)
		if !ok || !lognormal && !normal {
			continue
		}
		tries++
		inner := g.needed(ref)
		for f := range fix {
			ok = ok && !inner[f] // its closed form does not know what is held fixed
		}
		cut[ref] = 0
		left := g.neededExcept(cut, outputs)
		first := -1
		for _, in := range g.inputs {
			if inner[in.Ref] {
				ok = ok && !left[in.Ref]
				if first < 0 {
					first = g.nodes[in.Ref].input
				}
			}
		}
		if !ok || first < 0 {
			delete(cut, ref)
			continue
		}
		copy(need, left)
		merged[ref] = mergedInput{d, first}
	}
	return merged
}

func (g *Graph) neededExcept(fix map[Ref]float64, outputs []Ref) []bool {
	need := make([]bool, len(g.nodes))
	for _, ref := range outputs {
		need[ref] = true
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		if _, fixed := fix[Ref(i)]; !need[i] || fixed {
			continue
		}
		n := g.nodes[i]
		for _, arg := range n.args[:n.n] {
			need[arg] = true
		}
	}
	return need
}

// compute fills the column of one node.
func (s *step) compute(p *program, from, size int) {
	out, a, b := s.out[:size], s.in[0], s.in[1]
	switch s.op {
	case opInput:
		u := p.u[:size]
		s.stream.fill(from, u)
		draw(s.dist, u, out)
	case Add:
		for i := range out {
			out[i] = a[i] + b[i]
		}
	case Sub:
		for i := range out {
			out[i] = a[i] - b[i]
		}
	case Mul:
		for i := range out {
			out[i] = a[i] * b[i]
		}
	case Div:
		for i := range out {
			out[i] = a[i] / b[i]
		}
	default:
		for i := range out {
			var args [4]float64
			for j := range s.n {
				args[j] = s.in[j][i]
			}
			out[i] = scalar(s.op, args)
		}
	}
}

// draw maps coordinates to values. The common families are written out, because a call by interface for
// each draw is the larger part of their cost.
func draw(d Dist, u, out []float64) {
	switch d := d.(type) {
	case Lognormal:
		for i := range out {
			out[i] = exp(d.Mu + d.Sigma*InverseNormal(u[i]))
		}
	case Normal:
		for i := range out {
			out[i] = d.Mu + d.Sigma*InverseNormal(u[i])
		}
	case Uniform:
		for i := range out {
			out[i] = d.Low + u[i]*(d.High-d.Low)
		}
	default:
		for i := range out {
			out[i] = d.Quantile(u[i])
		}
	}
}

// Sampled is the distribution that draws show. Quantiles are interpolated between draws. Make it by
// [NewSampled].
type Sampled struct {
	sorted  []float64
	mean    float64
	invalid int // draws without a value
}

// NewSampled takes over the draws and sorts them. Draws that are no number, such as 0/0, are left out
// and counted.
func NewSampled(draws []float64) *Sampled {
	total := len(draws)
	draws = slices.DeleteFunc(draws, math.IsNaN)
	s := &Sampled{sorted: draws, invalid: total - len(draws), mean: math.NaN()}
	if len(draws) == 0 {
		return s
	}
	sum, carry := 0.0, 0.0
	for _, v := range draws {
		// Kahan's compensated sum: a mean of equal draws is that value.
		y := v - carry
		t := sum + y
		carry = (t - sum) - y
		sum = t
	}
	s.mean = sum / float64(len(draws))
	if math.IsNaN(s.mean) { // infinite draws
		s.mean = math.Inf(1)
	}
	sortFloats(draws)
	return s
}

// Quantile implements [Dist]; it is NaN when no draw has a value.
func (s *Sampled) Quantile(p float64) float64 {
	n := len(s.sorted)
	if n == 0 {
		return math.NaN()
	}
	x := min(max(p*float64(n)-0.5, 0), float64(n-1))
	i := int(x)
	if i+1 >= n || s.sorted[i] == s.sorted[i+1] || math.IsInf(s.sorted[i+1], 0) {
		return s.sorted[i]
	}
	return s.sorted[i] + (x-float64(i))*(s.sorted[i+1]-s.sorted[i])
}

// CDF implements [Dist].
func (s *Sampled) CDF(x float64) float64 { return Empirical{s.sorted}.CDF(x) }

// Mean implements [Dist].
func (s *Sampled) Mean() float64 { return s.mean }

// Kind implements [Dist].
func (s *Sampled) Kind() string { return "sampled" }

// Draws returns how many draws have a value.
func (s *Sampled) Draws() int { return len(s.sorted) }

// Invalid returns the share of draws that have no value, such as the square root of a negative number.
func (s *Sampled) Invalid() float64 {
	return float64(s.invalid) / float64(max(1, s.invalid+len(s.sorted)))
}

// Unbounded returns the share of draws that are infinite, such as the wait in a queue that only grows.
func (s *Sampled) Unbounded() float64 {
	if len(s.sorted) == 0 {
		return 0
	}
	return 1 - s.CDF(math.MaxFloat64)
}

// sortFloats sorts numbers by a radix sort on their bits, which for the many draws of a run takes a
// third of the time of a sort by comparison.
func sortFloats(v []float64) {
	if len(v) < 4096 {
		slices.Sort(v)
		return
	}
	const width = 11
	keys, spare := make([]uint64, len(v)), make([]uint64, len(v))
	for i, x := range v {
		b := math.Float64bits(x)
		// Negative numbers rise with falling bits.
		keys[i] = b ^ (uint64(int64(b)>>63) | 1<<63)
	}
	var all, any uint64 = math.MaxUint64, 0
	for _, k := range keys {
		all &= k
		any |= k
	}
	varying := all ^ any
	for shift := 0; shift < 64; shift += width {
		if varying>>shift&(1<<width-1) == 0 {
			continue
		}
		var counts [1 << width]int
		for _, k := range keys {
			counts[k>>shift&(1<<width-1)]++
		}
		at := 0
		for i, c := range counts {
			counts[i] = at
			at += c
		}
		for _, k := range keys {
			d := k >> shift & (1<<width - 1)
			spare[counts[d]] = k
			counts[d]++
		}
		keys, spare = spare, keys
		if bits.Len64(varying) <= shift+width {
			break
		}
	}
	for i, k := range keys {
		v[i] = math.Float64frombits(k ^ (^uint64(int64(k)>>63) | 1<<63))
	}
}
