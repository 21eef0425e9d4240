package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// column reads a column definition: name, type, options.
func (c *cursor) column() *Column {
	if !c.isName() {
		return nil
	}
	col := &Column{Name: c.ident()}
	start := c.Pos
	c.columnType(col)
	c.columnOptions(col)
	col.Definition = c.Tokens[min(start, len(c.Tokens)):min(c.Pos, len(c.Tokens))]
	return col
}

// columnType reads a type, if one is next.
func (c *cursor) columnType(col *Column) {
	start := c.Pos
	if c.Done() || !c.isName() || c.startsOption() {
		return
	}
	c.name()
	for !c.Done() {
		before := c.Peek(-1)
		switch {
		case c.IsAny("PRECISION", "VARYING", "UNSIGNED", "SIGNED", "ZEROFILL", "ARRAY"),
			c.IsAny("CHAR", "CHARACTER", "VARCHAR") && before.Is("NATIONAL"),
			c.IsAny("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO") && (before.Is("INTERVAL") || before.Is("YEAR") || before.Is("DAY") || before.Is("HOUR") || before.Is("MINUTE") || before.Is("TO")):
			c.Pos++
		case c.Is("WITH", "TIME", "ZONE"), c.Is("WITHOUT", "TIME", "ZONE"):
			c.Pos += 3
		case c.Peek(0).Op("("):
			c.Parens()
		case c.Peek(0).Op("["):
			for !c.Done() && !c.Peek(0).Op("]") {
				c.Pos++
			}
			c.Pos++
		case c.Peek(0).Op("%") && c.Peek(1).Is("TYPE"):
			c.Pos += 2
		default:
			c.setType(col, start)
			return
		}
	}
	c.setType(col, start)
}

func (c *cursor) setType(col *Column, start int) {
	c.Pos = min(c.Pos, len(c.Tokens))
	col.Type = schema.ParseType(Text(c.Tokens[start:c.Pos]))
	switch strings.ToLower(col.Type.Raw) {
	case "serial", "bigserial", "smallserial", "serial4", "serial8", "serial2":
		col.Serial, col.Identity, col.NotNull = true, true, true
	}
}

// startsOption says whether an option of a column is next, and not a type.
func (c *cursor) startsOption() bool {
	switch {
	case c.Is("PRIMARY", "KEY"), c.Is("NOT", "NULL"), c.Is("CHECK") && c.Peek(1).Op("("), c.IsAny("UNIQUE", "DEFAULT", "REFERENCES", "GENERATED", "CONSTRAINT", "COLLATE", "NULL", "AUTO_INCREMENT"),
		c.Is("AS") && c.Peek(1).Op("("):
		return true
	}
	return false
}

// columnOptions reads what follows the type.
func (c *cursor) columnOptions(col *Column) {
	name := ""
	add := func(k *Constraint) {
		k.Name = name
		k.Columns = []string{col.Name}
		col.Constraints = append(col.Constraints, k)
		name = ""
	}
	for !c.Done() {
		switch {
		case c.Accept("CONSTRAINT"):
			name = c.ident()
		case c.Accept("NOT", "NULL"):
			col.NotNull, name = true, ""
		case c.Accept("NOT", "VALID"):
			if n := len(col.Constraints); n > 0 {
				col.Constraints[n-1].NotValid = true
			}
		case c.Accept("NULL"):
			col.Null = true
		case c.Accept("PRIMARY", "KEY"), c.mysql && c.Accept("KEY"):
			col.NotNull = true
			add(&Constraint{Type: PrimaryKey})
		case c.Accept("UNIQUE"):
			c.Accept("KEY")
			add(&Constraint{Type: Unique})
		case c.Accept("CHECK"):
			add(&Constraint{Type: Check, Expr: c.Parens()})
		case c.Accept("REFERENCES"):
			k := &Constraint{Type: ForeignKey}
			c.references(k)
			add(k)
		case c.Accept("DEFAULT"):
			col.Default = c.expression()
		case c.AcceptAny("AUTO_INCREMENT", "AUTOINCREMENT"):
			col.Identity = true
		case c.Accept("GENERATED"):
			c.Until("AS")
			c.Accept("AS")
			if c.Accept("IDENTITY") {
				col.Identity, col.NotNull = true, true
				c.Parens()
			} else {
				col.Generated = c.Parens()
			}
		case c.Is("AS") && c.Peek(1).Op("("):
			c.Pos++
			col.Generated = c.Parens()
		case c.AcceptAny("STORED", "PERSISTENT"):
			col.Stored = true
		case c.Accept("VIRTUAL"):
			col.Virtual = true
		case c.Accept("COLLATE"):
			col.Collate = c.name()
		case c.Accept("CHARACTER", "SET"), c.Accept("CHARSET"):
			c.AcceptOp("=")
			col.Charset = strings.ToLower(c.ident())
		case c.Accept("COMMENT"):
			col.Comment = true
			c.Pos++
		case c.Accept("ON", "UPDATE"):
			col.More = true
			c.Pos++
			c.Parens()
		case c.Accept("USING"):
			col.Using = c.Until()
		case c.Accept("AFTER"):
			c.ident()
			col.Placed = true
		case c.Accept("FIRST"):
			col.Placed = true
		default:
			col.More = true
			c.Skip()
		}
	}
}

// expression reads the value behind DEFAULT, up to the next option.
func (c *cursor) expression() []sqltoken.Token {
	start := c.Pos
	for !c.Done() {
		if c.Pos > start && c.operandEnded() && (c.startsOption() || c.IsAny("COMMENT", "ON", "AFTER", "FIRST", "CHARACTER", "STORAGE", "WITH", "USING", "CHECK", "KEY", "NOT", "INVISIBLE", "VISIBLE")) {
			break
		}
		c.Skip()
	}
	c.Pos = min(c.Pos, len(c.Tokens))
	return c.Tokens[start:c.Pos]
}

// operandEnded says whether the token before completes an operand.
func (c *cursor) operandEnded() bool {
	p := c.Peek(-1)
	return p.Kind != sqltoken.Punct || p.Op(")") || p.Op("]")
}

// references reads what follows REFERENCES and stops at the first token that is not its own.
func (c *cursor) references(k *Constraint) {
	k.RefTable = c.name()
	k.RefColumns = c.columnNames(c.Parens())
	for !c.Done() {
		from := c.Pos
		switch {
		case c.Accept("ON", "DELETE"):
			k.OnDelete = c.referential()
		case c.Accept("ON", "UPDATE"):
			c.referential()
		case c.Accept("MATCH"):
			c.Pos++
		case c.Accept("NOT", "DEFERRABLE"), c.Accept("DEFERRABLE"), c.Accept("INITIALLY", "DEFERRED"), c.Accept("INITIALLY", "IMMEDIATE"):
		case c.Accept("NOT", "VALID"):
			k.NotValid = true
			continue
		case c.Accept("NOT", "ENFORCED"):
			k.Unenforced = true
			continue
		default:
			return
		}
		k.Rest = append(k.Rest, c.Tokens[from:min(c.Pos, len(c.Tokens))]...)
	}
}

func (c *cursor) referential() string {
	switch {
	case c.Accept("SET", "NULL"):
		c.Parens()
		return "set null"
	case c.Accept("SET", "DEFAULT"):
		c.Parens()
		return "set default"
	case c.Accept("NO", "ACTION"):
		return "no action"
	}
	word := strings.ToLower(c.Peek(0).Text)
	c.Pos++
	return word
}

// constraint reads a constraint of a table. It returns nil, with the cursor unmoved, when the tokens
// define something else.
func (c *cursor) constraint() *Constraint {
	start := c.Pos
	k := &Constraint{}
	if c.Accept("CONSTRAINT") && !(c.mysql && c.IsAny("PRIMARY", "UNIQUE", "FOREIGN", "CHECK")) {
		k.Name = c.ident()
	}
	switch {
	case c.Accept("PRIMARY", "KEY"):
		k.Type = PrimaryKey
		c.keys(k)
	case c.Is("UNIQUE") && (c.Peek(1).Op("(") || c.Peek(1).Is("NULLS") || c.Peek(1).Is("USING") || c.mysql):
		c.Pos++
		k.Type = Unique
		if c.mysql {
			c.AcceptAny("KEY", "INDEX")
			c.Accept("IF", "NOT", "EXISTS")
			if c.isName() && !c.IsAny("USING") {
				if n := c.ident(); k.Name == "" {
					k.Name = n
				}
			}
		}
		c.keys(k)
	case c.Accept("FOREIGN", "KEY"):
		k.Type = ForeignKey
		c.Accept("IF", "NOT", "EXISTS")
		if c.isName() {
			if n := c.ident(); k.Name == "" {
				k.Name = n
			}
		}
		k.Columns = c.columnNames(c.Parens())
		if c.Accept("REFERENCES") {
			c.references(k)
		}
	case c.Is("CHECK") && c.Peek(1).Op("("):
		c.Pos++
		k.Type = Check
		k.Expr = c.Parens()
	case c.Is("EXCLUDE"):
		c.Pos++
		k.Type = Exclude
		c.keys(k)
	case c.Accept("NOT", "NULL"):
		k.Type = NotNull
		k.Columns = []string{c.ident()}
	default:
		c.Pos = start
		return nil
	}
	for !c.Done() {
		switch {
		case c.Accept("NOT", "VALID"):
			k.NotValid = true
		case c.Accept("NO", "INHERIT"):
			k.NoInherit = true
		case c.Accept("NOT", "ENFORCED"):
			k.Unenforced = true
		default:
			from := c.Pos
			c.Skip()
			k.Rest = append(k.Rest, c.Tokens[from:min(c.Pos, len(c.Tokens))]...)
		}
	}
	return k
}

// keys reads [USING m] (columns) or USING INDEX name.
func (c *cursor) keys(k *Constraint) {
	for !c.Done() {
		from := c.Pos
		switch {
		case c.Accept("USING", "INDEX"):
			if c.Accept("TABLESPACE") {
				c.ident()
			} else {
				k.UsingIndex = c.ident()
				continue
			}
		case c.Accept("USING"):
			c.ident()
		case c.Peek(0).Op("(") && len(k.Columns) == 0:
			k.Columns = c.columnNames(c.Parens())
			continue
		case c.Accept("INCLUDE"):
			c.Parens()
		case c.Is("NOT"), c.Is("NO"):
			return
		default:
			c.Skip()
		}
		k.Rest = append(k.Rest, c.Tokens[from:min(c.Pos, len(c.Tokens))]...)
	}
}
