package dist

import (
	"context"
	"fmt"
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
	columns := make([][]float64, len(outputs))
	for i, ref := range outputs {
		columns[i] = p.columns[ref]
	}
	return results, p.run(ctx, n, columns, results)
}

// run computes n draws and copies those of some columns to the results.
func (p *program) run(ctx context.Context, n int, columns, results [][]float64) error {
	for from := 0; from < n; from += block {
		if from%(64*block) == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		size := min(block, n-from)
		for i := range p.steps {
			p.steps[i].compute(p, from, size)
		}
		for i, column := range columns {
			copy(results[i][from:], column[:size])
		}
	}
	return nil
}

// program is a graph prepared for a run: one column for each node that is needed.
type program struct {
	columns     [][]float64
	steps       []step
	coordinates [block]uint32
}

type step struct {
	node
	ref    Ref
	out    []float64
	in     [4][]float64
	stream *stream
	dist   Dist
	table  *table // of the quantiles of dist, or nil
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
		s := step{node: n, ref: Ref(i), out: column}
		if m, ok := merged[Ref(i)]; ok {
			s.op, s.dist, s.stream, s.table = opInput, m.dist, newStream(m.input, opt.Seed), newTable(m.dist)
			p.steps = append(p.steps, s)
			continue
		}
		for j, arg := range n.args[:n.n] {
			s.in[j] = p.columns[arg]
		}
		if n.op == opInput {
			s.dist, s.stream = g.inputs[n.input].Dist, newStream(n.input, opt.Seed)
			s.table = g.tables[n.input].of(s.dist)
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
		coordinates := p.coordinates[:size]
		s.stream.fill(from, coordinates)
		s.draw(coordinates, out)
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

// draw maps coordinates to values.
func (s *step) draw(coordinates []uint32, out []float64) {
	if s.table != nil {
		s.table.draw(s.dist, coordinates, out)
		return
	}
	if d, ok := s.dist.(Uniform); ok { // a call by interface would be the larger part of its cost
		for i, x := range coordinates {
			out[i] = d.Quantile(probability(x))
		}
		return
	}
	for i, x := range coordinates {
		out[i] = s.dist.Quantile(probability(x))
	}
}
