package repair

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

// truth is what a predicate is for a row, in the logic of SQL.
type truth uint8

const (
	no truth = iota
	unknown
	maybe // it cannot be told
	yes
)

func not(v truth) truth {
	switch v {
	case no:
		return yes
	case yes:
		return no
	}
	return v
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// junction joins two parts of AND (decides is no) or OR (decides is yes).
func junction(a, b, decides truth) truth {
	for _, v := range []truth{decides, maybe, unknown} {
		if a == v || b == v {
			return v
		}
	}
	return not(decides)
}

// condition is what a predicate is for the cells of a row.
type condition func(cells [][]byte) truth

// operand is a part of a predicate: a column, a literal, or a condition.
type operand struct {
	field   int // of the column; -1 when it is none, -2 when it was not compared
	literal *sqlToken
	holds   condition
}

// predicate reads the text of a predicate: columns that are true, equal to something, in a list or NULL, with
// AND, OR and NOT. Nil where it is of another kind.
func (t *table) predicate(text string) condition {
	r := predicateReader{table: t, tokens: sqlTokens(text)}
	x := r.either()
	if r.failed || len(r.tokens) > 0 {
		return nil
	}
	return r.truth(x)
}

// named are the fields of the columns that an expression names.
func (t *table) named(text string) (fields []int) {
	for _, k := range sqlTokens(text) {
		if k.kind != sqlWord && k.kind != sqlName {
			continue
		}
		if i := t.field(k.text); i >= 0 && !slices.Contains(fields, i) {
			fields = append(fields, i)
		}
	}
	return fields
}

type sqlKind uint8

const (
	sqlWord sqlKind = iota + 1
	sqlName         // in quotes
	sqlText
	sqlNumber
	sqlOperator
)

// sqlToken is a word of SQL.
type sqlToken struct {
	kind sqlKind
	text string // without quotes
}

// sqlTokens splits an expression as catalogs print it.
func sqlTokens(s string) (all []sqlToken) {
	letter := func(c byte) bool {
		return c == '_' || c == '$' || c >= 0x80 || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	for i := 0; i < len(s); {
		from, c := i, s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case letter(c):
			for i < len(s) && (letter(s[i]) || digit(s[i])) {
				i++
			}
			all = append(all, sqlToken{sqlWord, s[from:i]})
		case digit(c):
			for i < len(s) && (letter(s[i]) || digit(s[i]) || s[i] == '.') {
				i++
			}
			all = append(all, sqlToken{sqlNumber, s[from:i]})
		case c == '\'' || c == '"' || c == '`' || c == '[' && i+1 < len(s) && letter(s[i+1]):
			closing, kind := c, sqlName
			switch c {
			case '[':
				closing = ']'
			case '\'':
				kind = sqlText
			}
			var b strings.Builder
			for i++; i < len(s); i++ {
				if s[i] == closing {
					if closing == ']' || i+1 == len(s) || s[i+1] != closing {
						break
					}
					i++
				}
				b.WriteByte(s[i])
			}
			i++
			all = append(all, sqlToken{kind, b.String()})
		default:
			i++
			if i < len(s) && slices.Contains([]string{"::", "<>", "!=", "==", "<=", ">=", "--", "/*"}, s[from:i+1]) {
				i++
			}
			all = append(all, sqlToken{sqlOperator, s[from:i]})
		}
	}
	return all
}

// predicateReader reads tokens from the left.
type predicateReader struct {
	table  *table
	tokens []sqlToken
	failed bool
}

// takes passes over words or operators where they come next.
func (r *predicateReader) takes(words ...string) bool {
	if len(r.tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if k := r.tokens[i]; k.kind != sqlWord && k.kind != sqlOperator || !strings.EqualFold(k.text, w) {
			return false
		}
	}
	r.tokens = r.tokens[len(words):]
	return true
}

func (r *predicateReader) needs(words ...string) {
	r.failed = !r.takes(words...) || r.failed
}

func (r *predicateReader) either() operand {
	return r.joined("OR", yes, func() operand { return r.joined("AND", no, r.negated) })
}

func (r *predicateReader) joined(word string, decides truth, part func() operand) operand {
	x := part()
	for !r.failed && r.takes(word) {
		a, b := r.truth(x), r.truth(part())
		x = operand{field: -1, holds: func(cells [][]byte) truth { return junction(a(cells), b(cells), decides) }}
	}
	return x
}

func (r *predicateReader) negated() operand {
	if r.takes("NOT") {
		inner := r.truth(r.negated())
		return operand{field: -1, holds: func(cells [][]byte) truth { return not(inner(cells)) }}
	}
	return r.comparison()
}

func (r *predicateReader) comparison() operand {
	x := r.operand()
	result := func(holds condition) operand { return operand{field: -1, holds: holds} }
	switch {
	case r.failed:
	case r.takes("IS", "NULL"), r.takes("ISNULL"):
		return result(r.null(x))
	case r.takes("IS", "NOT", "NULL"), r.takes("NOTNULL"), r.takes("NOT", "NULL"):
		null := r.null(x)
		return result(func(cells [][]byte) truth { return not(null(cells)) })
	case r.takes("IN"):
		return result(r.list(x, "(", ")"))
	case r.takes("NOT", "IN"):
		in := r.list(x, "(", ")")
		return result(func(cells [][]byte) truth { return not(in(cells)) })
	case r.takes("=", "ANY", "("):
		x = result(r.array(x))
		r.needs(")")
	default:
		for _, op := range []string{"=", "==", "<>", "!="} {
			if r.takes(op) {
				equal := r.equal(x, r.operand())
				if op == "=" || op == "==" {
					return result(equal)
				}
				return result(func(cells [][]byte) truth { return not(equal(cells)) })
			}
		}
	}
	return x
}

// array reads the list of ANY: ARRAY['a'::text, 'b'::text], which may stand in parentheses with a cast.
func (r *predicateReader) array(x operand) condition {
	inner := r.takes("(")
	r.needs("ARRAY")
	in := r.list(x, "[", "]")
	if inner {
		r.needs(")")
		r.cast()
	}
	return in
}

func (r *predicateReader) list(x operand, opening, closing string) condition {
	r.needs(opening)
	var all []condition
	for !r.failed {
		all = append(all, r.equal(x, r.operand()))
		if !r.takes(",") {
			break
		}
	}
	r.needs(closing)
	return func(cells [][]byte) truth {
		v := no
		for _, c := range all {
			v = junction(v, c(cells), yes)
		}
		return v
	}
}

func (r *predicateReader) operand() operand {
	if r.takes("(") {
		x := r.either()
		r.needs(")")
		r.cast()
		return x
	}
	if r.failed || len(r.tokens) == 0 {
		r.failed = true
		return operand{field: -1}
	}
	if r.takes("-") && len(r.tokens) > 0 && r.tokens[0].kind == sqlNumber {
		r.tokens[0].text = "-" + r.tokens[0].text
	}
	k := r.tokens[0]
	r.tokens = r.tokens[1:]
	x := operand{field: -1}
	switch {
	case k.kind == sqlWord && (strings.EqualFold(k.text, "true") || strings.EqualFold(k.text, "false")):
		n := "0"
		if strings.EqualFold(k.text, "true") {
			n = "1"
		}
		x.literal = &sqlToken{sqlNumber, n}
	case k.kind == sqlText || k.kind == sqlNumber:
		x.literal = &k
	case k.kind == sqlOperator || r.table.rel.Table.Column(k.text) == nil:
		r.failed = true
	default:
		if x.field = r.table.field(k.text); x.field < 0 {
			x.field = -2
		}
	}
	if r.cast() && x.literal != nil && k.kind == sqlText {
		x.literal = &sqlToken{sqlNumber, k.text} // PostgreSQL writes '-1'::integer
	}
	return x
}

// cast passes over casts to a type, and says whether one of them is to whole numbers. One with a length could
// change the value.
func (r *predicateReader) cast() (whole bool) {
	for r.takes("::") {
		if len(r.tokens) > 0 {
			_, whole = integerBits(r.tokens[0].text)
		}
		for len(r.tokens) > 0 && (r.tokens[0].kind == sqlName || r.tokens[0].kind == sqlWord) {
			if slices.Contains([]string{"AND", "OR", "NOT", "IS", "IN", "ISNULL", "NOTNULL"}, strings.ToUpper(r.tokens[0].text)) {
				break
			}
			r.tokens = r.tokens[1:]
		}
		if len(r.tokens) > 0 && r.tokens[0].text == "(" {
			r.failed = true
		}
		r.takes("[", "]")
	}
	return whole
}

// truth is the condition that an operand is true.
func (r *predicateReader) truth(x operand) condition {
	if x.holds != nil {
		return x.holds
	}
	zero := r.equal(x, operand{field: -1, literal: &sqlToken{sqlNumber, "0"}})
	return func(cells [][]byte) truth { return not(zero(cells)) }
}

func (r *predicateReader) null(x operand) condition {
	return func(cells [][]byte) truth {
		if x.field < 0 {
			return maybe
		}
		return truthOf(canon.Tag(cells[x.field][0]) == canon.Null)
	}
}

// equal is the condition that a column has the value of a literal.
func (r *predicateReader) equal(x, y operand) condition {
	if y.field >= 0 {
		x, y = y, x
	}
	return func(cells [][]byte) truth {
		if x.field < 0 {
			return maybe
		}
		cell := cells[x.field]
		if canon.Tag(cell[0]) == canon.Null {
			return unknown
		}
		if y.literal == nil {
			return maybe
		}
		return isLiteral(cell, y.literal)
	}
}

// isLiteral says whether a cell has the value of a literal. Which texts a collation takes for equal is not
// known for sure.
func isLiteral(cell []byte, literal *sqlToken) truth {
	switch canon.Tag(cell[0]) {
	case canon.NegativeInt, canon.PositiveInt:
		if n, err := strconv.ParseInt(literal.text, 10, 64); err == nil && literal.kind == sqlNumber {
			return truthOf(bytes.Equal(cell, canon.AppendInt(nil, n)))
		}
	case canon.Text:
		if literal.kind != sqlText {
			return maybe
		}
		other := canon.AppendText(nil, []byte(literal.text))
		switch {
		case bytes.Equal(cell, other):
			return yes
		case !bytes.Equal(fold(nil, cell), fold(nil, other)):
			return no
		}
	}
	return maybe
}
