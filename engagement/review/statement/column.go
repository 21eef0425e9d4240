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
	start := c.i
	c.columnType(col)
	c.columnOptions(col)
	col.Definition = c.toks[min(start, len(c.toks)):min(c.i, len(c.toks))]
	return col
}

// columnType reads a type, if one is next.
func (c *cursor) columnType(col *Column) {
	start := c.i
	if c.done() || !c.isName() || c.startsOption() {
		return
	}
	c.name()
	for !c.done() {
		before := c.peek(-1)
		switch {
		case c.any("PRECISION", "VARYING", "UNSIGNED", "SIGNED", "ZEROFILL", "ARRAY"),
			c.any("CHAR", "CHARACTER", "VARCHAR") && before.Is("NATIONAL"),
			c.any("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "TO") && (before.Is("INTERVAL") || before.Is("YEAR") || before.Is("DAY") || before.Is("HOUR") || before.Is("MINUTE") || before.Is("TO")):
			c.i++
		case c.is("WITH", "TIME", "ZONE"), c.is("WITHOUT", "TIME", "ZONE"):
			c.i += 3
		case c.peek(0).Op("("):
			c.parens()
		case c.peek(0).Op("["):
			for !c.done() && !c.peek(0).Op("]") {
				c.i++
			}
			c.i++
		case c.peek(0).Op("%") && c.peek(1).Is("TYPE"):
			c.i += 2
		default:
			c.setType(col, start)
			return
		}
	}
	c.setType(col, start)
}

func (c *cursor) setType(col *Column, start int) {
	c.i = min(c.i, len(c.toks))
	col.Type = schema.ParseType(Text(c.toks[start:c.i]))
	switch strings.ToLower(col.Type.Raw) {
	case "serial", "bigserial", "smallserial", "serial4", "serial8", "serial2":
		col.Serial, col.Identity, col.NotNull = true, true, true
	}
}

// startsOption says whether an option of a column is next, and not a type.
func (c *cursor) startsOption() bool {
	switch {
	case c.is("PRIMARY", "KEY"), c.is("NOT", "NULL"), c.is("CHECK") && c.peek(1).Op("("), c.any("UNIQUE", "DEFAULT", "REFERENCES", "GENERATED", "CONSTRAINT", "COLLATE", "NULL", "AUTO_INCREMENT"),
		c.is("AS") && c.peek(1).Op("("):
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
	for !c.done() {
		switch {
		case c.accept("CONSTRAINT"):
			name = c.ident()
		case c.accept("NOT", "NULL"):
			col.NotNull, name = true, ""
		case c.accept("NOT", "VALID"):
			if n := len(col.Constraints); n > 0 {
				col.Constraints[n-1].NotValid = true
			}
		case c.accept("NULL"):
			col.Null = true
		case c.accept("PRIMARY", "KEY"), c.mysql && c.accept("KEY"):
			col.NotNull = true
			add(&Constraint{Type: PrimaryKey})
		case c.accept("UNIQUE"):
			c.accept("KEY")
			add(&Constraint{Type: Unique})
		case c.accept("CHECK"):
			add(&Constraint{Type: Check, Expr: c.parens()})
		case c.accept("REFERENCES"):
			k := &Constraint{Type: ForeignKey}
			c.references(k)
			add(k)
		case c.accept("DEFAULT"):
			col.Default = c.expression()
		case c.acceptAny("AUTO_INCREMENT", "AUTOINCREMENT"):
			col.Identity = true
		case c.accept("GENERATED"):
			c.until("AS")
			c.accept("AS")
			if c.accept("IDENTITY") {
				col.Identity, col.NotNull = true, true
				c.parens()
			} else {
				col.Generated = c.parens()
			}
		case c.is("AS") && c.peek(1).Op("("):
			c.i++
			col.Generated = c.parens()
		case c.acceptAny("STORED", "PERSISTENT"):
			col.Stored = true
		case c.accept("VIRTUAL"):
			col.Virtual = true
		case c.accept("COLLATE"):
			col.Collate = c.name()
		case c.accept("CHARACTER", "SET"), c.accept("CHARSET"):
			c.op("=")
			col.Charset = strings.ToLower(c.ident())
		case c.accept("COMMENT"):
			col.Comment = true
			c.i++
		case c.accept("ON", "UPDATE"):
			col.More = true
			c.i++
			c.parens()
		case c.accept("USING"):
			col.Using = c.until()
		case c.accept("AFTER"):
			c.ident()
			col.Placed = true
		case c.accept("FIRST"):
			col.Placed = true
		default:
			col.More = true
			c.skip()
		}
	}
}

// expression reads the value behind DEFAULT, up to the next option.
func (c *cursor) expression() []sqltoken.Token {
	start := c.i
	for !c.done() {
		if c.i > start && c.operandEnded() && (c.startsOption() || c.any("COMMENT", "ON", "AFTER", "FIRST", "CHARACTER", "STORAGE", "WITH", "USING", "CHECK", "KEY", "NOT", "INVISIBLE", "VISIBLE")) {
			break
		}
		c.skip()
	}
	c.i = min(c.i, len(c.toks))
	return c.toks[start:c.i]
}

// operandEnded says whether the token before completes an operand.
func (c *cursor) operandEnded() bool {
	p := c.peek(-1)
	return p.Kind != sqltoken.Punct || p.Op(")") || p.Op("]")
}

// references reads what follows REFERENCES and stops at the first token that is not its own.
func (c *cursor) references(k *Constraint) {
	k.RefTable = c.name()
	k.RefColumns = c.columnNames(c.parens())
	for !c.done() {
		from := c.i
		switch {
		case c.accept("ON", "DELETE"):
			k.OnDelete = c.referential()
		case c.accept("ON", "UPDATE"):
			c.referential()
		case c.accept("MATCH"):
			c.i++
		case c.accept("NOT", "DEFERRABLE"), c.accept("DEFERRABLE"), c.accept("INITIALLY", "DEFERRED"), c.accept("INITIALLY", "IMMEDIATE"):
		case c.accept("NOT", "VALID"):
			k.NotValid = true
			continue
		case c.accept("NOT", "ENFORCED"):
			k.Unenforced = true
			continue
		default:
			return
		}
		k.Rest = append(k.Rest, c.toks[from:min(c.i, len(c.toks))]...)
	}
}

func (c *cursor) referential() string {
	switch {
	case c.accept("SET", "NULL"):
		c.parens()
		return "set null"
	case c.accept("SET", "DEFAULT"):
		c.parens()
		return "set default"
	case c.accept("NO", "ACTION"):
		return "no action"
	}
	word := strings.ToLower(c.peek(0).Text)
	c.i++
	return word
}

// constraint reads a constraint of a table. It returns nil, with the cursor unmoved, when the tokens
// define something else.
func (c *cursor) constraint() *Constraint {
	start := c.i
	k := &Constraint{}
	if c.accept("CONSTRAINT") && !(c.mysql && c.any("PRIMARY", "UNIQUE", "FOREIGN", "CHECK")) {
		k.Name = c.ident()
	}
	switch {
	case c.accept("PRIMARY", "KEY"):
		k.Type = PrimaryKey
		c.keys(k)
	case c.is("UNIQUE") && (c.peek(1).Op("(") || c.peek(1).Is("NULLS") || c.peek(1).Is("USING") || c.mysql):
		c.i++
		k.Type = Unique
		if c.mysql {
			c.acceptAny("KEY", "INDEX")
			c.accept("IF", "NOT", "EXISTS")
			if c.isName() && !c.any("USING") {
				if n := c.ident(); k.Name == "" {
					k.Name = n
				}
			}
		}
		c.keys(k)
	case c.accept("FOREIGN", "KEY"):
		k.Type = ForeignKey
		c.accept("IF", "NOT", "EXISTS")
		if c.isName() {
			if n := c.ident(); k.Name == "" {
				k.Name = n
			}
		}
		k.Columns = c.columnNames(c.parens())
		if c.accept("REFERENCES") {
			c.references(k)
		}
	case c.is("CHECK") && c.peek(1).Op("("):
		c.i++
		k.Type = Check
		k.Expr = c.parens()
	case c.is("EXCLUDE"):
		c.i++
		k.Type = Exclude
		c.keys(k)
	case c.accept("NOT", "NULL"):
		k.Type = NotNull
		k.Columns = []string{c.ident()}
	default:
		c.i = start
		return nil
	}
	for !c.done() {
		switch {
		case c.accept("NOT", "VALID"):
			k.NotValid = true
		case c.accept("NO", "INHERIT"):
			k.NoInherit = true
		case c.accept("NOT", "ENFORCED"):
			k.Unenforced = true
		default:
			from := c.i
			c.skip()
			k.Rest = append(k.Rest, c.toks[from:min(c.i, len(c.toks))]...)
		}
	}
	return k
}

// keys reads [USING m] (columns) or USING INDEX name.
func (c *cursor) keys(k *Constraint) {
	for !c.done() {
		from := c.i
		switch {
		case c.accept("USING", "INDEX"):
			if c.accept("TABLESPACE") {
				c.ident()
			} else {
				k.UsingIndex = c.ident()
				continue
			}
		case c.accept("USING"):
			c.ident()
		case c.peek(0).Op("(") && len(k.Columns) == 0:
			k.Columns = c.columnNames(c.parens())
			continue
		case c.accept("INCLUDE"):
			c.parens()
		case c.is("NOT"), c.is("NO"):
			return
		default:
			c.skip()
		}
		k.Rest = append(k.Rest, c.toks[from:min(c.i, len(c.toks))]...)
	}
}
