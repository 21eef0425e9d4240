package lang

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// Binding powers of the binary operators. A unary minus binds as multiplication does, and so weaker than a power;
// `not` binds weaker than comparisons.
var binding = map[string]int{
	"or": 1, "and": 2, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "^": 8,
}

const (
	notBinding     = 3
	compareBinding = 4
	minusBinding   = 7
	powerBinding   = 8
)

// expression parses operators that bind more strongly than least.
func (p *parser) expression(least int) (*Node, *fault) {
	if p.depth++; p.depth > maxDepth {
		return nil, faultf(p.peek().Span, "the expression is nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	left, err := p.prefix()
	if err != nil {
		return nil, err
	}
	for chain := 0; ; chain++ {
		t := p.peek()
		power := binding[t.text]
		if t.kind != tokenSign && t.kind != tokenName || power == 0 || power <= least {
			return left, nil
		}
		// A chain of operators is a tree that is as deep as the chain is long.
		if chain > 5000 {
			return nil, faultf(t.Span, "the formula has too many operators in a row").with("give its parts names of their own")
		}
		p.i++
		side := power
		if power == powerBinding {
			side-- // 2^3^2 is 2^9
		}
		right, err := p.expression(side)
		if err != nil {
			return nil, err
		}
		left = &Node{Kind: Binary, Op: t.text, At: t.Span, Args: []*Node{left, right}, Span: Span{Start: left.Span.Start, End: right.Span.End}}
		if next := p.peek(); power == compareBinding && binding[next.text] == compareBinding && next.kind == tokenSign {
			return nil, faultf(next.Span, "comparisons do not form a chain").with("write a < b and b < c")
		}
	}
}

func (p *parser) prefix() (*Node, *fault) {
	t := p.peek()
	var kind NodeKind
	var power int
	switch {
	case t.sign("-"):
		kind, power = Negate, minusBinding
	case t.word("not"):
		kind, power = Not, notBinding
	case t.sign("+"):
		p.i++
		return nil, p.unexpected("a number without a plus before it")
	default:
		return p.primary()
	}
	p.i++
	arg, err := p.expression(power)
	if err != nil {
		return nil, err
	}
	return &Node{Kind: kind, At: t.Span, Args: []*Node{arg}, Span: Span{Start: t.Start, End: arg.Span.End}}, nil
}

func (p *parser) primary() (*Node, *fault) {
	t := p.peek()
	switch t.kind {
	case tokenNumber:
		p.i++
		return &Node{Kind: Number, Value: t.value, Text: t.text, Span: t.Span, At: t.Span}, nil
	case tokenText:
		p.i++
		return &Node{Kind: Quoted, Name: t.text, Span: t.Span, At: t.Span}, nil
	case tokenDate:
		return nil, faultf(t.Span, "a date stands only in brackets, as in revenue[2024-03], or behind time, as in time >= 2024-03").with("to subtract, put spaces around the minus")
	case tokenName:
		if p.after(1).sign("(") {
			return p.call()
		}
		if next := p.after(1); t.text == "time" && next.kind == tokenSign && binding[next.text] == compareBinding {
			return p.dateTest()
		}
		if reserved[t.text] && t.text != "base" {
			f := p.unexpected("a number, a variable or a function")
			if _, grain := calendar.ParseGrain(t.text); grain || t.text == "time" {
				return nil, f.with("a period is compared with a date: time >= 2024-03")
			}
			if t.text == "previous" || t.text == "next" || t.text == "t" {
				return nil, f.with("write it in brackets behind a variable: revenue[" + t.text + "]")
			}
			return nil, f
		}
		return p.reference()
	}
	if t.sign("(") {
		p.i++
		p.parens++
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		p.parens--
		if err := p.expect(")"); err != nil {
			return nil, err
		}
		n.Paren = true
		n.Span = p.spanFrom(t)
		return n, nil
	}
	f := p.unexpected("a number, a variable or a function")
	if t.sign("=") {
		f = f.with("= compares two sides inside a formula")
	}
	return nil, f
}

// dateTest parses a comparison of the period with a date.
func (p *parser) dateTest() (*Node, *fault) {
	word, op, at := p.next(), p.next(), p.peek()
	d, ok := calendar.ParseDate(at.text)
	if !ok || at.kind != tokenDate && at.kind != tokenNumber {
		return nil, p.unexpected("a date").with("as in time >= 2024-03, time < FY2025 or time = 2024-W09")
	}
	p.i++
	if next := p.peek(); next.kind == tokenSign && binding[next.text] == compareBinding {
		return nil, faultf(next.Span, "comparisons do not form a chain").with("write a < b and b < c")
	}
	return &Node{Kind: DateTest, Op: op.text, At: op.Span, Date: d, Span: p.spanFrom(word)}, nil
}

// call parses a function with its arguments.
func (p *parser) call() (*Node, *fault) {
	name := p.next()
	p.next() // (
	p.parens++
	n := &Node{Kind: Call, Name: name.text, At: name.Span}
	for !p.peek().sign(")") {
		label := ""
		if t := p.peek(); t.kind == tokenName && p.after(1).sign("=") && distributions[name.text] && !reserved[t.text] {
			label = t.text
			p.i += 2
		}
		arg, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if label != "" && n.Labels == nil {
			n.Labels = make([]string, len(n.Args))
		}
		n.Args = append(n.Args, arg)
		if n.Labels != nil {
			n.Labels = append(n.Labels, label)
		}
		if p.peek().word("over") || p.peek().word("by") {
			if err := p.over(n); err != nil {
				return nil, err
			}
			break
		}
		if !p.accept(",") {
			break
		}
	}
	p.parens--
	if !p.peek().sign(")") {
		return nil, p.unexpected("a comma, an operator or )")
	}
	p.next()
	if n.Kind == Call && len(n.Args) == 1 && (name.text == "cumulative" || aggregations[name.text]) {
		n.Kind = Fold
	}
	n.Span = p.spanFrom(name)
	if p.peek().word("independent") {
		return n, p.independent(n, name)
	}
	return n, nil
}

// over parses the dimensions that an aggregation folds.
func (p *parser) over(n *Node) *fault {
	word := p.next()
	switch {
	case word.text == "by":
		return faultf(word.Span, `"over" is expected, not "by"`).with("sum(units over Store) adds stores up; units[by Region] groups them")
	case n.Name == "hash":
		var err *fault
		n.Over, err = p.list("a dimension or time", "time")
		return err
	case !aggregations[n.Name]:
		f := faultf(n.At, "%s does not fold, so \"over\" is not written in it", n.Name).with("sum, average, min, max, median and count do")
		if near := Nearest(n.Name, []string{"sum", "average", "min", "max", "median", "count"}); near != "" {
			f.hint = "did you mean " + near + "?"
		}
		return f
	case len(n.Args) != 1:
		return faultf(word.Span, "%s over dimensions takes one expression", n.Name)
	}
	n.Kind = Fold
	var err *fault
	n.Over, err = p.list("a dimension, time or all", "time", "all")
	return err
}

// independent parses `independent over Product`. Within parentheses several dimensions stand in parentheses too, so
// that their commas are not those of arguments.
func (p *parser) independent(n *Node, name token) *fault {
	word := p.next()
	if !distributions[name.text] {
		return faultf(word.Span, "%s is no distribution, so its draws are not independent", name.text)
	}
	if err := p.expect("over"); err != nil {
		return err.with("as in `normal(100, 15) independent over Product`")
	}
	var err *fault
	switch {
	case p.accept("("):
		if n.Independent, err = p.list("a dimension, a grain, time or all", "time", "all"); err != nil {
			return err
		}
		if err := p.expect(")"); err != nil {
			return err
		}
	case p.parens > 0:
		var one Ident
		if one, err = p.among("a dimension, a grain, time or all", "time", "all"); err != nil {
			return err
		}
		n.Independent = []Ident{one}
	default:
		if n.Independent, err = p.list("a dimension, a grain, time or all", "time", "all"); err != nil {
			return err
		}
	}
	n.Span = p.spanFrom(name)
	return nil
}

// reference parses a variable and its modifiers.
func (p *parser) reference() (*Node, *fault) {
	name := p.next()
	n := &Node{Kind: Reference, Name: name.text, At: name.Span, Span: name.Span}
	if !p.accept("[") {
		return n, nil
	}
	for {
		m, err := p.modifier()
		if err != nil {
			return nil, err
		}
		n.Mods = append(n.Mods, m)
		if !p.accept(",") {
			break
		}
	}
	if err := p.expect("]"); err != nil {
		return nil, err
	}
	n.Span = p.spanFrom(name)
	if p.peek().sign("[") {
		return nil, faultf(p.peek().Span, "all modifiers stand in one pair of brackets, with commas between them")
	}
	return n, nil
}

func (p *parser) modifier() (Mod, *fault) {
	start := p.peek()
	switch {
	case start.word("by"):
		p.i++
		to, err := p.name("the dimension to group by")
		return Mod{Kind: ByGroup, Dim: to, Span: p.spanFrom(start)}, err
	case start.word("all"):
		p.i++
		return Mod{Kind: InSpan, From: Point{Kind: FromFirst, Span: start.Span}, To: Point{Kind: FromFinal, Span: start.Span}, Span: start.Span}, nil
	case start.kind == tokenName && p.after(1).sign("="):
		dim, err := p.name("a dimension")
		if err != nil {
			return Mod{}, err
		}
		p.i++
		item, err := p.item()
		return Mod{Kind: AtItem, Dim: dim, Item: item, Span: p.spanFrom(start)}, err
	}
	from, err := p.point()
	if err != nil {
		return Mod{}, err
	}
	if p.peek().sign("..") {
		return Mod{}, faultf(p.peek().Span, "a span of time is written with a colon: [t-6:t-1]")
	}
	if !p.accept(":") {
		return Mod{Kind: AtTime, From: from, Span: p.spanFrom(start)}, nil
	}
	to, err := p.point()
	return Mod{Kind: InSpan, From: from, To: to, Span: p.spanFrom(start)}, err
}

// maxShift bounds shifts in time: the axis has no more periods.
const maxShift = 1_000_000

const pointWords = "previous, next, first, final, t-12, a date, Product=Basic or by Region"

// point reads a place on the time axis.
func (p *parser) point() (Point, *fault) {
	t := p.peek()
	switch t.kind {
	case tokenDate, tokenNumber:
		if d, ok := calendar.ParseDate(t.text); ok {
			p.i++
			return Point{Kind: AtDate, Date: d, Span: t.Span}, nil
		}
	case tokenName:
		point := Point{Span: t.Span}
		switch t.text {
		case "previous":
			point.N = -1
		case "next":
			point.N = 1
		case "this":
		case "t":
		case "first":
			point.Kind = FromFirst
		case "final":
			point.Kind = FromFinal
		default:
			hint := fmt.Sprintf("an item is written with its dimension, as in [Product=%s]", t.text)
			if near := Nearest(t.text, []string{"previous", "next", "this", "first", "final"}); near != "" {
				hint = "did you mean " + near + "?"
			} else if t.text == "last" {
				hint = "the last period is called final"
			}
			return point, p.unexpected(pointWords).with(hint)
		}
		p.i++
		if t.text != "t" && t.text != "first" && t.text != "final" {
			return point, nil
		}
		sign := p.peek()
		if !sign.sign("+") && !sign.sign("-") {
			return point, nil
		}
		p.i++
		n := p.peek()
		if n.kind != tokenNumber || n.value != float64(int(n.value)) || n.value > maxShift {
			return point, p.unexpected("a whole number of periods")
		}
		p.i++
		point.N = int(n.value)
		if sign.text == "-" {
			point.N = -point.N
		}
		point.Span = p.spanFrom(t)
		return point, nil
	}
	f := p.unexpected(pointWords)
	if t.sign("-") || t.sign("+") {
		return Point{}, f.with("a shift counts from t, as in [t-1]")
	}
	return Point{}, f
}
