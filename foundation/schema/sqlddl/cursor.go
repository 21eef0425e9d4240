package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// cursor walks over the tokens of one statement or of a part of one.
type cursor struct {
	sqltoken.Cursor
	r *reader
}

// cursor walks over a part of the source.
func (r *reader) cursor(tokens []sqltoken.Token) cursor {
	return cursor{sqltoken.Cursor{Tokens: tokens}, r}
}

// isName says whether the next token may be an identifier.
func (c *cursor) isName() bool {
	switch c.Peek(0).Kind {
	case sqltoken.Word, sqltoken.Quoted, sqltoken.Template:
		return true
	case sqltoken.String: // 'name': SQLite and MySQL's clients allow it
		return !c.Peek(0).Dollar()
	}
	return false
}

// ident reads one identifier, without quotes. A template part that is glued to it belongs to it.
func (c *cursor) ident() string {
	if !c.isName() {
		return ""
	}
	name := c.Peek(0).Value()
	c.Pos++
	for {
		t := c.Peek(0)
		if t.Spaced || t.Kind != sqltoken.Template && !(t.Kind == sqltoken.Word && c.Peek(-1).Kind == sqltoken.Template) {
			return name
		}
		name += t.Text
		c.Pos++
	}
}

// name reads a qualified name. Parts that hold a dot keep their quotes.
func (c *cursor) name() string {
	var parts []string
	for c.isName() {
		quoted := c.Peek(0).Text
		part := c.ident()
		if strings.Contains(part, ".") && c.r != nil && strings.HasPrefix(quoted, `"`) {
			part = quoted
		}
		parts = append(parts, part)
		if !c.AcceptOp(".") {
			break
		}
		for c.AcceptOp(".") { // SQL Server: database..table
		}
	}
	return strings.Join(parts, ".")
}

// text is the source of a run of tokens, white space squeezed.
func (r *reader) text(tokens []sqltoken.Token) string {
	if len(tokens) == 0 {
		return ""
	}
	return strings.Join(strings.Fields(r.src[tokens[0].Start:tokens[len(tokens)-1].End()]), " ")
}

// columnNames reads the names of a column list, without directions, lengths and operator classes.
func (r *reader) columnNames(tokens []sqltoken.Token) []string {
	var names []string
	for _, part := range sqltoken.Items(tokens) {
		c := r.cursor(part)
		if n := c.ident(); n != "" {
			names = append(names, n)
		}
	}
	return names
}

// indexColumns reads the keys of an index.
func (r *reader) indexColumns(tokens []sqltoken.Token) []schema.IndexColumn {
	var keys []schema.IndexColumn
	for _, part := range sqltoken.Items(tokens) {
		keys = append(keys, r.indexColumn(part))
	}
	return keys
}

func (r *reader) indexColumn(part []sqltoken.Token) schema.IndexColumn {
	var key schema.IndexColumn
	c := r.cursor(part)
	switch {
	case c.isName() && !c.Peek(1).Op("(") && !c.startsOperator(1):
		key.Name = c.ident()
	case c.isName() && c.Peek(1).Op("(") && c.Peek(2).Kind == sqltoken.Number && c.Peek(3).Op(")"):
		key.Name = c.ident() // MySQL: the first n characters
		key.Prefix = atoi(c.Peek(1).Text)
		c.Pos += 3
	default:
		// An expression: up to the direction or the operator class that stands outside parentheses.
		start := c.Pos
		for !c.Done() {
			if c.Pos > start && c.Peek(0).Kind == sqltoken.Word && c.operandEnds() {
				break
			}
			c.Skip()
		}
		inside := part[start:c.Pos]
		for len(inside) > 2 && inside[0].Op("(") && closes(inside) {
			inside = inside[1 : len(inside)-1]
		}
		key.Expr = r.text(inside)
		if len(inside) == 1 && (inside[0].Kind == sqltoken.Word || inside[0].Kind == sqltoken.Quoted) {
			key.Name, key.Expr = inside[0].Value(), ""
		}
	}
	for !c.Done() {
		switch {
		case c.Accept("ASC"), c.Accept("NULLS", "FIRST"), c.Accept("NULLS", "LAST"), c.Accept("AUTO"):
		case c.Accept("DESC"):
			key.Desc = true
		case c.Accept("COLLATE"):
			c.name()
		case c.Accept("WITH"): // exclusion constraints
			c.Pos = len(c.Tokens)
		case c.Peek(0).Kind == sqltoken.Word || c.Peek(0).Kind == sqltoken.Quoted:
			name := c.name()
			key.OpClass = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
			c.Parens()
		default:
			c.Skip()
		}
	}
	return key
}

// operandEnds says whether the word at hand follows a complete expression, so that it is an option.
func (c *cursor) operandEnds() bool {
	if c.IsAny("AND", "OR", "IS", "NOT", "IN", "LIKE", "ILIKE", "BETWEEN", "AT", "TIME", "ZONE", "END", "THEN", "ELSE", "WHEN") {
		return false
	}
	p := c.Peek(-1)
	return p.Op(")") || p.Op("]") || p.Kind == sqltoken.String || p.Kind == sqltoken.Number || p.Kind == sqltoken.Quoted ||
		p.Kind == sqltoken.Word && !p.Is("AND") && !p.Is("OR") && !p.Is("NOT") && !p.Is("IS") && !p.Is("IN") && !p.Is("CASE") && !p.Is("WHEN") && !p.Is("THEN") && !p.Is("ELSE") && !p.Is("AT") && !p.Is("TIME")
}

// startsOperator says whether the token makes an expression of the name before it.
func (c *cursor) startsOperator(n int) bool {
	t := c.Peek(n)
	return t.Kind == sqltoken.Punct && !t.Op(",") && !t.Op(")") || t.Kind == sqltoken.Number || t.Kind == sqltoken.String || t.Is("AT") || t.Is("IS")
}

// closes says whether the first parenthesis closes with the last token.
func closes(tokens []sqltoken.Token) bool {
	depth := 0
	for i := range tokens {
		if tokens[i].Op("(") {
			depth++
		} else if tokens[i].Op(")") {
			depth--
			if depth == 0 {
				return i == len(tokens)-1
			}
		}
	}
	return false
}

func atoi(s string) int {
	n := 0
	for i := 0; i < len(s) && s[i] >= '0' && s[i] <= '9' && n < 1<<24; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
