package sqlite

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Quote implements dialect.Database.
func (d *Database) Quote(name string) string { return quote(name) }

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// QuoteTable implements dialect.Database. The schema of a file is main.
func (d *Database) QuoteTable(n dialect.TableName) string {
	if n.Schema == "" {
		return "main." + quote(n.Name)
	}
	return quote(n.Schema) + "." + quote(n.Name)
}

// columns are the names of fields with something before each, separated by commas.
func columns(fields []dialect.Field, before string) string {
	var sb strings.Builder
	for i, f := range fields {
		if i > 0 {
			sb.WriteString(", ")
		}
		sb.WriteString(before + quote(f.Column.Name))
	}
	return sb.String()
}

// tuple puts several expressions in parentheses.
func tuple(expressions string, n int) string {
	if n == 1 {
		return expressions
	}
	return "(" + expressions + ")"
}

// from is the table and the condition of a relation; the condition is in parentheses, and 1 where there
// is none, so that more may follow behind AND.
func (d *Database) from(r *dialect.Relation) string {
	if r.Where == "" {
		return " FROM " + d.QuoteTable(r.Table.Name) + " WHERE 1"
	}
	return " FROM " + d.QuoteTable(r.Table.Name) + " WHERE (" + r.Where + "\n)"
}

// within is the condition of a range, to be put behind another one.
func (d *Database) within(r *dialect.Relation, in dialect.Range) (string, error) {
	var nullable []string
	for _, f := range r.Key {
		if !f.Column.NotNull {
			nullable = append(nullable, quote(f.Column.Name))
		}
	}
	if in.Null {
		if len(nullable) == 0 {
			return " AND 0", nil
		}
		return " AND (" + strings.Join(nullable, " IS NULL OR ") + " IS NULL)", nil
	}
	var sb strings.Builder
	for _, name := range nullable {
		sb.WriteString(" AND " + name + " IS NOT NULL")
	}
	// A comparison of rows uses an index of several columns as far as it goes.
	key := tuple(columns(r.Key, ""), len(r.Key))
	for _, bound := range []struct {
		operator string
		key      dialect.Key
	}{{" >= ", in.Lo}, {" < ", in.Hi}} {
		if bound.key == nil {
			continue
		}
		literals, err := d.literals(r.Key, bound.key)
		if err != nil {
			return "", err
		}
		sb.WriteString(" AND " + key + bound.operator + tuple(strings.Join(literals, ", "), len(literals)))
	}
	return sb.String(), nil
}

// literals are those of the cells of a key.
func (d *Database) literals(key []dialect.Field, cells dialect.Key) ([]string, error) {
	literals := make([]string, 0, len(key))
	rest := []byte(cells)
	for _, f := range key {
		cell, next, err := canon.Next(rest)
		if err != nil {
			return nil, err
		}
		literal, err := d.Literal(f.Column, cell)
		if err != nil {
			return nil, err
		}
		literals, rest = append(literals, literal), next
	}
	if len(rest) > 0 {
		return nil, canon.ErrCells
	}
	return literals, nil
}
