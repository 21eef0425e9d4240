package sqlddl

import (
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// createTable reads what follows CREATE TABLE.
func (r *reader) createTable(c *cursor, at schema.Place, temporary bool, st *statement) {
	op := schema.Op{Kind: schema.CreateTable, Place: at}
	op.IfNotExists = c.Accept("IF", "NOT", "EXISTS")
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
	for !c.Done() {
		switch {
		case c.Accept("ON", "CLUSTER"): // ClickHouse
			c.ident()
		case c.Accept("PARTITION", "OF"):
			def.PartitionOf = c.name()
			def.DefaultPartition = c.Accept("DEFAULT")
		case c.Is("FOR", "VALUES"):
			c.Pos = len(c.Tokens)
		case c.Accept("PARTITION", "BY"):
			def.Partitioned = true
			c.Skip()
			c.Parens()
		case c.Accept("INHERITS"):
			op.Inherits = append(op.Inherits, r.names(c.Parens())...)
		case c.Accept("LIKE"):
			op.Like = c.name()
			op.LikeIndexes = r.dialect == schema.MySQL
		case c.Is("AS"), c.Is("SELECT"), c.Is("WITH") && !c.Peek(1).Op("("), c.Is("OF"), c.Is("CLONE"):
			def.Incomplete = def.Incomplete || !c.Is("WITH") || !listed
			c.Pos = len(c.Tokens)
		case c.Peek(0).Op("(") && !listed:
			listed = true
			if c.Peek(1).Is("SELECT") || c.Peek(1).Is("WITH") {
				def.Incomplete = true
				c.Parens()
				continue
			}
			for _, part := range sqltoken.Items(c.Parens()) {
				r.tableElement(part, def, &op)
			}
		default:
			c.Skip()
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
	for _, part := range sqltoken.Items(tokens) {
		c := r.cursor(part)
		if n := c.name(); n != "" {
			names = append(names, n)
		}
	}
	return names
}

// tableElement reads one element of a table's list: a column, a constraint, a key or LIKE.
func (r *reader) tableElement(part []sqltoken.Token, def *schema.Table, op *schema.Op) {
	c := r.cursor(part)
	if c.Is("LIKE") && c.Peek(1).Kind != sqltoken.Punct && !isTypeWord(c.Peek(1)) {
		c.Pos++
		op.Like = c.name()
		for !c.Done() {
			if c.Accept("INCLUDING") && (c.Is("ALL") || c.Is("INDEXES")) {
				op.LikeIndexes = true
			} else {
				c.Pos++
			}
		}
		return
	}
	if con, ok := r.constraint(&c); ok {
		con.into(def)
		return
	}
	col, extra := r.column(&c)
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
	start := c.Pos
	at := r.place(c.Tokens[c.Pos:])
	name := ""
	if c.Accept("CONSTRAINT") {
		// MySQL lets the name be left out.
		if !c.IsAny("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE") || c.Peek(1).Is("PRIMARY") || c.Peek(1).Is("UNIQUE") || c.Peek(1).Is("FOREIGN") || c.Peek(1).Is("CHECK") {
			name = c.ident()
		}
	}
	named := c.Pos > start
	switch {
	case c.Is("PRIMARY", "KEY"):
		c.Pos += 2
		ix := &schema.Index{Name: name, Unique: true, Primary: true, Constraint: true, Place: at}
		using := r.keyBody(c, ix)
		return constraint{index: ix, using: using}, true

	case c.Is("UNIQUE") && r.uniqueIsConstraint(c):
		c.Pos++
		ix := &schema.Index{Name: name, Unique: true, Constraint: true, Place: at}
		if !c.Accept("KEY") {
			c.Accept("INDEX")
		}
		if c.isName() && !c.IsAny("USING", "NULLS", "NONCLUSTERED", "CLUSTERED") {
			ix.Name = c.ident()
		}
		using := r.keyBody(c, ix)
		return constraint{index: ix, using: using}, true

	case c.Is("FOREIGN", "KEY"):
		c.Pos += 2
		fk := &schema.ForeignKey{Name: name, Enforced: true, Place: at}
		c.Accept("IF", "NOT", "EXISTS")
		if c.isName() && !c.Is("REFERENCES") {
			if n := c.ident(); fk.Name == "" {
				fk.Name = n
			}
		}
		fk.Columns = r.columnNames(c.Parens())
		if c.Accept("REFERENCES") {
			r.references(c, fk)
		}
		for !c.Done() {
			if c.Accept("NOT", "VALID") {
				fk.NotValid = true
			} else if c.Accept("NOT", "ENFORCED") {
				fk.Enforced = false
			} else {
				c.Skip()
			}
		}
		return constraint{fk: fk}, len(fk.Columns) > 0 || named

	case c.Is("CHECK") && (c.Peek(1).Op("(") || named), c.Is("EXCLUDE") && (c.Peek(1).Is("USING") || c.Peek(1).Op("(")), c.Is("PERIOD", "FOR"):
		var k constraint
		if c.Accept("CHECK") {
			k.check = &schema.Check{Name: name, Expr: r.text(c.Parens()), Place: at, NotValid: r.notValid(c)}
		} else if c.Accept("EXCLUDE") {
			ix := &schema.Index{Name: name, Constraint: true, Method: "gist", Place: at}
			r.keyBody(c, ix)
			k.index = ix
		}
		c.Pos = len(c.Tokens)
		return k, true

	case r.dialect == schema.ClickHouse && c.IsAny("INDEX", "PROJECTION"):
		// A data-skipping index finds no rows; it is none for this model.
		c.Pos = len(c.Tokens)
		return constraint{}, true

	case c.IsAny("KEY", "INDEX", "FULLTEXT", "SPATIAL") && r.keyIsIndex(c):
		ix := &schema.Index{Name: name, Place: at}
		if c.Accept("FULLTEXT") {
			ix.Method = "fulltext"
		} else if c.Accept("SPATIAL") {
			ix.Method = "spatial"
		}
		if !c.Accept("KEY") {
			c.Accept("INDEX")
		}
		c.Accept("IF", "NOT", "EXISTS")
		if c.isName() && !c.Is("USING") {
			ix.Name = c.ident()
		}
		if c.Accept("UNIQUE") { // SQL Server: INDEX name UNIQUE (...)
			ix.Unique = true
		}
		r.keyBody(c, ix)
		return constraint{index: ix}, true
	}
	if named && c.Accept("NOT", "NULL") { // PostgreSQL 18
		column := c.ident()
		return constraint{check: &schema.Check{Name: name, Expr: column + " IS NOT NULL", Place: at, NotValid: r.notValid(c)}}, true
	}
	if named {
		return constraint{}, true
	}
	c.Pos = start
	return constraint{}, false
}

// notValid looks for NOT VALID among what is left.
func (r *reader) notValid(c *cursor) bool {
	for !c.Done() {
		if c.Accept("NOT", "VALID") {
			return true
		}
		c.Skip()
	}
	return false
}

// uniqueIsConstraint tells UNIQUE (a) and UNIQUE KEY n (a) from a column called "unique".
func (r *reader) uniqueIsConstraint(c *cursor) bool {
	n := c.Peek(1)
	if n.Op("(") || n.Is("KEY") || n.Is("INDEX") || n.Is("NULLS") || n.Is("CLUSTERED") || n.Is("NONCLUSTERED") || n.Is("USING") {
		return true
	}
	return (n.Kind == sqltoken.Word || n.Kind == sqltoken.Quoted) && (c.Peek(2).Op("(") && c.Peek(3).Kind != sqltoken.Number || c.Peek(2).Is("USING"))
}

// keyIsIndex tells MySQL's KEY name (a) from a column called "key".
func (r *reader) keyIsIndex(c *cursor) bool {
	n := 1
	if c.IsAny("FULLTEXT", "SPATIAL") && (c.Peek(1).Is("KEY") || c.Peek(1).Is("INDEX")) {
		n = 2
	}
	if c.Peek(n).Is("IF") && c.Peek(n+1).Is("NOT") {
		return true
	}
	if c.Peek(n).Op("(") {
		return c.Peek(n+1).Kind != sqltoken.Number
	}
	if c.Peek(n + 1).Op(".") { // a typed column: key public.citext
		return false
	}
	for _, word := range []string{"USING", "UNIQUE", "CLUSTERED", "NONCLUSTERED", "TYPE"} {
		if c.Peek(n + 1).Is(word) {
			return c.Peek(n).Kind != sqltoken.Punct && !isTypeWord(c.Peek(n))
		}
	}
	return c.Peek(n+1).Op("(") && c.Peek(n+2).Kind != sqltoken.Number && !(isTypeWord(c.Peek(n)) && c.Peek(n+2).Kind == sqltoken.String)
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
	for !c.Done() {
		switch {
		case c.Accept("USING", "INDEX"):
			if c.Accept("TABLESPACE") {
				c.ident()
			} else {
				using = c.ident()
			}
		case c.Accept("USING"):
			ix.Method = strings.ToLower(c.ident())
		case c.Peek(0).Op("(") && len(ix.Columns) == 0:
			ix.Columns = r.indexColumns(c.Parens())
		case c.Accept("INCLUDE"):
			ix.Include = r.columnNames(c.Parens())
		case c.Accept("WHERE"):
			start := c.Pos
			for !c.Done() && !c.Is("WITH") {
				c.Skip()
			}
			ix.Where = r.text(stripParens(c.Tokens[start:c.Pos]))
		default:
			c.Skip()
		}
	}
	return using
}

// references reads what follows REFERENCES. It stops at the first token that is not its own.
func (r *reader) references(c *cursor, fk *schema.ForeignKey) {
	fk.RefTable = c.name()
	if c.Peek(0).Op("(") {
		fk.RefColumns = r.columnNames(c.Parens())
	}
	for !c.Done() {
		switch {
		case c.Accept("ON", "DELETE"):
			fk.OnDelete = c.action()
		case c.Is("ON", "UPDATE") && (c.Peek(2).Is("CASCADE") || c.Peek(2).Is("RESTRICT") || c.Peek(2).Is("SET") || c.Peek(2).Is("NO")):
			c.Pos += 2
			c.action()
		case c.Accept("MATCH"):
			c.Pos++
		case c.Accept("NOT", "DEFERRABLE"), c.Accept("DEFERRABLE"), c.Accept("INITIALLY", "DEFERRED"), c.Accept("INITIALLY", "IMMEDIATE"):
		case c.Accept("NOT", "VALID"):
			fk.NotValid = true
		default:
			return
		}
	}
}

func (c *cursor) action() string {
	switch {
	case c.Accept("SET", "NULL"):
		c.Parens()
		return "set null"
	case c.Accept("SET", "DEFAULT"):
		c.Parens()
		return "set default"
	case c.Accept("NO", "ACTION"):
		return "no action"
	}
	word := strings.ToLower(c.Peek(0).Text)
	c.Pos++
	return word
}
