package formula

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// The limits of Excel: length of a formula in characters, nesting of calls, arguments of a call. The tree may be
// deeper than the calls are by operators and parentheses, which Excel bounds by the length alone; maxDepth keeps a
// hostile formula from using up the stack.
const (
	MaxLength  = 8192
	MaxNesting = 64
	MaxArgs    = 255
	maxDepth   = 2048
)

// Parse reads the text of a formula, without the leading "=", that stands in this cell. Where the cell is does not
// matter to the tree except that references which are not fixed are kept as distances from it.
func Parse(src string, row, col int32) (Expr, error) {
	if len(src) > MaxLength && tooLong(src) {
		return nil, errorAt(MaxLength, "a formula has at most 8,192 characters")
	}
	p := parser{scanner: scanner{src: src}, row: row, col: col}
	p.advance()
	p.skipSpace()
	if p.tok.kind == end && p.err == nil {
		return nil, errorAt(0, "an empty formula")
	}
	e := p.expression(0)
	p.skipSpace()
	if p.err == nil && p.tok.kind != end {
		p.fail(p.tok.start, "expected an operator or the end, not "+quoted(p.text()))
	}
	if p.err != nil {
		return nil, p.err
	}
	if b, ok := e.(*Binary); ok && e == p.enclosed && (b.Op == "+" || b.Op == "-") {
		return &Unary{Parentheses, e}, nil
	}
	return e, nil
}

// tooLong reports whether a formula has more characters than Excel lets anybody type. The marks of newer functions are in files only.
func tooLong(src string) bool {
	n := utf8.RuneCountInString(src)
	for _, mark := range []string{"_xlfn.", "_xlws.", "_xlpm."} {
		n -= len(mark) * strings.Count(src, mark)
	}
	return n > MaxLength
}

type parser struct {
	scanner
	tok      token
	gap      bool // before tok were spaces
	row, col int32
	err      *Error
	depth    int
	calls    int
	enclosed Expr // what stood between the last parentheses
}

func (p *parser) fail(at int, why string) Expr {
	if p.err == nil {
		p.err = errorAt(at, why)
	}
	p.tok = token{kind: end, start: len(p.src), stop: len(p.src)}
	p.pos = len(p.src)
	return &Const{cell.Err(cell.ErrName)}
}

// advance reads the next token. What cannot be read is the parser's error, and the end.
func (p *parser) advance() {
	t, err := p.next()
	if err != nil {
		p.fail(err.At, err.Why)
		return
	}
	p.tok, p.gap = t, false
}

func (p *parser) text() string { return p.src[p.tok.start:p.tok.stop] }

func (p *parser) skipSpace() {
	for p.tok.kind == space {
		p.advance()
		p.gap = true
	}
}

func (p *parser) isOp(s string) bool { return p.tok.kind == op && p.text() == s }

// Precedences, from the manual: reference operators, negation, percent, ^, * and /, + and -, &, comparison. Negation
// binds closer than ^, so that -2^2 is 4.
const (
	precCompare = 1 + iota
	precConcat
	precAdd
	precMultiply
	precPower
	precPercent
	precNegate
	precUnion
	precIntersect
	precRange
)

func precedence(operator string) int {
	switch operator {
	case "=", "<>", "<", "<=", ">", ">=":
		return precCompare
	case "&":
		return precConcat
	case "+", "-":
		return precAdd
	case "*", "/":
		return precMultiply
	case "^":
		return precPower
	case ":":
		return precRange
	}
	return 0
}

// expression reads operators that bind at least as close as least. All binary ones are left-associative, ^ too.
func (p *parser) expression(least int) Expr {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.tok.start, "nested too deeply")
	}
	defer func() { p.depth-- }()
	p.skipSpace()
	left := p.prefix()
	for p.err == nil {
		p.skipSpace()
		spaced := p.gap
		if spaced {
			// A space between two references is the operator that intersects them.
			if p.startsOperand() && isReference(left) {
				if precIntersect < least {
					return left
				}
				start := p.tok.start
				right := p.expression(precIntersect + 1)
				if p.err == nil && !mayRefer(right) {
					return p.fail(start, "a space between two values intersects references only")
				}
				left = &Binary{" ", left, right}
				continue
			}
		}
		if p.tok.kind != op {
			return left
		}
		switch o := p.text(); o {
		case "%":
			if precPercent < least {
				return left
			}
			p.advance()
			left = &Unary{"%", left}
		case "#":
			p.advance()
			left = &Unary{"#", left}
		case "(":
			if !callable(left) || spaced {
				return left
			}
			left = &Call{Of: left, Args: p.arguments()}
		default:
			prec := precedence(o)
			if prec == 0 || prec < least {
				return left
			}
			start := p.tok.start
			p.advance()
			right := p.expression(prec + 1)
			if o == ":" && p.err == nil && (!mayRefer(left) || !mayRefer(right)) {
				return p.fail(start, "a colon joins references only")
			}
			left = joined(o, left, right)
		}
	}
	return left
}

// joined makes areas of two cells one reference, as A1:B2 is.
func joined(o string, left, right Expr) Expr {
	if o == ":" {
		a, ok1 := left.(*Ref)
		b, ok2 := right.(*Ref)
		if ok1 && ok2 && a.Cell && b.Cell && !b.Sheets.Given {
			return &Ref{Sheets: a.Sheets, R0: a.R0, C0: a.C0, R1: b.R0, C1: b.C0}
		}
	}
	return &Binary{o, left, right}
}

// startsOperand reports whether the token can begin a reference or the call of a function that returns one.
func (p *parser) startsOperand() bool {
	switch p.tok.kind {
	case word, sheet, table:
		return true
	case op:
		return p.text() == "("
	}
	return p.tok.kind == errlit && strings.EqualFold(p.text(), "#REF!")
}

// mayRefer reports whether an operand can be a reference: also a call, of which only its value tells.
func mayRefer(e Expr) bool {
	_, called := e.(*Call)
	return called || isReference(e)
}

func isReference(e Expr) bool {
	switch e := e.(type) {
	case *Ref, *BadRef, *Name, *Structured:
		return true
	case *Binary:
		return e.Op == ":" || e.Op == " " || e.Op == ","
	case *Unary:
		return e.Op == "#"
	case *Call:
		switch e.Name {
		case "INDEX", "OFFSET", "INDIRECT", "CHOOSE", "IF", "IFS", "SWITCH", "XLOOKUP", "TAKE", "DROP":
			return true
		}
	}
	return false
}

func callable(e Expr) bool {
	_, ok := e.(*Call)
	return ok
}

func (p *parser) prefix() Expr {
	t := p.tok
	switch t.kind {
	case number:
		return p.number()
	case text:
		s := strings.ReplaceAll(p.src[t.start+1:t.stop-1], `""`, `"`)
		p.advance()
		return &Const{cell.Str(s)}
	case errlit:
		code, _ := cell.ParseError(p.text())
		p.advance()
		if code == cell.ErrRef {
			if p.tok.kind == word && p.tok.start == t.stop {
				p.reference() // #REF!A1 is left of a reference to a sheet that was deleted
				if p.isOp(":") {
					p.advance()
					p.reference()
				}
			}
			return &BadRef{}
		}
		return &Const{cell.Err(code)}
	case word, sheet, table:
		return p.reference()
	case op:
		switch o := p.text(); o {
		case "-", "+":
			p.advance()
			return &Unary{o, p.expression(precNegate)}
		case "@":
			p.advance()
			return &Unary{"@", p.expression(precUnion)}
		case "(":
			return p.parenthesis()
		case "{":
			return p.array()
		}
	case end:
		return p.fail(t.start, "the formula ends where a value was expected")
	}
	return p.fail(t.start, "expected a value, not "+quoted(p.text()))
}

// number reads a number, or whole rows such as 2:5.
func (p *parser) number() Expr {
	t, s := p.tok, p.text()
	p.advance()
	if row, ok := wholeRow(s); ok && p.isOp(":") {
		save, tok := p.pos, p.tok
		p.advance()
		if p.tok.kind == number || p.tok.kind == word {
			if last, ok := wholeRow(p.text()); ok {
				p.advance()
				return p.rows(Sheets{}, row, last)
			}
		}
		p.pos, p.tok = save, tok
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return p.fail(t.start, quoted(s)+" is no number that a cell can hold")
	}
	return &Const{cell.Num(f)}
}

func (p *parser) parenthesis() Expr {
	open := p.tok.start
	p.advance()
	e := p.expression(0)
	p.skipSpace()
	for p.err == nil && p.isOp(",") {
		if !isReference(e) {
			return p.fail(p.tok.start, "a comma between parentheses joins references only")
		}
		p.advance()
		e = &Binary{",", e, p.expression(0)}
		p.skipSpace()
	}
	if p.err != nil {
		return e
	}
	if !p.isOp(")") {
		return p.fail(open, "this parenthesis is not closed")
	}
	p.advance()
	p.enclosed = e
	return e
}

// array reads {1,2;3,4}. Elements are constants, with a sign.
func (p *parser) array() Expr {
	open := p.tok.start
	p.advance()
	var cells []cell.Value
	cols, row := 0, 0
	for rows := 1; ; {
		p.skipSpace()
		v, ok := p.element()
		if !ok {
			return &Const{}
		}
		cells = append(cells, v)
		row++
		p.skipSpace()
		switch {
		case p.isOp(","):
			p.advance()
			continue
		case p.isOp(";"), p.isOp("}"):
			if cols != 0 && row != cols {
				return p.fail(p.tok.start, "the rows of this array are not equally long")
			}
			cols, row = row, 0
			last := p.isOp("}")
			p.advance()
			if last {
				return &Array{&cell.Grid{Rows: rows, Cols: cols, Cells: cells}}
			}
			rows++
		default:
			return p.fail(open, "this brace is not closed")
		}
	}
}

func (p *parser) element() (cell.Value, bool) {
	sign := 1.0
	for p.isOp("-") || p.isOp("+") {
		if p.isOp("-") {
			sign = -sign
		}
		p.advance()
	}
	s := p.text()
	switch p.tok.kind {
	case number:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			p.fail(p.tok.start, quoted(s)+" is no number that a cell can hold")
			return cell.Value{}, false
		}
		p.advance()
		return cell.Num(sign * f), true
	case text:
		p.advance()
		return cell.Str(strings.ReplaceAll(s[1:len(s)-1], `""`, `"`)), true
	case errlit:
		code, _ := cell.ParseError(s)
		p.advance()
		return cell.Err(code), true
	case word:
		if strings.EqualFold(s, "TRUE") || strings.EqualFold(s, "FALSE") {
			p.advance()
			return cell.Truth(len(s) == 4), true
		}
	}
	p.fail(p.tok.start, "an array holds numbers, text, TRUE, FALSE and errors, not "+quoted(s))
	return cell.Value{}, false
}

// arguments reads a call from its opening parenthesis on.
func (p *parser) arguments() []Expr {
	open := p.tok.start
	if p.calls++; p.calls > MaxNesting+1 {
		p.fail(open, "functions are nested in more than 64 levels")
		return nil
	}
	defer func() { p.calls-- }()
	p.advance()
	p.skipSpace()
	if p.isOp(")") {
		p.advance()
		return nil
	}
	var args []Expr
	for p.err == nil {
		p.skipSpace()
		if p.isOp(",") || p.isOp(")") {
			args = append(args, nil)
		} else {
			args = append(args, p.expression(0))
			p.skipSpace()
		}
		if p.err != nil {
			break
		}
		if len(args) > MaxArgs {
			p.fail(open, "a function has at most 255 arguments")
			break
		}
		if p.isOp(")") {
			p.advance()
			break
		}
		if !p.isOp(",") {
			if p.tok.kind == end {
				p.fail(open, "this parenthesis is not closed")
			} else {
				p.fail(p.tok.start, "expected a comma or a closing parenthesis, not "+quoted(p.text()))
			}
			break
		}
		p.advance()
	}
	return args
}
