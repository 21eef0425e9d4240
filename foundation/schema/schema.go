// Package schema is the one model of a relational schema: tables, columns, indexes and constraints.
//
// It is folded from migrations ([Fold] over [Op] values in order), read from a dump, or read from a
// live catalog. The audit, the migration review and the diff all speak it. Every object remembers
// the place that last defined it, so that a finding can point at a line.
//
// Guarantees: folding never fails. What cannot be applied (a column of a table that no migration
// creates, a second creation of a table) is applied as far as it makes sense and said in
// [Schema.Notes] or [Schema.Conflicts]. Lookups fold case and strip quotes and the default schema.
//
// The package does not read any syntax; that is the work of sqlddl, prismaschema, liquibase and the
// framework readers, which all produce [Op] values.
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

	// The products below are recognised so that their files are not taken for one of the above. Their
	// text is read as far as it is common SQL.
	SQLServer  Dialect = "sqlserver"
	Oracle     Dialect = "oracle"
	DB2        Dialect = "db2"
	H2         Dialect = "h2"
	ClickHouse Dialect = "clickhouse"
)

// IndexesForeignKeys says whether the product creates an index for each foreign key constraint by
// itself: InnoDB does (MySQL manual, "FOREIGN KEY Constraints"), H2 does; PostgreSQL, SQLite, SQL
// Server, Oracle and DB2 do not.
func (d Dialect) IndexesForeignKeys() bool { return d == MySQL || d == H2 }

// Schema is a set of tables. Names are kept as written; lookups fold case.
type Schema struct {
	Dialect Dialect
	Tables  map[string]*Table // key: lower-case name without the default schema ("public.", backquotes, quotes); change it by Put and Remove
	bare    map[string]int    // how many keys with a schema end in a name; nil until Put
	// Conflicts are sentences about sources that disagree (a dump against migrations, two heads).
	Conflicts []string
	// Notes say what was taken on trust while folding, in the order met.
	Notes []Note
}

// Note is one thing that a fold could not apply exactly.
type Note struct {
	Place Place
	Text  string
}

// Table is one table, view or materialized view.
type Table struct {
	Name        string
	Place       Place
	Columns     []*Column
	PrimaryKey  []string
	Indexes     []*Index
	ForeignKeys []*ForeignKey
	Checks      []*Check
	View        bool   // a view or materialized view
	CreatedIn   string // path of the migration or dump that created it
	Touched     []Place
	// PartitionOf is the parent of a declarative partition; indexes of the parent count for it.
	PartitionOf string
	// DefaultPartition: it takes the rows that no other partition of its parent does.
	DefaultPartition bool
	// Partitioned: its rows lie in partitions (PARTITION BY), also where these are made at run time.
	Partitioned bool
	// Incomplete: the columns are not all known (created implicitly, CREATE TABLE AS, a view), so the
	// absence of a column or an index proves nothing.
	Incomplete bool
	// Dropped are the indexes that a later migration removed, oldest first.
	Dropped []DroppedIndex
}

// DroppedIndex is an index that existed once, and the place that removed it.
type DroppedIndex struct {
	Index *Index
	Place Place
}

// Column is one column of a table.
type Column struct {
	Name    string
	Type    Type
	NotNull bool
	Default string // raw expression, empty when none
	Place   Place
	// AutoIncrement: serial, identity, AUTO_INCREMENT, AUTOINCREMENT.
	AutoIncrement bool
	Generated     string // expression of a generated column, empty when none
	// Stored: a generated column whose values are kept in the rows.
	Stored bool
}

// Type is a column type: Name is normalised and lower case ("bigint", "integer", "text", "varchar",
// "uuid", "jsonb", "timestamp", "boolean", ...), Raw is as written.
type Type struct {
	Name  string
	Size  int // varchar(255) -> 255, 0 when none
	Array bool
	Raw   string
	// Unsigned: MySQL's unsigned integers, twice the range.
	Unsigned bool
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
	Include      []string // non-key columns (INCLUDE)
	// AutoNamed: the source gives no name; Name is what the database would choose.
	AutoNamed bool
	// Implied: no source asks for it; the database creates it for a foreign key constraint.
	Implied bool
	// Constraint: it was declared as a constraint (UNIQUE, PRIMARY KEY), not as an index.
	Constraint bool
	// Invalid: a build that failed or has not ended left it, so that no query uses it. Only a catalog says so.
	Invalid bool
}

// IndexColumn is one key of an index: a column name or an expression.
type IndexColumn struct {
	Name string // empty for an expression
	Expr string // raw expression, empty for a plain column
	Desc bool
	// OpClass is PostgreSQL's operator class ("gin_trgm_ops", "text_pattern_ops"), empty when default.
	OpClass string
	// Prefix is the length of a MySQL prefix key, in characters; 0 means the whole value.
	Prefix int
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
	// AutoNamed: the source gives no name; Name is what the database would choose.
	AutoNamed bool
}

// Check is a CHECK constraint. A NOT NULL constraint that is not validated is kept as the check
// "column IS NOT NULL".
type Check struct {
	Name     string
	Expr     string // raw, without the outer parentheses
	NotValid bool
	Place    Place
	// AutoNamed: the source gives no name; Name is what the database would choose.
	AutoNamed bool
}
