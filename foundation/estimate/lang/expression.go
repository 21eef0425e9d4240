package lang

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

// Binding powers, from loose to tight.
const (
	bindConvert = 10 * (iota + 1)
	bindSum
	bindProduct
	bindNegate
	bindRange
	bindPower
)

// infix returns the binding power of the sign or word that stands next, and its canonical spelling.
func (p *parser) infix() (op string, power int) {
	t := p.peek()
	if t.kind != tokenSign && t.kind != tokenName {
		return "", 0
	}
	switch t.text {
	case "->", "in":
		return "in", bindConvert
	case "+", "-":
		return t.text, bindSum
	case "*", "/":
		return t.text, bindProduct
	case "per":
		return "/", bindProduct
	case "±":
		return "±", bindRange
	case "..", "to":
		return "to", bindRange
	case "^":
		return "^", bindPower
	}
	return "", 0
}

// expression parses what binds tighter than least.
func (p *parser) expression(least int) (*Node, *fault) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, faultf(p.peek().Span, "this is nested more than %d deep", maxDepth)
	}
	left, err := p.prefix(least)
	if err != nil {
		return nil, err
	}
	for {
		op, power := p.infix()
		if power == 0 || power <= least {
			return left, nil
		}
		sign := p.next()
		p.skipLines()
		if op == "in" {
			unit, span, err := p.unit()
			if err != nil {
				return nil, err
			}
			left = &Node{Kind: Convert, Span: left.Span.to(span), Unit: unit, Args: []*Node{left}, OpSpan: sign.to(span)}
			continue
		}
		binding := power
		if op == "^" {
			binding-- // to the right
		}
		right, err := p.expression(binding)
		if err != nil {
			return nil, err
		}
		node := &Node{Kind: Binary, Op: op, OpSpan: sign.Span, Span: left.Span.to(right.Span), Args: []*Node{left, right}}
		switch op {
		case "to":
			node.Kind = Range
			err = rangeEnds(node)
		case "±":
			node.Kind = PlusMinus
			err = plusMinusEnds(node)
		case "*", "/", "^":
			err = unclearRange(node)
		}
		if err != nil {
			return nil, err
		}
		left = node
	}
}

// skipLines lets a line that ends in an operator go on in the next.
func (p *parser) skipLines() {
	for p.tokens[p.i].kind == tokenLine && p.src.Text[p.tokens[p.i].Start] == '\n' {
		p.i++
	}
}

func (p *parser) prefix(least int) (*Node, *fault) {
	t := p.peek()
	switch {
	case t.kind == tokenNumber:
		return p.literal()
	case t.kind == tokenName && (t.text == "€" || t.text == "£"):
		return nil, faultf(t.Span, "%q is not a unit", t.text).with("currencies are not converted; write $ or USD")
	case t.kind == tokenName && quantity.Of(quantity.Money) == unitDim(t.text) && p.after(1).kind == tokenNumber:
		return p.literal()
	case t.kind == tokenName:
		return p.name(least)
	case t.kind == tokenSign && t.text == "-":
		p.next()
		arg, err := p.expression(max(least, bindRange))
		if err != nil {
			return nil, err
		}
		if arg.Kind == Literal && !arg.Paren {
			arg.Value, arg.number, arg.Span = -arg.Value, -arg.number, t.to(arg.Span)
			return arg, nil
		}
		return &Node{Kind: Negate, Span: t.to(arg.Span), OpSpan: t.Span, Args: []*Node{arg}}, nil
	case t.kind == tokenSign && t.text == "+":
		return nil, faultf(t.Span, "a plus sign stands between two amounts")
	case t.kind == tokenSign && t.text == "(":
		p.next()
		p.parens++
		inner, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		if !p.isSign(")") {
			return nil, p.unexpected(p.peek(), "a closing parenthesis")
		}
		end := p.next()
		p.parens--
		inner.Paren, inner.Span = true, t.to(end.Span)
		return inner, nil
	}
	return nil, p.unexpected(t, "a number, a name or a parenthesis")
}

func unitDim(word string) quantity.Dim {
	u, err := quantity.Lookup(word)
	if err != nil || u.Factor != 1 {
		return quantity.Dim{}
	}
	return u.Dim
}

// literal parses a number with its multiplier and unit: "10k req/s", "$0.02/GB", "80 %".
func (p *parser) literal() (*Node, *fault) {
	start := p.peek()
	// In x / 30 / day the day divides the quotient, while in x / 2 MB / s the rate is the divisor.
	before := p.tokens[max(0, p.i-1)]
	divisor := p.i > 0 && (before.kind == tokenSign && before.text == "/" || before.kind == tokenName && before.text == "per")
	unit := quantity.One
	if start.kind == tokenName {
		p.next()
		unit, _ = quantity.Lookup(start.text)
	}
	number := p.next()
	n := &Node{Kind: Literal, number: number.value}
	for { // multipliers
		t := p.peek()
		u, err := quantity.Lookup(t.text)
		if t.kind != tokenName || err != nil || !u.Dim.Plain() || u.Symbol == "%" || u.Symbol == "ppm" {
			break
		}
		p.next()
		n.number *= u.Factor
		n.suffix = t.text
	}
	next := p.peek()
	_, notUnit := quantity.Lookup(next.text)
	unit, err := p.unitTail(unit, !divisor || unit.Symbol != "" || next.kind == tokenName && notUnit == nil)
	if err != nil {
		return nil, err
	}
	n.Unit, n.Value, n.Span = unit, n.number*unit.Factor, start.to(p.last())
	if math.IsInf(n.Value, 0) {
		return nil, faultf(n.Span, "this number does not fit")
	}
	return n, nil
}

// unitTail multiplies u by the units that follow, side by side or behind a slash where no variable has
// that name. Behind a slash that divided already, further slashes are left to the expression (divide is
// false).
func (p *parser) unitTail(u quantity.Unit, divide bool) (quantity.Unit, *fault) {
	for {
		t := p.peek()
		over := false
		switch {
		case t.kind == tokenSign && t.text == "%":
			// a unit of its own
		case t.kind == tokenName && !p.isInfixWord(t):
			if p.after(1).kind == tokenSign && p.after(1).text == "(" && functions[t.text] != nil {
				return u, nil
			}
		case divide && (t.kind == tokenSign && t.text == "/" || t.kind == tokenName && t.text == "per") && p.namesUnit(p.after(1), p.after(2)):
			p.next()
			over = true
		default:
			return u, nil
		}
		factor, err := p.unitWord()
		if err != nil {
			return u, err
		}
		ok := false
		if over {
			u, ok = u.Div(factor)
		} else {
			u, ok = u.Mul(factor)
		}
		if !ok {
			return u, faultf(p.last(), "the powers of this unit are too large")
		}
	}
}

func (p *parser) isInfixWord(t token) bool { return keywords[t.text] }

// namesUnit says whether t is a unit and no variable; behind says whether it is a function's name.
func (p *parser) namesUnit(t, behind token) bool {
	if t.kind != tokenName || p.defined[t.text] || behind.kind == tokenSign && behind.text == "(" && functions[t.text] != nil {
		return false
	}
	_, err := quantity.Lookup(t.text)
	return err == nil
}

// unitWord parses one unit with its power, and what is joined to it by hyphens without spaces: GB-month is a
// product that a slash before it divides by as a whole.
func (p *parser) unitWord() (quantity.Unit, *fault) {
	u, err := p.unitPower()
	for err == nil && p.isSign("-") && !p.peek().spaced && !p.after(1).spaced && p.namesUnit(p.after(1), p.after(2)) && !u.Dim.Plain() {
		p.next()
		var more quantity.Unit
		if more, err = p.unitPower(); err != nil {
			break
		}
		joined, ok := u.Mul(more)
		if !ok {
			return u, faultf(p.last(), "the powers of this unit are too large")
		}
		joined.Symbol = u.Symbol + "-" + more.Symbol
		u = joined
	}
	return u, err
}

// instead says what to write instead of a word that is no unit.
func (p *parser) instead(t token) string {
	behindNumber := p.i > 1 && p.tokens[p.i-2].kind == tokenNumber && !t.spaced
	switch {
	case p.defined[t.text]:
		return "to multiply by a variable, write *"
	case t.text == "of":
		return "for a share of an amount, write *"
	case behindNumber && p.tokens[p.i-2].text == "0" && strings.HasPrefix(t.text, "x"):
		return "numbers are decimal"
	case behindNumber && strings.ContainsAny(t.text, "0123456789"):
		return "write a sum of units with +, as in 1 h + 30 min"
	}
	return "see docs/estimate.md for the units; to multiply by a name, write *"
}

func (p *parser) unitPower() (quantity.Unit, *fault) {
	t := p.next()
	u, err := quantity.Lookup(t.text)
	if err != nil {
		f := faultf(t.Span, "%q is not a unit", t.text)
		if unknown, ok := err.(*quantity.UnknownUnit); ok && unknown.Hint() != "" { //nolint:errorlint // Lookup documents its type
			return u, f.with(unknown.Hint())
		}
		return u, f.with(p.instead(t))
	}
	if !p.isSign("^") || u.Dim.Plain() {
		return u, nil
	}
	p.next()
	sign := 1
	if p.isSign("-") {
		p.next()
		sign = -1
	}
	n := p.peek()
	if n.kind != tokenNumber || n.value != math.Trunc(n.value) || n.value > 8 {
		return u, p.unexpected(n, "a whole number up to 8, the power of the unit,")
	}
	p.next()
	u, ok := u.Pow(sign * int(n.value))
	if !ok {
		return u, faultf(t.to(n.Span), "the powers of this unit are too large")
	}
	return u, nil
}

// unit parses the target of a conversion: "MB/s", "$/month", "1/s", "req/(s core)", "%".
func (p *parser) unit() (quantity.Unit, Span, *fault) {
	start := p.peek()
	u := quantity.One
	for first := true; ; first = false {
		t := p.peek()
		over := false
		switch {
		case t.kind == tokenSign && t.text == "/" || t.kind == tokenName && t.text == "per":
			p.next()
			over = true
		case t.kind == tokenSign && t.text == "*" && !first:
			p.next()
		case t.kind == tokenName && !p.isInfixWord(t), t.kind == tokenSign && t.text == "%", t.kind == tokenSign && t.text == "(" && first:
		case t.kind == tokenNumber && first && t.value == 1:
		case first:
			return u, start.Span, p.unexpected(t, "a unit")
		default:
			return u, start.to(p.last()), nil
		}
		factor, err := p.unitFactor()
		if err != nil {
			if t.kind == tokenName && p.defined[t.text] {
				err.hint = "`in` takes a unit; to express an amount in another, divide by it"
			}
			return u, start.Span, err
		}
		ok := false
		if over {
			u, ok = u.Div(factor)
		} else {
			u, ok = u.Mul(factor)
		}
		if !ok {
			return u, start.Span, faultf(start.to(p.last()), "the powers of this unit are too large")
		}
	}
}

func (p *parser) unitFactor() (quantity.Unit, *fault) {
	t := p.peek()
	switch {
	case t.kind == tokenNumber && t.value == 1:
		p.next()
		return quantity.One, nil
	case t.kind == tokenSign && t.text == "(":
		p.depth++
		defer func() { p.depth-- }()
		if p.depth > maxDepth {
			return quantity.One, faultf(t.Span, "this is nested more than %d deep", maxDepth)
		}
		p.next()
		u, _, err := p.unit()
		if err != nil {
			return u, err
		}
		if !p.isSign(")") {
			return u, p.unexpected(p.peek(), "a closing parenthesis")
		}
		p.next()
		return u, nil
	case t.kind != tokenName && !(t.kind == tokenSign && t.text == "%"):
		return quantity.One, p.unexpected(t, "a unit")
	}
	return p.unitWord()
}

// name parses a variable, a rate, a function call, or a unit that stands alone.
func (p *parser) name(least int) (*Node, *fault) {
	t := p.next()
	if p.isSign("(") && functions[t.text] != nil {
		return p.call(t)
	}
	if p.isSign("(") && !p.defined[t.text] && !p.peek().spaced {
		if _, err := quantity.Lookup(t.text); err != nil {
			return nil, faultf(t.Span, "there is no function %q", t.text).with(nearestFunction(t.text))
		}
	}
	if keywords[t.text] {
		return nil, p.unexpected(t, "a number, a name or a parenthesis")
	}
	n := &Node{Kind: Name, Name: t.text, Span: t.Span}
	if u, err := quantity.Lookup(t.text); err == nil && !p.defined[t.text] {
		u, bad := p.unitTail(u, least < bindProduct)
		if bad != nil {
			return nil, bad
		}
		return &Node{Kind: Literal, Value: u.Factor, Unit: u, number: 1, Span: t.to(p.last())}, nil
	}
	if next := p.peek(); next.kind == tokenName && !p.isInfixWord(next) {
		return nil, faultf(next.Span, "an operator is expected between %q and %q", t.text, next.text)
	}
	return n, nil
}

func (p *parser) call(name token) (*Node, *fault) {
	p.next() // (
	p.parens++
	n := &Node{Kind: Call, Name: name.text, OpSpan: name.Span}
	for !p.isSign(")") {
		arg, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		n.Args = append(n.Args, arg)
		if p.isSign(",") {
			p.next()
			continue
		}
		if !p.isSign(")") {
			return nil, p.unexpected(p.peek(), "a comma or a closing parenthesis")
		}
	}
	end := p.next()
	p.parens--
	n.Span = name.to(end.Span)
	return n, functions[name.text].count(n)
}
