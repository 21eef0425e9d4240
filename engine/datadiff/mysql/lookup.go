package mysql

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// A look-up must find every row whose value is read as the cell that is asked for, however the value is
// spelt: a row that is not found is taken for one that is gone. It may find more.

// term is how the rows with a cell in one column of the key are found: by an expression that equals one
// of some values, else by a condition.
type term struct {
	expr      string
	values    []string
	condition string
	// every: no condition finds them all, so that each row is to be looked at.
	every bool
	// indexed: an index of the column serves.
	indexed bool
}

// sql is the condition alone.
func (t term) sql() string {
	switch {
	case t.every:
		return "TRUE"
	case t.condition != "":
		return t.condition
	case len(t.values) == 1:
		return t.expr + " = " + t.values[0]
	}
	return t.expr + " IN (" + strings.Join(t.values, ", ") + ")"
}

// lookedUp is the condition for the rows of some keys.
type lookedUp struct {
	parts   []string // joined by OR
	any     bool     // a key can have rows at all
	loose   bool     // the condition lets rows with other keys pass: all are to be read
	indexed bool
}

// where is the clause; one that leaves a reading of all rows has no more than the relation's own condition.
func (l lookedUp) where(r *dialect.Relation) string {
	var parts []string
	if r.Where != "" {
		parts = append(parts, "("+r.Where+"\n)") // its last line may be a comment
	}
	if !l.loose {
		parts = append(parts, "("+strings.Join(l.parts, " OR ")+")")
	}
	if len(parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(parts, " AND ")
}

// lookUp makes the condition for the rows of keys.
func lookUp(r *dialect.Relation, keys []dialect.Key) (lookedUp, error) {
	out := lookedUp{indexed: true}
	lists := map[string]int{} // of a key of one column: the expression and its place among the terms
	var single []term
	for _, key := range keys {
		terms, ok, err := keyTerms(r, key)
		if err != nil {
			return out, err
		}
		if !ok {
			continue
		}
		out.any = true
		for _, t := range terms {
			out.loose = out.loose || t.every
			out.indexed = out.indexed && t.indexed
		}
		if t := terms[0]; len(terms) == 1 && t.condition == "" {
			// One column: one list, which the server looks up as a whole.
			if at, ok := lists[t.expr]; ok {
				single[at].values = append(single[at].values, t.values...)
			} else {
				lists[t.expr] = len(single)
				single = append(single, t)
			}
			continue
		}
		conditions := make([]string, len(terms))
		for i, t := range terms {
			conditions[i] = t.sql()
		}
		out.parts = append(out.parts, "("+strings.Join(conditions, " AND ")+")")
	}
	for _, t := range single {
		out.parts = append(out.parts, t.sql())
	}
	out.indexed = out.indexed && !out.loose
	return out, nil
}

// keyTerms are those of the columns of a key; ok is false where the product has no such value, and so no
// row.
func keyTerms(r *dialect.Relation, key dialect.Key) (terms []term, ok bool, err error) {
	rest := []byte(key)
	ok = true
	for _, f := range r.Key {
		cell, after, err := canon.Next(rest)
		if err != nil {
			return nil, false, fmt.Errorf("the key column %s: %w", f.Column.Name, err)
		}
		t, err := termOf(f, cell)
		switch {
		case errors.Is(err, errNoLiteral):
			ok = false
		case err != nil:
			return nil, false, fmt.Errorf("the key column %s: %w", f.Column.Name, err)
		}
		terms, rest = append(terms, t), after
	}
	if len(rest) > 0 {
		return nil, false, fmt.Errorf("a key has more cells than the table has key columns: %w", canon.ErrCells)
	}
	return terms, ok, nil
}

// termOf says how the rows with a cell are found. [errNoLiteral] is returned for a value that no column
// of the type holds.
func termOf(f dialect.Field, cell []byte) (term, error) {
	t, name := typeOf(f.Column), quote(f.Column.Name)
	tag := canon.Tag(cell[0])
	switch {
	case tag == canon.Null:
		return term{condition: name + " IS NULL", indexed: true}, nil
	case f.Form == dialect.JSON, f.Form == dialect.Inexact, tag == canon.Inexact:
		// A document has many spellings, and a date that does not exist has none that all modes take.
		return term{every: true}, nil
	case t.isText() && f.Form == dialect.UUID:
		return textUUIDTerm(f.Column, cell[1:]), nil
	case t.isText() && tag == canon.Text:
		return textTerm(f, canon.Content(cell)), nil
	case t.kind == kindUUID && tag == canon.Text:
		// A text that is no UUID is not converted to one, and a UUID is printed in one way.
		if u, ok := parseUUID(canon.Content(cell)); ok {
			return term{expr: name, values: []string{uuidLiteral(t, u[:])}, indexed: true}, nil
		}
		return term{}, errNoLiteral
	case t.kind == kindInet:
		if _, err := netip.ParseAddr(string(canon.Content(cell))); err != nil {
			return term{}, errNoLiteral
		}
	}
	lit, err := literal(f.Column, cell)
	if err != nil {
		return term{}, err
	}
	return term{expr: name, values: []string{lit}, indexed: true}, nil
}

// textTerm finds a text as it is stored, or without regard to blanks at its end where it is read so.
func textTerm(f dialect.Field, content []byte) term {
	name := quote(f.Column.Name)
	expr, indexed := name, true
	if f.Form == dialect.TextTrimmed && !ignoresBlanks(f.Column) {
		expr, indexed = "TRIM(TRAILING ' ' FROM "+name+")", false
	}
	ascii := true
	for _, b := range content {
		ascii = ascii && b < utf8.RuneSelf
	}
	// Bytes without a character, which are read as they are stored, are no text to compare with: see textExpr.
	if !ascii && (!utf8.Valid(content) || !storesUTF8(f.Column.Collation) && charset(f.Column.Collation) != "latin1") {
		return term{expr: "CAST(" + strings.Replace(expr, name, textExpr(f.Column, name), 1) + " AS BINARY)", values: []string{"x'" + hex.EncodeToString(content) + "'"}}
	}
	cell := canon.AppendText(nil, content)
	return term{expr: expr, values: []string{inCharset(f.Column, cell, textLiteral(content))}, indexed: indexed}
}

// ignoresBlanks says whether the product's = does not count blanks at the end of a text: where the
// collation pads, or there are none.
func ignoresBlanks(c dialect.Column) bool {
	switch typeOf(c).kind {
	case kindChar, kindEnum:
		return true
	}
	return c.Collation != "" && c.Collation != "binary" && !strings.Contains(c.Collation, "_nopad_") && !strings.Contains(c.Collation, "_0900_")
}

// mostHeads keeps the statement short: UUIDs that a person made up may begin with eight letters.
const mostHeads = 16

// textUUIDTerm finds a UUID that is stored as text: 32 digits with or without dashes, whose letters may
// be of either case. Where the collation minds case, the index leads to the rows that begin with the
// first eight digits, which stand before the first dash, in any cases; or fewer where they are many letters.
func textUUIDTerm(c dialect.Column, u []byte) term {
	name, digits := quote(c.Name), hex.EncodeToString(u)
	if mindsNoCase(c.Collation) {
		dashed := strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
		return term{expr: name, values: []string{textLiteral([]byte(dashed)), textLiteral([]byte(digits))}, indexed: true}
	}
	heads := []string{""}
	for _, digit := range digits[:8] {
		if len(heads) > mostHeads/2 {
			break
		}
		var longer []string
		for _, head := range heads {
			longer = append(longer, head+string(digit))
			if digit >= 'a' {
				longer = append(longer, head+strings.ToUpper(string(digit)))
			}
		}
		heads = longer
	}
	like := make([]string, len(heads))
	for i, head := range heads {
		like[i] = name + " LIKE '" + head + "%'"
	}
	return term{condition: "((" + strings.Join(like, " OR ") + ") AND LOWER(REPLACE(" + name + ", '-', '')) = '" + digits + "')", indexed: true}
}

// mindsNoCase says whether a collation surely takes the letters of hexadecimal digits for equal in both
// cases, whatever stands beside them. Those of languages are left out: in Danish aa is one letter.
func mindsNoCase(collation string) bool {
	_, name, _ := strings.Cut(strings.Replace(collation, "_nopad_", "_", 1), "_")
	switch name {
	case "general_ci", "unicode_ci", "unicode_520_ci", "swedish_ci", "0900_ai_ci", "0900_as_ci", "uca1400_ai_ci", "uca1400_as_ci":
		return true
	}
	return false
}
