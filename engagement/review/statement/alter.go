package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// alter reads ALTER ...
func (p *parser) alter() {
	p.Pos = 1
	for p.mysql && p.AcceptAny("ONLINE", "OFFLINE", "IGNORE") {
	}
	switch {
	case p.Accept("TABLE"), p.Accept("FOREIGN", "TABLE"):
		p.alterTable("table")
	case p.Accept("MATERIALIZED", "VIEW"), p.Accept("VIEW"):
		p.alterTable("view")
	case p.Accept("INDEX"):
		p.alterIndex()
	case p.Accept("TYPE"):
		p.alterTypeObject()
	case p.Accept("DOMAIN"):
		p.alterDomain()
	case p.Accept("SEQUENCE"):
		p.Accept("IF", "EXISTS")
		p.add(AlterSequence, "").Name = p.name()
	case p.Accept("EXTENSION"):
		a := p.add(CreateExtension, "")
		a.Name, a.Option = p.name(), "alter"
	case p.Accept("POLICY"):
		name := p.name()
		p.Accept("ON")
		p.add(CreatePolicy, p.name()).Name = name
	case p.Accept("TRIGGER"):
		name := p.name()
		p.Accept("ON")
		a := p.add(RenameOther, p.name())
		a.Name, a.Option = name, "trigger"
	case p.Accept("DEFAULT", "PRIVILEGES"):
		p.add(Grant, "")
	default:
		kind := strings.ToLower(p.Peek(0).Text)
		p.Pos++
		if p.Accept("MAPPING") || p.Accept("TABLE") {
			kind += " mapping"
		}
		switch kind {
		case "function", "procedure", "routine", "aggregate", "schema", "database", "role", "user", "server", "publication", "subscription", "system",
			"statistics", "collation", "conversion", "language", "operator", "event", "tablespace", "text", "rule", "group", "large", "instance", "access", "server mapping", "user mapping":
			a := p.add(AlterOther, "")
			a.Option, a.Name = kind, p.name()
		default:
			p.Pos = 1
			p.unrecognised("this ALTER")
		}
	}
}

func (p *parser) alterTable(what string) {
	exists := p.Accept("IF", "EXISTS")
	only := p.Accept("ONLY")
	if p.Is("ALL", "IN", "TABLESPACE") {
		p.unrecognised("this ALTER TABLE")
		return
	}
	table := p.name()
	p.AcceptOp("*")
	for p.mysql && (p.Is("WAIT") || p.Is("NOWAIT")) { // MariaDB's
		p.Pos++
		if p.Peek(0).Kind == sqltoken.Number {
			p.Pos++
		}
	}
	if table == "" {
		p.unrecognised("this ALTER TABLE")
		return
	}
	from := len(p.actions)
	for _, part := range sqltoken.Items(p.Tokens[p.Pos:]) {
		a := &tablePart{parser: p, c: p.sub(part), table: table}
		a.read()
	}
	for i := from; i < len(p.actions); i++ {
		a := &p.actions[i]
		a.Only = only
		a.IfExists = a.IfExists || exists && len(p.actions) == from+1
		if what != "table" && a.Option == "" {
			a.Option = what
		}
	}
}

// tablePart is one part of an ALTER TABLE, between commas.
type tablePart struct {
	*parser
	c     cursor
	table string
}

func (a *tablePart) one(kind Kind) *Action {
	x := a.parser.add(kind, a.table)
	x.Tokens = a.c.Tokens
	if len(a.c.Tokens) > 0 && len(a.actions) > 1 {
		t := &a.c.Tokens[0]
		x.At = split.Position{Offset: t.Start, Line: t.Line, Column: t.Column}
	}
	return x
}

func (a *tablePart) unknown() {
	a.c.Pos = 0
	toks := a.c.Tokens
	text := Text(toks[:min(8, len(toks))])
	x := a.one(Unrecognised)
	x.Option = "this part of an ALTER TABLE: " + text
}

func (a *tablePart) read() {
	c := &a.c
	switch {
	case c.Is("ADD"):
		a.add()
	case c.Is("DROP"):
		a.drop()
	case c.Is("ALTER"):
		a.alterColumn()
	case c.Is("RENAME"):
		a.rename()
	case c.Accept("VALIDATE", "CONSTRAINT"):
		a.one(Validate).Name = c.ident()
	case c.Accept("ATTACH", "PARTITION"):
		x := a.one(AttachPartition)
		x.RefTable = c.name()
		x.Default = c.Accept("DEFAULT")
	case c.Accept("DETACH", "PARTITION"):
		x := a.one(DetachPartition)
		x.RefTable = c.name()
		x.Concurrently = c.Accept("CONCURRENTLY")
		if c.Accept("FINALIZE") {
			x.Option = "finalize"
		}
	case c.Accept("OWNER", "TO"):
		a.one(OwnerTo).NewName = c.ident()
	case c.Accept("SET", "SCHEMA"):
		a.one(SetSchema).NewName = c.ident()
	case c.Accept("SET", "TABLESPACE"):
		a.one(SetTablespace).NewName = c.ident()
	case c.Is("SET", "LOGGED"), c.Is("SET", "UNLOGGED"):
		a.one(SetLogged).Option = strings.ToLower(c.Peek(1).Text)
	case c.Accept("SET", "ACCESS", "METHOD"):
		a.one(SetAccessMethod).NewName = c.ident()
	case c.Accept("SET", "WITHOUT", "CLUSTER"), c.Accept("CLUSTER", "ON"):
		a.one(ClusterOn).Name = c.ident()
	case c.Is("SET", "WITHOUT", "OIDS"):
		a.one(SetAccessMethod).Option = "without oids"
	case c.Is("SET") && c.Peek(1).Op("("), c.Is("RESET") && c.Peek(1).Op("("):
		c.Pos++
		var names []string
		for _, part := range sqltoken.Items(c.Parens()) {
			names = append(names, strings.ToLower(part[0].Text))
		}
		a.one(SetOptions).Option = strings.Join(names, ",")
	case c.Accept("REPLICA", "IDENTITY"):
		a.one(ReplicaIdentity)
	case c.IsAny("ENABLE", "DISABLE", "FORCE", "NO") && !c.Is("NO", "INHERIT") && !(a.mysql && c.Is("FORCE")):
		a.enable()
	case c.Accept("INHERIT"):
		a.one(Inherit).RefTable = c.name()
	case c.Accept("NO", "INHERIT"):
		x := a.one(Inherit)
		x.RefTable, x.Option = c.name(), "no"
	case a.mysql:
		a.mysqlPart()
	default:
		a.unknown()
	}
}

func (a *tablePart) enable() {
	c := &a.c
	switch {
	case c.Is("ENABLE", "KEYS"), c.Is("DISABLE", "KEYS"):
		a.one(Keys).Option = strings.ToLower(c.Peek(0).Text)
		return
	}
	disable := c.Is("DISABLE")
	for c.AcceptAny("ENABLE", "DISABLE", "FORCE", "NO", "REPLICA", "ALWAYS") {
	}
	switch {
	case c.Accept("TRIGGER"):
		x := a.one(TriggerState)
		x.Name = c.ident()
		if disable {
			x.Option = "disable"
		}
	case c.Accept("RULE"):
		a.one(RuleState).Name = c.ident()
	case c.Is("ROW", "LEVEL", "SECURITY"):
		a.one(RowSecurity)
	default:
		a.unknown()
	}
}

func (a *tablePart) add() {
	c := &a.c
	c.Pos = 1
	if a.mysql && c.Is("PARTITION") && !c.Peek(1).Is("BY") {
		a.one(Partitioning).Option = "add"
		return
	}
	column := c.Accept("COLUMN")
	missing := c.Accept("IF", "NOT", "EXISTS")
	if !column {
		if k := c.constraint(); k != nil {
			x := a.one(AddConstraint)
			x.Constraint, x.IfNotExists = k, missing
			return
		}
		if a.mysql && c.IsAny("INDEX", "KEY", "FULLTEXT", "SPATIAL") {
			if ix := c.mysqlIndex(); ix != nil {
				x := a.one(CreateIndex)
				x.Index, x.Name, x.IfNotExists = ix, ix.Name, missing
				return
			}
		}
		if c.Is("SYSTEM", "VERSIONING") || c.Is("PERIOD", "FOR") {
			a.one(TableOption).Option = "system versioning"
			return
		}
	}
	if c.Peek(0).Op("(") { // MySQL: ADD (a int, b int)
		for _, part := range sqltoken.Items(c.Parens()) {
			sub := c.sub(part)
			a.column(&sub, missing)
		}
		return
	}
	a.column(c, missing)
}

func (a *tablePart) column(c *cursor, missing bool) {
	if col := c.column(); col != nil && col.Type.Raw != "" {
		x := a.one(AddColumn)
		x.Column, x.Name, x.IfNotExists = col, col.Name, missing
		return
	}
	a.unknown()
}

func (a *tablePart) drop() {
	c := &a.c
	c.Pos = 1
	kind := DropColumn
	switch {
	case c.Accept("PRIMARY", "KEY"):
		a.one(DropConstraint).Option = "primary key"
		return
	case c.Accept("FOREIGN", "KEY"):
		x := a.one(DropConstraint)
		c.Accept("IF", "EXISTS")
		x.Option, x.Name = "foreign key", c.ident()
		return
	case c.Accept("CONSTRAINT"):
		kind = DropConstraint
	case a.mysql && c.IsAny("INDEX", "KEY") && c.Peek(1).Kind != sqltoken.EOF:
		c.Pos++
		exists := c.Accept("IF", "EXISTS")
		x := a.one(DropIndex)
		x.Name, x.IfExists = c.ident(), exists
		x.Names = []string{x.Name}
		return
	case a.mysql && c.Is("PARTITION"):
		a.one(Partitioning).Option = "drop"
		return
	case a.mysql && c.Accept("CHECK"):
		kind = DropConstraint
	case c.Is("SYSTEM", "VERSIONING"), c.Is("PERIOD", "FOR"):
		a.one(TableOption).Option = "system versioning"
		return
	case c.Accept("COLUMN"):
	}
	exists := c.Accept("IF", "EXISTS")
	name := c.ident()
	if name == "" {
		a.unknown()
		return
	}
	x := a.one(kind)
	x.Name, x.IfExists, x.Cascade = name, exists, c.Accept("CASCADE")
}

func (a *tablePart) alterColumn() {
	c := &a.c
	c.Pos = 1
	if c.Accept("CONSTRAINT") {
		a.one(AlterConstraint).Name = c.ident()
		return
	}
	if a.mysql && c.Accept("INDEX") {
		a.one(IndexVisibility).Name = c.ident()
		return
	}
	if a.mysql && c.Accept("CHECK") {
		a.one(AlterConstraint).Name = c.ident()
		return
	}
	c.Accept("COLUMN")
	c.Accept("IF", "EXISTS")
	name := c.ident()
	if name == "" {
		a.unknown()
		return
	}
	one := func(kind Kind) *Action {
		x := a.one(kind)
		x.Name = name
		return x
	}
	col := &Column{Name: name}
	switch {
	case c.Accept("SET", "DATA", "TYPE"), c.Accept("TYPE"):
		c.columnType(col)
		for !c.Done() {
			switch {
			case c.Accept("COLLATE"):
				col.Collate = c.name()
			case c.Accept("USING"):
				col.Using = c.Until()
			default:
				c.Skip()
			}
		}
		one(AlterType).Column = col
	case c.Accept("SET", "DEFAULT"):
		col.Default = c.Until()
		one(SetDefault).Column = col
	case c.Accept("DROP", "DEFAULT"):
		one(DropDefault)
	case c.Accept("SET", "NOT", "NULL"):
		one(SetNotNull)
	case c.Accept("DROP", "NOT", "NULL"):
		one(DropNotNull)
	case c.Accept("ADD", "GENERATED"):
		one(AddIdentity)
	case c.Accept("SET", "EXPRESSION"):
		c.Accept("AS")
		col.Generated = c.Parens()
		one(SetGenerated).Column = col
	case c.Accept("DROP", "EXPRESSION"):
		one(DropExpression)
	case c.Accept("DROP", "IDENTITY"):
		one(ColumnOption).Option = "identity"
	case c.Is("SET", "GENERATED"), c.Is("RESTART"), c.Is("SET", "INCREMENT"), c.Is("SET", "START"), c.Is("SET", "CACHE"), c.Is("SET", "MAXVALUE"), c.Is("SET", "MINVALUE"), c.Is("SET", "CYCLE"), c.Is("SET", "NO"):
		one(ColumnOption).Option = "identity"
	case c.Accept("SET", "STATISTICS"):
		one(ColumnOption).Option = "statistics"
	case c.Accept("SET", "STORAGE"):
		one(ColumnOption).Option = "storage"
	case c.Accept("SET", "COMPRESSION"):
		one(ColumnOption).Option = "compression"
	case (c.Is("SET") || c.Is("RESET")) && c.Peek(1).Op("("):
		one(ColumnOption).Option = "options"
	case a.mysql && c.Is("SET"):
		one(ColumnOption).Option = "visibility"
	default:
		a.unknown()
	}
}

func (a *tablePart) rename() {
	c := &a.c
	c.Pos = 1
	switch {
	case c.Accept("TO"), a.mysql && c.Accept("AS"), a.mysql && c.AcceptOp("="):
		a.one(RenameTable).NewName = c.name()
	case c.Accept("CONSTRAINT"):
		x := a.one(RenameConstraint)
		x.Name = c.ident()
		c.Accept("TO")
		x.NewName = c.ident()
	case a.mysql && c.IsAny("INDEX", "KEY") && c.Peek(2).Is("TO"):
		c.Pos++
		x := a.one(RenameIndex)
		x.Name = c.ident()
		c.Accept("TO")
		x.NewName = c.ident()
	default:
		c.Accept("COLUMN")
		c.Accept("IF", "EXISTS")
		old := c.ident()
		switch {
		case old != "" && c.Accept("TO"):
			x := a.one(RenameColumn)
			x.Name, x.NewName = old, c.ident()
		case a.mysql && old != "" && c.Done():
			a.one(RenameTable).NewName = old
		default:
			a.unknown()
		}
	}
}

func (p *parser) alterIndex() {
	if p.Is("ALL", "IN") {
		p.unrecognised("this ALTER INDEX")
		return
	}
	p.Accept("IF", "EXISTS")
	name := p.name()
	switch {
	case p.Accept("RENAME", "TO"):
		a := p.add(RenameIndex, "")
		a.Name, a.NewName = name, p.ident()
	case p.Accept("ATTACH", "PARTITION"):
		a := p.add(AlterIndex, "")
		a.Name, a.Option, a.RefTable = name, "attach", p.name()
	case p.Is("SET", "TABLESPACE"):
		a := p.add(AlterIndex, "")
		a.Name, a.Option = name, "tablespace"
	default:
		a := p.add(AlterIndex, "")
		a.Name, a.Option = name, strings.ToLower(p.Peek(0).Text)
	}
}

func (p *parser) alterTypeObject() {
	name := p.name()
	switch {
	case p.Accept("ADD", "VALUE"):
		p.Accept("IF", "NOT", "EXISTS")
		a := p.add(AlterEnum, "")
		a.Name, a.Option, a.NewName = name, "add value", p.Peek(0).Value()
	case p.Accept("RENAME", "VALUE"):
		a := p.add(AlterEnum, "")
		a.Name, a.Option = name, "rename value"
	default:
		a := p.add(AlterComposite, "")
		a.Name, a.Option = name, strings.ToLower(p.Peek(0).Text+" "+p.Peek(1).Text)
	}
}

func (p *parser) alterDomain() {
	name := p.name()
	a := p.add(AlterDomain, "")
	a.Name, a.Option = name, strings.ToLower(p.Peek(0).Text+" "+p.Peek(1).Text)
	if p.Accept("ADD") {
		a.Constraint = p.constraint()
		if a.Constraint == nil {
			a.Constraint = &Constraint{Type: Check}
		}
	}
}
