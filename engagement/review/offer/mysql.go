package offer

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/rewrite"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// mysql maps what MySQL and MariaDB write otherwise than PostgreSQL; found is false for the rest.
func (x *mapping) mysql(a *statement.Action) (out []rewrite.Change, found bool, err error) {
	table := x.name(a.Table)
	switch a.Kind {
	case statement.AddColumn:
		out, err = x.mysqlAddColumn(table, a)
	case statement.Modify:
		out, err = x.mysqlModify(table, a)
	case statement.Rebuild:
		if a.Option == "engine" && a.NewName != "innodb" {
			return nil, true, refuse("There is no recipe for moving %s to the engine %s.", a.Table, a.NewName)
		}
		out, err = one(rewrite.RewriteTable{Table: table})
	case statement.DropColumn:
		if c, known := x.known(table, a.Name); known && c.NotNull && c.Definition == "" {
			return nil, true, refuse("The definition of %s.%s as SHOW CREATE TABLE prints it is not known, and MODIFY COLUMN must repeat it so that new rows can leave the column out. Read the schema from the database with --db.", a.Table, a.Name)
		}
		return nil, false, nil
	case statement.DropConstraint:
		if a.Option == "primary key" {
			return nil, true, refuse("Without a primary key the server can only copy the table under lock, and no tool copies a table that has none. Add the new key in the same statement: then it is built in place.")
		}
		return nil, false, nil
	case statement.ConvertCharset:
		return nil, true, refuse("There is no recipe for CONVERT TO CHARACTER SET; run it through gh-ost or pt-online-schema-change, which copy the table while it is in use.")
	default:
		return nil, false, nil
	}
	return out, true, err
}

// known are the facts of a column.
func (x *mapping) known(table rewrite.Name, column string) (rewrite.Column, bool) {
	t, ok := x.facts.Table(table)
	if !ok {
		return rewrite.Column{}, false
	}
	return t.Column(column)
}

// mysqlAddColumn carries the whole definition, in which the order of clauses is free.
func (x *mapping) mysqlAddColumn(table rewrite.Name, a *statement.Action) ([]rewrite.Change, error) {
	c := a.Column
	switch {
	case len(c.Constraints) > 0:
		return nil, refuse("The column %s is added with a key or a constraint. Add the column first, and the key by a statement of its own: each then goes online.", c.Name)
	case c.Identity:
		return nil, refuse("AUTO_INCREMENT numbers the rows while writers wait; there is no recipe for it.")
	}
	if len(c.Generated) > 0 {
		if c.NotNull || c.Comment || c.Placed || c.More || c.Charset != "" {
			return nil, refuse("The definition of the generated column %s has a clause that the recipe does not carry.", c.Name)
		}
		return one(rewrite.AddGenerated{Table: table, Column: c.Name, Type: c.Type.Raw, Expression: statement.Text(c.Generated), Stored: c.Stored})
	}
	if volatile(c.Default) {
		if c.Comment || c.Placed || c.More || c.Charset != "" || c.Collate != "" {
			return nil, refuse("The definition of the column %s has a clause that the recipe for a default of each row does not carry (%s).", c.Name, text(c.Definition))
		}
		value := strings.TrimSuffix(strings.TrimPrefix(statement.Text(c.Default), "("), ")")
		return one(rewrite.AddColumn{Table: table, Column: c.Name, Type: c.Type.Raw, Default: value, NotNull: c.NotNull, Volatile: true})
	}
	return one(rewrite.AddColumn{Table: table, Column: c.Name, Type: statement.Text(c.Definition)})
}

// volatile returns whether a default calls a function that gives each row another value.
func volatile(toks []sqltoken.Token) bool {
	for i := range toks {
		t := &toks[i]
		if i+1 < len(toks) && toks[i+1].Op("(") && (t.Is("UUID") || t.Is("RAND") || t.Is("UUID_SHORT") || t.Is("SYSDATE")) {
			return true
		}
	}
	return false
}

// mysqlModify maps MODIFY and CHANGE: NOT NULL when that is all that changes, else a type.
func (x *mapping) mysqlModify(table rewrite.Name, a *statement.Action) ([]rewrite.Change, error) {
	c := a.Column
	if a.NewName != "" {
		return one(rewrite.RenameColumn{Table: table, From: a.Name, To: a.NewName})
	}
	if c.Placed || len(c.Constraints) > 0 || c.Identity || len(c.Generated) > 0 {
		return nil, refuse("The statement also moves the column %s, or makes it a key, AUTO_INCREMENT or generated; the recipe does not carry that.", c.Name)
	}
	old, known := x.known(table, a.Name)
	if known && !old.NotNull && c.NotNull && strings.EqualFold(squeeze(old.Type), squeeze(c.Type.Raw)) {
		x.define(table, a.Name, statement.Text(nullable(c.Definition)))
		return one(rewrite.SetNotNull{Table: table, Column: a.Name})
	}
	return one(rewrite.ChangeType{Table: table, Column: a.Name, From: old.Type, To: statement.Text(c.Definition)})
}

func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

// nullable is a definition without NOT NULL.
func nullable(toks []sqltoken.Token) []sqltoken.Token {
	for i := range toks {
		if toks[i].Is("NOT") && i+1 < len(toks) && toks[i+1].Is("NULL") {
			return append(append([]sqltoken.Token{}, toks[:i]...), toks[i+2:]...)
		}
	}
	return toks
}

// define sets the definition of a column in the facts to that which the statement gives.
func (x *mapping) define(table rewrite.Name, column, definition string) {
	t, ok := x.facts.Table(table)
	if !ok {
		return
	}
	for i := range t.Columns {
		if t.Columns[i].Name == column {
			t.Columns[i].Definition = definition // the slice is shared with the facts
		}
	}
}
