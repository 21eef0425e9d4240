package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// create reads CREATE ...
func (p *parser) create() {
	p.Pos = 1
	var replace, temporary, unlogged, unique bool
	method := ""
	for {
		switch {
		case p.Accept("OR", "REPLACE"):
			replace = true
			continue
		case p.AcceptAny("TEMP", "TEMPORARY"):
			temporary = true
			continue
		case p.Accept("UNLOGGED"):
			unlogged = true
			continue
		case p.AcceptAny("GLOBAL", "LOCAL", "RECURSIVE", "ONLINE", "OFFLINE", "TRUSTED", "CONSTRAINT"):
			continue
		case p.Accept("UNIQUE"):
			unique = true
			continue
		case p.Accept("FULLTEXT"):
			method = "fulltext"
			continue
		case p.Accept("SPATIAL"):
			method = "spatial"
			continue
		case p.mysql && p.IsAny("ALGORITHM", "DEFINER"), p.mysql && p.Is("SQL", "SECURITY"):
			p.Until("VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT")
			continue
		}
		break
	}
	switch {
	case p.Accept("TABLE"), p.Accept("FOREIGN", "TABLE"):
		p.createTable(temporary, unlogged)
	case p.Accept("INDEX"):
		p.createIndex(unique, method)
	case p.Accept("MATERIALIZED", "VIEW"):
		p.createView(CreateMatView, replace, temporary)
	case p.Accept("VIEW"):
		p.createView(CreateView, replace, temporary)
	case p.Accept("TRIGGER"), p.Accept("EVENT", "TRIGGER"):
		p.Accept("IF", "NOT", "EXISTS")
		name := p.name()
		event := p.Peek(-2).Is("EVENT")
		p.Until("ON")
		p.Accept("ON")
		table := p.name()
		if event {
			table = ""
		}
		a := p.add(CreateTrigger, table)
		a.Name, a.OrReplace = name, replace
	case p.Accept("FUNCTION"), p.Accept("PROCEDURE"):
		p.createFunction(replace)
	case p.Accept("POLICY"):
		name := p.name()
		p.Accept("ON")
		p.add(CreatePolicy, p.name()).Name = name
	case p.Accept("RULE"):
		name := p.name()
		p.Until("TO")
		p.Accept("TO")
		p.add(CreateRule, p.name()).Name = name
	case p.Accept("STATISTICS"):
		p.Accept("IF", "NOT", "EXISTS")
		name := p.name()
		p.Until("FROM")
		p.Accept("FROM")
		p.add(CreateStatistics, p.name()).Name = name
	case p.Accept("TYPE"):
		p.add(CreateType, "").Name = p.name()
	case p.Accept("DOMAIN"):
		a := p.add(CreateDomain, "")
		a.Name = p.name()
		p.Accept("AS")
		a.Column = &Column{Name: a.Name}
		p.columnType(a.Column)
		p.columnOptions(a.Column)
	case p.Accept("EXTENSION"):
		p.Accept("IF", "NOT", "EXISTS")
		p.add(CreateExtension, "").Name = p.name()
	default:
		kind := strings.ToLower(p.Peek(0).Text)
		switch kind {
		case "schema", "sequence", "role", "user", "database", "aggregate", "operator", "cast", "collation", "conversion", "language", "procedural", "publication", "subscription", "server",
			"group", "tablespace", "event", "foreign", "access", "text", "transform", "default", "logfile", "package":
			p.Pos++
			p.Accept("IF", "NOT", "EXISTS")
			a := p.add(CreateOther, "")
			a.Option, a.Name = kind, p.name()
		default:
			p.Pos = 1
			p.unrecognised("this CREATE")
		}
	}
}

func (p *parser) createTable(temporary, unlogged bool) {
	missing := p.Accept("IF", "NOT", "EXISTS")
	table := p.name()
	if table == "" {
		p.unrecognised("this CREATE TABLE")
		return
	}
	def := &Table{Unlogged: unlogged}
	kind := CreateTable
	var a Action
	for !p.Done() {
		switch {
		case p.Accept("PARTITION", "OF"):
			def.PartitionOf = p.name()
		case p.Accept("PARTITION", "BY"):
			def.Partitioned = true
			p.Pos = len(p.Tokens)
		case p.Accept("INHERITS"):
			sub := p.sub(p.Parens())
			def.Inherits = sub.names()
		case p.Accept("LIKE"):
			def.Like = p.name()
		case p.Accept("FOR", "VALUES"):
			p.Until("PARTITION")
		case p.Accept("DEFAULT") && def.PartitionOf != "":
			a.Default = true
		case p.Is("AS"), p.Is("SELECT"):
			kind = CreateTableAs
			a.Sources = sources(p.Tokens[p.Pos:])
			p.Pos = len(p.Tokens)
		case p.Peek(0).Op("(") && len(def.Columns) == 0 && len(def.Constraints) == 0:
			if p.Peek(1).Is("SELECT") || p.Peek(1).Is("WITH") {
				kind = CreateTableAs
			}
			p.tableElements(def, p.Parens())
		default:
			p.Skip()
		}
	}
	x := p.add(kind, table)
	x.Def, x.IfNotExists, x.Temporary, x.Default, x.Sources = def, missing, temporary, a.Default, a.Sources
}

func (p *parser) tableElements(def *Table, toks []sqltoken.Token) {
	for _, part := range sqltoken.Items(toks) {
		c := p.sub(part)
		if c.Accept("LIKE") && c.isName() {
			def.Like = c.name()
			continue
		}
		c.Pos = 0
		if k := c.constraint(); k != nil {
			def.Constraints = append(def.Constraints, k)
			continue
		}
		if p.mysql && c.IsAny("INDEX", "KEY", "FULLTEXT", "SPATIAL") {
			if ix := c.mysqlIndex(); ix != nil {
				def.Indexes = append(def.Indexes, ix)
				continue
			}
		}
		if col := c.column(); col != nil {
			def.Columns = append(def.Columns, col)
		}
	}
}

func (p *parser) createIndex(unique bool, method string) {
	concurrently := p.Accept("CONCURRENTLY")
	missing := p.Accept("IF", "NOT", "EXISTS")
	ix := &Index{Unique: unique, Method: method}
	if !p.Is("ON") || p.Peek(1).Is("ON") {
		ix.Name = p.name()
	}
	if p.Accept("USING") {
		ix.Method = strings.ToLower(p.ident())
	}
	if !p.Accept("ON") {
		p.unrecognised("this CREATE INDEX")
		return
	}
	only := p.Accept("ONLY")
	table := p.name()
	if p.Accept("USING") {
		ix.Method = strings.ToLower(p.ident())
	}
	if table == "" || !p.Peek(0).Op("(") {
		p.unrecognised("this CREATE INDEX")
		return
	}
	p.indexKeys(ix, p.Parens())
	for !p.Done() {
		switch {
		case p.Accept("INCLUDE"):
			ix.Include = p.columnNames(p.Parens())
		case p.Accept("WHERE"):
			ix.Where = p.Until("ALGORITHM", "LOCK")
		default:
			from := p.Pos
			p.Skip()
			ix.Rest = append(ix.Rest, p.Tokens[from:min(p.Pos, len(p.Tokens))]...)
		}
	}
	a := p.add(CreateIndex, table)
	a.Index, a.Name, a.Concurrently, a.IfNotExists, a.Only = ix, ix.Name, concurrently, missing, only
}

// indexKeys reads the keys of an index.
func (c *cursor) indexKeys(ix *Index, toks []sqltoken.Token) {
	for _, part := range sqltoken.Items(toks) {
		ix.Keys = append(ix.Keys, part)
		first := part[0]
		plain := first.Kind == sqltoken.Word || first.Kind == sqltoken.Quoted
		switch {
		case plain && len(part) >= 4 && part[1].Op("(") && part[2].Kind == sqltoken.Number && part[3].Op(")") && c.mysql:
			ix.Columns, ix.Prefix = append(ix.Columns, first.Value()), true
		case plain && (len(part) == 1 || part[1].Kind == sqltoken.Word || part[1].Kind == sqltoken.Quoted):
			ix.Columns = append(ix.Columns, first.Value())
		default:
			ix.Columns, ix.Exprs = append(ix.Columns, Text(part)), true
		}
	}
}

func (p *parser) createView(kind Kind, replace, temporary bool) {
	missing := p.Accept("IF", "NOT", "EXISTS")
	a := p.add(kind, p.name())
	a.OrReplace, a.IfNotExists, a.Temporary = replace, missing, temporary
	p.Until("AS")
	query := p.Tokens[min(p.Pos, len(p.Tokens)):]
	a.Sources, a.Body = sources(query), Text(query)
	if n := len(p.Tokens); n >= 3 && p.Tokens[n-1].Is("DATA") && p.Tokens[n-2].Is("NO") {
		a.Option = "no data"
	}
}

func (p *parser) createFunction(replace bool) {
	a := p.add(CreateFunction, "")
	p.Accept("IF", "NOT", "EXISTS")
	a.Name, a.OrReplace, a.Option = p.name(), replace, "volatile"
	for ; !p.Done(); p.Pos++ {
		t := p.Peek(0)
		switch {
		case t.Is("IMMUTABLE"), t.Is("STABLE"):
			a.Option = strings.ToLower(t.Text)
		case t.Kind == sqltoken.String && p.Peek(-1).Is("AS"):
			a.Body, a.BodyAt, _ = t.Body()
		}
	}
}
