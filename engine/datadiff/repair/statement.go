package repair

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
	"github.com/napkin-infra/napkin/engine/datadiff/dialect"
)

// Statement is one of a repair. It is to change exactly one row.
type Statement struct {
	SQL string
	// Found counts, for an UPDATE of MySQL, the rows that are still as they were: MySQL counts as changed
	// only a row that is another afterwards, and a value that the column rounds may leave it as it is.
	Found string
}

// writer writes statements in the syntax of the target.
type writer struct {
	db      dialect.Database
	kind    dialect.Kind
	mariaDB bool
	note    func(string)
	sql     strings.Builder
	// stored are the cells of the old row as the target holds it, in the forms native of its table; nil
	// where the cells that were compared say it.
	stored [][]byte
	// parked: columns of the row were set aside, and generated ones may have changed along.
	parked bool
}

// whole writes the one statement of a difference.
func (w *writer) whole(t *table, kind Kind, old, now [][]byte) (Statement, error) {
	switch kind {
	case Missing:
		sql, err := w.insert(t, now)
		return Statement{SQL: sql}, err
	case Extra:
		sql, err := w.remove(t, old)
		return Statement{SQL: sql}, err
	case Changed:
		if t.keys == 0 {
			return Statement{}, errors.New("a table without a key has no changed rows, only missing and extra ones")
		}
		return w.update(t, old, now)
	}
	return Statement{}, fmt.Errorf("the difference is of the unknown kind %d", kind)
}

func (w *writer) insert(t *table, row [][]byte) (string, error) {
	if t.uninsertable != "" {
		return "", errors.New(t.uninsertable)
	}
	if len(t.lost) > 0 {
		w.note("inserted rows of " + t.rel.Table.Name.String() + " get the default in columns that were not compared: " + strings.Join(t.lost, ", "))
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
func (w *writer) update(t *table, old, now [][]byte) (Statement, error) {
	w.sql.Reset()
	w.sql.WriteString("UPDATE " + t.name + " SET ")
	set := map[int]bool{}
	for i := t.keys; i < len(t.fields); i++ {
		c := &t.fields[i].Column
		if bytes.Equal(old[i], now[i]) || c.Generated {
			continue
		}
		if c.AlwaysIdentity {
			return Statement{}, fmt.Errorf("the column %s is GENERATED ALWAYS AS IDENTITY, which PostgreSQL does not let an UPDATE set", c.Name)
		}
		if len(set) > 0 {
			w.sql.WriteString(", ")
		}
		set[i] = true
		w.sql.WriteString(t.quoted[i] + " = ")
		if err := w.value(t, i, now[i]); err != nil {
			return Statement{}, err
		}
	}
	if len(set) == 0 {
		return Statement{}, errors.New("only generated columns differ, which follow from the others; compare their expressions")
	}
	for _, name := range t.carried {
		// A column of MySQL with ON UPDATE CURRENT_TIMESTAMP changes by itself, unless it is set.
		if i := slices.Index(t.quoted, name); i < 0 || !set[i] {
			w.sql.WriteString(", " + name + " = " + name)
		}
	}
	w.sql.WriteString(" WHERE ")
	at := w.sql.Len()
	if err := w.key(t, old); err != nil {
		return Statement{}, err
	}
	for i := t.keys; i < len(t.fields); i++ {
		if bytes.Equal(old[i], now[i]) || t.fields[i].Column.Generated {
			continue
		}
		if err := w.guard(t, i, old[i], " AND "); err != nil {
			return Statement{}, err
		}
	}
	touches := func(fields []int) bool { return slices.ContainsFunc(fields, func(i int) bool { return set[i] }) }
	for _, l := range t.follows {
		if touches(l.fields) {
			return Statement{}, errors.New(l.reason)
		}
	}
	for _, r := range t.referred {
		if r.onUpdate != "" && touches(r.parent.fields) {
			if err := w.unreferred(t, r, old); err != nil {
				return Statement{}, err
			}
		}
	}
	st := Statement{SQL: w.sql.String()}
	if w.kind == dialect.MySQL {
		st.Found = "SELECT COUNT(*) FROM " + t.name + " WHERE " + st.SQL[at:]
	}
	return st, nil
}

// unreferred writes that no row refers to a row any more, where one that does would be deleted or changed
// along with it.
func (w *writer) unreferred(t *table, r *reference, row [][]byte) error {
	var own strings.Builder
	condition := " AND NOT EXISTS (SELECT 1 FROM " + r.from.name + " WHERE "
	if r.from == t && w.kind == dialect.MySQL {
		// MySQL reads the table of a statement only behind a derived one.
		condition = " AND NOT EXISTS (SELECT 1 FROM (SELECT 1 FROM " + r.from.name + " WHERE "
	}
	own.WriteString(condition)
	for k, f := range r.parent.fields {
		if canon.Tag(row[f][0]) == canon.Null {
			return nil // nothing refers to NULL
		}
		cell := row[f]
		if w.stored != nil && w.stored[f] != nil {
			cell = w.stored[f]
		}
		text, err := w.text(t, f, cell)
		if err != nil {
			return err
		}
		if k > 0 {
			own.WriteString(" AND ")
		}
		own.WriteString(r.from.quoted[r.child.fields[k]] + " = " + text)
	}
	if r.from == t {
		outer := w.sql.String()
		w.sql.Reset()
		if err := w.key(t, row); err != nil {
			return err
		}
		key := w.sql.String()
		w.sql.Reset()
		w.sql.WriteString(outer)
		own.WriteString(" AND (" + key + ") IS NOT TRUE")
		if w.kind == dialect.MySQL {
			own.WriteString(" LIMIT 1) AS napkin_referring")
		}
	}
	w.sql.WriteString(own.String() + ")")
	return nil
}

// remove deletes a row that still has all the values that were compared. Of equal rows without a key it
// deletes one.
func (w *writer) remove(t *table, row [][]byte) (string, error) {
	if t.undeletable != "" {
		return "", errors.New(t.undeletable)
	}
	if len(t.lost) > 0 {
		w.note("deleted rows of " + t.rel.Table.Name.String() + " hold values in columns that were not compared: " + strings.Join(t.lost, ", "))
	}
	w.sql.Reset()
	w.sql.WriteString("DELETE FROM " + t.name + " WHERE ")
	if t.keys > 0 {
		if err := w.key(t, row); err != nil {
			return "", err
		}
		for i := t.keys; i < len(t.fields); i++ {
			if w.parked && t.fields[i].Column.Generated {
				continue
			}
			if err := w.guard(t, i, row[i], " AND "); err != nil {
				return "", err
			}
		}
		for _, r := range t.referred {
			if r.onDelete != "" {
				if err := w.unreferred(t, r, row); err != nil {
					return "", err
				}
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
		f, cell, stored := w.old(t, i, row[i])
		trimmed := w.kind == dialect.SQLite && (f.Form == dialect.TextTrimmed || stored)
		if canon.Tag(cell[0]) == canon.Null || trimmed || w.kind == dialect.Postgres && !comparable(f) {
			if err := w.guard(t, i, row[i], ""); err != nil {
				return err
			}
			continue
		}
		w.sql.WriteString(t.quoted[i] + " = ")
		if err := w.literal(t, i, cell); err != nil {
			return err
		}
		if !t.distinct && folds(w.kind, f) {
			// Nothing keeps two keys apart that the collation takes for equal.
			if err := w.guard(t, i, row[i], " AND "); err != nil {
				return err
			}
		}
	}
	return nil
}

// old is the cell by which an old value is found again, and the form that it has.
func (w *writer) old(t *table, i int, cell []byte) (f dialect.Field, is []byte, stored bool) {
	f = t.fields[i]
	if w.stored == nil || w.stored[i] == nil {
		return f, cell, false
	}
	f.Form = t.native[i]
	return f, w.stored[i], true
}

// guard writes that a column still has a value, NULL included.
func (w *writer) guard(t *table, i int, cell []byte, and string) error {
	name := t.quoted[i]
	f, cell, stored := w.old(t, i, cell)
	if canon.Tag(cell[0]) == canon.Null {
		w.sql.WriteString(and + name + " IS NULL")
		return nil
	}
	if w.kind == dialect.MySQL && isGeometry(f.Column.Type) && canon.Tag(cell[0]) == canon.Inexact {
		// There is no literal of a geometry, but of the text that it was read as.
		w.sql.WriteString(and + "CAST(" + geometryText(name) + " AS BINARY) <=> x'" + hex.EncodeToString(canon.Content(cell)) + "'")
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
		switch {
		case stored:
			if canon.Tag(cell[0]) == canon.Text {
				text += " COLLATE BINARY"
			}
		case f.Form == dialect.JSON:
			w.note("the old value of the JSON column " + t.rel.Table.Name.String() + "." + f.Column.Name + " is not checked: SQLite cannot compare documents")
			return nil
		case f.Form == dialect.TextTrimmed:
			name = "rtrim(" + name + ", ' ')"
		case f.Form == dialect.Text:
			text += " COLLATE BINARY"
		default:
			if spelt := w.spellings(f, cell); len(spelt) > 1 {
				w.sql.WriteString(and + name + " IN (" + strings.Join(spelt, ", ") + ")")
				return nil
			}
		}
		w.sql.WriteString(and + name + " IS " + text)
	default:
		switch {
		case f.Form == dialect.JSON:
			name, text = name+"::jsonb", "("+text+")::jsonb"
		case !comparable(f):
			name, text = name+"::text", "("+text+")::text"
		}
		w.sql.WriteString(and + name + " IS NOT DISTINCT FROM " + text)
	}
	return nil
}

// spellings are the literals under which SQLite may hold a value.
func (w *writer) spellings(f dialect.Field, cell []byte) []string {
	if lists, ok := w.db.(speller); ok {
		if all, ok := lists.Spellings(f, cell); ok {
			return all
		}
	}
	return nil
}

// speller is a database in which a value may be spelt in several ways.
type speller interface {
	Spellings(f dialect.Field, cell []byte) (literals []string, ok bool)
}

// comparable says whether PostgreSQL has an equality for a column, by which its old value can be checked.
func comparable(f dialect.Field) bool {
	if f.Form == dialect.Inexact || f.Form == dialect.JSON {
		return false // a type that may have none
	}
	switch strings.TrimSuffix(strings.ToLower(f.Column.Type), "[]") {
	case "xml", "json", "point", "box", "path", "polygon", "circle", "line", "lseg":
		return false
	}
	return true
}

// geometryText is the expression by which a geometry of MySQL is read: its text, behind its reference system
// where it has one.
func geometryText(name string) string {
	return "CONCAT(IF(ST_SRID(" + name + ")=0,'',CONCAT('SRID=',ST_SRID(" + name + "),';')),ST_AsText(" + name + "))"
}

// isGeometry says whether a type of MySQL is one of its geometries.
func isGeometry(typ string) bool {
	typ, _, _ = strings.Cut(strings.ToLower(typ), "(")
	switch strings.TrimSpace(typ) {
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return true
	}
	return false
}

// value writes a value that the column is to hold. What SQLite would round on its way in is an error: a
// column of its affinity NUMERIC or REAL keeps a number that is no integer as a double, of which 15 digits
// are sure.
func (w *writer) value(t *table, i int, cell []byte) error {
	column := &t.fields[i].Column
	if w.mariaDB && strings.EqualFold(column.Type, "uuid") && canon.Tag(cell[0]) == canon.UUID && cell[7] >= 0x80 && cell[9] < 0x80 {
		// It keeps UUIDs in an order of its own, and these would have no place in it.
		return fmt.Errorf("MariaDB refuses %s as a value of the column %s: its type UUID takes none whose 13th digit is 8 or more and whose 17th is 7 or less", canon.Format(cell), column.Name)
	}
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
	f := t.fields[i]
	if canon.Tag(cell[0]) == canon.Digest {
		return "", fmt.Errorf("the value of %s is long, and only its hash was kept", f.Column.Name)
	}
	stored := w.stored != nil && w.stored[i] != nil && &w.stored[i][0] == &cell[0]
	if f.Form == dialect.JSON && !stored && canon.Tag(cell[0]) == canon.Text && !w.takesDocuments(f.Column) {
		// A document that is a string, to be kept in a column of text: with its quotes.
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(string(canon.Content(cell))); err != nil {
			return "", fmt.Errorf("the value of %s cannot be written: %w", f.Column.Name, err)
		}
		cell = canon.AppendText(nil, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	}
	text, err := w.db.Literal(f.Column, cell)
	if err != nil {
		return "", fmt.Errorf("the value of %s cannot be written: %w", f.Column.Name, err)
	}
	return text, nil
}

// takesDocuments says whether a column is of a type for documents, for which a cell of text is one.
func (w *writer) takesDocuments(c dialect.Column) bool {
	return w.kind != dialect.SQLite && !w.mariaDB && w.db.Offers(c)[0].Form == dialect.JSON
}
