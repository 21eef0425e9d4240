package rewrite

// Change is a change of a schema: one of the types of this package.
type Change interface {
	// Title says what the change does: "Set orders.total NOT NULL".
	Title() string
	// plain returns the statement that makes the change at once.
	plain(f Facts) []string
}

// Statement returns the SQL that makes the change at once: what the recipe stands for, and what its result
// is compared with.
func Statement(c Change, f Facts) []string { return c.plain(f) }

// SetNotNull forbids NULL in a column.
type SetNotNull struct {
	Table  Name
	Column string
}

// AddColumn adds a column. Default is an expression or empty.
type AddColumn struct {
	Table    Name
	Column   string
	Type     string
	Default  string
	Volatile bool // the default differs from row to row: random(), gen_random_uuid(), nextval(), clock_timestamp()
	NotNull  bool
}

// AddGenerated adds a column GENERATED ALWAYS AS (Expression), Stored or virtual.
type AddGenerated struct {
	Table      Name
	Column     string
	Type       string
	Expression string
	Stored     bool
}

// AddForeignKey adds a foreign key. The constraint needs a name: the recipe looks for it.
type AddForeignKey struct {
	Table     Name
	Name      string
	Columns   []string
	To        Name
	ToColumns []string // empty: the primary key of To, which the facts must know for the preflight
	After     string   // "ON DELETE CASCADE", "DEFERRABLE INITIALLY DEFERRED"
}

// AddCheck adds CHECK (Expression).
type AddCheck struct {
	Table      Name
	Name       string
	Expression string
}

// AddUnique adds a UNIQUE constraint.
type AddUnique struct {
	Table   Name
	Name    string
	Columns []string
}

// AddPrimaryKey adds a primary key. An empty name is that which the server gives.
type AddPrimaryKey struct {
	Table   Name
	Name    string
	Columns []string
}

// CreateIndex creates an index. Of [Index] the fields Name, Unique, Method, Parts, Include, Where, With
// and NullsEqual count.
type CreateIndex struct {
	Table Name
	Index Index
}

// DropIndex drops an index.
type DropIndex struct {
	Table Name
	Index string
}

// Reindex builds an index anew.
type Reindex struct {
	Table Name
	Index string
}

// ChangeType changes the type of a column. Using is the expression of the new value over columns of the
// table; empty means the cast of the column to the new type. From is the type as it is; it may be empty
// where the facts know the column.
type ChangeType struct {
	Table    Name
	Column   string
	From, To string
	Using    string
}

// RenameColumn renames a column that running code uses.
type RenameColumn struct {
	Table    Name
	From, To string
}

// RenameTable renames a table that running code uses, within its schema.
type RenameTable struct {
	Table Name
	To    string
}

// DropColumn drops a column.
type DropColumn struct {
	Table  Name
	Column string
}

// DropTable drops a table.
type DropTable struct{ Table Name }

// AttachPartition makes a table a partition. Bound says which rows it takes.
type AttachPartition struct {
	Table     Name // the partitioned one
	Partition Name
	Bound     Bound
}

// Bound is the bound of a partition: of a range (From and To), of a list (In), of a hash (Modulus and
// Remainder) or, when all are empty, the default partition. Values are SQL constants: "'2026-01-01'", "10",
// MINVALUE, NULL.
type Bound struct {
	From, To           []string
	In                 []string
	Modulus, Remainder int
}

// DetachPartition makes a partition a table of its own.
type DetachPartition struct {
	Table     Name
	Partition Name
}

// AddEnumValue adds a value to an enumerated type, at the end, or before another one.
type AddEnumValue struct {
	Type   Name
	Value  string
	Before string
}

// RenameEnumValue renames a value of an enumerated type.
type RenameEnumValue struct {
	Type     Name
	From, To string
}

// DropEnumValue takes a value from an enumerated type; rows that have it become Instead, or, if that is
// empty, there must be none.
type DropEnumValue struct {
	Type    Name
	Value   string
	Instead string
}

// BackfillColumn changes rows that are there: UPDATE Table SET Set WHERE Where. Where must be false for a row
// that has been changed, so that the work can be resumed.
type BackfillColumn struct {
	Table Name
	Set   string
	Where string
}

// SetDefault sets the default of a column; an empty expression drops it.
type SetDefault struct {
	Table   Name
	Column  string
	Default string
}

// RewriteTable is CLUSTER or VACUUM FULL: the table is written anew, for its order or its size.
type RewriteTable struct {
	Table   Name
	Cluster string // the index to order by; empty is VACUUM FULL
}

func (c SetNotNull) Title() string   { return "Set " + column(c.Table, c.Column) + " NOT NULL" }
func (c AddColumn) Title() string    { return "Add the column " + column(c.Table, c.Column) }
func (c AddGenerated) Title() string { return "Add the generated column " + column(c.Table, c.Column) }
func (c AddForeignKey) Title() string {
	return "Add the foreign key " + c.Name + " to " + c.Table.String()
}
func (c AddCheck) Title() string { return "Add the check " + c.Name + " to " + c.Table.String() }
func (c AddUnique) Title() string {
	return "Make (" + quoteAll(c.Columns) + ") unique in " + c.Table.String()
}
func (c AddPrimaryKey) Title() string {
	return "Make (" + quoteAll(c.Columns) + ") the primary key of " + c.Table.String()
}
func (c CreateIndex) Title() string {
	return "Create the index " + c.Index.Name + " on " + c.Table.String()
}
func (c DropIndex) Title() string { return "Drop the index " + c.Index }
func (c Reindex) Title() string   { return "Build the index " + c.Index + " anew" }
func (c ChangeType) Title() string {
	return "Change the type of " + column(c.Table, c.Column) + " to " + c.To
}
func (c RenameColumn) Title() string {
	return "Rename " + column(c.Table, c.From) + " to " + quote(c.To)
}
func (c RenameTable) Title() string { return "Rename " + c.Table.String() + " to " + quote(c.To) }
func (c DropColumn) Title() string  { return "Drop the column " + column(c.Table, c.Column) }
func (c DropTable) Title() string   { return "Drop the table " + c.Table.String() }
func (c AttachPartition) Title() string {
	return "Attach " + c.Partition.String() + " to " + c.Table.String()
}
func (c DetachPartition) Title() string {
	return "Detach " + c.Partition.String() + " from " + c.Table.String()
}
func (c AddEnumValue) Title() string { return "Add " + literal(c.Value) + " to " + c.Type.String() }
func (c RenameEnumValue) Title() string {
	return "Rename " + literal(c.From) + " of " + c.Type.String() + " to " + literal(c.To)
}
func (c DropEnumValue) Title() string  { return "Take " + literal(c.Value) + " from " + c.Type.String() }
func (c BackfillColumn) Title() string { return "Update rows of " + c.Table.String() }
func (c SetDefault) Title() string     { return "Change the default of " + column(c.Table, c.Column) }
func (c RewriteTable) Title() string   { return "Write " + c.Table.String() + " anew" }

func column(t Name, c string) string { return t.String() + "." + quote(c) }
