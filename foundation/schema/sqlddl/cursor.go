package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// cursor walks over the tokens of one statement or of a part of one.
type cursor struct {
	r    *reader
	toks []sqltoken.Token
	i    int
}

var endToken = sqltoken.Token{Kind: sqltoken.EOF}

func (c *cursor) peek(n int) *sqltoken.Token {
	if c.i+n < len(c.toks) && c.i+n >= 0 {
		return &c.toks[c.i+n]
	}
	return &endToken
}

func (c *cursor) done() bool { return c.i >= len(c.toks) }

// is says whether the next tokens are these keywords.
func (c *cursor) is(keywords ...string) bool {
	for n, k := range keywords {
		if !c.peek(n).Is(k) {
			return false
		}
	}
	return true
}

// accept consumes the keywords when they are next.
func (c *cursor) accept(keywords ...string) bool {
	if !c.is(keywords...) {
		return false
	}
	c.i += len(keywords)
	return true
}

func (c *cursor) isOneOf(keywords ...string) bool {
	for _, k := range keywords {
		if c.peek(0).Is(k) {
			return true
		}
	}
	return false
}

func (c *cursor) op(text string) bool {
	if c.peek(0).Op(text) {
		c.i++
		return true
	}
	return false
}

// isName says whether the next token may be an identifier.
func (c *cursor) isName() bool {
	switch c.peek(0).Kind {
	case sqltoken.Word, sqltoken.Quoted, sqltoken.Template:
		return true
	case sqltoken.String: // 'name': SQLite and MySQL's clients allow it
		return !c.peek(0).Dollar()
	}
	return false
}

// ident reads one identifier, without quotes. A template part that is glued to it belongs to it.
func (c *cursor) ident() string {
	if !c.isName() {
		return ""
	}
	name := c.peek(0).Value()
	c.i++
	for {
		t := c.peek(0)
		if t.Spaced || t.Kind != sqltoken.Template && !(t.Kind == sqltoken.Word && c.peek(-1).Kind == sqltoken.Template) {
			return name
		}
		name += t.Text
		c.i++
	}
}

// name reads a qualified name. Parts that hold a dot keep their quotes.
func (c *cursor) name() string {
	var parts []string
	for c.isName() {
		quoted := c.peek(0).Text
		part := c.ident()
		if strings.Contains(part, ".") && c.r != nil && strings.HasPrefix(quoted, `"`) {
			part = quoted
		}
		parts = append(parts, part)
		if !c.op(".") {
			break
		}
		for c.op(".") { // SQL Server: database..table
		}
	}
	return strings.Join(parts, ".")
}

// parens consumes a parenthesis and returns what stands inside, or nil when none is next.
func (c *cursor) parens() []sqltoken.Token {
	if !c.peek(0).Op("(") {
		return nil
	}
	depth := 0
	for j := c.i; j < len(c.toks); j++ {
		if c.toks[j].Op("(") {
			depth++
		} else if c.toks[j].Op(")") {
			depth--
			if depth == 0 {
				inside := c.toks[c.i+1 : j]
				c.i = j + 1
				return inside
			}
		}
	}
	inside := c.toks[c.i+1:]
	c.i = len(c.toks)
	return inside
}

// skipOne consumes a token, or a whole parenthesis.
func (c *cursor) skipOne() {
	if c.peek(0).Op("(") {
		c.parens()
		return
	}
	c.i++
}

// split cuts tokens at the commas outside parentheses.
func split(tokens []sqltoken.Token) [][]sqltoken.Token {
	var parts [][]sqltoken.Token
	depth, start := 0, 0
	for i := range tokens {
		switch {
		case tokens[i].Op("("), tokens[i].Op("["):
			depth++
		case tokens[i].Op(")"), tokens[i].Op("]"):
			depth--
		case tokens[i].Op(",") && depth <= 0:
			if i > start {
				parts = append(parts, tokens[start:i])
			}
			start = i + 1
		}
	}
	if start < len(tokens) {
		parts = append(parts, tokens[start:])
	}
	return parts
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
	for _, part := range split(tokens) {
		c := cursor{r: r, toks: part}
		if n := c.ident(); n != "" {
			names = append(names, n)
		}
	}
	return names
}

// indexColumns reads the keys of an index.
func (r *reader) indexColumns(tokens []sqltoken.Token) []schema.IndexColumn {
	var keys []schema.IndexColumn
	for _, part := range split(tokens) {
		keys = append(keys, r.indexColumn(part))
	}
	return keys
}

func (r *reader) indexColumn(part []sqltoken.Token) schema.IndexColumn {
	var key schema.IndexColumn
	c := cursor{r: r, toks: part}
	switch {
	case c.isName() && !c.peek(1).Op("(") && !c.startsOperator(1):
		key.Name = c.ident()
	case c.isName() && c.peek(1).Op("(") && c.peek(2).Kind == sqltoken.Number && c.peek(3).Op(")"):
		key.Name = c.ident() // MySQL: the first n characters
		key.Prefix = atoi(c.peek(1).Text)
		c.i += 3
	default:
		// An expression: up to the direction or the operator class that stands outside parentheses.
		start := c.i
		for !c.done() {
			if c.i > start && c.peek(0).Kind == sqltoken.Word && c.operandEnds() {
				break
			}
			c.skipOne()
		}
		inside := part[start:c.i]
		for len(inside) > 2 && inside[0].Op("(") && closes(inside) {
			inside = inside[1 : len(inside)-1]
		}
		key.Expr = r.text(inside)
		if len(inside) == 1 && (inside[0].Kind == sqltoken.Word || inside[0].Kind == sqltoken.Quoted) {
			key.Name, key.Expr = inside[0].Value(), ""
		}
	}
	for !c.done() {
		switch {
		case c.accept("ASC"), c.accept("NULLS", "FIRST"), c.accept("NULLS", "LAST"), c.accept("AUTO"):
		case c.accept("DESC"):
			key.Desc = true
		case c.accept("COLLATE"):
			c.name()
		case c.accept("WITH"): // exclusion constraints
			c.i = len(c.toks)
		case c.peek(0).Kind == sqltoken.Word || c.peek(0).Kind == sqltoken.Quoted:
			name := c.name()
			key.OpClass = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
			c.parens()
		default:
			c.skipOne()
		}
	}
	return key
}

// operandEnds says whether the word at hand follows a complete expression, so that it is an option.
func (c *cursor) operandEnds() bool {
	if c.isOneOf("AND", "OR", "IS", "NOT", "IN", "LIKE", "ILIKE", "BETWEEN", "AT", "TIME", "ZONE", "END", "THEN", "ELSE", "WHEN") {
		return false
	}
	p := c.peek(-1)
	return p.Op(")") || p.Op("]") || p.Kind == sqltoken.String || p.Kind == sqltoken.Number || p.Kind == sqltoken.Quoted ||
		p.Kind == sqltoken.Word && !p.Is("AND") && !p.Is("OR") && !p.Is("NOT") && !p.Is("IS") && !p.Is("IN") && !p.Is("CASE") && !p.Is("WHEN") && !p.Is("THEN") && !p.Is("ELSE") && !p.Is("AT") && !p.Is("TIME")
}

// startsOperator says whether the token makes an expression of the name before it.
func (c *cursor) startsOperator(n int) bool {
	t := c.peek(n)
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
