package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// column reads a column definition and the constraints declared in it.
func (r *reader) column(c *cursor) (*schema.Column, []constraint) {
	at := r.place(c.Tokens[c.Pos:])
	if !c.isName() {
		return nil, nil
	}
	col := &schema.Column{Place: at, Name: c.ident()}
	if col.Name == "" {
		return nil, nil
	}
	r.columnType(c, col)
	return col, r.columnOptions(c, col, at)
}

// columnType reads the type, if there is one: SQLite's columns need none.
func (r *reader) columnType(c *cursor, col *schema.Column) {
	start := c.Pos
	if c.Done() || !c.isName() || c.startsOption() {
		return
	}
	c.name()
	for !c.Done() {
		switch {
		case c.IsAny("PRECISION", "VARYING", "UNSIGNED", "SIGNED", "ZEROFILL", "LARGE", "OBJECT", "ARRAY"),
			c.Is("CHAR") && c.Peek(-1).Is("NATIONAL"), c.Is("CHARACTER") && c.Peek(-1).Is("NATIONAL"), c.Is("VARCHAR") && (c.Peek(-1).Is("LONG") || c.Peek(-1).Is("NATIONAL")),
			c.Is("INT") && c.Peek(-1).Is("UNSIGNED"), c.Is("INTEGER") && c.Peek(-1).Is("UNSIGNED"), c.Is("BIG") || c.Is("INT") && c.Peek(-1).Is("BIG"):
			c.Pos++
		case c.Is("WITH", "TIME", "ZONE"), c.Is("WITHOUT", "TIME", "ZONE"):
			c.Pos += 3
		case c.Is("WITH", "LOCAL", "TIME", "ZONE"):
			c.Pos += 4
		case c.Peek(0).Op("("):
			c.Parens()
		case c.Peek(0).Op("["):
			for !c.Done() && !c.Peek(0).Op("]") {
				c.Pos++
			}
			c.Pos++
		case c.IsAny("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND") && c.Peek(-1).Is("INTERVAL"):
			c.Pos++
		default:
			r.setType(col, c.Tokens[start:c.Pos])
			return
		}
	}
	c.Pos = min(c.Pos, len(c.Tokens))
	r.setType(col, c.Tokens[start:c.Pos])
}

func (r *reader) setType(col *schema.Column, toks []sqltoken.Token) {
	raw := r.text(toks)
	col.Type = schema.ParseType(raw)
	switch lower := strings.ToLower(raw); lower {
	case "serial", "bigserial", "smallserial", "serial4", "serial8", "serial2":
		col.AutoIncrement, col.NotNull = true, true
		if r.dialect == schema.MySQL { // SERIAL is BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE
			col.Type.Name, col.Type.Unsigned = "bigint", true
		}
	}
}

// startsOption says whether a column option is next, and not a type.
func (c *cursor) startsOption() bool {
	switch {
	case c.Is("PRIMARY", "KEY"), c.Is("NOT", "NULL"), c.Is("CHECK") && c.Peek(1).Op("("), c.Is("UNIQUE"), c.Is("DEFAULT"), c.Is("REFERENCES"),
		c.Is("GENERATED"), c.Is("CONSTRAINT"), c.Is("COLLATE"), c.Is("AS") && c.Peek(1).Op("("), c.Is("NULL"), c.Is("AUTO_INCREMENT"):
		return true
	}
	return false
}

// columnOptions reads what follows the type.
func (r *reader) columnOptions(c *cursor, col *schema.Column, at schema.Place) []constraint {
	var found []constraint
	name := "" // of a CONSTRAINT name before the option
	key := func(primary bool) {
		ix := &schema.Index{Name: name, Columns: schema.PlainColumns(col.Name), Unique: true, Primary: primary, Constraint: true, Place: at}
		found = append(found, constraint{index: ix})
	}
	for !c.Done() {
		before := name
		switch {
		case c.Accept("CONSTRAINT"):
			name = c.ident()
		case c.Accept("NOT", "NULL"):
			col.NotNull = true
		case c.Accept("NOT", "VALID"), c.Accept("NOT", "DEFERRABLE"):
		case c.Accept("NULL"):
			col.NotNull = false
		case c.Accept("PRIMARY", "KEY"), c.Is("PRIMARY") && c.Accept("PRIMARY"):
			col.NotNull = true
			key(true)
			for c.Accept("ASC") || c.Accept("DESC") || c.Accept("CLUSTERED") || c.Accept("NONCLUSTERED") {
			}
		case c.Accept("UNIQUE"):
			c.Accept("KEY")
			key(false)
		case c.Accept("REFERENCES"):
			fk := &schema.ForeignKey{Name: name, Columns: []string{col.Name}, Enforced: r.dialect != schema.MySQL, Place: at}
			// MySQL parses an inline REFERENCES and ignores it (manual, CREATE TABLE); MariaDB has
			// honoured it since 10.5. The relation is real, the constraint may not be.
			r.references(c, fk)
			found = append(found, constraint{fk: fk})
		case c.Accept("CHECK"):
			found = append(found, constraint{check: &schema.Check{Name: name, Expr: r.text(c.Parens()), Place: at}})
		case c.Accept("DEFAULT"):
			col.Default = r.defaultValue(c)
			if strings.HasPrefix(strings.ToLower(col.Default), "nextval(") {
				col.AutoIncrement = true
			}
		case c.Accept("AUTO_INCREMENT"), c.Accept("AUTOINCREMENT"):
			col.AutoIncrement = true
		case c.Accept("IDENTITY"):
			col.AutoIncrement = true
			c.Parens()
		case c.Accept("GENERATED"):
			for !c.Done() && !c.Is("AS") {
				c.Pos++
			}
			c.Accept("AS")
			if c.Accept("IDENTITY") {
				col.AutoIncrement = true
				c.Parens()
			} else if inside := c.Parens(); inside != nil {
				col.Generated = r.text(inside)
			}
		case c.Is("AS") && c.Peek(1).Op("("):
			c.Pos++
			col.Generated = r.text(c.Parens())
		case c.Accept("STORED"), c.Accept("PERSISTENT"):
			col.Stored = col.Generated != ""
		case c.Accept("COMMENT"):
			c.Pos++
		case c.Accept("COLLATE"):
			c.name()
		case c.Accept("CHARACTER", "SET"), c.Accept("CHARSET"):
			c.ident()
		case c.Accept("ON", "UPDATE"):
			c.Pos++
			c.Parens()
		case c.Accept("AFTER"):
			c.ident()
		case c.Accept("USING"): // ALTER COLUMN ... TYPE t USING expr
			c.Pos = len(c.Tokens)
		default:
			c.Skip()
		}
		if name == before {
			name = ""
		}
	}
	return found
}

// defaultValue reads the expression behind DEFAULT up to the next option.
func (r *reader) defaultValue(c *cursor) string {
	start := c.Pos
	for !c.Done() {
		if c.Pos > start && !c.inExpression() && (c.startsOption() || c.IsAny("COMMENT", "ON", "AUTO_INCREMENT", "KEY", "CHARACTER", "AFTER", "FIRST", "INVISIBLE", "VISIBLE",
			"STORAGE", "ENCODE", "DEFERRABLE", "IDENTITY", "AUTOINCREMENT", "PRIMARY", "WITH", "USING", "CHECK")) {
			break
		}
		c.Skip()
	}
	c.Pos = min(c.Pos, len(c.Tokens))
	return r.text(c.Tokens[start:c.Pos])
}

// inExpression says whether the word at hand continues the expression before it: a type behind "::".
func (c *cursor) inExpression() bool {
	p := c.Peek(-1)
	return p.Op("::") || p.Kind == sqltoken.Punct && !p.Op(")") && !p.Op("]")
}
