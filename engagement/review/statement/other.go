package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// drop reads DROP ...
func (p *parser) drop() {
	p.i = 1
	p.acceptAny("TEMPORARY", "FOREIGN", "ONLINE", "OFFLINE")
	kind, option := DropOther, ""
	switch {
	case p.accept("TABLE"):
		kind = DropTable
	case p.accept("INDEX"):
		kind = DropIndex
	case p.accept("MATERIALIZED", "VIEW"):
		kind, option = DropView, "materialized"
	case p.accept("VIEW"):
		kind = DropView
	case p.accept("TRIGGER"), p.accept("POLICY"), p.accept("RULE"):
		p.dropOn(strings.ToLower(p.peek(-1).Text))
		return
	case p.acceptAny("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
		kind = DropFunction
	case p.acceptAny("TYPE", "DOMAIN"):
		kind = DropType
	default:
		option = strings.ToLower(p.peek(0).Text)
		switch option {
		case "schema", "sequence", "extension", "role", "user", "database", "operator", "cast", "collation", "conversion", "language", "procedural", "publication", "subscription", "server",
			"group", "tablespace", "event", "statistics", "owned", "access", "text", "transform", "prepare", "logfile":
			p.i++
		default:
			p.unrecognised("this DROP")
			return
		}
	}
	concurrently := p.accept("CONCURRENTLY")
	exists := p.accept("IF", "EXISTS")
	names := p.names()
	if len(names) == 0 && kind != DropOther {
		p.i = 1
		p.unrecognised("this DROP")
		return
	}
	table := ""
	if kind == DropIndex && p.accept("ON") {
		table = p.name()
	}
	a := p.add(kind, table)
	a.Names, a.Concurrently, a.IfExists, a.Option = names, concurrently, exists, option
	if len(names) > 0 {
		a.Name = names[0]
		if kind == DropTable || kind == DropView {
			a.Table = names[0]
		}
	}
	for ; !p.done(); p.i++ {
		a.Cascade = a.Cascade || p.is("CASCADE")
	}
}

// dropOn reads DROP TRIGGER name ON table and its like; MySQL's has no table.
func (p *parser) dropOn(what string) {
	exists := p.accept("IF", "EXISTS")
	name := p.name()
	p.accept("ON")
	table := p.name()
	kind := DropTrigger
	switch what {
	case "policy":
		kind = CreatePolicy
	case "rule":
		kind = CreateRule
	}
	a := p.add(kind, table)
	a.Name, a.IfExists, a.Option = name, exists, "drop"
}

// other reads the statements that begin with a word of their own.
func (p *parser) other() {
	word := strings.ToUpper(p.peek(0).Text)
	p.i = 1
	switch word {
	case "TRUNCATE":
		p.accept("TABLE")
		a := p.add(Truncate, "")
		a.Names = p.names()
		for ; !p.done(); p.i++ {
			a.Cascade = a.Cascade || p.is("CASCADE")
		}
		if len(a.Names) > 0 {
			a.Table = a.Names[0]
		}
	case "LOCK":
		p.acceptAny("TABLE", "TABLES")
		a := p.add(LockTable, "")
		a.Names, a.Option = p.names(), "ACCESS EXCLUSIVE"
		if p.accept("IN") {
			mode := p.until("MODE")
			a.Option = strings.ToUpper(Text(mode))
		}
		if len(a.Names) > 0 {
			a.Table = a.Names[0]
		}
	case "VACUUM", "ANALYZE", "ANALYSE":
		p.vacuum(word)
	case "CLUSTER":
		p.parens()
		p.accept("VERBOSE")
		p.add(Cluster, p.name())
	case "REINDEX":
		p.reindex()
	case "REFRESH":
		p.accept("MATERIALIZED")
		p.accept("VIEW")
		concurrently := p.accept("CONCURRENTLY")
		a := p.add(Refresh, p.name())
		a.Concurrently = concurrently
		if p.is("WITH", "NO", "DATA") {
			a.Option = "no data"
		}
	case "OPTIMIZE":
		p.acceptAny("LOCAL", "NO_WRITE_TO_BINLOG")
		p.acceptAny("TABLE", "TABLES")
		p.add(Rebuild, p.name()).Option = "optimize"
	case "COMMENT":
		p.comment()
	case "GRANT", "REVOKE", "REASSIGN", "SECURITY":
		p.add(Grant, "")
	case "SET", "RESET":
		p.set(word)
	case "BEGIN":
		p.add(Begin, "")
	case "START":
		if p.is("TRANSACTION") {
			p.add(Begin, "")
		}
	case "COMMIT", "END":
		p.add(Commit, "")
	case "ROLLBACK", "ABORT":
		if p.is("TO") || p.is("WORK", "TO") || p.is("TRANSACTION", "TO") {
			p.add(Savepoint, "")
			return
		}
		p.add(Commit, "").Option = "rollback"
	case "SAVEPOINT", "RELEASE":
		p.add(Savepoint, "")
	case "COPY":
		a := p.add(Copy, p.name())
		p.parens()
		if p.is("TO") {
			a.Option = "to"
		}
	case "DO":
		p.opaque("a DO block")
	case "CALL":
		p.opaque("a call of the procedure " + p.name())
	case "EXECUTE", "PREPARE", "DEALLOCATE":
		p.opaque("SQL that is put together while it runs")
	case "IMPORT":
		p.opaque("an import of a foreign schema")
	case "LOAD":
		p.add(Copy, "").Option = "load data"
	case "USE", "SHOW", "EXPLAIN", "DESCRIBE", "DISCARD", "LISTEN", "NOTIFY", "UNLISTEN", "CHECKPOINT", "FLUSH", "UNLOCK", "CHECK", "DECLARE", "FETCH", "CLOSE", "MOVE", "PURGE", "KILL", "HANDLER", "XA":
		a := p.add(Select, "")
		a.Option = strings.ToLower(word)
	default:
		p.i = 0
		p.unrecognised("this statement")
	}
}

func (p *parser) vacuum(word string) {
	kind := Analyze
	if word == "VACUUM" {
		kind = Vacuum
	}
	full := false
	for {
		if opts := p.parens(); opts != nil {
			for _, part := range parts(opts) {
				full = full || part[0].Is("FULL") && !(len(part) > 1 && (part[1].Is("FALSE") || part[1].Is("OFF")))
			}
			continue
		}
		if p.is("FULL") {
			full = true
		}
		if p.acceptAny("FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE", "TABLE", "LOCAL", "NO_WRITE_TO_BINLOG", "SKIP_LOCKED") {
			continue
		}
		break
	}
	a := p.add(kind, "")
	a.Full = full
	a.Names = p.names()
	if len(a.Names) > 0 {
		a.Table = a.Names[0]
	}
}

func (p *parser) reindex() {
	concurrently := false
	for _, part := range parts(p.parens()) {
		concurrently = concurrently || part[0].Is("CONCURRENTLY")
	}
	a := p.add(Reindex, "")
	a.Option = strings.ToLower(p.peek(0).Text)
	p.i++
	a.Concurrently = p.accept("CONCURRENTLY") || concurrently
	name := p.name()
	if a.Option == "table" {
		a.Table = name
	}
	a.Name = name
}

func (p *parser) comment() {
	p.accept("ON")
	object := strings.ToLower(p.peek(0).Text)
	p.i++
	if object == "materialized" || object == "foreign" {
		p.i++
	}
	name := p.name()
	a := p.add(Comment, "")
	a.Option, a.Name = object, name
	switch object {
	case "table", "view", "materialized", "foreign":
		a.Table = name
	case "column":
		if i := strings.LastIndexByte(name, '.'); i > 0 {
			a.Table = name[:i]
		}
	case "constraint", "trigger", "policy", "rule":
		if p.accept("ON") {
			p.accept("DOMAIN")
			a.Table = p.name()
		}
	}
}

func (p *parser) set(word string) {
	local := p.accept("LOCAL")
	for p.acceptAny("SESSION", "GLOBAL", "PERSIST") {
	}
	if word == "SET" && (p.is("TRANSACTION") || p.is("CHARACTERISTICS") || p.is("CONSTRAINTS")) {
		a := p.add(Set, "")
		a.Name = strings.ToLower(p.peek(0).Text)
		return
	}
	var name string
	if t := p.peek(0); t.Kind == sqltoken.Param {
		name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(t.Text, "@@"), "session."), "global.")
		if strings.HasPrefix(name, "@") {
			p.add(Set, "").Name = name
			return
		}
		p.i++
	} else if p.is("TIME", "ZONE") {
		p.i += 2
		name = "timezone"
	} else {
		name = p.name()
	}
	a := p.add(Set, "")
	a.Name, a.Local = strings.ToLower(name), local
	if word == "RESET" {
		a.NewName = "default"
		return
	}
	if !p.op("=") && !p.op(":=") {
		p.accept("TO")
	}
	var values []string
	for ; !p.done(); p.i++ {
		values = append(values, p.peek(0).Value())
	}
	a.NewName = strings.Join(values, " ")
}

// opaque says that what a statement does stands in code that is not read here. The body of a DO block is
// kept, so that a caller may look into it.
func (p *parser) opaque(what string) {
	a := p.add(Opaque, "")
	a.Option = what
	for i := range p.toks {
		if body, at, ok := p.toks[i].Body(); ok && p.toks[i].Kind == sqltoken.String && len(body) > len(a.Body) {
			a.Body, a.BodyAt = body, at
		}
	}
}
