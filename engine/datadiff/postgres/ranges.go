package postgres

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// condition is the WHERE of a range, or empty. Bounds are literals, so that the planner knows how many
// rows lie between them and takes the index where it should.
func (d *Database) condition(r *dialect.Relation, in dialect.Range) (string, error) {
	if in.Null {
		return where(append(restriction(r), keyIsNull(r))), nil
	}
	all := append(restriction(r), keyIsNotNull(r)...)
	for _, bound := range []struct {
		key      dialect.Key
		operator string
	}{{in.Lo, " >= "}, {in.Hi, " < "}} {
		if bound.key == nil {
			continue
		}
		literals, err := d.keyLiterals(r, bound.key)
		if err != nil {
			return "", err
		}
		all = append(all, rowOf(quotedKey(r))+bound.operator+rowOf(literals))
	}
	return where(all), nil
}

func where(conditions []string) string {
	if len(conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conditions, " AND ")
}

// restriction is the relation's own condition.
func restriction(r *dialect.Relation) []string {
	if r.Where == "" {
		return nil
	}
	return []string{"(\n" + r.Where + "\n)"} // its last line may be a comment
}

func keyIsNull(r *dialect.Relation) string {
	var null []string
	for _, k := range r.Key {
		if !k.Column.NotNull {
			null = append(null, quoteName(k.Column.Name)+" IS NULL")
		}
	}
	if len(null) == 0 {
		return "false"
	}
	return "(" + strings.Join(null, " OR ") + ")"
}

func keyIsNotNull(r *dialect.Relation) (all []string) {
	for _, k := range r.Key {
		if !k.Column.NotNull {
			all = append(all, quoteName(k.Column.Name)+" IS NOT NULL")
		}
	}
	return all
}

// rowOf is one value, or several as a row, which is compared column by column as an index sorts it.
func rowOf(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "(" + strings.Join(values, ", ") + ")"
}

func quotedKey(r *dialect.Relation) []string {
	names := make([]string, len(r.Key))
	for i, k := range r.Key {
		names[i] = quoteName(k.Column.Name)
	}
	return names
}

func (d *Database) keyLiterals(r *dialect.Relation, key dialect.Key) ([]string, error) {
	cells, err := splitKey(r, key)
	if err != nil {
		return nil, err
	}
	literals := make([]string, len(cells))
	for i, cell := range cells {
		if literals[i], err = d.Literal(r.Key[i].Column, cell); err != nil {
			return nil, err
		}
	}
	return literals, nil
}

func splitKey(r *dialect.Relation, key dialect.Key) ([][]byte, error) {
	cells := make([][]byte, 0, len(r.Key))
	rest := []byte(key)
	for len(rest) > 0 {
		cell, next, err := canon.Next(rest)
		if err != nil {
			return nil, fmt.Errorf("read a key of %s: %w", r.Table.Name, err)
		}
		cells, rest = append(cells, cell), next
	}
	if len(cells) != len(r.Key) || len(cells) == 0 {
		return nil, fmt.Errorf("a key of %s has %d cells where the relation has %d key columns", r.Table.Name, len(cells), len(r.Key))
	}
	return cells, nil
}
