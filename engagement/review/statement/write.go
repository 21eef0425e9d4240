package statement

import (
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// write reads INSERT, UPDATE, DELETE and MERGE, also behind a WITH.
func (p *parser) write() {
	with := false
	if p.accept("WITH") {
		with = true
		inner := p.toks[p.i:]
		for !p.done() && !p.any("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES") {
			p.skip()
		}
		if p.any("SELECT", "VALUES") || p.done() {
			if kind := writesInside(inner); kind != "" {
				p.add(kind, "").Write = &Write{With: true, Query: true}
				return
			}
			p.query()
			return
		}
	}
	word := p.peek(0)
	p.i++
	w := &Write{With: with}
	rest := p.toks[p.i:]
	for i := range rest {
		w.Limited = w.Limited || rest[i].Is("LIMIT") || rest[i].Is("FETCH") && i+1 < len(rest) && rest[i+1].Is("FIRST")
	}
	switch {
	case word.Is("INSERT"), word.Is("REPLACE"):
		for p.acceptAny("INTO", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "OVERWRITE") {
		}
		table := p.name()
		if p.accept("AS") {
			p.ident()
		}
		for !p.done() && !p.any("VALUES", "VALUE", "SELECT", "WITH", "SET", "TABLE") && !(p.peek(0).Op("(") && (p.peek(1).Is("SELECT") || p.peek(1).Is("WITH"))) {
			p.skip()
		}
		w.Values = p.any("VALUES", "VALUE", "SET") || p.done()
		w.Query = !w.Values
		if w.Query {
			w.Sources = sources(p.toks[p.i:])
		}
		p.add(Insert, table).Write = w
	case word.Is("UPDATE"):
		for p.acceptAny("ONLY", "LOW_PRIORITY", "IGNORE") {
		}
		table := p.name()
		w.From = p.op(",")
		setAt := p.i
		p.until("SET")
		w.Alias = p.i > setAt
		for _, t := range p.toks[setAt:p.i] {
			w.From = w.From || t.Is("JOIN")
		}
		p.accept("SET")
		w.Assign = p.until("FROM", "WHERE", "RETURNING", "ORDER", "LIMIT")
		for _, part := range parts(w.Assign) {
			if len(part) > 1 && part[1].Op(".") && len(part) > 2 {
				w.Sets = append(w.Sets, part[2].Value())
			} else {
				w.Sets = append(w.Sets, part[0].Value())
			}
		}
		p.rest(w)
		p.add(Update, table).Write = w
	case word.Is("DELETE"):
		for p.acceptAny("LOW_PRIORITY", "QUICK", "IGNORE") {
		}
		p.accept("FROM")
		p.accept("ONLY")
		table := p.name()
		p.until("USING", "FROM", "WHERE", "RETURNING", "ORDER", "LIMIT")
		if p.any("USING", "FROM") {
			w.From = true
		}
		p.rest(w)
		p.add(Delete, table).Write = w
	default: // MERGE
		p.accept("INTO")
		p.accept("ONLY")
		table := p.name()
		w.Query, w.From = true, true
		p.add(Update, table).Write = w
	}
}

func (p *parser) rest(w *Write) {
	if p.any("FROM", "USING") {
		w.From = true
	}
	from := p.i
	p.until("WHERE")
	if w.From {
		w.Sources = sources(p.toks[from:p.i])
	}
	if p.accept("WHERE") {
		w.Where = p.until("RETURNING", "ORDER", "LIMIT")
		w.Sources = append(w.Sources, sources(w.Where)...)
	}
}

// writesInside finds a write in the common table expressions of a query.
func writesInside(toks []sqltoken.Token) Kind {
	for i := 1; i < len(toks); i++ {
		if !toks[i-1].Op("(") {
			continue
		}
		switch {
		case toks[i].Is("UPDATE"):
			return Update
		case toks[i].Is("DELETE"):
			return Delete
		case toks[i].Is("INSERT"):
			return Insert
		}
	}
	return ""
}

// query reads a SELECT. One that calls a function may do anything, but most set a sequence or ask for a
// fact; only SELECT INTO creates a table.
func (p *parser) query() {
	from := p.i
	depth := 0
	for i := from; i < len(p.toks); i++ {
		switch {
		case p.toks[i].Op("("):
			depth++
		case p.toks[i].Op(")"):
			depth--
		case depth == 0 && p.toks[i].Is("INTO") && !p.mysql:
			c := p.sub(p.toks[i+1:])
			temporary := c.acceptAny("TEMP", "TEMPORARY")
			c.accept("UNLOGGED")
			c.accept("TABLE")
			a := p.add(CreateTableAs, c.name())
			a.Temporary, a.Def, a.Sources = temporary, &Table{}, sources(p.toks[i+1:])
			return
		case depth == 0 && p.toks[i].Is("FROM"):
			i = len(p.toks)
		}
	}
	a := p.add(Select, "")
	a.Sources = sources(p.toks[from:])
	a.Name = calls(p.toks[from:])
}

// calls is the function that a query of the form SELECT f(...) calls, else empty.
func calls(toks []sqltoken.Token) string {
	if len(toks) < 3 || !toks[0].Is("SELECT") {
		return ""
	}
	c := cursor{toks: toks, i: 1}
	name := c.name()
	if c.peek(0).Op("(") {
		return name
	}
	return ""
}

// sources are the names behind FROM, JOIN and INTO of a query, at any depth.
func sources(toks []sqltoken.Token) []string {
	var out []string
	seen := map[string]bool{}
	c := cursor{toks: toks}
	for ; !c.done(); c.i++ {
		if !c.any("FROM", "JOIN", "USING") || c.peek(-1).Is("DISTINCT") {
			continue
		}
		for {
			c.i++
			c.accept("ONLY")
			c.accept("LATERAL")
			name := c.name()
			if name == "" || c.peek(0).Op("(") {
				break
			}
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
			c.accept("AS")
			if c.peek(0).Kind == sqltoken.Word && !c.any("WHERE", "JOIN", "ON", "SET", "GROUP", "ORDER", "LIMIT", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "UNION", "RETURNING", "NATURAL", "HAVING", "USING", "WITH", "WINDOW", "FOR", "OFFSET") {
				c.i++
			}
			if !c.peek(0).Op(",") {
				break
			}
		}
		c.i--
	}
	return out
}
