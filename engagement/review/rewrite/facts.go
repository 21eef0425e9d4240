package rewrite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Product is a kind of server.
type Product string

// The products.
const (
	PostgreSQL Product = "postgresql"
	MySQL      Product = "mysql"
	MariaDB    Product = "mariadb"
)

// Server is a product in a version: {PostgreSQL, {15, 4}}, {MySQL, {8, 0, 36}}.
type Server struct {
	Product Product
	Version [3]int
}

// ParseServer reads what the server says of its version: "15.18 (Debian 15.18-0)", "8.0.36", or
// "10.11.6-MariaDB-1", which makes mysql MariaDB.
func ParseServer(product Product, version string) (Server, error) {
	s := Server{Product: product}
	if product == MySQL && strings.Contains(strings.ToLower(version), "mariadb") {
		s.Product = MariaDB
		version = strings.TrimPrefix(version, "5.5.5-") // a prefix for old replicas
	}
	end := strings.IndexFunc(version, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(version)
	}
	for i, part := range strings.SplitN(strings.Trim(version[:end], "."), ".", 4) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return Server{}, fmt.Errorf("read version %q of %s: want numbers with points, such as 15.4", version, product)
		}
		if i < 3 {
			s.Version[i] = n
		}
	}
	return s, nil
}

// AtLeast returns whether the version is the given one or later.
func (s Server) AtLeast(version ...int) bool {
	return slices.Compare(s.Version[:], append(version, make([]int, max(0, 3-len(version)))...)) >= 0
}

// String returns "PostgreSQL 15" or "MariaDB 10.11.6".
func (s Server) String() string {
	switch s.Product {
	case PostgreSQL:
		return fmt.Sprintf("PostgreSQL %d", s.Version[0])
	case MySQL:
		return fmt.Sprintf("MySQL %d.%d.%d", s.Version[0], s.Version[1], s.Version[2])
	}
	return fmt.Sprintf("MariaDB %d.%d.%d", s.Version[0], s.Version[1], s.Version[2])
}

// Facts is what is known of the server and of the tables that a change touches. What is not known is left
// out; a recipe that needs it is refused.
type Facts struct {
	Server Server
	Tables []Table
	Enums  []Enum
}

// Table returns the facts of a table. A name without schema finds the table in any schema.
func (f Facts) Table(n Name) (Table, bool) {
	for _, t := range f.Tables {
		if t.Name.Name == n.Name && (n.Schema == "" || t.Name.Schema == "" || t.Name.Schema == n.Schema) {
			return t, true
		}
	}
	return Table{}, false
}

// Enum returns the facts of an enumerated type.
func (f Facts) Enum(n Name) (Enum, bool) {
	for _, e := range f.Enums {
		if e.Name.Name == n.Name && (n.Schema == "" || e.Name.Schema == "" || e.Name.Schema == n.Schema) {
			return e, true
		}
	}
	return Enum{}, false
}

// Table is what is known of a table.
type Table struct {
	Name        Name
	Columns     []Column
	Indexes     []Index
	Checks      []Constraint
	ForeignKeys []ForeignKey // of this table
	Referenced  []ForeignKey // of other tables, or of itself, to this one
	Dependents  []Dependent  // what else hangs on its columns
	Triggers    []string     // names of all
	// Functions are those of its triggers and those whose arguments or result are rows of it.
	Functions   []Function
	Owner       string
	Grants      []Grant // on the whole table
	Comment     string
	RowSecurity bool
	// ForceRowSecurity says that policies hold for the owner of the table as well (FORCE ROW LEVEL SECURITY).
	ForceRowSecurity bool
	// Partitioning is set for a partitioned table, PartitionOf for a partition.
	Partitioning *Partitioning
	PartitionOf  *Name
	Inherits     bool   // it has parents or children by inheritance
	Create       string // MySQL and MariaDB: SHOW CREATE TABLE
}

// Column returns a column of the table.
func (t Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// PrimaryKey returns the index of the primary key.
func (t Table) PrimaryKey() (Index, bool) {
	for _, i := range t.Indexes {
		if i.Primary {
			return i, true
		}
	}
	return Index{}, false
}

// Column is what is known of a column.
type Column struct {
	Name    string
	Type    string // as the server writes it: "integer", "numeric(12,2)"
	NotNull bool   // and proven: not by a constraint that is NOT VALID
	// NotNullName is the constraint that forbids NULL, also one that is NOT VALID, from PostgreSQL 18.
	NotNullName string
	Default     string // an expression, as the server writes it; empty: none
	Identity    string // "ALWAYS", "BY DEFAULT", or empty
	Generated   string // the expression of a generated column
	Sequence    *Sequence
	Collation   string // where it is not that of the type, as SQL
	Comment     string
	Grants      []Grant // on the column alone
	// StatisticsTarget is that of ALTER COLUMN SET STATISTICS, -1 for the default.
	StatisticsTarget int
	Options          string // of ALTER COLUMN SET: "n_distinct=-0.5"
	Compression      string // of ALTER COLUMN SET COMPRESSION, from PostgreSQL 14; empty for the default
	Definition       string // MySQL and MariaDB: type and all that follows, as in SHOW CREATE TABLE
}

// Sequence is one that a column owns (serial and identity).
type Sequence struct {
	Name Name
	Type string // "integer", "bigint"
}

// Index is what is known of an index.
type Index struct {
	Name       string // in the schema of its table
	Unique     bool
	Primary    bool
	Constraint string // the constraint that it stands for, or empty
	Method     string // "btree"
	Parts      []Part
	Include    []string
	Where      string // the predicate of a partial index
	With       string // storage parameters: "fillfactor=70"
	NullsEqual bool   // NULLS NOT DISTINCT, from PostgreSQL 15
	Deferrable bool   // of the constraint
	Valid      bool
	Comment    string
	// ConstraintComment is that of the constraint, Comment that of the index.
	ConstraintComment string
	ReplicaIdentity   bool   // rows are told apart by it where they are published (REPLICA IDENTITY USING INDEX)
	Clustered         bool   // CLUSTER goes by it
	Tablespace        string // where it is not the default
}

// Part is a column or an expression of an index with what follows it.
type Part struct {
	Column     string // or
	Expression string
	After      string // collation, operator class, order, as SQL: "text_pattern_ops DESC"
}

// Columns returns the names of the key columns; an expression gives an empty name.
func (i Index) Columns() []string {
	names := make([]string, len(i.Parts))
	for k, p := range i.Parts {
		names[k] = p.Column
	}
	return names
}

// ForeignKey is one foreign key.
type ForeignKey struct {
	Name      string
	Table     Name // the one that refers
	Columns   []string
	To        Name
	ToColumns []string // empty: the primary key
	After     string   // "ON DELETE CASCADE DEFERRABLE"
	Valid     bool
	Comment   string
	Period    bool // WITHOUT OVERLAPS and PERIOD, from PostgreSQL 18
}

// notEnforced ends a key or check that the server does not hold rows to, from PostgreSQL 18.
const notEnforced = "NOT ENFORCED"

// Constraint is a CHECK.
type Constraint struct {
	Name       string
	Expression string
	Columns    []string
	Valid      bool
	NoInherit  bool
	Unenforced bool // NOT ENFORCED, from PostgreSQL 18: no row is checked
	Comment    string
}

// Dependent is something that hangs on columns of a table and is not one of its indexes or constraints: a view,
// a rule, a policy, a trigger on columns, a publication with a list of columns, extended statistics.
type Dependent struct {
	Kind    string // "view"
	Name    string // "public.totals"
	Columns []string
}

// Function is a function that hangs on a table.
type Function struct {
	Name   string // "public.touch()"
	Source string // its text, where it is one of SQL or PL/pgSQL
	Rows   bool   // its arguments or its result are rows of the table
}

// Grant gives privileges to a role.
type Grant struct {
	Privileges []string // "SELECT"
	Role       string   // "PUBLIC" is everyone
	Option     bool     // WITH GRANT OPTION
}

// Partitioning is that of a partitioned table.
type Partitioning struct {
	Strategy   string   // "range", "list", "hash"
	Columns    []string // of the key; an expression gives an empty name
	Partitions []Name   // direct ones
	Default    *Name
}

// Enum is an enumerated type and where it is used.
type Enum struct {
	Name   Name
	Values []string
	Uses   []ColumnName // columns of that type
	Other  []string     // other uses that stand in the way: functions, arrays, domains
}

// ColumnName names a column of a table.
type ColumnName struct {
	Table  Name
	Column string
}
