package dist

import (
	"math"
	"slices"
)

// Op is an operation on numbers.
type Op uint8

// Operations. Those with several arguments say which.
const (
	opConst Op = iota
	opInput
	Add
	Sub
	Mul
	Div
	Pow
	Neg
	Min // two
	Max // two
	Abs
	Sqrt
	Exp
	Log
	Log2
	Log10
	Ceil
	Floor
	Round
	QueueMM1    // arrivals, service time
	QueueMM1P99 // arrivals, service time
	QueueMMC    // arrivals, service time, servers
	USL         // n, rate of one, contention, coherency
	P99Fanout   // median, 99th percentile, n
)

// Ref names a node of a graph.
type Ref int

// Graph is an expression with uncertain inputs. Nodes are added and never changed, and each is computed
// once a draw, however often it is used: the same input is the same draw everywhere.
//
// A Graph may be read by several goroutines, but not while nodes are added.
type Graph struct {
	nodes  []node
	inputs []Input
	tables []*lazyTable // of the inputs
}

// Input is an uncertain input.
type Input struct {
	Label string
	Dist  Dist
	Ref   Ref
}

type node struct {
	op     Op
	args   [4]Ref
	n      int     // arguments
	input  int     // of opInput
	value  float64 // of opConst, and of any node that depends on no input
	form   *form   // the exact form where there is one
	random bool    // depends on an input
	steps  bool    // has single values alone: whole numbers, or one of some samples
}

// Const adds a fixed number.
func (g *Graph) Const(v float64) Ref {
	return g.add(node{op: opConst, value: v, form: constantForm(v)})
}

// Input adds an uncertain input that is independent of all others.
func (g *Graph) Input(label string, d Dist) Ref {
	if p, ok := d.(Point); ok {
		return g.Const(float64(p))
	}
	i := len(g.inputs)
	_, steps := d.(Empirical)
	ref := g.add(node{op: opInput, input: i, random: true, steps: steps, form: &form{terms: []term{{coef: 1, powers: []factor{{i, 1}}}}}})
	g.inputs = append(g.inputs, Input{Label: label, Dist: d, Ref: ref})
	g.tables = append(g.tables, &lazyTable{})
	return ref
}

// Apply adds an operation. The number of arguments is that of the operation.
func (g *Graph) Apply(op Op, args ...Ref) Ref {
	n := node{op: op, n: len(args)}
	copy(n.args[:], args)
	var values [4]float64
	for i, arg := range args {
		n.random = n.random || g.nodes[arg].random
		values[i] = g.nodes[arg].value
	}
	if n.random {
		n.form = g.combine(op, args)
		n.steps = op == Ceil || op == Floor || op == Round ||
			!slices.ContainsFunc(args, func(arg Ref) bool { return g.nodes[arg].random && !g.nodes[arg].steps })
	} else {
		n.value = scalar(op, values)
		n.form = constantForm(n.value)
	}
	return g.add(n)
}

// Alias adds a node that is equal to another but can be held fixed by itself.
func (g *Graph) Alias(ref Ref) Ref { return g.Apply(Mul, ref, g.Const(1)) }

func (g *Graph) add(n node) Ref {
	g.nodes = append(g.nodes, n)
	return Ref(len(g.nodes) - 1)
}

// Fixed returns the value of a node that depends on no input, and false for others.
func (g *Graph) Fixed(ref Ref) (float64, bool) { return g.nodes[ref].value, !g.nodes[ref].random }

// Sampled returns the distribution that draws of a node show. Where the node has single values alone, such as
// whole numbers, quantiles are such values.
func (g *Graph) Sampled(ref Ref, draws []float64) *Sampled {
	s := NewSampled(draws)
	s.steps = g.nodes[ref].steps
	return s
}

// Inputs returns the inputs that a node depends on, in the order in which they were added.
func (g *Graph) Inputs(ref Ref) []Input {
	need := g.needed(ref)
	var inputs []Input
	for _, in := range g.inputs {
		if need[in.Ref] {
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// DependsOn says whether a node is computed from another.
func (g *Graph) DependsOn(ref, on Ref) bool { return g.needed(ref)[on] }

// needed marks the nodes that the given ones are computed from, themselves included. Arguments stand
// before the nodes that use them.
func (g *Graph) needed(refs ...Ref) []bool {
	need := make([]bool, len(g.nodes))
	if len(refs) == 0 {
		return need
	}
	for _, ref := range refs {
		need[ref] = true
	}
	for i := slices.Max(refs); i >= 0; i-- {
		if !need[i] {
			continue
		}
		n := g.nodes[i]
		for _, arg := range n.args[:n.n] {
			need[arg] = true
		}
	}
	return need
}

// scalar computes one operation on single numbers.
func scalar(op Op, a [4]float64) float64 {
	switch op {
	case Add:
		return a[0] + a[1]
	case Sub:
		return a[0] - a[1]
	case Mul:
		return a[0] * a[1]
	case Div:
		return a[0] / a[1]
	case Pow:
		return math.Pow(a[0], a[1])
	case Neg:
		return -a[0]
	case Min:
		return math.Min(a[0], a[1])
	case Max:
		return math.Max(a[0], a[1])
	case Abs:
		return math.Abs(a[0])
	case Sqrt:
		return math.Sqrt(a[0])
	case Exp:
		return math.Exp(a[0])
	case Log:
		return math.Log(a[0])
	case Log2:
		return math.Log2(a[0])
	case Log10:
		return math.Log10(a[0])
	case Ceil:
		return math.Ceil(nearWhole(a[0]))
	case Floor:
		return math.Floor(nearWhole(a[0]))
	case Round:
		return math.Round(nearWhole(a[0]))
	case QueueMM1:
		return queueMM1(a[0], a[1])
	case QueueMM1P99:
		return math.Log(100) * queueMM1(a[0], a[1])
	case QueueMMC:
		return queueMMC(a[0], a[1], a[2])
	case USL:
		return usl(a[0], a[1], a[2], a[3])
	case P99Fanout:
		return p99Fanout(a[0], a[1], a[2])
	}
	return math.NaN()
}

// nearWhole removes the rounding error of a quotient such as 0.3/0.1 before it is rounded up.
func nearWhole(x float64) float64 {
	if r := math.Round(x); math.Abs(x-r) <= 1e-12*math.Abs(r) {
		return r
	}
	return x
}

// InputsAll returns all inputs of the graph, in the order in which they were added.
func (g *Graph) InputsAll() []Input { return slices.Clone(g.inputs) }
