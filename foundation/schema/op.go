package schema

// OpKind is the kind of a schema change.
type OpKind string

// Kinds of [Op]. Beside each: the fields that it reads, besides Place and the flags.
const (
	CreateTable      OpKind = "create table"        // Table, Def; Like, LikeIndexes
	DropTable        OpKind = "drop table"          // Table
	RenameTable      OpKind = "rename table"        // Table, NewName
	AddColumn        OpKind = "add column"          // Table, Column; Index, ForeignKey and Check when declared inline
	DropColumn       OpKind = "drop column"         // Table, Name
	RenameColumn     OpKind = "rename column"       // Table, Name, NewName
	ChangeColumn     OpKind = "change column"       // Table, Name, Column, Change
	AddIndex         OpKind = "add index"           // Table, Index
	DropIndex        OpKind = "drop index"          // Name, or Table and Columns
	RenameIndex      OpKind = "rename index"        // Name, NewName; Table when said
	AddForeignKey    OpKind = "add foreign key"     // Table, ForeignKey
	DropForeignKey   OpKind = "drop foreign key"    // Table, and Name or Columns or RefTable
	AddPrimaryKey    OpKind = "add primary key"     // Table, Index, or Columns
	DropPrimaryKey   OpKind = "drop primary key"    // Table
	AddUnique        OpKind = "add unique"          // Table, Index (as a constraint); UsingIndex
	AddCheck         OpKind = "add check"           // Table, Check
	DropConstraint   OpKind = "drop constraint"     // Table, Name: unique, foreign key, primary key or check
	RenameConstraint OpKind = "rename constraint"   // Table, Name, NewName
	ValidateForeign  OpKind = "validate constraint" // Table, Name
	AttachPartition  OpKind = "attach partition"    // Table (the child), RefTable (the parent)
	RawSQL           OpKind = "raw sql"             // SQL: a statement that changes data or that is not modelled
)

// Change says which facets of a column a [ChangeColumn] sets; the others stay as they were.
type Change uint8

// Facets of a column.
const (
	ChangeType Change = 1 << iota
	ChangeNull
	ChangeDefault
	ChangeAutoIncrement
	// ChangeAll replaces the whole definition, as MySQL's MODIFY does.
	ChangeAll = ChangeType | ChangeNull | ChangeDefault | ChangeAutoIncrement
)

// Op is one change of a schema, at the place where a migration or a dump states it. It is one struct
// for all kinds, so that readers of a framework fill in what they know; [OpKind] lists the fields that
// each kind reads.
type Op struct {
	Kind  OpKind
	Place Place

	Table   string // as written; may be qualified and quoted
	Name    string // of the column, index or constraint
	NewName string // for renames
	Columns []string

	Def        *Table // of CreateTable: Columns, PrimaryKey, Indexes, ForeignKeys, Checks
	Column     *Column
	Index      *Index
	ForeignKey *ForeignKey
	Check      *Check
	Change     Change

	RefTable    string
	Like        string // CREATE TABLE LIKE: the table whose columns are copied
	LikeIndexes bool   // ... and its indexes too
	Inherits    []string
	UsingIndex  string // ADD CONSTRAINT ... USING INDEX

	IfExists     bool
	IfNotExists  bool
	Concurrently bool
	Cascade      bool
	// Force: a CreateTable that drops the old table first.
	Force bool
	// Default: of AttachPartition, the partition is the default one.
	Default bool
	// Conditional: it stands in a branch of a procedural block, so that it may or may not run. It is
	// folded as if it ran wherever that is possible.
	Conditional bool

	SQL string
}

// Migration is one step of a history: a file, or one class of a framework.
type Migration struct {
	Path string
	// ID names the migration for DependsOn and Replaces, such as Django's "app.0003_name". The path
	// stands in where it is empty.
	ID            string
	Ops           []Op
	Transactional bool
	// Dialect is set when the migration is for one product only.
	Dialect Dialect
	// Squashed migrations stand in for those they replace. Where all of these are present the squashed
	// one is skipped; otherwise those that are present are.
	Squashed bool
	Replaces []string
	// DependsOn orders migrations that have a graph and not a number.
	DependsOn []string
}

func (m *Migration) id() string {
	if m.ID != "" {
		return m.ID
	}
	return m.Path
}
