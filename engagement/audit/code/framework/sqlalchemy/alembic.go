package sqlalchemy

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// constants reads revision and down_revision of a file; revision is "" for other files.
func constants(f *project.File) (revision string, down []string) {
	isRevision := false
	for n := range f.Tree.Root().Children() {
		var name string
		var v syntax.Ref
		switch n.Kind() {
		case syntax.Assign:
			name, v = n.Child(syntax.Target).Str(), n.Child(syntax.Value)
		case syntax.Field:
			name, v = n.Str(), n.Child(syntax.Value)
		default:
			continue
		}
		switch name {
		case "revision":
			if v.Kind() == syntax.String {
				revision = v.Str()
			}
		case "down_revision":
			isRevision = true
			if v.Kind() == syntax.String {
				down = append(down, v.Str())
			}
			down = append(down, texts(v)...)
		}
	}
	if !isRevision {
		return "", nil
	}
	return revision, down
}

// revisionReader turns the calls of upgrade() into schema operations.
type revisionReader struct {
	file    *project.File
	dialect schema.Dialect
	ops     []schema.Op
	batches map[string]string // variable of a batch to its table
	consts  map[string]syntax.Ref
	branch  int
	depth   int
	outside bool // some of it runs outside of the transaction
}

func readRevision(f *project.File, d schema.Dialect) schema.Migration {
	revision, down := constants(f)
	m := schema.Migration{Path: f.Path, ID: revision, DependsOn: down}
	r := &revisionReader{file: f, dialect: d, batches: map[string]string{}, consts: map[string]syntax.Ref{}}
	for n := range f.Tree.Root().Children() {
		if n.Kind() == syntax.Assign {
			r.consts[n.Child(syntax.Target).Str()] = n.Child(syntax.Value)
		}
	}
	for n := range f.Tree.Root().Children() {
		if n.Kind() == syntax.Func && n.Str() == "upgrade" {
			r.body(n.Child(syntax.Body))
		}
	}
	m.Ops = r.ops
	m.Transactional = d != schema.MySQL && !r.outside
	return m
}

func (r *revisionReader) add(op schema.Op, at syntax.Ref) {
	op.Place = place(r.file, at)
	op.Conditional = op.Conditional || r.branch > 0
	r.ops = append(r.ops, op)
}

const maxDepth = 12

func (r *revisionReader) body(n syntax.Ref) {
	if r.depth > maxDepth {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	for c := range n.Children() {
		r.statement(c)
	}
}

func (r *revisionReader) statement(c syntax.Ref) {
	switch c.Kind() {
	case syntax.Block, syntax.Try, syntax.Other:
		r.body(c)
	case syntax.If:
		r.branch++
		r.statement(c.Child(syntax.Body))
		r.statement(c.Child(syntax.Else))
		r.branch--
	case syntax.For:
		r.each(c)
	case syntax.With:
		for v := range c.All(syntax.Value) {
			name, call := "", v
			if v.Kind() == syntax.Assign {
				name, call = v.Child(syntax.Target).Str(), v.Child(syntax.Value)
			}
			switch call.Str() {
			case "batch_alter_table":
				if name != "" {
					r.batches[name] = r.text(call.Arg(0))
				}
			case "autocommit_block":
				r.outside = true
			}
		}
		r.statement(c.Child(syntax.Body))
	case syntax.Assign:
		if t := c.Child(syntax.Target); t.Kind() == syntax.Name {
			r.consts[t.Str()] = c.Child(syntax.Value)
		}
		r.statement(c.Child(syntax.Value))
	case syntax.Call:
		r.call(c)
	}
}

// each runs a body once for each element of a literal list.
func (r *revisionReader) each(c syntax.Ref) {
	list, target := c.Child(syntax.Iter), c.Child(syntax.Target)
	if list.Kind() == syntax.Name {
		list = r.consts[list.Str()]
	}
	if list.Kind() != syntax.List || target.Kind() != syntax.Name {
		return
	}
	n := 0
	for e := range list.Children() {
		if n++; n > 200 {
			return
		}
		r.consts[target.Str()] = e
		r.statement(c.Child(syntax.Body))
	}
}

// text is the value of a literal or of a variable that holds one; "" when it is not known.
func (r *revisionReader) text(n syntax.Ref) string {
	switch n.Kind() {
	case syntax.String:
		s := n.Str()
		for part := range n.All(syntax.Part) {
			v := r.text(part)
			if v == "" {
				return ""
			}
			s = strings.Replace(s, "{}", v, 1)
		}
		return s
	case syntax.Name:
		if v := r.consts[n.Str()]; v.Kind() == syntax.String {
			return v.Str()
		}
	case syntax.Call:
		if n.Str() == "f" || n.Str() == "text" { // op.f("ix_..."), sa.text("...")
			return r.text(n.Arg(0))
		}
	}
	return ""
}

func arg(c syntax.Ref, i int, names ...string) syntax.Ref {
	for _, n := range names {
		if k := c.Keyword(n); k.Ok() {
			return k
		}
	}
	return c.Arg(i)
}

func (r *revisionReader) call(c syntax.Ref) {
	recv := c.Receiver().Str()
	table, batch := r.batches[recv]
	switch {
	case recv == "op":
	case batch:
	case c.Str() == "execute": // conn.execute(sa.text("CREATE INDEX ..."))
		r.sql(c.Arg(0))
		return
	default:
		return
	}
	// In a batch the table is implied, so arguments stand one place to the left where it would come first.
	shifted := 0
	tableAt := func(i int, names ...string) string {
		if batch {
			shifted = 1
			return table
		}
		return r.text(arg(c, i, append(names, "table_name")...))
	}
	switch c.Str() {
	case "create_table":
		r.createTable(c)
	case "drop_table":
		r.add(schema.Op{Kind: schema.DropTable, Table: r.text(arg(c, 0, "table_name"))}, c)
	case "rename_table":
		r.add(schema.Op{Kind: schema.RenameTable, Table: r.text(c.Arg(0)), NewName: r.text(c.Arg(1))}, c)
	case "add_column":
		t := tableAt(0)
		r.addColumn(c, t, arg(c, 1-shifted, "column"))
	case "drop_column":
		t := tableAt(0)
		r.add(schema.Op{Kind: schema.DropColumn, Table: t, Name: r.text(arg(c, 1-shifted, "column_name"))}, c)
	case "alter_column":
		t := tableAt(0)
		r.alterColumn(c, t, r.text(arg(c, 1-shifted, "column_name")))
	case "create_index":
		name := r.text(arg(c, 0, "index_name"))
		t := tableAt(1)
		keys := arg(c, 2-shifted, "columns")
		var list []syntax.Ref
		for k := range keys.Children() {
			list = append(list, k)
		}
		column := func(n syntax.Ref) string {
			if n.Kind() == syntax.String {
				return n.Str()
			}
			return r.text(n)
		}
		if ix := indexOf(name, list, c, column, place(r.file, c)); ix != nil && t != "" {
			r.add(schema.Op{Kind: schema.AddIndex, Table: t, Index: ix, Concurrently: ix.Concurrently, IfNotExists: c.Keyword("if_not_exists").Str() == "true"}, c)
		}
	case "drop_index":
		t := table
		if !batch {
			t = r.text(arg(c, 1, "table_name"))
		}
		r.add(schema.Op{Kind: schema.DropIndex, Table: t, Name: r.text(arg(c, 0, "index_name")), IfExists: c.Keyword("if_exists").Str() == "true", Concurrently: c.Keyword("postgresql_concurrently").Str() == "true"}, c)
	case "create_foreign_key":
		name := r.text(arg(c, 0, "constraint_name"))
		t := tableAt(1, "source_table")
		local, remote := texts(arg(c, 3-shifted, "local_cols")), texts(arg(c, 4-shifted, "remote_cols"))
		ref := r.text(arg(c, 2-shifted, "referent_table"))
		if len(local) > 0 && t != "" {
			fk := &schema.ForeignKey{Name: name, Columns: local, RefTable: ref, RefColumns: remote, Enforced: true, OnDelete: strings.ToLower(c.Keyword("ondelete").Str()), NotValid: c.Keyword("postgresql_not_valid").Str() == "true", Place: place(r.file, c)}
			r.add(schema.Op{Kind: schema.AddForeignKey, Table: t, ForeignKey: fk}, c)
		}
	case "create_unique_constraint", "create_primary_key":
		name := r.text(arg(c, 0, "constraint_name"))
		t := tableAt(1)
		cols := texts(arg(c, 2-shifted, "columns"))
		if len(cols) == 0 || t == "" {
			return
		}
		ix := &schema.Index{Name: name, Columns: schema.PlainColumns(cols...), Unique: true, Constraint: true, Place: place(r.file, c)}
		if c.Str() == "create_primary_key" {
			ix.Primary = true
			r.add(schema.Op{Kind: schema.AddPrimaryKey, Table: t, Index: ix, Columns: cols}, c)
		} else {
			r.add(schema.Op{Kind: schema.AddUnique, Table: t, Index: ix}, c)
		}
	case "drop_constraint":
		name := r.text(arg(c, 0, "constraint_name"))
		t := tableAt(1)
		if name != "" {
			r.add(schema.Op{Kind: schema.DropConstraint, Table: t, Name: name}, c)
		}
	case "execute":
		r.sql(c.Arg(0))
	}
}

// sql reads a statement given as text. Its lines are those of the literal.
func (r *revisionReader) sql(n syntax.Ref) {
	lit := n
	if n.Kind() == syntax.Call {
		lit = n.Arg(0)
	}
	if lit.Kind() == syntax.Name {
		lit = r.consts[lit.Str()]
	}
	text := r.text(lit)
	if text == "" {
		return
	}
	ops, _ := sqlddl.ParseDDL(r.file.Path, []byte(text), r.dialect)
	for _, op := range ops {
		at := lit
		if op.Index != nil {
			op.Index.Place = place(r.file, at)
		}
		if op.ForeignKey != nil {
			op.ForeignKey.Place = place(r.file, at)
		}
		r.add(op, at)
	}
}

func (r *revisionReader) createTable(c syntax.Ref) {
	name := r.text(arg(c, 0, "table_name"))
	if name == "" {
		return
	}
	if s := c.Keyword("schema"); s.Kind() == syntax.String {
		name = s.Str() + "." + name
	}
	at := place(r.file, c)
	def := &schema.Table{Name: name, Place: at}
	for i, a := range positional(c) {
		if i == 0 || a.Kind() != syntax.Call {
			if a.Kind() == syntax.Splat {
				def.Incomplete = true
			}
			continue
		}
		where := place(r.file, a)
		if a.Str() == "Column" {
			col := columnOf(r.text(a.Arg(0)), a, where)
			if col.Name == "" {
				def.Incomplete = true
				continue
			}
			def.Columns = append(def.Columns, col)
			inline(def, col.Name, a, reference(a), where)
			continue
		}
		tableArgument(def, a, nil, where)
	}
	r.add(schema.Op{Kind: schema.CreateTable, Table: name, Def: def, IfNotExists: c.Keyword("if_not_exists").Str() == "true"}, c)
}

// reference is what a ForeignKey inside a column points at.
func reference(column syntax.Ref) string {
	for c := range column.Descendants(syntax.Call) {
		if c.Str() == "ForeignKey" && c.Arg(0).Kind() == syntax.String {
			return c.Arg(0).Str()
		}
	}
	return ""
}

func (r *revisionReader) addColumn(c syntax.Ref, table string, column syntax.Ref) {
	if table == "" || column.Kind() != syntax.Call {
		return
	}
	at := place(r.file, c)
	col := columnOf(r.text(column.Arg(0)), column, at)
	if col.Name == "" {
		return
	}
	def := &schema.Table{Name: table}
	inline(def, col.Name, column, reference(column), at)
	op := schema.Op{Kind: schema.AddColumn, Table: table, Column: col}
	if len(def.ForeignKeys) > 0 {
		op.ForeignKey = def.ForeignKeys[0]
	}
	// Alembic makes no index for index=True in add_column; unique=True makes a constraint.
	if len(def.Indexes) > 0 && def.Indexes[0].Unique {
		op.Index = def.Indexes[0]
	}
	r.add(op, c)
}

func (r *revisionReader) alterColumn(c syntax.Ref, table, name string) {
	if table == "" || name == "" {
		return
	}
	col := &schema.Column{Name: name, Place: place(r.file, c)}
	change := schema.Change(0)
	if k := c.Keyword("type_"); k.Ok() {
		col.Type = columnType(k)
		change |= schema.ChangeType
	}
	if k := c.Keyword("nullable"); k.Ok() {
		col.NotNull = k.Str() == "false"
		change |= schema.ChangeNull
	}
	if k := c.Keyword("server_default"); k.Ok() {
		col.Default = k.Str()
		change |= schema.ChangeDefault
	}
	if change != 0 {
		r.add(schema.Op{Kind: schema.ChangeColumn, Table: table, Name: name, Column: col, Change: change}, c)
	}
	if k := c.Keyword("new_column_name"); k.Ok() {
		r.add(schema.Op{Kind: schema.RenameColumn, Table: table, Name: name, NewName: r.text(k)}, c)
	}
}
