package statement

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// drop reads DROP ...
func (p *parser) drop() {
	p.Pos = 1
	p.AcceptAny("TEMPORARY", "FOREIGN", "ONLINE", "OFFLINE")
	kind, option := DropOther, ""
	switch {
	case p.Accept("TABLE"):
		kind = DropTable
	case p.Accept("INDEX"):
		kind = DropIndex
	case p.Accept("MATERIALIZED", "VIEW"):
		kind, option = DropView, "materialized"
	case p.Accept("VIEW"):
		kind = DropView
	case p.Accept("TRIGGER"), p.Accept("POLICY"), p.Accept("RULE"):
		p.dropOn(strings.ToLower(p.Peek(-1).Text))
		return
	case p.AcceptAny("FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"):
		kind = DropFunction
	case p.AcceptAny("TYPE", "DOMAIN"):
		kind = DropType
	default:
		option = strings.ToLower(p.Peek(0).Text)
		switch option {
		case "schema", "sequence", "extension", "role", "user", "database", "operator", "cast", "collation", "conversion", "language", "procedural", "publication", "subscription", "server",
			"group", "tablespace", "event", "statistics", "owned", "access", "text", "transform", "prepare", "logfile":
			p.Pos++
		default:
			p.unrecognised("this DROP")
			return
		}
	}
	concurrently := p.Accept("CONCURRENTLY")
	exists := p.Accept("IF", "EXISTS")
	names := p.names()
	if len(names) == 0 && kind != DropOther {
		p.Pos = 1
		p.unrecognised("this DROP")
		return
	}
	table := ""
	if kind == DropIndex && p.Accept("ON") {
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
	for ; !p.Done(); p.Pos++ {
		a.Cascade = a.Cascade || p.Is("CASCADE")
	}
}

// dropOn reads DROP TRIGGER name ON table and its like; MySQL's has no table.
func (p *parser) dropOn(what string) {
	exists := p.Accept("IF", "EXISTS")
	name := p.name()
	p.Accept("ON")
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
	word := strings.ToUpper(p.Peek(0).Text)
	p.Pos = 1
	switch word {
	case "TRUNCATE":
		p.Accept("TABLE")
		a := p.add(Truncate, "")
		a.Names = p.names()
		for ; !p.Done(); p.Pos++ {
			a.Cascade = a.Cascade || p.Is("CASCADE")
		}
		if len(a.Names) > 0 {
			a.Table = a.Names[0]
		}
	case "LOCK":
		p.AcceptAny("TABLE", "TABLES")
		a := p.add(LockTable, "")
		a.Names, a.Option = p.names(), "ACCESS EXCLUSIVE"
		if p.Accept("IN") {
			mode := p.Until("MODE")
			a.Option = strings.ToUpper(Text(mode))
		}
		if len(a.Names) > 0 {
			a.Table = a.Names[0]
		}
	case "VACUUM", "ANALYZE", "ANALYSE":
		p.vacuum(word)
	case "CLUSTER":
		p.Parens()
		p.Accept("VERBOSE")
		p.add(Cluster, p.name())
	case "REINDEX":
		p.reindex()
	case "REFRESH":
		p.Accept("MATERIALIZED")
		p.Accept("VIEW")
		concurrently := p.Accept("CONCURRENTLY")
		a := p.add(Refresh, p.name())
		a.Concurrently = concurrently
		if p.Is("WITH", "NO", "DATA") {
			a.Option = "no data"
		}
	case "OPTIMIZE":
		p.AcceptAny("LOCAL", "NO_WRITE_TO_BINLOG")
		p.AcceptAny("TABLE", "TABLES")
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
		if p.Is("TRANSACTION") {
			p.add(Begin, "")
		}
	case "COMMIT", "END":
		p.add(Commit, "")
	case "ROLLBACK", "ABORT":
		if p.Is("TO") || p.Is("WORK", "TO") || p.Is("TRANSACTION", "TO") {
			p.Until("TO")
			p.Pos++
			p.Accept("SAVEPOINT")
			a := p.add(Savepoint, "")
			a.Option, a.Name = "rollback", p.ident()
			return
		}
		p.add(Commit, "").Option = "rollback"
	case "SAVEPOINT", "RELEASE":
		a := p.add(Savepoint, "")
		if word == "RELEASE" {
			a.Option = "release"
			p.Accept("SAVEPOINT")
		}
		a.Name = p.ident()
	case "COPY":
		a := p.add(Copy, p.name())
		p.Parens()
		if p.Accept("TO") {
			a.Option = "to"
			p.copyTarget(a)
		} else if p.Accept("FROM") {
			p.copyTarget(a)
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
		p.Pos = 0
		p.unrecognised("this statement")
	}
}

// copyTarget keeps a program that COPY runs, or a file of the server, as the name of the action.
func (p *parser) copyTarget(a *Action) {
	switch {
	case p.Accept("PROGRAM"):
		a.Name = "program"
	case p.Peek(0).Kind == sqltoken.String:
		a.Name = "file"
	}
}

func (p *parser) vacuum(word string) {
	kind := Analyze
	if word == "VACUUM" {
		kind = Vacuum
	}
	full := false
	for {
		if opts := p.Parens(); opts != nil {
			for _, part := range sqltoken.Items(opts) {
				full = full || part[0].Is("FULL") && !(len(part) > 1 && (part[1].Is("FALSE") || part[1].Is("OFF")))
			}
			continue
		}
		if p.Is("FULL") {
			full = true
		}
		if p.AcceptAny("FULL", "FREEZE", "VERBOSE", "ANALYZE", "ANALYSE", "TABLE", "LOCAL", "NO_WRITE_TO_BINLOG", "SKIP_LOCKED") {
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
	for _, part := range sqltoken.Items(p.Parens()) {
		concurrently = concurrently || part[0].Is("CONCURRENTLY")
	}
	a := p.add(Reindex, "")
	a.Option = strings.ToLower(p.Peek(0).Text)
	p.Pos++
	a.Concurrently = p.Accept("CONCURRENTLY") || concurrently
	name := p.name()
	if a.Option == "table" {
		a.Table = name
	}
	a.Name = name
}

func (p *parser) comment() {
	p.Accept("ON")
	object := strings.ToLower(p.Peek(0).Text)
	p.Pos++
	if object == "materialized" || object == "foreign" {
		p.Pos++
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
		if p.Accept("ON") {
			p.Accept("DOMAIN")
			a.Table = p.name()
		}
	}
}

func (p *parser) set(word string) {
	local := p.Accept("LOCAL")
	for p.AcceptAny("SESSION", "GLOBAL", "PERSIST") {
	}
	if word == "SET" && (p.Is("TRANSACTION") || p.Is("CHARACTERISTICS") || p.Is("CONSTRAINTS")) {
		a := p.add(Set, "")
		a.Name = strings.ToLower(p.Peek(0).Text)
		var values []string
		for p.Pos++; !p.Done(); p.Pos++ {
			values = append(values, p.Peek(0).Value())
		}
		a.NewName = strings.Join(values, " ")
		return
	}
	var name string
	if t := p.Peek(0); t.Kind == sqltoken.Param {
		name = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(t.Text, "@@"), "session."), "global.")
		if strings.HasPrefix(name, "@") {
			p.add(Set, "").Name = name
			return
		}
		p.Pos++
	} else if p.Is("TIME", "ZONE") {
		p.Pos += 2
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
	if !p.AcceptOp("=") && !p.AcceptOp(":=") {
		p.Accept("TO")
	}
	var values []string
	for ; !p.Done(); p.Pos++ {
		values = append(values, p.Peek(0).Value())
	}
	a.NewName = strings.Join(values, " ")
}

// opaque says that what a statement does stands in code that is not read here. The body of a DO block is
// kept, so that a caller may look into it.
func (p *parser) opaque(what string) {
	a := p.add(Opaque, "")
	a.Option = what
	for i := range p.Tokens {
		if body, at, ok := p.Tokens[i].Body(); ok && p.Tokens[i].Kind == sqltoken.String && len(body) > len(a.Body) {
			a.Body, a.BodyAt = body, at
		}
	}
}
