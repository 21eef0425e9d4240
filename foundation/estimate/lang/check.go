package lang

import (
	"math"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// checker works out the dimension of every node, definitions in the order of their use.
type checker struct {
	file  *File
	rates Rates
	state map[string]int // of definitions by full name: 0 new, 1 being checked, 2 done, 3 failed
	stack []string
	bad   []*fault
}

const (
	stateNew = iota
	stateOpen
	stateDone
	stateFailed
)

func (c *checker) check() []*fault {
	for _, s := range c.file.Statements {
		var err *fault
		switch {
		case s.Kind == Define:
			err = c.define(s.Name)
		case s.Kind == Evaluate:
			err = c.node(s.Left, s.Option)
		default:
			err = c.demand(s)
		}
		if err != nil && !err.silent() {
			c.bad = append(c.bad, err)
		}
	}
	return c.bad
}

// silent is the fault of a statement that fails only because a definition it uses has failed, which is
// told already.
func (f *fault) silent() bool { return f.message == "" }

func (c *checker) define(full string) *fault {
	s := c.file.Definitions[full]
	switch c.state[full] {
	case stateDone:
		return nil
	case stateFailed:
		return &fault{}
	case stateOpen:
		from := slices.Index(c.stack, full)
		return faultf(s.Span, "%s is defined by way of itself: %s", full, strings.Join(append(slices.Clone(c.stack[from:]), full), " -> "))
	}
	c.state[full] = stateOpen
	c.stack = append(c.stack, full)
	err := c.node(s.Left, s.Option)
	c.stack = c.stack[:len(c.stack)-1]
	c.state[full] = stateDone
	if err != nil {
		c.state[full] = stateFailed
	}
	return err
}

// demand checks a constraint or claim; one outside the options that names their outcomes is checked
// for each option that has them.
func (c *checker) demand(s *Statement) *fault {
	var missing []string
	for _, side := range []*Node{s.Left, s.Right} {
		side.Walk(func(n *Node) {
			if n.Kind != Name {
				return
			}
			_, known := c.file.Definition(n.Name, s.Option)
			if !known && c.rates != nil {
				_, known = c.rates.Dim(n.Name)
			}
			if !known {
				missing = append(missing, n.Name)
			}
		})
	}
	options := []string{s.Option}
	if len(missing) > 0 && s.Option == "" {
		var having []string
		for _, o := range c.file.Options {
			if !slices.ContainsFunc(missing, func(name string) bool { _, ok := c.file.Definitions[o.Name+"."+name]; return !ok }) {
				having = append(having, o.Name)
			}
		}
		if len(having) > 0 {
			options, s.Options = having, having
		}
	}
	for _, option := range options {
		if err := c.node(s.Left, option); err != nil {
			return err
		}
		if err := c.node(s.Right, option); err != nil {
			return err
		}
		if s.Left.Dim != s.Right.Dim {
			at := Span{s.Left.Span.End, s.Right.Span.Start}
			sign := strings.Index(c.file.Source.Text[at.Start:at.End], s.Op)
			if sign >= 0 {
				at = Span{at.Start + sign, at.Start + sign + len(s.Op)}
			}
			return faultf(at, "cannot compare %s with %s", s.Left.Dim, s.Right.Dim).with(between(s.Left.Dim, s.Right.Dim))
		}
	}
	return nil
}

// node works out the dimension of n and of what is below it.
func (c *checker) node(n *Node, option string) *fault {
	for _, arg := range n.Args {
		if err := c.node(arg, option); err != nil {
			return err
		}
	}
	switch n.Kind {
	case Literal:
		n.Dim, n.Near = n.Unit.Dim, n.Unit
		return nil
	case Name:
		return c.name(n, option)
	case Rate:
		return nil
	case Negate:
		n.Dim, n.Near = n.Args[0].Dim, n.Args[0].Near
		return nil
	case Range:
		low, high := n.Args[0], n.Args[1]
		if low.Dim != high.Dim {
			return faultf(n.OpSpan, "cannot make a range from %s to %s", low.Dim, high.Dim).with("write the unit at the upper end, or the same kind at both")
		}
		n.Dim, n.Near = high.Dim, high.Near
		return nil
	case PlusMinus:
		middle, spread := n.Args[0], n.Args[1]
		if !n.Relative && middle.Dim != spread.Dim {
			return faultf(n.OpSpan, "cannot spread %s by %s", middle.Dim, spread.Dim).with("write the spread in the unit of the amount, or in percent")
		}
		n.Dim, n.Near = middle.Dim, middle.Near
		return nil
	case Convert:
		return c.convert(n)
	case Call:
		dim, err := functions[n.Name].dim(functions[n.Name], n)
		n.Dim = dim
		if near := n.Args[0].Near; near.Dim == dim {
			n.Near = near
		}
		return err
	}
	return c.binary(n)
}

func (c *checker) name(n *Node, option string) *fault {
	full, ok := c.file.Definition(n.Name, option)
	if ok {
		if err := c.define(full); err != nil {
			if !err.silent() && c.state[full] == stateOpen {
				err.Span = n.Span // a cycle is shown where it closes
			}
			return err
		}
		s := c.file.Definitions[full]
		n.Dim, n.Near = s.Left.Dim, s.Left.Near
		return nil
	}
	if c.rates != nil {
		if dim, ok := c.rates.Dim(n.Name); ok {
			n.Kind, n.Dim = Rate, dim
			if !slices.Contains(c.file.Rates, n.Name) {
				c.file.Rates = append(c.file.Rates, n.Name)
			}
			return nil
		}
	}
	return c.unknown(n, option)
}

func (c *checker) unknown(n *Node, option string) *fault {
	err := faultf(n.Span, "there is no definition, base rate or unit called %q", n.Name)
	best, distance := "", 3
	consider := func(name string) {
		// Half of a short name is another name.
		if d := levenshtein.Distance(name, n.Name, nil); d < distance && d*2 < len(n.Name) {
			best, distance = name, d
		}
	}
	for _, s := range c.file.Statements {
		if s.Kind != Define {
			continue
		}
		consider(s.Name)
		if rest, ok := strings.CutPrefix(s.Name, option+"."); ok && option != "" {
			consider(rest)
		}
	}
	if c.rates != nil {
		for _, name := range c.rates.Names() {
			consider(name)
		}
	}
	if best != "" {
		return err.with("did you mean " + best + "?")
	}
	if _, known := quantity.Lookup(n.Name); known != nil {
		if unknown, ok := known.(*quantity.UnknownUnit); ok && unknown.Hint() != "" && len(n.Name) <= 4 { //nolint:errorlint // Lookup documents its type
			return err.with(unknown.Hint())
		}
	}
	if strings.Contains(n.Name, ".") {
		return err.with("`napkin rates show` lists the base rates")
	}
	var options []string
	for _, o := range c.file.Options {
		if _, ok := c.file.Definitions[o.Name+"."+n.Name]; ok {
			options = append(options, o.Name+"."+n.Name)
		}
	}
	if len(options) > 0 {
		return err.with("did you mean " + strings.Join(options, " or ") + "?")
	}
	return err.with("define it in a line of its own, as in " + n.Name + " = 5 to 10 ms")
}

// convert checks `in`: the dimensions agree, except that counted things may be left out.
func (c *checker) convert(n *Node) *fault {
	from, to := n.Args[0].Dim, n.Unit.Dim
	n.Dim, n.Near = to, n.Unit
	if from == to {
		return nil
	}
	left, ok := from.Div(to)
	if ok && left == left.Counted() && to.Counted().Plain() {
		n.Dropped = left
		return nil
	}
	return faultf(n.OpSpan, "cannot express %s in %s", from, to).with(between(to, from))
}

func (c *checker) binary(n *Node) *fault {
	left, right := n.Args[0], n.Args[1]
	switch n.Op {
	case "+", "-":
		n.Dim, n.Near = left.Dim, left.Near
		if n.Near.Symbol == "" {
			n.Near = right.Near
		}
		if left.Dim == right.Dim {
			if inPercent(right) && !c.sharelike(left, nil) || inPercent(left) && !c.sharelike(right, nil) {
				return faultf(n.OpSpan, "20 %% is 0.2 here, and not a share of the other side").
					with("to change an amount by a percentage, multiply: 100 * (1 - 20 %)")
			}
			return nil
		}
		if n.Op == "+" {
			return faultf(n.OpSpan, "cannot add %s and %s", left.Dim, right.Dim).with(between(left.Dim, right.Dim))
		}
		return faultf(n.OpSpan, "cannot subtract %s from %s", right.Dim, left.Dim).with(between(left.Dim, right.Dim))
	case "*":
		return c.product(n, left.Dim.Mul)
	case "/":
		return c.product(n, left.Dim.Div)
	}
	if !right.Dim.Plain() {
		return faultf(right.Span, "an exponent is a plain number, not %s", right.Dim)
	}
	if left.Dim.Plain() {
		return nil
	}
	x, fixed := constant(right)
	if !fixed {
		return faultf(right.Span, "the exponent of %s must be a number written here", left.Dim).with("otherwise its unit would be uncertain")
	}
	for m := 1; m <= 4; m++ {
		if k := x * float64(m); k == math.Trunc(k) && math.Abs(k) <= 32 {
			dim, ok := left.Dim.Pow(int(k), m)
			if ok {
				n.Dim = dim
				return nil
			}
			break
		}
	}
	return faultf(n.OpSpan, "there is no such power of %s", left.Dim).with("the powers in its unit must come out whole, up to 8")
}

// inPercent says whether an amount is written in percent where it stands.
func inPercent(n *Node) bool {
	return (n.Kind == Literal || n.Kind == Range || n.Kind == PlusMinus) && n.Near.Symbol == "%"
}

// sharelike says whether a plain number may be meant as a share, which percents can be added to: no number above
// one is written in it. Quotients may be shares of anything.
func (c *checker) sharelike(n *Node, seen []string) bool {
	switch {
	case n.Near.Symbol == "%" && n.Kind != Binary:
		return true
	case n.Kind == Literal:
		return math.Abs(n.Value) <= 1
	case n.Kind == Binary && n.Op == "/", n.Kind == Call, n.Kind == Rate:
		return true
	case n.Kind == Name:
		for _, s := range c.file.Statements {
			if s.Kind == Define && (s.Name == n.Name || strings.HasSuffix(s.Name, "."+n.Name)) && !slices.Contains(seen, s.Name) {
				return c.sharelike(s.Left, append(seen, s.Name))
			}
		}
		return true
	}
	return !slices.ContainsFunc(n.Args, func(arg *Node) bool { return !c.sharelike(arg, seen) })
}

func (c *checker) product(n *Node, combine func(quantity.Dim) (quantity.Dim, bool)) *fault {
	left, right := n.Args[0], n.Args[1]
	dim, ok := combine(right.Dim)
	if !ok {
		return faultf(n.OpSpan, "the powers in the unit of this are too large")
	}
	n.Dim = dim
	switch {
	case left.Near.Dim == dim && left.Near.Symbol != "" && left.Near.Symbol != "%":
		n.Near = left.Near
	case n.Op == "*" && right.Near.Dim == dim && right.Near.Symbol != "%":
		n.Near = right.Near
	}
	return nil
}

// constant evaluates an exponent that is written as a number or a fraction of two.
func constant(n *Node) (float64, bool) {
	switch {
	case n.Kind == Literal:
		return n.Value, true
	case n.Kind == Negate:
		x, ok := constant(n.Args[0])
		return -x, ok
	case n.Kind == Binary && n.Op == "/":
		x, ok := constant(n.Args[0])
		y, also := constant(n.Args[1])
		return x / y, ok && also && y != 0
	}
	return 0, false
}

// between says what would turn b into a, in words.
func between(a, b quantity.Dim) string {
	perSecond, _ := dataDim.Div(timeDim)
	switch {
	case a == dataDim && b == timeDim, a == timeDim && b == dataDim:
		return "divide the bytes by a rate in bytes per second to get a time"
	case a == perSecond && b == dataDim, a == dataDim && b == perSecond:
		return "multiply the rate by a time, or divide the bytes by one"
	case a.Plain():
		return "give the plain number a unit, or divide " + b.String() + " by " + oneOf(b)
	case b.Plain():
		return "give the plain number a unit, or divide " + a.String() + " by " + oneOf(a)
	}
	factor, ok := a.Div(b)
	if !ok {
		return ""
	}
	base, x, single := factor.Single()
	if single && base == quantity.Time {
		if x == 1 {
			return "multiply the " + b.String() + " by a time"
		}
		return "divide the " + b.String() + " by a time, or multiply the " + a.String() + " by one"
	}
	return "to turn " + b.String() + " into " + a.String() + ", multiply by an amount of " + factor.String()
}
