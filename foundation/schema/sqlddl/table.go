package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// createTable reads what follows CREATE TABLE.
func (r *reader) createTable(c *cursor, at schema.Place, temporary bool, st *statement) {
	op := schema.Op{Kind: schema.CreateTable, Place: at}
	op.IfNotExists = c.accept("IF", "NOT", "EXISTS")
	op.Table = c.name()
	if op.Table == "" {
		r.problem(at, "This CREATE TABLE names no table.")
		return
	}
	if temporary || strings.HasPrefix(op.Table, "#") {
		r.temporary[schema.Key(op.Table)] = true
		return
	}
	def := &schema.Table{Name: op.Table, Place: at}
	op.Def = def
	if st.cut {
		def.Incomplete = true
		r.problem(at, "This CREATE TABLE is too long; only its first %d tokens were read.", maxTokens)
	}
	listed := false
	for !c.done() {
		switch {
		case c.accept("ON", "CLUSTER"): // ClickHouse
			c.ident()
		case c.accept("PARTITION", "OF"):
			def.PartitionOf = c.name()
			def.DefaultPartition = c.accept("DEFAULT")
		case c.is("FOR", "VALUES"):
			c.i = len(c.toks)
		case c.accept("PARTITION", "BY"):
			def.Partitioned = true
			c.skipOne()
			c.parens()
		case c.accept("INHERITS"):
			op.Inherits = append(op.Inherits, r.names(c.parens())...)
		case c.accept("LIKE"):
			op.Like = c.name()
			op.LikeIndexes = r.dialect == schema.MySQL
		case c.is("AS"), c.is("SELECT"), c.is("WITH") && !c.peek(1).Op("("), c.is("OF"), c.is("CLONE"):
			def.Incomplete = def.Incomplete || !c.is("WITH") || !listed
			c.i = len(c.toks)
		case c.peek(0).Op("(") && !listed:
			listed = true
			if c.peek(1).Is("SELECT") || c.peek(1).Is("WITH") {
				def.Incomplete = true
				c.parens()
				continue
			}
			for _, part := range split(c.parens()) {
				r.tableElement(part, def, &op)
			}
		default:
			c.skipOne()
		}
	}
	if !listed && def.PartitionOf == "" && op.Like == "" && len(op.Inherits) == 0 {
		def.Incomplete = true
	}
	r.add(op)
}

// names reads a list of qualified names.
func (r *reader) names(tokens []sqltoken.Token) []string {
	var names []string
	for _, part := range split(tokens) {
		c := cursor{r: r, toks: part}
		if n := c.name(); n != "" {
			names = append(names, n)
		}
	}
	return names
}

// tableElement reads one element of a table's list: a column, a constraint, a key or LIKE.
func (r *reader) tableElement(part []sqltoken.Token, def *schema.Table, op *schema.Op) {
	c := &cursor{r: r, toks: part}
	if c.is("LIKE") && c.peek(1).Kind != sqltoken.Punct && !isTypeWord(c.peek(1)) {
		c.i++
		op.Like = c.name()
		for !c.done() {
			if c.accept("INCLUDING") && (c.is("ALL") || c.is("INDEXES")) {
				op.LikeIndexes = true
			} else {
				c.i++
			}
		}
		return
	}
	if con, ok := r.constraint(c); ok {
		con.into(def)
		return
	}
	col, extra := r.column(c)
	if col == nil {
		return
	}
	def.Columns = append(def.Columns, col)
	for _, e := range extra {
		e.into(def)
	}
}

// constraint is a key of a table, declared in a column or by itself.
type constraint struct {
	index *schema.Index // Primary marks the primary key
	fk    *schema.ForeignKey
	using string        // USING INDEX
	check *schema.Check // nil for one that the model does not hold
}

func (k *constraint) into(def *schema.Table) {
	if k.fk != nil {
		def.ForeignKeys = append(def.ForeignKeys, k.fk)
	}
	if k.check != nil {
		def.Checks = append(def.Checks, k.check)
	}
	if k.index == nil || len(k.index.Columns) == 0 {
		return
	}
	def.Indexes = append(def.Indexes, k.index)
	if k.index.Primary {
		def.PrimaryKey = nil
		for _, col := range k.index.Columns {
			def.PrimaryKey = append(def.PrimaryKey, col.Name)
		}
	}
}

// constraint reads a table constraint or a MySQL key. It returns false, with the cursor unmoved, when
// the tokens define a column.
func (r *reader) constraint(c *cursor) (constraint, bool) {
	start := c.i
	at := r.place(c.toks[c.i:])
	name := ""
	if c.accept("CONSTRAINT") {
		// MySQL lets the name be left out.
		if !c.isOneOf("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE") || c.peek(1).Is("PRIMARY") || c.peek(1).Is("UNIQUE") || c.peek(1).Is("FOREIGN") || c.peek(1).Is("CHECK") {
			name = c.ident()
		}
	}
	named := c.i > start
	switch {
	case c.is("PRIMARY", "KEY"):
		c.i += 2
		ix := &schema.Index{Name: name, Unique: true, Primary: true, Constraint: true, Place: at}
		using := r.keyBody(c, ix)
		return constraint{index: ix, using: using}, true

	case c.is("UNIQUE") && r.uniqueIsConstraint(c):
		c.i++
		ix := &schema.Index{Name: name, Unique: true, Constraint: true, Place: at}
		if !c.accept("KEY") {
			c.accept("INDEX")
		}
		if c.isName() && !c.isOneOf("USING", "NULLS", "NONCLUSTERED", "CLUSTERED") {
			ix.Name = c.ident()
		}
		using := r.keyBody(c, ix)
		return constraint{index: ix, using: using}, true

	case c.is("FOREIGN", "KEY"):
		c.i += 2
		fk := &schema.ForeignKey{Name: name, Enforced: true, Place: at}
		c.accept("IF", "NOT", "EXISTS")
		if c.isName() && !c.is("REFERENCES") {
			if n := c.ident(); fk.Name == "" {
				fk.Name = n
			}
		}
		fk.Columns = r.columnNames(c.parens())
		if c.accept("REFERENCES") {
			r.references(c, fk)
		}
		for !c.done() {
			if c.accept("NOT", "VALID") {
				fk.NotValid = true
			} else if c.accept("NOT", "ENFORCED") {
				fk.Enforced = false
			} else {
				c.skipOne()
			}
		}
		return constraint{fk: fk}, len(fk.Columns) > 0 || named

	case c.is("CHECK") && (c.peek(1).Op("(") || named), c.is("EXCLUDE") && (c.peek(1).Is("USING") || c.peek(1).Op("(")), c.is("PERIOD", "FOR"):
		var k constraint
		if c.accept("CHECK") {
			k.check = &schema.Check{Name: name, Expr: r.text(c.parens()), Place: at, NotValid: r.notValid(c)}
		} else if c.accept("EXCLUDE") {
			ix := &schema.Index{Name: name, Constraint: true, Method: "gist", Place: at}
			r.keyBody(c, ix)
			k.index = ix
		}
		c.i = len(c.toks)
		return k, true

	case r.dialect == schema.ClickHouse && c.isOneOf("INDEX", "PROJECTION"):
		// A data-skipping index finds no rows; it is none for this model.
		c.i = len(c.toks)
		return constraint{}, true

	case c.isOneOf("KEY", "INDEX", "FULLTEXT", "SPATIAL") && r.keyIsIndex(c):
		ix := &schema.Index{Name: name, Place: at}
		if c.accept("FULLTEXT") {
			ix.Method = "fulltext"
		} else if c.accept("SPATIAL") {
			ix.Method = "spatial"
		}
		if !c.accept("KEY") {
			c.accept("INDEX")
		}
		c.accept("IF", "NOT", "EXISTS")
		if c.isName() && !c.is("USING") {
			ix.Name = c.ident()
		}
		if c.accept("UNIQUE") { // SQL Server: INDEX name UNIQUE (...)
			ix.Unique = true
		}
		r.keyBody(c, ix)
		return constraint{index: ix}, true
	}
	if named && c.accept("NOT", "NULL") { // PostgreSQL 18
		column := c.ident()
		return constraint{check: &schema.Check{Name: name, Expr: column + " IS NOT NULL", Place: at, NotValid: r.notValid(c)}}, true
	}
	if named {
		return constraint{}, true
	}
	c.i = start
	return constraint{}, false
}

// notValid looks for NOT VALID among what is left.
func (r *reader) notValid(c *cursor) bool {
	for !c.done() {
		if c.accept("NOT", "VALID") {
			return true
		}
		c.skipOne()
	}
	return false
}

// uniqueIsConstraint tells UNIQUE (a) and UNIQUE KEY n (a) from a column called "unique".
func (r *reader) uniqueIsConstraint(c *cursor) bool {
	n := c.peek(1)
	if n.Op("(") || n.Is("KEY") || n.Is("INDEX") || n.Is("NULLS") || n.Is("CLUSTERED") || n.Is("NONCLUSTERED") || n.Is("USING") {
		return true
	}
	return (n.Kind == sqltoken.Word || n.Kind == sqltoken.Quoted) && (c.peek(2).Op("(") && c.peek(3).Kind != sqltoken.Number || c.peek(2).Is("USING"))
}

// keyIsIndex tells MySQL's KEY name (a) from a column called "key".
func (r *reader) keyIsIndex(c *cursor) bool {
	n := 1
	if c.isOneOf("FULLTEXT", "SPATIAL") && (c.peek(1).Is("KEY") || c.peek(1).Is("INDEX")) {
		n = 2
	}
	if c.peek(n).Is("IF") && c.peek(n+1).Is("NOT") {
		return true
	}
	if c.peek(n).Op("(") {
		return c.peek(n+1).Kind != sqltoken.Number
	}
	if c.peek(n + 1).Op(".") { // a typed column: key public.citext
		return false
	}
	for _, word := range []string{"USING", "UNIQUE", "CLUSTERED", "NONCLUSTERED", "TYPE"} {
		if c.peek(n + 1).Is(word) {
			return c.peek(n).Kind != sqltoken.Punct && !isTypeWord(c.peek(n))
		}
	}
	return c.peek(n+1).Op("(") && c.peek(n+2).Kind != sqltoken.Number && !(isTypeWord(c.peek(n)) && c.peek(n+2).Kind == sqltoken.String)
}

func isTypeWord(t *sqltoken.Token) bool {
	if t.Kind != sqltoken.Word {
		return false
	}
	switch strings.ToLower(t.Text) {
	case "text", "varchar", "char", "character", "int", "integer", "bigint", "smallint", "uuid", "jsonb", "json", "boolean", "bool", "bytea",
		"blob", "timestamp", "timestamptz", "datetime", "date", "nvarchar", "varbinary", "citext", "enum", "numeric", "decimal", "double", "float", "real":
		return true
	}
	return false
}

// keyBody reads [USING m] (keys) and options, and returns the index of USING INDEX.
func (r *reader) keyBody(c *cursor, ix *schema.Index) (using string) {
	for !c.done() {
		switch {
		case c.accept("USING", "INDEX"):
			if c.accept("TABLESPACE") {
				c.ident()
			} else {
				using = c.ident()
			}
		case c.accept("USING"):
			ix.Method = strings.ToLower(c.ident())
		case c.peek(0).Op("(") && len(ix.Columns) == 0:
			ix.Columns = r.indexColumns(c.parens())
		case c.accept("INCLUDE"):
			ix.Include = r.columnNames(c.parens())
		case c.accept("WHERE"):
			start := c.i
			for !c.done() && !c.is("WITH") {
				c.skipOne()
			}
			ix.Where = r.text(stripParens(c.toks[start:c.i]))
		default:
			c.skipOne()
		}
	}
	return using
}

// references reads what follows REFERENCES. It stops at the first token that is not its own.
func (r *reader) references(c *cursor, fk *schema.ForeignKey) {
	fk.RefTable = c.name()
	if c.peek(0).Op("(") {
		fk.RefColumns = r.columnNames(c.parens())
	}
	for !c.done() {
		switch {
		case c.accept("ON", "DELETE"):
			fk.OnDelete = c.action()
		case c.is("ON", "UPDATE") && (c.peek(2).Is("CASCADE") || c.peek(2).Is("RESTRICT") || c.peek(2).Is("SET") || c.peek(2).Is("NO")):
			c.i += 2
			c.action()
		case c.accept("MATCH"):
			c.i++
		case c.accept("NOT", "DEFERRABLE"), c.accept("DEFERRABLE"), c.accept("INITIALLY", "DEFERRED"), c.accept("INITIALLY", "IMMEDIATE"):
		case c.accept("NOT", "VALID"):
			fk.NotValid = true
		default:
			return
		}
	}
}

func (c *cursor) action() string {
	switch {
	case c.accept("SET", "NULL"):
		c.parens()
		return "set null"
	case c.accept("SET", "DEFAULT"):
		c.parens()
		return "set default"
	case c.accept("NO", "ACTION"):
		return "no action"
	}
	word := strings.ToLower(c.peek(0).Text)
	c.i++
	return word
}
