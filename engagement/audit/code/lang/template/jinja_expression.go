package template

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// expr is an expression of Jinja or of Django's templates before it is written to the outline.
type expr struct {
	kind       syntax.Kind
	str        string
	flags      syntax.Flags
	start, end uint32
	children   []child
}

type child struct {
	role syntax.Role
	*expr
}

func (e *expr) add(role syntax.Role, c *expr) *expr {
	if c != nil {
		e.children = append(e.children, child{role, c})
	}
	return e
}

// record writes the expression to the outline. Depth is bounded: a chain of a hundred thousand
// attributes is as deep as it is long.
func (e *expr) record(o *outline, role syntax.Role, flags syntax.Flags) {
	e.recordAt(o, role, flags, 0)
}

func (e *expr) recordAt(o *outline, role syntax.Role, flags syntax.Flags, depth int) {
	if e == nil {
		return
	}
	o.begin(e.kind, role, e.str, e.start)
	o.flag(e.flags | flags)
	if depth < syntax.MaxDepth {
		for _, c := range e.children {
			c.recordAt(o, c.role, 0, depth+1)
		}
	} else if len(e.children) > 0 {
		o.failed(0)
	}
	o.finish(e.end)
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenNumber
	tokenString
	tokenOperator
)

type token struct {
	kind       tokenKind
	text       string // of a string: decoded
	start, end uint32
	spaced     bool // white space stands before it
}

// expressions reads the expressions of one tag. One grammar serves both languages: the filter
// arguments of Django (value|filter:argument) are not valid in Jinja, its calls and operators not in
// Django.
type expressions struct {
	tokens []token
	pos    int
	depth  int
	failed bool
}

// maxExpression bounds how deep brackets and prefix operators nest in one expression.
const maxExpression = syntax.MaxDepth

func readExpressions(src []byte, start, end uint32) *expressions {
	p := &expressions{}
	i := start
	for i < end {
		c := src[i]
		begin := i
		spaced := i > start && isSpace(src[i-1])
		switch {
		case isSpace(c):
			i++
			continue
		case isWord(c) && (c < '0' || c > '9'):
			for i < end && isWord(src[i]) {
				i++
			}
			p.tokens = append(p.tokens, token{tokenName, string(src[begin:i]), begin, i, spaced})
		case c >= '0' && c <= '9':
			for i < end && (isWord(src[i]) || (src[i] == '.' && i+1 < end && src[i+1] >= '0' && src[i+1] <= '9')) {
				i++
			}
			p.tokens = append(p.tokens, token{tokenNumber, string(src[begin:i]), begin, i, spaced})
		case c == '"' || c == '\'':
			var sb strings.Builder
			for i++; i < end && src[i] != c; i++ {
				if src[i] == '\\' && i+1 < end {
					i++
				}
				sb.WriteByte(src[i])
			}
			if i >= end {
				p.failed = true
			}
			i = min(i+1, end)
			p.tokens = append(p.tokens, token{tokenString, sb.String(), begin, i, spaced})
		default:
			i++
			if i < end {
				switch string(src[begin : i+1]) {
				case "==", "!=", "<=", ">=", "//", "**", "&&", "||":
					i++
				}
			}
			p.tokens = append(p.tokens, token{tokenOperator, string(src[begin:i]), begin, i, spaced})
		}
	}
	p.tokens = append(p.tokens, token{kind: tokenEnd, start: end, end: end})
	return p
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

func (p *expressions) peek() token { return p.tokens[p.pos] }

// ahead is the token n behind the next.
func (p *expressions) ahead(n int) token { return p.tokens[min(p.pos+n, len(p.tokens)-1)] }

func (p *expressions) take() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

func (p *expressions) done() bool { return p.peek().kind == tokenEnd }

func (p *expressions) operator(text string) bool {
	if t := p.peek(); t.kind == tokenOperator && t.text == text {
		p.pos++
		return true
	}
	return false
}

func (p *expressions) word(text string) bool {
	if t := p.peek(); t.kind == tokenName && t.text == text {
		p.pos++
		return true
	}
	return false
}

// expression reads a whole expression, nil when there is none.
func (p *expressions) expression() *expr {
	e := p.binary(0)
	if e != nil && p.peek().kind == tokenName && p.peek().text == "if" {
		p.pos++
		cond := p.binary(0)
		out := &expr{kind: syntax.If, flags: syntax.FlagExpr, start: e.start, end: p.behind()}
		out.add(syntax.Cond, cond).add(syntax.Body, e)
		if p.word("else") {
			out.add(syntax.Else, p.nested(p.expression))
			out.end = p.behind()
		}
		return out
	}
	return e
}

// behind is the end of the last token read.
func (p *expressions) behind() uint32 {
	if p.pos == 0 {
		return p.tokens[0].start
	}
	return p.tokens[p.pos-1].end
}

// nested calls read one level deeper, or fails when that is too deep.
func (p *expressions) nested(read func() *expr) *expr {
	if p.depth >= maxExpression {
		p.failed = true
		p.pos = len(p.tokens) - 1
		return nil
	}
	p.depth++
	defer func() { p.depth-- }()
	return read()
}

// levels are the binary operators, loosest first.
var levels = [...][]string{
	{"or", "||"},
	{"and", "&&"},
	{"==", "!=", "<", ">", "<=", ">=", "in", "not in", "is", "is not"},
	{"~"},
	{"+", "-"},
	{"*", "/", "//", "%"},
	{"**"},
}

const comparisons = 2

func (p *expressions) binary(level int) *expr {
	if level == comparisons {
		if t := p.peek(); t.kind == tokenName && t.text == "not" {
			p.pos++
			v := p.nested(func() *expr { return p.binary(comparisons) })
			return (&expr{kind: syntax.Unary, str: "!", start: t.start, end: p.behind()}).add(syntax.Value, v)
		}
	}
	if level == len(levels) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for left != nil {
		op, width := p.infix(level)
		if width == 0 {
			return left
		}
		p.pos += width
		var right *expr
		if op == "is" || op == "is not" {
			right = p.test()
		} else {
			right = p.binary(level + 1)
		}
		if right == nil {
			p.failed = true
		}
		switch op {
		case "or":
			op = "||"
		case "and":
			op = "&&"
		}
		left = (&expr{kind: syntax.Binary, str: op, start: left.start, end: p.behind()}).add(syntax.Left, left).add(syntax.Right, right)
	}
	return nil
}

// infix returns the operator at hand if it belongs to the level, and its number of tokens.
func (p *expressions) infix(level int) (string, int) {
	t := p.peek()
	if t.kind != tokenName && t.kind != tokenOperator {
		return "", 0
	}
	op, width := t.text, 1
	if t.kind == tokenName {
		next := p.ahead(1)
		switch {
		case t.text == "not" && next.kind == tokenName && next.text == "in":
			op, width = "not in", 2
		case t.text == "is" && next.kind == tokenName && next.text == "not":
			op, width = "is not", 2
		}
	}
	for _, l := range levels[level] {
		if l == op {
			return op, width
		}
	}
	return "", 0
}

// test reads what stands behind "is": a name, perhaps with arguments.
func (p *expressions) test() *expr {
	e := p.postfix()
	// x is divisibleby 3
	if t := p.peek(); e != nil && e.kind == syntax.Name && (t.kind == tokenNumber || t.kind == tokenString) {
		e = (&expr{kind: syntax.Call, str: e.str, start: e.start}).add(syntax.Arg, p.primary())
		e.end = p.behind()
	}
	return e
}

func (p *expressions) unary() *expr {
	if t := p.peek(); t.kind == tokenOperator && (t.text == "-" || t.text == "+" || t.text == "!") {
		p.pos++
		v := p.nested(p.unary)
		return (&expr{kind: syntax.Unary, str: t.text, start: t.start, end: p.behind()}).add(syntax.Value, v)
	}
	return p.postfix()
}

func (p *expressions) postfix() *expr {
	e := p.primary()
	for e != nil {
		t := p.peek()
		if t.kind != tokenOperator {
			return e
		}
		switch t.text {
		case ".":
			name := p.ahead(1)
			if name.kind != tokenName && name.kind != tokenNumber {
				p.failed = true
				p.pos++
				return e
			}
			p.pos += 2
			// "a.0.b" is read as the number "0" and "a.0.1" as the number "0.1".
			for _, part := range strings.Split(name.text, ".") {
				e = (&expr{kind: syntax.Member, str: part, start: e.start, end: name.end}).add(syntax.Receiver, e)
			}
		case "[":
			p.pos++
			e = (&expr{kind: syntax.Index, start: e.start}).add(syntax.Receiver, e)
			p.nested(func() *expr { p.subscript(e); return nil })
			e.end = p.behind()
		case "(":
			if t.spaced && e.kind != syntax.Name && e.kind != syntax.Member {
				return e
			}
			e = p.call(e)
		case "|":
			name := p.ahead(1)
			if name.kind != tokenName {
				p.failed = true
				p.pos++
				return e
			}
			p.pos += 2
			e = p.filter(e, name)
		default:
			return e
		}
	}
	return e
}

// call turns what was read into a call with the arguments that follow.
func (p *expressions) call(f *expr) *expr {
	e := &expr{kind: syntax.Call, start: f.start}
	switch {
	case f.kind == syntax.Name:
		e.str = f.str
	case f.kind == syntax.Member:
		e.str = f.str
		e.children = f.children
	default:
		e.add(syntax.Callee, f)
	}
	p.arguments(e)
	return e
}

// filter lowers value|name, value|name(a, b) and value|name:argument to a method call on the value.
func (p *expressions) filter(value *expr, name token) *expr {
	e := (&expr{kind: syntax.Call, str: name.text, start: value.start, end: name.end}).add(syntax.Receiver, value)
	for p.peek().kind == tokenOperator && p.peek().text == "." && p.ahead(1).kind == tokenName { // a filter's name may be dotted
		p.pos++
		e.str += "." + p.take().text
		e.end = p.behind()
	}
	t := p.peek()
	switch {
	case t.kind == tokenOperator && t.text == "(" && !t.spaced:
		p.arguments(e)
	case t.kind == tokenOperator && t.text == ":" && !t.spaced && !p.ahead(1).spaced:
		p.pos++
		arg := p.primary()
		for arg != nil && p.peek().kind == tokenOperator && p.peek().text == "." && p.ahead(1).kind != tokenEnd {
			p.pos++
			m := p.take()
			arg = (&expr{kind: syntax.Member, str: m.text, start: arg.start, end: m.end}).add(syntax.Receiver, arg)
		}
		e.add(syntax.Arg, arg)
		e.end = p.behind()
	}
	return e
}

// arguments reads (a, k=v, *x) into a call.
func (p *expressions) arguments(e *expr) {
	p.pos++
	p.nested(func() *expr {
		for !p.done() && !p.operator(")") {
			before := p.pos
			e.add(syntax.Arg, p.argument())
			p.operator(",")
			p.progress(before)
		}
		return nil
	})
	e.end = p.behind()
}

// argument reads one argument: an expression, k=v, *x or **x.
func (p *expressions) argument() *expr {
	t := p.peek()
	switch {
	case t.kind == tokenName && p.ahead(1).kind == tokenOperator && p.ahead(1).text == "=":
		p.pos += 2
		v := p.expression()
		return (&expr{kind: syntax.Pair, str: t.text, start: t.start, end: p.behind()}).add(syntax.Value, v)
	case t.kind == tokenOperator && (t.text == "*" || t.text == "**"):
		p.pos++
		v := p.expression()
		return (&expr{kind: syntax.Splat, str: t.text, start: t.start, end: p.behind()}).add(syntax.Value, v)
	}
	return p.expression()
}

// progress skips a token that nothing could be made of, so that every loop ends.
func (p *expressions) progress(before int) {
	if p.pos == before {
		p.failed = true
		p.take()
	}
}

func (p *expressions) subscript(e *expr) {
	slice := &expr{kind: syntax.Other, str: "slice", start: p.peek().start}
	roles := [...]syntax.Role{syntax.Left, syntax.Right, syntax.Part}
	part, sliced := 0, false
	for !p.done() && !p.operator("]") {
		before := p.pos
		if p.operator(":") {
			sliced = true
			part = min(part+1, len(roles)-1)
			continue
		}
		slice.add(roles[part], p.expression())
		slice.end = p.behind()
		p.operator(",")
		p.progress(before)
	}
	if sliced {
		slice.end = max(slice.end, slice.start)
		e.add(syntax.Arg, slice)
		return
	}
	for _, c := range slice.children {
		e.add(syntax.Arg, c.expr)
	}
}

func (p *expressions) primary() *expr {
	t := p.peek()
	e := &expr{start: t.start, end: t.end, str: t.text}
	switch t.kind {
	case tokenEnd:
		return nil
	case tokenString:
		p.pos++
		e.kind = syntax.String
		return e
	case tokenNumber:
		p.pos++
		e.kind = syntax.Number
		return e
	case tokenName:
		p.pos++
		switch t.text {
		case "true", "True", "false", "False":
			e.kind, e.str = syntax.Bool, strings.ToLower(t.text)
		case "none", "None":
			e.kind, e.str = syntax.Nil, ""
		case "self":
			e.kind, e.str = syntax.Self, ""
		default:
			e.kind = syntax.Name
		}
		return e
	}
	switch t.text {
	case "(":
		p.pos++
		return p.nested(func() *expr { return p.list(e, ")") })
	case "[":
		p.pos++
		return p.nested(func() *expr { return p.list(e, "]") })
	case "{":
		p.pos++
		return p.nested(func() *expr { return p.dict(e) })
	}
	p.failed = true
	return nil
}

// list reads a list, a tuple or an expression in parentheses.
func (p *expressions) list(e *expr, closing string) *expr {
	e.kind, e.str = syntax.List, ""
	comma := false
	for !p.done() && !p.operator(closing) {
		before := p.pos
		e.add(syntax.Elem, p.expression())
		comma = p.operator(",") || comma
		p.progress(before)
	}
	e.end = p.behind()
	if closing == ")" && !comma && len(e.children) == 1 {
		return e.children[0].expr
	}
	return e
}

func (p *expressions) dict(e *expr) *expr {
	e.kind, e.str = syntax.Map, ""
	for !p.done() && !p.operator("}") {
		before := p.pos
		if key := p.binary(0); key != nil {
			pair := &expr{kind: syntax.Pair, start: key.start}
			if key.kind == syntax.String || key.kind == syntax.Number {
				pair.str = key.str
			} else {
				pair.add(syntax.Key, key)
			}
			if p.operator(":") {
				pair.add(syntax.Value, p.expression())
			}
			pair.end = p.behind()
			e.add(syntax.Elem, pair)
		}
		p.operator(",")
		p.progress(before)
	}
	e.end = p.behind()
	return e
}
