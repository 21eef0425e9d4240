package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// statement reads one statement.
func (r *reader) statement(st statement, body bool, depth int) {
	toks := st.tokens
	if body {
		toks = skipControl(toks)
	}
	if len(toks) == 0 {
		return
	}
	c := r.cursor(toks)
	at := schema.Place{Path: r.path, Line: toks[0].Line, EndLine: st.last}
	switch first := toks[0]; {
	case first.Is("CREATE"):
		r.create(&c, at, &st)
	case first.Is("ALTER"):
		r.alter(&c, at)
	case first.Is("DROP"):
		r.drop(&c, at)
	case first.Is("RENAME") && c.Peek(1).Is("TABLE"):
		r.renameTables(&c, at)
	case first.Is("DO"):
		r.block(toks, depth)
	case first.Is("SET"), first.Is("EXECUTE"), first.Is("PREPARE"):
		r.quoted(toks, depth)
	case first.Is("CALL"):
		c.Pos = 1
		if part, ok := r.procedures[schema.Key(c.name())]; ok {
			r.nested(part, depth)
		}
	case first.Is("BEGIN"), first.Is("START"):
		r.explicitBegin = true
	case body:
	case first.Is("INSERT") && st.values, first.Is("COPY"), first.Is("REPLACE"), first.Is("VALUES"), first.Is("SELECT"), first.Is("COMMIT"), first.Is("END"),
		first.Is("ROLLBACK"), first.Is("SAVEPOINT"), first.Is("USE"), first.Is("LOCK"), first.Is("UNLOCK"), first.Is("GRANT"), first.Is("REVOKE"),
		first.Is("COMMENT"), first.Is("PRAGMA"), first.Is("SHOW"), first.Is("RESET"), first.Is("DEALLOCATE"), first.Is("FLUSH"), first.Kind != sqltoken.Word:
	default:
		r.raw(toks, st.end, at)
	}
}

// raw passes a statement on that changes data, or that the model does not hold.
func (r *reader) raw(toks []sqltoken.Token, end int, at schema.Place) {
	from := toks[0].Start
	if end < from {
		return
	}
	if end > from+maxRawSQL {
		end = from + maxRawSQL
	}
	r.add(schema.Op{Kind: schema.RawSQL, Place: at, SQL: strings.ToValidUTF8(r.src[from:end], "")})
}

// skipControl drops the control words before a schema change inside a procedural block: "IF x THEN
// ALTER TABLE". It returns nil when the statement holds no change.
func skipControl(toks []sqltoken.Token) []sqltoken.Token {
	for i := range toks {
		t := &toks[i]
		if t.Kind != sqltoken.Word {
			continue
		}
		starts := i == 0 || toks[i-1].Is("THEN") || toks[i-1].Is("ELSE") || toks[i-1].Is("BEGIN") || toks[i-1].Is("LOOP") || toks[i-1].Is("DO") ||
			toks[i-1].Is("ATOMIC") || toks[i-1].Op(")") && t.First
		if starts && (t.Is("CREATE") || t.Is("ALTER") || t.Is("DROP") || t.Is("EXECUTE") || t.Is("SET") || t.Is("PREPARE") || t.Is("RENAME") || t.Is("CALL")) {
			return toks[i:]
		}
	}
	return nil
}

// block reads the body of DO $$ ... $$.
func (r *reader) block(toks []sqltoken.Token, depth int) {
	for i := range toks {
		t := &toks[i]
		if t.Kind != sqltoken.String {
			continue
		}
		inner, from := t.Value(), t.Start+1
		if t.Dollar() {
			inner, from, _ = t.Body()
		}
		if inner == "" || !t.Dollar() && len(inner) != len(t.Text)-2 {
			continue // escaped quotes: offsets inside would not match
		}
		line := t.Line + strings.Count(r.src[t.Start:from], "\n")
		r.nested(span{from, from + len(inner), line}, depth)
	}
}

func (r *reader) nested(part span, depth int) {
	if depth >= maxNesting {
		return
	}
	was := r.conditional
	r.conditional = true
	r.statements(part, true, depth+1)
	r.conditional = was
}

// quoted reads schema changes in string literals: EXECUTE 'ALTER TABLE ...', PREPARE s FROM '...',
// SET @sql = IF(..., 'ALTER TABLE ...', 'SELECT 1').
func (r *reader) quoted(toks []sqltoken.Token, depth int) {
	for i := range toks {
		t := &toks[i]
		switch t.Kind {
		case sqltoken.String:
		case sqltoken.Quoted:
			if r.dialect != schema.MySQL || t.Text[0] != '"' {
				continue
			}
		default:
			continue
		}
		if i > 0 && toks[i-1].Op("||") || i+1 < len(toks) && toks[i+1].Op("||") || i > 1 && toks[i-2].Is("CONCAT") || i > 1 && toks[i-2].Is("FORMAT") {
			continue // the text is put together at run time
		}
		inner := t.Value()
		word, _, _ := strings.Cut(strings.TrimSpace(inner), " ")
		switch strings.ToUpper(word) {
		case "CREATE", "ALTER", "DROP", "RENAME":
		default:
			continue
		}
		if len(inner) == len(t.Text)-2 {
			r.nested(span{t.Start + 1, t.End() - 1, t.Line}, depth)
			continue
		}
		// With escaped quotes the content is not a part of the source: read it by itself, and let all
		// its operations stand at the literal.
		if depth >= maxNesting {
			continue
		}
		part := &reader{path: r.path, src: inner, dialect: r.dialect, procedures: map[string]span{}, temporary: r.temporary, conditional: true}
		part.statements(span{0, len(inner), 1}, true, depth+1)
		at := r.place(toks[i : i+1])
		for _, op := range part.ops {
			moveTo(&op, at)
			r.add(op)
		}
	}
}

func moveTo(op *schema.Op, at schema.Place) {
	op.Place = at
	if op.Index != nil {
		op.Index.Place = at
	}
	if op.ForeignKey != nil {
		op.ForeignKey.Place = at
	}
	if op.Check != nil {
		op.Check.Place = at
	}
	if op.Column != nil {
		op.Column.Place = at
	}
	if op.Def == nil {
		return
	}
	op.Def.Place = at
	for _, c := range op.Def.Columns {
		c.Place = at
	}
	for _, ix := range op.Def.Indexes {
		ix.Place = at
	}
	for _, fk := range op.Def.ForeignKeys {
		fk.Place = at
	}
	for _, check := range op.Def.Checks {
		check.Place = at
	}
}

// create reads CREATE ...
func (r *reader) create(c *cursor, at schema.Place, st *statement) {
	c.Pos = 1
	temporary, unique, materialized := false, false, false
	method := ""
	for !c.Done() {
		switch {
		case c.Accept("OR", "REPLACE"), c.Accept("OR", "ALTER"), c.Accept("GLOBAL"), c.Accept("LOCAL"), c.Accept("UNLOGGED"), c.Accept("FOREIGN"), c.Accept("CACHED"),
			c.Accept("MEMORY"), c.Accept("NONCLUSTERED"), c.Accept("CLUSTERED"), c.Accept("BITMAP"), c.Accept("COLUMN"), c.Accept("ROW"),
			c.Accept("FORCE"), c.Accept("EDITIONABLE"), c.Accept("RECURSIVE"), c.Accept("ONLINE"), c.Accept("OFFLINE"), c.Accept("DICTIONARY"):
		case c.Accept("TEMP"), c.Accept("TEMPORARY"):
			temporary = true
		case c.Accept("UNIQUE"):
			unique = true
		case c.Accept("FULLTEXT"):
			method = "fulltext"
		case c.Accept("SPATIAL"):
			method = "spatial"
		case c.Accept("MATERIALIZED"):
			materialized = true
		case c.Accept("VIRTUAL", "TABLE"):
			r.virtualTable(c, at)
			return
		case c.Accept("TABLE"):
			r.createTable(c, at, temporary, st)
			return
		case c.Accept("INDEX"):
			r.createIndex(c, at, unique, method)
			return
		case c.Accept("VIEW"):
			r.createView(c, at, materialized)
			return
		case c.Is("ALGORITHM"), c.Is("DEFINER"), c.Is("SQL", "SECURITY"): // MySQL's views and routines
			c.Pos++
			for !c.Done() && !c.IsAny("VIEW", "SQL", "DEFINER", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "DEFINER") {
				c.Pos++
			}
			if c.Is("SQL", "SECURITY") {
				c.Pos += 3
			}
		case c.Accept("PROCEDURE"):
			c.Accept("IF", "NOT", "EXISTS")
			name := schema.Key(c.name())
			if t := c.Peek(0); t.Kind != sqltoken.EOF && name != "" && st.end > t.Start {
				r.procedures[name] = span{t.Start, st.end, t.Line}
			}
			return
		default:
			if c.IsAny("TRIGGER", "FUNCTION", "EVENT", "RULE", "PACKAGE", "USER", "ROLE", "DATABASE", "SCHEMA", "SEQUENCE", "POLICY", "AGGREGATE", "OPERATOR", "CAST", "SERVER", "PUBLICATION", "SUBSCRIPTION") {
				return
			}
			r.raw(c.Tokens, st.end, at)
			return
		}
	}
}

// virtualTable is SQLite's: its columns are the module's business.
func (r *reader) virtualTable(c *cursor, at schema.Place) {
	exists := c.Accept("IF", "NOT", "EXISTS")
	if name := c.name(); name != "" {
		r.add(schema.Op{Kind: schema.CreateTable, Place: at, Table: name, IfNotExists: exists, Def: &schema.Table{Name: name, Place: at, Incomplete: true}})
	}
}

func (r *reader) createView(c *cursor, at schema.Place, materialized bool) {
	exists := c.Accept("IF", "NOT", "EXISTS")
	name := c.name()
	if name == "" {
		return
	}
	def := &schema.Table{Name: name, Place: at, View: true, Incomplete: true}
	if names := c.Parens(); len(names) > 0 {
		for _, n := range r.columnNames(names) {
			def.Columns = append(def.Columns, &schema.Column{Name: n, Place: at})
		}
	}
	r.add(schema.Op{Kind: schema.CreateTable, Place: at, Table: name, IfNotExists: exists, Def: def})
}

// createIndex reads what follows CREATE [UNIQUE] INDEX.
func (r *reader) createIndex(c *cursor, at schema.Place, unique bool, method string) {
	op := schema.Op{Kind: schema.AddIndex, Place: at}
	ix := &schema.Index{Unique: unique, Method: method, Place: at}
	op.Concurrently = c.Accept("CONCURRENTLY")
	op.IfNotExists = c.Accept("IF", "NOT", "EXISTS")
	if !c.Is("ON") || c.Peek(1).Is("ON") {
		ix.Name = c.name()
	}
	if c.Accept("USING") {
		ix.Method = strings.ToLower(c.ident())
	}
	if !c.Accept("ON") {
		r.problem(at, "This CREATE INDEX names no table.")
		return
	}
	c.Accept("ONLY")
	op.Table = c.name()
	if c.Accept("USING") {
		ix.Method = strings.ToLower(c.ident())
	}
	ix.Columns = r.indexColumns(c.Parens())
	for !c.Done() {
		switch {
		case c.Accept("INCLUDE"):
			ix.Include = r.columnNames(c.Parens())
		case c.Accept("USING"):
			ix.Method = strings.ToLower(c.ident())
		case c.Accept("WHERE"):
			start := c.Pos
			for !c.Done() && !c.Is("WITH") && !c.Is("TABLESPACE") {
				c.Skip()
			}
			ix.Where = r.text(stripParens(c.Tokens[start:c.Pos]))
		default:
			c.Skip()
		}
	}
	if op.Table == "" || len(ix.Columns) == 0 {
		r.problem(at, "This CREATE INDEX was not understood: no table or no columns were found.")
		return
	}
	ix.Concurrently = op.Concurrently
	op.Index = ix
	r.add(op)
}

func stripParens(toks []sqltoken.Token) []sqltoken.Token {
	for len(toks) > 2 && toks[0].Op("(") && closes(toks) {
		toks = toks[1 : len(toks)-1]
	}
	return toks
}

// drop reads DROP ...
func (r *reader) drop(c *cursor, at schema.Place) {
	c.Pos = 1
	kind := schema.OpKind("")
	for kind == "" && !c.Done() {
		switch {
		case c.Accept("TABLE"), c.Accept("VIEW"):
			kind = schema.DropTable
		case c.Accept("INDEX"):
			kind = schema.DropIndex
		case c.Accept("MATERIALIZED"), c.Accept("FOREIGN"), c.Accept("TEMPORARY"), c.Accept("ONLINE"), c.Accept("OFFLINE"):
		default:
			return
		}
	}
	concurrently := c.Accept("CONCURRENTLY")
	exists := c.Accept("IF", "EXISTS")
	var names []string
	for {
		n := c.name()
		if n == "" {
			break
		}
		names = append(names, n)
		if !c.AcceptOp(",") {
			break
		}
	}
	table, cascade := "", false
	for !c.Done() {
		switch {
		case kind == schema.DropIndex && c.Accept("ON"):
			table = c.name()
		case c.Accept("CASCADE"):
			cascade = true
		case c.Accept("IF", "EXISTS"): // H2 and SQL Server put it behind
			exists = true
		default:
			c.Pos++
		}
	}
	for _, n := range names {
		op := schema.Op{Kind: kind, Place: at, IfExists: exists, Concurrently: concurrently, Cascade: cascade}
		if kind == schema.DropTable {
			op.Table = n
		} else {
			op.Name, op.Table = n, table
		}
		r.add(op)
	}
}

// renameTables reads MySQL's RENAME TABLE a TO b, c TO d.
func (r *reader) renameTables(c *cursor, at schema.Place) {
	c.Pos = 2
	exists := c.Accept("IF", "EXISTS")
	for !c.Done() {
		old := c.name()
		if old == "" || !c.Accept("TO") {
			return
		}
		renamed := c.name()
		if renamed == "" {
			return
		}
		r.add(schema.Op{Kind: schema.RenameTable, Place: at, Table: old, NewName: renamed, IfExists: exists})
		if !c.AcceptOp(",") {
			return
		}
	}
}
