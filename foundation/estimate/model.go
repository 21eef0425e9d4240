package estimate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// Model is a text that was read and checked, ready to be computed. It may be shared between
// goroutines.
type Model struct {
	File *lang.File

	graph    *dist.Graph
	rates    []rate.Rate
	outcomes []*outcome // definitions and expressions, in the order of the text
	demands  []*demand
	notes    []string
	inputs   map[dist.Ref]meaning
	rateRefs map[string][]dist.Ref // the inputs of a rate: as it is, and as it is sustained
	frozen   []dist.Ref            // nodes that ranges were made from
}

// meaning is how a node of the graph is printed.
type meaning struct {
	dim    quantity.Dim
	near   quantity.Unit
	strict bool // near was asked for with `in`
}

type outcome struct {
	statement *lang.Statement
	ref       dist.Ref
	meaning
	used bool
}

// demand is a constraint or claim, for one option or none.
type demand struct {
	statement   *lang.Statement
	option      string
	left, right outcome
	difference  dist.Ref
	ratio       dist.Ref
}

// Parse reads a text and checks it against the rates of a profile, which may be nil. The error is a
// [lang.Errors], with the place of each.
func Parse(src lang.Source, profile *rate.Profile) (*Model, error) {
	file, err := lang.Parse(src, rateTable{profile})
	if err != nil {
		return nil, err
	}
	c := &compiler{
		Model:   &Model{File: file, graph: &dist.Graph{}, inputs: map[dist.Ref]meaning{}, rateRefs: map[string][]dist.Ref{}},
		profile: profile, defined: map[bool]map[string]dist.Ref{false: {}, true: {}}, rateInputs: map[sustainedRate]dist.Ref{},
		ranges: map[place]dist.Ref{}, uses: map[string]bool{}, waits: map[string]bool{},
	}
	c.compile()
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	return c.Model, nil
}

// compiler turns statements into the nodes of a graph.
type compiler struct {
	*Model
	profile *rate.Profile
	// claim holds while a claim is compiled, in which rates are those that are sustained. Definitions that use such a
	// rate are compiled twice, and defined holds the nodes of both by full name; other definitions are shared.
	claim      bool
	defined    map[bool]map[string]dist.Ref
	rateInputs map[sustainedRate]dist.Ref
	ranges     map[place]dist.Ref // a range is one input, however often it is compiled
	waits      map[string]bool    // of definitions: whether they use a rate that a claim reads otherwise
	uses       map[string]bool    // definitions that another statement uses
	errs       lang.Errors
}

// sustainedRate is a base rate by name, as it is or as it is sustained.
type sustainedRate struct {
	name      string
	sustained bool
}

// place is a node of the text within an option.
type place struct {
	node   *lang.Node
	option string
}

// refused is the error of a place; it is kept in errs when it is made.
type refused struct{}

func (refused) Error() string { return "refused" }

func (c *compiler) refuse(n *lang.Node, hint, format string, args ...any) error {
	c.errs = append(c.errs, c.File.Source.ErrorAt(n.Span, fmt.Sprintf(format, args...), hint))
	return refused{}
}

func (c *compiler) compile() {
	for _, s := range c.File.Statements {
		switch s.Kind {
		case lang.Define, lang.Evaluate:
			ref, err := c.statement(s)
			if err == nil {
				c.outcomes = append(c.outcomes, &outcome{statement: s, ref: ref, meaning: meaningOf(s.Left)})
			}
		default:
			options := s.Options
			if len(options) == 0 {
				options = []string{s.Option}
			}
			for _, option := range options {
				if c.demand(s, option) != nil {
					break
				}
			}
		}
	}
	for _, o := range c.outcomes {
		o.used = o.statement.Kind == lang.Define && c.uses[o.statement.Name]
	}
}

func meaningOf(n *lang.Node) meaning {
	return meaning{dim: n.Dim, near: n.Near, strict: n.Kind == lang.Convert}
}

func (c *compiler) statement(s *lang.Statement) (dist.Ref, error) {
	if s.Kind == lang.Define {
		return c.definition(s)
	}
	return c.node(s.Left, s.Option, "")
}

// definition compiles a definition once. It has a node of its own, so that it can be held fixed without
// its sources.
func (c *compiler) definition(s *lang.Statement) (dist.Ref, error) {
	defined := c.defined[c.claim && c.usesSustained(s)]
	if ref, ok := defined[s.Name]; ok {
		if ref < 0 {
			return ref, refused{}
		}
		return ref, nil
	}
	ref, err := c.node(s.Left, s.Option, s.Name)
	if err != nil {
		defined[s.Name] = -1
		return ref, err
	}
	if core := unwrapped(s.Left); core.Kind == lang.Name || core.Kind == lang.Rate {
		ref = c.graph.Alias(ref)
	}
	defined[s.Name] = ref
	if _, known := c.inputs[ref]; known {
		c.inputs[ref] = meaningOf(s.Left)
	}
	return ref, nil
}

// usesSustained says whether a definition uses a rate, by way of others too, that a claim reads otherwise.
func (c *compiler) usesSustained(s *lang.Statement) bool {
	if waits, known := c.waits[s.Name]; known {
		return waits
	}
	waits := false
	s.Left.Walk(func(n *lang.Node) {
		switch n.Kind {
		case lang.Rate:
			r, _ := c.profile.Get(n.Name)
			_, differs := sustained(r, Unit(r))
			waits = waits || differs
		case lang.Name:
			full, _ := c.File.Definition(n.Name, s.Option)
			waits = waits || c.usesSustained(c.File.Definitions[full])
		}
	})
	c.waits[s.Name] = waits
	return waits
}

// unwrapped is the node below conversions.
func unwrapped(n *lang.Node) *lang.Node {
	for n.Kind == lang.Convert {
		n = n.Args[0]
	}
	return n
}

func (c *compiler) demand(s *lang.Statement, option string) error {
	c.claim = s.Kind == lang.Claim
	defer func() { c.claim = false }()
	left, err := c.node(s.Left, option, "")
	if err != nil {
		return err
	}
	right, err := c.node(s.Right, option, "")
	if err != nil {
		return err
	}
	c.demands = append(c.demands, &demand{
		statement: s, option: option,
		left: outcome{statement: s, ref: left, meaning: meaningOf(s.Left)}, right: outcome{statement: s, ref: right, meaning: meaningOf(s.Right)},
		difference: c.graph.Apply(dist.Sub, left, right), ratio: c.graph.Apply(dist.Div, left, right),
	})
	return nil
}

// node compiles an expression. label names the input that it may be: that of the definition.
func (c *compiler) node(n *lang.Node, option, label string) (dist.Ref, error) {
	switch n.Kind {
	case lang.Literal:
		return c.graph.Const(n.Value), nil
	case lang.Name:
		full, _ := c.File.Definition(n.Name, option)
		c.uses[full] = true
		return c.definition(c.File.Definitions[full])
	case lang.Rate:
		return c.rate(n.Name), nil
	case lang.Convert:
		if !n.Dropped.Plain() {
			c.note(n)
		}
		return c.node(n.Args[0], option, label)
	case lang.Range, lang.PlusMinus:
		return c.once(n, option, label, c.spread)
	}
	if n.Kind == lang.Call {
		if f, _ := lang.FunctionOf(n.Name); f.Distribution {
			return c.once(n, option, label, c.distribution)
		}
	}
	args := make([]dist.Ref, len(n.Args))
	for i, arg := range n.Args {
		var err error
		if args[i], err = c.node(arg, option, ""); err != nil {
			return 0, err
		}
	}
	ref := c.apply(n, args)
	return ref, c.hasValue(n, args, ref)
}

// hasValue refuses a fixed amount that has no value, or that does not fit, where it comes up. What is unbounded by its
// nature, such as the wait in a queue that only grows, is one.
func (c *compiler) hasValue(n *lang.Node, args []dist.Ref, ref dist.Ref) error {
	v, fixed := c.graph.Fixed(ref)
	if !fixed || !math.IsNaN(v) && !math.IsInf(v, 0) {
		return nil
	}
	unbounded := func(ref dist.Ref) bool { v, _ := c.graph.Fixed(ref); return math.IsInf(v, 0) }
	if math.IsInf(v, 0) && (strings.HasPrefix(n.Name, "queue_") || slices.ContainsFunc(args, unbounded)) {
		return nil
	}
	at, hint := n, ""
	if n.Kind == lang.Call && n.Name != "" {
		if f, ok := lang.FunctionOf(n.Name); ok {
			hint = "it is called as " + f.Usage
		}
	}
	switch divisor, _ := c.graph.Fixed(args[len(args)-1]); {
	case n.Kind == lang.Binary && n.Op == "/" && divisor == 0:
		return c.refuse(n.Args[1], "", "this divides by zero")
	case n.Kind == lang.Binary && n.Op == "^" && math.IsNaN(v):
		return c.refuse(at, "", "a negative number has no such power")
	case n.Name == "log" || n.Name == "log2" || n.Name == "log10":
		return c.refuse(at, hint, "%s takes a positive number", n.Name)
	case n.Name == "sqrt":
		return c.refuse(at, hint, "a negative number has no square root")
	case n.Name == "p99_fanout":
		return c.refuse(at, hint, "%s takes a positive median, a 99th percentile that is not below it, and a positive number", n.Name)
	case n.Name == "queue_mmc":
		return c.refuse(at, hint, "%s takes arrivals and a service time that are not negative, and at least one server; a load of more than 100,000 busy servers is not computed", n.Name)
	case strings.HasPrefix(n.Name, "queue_"):
		return c.refuse(at, hint, "%s takes arrivals and a service time that are not negative", n.Name)
	case n.Name == "usl":
		return c.refuse(at, hint, "%s takes a number of workers and coefficients that are not negative", n.Name)
	case math.IsInf(v, 0):
		return c.refuse(at, "", "this number does not fit")
	}
	return c.refuse(at, "", "this has no value")
}

// once compiles an uncertain input at its first use.
func (c *compiler) once(n *lang.Node, option, label string, input func(*lang.Node, string, string) (dist.Ref, error)) (dist.Ref, error) {
	at := place{n, option}
	if ref, ok := c.ranges[at]; ok {
		return ref, nil
	}
	ref, err := input(n, option, label)
	if err == nil {
		c.ranges[at] = ref
	}
	return ref, err
}

var binaryOps = map[string]dist.Op{"+": dist.Add, "-": dist.Sub, "*": dist.Mul, "/": dist.Div, "^": dist.Pow}

var callOps = map[string]dist.Op{
	"min": dist.Min, "max": dist.Max, "sum": dist.Add, "abs": dist.Abs, "sqrt": dist.Sqrt, "exp": dist.Exp, "log": dist.Log, "log2": dist.Log2, "log10": dist.Log10,
	"ceil": dist.Ceil, "floor": dist.Floor, "round": dist.Round,
	"queue_mm1": dist.QueueMM1, "queue_mm1_p99": dist.QueueMM1P99, "queue_mmc": dist.QueueMMC, "usl": dist.USL, "p99_fanout": dist.P99Fanout,
}

func (c *compiler) apply(n *lang.Node, args []dist.Ref) dist.Ref {
	switch n.Kind {
	case lang.Negate:
		return c.graph.Apply(dist.Neg, args[0])
	case lang.Binary:
		return c.graph.Apply(binaryOps[n.Op], args...)
	}
	op := callOps[n.Name]
	switch n.Name {
	case "min", "max", "sum":
		ref := args[0]
		for _, arg := range args[1:] {
			ref = c.graph.Apply(op, ref, arg)
		}
		return ref
	}
	return c.graph.Apply(op, args...)
}

// rate returns the input of a base rate: one for all its uses, and in claims one for what is sustained.
func (c *compiler) rate(name string) dist.Ref {
	r, _ := c.profile.Get(name)
	u := Unit(r)
	d, differs := sustained(r, u)
	key := sustainedRate{name, c.claim && differs}
	if ref, ok := c.rateInputs[key]; ok {
		return ref
	}
	if !key.sustained {
		d = distribution(r, u)
	}
	ref := c.graph.Input(name, d)
	if len(c.rateRefs[name]) == 0 {
		c.rates = append(c.rates, r)
	}
	c.rateInputs[key] = ref
	c.rateRefs[name] = append(c.rateRefs[name], ref)
	c.inputs[ref] = meaning{dim: u.Dim}
	return ref
}

// note tells what a conversion left out of the unit. The amount stays what it is: of all that was counted, or of
// each where it was divided by.
func (c *compiler) note(n *lang.Node) {
	var all, each quantity.Dim
	for i, x := range n.Dropped {
		if x > 0 {
			all[i] = x
		} else {
			each[i] = -x
		}
	}
	var parts []string
	if !all.Plain() {
		parts = append(parts, fmt.Sprintf("leaves out the %s: the result is of all of them together", all))
	}
	if !each.Plain() {
		parts = append(parts, fmt.Sprintf("leaves out the %s below the line: the result is per %s", each, each.Symbol()))
	}
	note := fmt.Sprintf("line %d: %q %s", c.File.Source.LineOf(n.Span.Start), "in "+unitName(n.Unit), strings.Join(parts, " and "))
	if !slices.Contains(c.notes, note) {
		c.notes = append(c.notes, note)
	}
}

func unitName(u quantity.Unit) string {
	if u.Symbol == "" {
		return "a plain number"
	}
	return u.Symbol
}

// fixed compiles the arguments of an uncertain input, which depend on no other.
func (c *compiler) fixed(n *lang.Node, option string) ([]float64, error) {
	values := make([]float64, len(n.Args))
	for i, arg := range n.Args {
		ref, err := c.node(arg, option, "")
		if err != nil {
			return nil, err
		}
		v, ok := c.graph.Fixed(ref)
		if !ok {
			return nil, c.refuse(arg, "to scale a range by something uncertain, multiply", "the ends of a range are fixed amounts, and this one is uncertain")
		}
		values[i] = v
		arg.Walk(func(below *lang.Node) {
			if below.Kind == lang.Name {
				full, _ := c.File.Definition(below.Name, option)
				if ref, ok := c.defined[false][full]; ok {
					c.frozen = append(c.frozen, ref)
				}
			}
		})
	}
	return values, nil
}

func (c *compiler) input(n *lang.Node, label string, d dist.Dist) dist.Ref {
	if label == "" {
		label = c.File.Source.Text[n.Span.Start:n.Span.End]
	}
	ref := c.graph.Input(label, d)
	c.inputs[ref] = meaningOf(n)
	return ref
}

// percentLiteral says whether an amount is written in percent.
func percentLiteral(end *lang.Node) bool {
	return end.Kind == lang.Literal && end.Unit.Symbol == "%"
}

// spread compiles a range or an amount with its spread.
func (c *compiler) spread(n *lang.Node, option, label string) (dist.Ref, error) {
	v, err := c.fixed(n, option)
	if err != nil {
		return 0, err
	}
	var d dist.Dist
	if n.Kind == lang.PlusMinus {
		half := v[1]
		if n.Relative {
			half *= v[0]
			if half < 0 {
				half = -half
			}
		}
		if !(half > 0) {
			return 0, c.refuse(n, "", "the spread behind ± is a positive amount")
		}
		if percentLiteral(n.Args[0]) && v[0] > 0 && v[0] < 1 && v[0]+half >= 1 {
			return 0, c.refuse(n, "write the ends, as in 85 % to 99 %: such a range stays below 100 %", "the spread goes to 100 %% or beyond")
		}
		// A 90 % interval from v-half to v+half, also where it lies above zero.
		d = dist.NormalBetween(v[0]-half, v[0]+half)
		return c.input(n, label, d), nil
	}
	if percentLiteral(n.Args[0]) && percentLiteral(n.Args[1]) && v[0] > 0 && v[0] < 1 && v[1] == 1 {
		return 0, c.refuse(n, "write an upper end below 100 %, or uniform(a, b) for anything between two ends", "one case of twenty lies above a range, and this one ends at 100 %%")
	}
	if percentLiteral(n.Args[0]) && percentLiteral(n.Args[1]) && v[0] > 0 && v[1] < 1 && v[0] < v[1] {
		d, err = dist.Share(v[0], v[1])
	} else {
		d, err = dist.Between(v[0], v[1])
	}
	if err != nil {
		return 0, c.refuse(n, "", "%v", err)
	}
	return c.input(n, label, d), nil
}

// distribution compiles a function that makes an uncertain input.
func (c *compiler) distribution(n *lang.Node, option, label string) (dist.Ref, error) {
	v, err := c.fixed(n, option)
	if err != nil {
		return 0, err
	}
	var d dist.Dist
	switch n.Name {
	case "uniform":
		if !(v[0] < v[1]) {
			return 0, c.refuse(n, "", "the ends of uniform rise")
		}
		d = dist.Uniform{Low: v[0], High: v[1]}
	case "normal":
		if !(v[1] > 0) {
			return 0, c.refuse(n, "", "a standard deviation is positive")
		}
		d = dist.Normal{Mu: v[0], Sigma: v[1]}
	case "exponential":
		if !(v[0] > 0) {
			return 0, c.refuse(n, "", "the mean of an exponential distribution is positive")
		}
		d = dist.Exponential{M: v[0]}
	case "beta":
		if !(v[0] > 0 && v[1] > 0 && v[0] <= 1e6 && v[1] <= 1e6) {
			return 0, c.refuse(n, "", "the arguments of beta are positive and at most a million")
		}
		d = dist.Beta{A: v[0], B: v[1]}
	default:
		d = dist.NewEmpirical(v...)
	}
	return c.input(n, label, d), nil
}
