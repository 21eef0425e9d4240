package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// alter reads ALTER ...
func (p *parser) alter() {
	p.i = 1
	for p.mysql && p.acceptAny("ONLINE", "OFFLINE", "IGNORE") {
	}
	switch {
	case p.accept("TABLE"), p.accept("FOREIGN", "TABLE"):
		p.alterTable("table")
	case p.accept("MATERIALIZED", "VIEW"), p.accept("VIEW"):
		p.alterTable("view")
	case p.accept("INDEX"):
		p.alterIndex()
	case p.accept("TYPE"):
		p.alterTypeObject()
	case p.accept("DOMAIN"):
		p.alterDomain()
	case p.accept("SEQUENCE"):
		p.accept("IF", "EXISTS")
		p.add(AlterSequence, "").Name = p.name()
	case p.accept("EXTENSION"):
		a := p.add(CreateExtension, "")
		a.Name, a.Option = p.name(), "alter"
	case p.accept("POLICY"):
		name := p.name()
		p.accept("ON")
		p.add(CreatePolicy, p.name()).Name = name
	case p.accept("TRIGGER"):
		name := p.name()
		p.accept("ON")
		a := p.add(RenameOther, p.name())
		a.Name, a.Option = name, "trigger"
	case p.accept("DEFAULT", "PRIVILEGES"):
		p.add(Grant, "")
	default:
		kind := strings.ToLower(p.peek(0).Text)
		p.i++
		if p.accept("MAPPING") || p.accept("TABLE") {
			kind += " mapping"
		}
		switch kind {
		case "function", "procedure", "routine", "aggregate", "schema", "database", "role", "user", "server", "publication", "subscription", "system",
			"statistics", "collation", "conversion", "language", "operator", "event", "tablespace", "text", "rule", "group", "large", "instance", "access", "server mapping", "user mapping":
			a := p.add(AlterOther, "")
			a.Option, a.Name = kind, p.name()
		default:
			p.i = 1
			p.unrecognised("this ALTER")
		}
	}
}

func (p *parser) alterTable(what string) {
	exists := p.accept("IF", "EXISTS")
	only := p.accept("ONLY")
	if p.is("ALL", "IN", "TABLESPACE") {
		p.unrecognised("this ALTER TABLE")
		return
	}
	table := p.name()
	p.op("*")
	for p.mysql && (p.is("WAIT") || p.is("NOWAIT")) { // MariaDB's
		p.i++
		if p.peek(0).Kind == sqltoken.Number {
			p.i++
		}
	}
	if table == "" {
		p.unrecognised("this ALTER TABLE")
		return
	}
	from := len(p.actions)
	for _, part := range parts(p.toks[p.i:]) {
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
	x.Tokens = a.c.toks
	if len(a.c.toks) > 0 && len(a.actions) > 1 {
		t := &a.c.toks[0]
		x.At = split.Position{Offset: t.Start, Line: t.Line, Column: t.Column}
	}
	return x
}

func (a *tablePart) unknown() {
	a.c.i = 0
	toks := a.c.toks
	text := Text(toks[:min(8, len(toks))])
	x := a.one(Unrecognised)
	x.Option = "this part of an ALTER TABLE: " + text
}

func (a *tablePart) read() {
	c := &a.c
	switch {
	case c.is("ADD"):
		a.add()
	case c.is("DROP"):
		a.drop()
	case c.is("ALTER"):
		a.alterColumn()
	case c.is("RENAME"):
		a.rename()
	case c.accept("VALIDATE", "CONSTRAINT"):
		a.one(Validate).Name = c.ident()
	case c.accept("ATTACH", "PARTITION"):
		x := a.one(AttachPartition)
		x.RefTable = c.name()
		x.Default = c.accept("DEFAULT")
	case c.accept("DETACH", "PARTITION"):
		x := a.one(DetachPartition)
		x.RefTable = c.name()
		x.Concurrently = c.accept("CONCURRENTLY")
		if c.accept("FINALIZE") {
			x.Option = "finalize"
		}
	case c.accept("OWNER", "TO"):
		a.one(OwnerTo).NewName = c.ident()
	case c.accept("SET", "SCHEMA"):
		a.one(SetSchema).NewName = c.ident()
	case c.accept("SET", "TABLESPACE"):
		a.one(SetTablespace).NewName = c.ident()
	case c.is("SET", "LOGGED"), c.is("SET", "UNLOGGED"):
		a.one(SetLogged).Option = strings.ToLower(c.peek(1).Text)
	case c.accept("SET", "ACCESS", "METHOD"):
		a.one(SetAccessMethod).NewName = c.ident()
	case c.accept("SET", "WITHOUT", "CLUSTER"), c.accept("CLUSTER", "ON"):
		a.one(ClusterOn).Name = c.ident()
	case c.is("SET", "WITHOUT", "OIDS"):
		a.one(SetAccessMethod).Option = "without oids"
	case c.is("SET") && c.peek(1).Op("("), c.is("RESET") && c.peek(1).Op("("):
		c.i++
		var names []string
		for _, part := range parts(c.parens()) {
			names = append(names, strings.ToLower(part[0].Text))
		}
		a.one(SetOptions).Option = strings.Join(names, ",")
	case c.accept("REPLICA", "IDENTITY"):
		a.one(ReplicaIdentity)
	case c.any("ENABLE", "DISABLE", "FORCE", "NO") && !c.is("NO", "INHERIT") && !(a.mysql && c.is("FORCE")):
		a.enable()
	case c.accept("INHERIT"):
		a.one(Inherit).RefTable = c.name()
	case c.accept("NO", "INHERIT"):
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
	case c.is("ENABLE", "KEYS"), c.is("DISABLE", "KEYS"):
		a.one(Keys).Option = strings.ToLower(c.peek(0).Text)
		return
	}
	disable := c.is("DISABLE")
	for c.acceptAny("ENABLE", "DISABLE", "FORCE", "NO", "REPLICA", "ALWAYS") {
	}
	switch {
	case c.accept("TRIGGER"):
		x := a.one(TriggerState)
		x.Name = c.ident()
		if disable {
			x.Option = "disable"
		}
	case c.accept("RULE"):
		a.one(RuleState).Name = c.ident()
	case c.is("ROW", "LEVEL", "SECURITY"):
		a.one(RowSecurity)
	default:
		a.unknown()
	}
}

func (a *tablePart) add() {
	c := &a.c
	c.i = 1
	if a.mysql && c.is("PARTITION") && !c.peek(1).Is("BY") {
		a.one(Partitioning).Option = "add"
		return
	}
	column := c.accept("COLUMN")
	missing := c.accept("IF", "NOT", "EXISTS")
	if !column {
		if k := c.constraint(); k != nil {
			x := a.one(AddConstraint)
			x.Constraint, x.IfNotExists = k, missing
			return
		}
		if a.mysql && c.any("INDEX", "KEY", "FULLTEXT", "SPATIAL") {
			if ix := c.mysqlIndex(); ix != nil {
				x := a.one(CreateIndex)
				x.Index, x.Name, x.IfNotExists = ix, ix.Name, missing
				return
			}
		}
		if c.is("SYSTEM", "VERSIONING") || c.is("PERIOD", "FOR") {
			a.one(TableOption).Option = "system versioning"
			return
		}
	}
	if c.peek(0).Op("(") { // MySQL: ADD (a int, b int)
		for _, part := range parts(c.parens()) {
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
	c.i = 1
	kind := DropColumn
	switch {
	case c.accept("PRIMARY", "KEY"):
		a.one(DropConstraint).Option = "primary key"
		return
	case c.accept("FOREIGN", "KEY"):
		x := a.one(DropConstraint)
		c.accept("IF", "EXISTS")
		x.Option, x.Name = "foreign key", c.ident()
		return
	case c.accept("CONSTRAINT"):
		kind = DropConstraint
	case a.mysql && c.any("INDEX", "KEY") && c.peek(1).Kind != sqltoken.EOF:
		c.i++
		exists := c.accept("IF", "EXISTS")
		x := a.one(DropIndex)
		x.Name, x.IfExists = c.ident(), exists
		x.Names = []string{x.Name}
		return
	case a.mysql && c.is("PARTITION"):
		a.one(Partitioning).Option = "drop"
		return
	case a.mysql && c.accept("CHECK"):
		kind = DropConstraint
	case c.is("SYSTEM", "VERSIONING"), c.is("PERIOD", "FOR"):
		a.one(TableOption).Option = "system versioning"
		return
	case c.accept("COLUMN"):
	}
	exists := c.accept("IF", "EXISTS")
	name := c.ident()
	if name == "" {
		a.unknown()
		return
	}
	x := a.one(kind)
	x.Name, x.IfExists, x.Cascade = name, exists, c.accept("CASCADE")
}

func (a *tablePart) alterColumn() {
	c := &a.c
	c.i = 1
	if c.accept("CONSTRAINT") {
		a.one(AlterConstraint).Name = c.ident()
		return
	}
	if a.mysql && c.accept("INDEX") {
		a.one(IndexVisibility).Name = c.ident()
		return
	}
	if a.mysql && c.accept("CHECK") {
		a.one(AlterConstraint).Name = c.ident()
		return
	}
	c.accept("COLUMN")
	c.accept("IF", "EXISTS")
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
	case c.accept("SET", "DATA", "TYPE"), c.accept("TYPE"):
		c.columnType(col)
		for !c.done() {
			switch {
			case c.accept("COLLATE"):
				col.Collate = c.name()
			case c.accept("USING"):
				col.Using = c.until()
			default:
				c.skip()
			}
		}
		one(AlterType).Column = col
	case c.accept("SET", "DEFAULT"):
		col.Default = c.until()
		one(SetDefault).Column = col
	case c.accept("DROP", "DEFAULT"):
		one(DropDefault)
	case c.accept("SET", "NOT", "NULL"):
		one(SetNotNull)
	case c.accept("DROP", "NOT", "NULL"):
		one(DropNotNull)
	case c.accept("ADD", "GENERATED"):
		one(AddIdentity)
	case c.accept("SET", "EXPRESSION"):
		c.accept("AS")
		col.Generated = c.parens()
		one(SetGenerated).Column = col
	case c.accept("DROP", "EXPRESSION"):
		one(DropExpression)
	case c.accept("DROP", "IDENTITY"):
		one(ColumnOption).Option = "identity"
	case c.is("SET", "GENERATED"), c.is("RESTART"), c.is("SET", "INCREMENT"), c.is("SET", "START"), c.is("SET", "CACHE"), c.is("SET", "MAXVALUE"), c.is("SET", "MINVALUE"), c.is("SET", "CYCLE"), c.is("SET", "NO"):
		one(ColumnOption).Option = "identity"
	case c.accept("SET", "STATISTICS"):
		one(ColumnOption).Option = "statistics"
	case c.accept("SET", "STORAGE"):
		one(ColumnOption).Option = "storage"
	case c.accept("SET", "COMPRESSION"):
		one(ColumnOption).Option = "compression"
	case (c.is("SET") || c.is("RESET")) && c.peek(1).Op("("):
		one(ColumnOption).Option = "options"
	case a.mysql && c.is("SET"):
		one(ColumnOption).Option = "visibility"
	default:
		a.unknown()
	}
}

func (a *tablePart) rename() {
	c := &a.c
	c.i = 1
	switch {
	case c.accept("TO"), a.mysql && c.accept("AS"), a.mysql && c.op("="):
		a.one(RenameTable).NewName = c.name()
	case c.accept("CONSTRAINT"):
		x := a.one(RenameConstraint)
		x.Name = c.ident()
		c.accept("TO")
		x.NewName = c.ident()
	case a.mysql && c.any("INDEX", "KEY") && c.peek(2).Is("TO"):
		c.i++
		x := a.one(RenameIndex)
		x.Name = c.ident()
		c.accept("TO")
		x.NewName = c.ident()
	default:
		c.accept("COLUMN")
		c.accept("IF", "EXISTS")
		old := c.ident()
		switch {
		case old != "" && c.accept("TO"):
			x := a.one(RenameColumn)
			x.Name, x.NewName = old, c.ident()
		case a.mysql && old != "" && c.done():
			a.one(RenameTable).NewName = old
		default:
			a.unknown()
		}
	}
}

func (p *parser) alterIndex() {
	if p.is("ALL", "IN") {
		p.unrecognised("this ALTER INDEX")
		return
	}
	p.accept("IF", "EXISTS")
	name := p.name()
	switch {
	case p.accept("RENAME", "TO"):
		a := p.add(RenameIndex, "")
		a.Name, a.NewName = name, p.ident()
	case p.accept("ATTACH", "PARTITION"):
		a := p.add(AlterIndex, "")
		a.Name, a.Option, a.RefTable = name, "attach", p.name()
	case p.is("SET", "TABLESPACE"):
		a := p.add(AlterIndex, "")
		a.Name, a.Option = name, "tablespace"
	default:
		a := p.add(AlterIndex, "")
		a.Name, a.Option = name, strings.ToLower(p.peek(0).Text)
	}
}

func (p *parser) alterTypeObject() {
	name := p.name()
	switch {
	case p.accept("ADD", "VALUE"):
		p.accept("IF", "NOT", "EXISTS")
		a := p.add(AlterEnum, "")
		a.Name, a.Option, a.NewName = name, "add value", p.peek(0).Value()
	case p.accept("RENAME", "VALUE"):
		a := p.add(AlterEnum, "")
		a.Name, a.Option = name, "rename value"
	default:
		a := p.add(AlterComposite, "")
		a.Name, a.Option = name, strings.ToLower(p.peek(0).Text+" "+p.peek(1).Text)
	}
}

func (p *parser) alterDomain() {
	name := p.name()
	a := p.add(AlterDomain, "")
	a.Name, a.Option = name, strings.ToLower(p.peek(0).Text+" "+p.peek(1).Text)
	if p.accept("ADD") {
		a.Constraint = p.constraint()
		if a.Constraint == nil {
			a.Constraint = &Constraint{Type: Check}
		}
	}
}
