package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// column reads a column definition and the constraints declared in it.
func (r *reader) column(c *cursor) (*schema.Column, []constraint) {
	at := r.place(c.toks[c.i:])
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
	start := c.i
	if c.done() || !c.isName() || c.startsOption() {
		return
	}
	c.name()
	for !c.done() {
		switch {
		case c.isOneOf("PRECISION", "VARYING", "UNSIGNED", "SIGNED", "ZEROFILL", "LARGE", "OBJECT", "ARRAY"),
			c.is("CHAR") && c.peek(-1).Is("NATIONAL"), c.is("CHARACTER") && c.peek(-1).Is("NATIONAL"), c.is("VARCHAR") && (c.peek(-1).Is("LONG") || c.peek(-1).Is("NATIONAL")),
			c.is("INT") && c.peek(-1).Is("UNSIGNED"), c.is("INTEGER") && c.peek(-1).Is("UNSIGNED"), c.is("BIG") || c.is("INT") && c.peek(-1).Is("BIG"):
			c.i++
		case c.is("WITH", "TIME", "ZONE"), c.is("WITHOUT", "TIME", "ZONE"):
			c.i += 3
		case c.is("WITH", "LOCAL", "TIME", "ZONE"):
			c.i += 4
		case c.peek(0).Op("("):
			c.parens()
		case c.peek(0).Op("["):
			for !c.done() && !c.peek(0).Op("]") {
				c.i++
			}
			c.i++
		case c.isOneOf("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND") && c.peek(-1).Is("INTERVAL"):
			c.i++
		default:
			r.setType(col, c.toks[start:c.i])
			return
		}
	}
	c.i = min(c.i, len(c.toks))
	r.setType(col, c.toks[start:c.i])
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
	case c.is("PRIMARY", "KEY"), c.is("NOT", "NULL"), c.is("CHECK") && c.peek(1).Op("("), c.is("UNIQUE"), c.is("DEFAULT"), c.is("REFERENCES"),
		c.is("GENERATED"), c.is("CONSTRAINT"), c.is("COLLATE"), c.is("AS") && c.peek(1).Op("("), c.is("NULL"), c.is("AUTO_INCREMENT"):
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
	for !c.done() {
		before := name
		switch {
		case c.accept("CONSTRAINT"):
			name = c.ident()
		case c.accept("NOT", "NULL"):
			col.NotNull = true
		case c.accept("NOT", "VALID"), c.accept("NOT", "DEFERRABLE"):
		case c.accept("NULL"):
			col.NotNull = false
		case c.accept("PRIMARY", "KEY"), c.is("PRIMARY") && c.accept("PRIMARY"):
			col.NotNull = true
			key(true)
			for c.accept("ASC") || c.accept("DESC") || c.accept("CLUSTERED") || c.accept("NONCLUSTERED") {
			}
		case c.accept("UNIQUE"):
			c.accept("KEY")
			key(false)
		case c.accept("REFERENCES"):
			fk := &schema.ForeignKey{Name: name, Columns: []string{col.Name}, Enforced: r.dialect != schema.MySQL, Place: at}
			// MySQL parses an inline REFERENCES and ignores it (manual, CREATE TABLE); MariaDB has
			// honoured it since 10.5. The relation is real, the constraint may not be.
			r.references(c, fk)
			found = append(found, constraint{fk: fk})
		case c.accept("CHECK"):
			found = append(found, constraint{check: &schema.Check{Name: name, Expr: r.text(c.parens()), Place: at}})
		case c.accept("DEFAULT"):
			col.Default = r.defaultValue(c)
			if strings.HasPrefix(strings.ToLower(col.Default), "nextval(") {
				col.AutoIncrement = true
			}
		case c.accept("AUTO_INCREMENT"), c.accept("AUTOINCREMENT"):
			col.AutoIncrement = true
		case c.accept("IDENTITY"):
			col.AutoIncrement = true
			c.parens()
		case c.accept("GENERATED"):
			for !c.done() && !c.is("AS") {
				c.i++
			}
			c.accept("AS")
			if c.accept("IDENTITY") {
				col.AutoIncrement = true
				c.parens()
			} else if inside := c.parens(); inside != nil {
				col.Generated = r.text(inside)
			}
		case c.is("AS") && c.peek(1).Op("("):
			c.i++
			col.Generated = r.text(c.parens())
		case c.accept("STORED"), c.accept("PERSISTENT"):
			col.Stored = col.Generated != ""
		case c.accept("COMMENT"):
			c.i++
		case c.accept("COLLATE"):
			c.name()
		case c.accept("CHARACTER", "SET"), c.accept("CHARSET"):
			c.ident()
		case c.accept("ON", "UPDATE"):
			c.i++
			c.parens()
		case c.accept("AFTER"):
			c.ident()
		case c.accept("USING"): // ALTER COLUMN ... TYPE t USING expr
			c.i = len(c.toks)
		default:
			c.skipOne()
		}
		if name == before {
			name = ""
		}
	}
	return found
}

// defaultValue reads the expression behind DEFAULT up to the next option.
func (r *reader) defaultValue(c *cursor) string {
	start := c.i
	for !c.done() {
		if c.i > start && !c.inExpression() && (c.startsOption() || c.isOneOf("COMMENT", "ON", "AUTO_INCREMENT", "KEY", "CHARACTER", "AFTER", "FIRST", "INVISIBLE", "VISIBLE",
			"STORAGE", "ENCODE", "DEFERRABLE", "IDENTITY", "AUTOINCREMENT", "PRIMARY", "WITH", "USING", "CHECK")) {
			break
		}
		c.skipOne()
	}
	c.i = min(c.i, len(c.toks))
	return r.text(c.toks[start:c.i])
}

// inExpression says whether the word at hand continues the expression before it: a type behind "::".
func (c *cursor) inExpression() bool {
	p := c.peek(-1)
	return p.Op("::") || p.Kind == sqltoken.Punct && !p.Op(")") && !p.Op("]")
}
