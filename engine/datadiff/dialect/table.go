package dialect

import (
	"fmt"
	"strings"
)

// Kind is a family of products that share a wire protocol and a syntax.
type Kind string

// Kinds. MySQL stands for MariaDB too.
const (
	Postgres Kind = "postgres"
	MySQL    Kind = "mysql"
	SQLite   Kind = "sqlite"
)

// TableName names a table; Schema is the schema of PostgreSQL, the database of MySQL, and empty for
// SQLite and wherever the default is meant.
type TableName struct {
	Schema, Name string
}

// ParseTableName splits "schema.table". A name without a dot has no schema. What stands in double quotes
// is taken as it is, a quote in it written twice: "x.y" is one name, a."b.c" two.
func ParseTableName(s string) TableName {
	if schema, name, ok := CutName(s, '.'); ok {
		return TableName{unquote(schema), unquote(name)}
	}
	return TableName{Name: unquote(s)}
}

// CutName cuts a text before and behind the first separator that stands in no double quotes. The parts
// keep their quotes.
func CutName(s string, separator byte) (before, after string, found bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// unquote takes the quotes off a name that is whole in quotes. Others are names with a quote in them.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	inside := s[1 : len(s)-1]
	if strings.Contains(strings.ReplaceAll(inside, `""`, ""), `"`) {
		return s
	}
	return strings.ReplaceAll(inside, `""`, `"`)
}

// String is the inverse of [ParseTableName]: a name that it would read otherwise stands in quotes.
func (n TableName) String() string {
	if n.Schema == "" {
		return QuoteName(n.Name)
	}
	return QuoteName(n.Schema) + "." + QuoteName(n.Name)
}

// QuoteName puts a name in double quotes if it could be read as something else without them.
func QuoteName(name string) string {
	if strings.ContainsAny(name, `.:,"`) || strings.TrimSpace(name) != name {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// Table is what the catalog says of a table or view.
type Table struct {
	Name TableName
	// Source is the dialect's own: where a statement of another session of the server finds the table.
	// For SQLite it is the path of the file.
	Source  string
	Columns []Column // in the order of the table
	// PrimaryKey are its columns in the order of the key; empty when there is none.
	PrimaryKey []string
	// Unique are unique indexes over whole columns that are all NOT NULL, without a predicate: each can
	// serve as the key. In the order of their names.
	Unique [][]string
	// Loose: the keys above are unique in the parts of the table but not over all of it, as over the
	// children of a PostgreSQL table.
	Loose       bool
	Indexes     []Index
	ForeignKeys []ForeignKey
	View        bool
	// Hidden: the account may not read all columns, and the product leaves out those that it may not.
	Hidden bool
	// Rows and Bytes are estimates from the product's statistics; -1 where there are none. Bytes is the
	// size of the rows as stored, without indexes.
	Rows, Bytes int64
}

// Whole returns an error for a table of which the account sees a part only. Nothing is to be concluded
// from columns that are not there.
func (t *Table) Whole() error {
	if !t.Hidden {
		return nil
	}
	return fmt.Errorf("this account may not see all columns of %s; let its owner run GRANT SELECT ON %s, or name the columns to compare with --columns", t.Name, t.Name)
}

// Column returns the column of a name, compared as the product compares names of columns: exactly,
// else without regard to case if that names one column only. Nil when there is none.
func (t *Table) Column(name string) *Column {
	var folded *Column
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Name == name {
			return c
		}
		if strings.EqualFold(c.Name, name) {
			if folded != nil {
				return nil
			}
			folded = c
		}
	}
	return folded
}

// Column is one column.
type Column struct {
	Name    string
	Type    string // as the product spells it: "numeric(12,2)", "int(10) unsigned"
	NotNull bool
	Default string // the expression, empty when none
	// Generated: the product computes it; it cannot be written.
	Generated bool
	// AlwaysIdentity: PostgreSQL's GENERATED ALWAYS AS IDENTITY, which is written only with OVERRIDING
	// SYSTEM VALUE.
	AlwaysIdentity bool
	AutoIncrement  bool
	// Collation is the name of its collation; empty for what is not text.
	Collation string
	// Sorted: the product's order of its values is that of the values themselves: numbers, moments,
	// bytes, text by bytes. False for text under any other collation, and when in doubt.
	Sorted bool
	// Ranked: the product's < puts the values and Literals in one total order, which need not be that
	// of the values themselves: text under a collation. Whether another side has the same order is
	// asked of both by [Session.Ranks]. Every column that is Sorted is ranked too.
	Ranked bool
	// Width is the average size of a value in bytes, from statistics or the type; 0 when unknown.
	Width int
	// Code is the dialect's own: the number of the type.
	Code uint32
}

// Index is an index that is not the primary key.
type Index struct {
	Name    string
	Columns []string // expressions stand in parentheses
	Unique  bool
	Where   string // predicate of a partial index
	// Operators are those of an exclusion constraint of PostgreSQL, one for each column: no two rows may
	// meet them all. Empty for every other index.
	Operators []string
}

// ForeignKey is a reference to another table.
type ForeignKey struct {
	Name       string
	Columns    []string
	References TableName
	RefColumns []string
	Deferrable bool
}

// Form is the kind of canonical cell that a column is read as. See package canon for the values.
type Form uint8

// Forms.
const (
	Int Form = iota + 1 // also booleans, as 0 and 1
	Decimal
	Float64
	Float32
	Text
	TextTrimmed // without trailing blanks: CHAR(n)
	Bytes
	Date
	Time
	Timestamp
	TimestampZone
	Interval
	UUID
	Bits
	JSON
	Array
	Inexact // the product's text of a type without a form: two equal values may differ in it
	Stored  // a product's own: the value as it is kept, a cell of whatever kind it is; met only by the same product
)

var formNames = [...]string{
	Int: "integer", Decimal: "decimal", Float64: "double", Float32: "float", Text: "text", TextTrimmed: "text without trailing blanks",
	Bytes: "bytes", Date: "date", Time: "time", Timestamp: "timestamp", TimestampZone: "timestamp in UTC", Interval: "interval",
	UUID: "uuid", Bits: "bits", JSON: "json", Array: "array", Inexact: "the product's text", Stored: "the stored value",
}

// String is what the form is called in a report.
func (f Form) String() string { return formNames[f] }

// Portable says whether package portable has a text for the form that every product can print alike,
// so that it can be hashed on both servers.
func (f Form) Portable() bool {
	switch f {
	case Int, Decimal, Text, TextTrimmed, Bytes, Date, Time, Timestamp, TimestampZone, UUID, Bits:
		return true
	}
	return false
}

// Offer is a form in which a column can be read.
type Offer struct {
	Form Form
	// Note says what the reading takes for granted or gives up: "a DATETIME is taken as UTC". Empty when
	// nothing.
	Note string
	// Alike, where it is not empty, makes the offer one for like columns only: it meets an offer of the
	// same form and the same word, and is then taken before all others, wherever it stands in the list.
	Alike string
}

// Field is a column and the form in which it is read.
type Field struct {
	Column Column
	Form   Form
}

// Relation is what is read of one side: rows as the cells of Key followed by those of Columns.
type Relation struct {
	Table   *Table
	Key     []Field // empty for a table without a key
	Columns []Field
	Where   string // a condition in the product's SQL, empty for all rows
}

// Fields are the key's and then the others.
func (r *Relation) Fields() []Field {
	return append(append(make([]Field, 0, len(r.Key)+len(r.Columns)), r.Key...), r.Columns...)
}

// Width is the average size of a row in bytes as statistics have it; 16 is taken for a column of which
// nothing is known.
func (r *Relation) Width() int {
	w := 0
	for _, f := range r.Fields() {
		if f.Column.Width > 0 {
			w += f.Column.Width
		} else {
			w += 16
		}
	}
	return w
}

// Key is the cells of the key columns of a relation, one behind the other.
type Key []byte

// Among passes on the rows that have one of some keys: what a look-up found beside them, because the
// product takes their keys for equal, is dropped.
func Among(keys []Key, row RowFunc) RowFunc {
	wanted := make(map[string]struct{}, len(keys))
	for _, k := range keys {
		wanted[string(k)] = struct{}{}
	}
	return func(cells []byte, key int) error {
		if _, ok := wanted[string(cells[:key])]; !ok {
			return nil
		}
		return row(cells, key)
	}
}

// Range is a set of keys: Lo <= key < Hi in the order of the product, column by column. A nil bound is
// open. Rows with NULL in any key column are in no range but the one with Null set, which holds only
// them.
type Range struct {
	Lo, Hi Key
	Null   bool
}
