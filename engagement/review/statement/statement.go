// Package statement recognises what a statement of a migration does: the forms of ALTER TABLE, of
// CREATE, DROP and RENAME, of writes, of maintenance and of session settings, of PostgreSQL, MySQL and
// MariaDB.
//
// It is a recogniser over tokens and not a parser: expressions and queries stay runs of tokens, and a
// form that it does not know is said to be unrecognised instead of being taken for a similar one. It
// guarantees no panics and time linear in the tokens. It knows no schema and judges nothing.
package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Kind is the form of an action.
type Kind string

// Kinds of actions. Behind each: the fields that it fills besides Table and the flags.
const (
	AddColumn        Kind = "add column"        // Column
	DropColumn       Kind = "drop column"       // Name
	AlterType        Kind = "alter column type" // Name, Column
	SetDefault       Kind = "set default"       // Name, Column.Default
	DropDefault      Kind = "drop default"      // Name
	SetNotNull       Kind = "set not null"      // Name
	DropNotNull      Kind = "drop not null"     // Name
	AddIdentity      Kind = "add identity"      // Name
	SetGenerated     Kind = "set generated"     // Name, Column.Generated
	DropExpression   Kind = "drop expression"   // Name
	ColumnOption     Kind = "column option"     // Name, Option: statistics, storage, compression, options, identity
	AddConstraint    Kind = "add constraint"    // Constraint
	DropConstraint   Kind = "drop constraint"   // Name
	AlterConstraint  Kind = "alter constraint"  // Name
	Validate         Kind = "validate"          // Name
	RenameTable      Kind = "rename table"      // NewName
	RenameColumn     Kind = "rename column"     // Name, NewName
	RenameConstraint Kind = "rename constraint" // Name, NewName
	RenameIndex      Kind = "rename index"      // Name, NewName
	RenameOther      Kind = "rename"            // Name, NewName, Option: the kind of object
	SetSchema        Kind = "set schema"        // NewName
	SetTablespace    Kind = "set tablespace"    //
	SetLogged        Kind = "set logged"        // also unlogged
	SetAccessMethod  Kind = "set access method" //
	SetOptions       Kind = "set options"       // Option: names of storage parameters
	OwnerTo          Kind = "owner"             //
	ReplicaIdentity  Kind = "replica identity"  //
	TriggerState     Kind = "trigger state"     // Name: ENABLE and DISABLE TRIGGER
	RuleState        Kind = "rule state"        //
	RowSecurity      Kind = "row security"      //
	ClusterOn        Kind = "cluster on"        // also without cluster
	Inherit          Kind = "inherit"           // RefTable; also NO INHERIT
	AttachPartition  Kind = "attach partition"  // RefTable: the child
	DetachPartition  Kind = "detach partition"  // RefTable: the child
	CreateTable      Kind = "create table"      // Def
	CreateTableAs    Kind = "create table as"   //
	CreateIndex      Kind = "create index"      // Index
	CreateView       Kind = "create view"       // OrReplace
	CreateMatView    Kind = "create matview"    //
	CreateTrigger    Kind = "create trigger"    // Name
	CreateFunction   Kind = "create function"   // Name, Option: its volatility
	CreatePolicy     Kind = "create policy"     // Name; also alter and drop
	CreateRule       Kind = "create rule"       // Name
	CreateStatistics Kind = "create statistics" // Name
	CreateType       Kind = "create type"       // Name
	CreateDomain     Kind = "create domain"     // Name, Column.Type, Constraint when there is one
	CreateExtension  Kind = "create extension"  // Name; also alter
	CreateOther      Kind = "create"            // Option: the kind of object
	DropTable        Kind = "drop table"        // Names
	DropIndex        Kind = "drop index"        // Names
	DropView         Kind = "drop view"         // Names
	DropTrigger      Kind = "drop trigger"      // Name
	DropFunction     Kind = "drop function"     // Names
	DropType         Kind = "drop type"         // Names
	DropOther        Kind = "drop"              // Option: the kind of object
	AlterEnum        Kind = "alter enum"        // Name, Option: add value, rename value
	AlterComposite   Kind = "alter type"        // Name
	AlterDomain      Kind = "alter domain"      // Name, Constraint when one is added
	AlterIndex       Kind = "alter index"       // Name, Option
	AlterSequence    Kind = "alter sequence"    // Name
	AlterOther       Kind = "alter"             // Option: the kind of object
	Truncate         Kind = "truncate"          // Names
	LockTable        Kind = "lock table"        // Names, Option: the mode
	Vacuum           Kind = "vacuum"            // Names, Full
	Analyze          Kind = "analyze"           // Names
	Cluster          Kind = "cluster"           //
	Reindex          Kind = "reindex"           // Option: index, table, schema, database; Name
	Refresh          Kind = "refresh"           //
	Comment          Kind = "comment"           //
	Grant            Kind = "grant"             // also revoke
	Set              Kind = "set"               // Name, NewName: the value; Local
	Begin            Kind = "begin"             //
	Commit           Kind = "commit"            // also rollback
	Savepoint        Kind = "savepoint"         // Name; Option: rollback, release
	Insert           Kind = "insert"            // Write
	Update           Kind = "update"            // Write
	Delete           Kind = "delete"            // Write
	Copy             Kind = "copy"              // Option: to; Name: program, file
	Select           Kind = "select"            //
	Opaque           Kind = "opaque"            // Option: what it is; Body
	Unrecognised     Kind = "unrecognised"      // Option: what was not understood
	TableOption      Kind = "table option"      // Option: MySQL's options of a table; NewName: the value
	ConvertCharset   Kind = "convert charset"   // NewName
	Partitioning     Kind = "partitioning"      // Option: MySQL's forms of it
	Rebuild          Kind = "rebuild"           // FORCE, ENGINE=InnoDB, OPTIMIZE TABLE
	IndexVisibility  Kind = "index visibility"  // Name
	Modify           Kind = "modify column"     // Name, Column: MySQL's MODIFY and CHANGE; NewName when renamed
	Keys             Kind = "keys"              // MySQL's DISABLE and ENABLE KEYS
	Tablespace       Kind = "tablespace"        // MySQL's DISCARD and IMPORT
)

// Action is one thing that a statement does. An ALTER TABLE has one for each of its parts, and every
// other statement has one.
type Action struct {
	Kind Kind
	// Table is the relation that it is about, as written, without quotes around its parts.
	Table    string
	Name     string // of the column, constraint, index or other object
	NewName  string
	Names    []string // of DROP, TRUNCATE, LOCK and VACUUM: all objects
	RefTable string
	Option   string // see Kind
	Body     string // of an opaque block, or the definition of a view
	BodyAt   int    // offset of Body in the script
	Sources  []string

	Column     *Column
	Constraint *Constraint
	Index      *Index
	Def        *Table
	Write      *Write

	Only         bool
	Concurrently bool
	IfExists     bool
	IfNotExists  bool
	Cascade      bool
	OrReplace    bool
	Full         bool
	Local        bool
	Temporary    bool
	Default      bool // of ATTACH PARTITION and CREATE TABLE PARTITION OF: the default partition

	// Algorithm and Lock are MySQL's clauses, upper case; empty when not given.
	Algorithm string
	Lock      string

	// Tokens are those of its part of an ALTER TABLE, and of every other statement all.
	Tokens []sqltoken.Token
	At     split.Position
}

// Column is the definition of a column, or what an ALTER sets of it.
type Column struct {
	Name      string
	Type      schema.Type
	NotNull   bool
	Null      bool // said to be NULL
	Default   []sqltoken.Token
	Generated []sqltoken.Token
	Stored    bool // said to be STORED or PERSISTENT
	Virtual   bool
	Identity  bool // also serial and AUTO_INCREMENT
	Serial    bool
	Collate   string
	Charset   string
	Using     []sqltoken.Token
	Placed    bool // MySQL: FIRST or AFTER
	Comment   bool
	// More: it has clauses that are not kept here, such as ON UPDATE.
	More bool
	// Definition is all that follows the name.
	Definition []sqltoken.Token
	// Constraints are those declared with the column; NOT NULL is not among them.
	Constraints []*Constraint
}

// ConstraintType is the type of a constraint.
type ConstraintType string

// Types of constraints.
const (
	Check      ConstraintType = "check"
	ForeignKey ConstraintType = "foreign key"
	Unique     ConstraintType = "unique"
	PrimaryKey ConstraintType = "primary key"
	Exclude    ConstraintType = "exclude"
	NotNull    ConstraintType = "not null"
)

// Constraint is a constraint of a table.
type Constraint struct {
	Type       ConstraintType
	Name       string
	Columns    []string
	Expr       []sqltoken.Token // of a check
	RefTable   string
	RefColumns []string
	OnDelete   string // lower case: "cascade", "set null"
	NotValid   bool
	NoInherit  bool
	Unenforced bool
	UsingIndex string
	// Rest are the words that follow columns, expression or reference, but for NOT VALID, NOT ENFORCED and NO
	// INHERIT: actions of a foreign key, INCLUDE, DEFERRABLE, NULLS NOT DISTINCT.
	Rest []sqltoken.Token
}

// Index is an index that is created.
type Index struct {
	Name    string
	Unique  bool
	Method  string   // lower case; empty when not said
	Columns []string // names; the text of expressions
	Exprs   bool     // a key is an expression
	Include []string
	Where   []sqltoken.Token
	Prefix  bool // a key is a prefix of a column (MySQL)
	// Keys are the keys as they are written, each with its order and operator class; Rest is what follows them, but
	// for INCLUDE and WHERE.
	Keys [][]sqltoken.Token
	Rest []sqltoken.Token
}

// Table is the definition of a new table.
type Table struct {
	Columns     []*Column
	Constraints []*Constraint
	Indexes     []*Index // MySQL's
	PartitionOf string
	Partitioned bool
	Inherits    []string
	Like        string
	Unlogged    bool
}

// Write is the shape of an INSERT, UPDATE or DELETE.
type Write struct {
	Values  bool // INSERT ... VALUES
	Query   bool // INSERT ... SELECT
	Where   []sqltoken.Token
	Limited bool // it has a LIMIT, or a subquery with one
	From    bool // it joins other tables
	// Sources are the tables that are read besides the target.
	Sources []string
	// With: a CTE stands before it.
	With bool
	// Sets are the columns that UPDATE sets; Assign is all that stands between SET and the next clause. Alias: the
	// table has another name in the statement.
	Sets   []string
	Assign []sqltoken.Token
	Alias  bool
}

// Parse recognises one statement.
func Parse(st *split.Statement, dialect schema.Dialect) []Action {
	p := &parser{mysql: dialect == schema.MySQL, st: st}
	p.cursor = cursor{sqltoken.Cursor{Tokens: st.Tokens}, p.mysql}
	p.statement()
	if len(p.actions) == 0 {
		p.unrecognised("this statement")
	}
	for i := range p.actions {
		if p.actions[i].Tokens == nil {
			p.actions[i].Tokens = st.Tokens
		}
	}
	if p.mysql {
		p.clauses()
	}
	return p.actions
}

// Text is the source of a run of tokens, white space between them squeezed.
func Text(toks []sqltoken.Token) string {
	var b strings.Builder
	for i := range toks {
		if i > 0 && toks[i].Spaced {
			b.WriteByte(' ')
		}
		b.WriteString(toks[i].Text)
	}
	return b.String()
}

type parser struct {
	cursor
	mysql   bool
	st      *split.Statement
	actions []Action
	nested  int // depth of WITH within WITH
}

// add appends an action and returns it for filling in. The pointer holds until the next add.
func (p *parser) add(kind Kind, table string) *Action {
	p.actions = append(p.actions, Action{Kind: kind, Table: table, At: p.st.Start})
	return &p.actions[len(p.actions)-1]
}

// unrecognised says that the statement, or the part at hand, was not understood.
func (p *parser) unrecognised(what string) {
	const shown = 8
	toks := p.Tokens[min(p.Pos, len(p.Tokens)):]
	if len(toks) == 0 {
		toks = p.Tokens
	}
	text := Text(toks[:min(shown, len(toks))])
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "")
	}
	p.add(Unrecognised, "").Option = what + ": " + text
}

func (p *parser) statement() {
	first := p.Peek(0)
	switch {
	case first.Is("CREATE"):
		p.create()
	case first.Is("ALTER"):
		p.alter()
	case first.Is("DROP"):
		p.drop()
	case first.Is("RENAME"):
		p.renameTables()
	case first.Is("UPDATE"), first.Is("DELETE"), first.Is("INSERT"), first.Is("REPLACE"), first.Is("MERGE"), first.Is("WITH"):
		p.write()
	case first.Is("SELECT"), first.Is("VALUES"), first.Is("TABLE"), first.Op("("):
		p.query()
	default:
		p.other()
	}
}

// clauses copies MySQL's ALGORITHM and LOCK, which may stand anywhere among the parts, to every action.
func (p *parser) clauses() {
	algorithm, lock := "", ""
	toks := p.Tokens
	for i := 0; i+1 < len(toks); i++ {
		value := i + 1
		if toks[value].Op("=") {
			value++
		}
		if value >= len(toks) || toks[value].Kind != sqltoken.Word {
			continue
		}
		v := strings.ToUpper(toks[value].Text)
		switch {
		case toks[i].Is("ALGORITHM"):
			switch v {
			case "INSTANT", "NOCOPY", "INPLACE", "COPY", "DEFAULT":
				algorithm = v
			}
		case toks[i].Is("LOCK"):
			switch v {
			case "NONE", "SHARED", "EXCLUSIVE", "DEFAULT":
				lock = v
			}
		}
	}
	for i := range p.actions {
		p.actions[i].Algorithm, p.actions[i].Lock = algorithm, lock
	}
}
