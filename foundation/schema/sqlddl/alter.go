package sqlddl

import (
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// alter reads ALTER ...
func (r *reader) alter(c *cursor, at schema.Place) {
	c.Pos = 1
	for c.Accept("ONLINE") || c.Accept("OFFLINE") || c.Accept("IGNORE") || c.Accept("FOREIGN") || c.Accept("MATERIALIZED") {
	}
	switch {
	case c.Accept("TABLE"), c.Accept("VIEW"):
		r.alterTable(c, at)
	case c.Accept("INDEX"):
		exists := c.Accept("IF", "EXISTS")
		name := c.name()
		if c.Accept("RENAME", "TO") {
			if renamed := c.name(); name != "" && renamed != "" {
				r.add(schema.Op{Kind: schema.RenameIndex, Place: at, Name: name, NewName: renamed, IfExists: exists})
			}
		}
	}
}

func (r *reader) alterTable(c *cursor, at schema.Place) {
	exists := c.Accept("IF", "EXISTS")
	c.Accept("ONLY")
	table := c.name()
	c.AcceptOp("*")
	if table == "" {
		r.problem(at, "This ALTER TABLE names no table.")
		return
	}
	if c.Accept("ON", "CLUSTER") {
		c.ident()
	}
	adding := false // SQL Server: ADD a int, b int
	for n, part := range sqltoken.Items(c.Tokens[c.Pos:]) {
		a := &action{r: r, c: r.cursor(part), table: table, exists: exists}
		a.at = r.place(part)
		if n == 0 {
			a.at.Line = at.Line // the statement's head belongs to its first action
		}
		a.at.Path = r.path
		if !a.read() && adding && len(part) > 1 && !part[1].Op("=") && part[0].Kind != sqltoken.Punct {
			a.c.Pos = 0
			a.addElement(false)
			continue
		}
		adding = a.added
	}
}

// action is one action of an ALTER TABLE.
type action struct {
	r      *reader
	c      cursor
	table  string
	exists bool
	at     schema.Place
	added  bool // it was ADD [COLUMN]
}

func (a *action) op(kind schema.OpKind) schema.Op {
	return schema.Op{Kind: kind, Place: a.at, Table: a.table, IfExists: a.exists}
}

// read returns false when the action is none that it knows.
func (a *action) read() bool {
	c := &a.c
	for c.Accept("WITH", "CHECK") || c.Accept("WITH", "NOCHECK") {
	}
	switch {
	case c.Accept("ADD"):
		a.added = true
		if c.Is("PARTITION") || c.Is("GENERATED") {
			return true
		}
		column := c.Accept("COLUMN")
		if !column && c.Accept("IF", "NOT", "EXISTS") || column && c.Accept("IF", "NOT", "EXISTS") {
			a.addElement(true)
			return true
		}
		if c.Peek(0).Op("(") {
			for _, part := range sqltoken.Items(c.Parens()) {
				a.c = a.r.cursor(part)
				a.at = a.r.place(part)
				a.addElement(false)
			}
			return true
		}
		a.addElement(false)
	case c.Accept("DROP"):
		a.drop()
	case c.Is("ALTER", "INDEX"), c.Is("ALTER", "CONSTRAINT"):
	case c.Accept("ALTER"):
		c.Accept("COLUMN")
		a.alterColumn()
	case c.Accept("MODIFY"):
		c.Accept("COLUMN")
		exists := c.Accept("IF", "EXISTS")
		col, extra := a.r.column(c)
		if col == nil {
			return true
		}
		op := a.op(schema.ChangeColumn)
		op.Name, op.Column, op.Change, op.IfExists = col.Name, col, schema.ChangeAll, exists || a.exists
		a.withKeys(op, extra)
	case c.Accept("CHANGE"):
		c.Accept("COLUMN")
		exists := c.Accept("IF", "EXISTS") || a.exists
		old := c.ident()
		col, extra := a.r.column(c)
		if old == "" || col == nil {
			return true
		}
		if old != col.Name {
			op := a.op(schema.RenameColumn)
			op.Name, op.NewName, op.IfExists = old, col.Name, exists
			a.r.add(op)
		}
		op := a.op(schema.ChangeColumn)
		op.Name, op.Column, op.Change, op.IfExists = col.Name, col, schema.ChangeAll, exists
		a.withKeys(op, extra)
	case c.Accept("RENAME"):
		a.rename()
	case c.Accept("VALIDATE", "CONSTRAINT"):
		op := a.op(schema.ValidateForeign)
		op.Name = c.ident()
		a.r.add(op)
	case c.Accept("ATTACH", "PARTITION"):
		child := c.name()
		if child != "" && !c.Done() {
			op := a.op(schema.AttachPartition)
			op.Table, op.RefTable, op.Default = child, a.table, c.Is("DEFAULT")
			a.r.add(op)
		}
	default:
		return false
	}
	return true
}

// addElement reads a column or a constraint behind ADD.
func (a *action) addElement(ifNotExists bool) {
	r, c := a.r, &a.c
	if con, ok := r.constraint(c); ok {
		a.addConstraint(con)
		return
	}
	ifNotExists = c.Accept("IF", "NOT", "EXISTS") || ifNotExists
	col, extra := r.column(c)
	if col == nil {
		r.problem(a.at, "This ADD of an ALTER TABLE %s was not understood.", a.table)
		return
	}
	col.Place = a.at
	op := a.op(schema.AddColumn)
	op.Name, op.Column, op.IfNotExists = col.Name, col, ifNotExists
	a.withKeys(op, extra)
}

// withKeys adds an operation on a column with the keys declared inline. The first of each kind goes
// along with it; any more become operations of their own.
func (a *action) withKeys(op schema.Op, extra []constraint) {
	var more []constraint
	for _, k := range extra {
		switch {
		case k.index != nil && op.Index == nil:
			k.index.Place = a.at
			op.Index = k.index
		case k.fk != nil && op.ForeignKey == nil && op.Kind == schema.AddColumn:
			k.fk.Place = a.at
			op.ForeignKey = k.fk
		case k.check != nil && op.Check == nil && op.Kind == schema.AddColumn:
			k.check.Place = a.at
			op.Check = k.check
		default:
			more = append(more, k)
		}
	}
	a.r.add(op)
	for _, k := range more {
		a.addConstraint(k)
	}
}

func (a *action) addConstraint(k constraint) {
	switch {
	case k.check != nil:
		op := a.op(schema.AddCheck)
		k.check.Place = a.at
		op.Name, op.Check = k.check.Name, k.check
		a.r.add(op)
	case k.fk != nil:
		op := a.op(schema.AddForeignKey)
		k.fk.Place = a.at
		op.Name, op.ForeignKey = k.fk.Name, k.fk
		a.r.add(op)
	case k.index != nil && (len(k.index.Columns) > 0 || k.using != ""):
		k.index.Place = a.at
		kind := schema.AddIndex
		if k.index.Primary {
			kind = schema.AddPrimaryKey
		} else if k.index.Unique && k.index.Constraint {
			kind = schema.AddUnique
		}
		op := a.op(kind)
		op.Name, op.Index, op.UsingIndex = k.index.Name, k.index, k.using
		a.r.add(op)
	}
}

func (a *action) drop() {
	r, c := a.r, &a.c
	kind := schema.DropColumn
	switch {
	case c.Accept("PRIMARY", "KEY"):
		r.add(a.op(schema.DropPrimaryKey))
		return
	case c.Accept("FOREIGN", "KEY"):
		kind = schema.DropForeignKey
	case c.Accept("CONSTRAINT"):
		kind = schema.DropConstraint
	case (c.Is("INDEX") || c.Is("KEY")) && c.Peek(1).Kind != sqltoken.EOF && !c.Peek(1).Is("CASCADE"):
		c.Pos++
		kind = schema.DropIndex
	case c.Accept("CHECK"), c.Accept("PARTITION"), c.Accept("DEFAULT"), c.Accept("SYSTEM", "VERSIONING"):
		return
	case c.Accept("COLUMN"):
	}
	exists := c.Accept("IF", "EXISTS")
	if c.Peek(0).Op("(") {
		for _, n := range r.columnNames(c.Parens()) {
			op := a.op(kind)
			op.Name = n
			r.add(op)
		}
		return
	}
	op := a.op(kind)
	op.Name = c.ident()
	op.IfExists = exists || a.exists
	op.Cascade = c.Accept("CASCADE")
	if op.Name == "" {
		r.problem(a.at, "This DROP of an ALTER TABLE %s names nothing.", a.table)
		return
	}
	r.add(op)
}

func (a *action) alterColumn() {
	r, c := a.r, &a.c
	exists := c.Accept("IF", "EXISTS") || a.exists
	name := c.ident()
	if name == "" {
		return
	}
	op := a.op(schema.ChangeColumn)
	op.Name, op.IfExists = name, exists
	op.Column = &schema.Column{Name: name, Place: a.at}
	switch {
	case c.Accept("SET", "DATA", "TYPE"), c.Accept("TYPE"):
		r.columnType(c, op.Column)
		op.Change = schema.ChangeType
	case c.Accept("SET", "DEFAULT"):
		op.Column.Default = r.defaultValue(c)
		op.Change = schema.ChangeDefault
	case c.Accept("DROP", "DEFAULT"):
		op.Change = schema.ChangeDefault
	case c.Accept("SET", "NOT", "NULL"):
		op.Column.NotNull, op.Change = true, schema.ChangeNull
	case c.Accept("DROP", "NOT", "NULL"), c.Accept("SET", "NULL"):
		op.Change = schema.ChangeNull
	case c.Is("ADD", "GENERATED"):
		op.Column.AutoIncrement, op.Change = true, schema.ChangeAutoIncrement
	case c.Accept("DROP", "IDENTITY"):
		op.Change = schema.ChangeAutoIncrement
	case c.Accept("RENAME", "TO"):
		op.Kind, op.Column, op.NewName = schema.RenameColumn, nil, c.ident()
	case c.IsAny("SET", "RESET", "DROP", "RESTART", "ADD"):
		return // statistics, storage, options
	case c.isName(): // SQL Server and H2: ALTER COLUMN name type [NOT NULL]
		r.columnType(c, op.Column)
		r.columnOptions(c, op.Column, a.at)
		op.Change = schema.ChangeType | schema.ChangeNull
	default:
		return
	}
	r.add(op)
}

func (a *action) rename() {
	r, c := a.r, &a.c
	switch {
	case c.Accept("TO"), c.Accept("AS"):
		op := a.op(schema.RenameTable)
		op.NewName = c.name()
		if op.NewName != "" {
			r.add(op)
		}
	case (c.Is("INDEX") || c.Is("KEY") || c.Is("CONSTRAINT")) && c.Peek(2).Is("TO"):
		kind := schema.RenameIndex
		if c.Is("CONSTRAINT") {
			kind = schema.RenameConstraint
		}
		c.Pos++
		op := a.op(kind)
		op.Name = c.ident()
		c.Accept("TO")
		op.NewName = c.ident()
		r.add(op)
	default:
		c.Accept("COLUMN")
		exists := c.Accept("IF", "EXISTS") || a.exists
		old := c.ident()
		if c.Accept("TO") {
			op := a.op(schema.RenameColumn)
			op.Name, op.NewName, op.IfExists = old, c.ident(), exists
			if op.Name != "" && op.NewName != "" {
				r.add(op)
			}
		} else if old != "" && c.Done() { // MySQL: ALTER TABLE t RENAME u
			op := a.op(schema.RenameTable)
			op.NewName = old
			r.add(op)
		}
	}
}
