package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// cursor walks over tokens and reads names.
type cursor struct {
	sqltoken.Cursor
	mysql bool
}

func (c *cursor) isName() bool {
	switch c.Peek(0).Kind {
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
	name := c.Peek(0).Value()
	c.Pos++
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
		if !c.AcceptOp(".") {
			break
		}
	}
	return strings.Join(parts, ".")
}

// names reads qualified names with commas between them.
func (c *cursor) names() []string {
	var out []string
	for {
		c.Accept("ONLY")
		n := c.name()
		if n == "" {
			return out
		}
		c.AcceptOp("*")
		out = append(out, n)
		if c.Peek(0).Op("(") { // the arguments of a function
			c.Parens()
		}
		if !c.AcceptOp(",") {
			return out
		}
	}
}

// columnNames reads a list of columns, without directions, lengths and operator classes.
func (c *cursor) columnNames(toks []sqltoken.Token) []string {
	var out []string
	for _, part := range sqltoken.Items(toks) {
		if part[0].Kind == sqltoken.Word || part[0].Kind == sqltoken.Quoted {
			out = append(out, part[0].Value())
		}
	}
	return out
}

// sub is a cursor over a part.
func (c *cursor) sub(toks []sqltoken.Token) cursor {
	return cursor{sqltoken.Cursor{Tokens: toks}, c.mysql}
}
