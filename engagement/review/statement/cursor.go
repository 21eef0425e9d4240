package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// cursor walks over tokens.
type cursor struct {
	toks  []sqltoken.Token
	i     int
	mysql bool
}

var end = sqltoken.Token{Kind: sqltoken.EOF}

func (c *cursor) peek(n int) *sqltoken.Token {
	if c.i+n >= 0 && c.i+n < len(c.toks) {
		return &c.toks[c.i+n]
	}
	return &end
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

func (c *cursor) any(keywords ...string) bool {
	for _, k := range keywords {
		if c.peek(0).Is(k) {
			return true
		}
	}
	return false
}

func (c *cursor) acceptAny(keywords ...string) bool {
	if c.any(keywords...) {
		c.i++
		return true
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

func (c *cursor) isName() bool {
	switch c.peek(0).Kind {
	case sqltoken.Word, sqltoken.Quoted, sqltoken.Template:
		return true
	case sqltoken.String:
		return c.mysql
	}
	return false
}

// ident reads one identifier, without quotes.
func (c *cursor) ident() string {
	if !c.isName() {
		return ""
	}
	name := c.peek(0).Value()
	c.i++
	return name
}

// name reads a qualified name. A part that holds a dot keeps quotes, so that the parts can be told apart.
func (c *cursor) name() string {
	var parts []string
	for c.isName() {
		part := c.ident()
		if strings.Contains(part, ".") {
			part = `"` + part + `"`
		}
		parts = append(parts, part)
		if !c.op(".") {
			break
		}
	}
	return strings.Join(parts, ".")
}

// names reads qualified names with commas between them.
func (c *cursor) names() []string {
	var out []string
	for {
		c.accept("ONLY")
		n := c.name()
		if n == "" {
			return out
		}
		c.op("*")
		out = append(out, n)
		if c.peek(0).Op("(") { // the arguments of a function
			c.parens()
		}
		if !c.op(",") {
			return out
		}
	}
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

// skip consumes a token, or a whole parenthesis.
func (c *cursor) skip() {
	if c.peek(0).Op("(") {
		c.parens()
		return
	}
	c.i++
}

// until consumes tokens up to one of the keywords outside of parentheses, or to the end.
func (c *cursor) until(keywords ...string) []sqltoken.Token {
	start := c.i
	for !c.done() && !c.any(keywords...) {
		c.skip()
	}
	c.i = min(c.i, len(c.toks))
	return c.toks[start:c.i]
}

// parts cuts tokens at the commas outside of parentheses.
func parts(toks []sqltoken.Token) [][]sqltoken.Token {
	var out [][]sqltoken.Token
	depth, start := 0, 0
	for i := range toks {
		switch {
		case toks[i].Op("("), toks[i].Op("["):
			depth++
		case toks[i].Op(")"), toks[i].Op("]"):
			depth--
		case toks[i].Op(",") && depth <= 0:
			if i > start {
				out = append(out, toks[start:i])
			}
			start = i + 1
		}
	}
	if start < len(toks) {
		out = append(out, toks[start:])
	}
	return out
}

// columnNames reads a list of columns, without directions, lengths and operator classes.
func (c *cursor) columnNames(toks []sqltoken.Token) []string {
	var out []string
	for _, part := range parts(toks) {
		if part[0].Kind == sqltoken.Word || part[0].Kind == sqltoken.Quoted {
			out = append(out, part[0].Value())
		}
	}
	return out
}

// sub is a cursor over a part.
func (c *cursor) sub(toks []sqltoken.Token) cursor { return cursor{toks: toks, mysql: c.mysql} }
