package statement

import (
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// write reads INSERT, UPDATE, DELETE and MERGE, also behind a WITH, whose parts may write as well: each write is
// an action.
func (p *parser) write() {
	with := false
	if p.Accept("WITH") {
		with = true
		p.common()
		if p.IsAny("SELECT", "VALUES", "TABLE") || p.Done() {
			if len(p.actions) == 0 {
				p.query()
			}
			return
		}
	}
	p.writing(with)
}

// common reads the parts of a WITH up to the statement behind them.
func (p *parser) common() {
	for !p.Done() && !p.IsAny("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE") {
		if !p.Peek(0).Op("(") {
			p.Pos++
			continue
		}
		inner := p.sub(p.Parens())
		switch outer := p.cursor; {
		case p.nested < 16 && inner.Accept("WITH"):
			p.cursor = inner
			p.nested++
			p.common()
			p.nested--
			if p.IsAny("INSERT", "UPDATE", "DELETE", "MERGE") {
				p.writing(true)
			}
			p.cursor = outer
		case inner.IsAny("INSERT", "UPDATE", "DELETE", "MERGE"):
			p.cursor = inner
			p.writing(true)
			p.cursor = outer
		}
	}
}

// writing reads a write from its verb on.
func (p *parser) writing(with bool) {
	word := p.Peek(0)
	p.Pos++
	w := &Write{With: with}
	rest := p.Tokens[p.Pos:]
	for i := range rest {
		w.Limited = w.Limited || rest[i].Is("LIMIT") || rest[i].Is("FETCH") && i+1 < len(rest) && rest[i+1].Is("FIRST")
	}
	switch {
	case word.Is("INSERT"), word.Is("REPLACE"):
		for p.AcceptAny("INTO", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "OVERWRITE") {
		}
		table := p.name()
		if p.Accept("AS") {
			p.ident()
		}
		for !p.Done() && !p.IsAny("VALUES", "VALUE", "SELECT", "WITH", "SET", "TABLE") && !(p.Peek(0).Op("(") && (p.Peek(1).Is("SELECT") || p.Peek(1).Is("WITH"))) {
			p.Skip()
		}
		w.Values = p.IsAny("VALUES", "VALUE", "SET") || p.Done()
		w.Query = !w.Values
		if w.Query {
			w.Sources = sources(p.Tokens[p.Pos:])
		}
		p.add(Insert, table).Write = w
	case word.Is("UPDATE"):
		for p.AcceptAny("ONLY", "LOW_PRIORITY", "IGNORE") {
		}
		table := p.name()
		w.From = p.AcceptOp(",")
		setAt := p.Pos
		p.Until("SET")
		w.Alias = p.Pos > setAt
		for _, t := range p.Tokens[setAt:p.Pos] {
			w.From = w.From || t.Is("JOIN")
		}
		p.Accept("SET")
		w.Assign = p.Until("FROM", "WHERE", "RETURNING", "ORDER", "LIMIT")
		for _, part := range sqltoken.Items(w.Assign) {
			if len(part) > 1 && part[1].Op(".") && len(part) > 2 {
				w.Sets = append(w.Sets, part[2].Value())
			} else {
				w.Sets = append(w.Sets, part[0].Value())
			}
		}
		p.rest(w)
		p.add(Update, table).Write = w
	case word.Is("DELETE"):
		for p.AcceptAny("LOW_PRIORITY", "QUICK", "IGNORE") {
		}
		p.Accept("FROM")
		p.Accept("ONLY")
		table := p.name()
		p.Until("USING", "FROM", "WHERE", "RETURNING", "ORDER", "LIMIT")
		if p.IsAny("USING", "FROM") {
			w.From = true
		}
		p.rest(w)
		p.add(Delete, table).Write = w
	default: // MERGE
		p.Accept("INTO")
		p.Accept("ONLY")
		table := p.name()
		w.Query, w.From = true, true
		p.add(Update, table).Write = w
	}
}

func (p *parser) rest(w *Write) {
	if p.IsAny("FROM", "USING") {
		w.From = true
	}
	from := p.Pos
	p.Until("WHERE")
	if w.From {
		w.Sources = sources(p.Tokens[from:p.Pos])
	}
	if p.Accept("WHERE") {
		w.Where = p.Until("RETURNING", "ORDER", "LIMIT")
		w.Sources = append(w.Sources, sources(w.Where)...)
	}
}

// query reads a SELECT. One that calls a function may do anything, but most set a sequence or ask for a
// fact; only SELECT INTO creates a table.
func (p *parser) query() {
	from := p.Pos
	depth := 0
	for i := from; i < len(p.Tokens); i++ {
		switch {
		case p.Tokens[i].Op("("):
			depth++
		case p.Tokens[i].Op(")"):
			depth--
		case depth == 0 && p.Tokens[i].Is("INTO") && !p.mysql:
			c := p.sub(p.Tokens[i+1:])
			temporary := c.AcceptAny("TEMP", "TEMPORARY")
			c.Accept("UNLOGGED")
			c.Accept("TABLE")
			a := p.add(CreateTableAs, c.name())
			a.Temporary, a.Def, a.Sources = temporary, &Table{}, sources(p.Tokens[i+1:])
			return
		case depth == 0 && p.Tokens[i].Is("FROM"):
			i = len(p.Tokens)
		}
	}
	a := p.add(Select, "")
	a.Sources = sources(p.Tokens[from:])
	a.Name = calls(p.Tokens[from:])
}

// calls is the function that a query of the form SELECT f(...) calls, else empty.
func calls(toks []sqltoken.Token) string {
	if len(toks) < 3 || !toks[0].Is("SELECT") {
		return ""
	}
	c := cursor{Cursor: sqltoken.Cursor{Tokens: toks, Pos: 1}}
	name := c.name()
	if c.Peek(0).Op("(") {
		return name
	}
	return ""
}

// sources are the names behind FROM, JOIN and INTO of a query, at any depth.
func sources(toks []sqltoken.Token) []string {
	var out []string
	seen := map[string]bool{}
	c := cursor{Cursor: sqltoken.Cursor{Tokens: toks}}
	for ; !c.Done(); c.Pos++ {
		if !c.IsAny("FROM", "JOIN", "USING") || c.Peek(-1).Is("DISTINCT") {
			continue
		}
		for {
			c.Pos++
			c.Accept("ONLY")
			c.Accept("LATERAL")
			name := c.name()
			if name == "" || c.Peek(0).Op("(") {
				break
			}
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
			c.Accept("AS")
			if c.Peek(0).Kind == sqltoken.Word && !c.IsAny("WHERE", "JOIN", "ON", "SET", "GROUP", "ORDER", "LIMIT", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "UNION", "RETURNING", "NATURAL", "HAVING", "USING", "WITH", "WINDOW", "FOR", "OFFSET") {
				c.Pos++
			}
			if !c.Peek(0).Op(",") {
				break
			}
		}
		c.Pos--
	}
	return out
}
