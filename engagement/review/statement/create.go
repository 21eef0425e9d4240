package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// create reads CREATE ...
func (p *parser) create() {
	p.i = 1
	var replace, temporary, unlogged, unique bool
	method := ""
	for {
		switch {
		case p.accept("OR", "REPLACE"):
			replace = true
			continue
		case p.acceptAny("TEMP", "TEMPORARY"):
			temporary = true
			continue
		case p.accept("UNLOGGED"):
			unlogged = true
			continue
		case p.acceptAny("GLOBAL", "LOCAL", "RECURSIVE", "ONLINE", "OFFLINE", "TRUSTED", "CONSTRAINT"):
			continue
		case p.accept("UNIQUE"):
			unique = true
			continue
		case p.accept("FULLTEXT"):
			method = "fulltext"
			continue
		case p.accept("SPATIAL"):
			method = "spatial"
			continue
		case p.mysql && p.any("ALGORITHM", "DEFINER"), p.mysql && p.is("SQL", "SECURITY"):
			p.until("VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT")
			continue
		}
		break
	}
	switch {
	case p.accept("TABLE"), p.accept("FOREIGN", "TABLE"):
		p.createTable(temporary, unlogged)
	case p.accept("INDEX"):
		p.createIndex(unique, method)
	case p.accept("MATERIALIZED", "VIEW"):
		p.createView(CreateMatView, replace, temporary)
	case p.accept("VIEW"):
		p.createView(CreateView, replace, temporary)
	case p.accept("TRIGGER"), p.accept("EVENT", "TRIGGER"):
		p.accept("IF", "NOT", "EXISTS")
		name := p.name()
		event := p.peek(-2).Is("EVENT")
		p.until("ON")
		p.accept("ON")
		table := p.name()
		if event {
			table = ""
		}
		a := p.add(CreateTrigger, table)
		a.Name, a.OrReplace = name, replace
	case p.accept("FUNCTION"), p.accept("PROCEDURE"):
		p.createFunction(replace)
	case p.accept("POLICY"):
		name := p.name()
		p.accept("ON")
		p.add(CreatePolicy, p.name()).Name = name
	case p.accept("RULE"):
		name := p.name()
		p.until("TO")
		p.accept("TO")
		p.add(CreateRule, p.name()).Name = name
	case p.accept("STATISTICS"):
		p.accept("IF", "NOT", "EXISTS")
		name := p.name()
		p.until("FROM")
		p.accept("FROM")
		p.add(CreateStatistics, p.name()).Name = name
	case p.accept("TYPE"):
		p.add(CreateType, "").Name = p.name()
	case p.accept("DOMAIN"):
		a := p.add(CreateDomain, "")
		a.Name = p.name()
		p.accept("AS")
		a.Column = &Column{Name: a.Name}
		p.columnType(a.Column)
		p.columnOptions(a.Column)
	case p.accept("EXTENSION"):
		p.accept("IF", "NOT", "EXISTS")
		p.add(CreateExtension, "").Name = p.name()
	default:
		kind := strings.ToLower(p.peek(0).Text)
		switch kind {
		case "schema", "sequence", "role", "user", "database", "aggregate", "operator", "cast", "collation", "conversion", "language", "procedural", "publication", "subscription", "server",
			"group", "tablespace", "event", "foreign", "access", "text", "transform", "default", "logfile", "package":
			p.i++
			p.accept("IF", "NOT", "EXISTS")
			a := p.add(CreateOther, "")
			a.Option, a.Name = kind, p.name()
		default:
			p.i = 1
			p.unrecognised("this CREATE")
		}
	}
}

func (p *parser) createTable(temporary, unlogged bool) {
	missing := p.accept("IF", "NOT", "EXISTS")
	table := p.name()
	if table == "" {
		p.unrecognised("this CREATE TABLE")
		return
	}
	def := &Table{Unlogged: unlogged}
	kind := CreateTable
	var a Action
	for !p.done() {
		switch {
		case p.accept("PARTITION", "OF"):
			def.PartitionOf = p.name()
		case p.accept("PARTITION", "BY"):
			def.Partitioned = true
			p.i = len(p.toks)
		case p.accept("INHERITS"):
			sub := p.sub(p.parens())
			def.Inherits = sub.names()
		case p.accept("LIKE"):
			def.Like = p.name()
		case p.accept("FOR", "VALUES"):
			p.until("PARTITION")
		case p.accept("DEFAULT") && def.PartitionOf != "":
			a.Default = true
		case p.is("AS"), p.is("SELECT"):
			kind = CreateTableAs
			a.Sources = sources(p.toks[p.i:])
			p.i = len(p.toks)
		case p.peek(0).Op("(") && len(def.Columns) == 0 && len(def.Constraints) == 0:
			if p.peek(1).Is("SELECT") || p.peek(1).Is("WITH") {
				kind = CreateTableAs
			}
			p.tableElements(def, p.parens())
		default:
			p.skip()
		}
	}
	x := p.add(kind, table)
	x.Def, x.IfNotExists, x.Temporary, x.Default, x.Sources = def, missing, temporary, a.Default, a.Sources
}

func (p *parser) tableElements(def *Table, toks []sqltoken.Token) {
	for _, part := range parts(toks) {
		c := p.sub(part)
		if c.accept("LIKE") && c.isName() {
			def.Like = c.name()
			continue
		}
		c.i = 0
		if k := c.constraint(); k != nil {
			def.Constraints = append(def.Constraints, k)
			continue
		}
		if p.mysql && c.any("INDEX", "KEY", "FULLTEXT", "SPATIAL") {
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
	concurrently := p.accept("CONCURRENTLY")
	missing := p.accept("IF", "NOT", "EXISTS")
	ix := &Index{Unique: unique, Method: method}
	if !p.is("ON") || p.peek(1).Is("ON") {
		ix.Name = p.name()
	}
	if p.accept("USING") {
		ix.Method = strings.ToLower(p.ident())
	}
	if !p.accept("ON") {
		p.unrecognised("this CREATE INDEX")
		return
	}
	only := p.accept("ONLY")
	table := p.name()
	if p.accept("USING") {
		ix.Method = strings.ToLower(p.ident())
	}
	if table == "" || !p.peek(0).Op("(") {
		p.unrecognised("this CREATE INDEX")
		return
	}
	p.indexKeys(ix, p.parens())
	for !p.done() {
		switch {
		case p.accept("INCLUDE"):
			ix.Include = p.columnNames(p.parens())
		case p.accept("WHERE"):
			ix.Where = p.until("ALGORITHM", "LOCK")
		default:
			from := p.i
			p.skip()
			ix.Rest = append(ix.Rest, p.toks[from:min(p.i, len(p.toks))]...)
		}
	}
	a := p.add(CreateIndex, table)
	a.Index, a.Name, a.Concurrently, a.IfNotExists, a.Only = ix, ix.Name, concurrently, missing, only
}

// indexKeys reads the keys of an index.
func (c *cursor) indexKeys(ix *Index, toks []sqltoken.Token) {
	for _, part := range parts(toks) {
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
	missing := p.accept("IF", "NOT", "EXISTS")
	a := p.add(kind, p.name())
	a.OrReplace, a.IfNotExists, a.Temporary = replace, missing, temporary
	p.until("AS")
	a.Sources = sources(p.toks[min(p.i, len(p.toks)):])
	if n := len(p.toks); n >= 3 && p.toks[n-1].Is("DATA") && p.toks[n-2].Is("NO") {
		a.Option = "no data"
	}
}

func (p *parser) createFunction(replace bool) {
	a := p.add(CreateFunction, "")
	p.accept("IF", "NOT", "EXISTS")
	a.Name, a.OrReplace, a.Option = p.name(), replace, "volatile"
	for ; !p.done(); p.i++ {
		t := p.peek(0)
		switch {
		case t.Is("IMMUTABLE"), t.Is("STABLE"):
			a.Option = strings.ToLower(t.Text)
		case t.Kind == sqltoken.String && p.peek(-1).Is("AS"):
			a.Body, a.BodyAt, _ = t.Body()
		}
	}
}
