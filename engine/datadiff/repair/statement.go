package repair

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// writer writes statements in the syntax of the target.
type writer struct {
	db      dialect.Database
	kind    dialect.Kind
	mariaDB bool
	note    func(string)
	sql     strings.Builder
}

// whole writes the one statement of a difference.
func (w *writer) whole(t *table, kind Kind, old, now [][]byte) (string, error) {
	switch kind {
	case Missing:
		return w.insert(t, now)
	case Extra:
		return w.remove(t, old)
	case Changed:
		if t.keys == 0 {
			return "", errors.New("a table without a key has no changed rows, only missing and extra ones")
		}
		return w.update(t, old, now)
	}
	return "", fmt.Errorf("the difference is of the unknown kind %d", kind)
}

func (w *writer) insert(t *table, row [][]byte) (string, error) {
	if t.uninsertable != "" {
		return "", errors.New(t.uninsertable)
	}
	w.sql.Reset()
	w.sql.WriteString("INSERT INTO " + t.name + " (")
	first, identity := true, false
	for i, f := range t.fields {
		if f.Column.Generated {
			continue
		}
		if !first {
			w.sql.WriteString(", ")
		}
		first = false
		identity = identity || f.Column.AlwaysIdentity
		w.sql.WriteString(t.quoted[i])
	}
	if first {
		return "", errors.New("all its columns are generated")
	}
	w.sql.WriteString(") ")
	if identity {
		w.sql.WriteString("OVERRIDING SYSTEM VALUE ")
	}
	w.sql.WriteString("SELECT ")
	first = true
	for i, f := range t.fields {
		if f.Column.Generated {
			continue
		}
		if !first {
			w.sql.WriteString(", ")
		}
		first = false
		if err := w.value(t, i, row[i]); err != nil {
			return "", err
		}
	}
	if t.keys > 0 {
		if w.kind == dialect.MySQL {
			w.sql.WriteString(" FROM DUAL")
		}
		w.sql.WriteString(" WHERE NOT EXISTS (SELECT 1 FROM " + t.name + " WHERE ")
		if err := w.key(t, row); err != nil {
			return "", err
		}
		w.sql.WriteString(")")
	}
	return w.sql.String(), nil
}

// update sets the columns that differ.
func (w *writer) update(t *table, old, now [][]byte) (string, error) {
	w.sql.Reset()
	w.sql.WriteString("UPDATE " + t.name + " SET ")
	first := true
	set := map[string]bool{}
	for i := t.keys; i < len(t.fields); i++ {
		c := &t.fields[i].Column
		if bytes.Equal(old[i], now[i]) || c.Generated {
			continue
		}
		if c.AlwaysIdentity {
			return "", fmt.Errorf("the column %s is GENERATED ALWAYS AS IDENTITY, which PostgreSQL does not let an UPDATE set", c.Name)
		}
		if !first {
			w.sql.WriteString(", ")
		}
		first = false
		set[t.quoted[i]] = true
		w.sql.WriteString(t.quoted[i] + " = ")
		if err := w.value(t, i, now[i]); err != nil {
			return "", err
		}
	}
	if first {
		return "", errors.New("only generated columns differ, which follow from the others; compare their expressions")
	}
	for _, name := range t.carried {
		// A column of MySQL with ON UPDATE CURRENT_TIMESTAMP changes by itself, unless it is set.
		if !set[name] {
			w.sql.WriteString(", " + name + " = " + name)
		}
	}
	w.sql.WriteString(" WHERE ")
	if err := w.key(t, old); err != nil {
		return "", err
	}
	for i := t.keys; i < len(t.fields); i++ {
		if bytes.Equal(old[i], now[i]) || t.fields[i].Column.Generated {
			continue
		}
		if err := w.guard(t, i, old[i], " AND "); err != nil {
			return "", err
		}
	}
	return w.sql.String(), nil
}

// remove deletes a row that still has all the values that were compared. Of equal rows without a key it
// deletes one.
func (w *writer) remove(t *table, row [][]byte) (string, error) {
	w.sql.Reset()
	w.sql.WriteString("DELETE FROM " + t.name + " WHERE ")
	if t.keys > 0 {
		if err := w.key(t, row); err != nil {
			return "", err
		}
		for i := t.keys; i < len(t.fields); i++ {
			if err := w.guard(t, i, row[i], " AND "); err != nil {
				return "", err
			}
		}
		return w.sql.String(), nil
	}
	before := w.sql.Len()
	for i := range t.fields {
		and := " AND "
		if w.sql.Len() == before {
			and = ""
		}
		if err := w.guard(t, i, row[i], and); err != nil {
			return "", err
		}
	}
	if w.sql.Len() == before {
		return "", errors.New("without a key, the row cannot be found by columns that SQLite cannot compare")
	}
	sql := w.sql.String()
	condition := sql[before:]
	switch w.kind {
	case dialect.MySQL:
		return sql + " LIMIT 1", nil
	case dialect.SQLite:
		id, err := rowid(t)
		if err != nil {
			return "", err
		}
		return sql[:before] + id + " = (SELECT " + id + " FROM " + t.name + " WHERE " + condition + " LIMIT 1)", nil
	}
	// The values stand outside too: in a partitioned table a ctid is not alone.
	return sql[:before] + "ctid = (SELECT ctid FROM " + t.name + " WHERE " + condition + " LIMIT 1) AND " + condition, nil
}

// rowid is a name of SQLite's row number that no column has taken.
func rowid(t *table) (string, error) {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if t.rel.Table.Column(name) == nil {
			return name, nil
		}
	}
	return "", errors.New("the table has columns named rowid, _rowid_ and oid, so that one of several equal rows cannot be named")
}

// key writes the condition that names a row.
func (w *writer) key(t *table, row [][]byte) error {
	for i := range t.keys {
		if i > 0 {
			w.sql.WriteString(" AND ")
		}
		trimmed := w.kind == dialect.SQLite && t.fields[i].Form == dialect.TextTrimmed
		if canon.Tag(row[i][0]) == canon.Null || trimmed {
			if err := w.guard(t, i, row[i], ""); err != nil {
				return err
			}
			continue
		}
		w.sql.WriteString(t.quoted[i] + " = ")
		if err := w.literal(t, i, row[i]); err != nil {
			return err
		}
	}
	return nil
}

// guard writes that a column still has a value, NULL included.
func (w *writer) guard(t *table, i int, cell []byte, and string) error {
	name, f := t.quoted[i], t.fields[i]
	if canon.Tag(cell[0]) == canon.Null {
		w.sql.WriteString(and + name + " IS NULL")
		return nil
	}
	text, err := w.text(t, i, cell)
	if err != nil {
		return err
	}
	switch w.kind {
	case dialect.MySQL:
		switch {
		case f.Form == dialect.JSON && w.mariaDB:
			w.sql.WriteString(and + "JSON_EQUALS(" + name + ", " + text + ")")
			return nil
		case f.Form == dialect.JSON:
			name, text = "CAST("+name+" AS JSON)", "CAST("+text+" AS JSON)"
		case (f.Form == dialect.Text || f.Form == dialect.TextTrimmed) && !f.Column.Sorted:
			// The collation would take other values for the same.
			name, text = "CAST(CONVERT("+name+" USING utf8mb4) AS BINARY)", "CAST("+text+" AS BINARY)"
		}
		w.sql.WriteString(and + name + " <=> " + text)
	case dialect.SQLite:
		switch f.Form {
		case dialect.JSON:
			w.note("the old value of the JSON column " + t.rel.Table.Name.String() + "." + f.Column.Name + " is not checked: SQLite cannot compare documents")
			return nil
		case dialect.TextTrimmed:
			name = "rtrim(" + name + ", ' ')"
		case dialect.Text, dialect.Stored:
			text += " COLLATE BINARY"
		}
		w.sql.WriteString(and + name + " IS " + text)
	default:
		switch {
		case f.Form == dialect.JSON:
			name, text = name+"::jsonb", "("+text+")::jsonb"
		case f.Form == dialect.Inexact: // a type that may have no equality: xml, point
			name, text = name+"::text", "("+text+")::text"
		}
		w.sql.WriteString(and + name + " IS NOT DISTINCT FROM " + text)
	}
	return nil
}

// value writes a value that the column is to hold. What SQLite would round on its way in is an error: a
// column of its affinity NUMERIC or REAL keeps a number that is no integer as a double, of which 15 digits
// are sure.
func (w *writer) value(t *table, i int, cell []byte) error {
	column := &t.fields[i].Column
	if w.kind == dialect.SQLite && canon.Tag(cell[0]) == canon.Decimal && !keepsText(column.Type) {
		if digits, whole := decimalDigits(cell); digits > 15 && !whole {
			return fmt.Errorf("the value of %s has %d digits, and SQLite keeps 15 in a column of type %s", column.Name, digits, column.Type)
		}
	}
	return w.literal(t, i, cell)
}

// keepsText says whether a type has an affinity of SQLite under which a number stays as it is written
// (https://www.sqlite.org/datatype3.html, 3.1).
func keepsText(typ string) bool {
	typ = strings.ToUpper(typ)
	for _, word := range []string{"CHAR", "CLOB", "TEXT", "BLOB"} {
		if strings.Contains(typ, word) {
			return true
		}
	}
	return typ == ""
}

// decimalDigits counts the significant digits of a Decimal cell, and says whether it is an integer that
// SQLite keeps as one.
func decimalDigits(cell []byte) (digits int, whole bool) {
	text := canon.Format(cell)
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return 0, true
	}
	mantissa, _, _ := strings.Cut(text, "e")
	for _, c := range strings.TrimLeft(mantissa, "-0.") {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits, false
}

func (w *writer) literal(t *table, i int, cell []byte) error {
	text, err := w.text(t, i, cell)
	w.sql.WriteString(text)
	return err
}

func (w *writer) text(t *table, i int, cell []byte) (string, error) {
	column := t.fields[i].Column
	if canon.Tag(cell[0]) == canon.Digest {
		return "", fmt.Errorf("the value of %s is long, and only its hash was kept", column.Name)
	}
	text, err := w.db.Literal(column, cell)
	if err != nil {
		return "", fmt.Errorf("the value of %s cannot be written: %w", column.Name, err)
	}
	return text, nil
}
