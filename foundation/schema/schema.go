// Package schema is the one model of a relational schema: tables, columns, indexes and constraints.
//
// It is folded from migrations ([Fold] over [Op] values in order), read from a dump, or read from a
// live catalog. The audit, the migration review and the diff all speak it. Every object remembers
// the place that last defined it, so that a finding can point at a line.
package schema

// Place is where an object was defined. Line and EndLine count from 1; EndLine is inclusive.
type Place struct {
	Path    string
	Line    int
	EndLine int
}

// Dialect is a database product.
type Dialect string

// Dialects. Unknown means that no evidence was found.
const (
	Unknown  Dialect = ""
	Postgres Dialect = "postgresql"
	MySQL    Dialect = "mysql" // and MariaDB
	SQLite   Dialect = "sqlite"
)

// Schema is a set of tables. Names are kept as written; lookups fold case.
type Schema struct {
	Dialect Dialect
	Tables  map[string]*Table // key: lower-case name without the default schema ("public.", backquotes, quotes)
	// Conflicts are sentences about sources that disagree (a dump against migrations, two heads).
	Conflicts []string
}

// Table is one table, view or materialized view.
type Table struct {
	Name        string
	Place       Place
	Columns     []*Column
	PrimaryKey  []string
	Indexes     []*Index
	ForeignKeys []*ForeignKey
	View        bool
	CreatedIn   string // path of the migration or dump that created it
	Touched     []Place
}

// Column is one column of a table.
type Column struct {
	Name    string
	Type    Type
	NotNull bool
	Default string // raw expression, empty when none
	Place   Place
}

// Type is a column type: Name is normalised and lower case ("bigint", "integer", "text", "varchar",
// "uuid", "jsonb", "timestamp", "boolean", ...), Raw is as written.
type Type struct {
	Name  string
	Size  int // varchar(255) -> 255, 0 when none
	Array bool
	Raw   string
}

// Index is an index, a unique constraint or a primary key's index.
type Index struct {
	Name         string
	Columns      []IndexColumn // in order
	Unique       bool
	Primary      bool
	Where        string // partial predicate, empty when none
	Method       string // "btree" when not said
	Concurrently bool
	Place        Place
}

// IndexColumn is one key of an index: a column name or an expression.
type IndexColumn struct {
	Name string // empty for an expression
	Expr string // raw expression, empty for a plain column
	Desc bool
}

// ForeignKey is a constraint, or a reference that the code treats as one.
type ForeignKey struct {
	Name       string
	Columns    []string
	RefTable   string
	RefColumns []string
	OnDelete   string // "cascade", "restrict", "set null", "no action", ""
	Enforced   bool   // false when only the code knows it (belongs_to without a constraint)
	NotValid   bool
	// Polymorphic: Columns are (type, id) and RefTable is empty.
	Polymorphic bool
	Place       Place
}
