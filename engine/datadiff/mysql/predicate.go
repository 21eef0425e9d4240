package mysql

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// literals turns a key into a literal for each column.
func literals(r *dialect.Relation, key dialect.Key) ([]string, error) {
	out := make([]string, 0, len(r.Key))
	rest := []byte(key)
	for _, f := range r.Key {
		cell, after, err := canon.Next(rest)
		if err != nil {
			return nil, fmt.Errorf("a bound of %s: %w", f.Column.Name, err)
		}
		lit, err := literal(f.Column, cell)
		if err != nil {
			return nil, fmt.Errorf("a bound of %s: %w", f.Column.Name, err)
		}
		out, rest = append(out, inCharset(f.Column, cell, lit)), after
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("a bound has more cells than the key of %s has columns: %w", r.Table.Name, canon.ErrCells)
	}
	return out, nil
}

// inCharset makes the literal of a text one of the character set and collation of its column. Left
// alone, one with a character that the set lacks could not be compared with the column, or only without
// its index. Such a character becomes a question mark: the range ends a little off, or a row is found
// that has another key, which a caller must reckon with under any collation. Values to be written are
// not made so.
func inCharset(c dialect.Column, cell []byte, lit string) string {
	set := charset(c.Collation)
	if canon.Tag(cell[0]) != canon.Text || set == "" || set == "utf8mb4" || set == "binary" {
		return lit
	}
	for _, b := range canon.Content(cell) {
		if b >= utf8.RuneSelf {
			return "CONVERT(" + lit + " USING " + set + ") COLLATE " + c.Collation
		}
	}
	return lit
}

// condition is the WHERE clause of a range of a relation, with a blank before it; empty when it holds
// for all rows.
//
// Row constructors are not used: MySQL does not use an index for (a, b) >= (1, 2). The form with OR is
// led by a plain condition on the first column, which the range optimizer does use.
func condition(r *dialect.Relation, in dialect.Range) (string, error) {
	var parts []string
	if r.Where != "" {
		parts = append(parts, "("+r.Where+"\n)") // its last line may be a comment
	}
	switch {
	case in.Null:
		parts = append(parts, nullKey(r))
	default:
		for _, f := range r.Key {
			if !f.Column.NotNull {
				parts = append(parts, quote(f.Column.Name)+" IS NOT NULL")
			}
		}
		for _, bound := range []struct {
			key dialect.Key
			op  string
		}{{in.Lo, ">"}, {in.Hi, "<"}} {
			if bound.key == nil {
				continue
			}
			lits, err := literals(r, bound.key)
			if err != nil {
				return "", err
			}
			parts = append(parts, beyond(r.Key, lits, bound.op))
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), nil
}

// beyond is key >= literals for ">", and key < literals for "<", column by column.
func beyond(key []dialect.Field, lits []string, op string) string {
	name := quote(key[0].Column.Name)
	if len(lits) == 1 {
		if op == ">" {
			op = ">="
		}
		return name + " " + op + " " + lits[0]
	}
	return fmt.Sprintf("%s %s= %s AND (%s %s %s OR (%s = %s AND %s))", name, op, lits[0], name, op, lits[0], name, lits[0], beyond(key[1:], lits[1:], op))
}

// nullKey holds for rows with NULL in a column of the key.
func nullKey(r *dialect.Relation) string {
	var parts []string
	for _, f := range r.Key {
		if !f.Column.NotNull {
			parts = append(parts, quote(f.Column.Name)+" IS NULL")
		}
	}
	if len(parts) == 0 {
		return "FALSE"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}
