package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// knexOps reads what a migration's up does with knex.schema, or with Kysely's db.schema.
func knexOps(f *project.File, d schema.Dialect) []schema.Op {
	body := upBody(f)
	if !body.Ok() {
		return nil
	}
	r := newDDL(f, d)
	r.schemaCalls(body)
	return r.ops
}

// schemaCalls reads calls in the order in which they run: the receiver of a chain comes first.
func (r *ddl) schemaCalls(n syntax.Ref) {
	switch n.Kind() {
	case syntax.Call:
		if recv := n.Receiver(); recv.Ok() {
			r.schemaCalls(recv)
		}
		if r.knexCall(n) {
			return
		}
		for _, a := range n.Args() {
			r.schemaCalls(a)
		}
	case syntax.If:
		r.schemaCalls(n.Child(syntax.Cond))
		r.branch++
		r.schemaCalls(n.Child(syntax.Body))
		r.schemaCalls(n.Child(syntax.Else))
		r.branch--
	default:
		for c := range n.Children() {
			r.schemaCalls(c)
		}
	}
}

// knexCall reads one call of a schema builder and reports whether its arguments are read as well.
func (r *ddl) knexCall(c syntax.Ref) bool {
	if !c.Receiver().Ok() {
		return false
	}
	name := r.text(c.Arg(0))
	switch c.Str() {
	case "createTable", "createTableIfNotExists":
		if name == "" {
			return true
		}
		if b := c.Block(); b.Ok() {
			t := &schema.Table{Name: name, Place: r.place(c), CreatedIn: r.file.Path}
			r.blueprint(b, name, t)
			r.add(schema.Op{Kind: schema.CreateTable, Table: name, Def: t, IfNotExists: c.Str() != "createTable"}, c)
			return true
		}
		return r.kyselyTable(c, name)
	case "table", "alterTable":
		if b := c.Block(); b.Ok() && name != "" {
			r.blueprint(b, name, nil)
			return true
		}
		return name != "" && r.kyselyAlter(c, name)
	case "dropTable", "dropTableIfExists":
		if name != "" {
			r.add(schema.Op{Kind: schema.DropTable, Table: name, IfExists: true}, c)
		}
		return true
	case "renameTable":
		r.add(schema.Op{Kind: schema.RenameTable, Table: name, NewName: r.text(c.Arg(1))}, c)
		return true
	case "createIndex":
		return r.kyselyIndex(c, name)
	case "dropIndex":
		if name != "" && !c.Arg(1).Ok() {
			r.add(schema.Op{Kind: schema.DropIndex, Name: name}, c)
		}
		return true
	case "raw":
		r.sql(c.Arg(0))
		return true
	}
	return false
}

// column types of Knex's table builder.
var knexTypes = map[string]string{
	"increments": "integer", "bigIncrements": "bigint", "integer": "integer", "int": "integer", "tinyint": "smallint", "smallint": "smallint", "mediumint": "integer", "bigint": "bigint", "bigInteger": "bigint",
	"text": "text", "string": "varchar", "float": "float", "double": "double", "decimal": "numeric", "boolean": "boolean", "date": "date", "datetime": "timestamp", "time": "time",
	"timestamp": "timestamp", "binary": "bytea", "enum": "varchar", "enu": "varchar", "json": "json", "jsonb": "jsonb", "uuid": "uuid", "specificType": "", "geometry": "geometry", "geography": "geography", "point": "point",
}

// blueprint reads the callback of createTable (t set) or alterTable (t nil).
func (r *ddl) blueprint(fn syntax.Ref, table string, t *schema.Table) {
	builder := fn.Child(syntax.ParamRole).Str()
	var read func(n syntax.Ref)
	read = func(n syntax.Ref) {
		if n.Kind() == syntax.Call {
			chain := n.Chain()
			if len(chain) > 1 && chain[0].Str() == builder && chain[0].Kind() == syntax.Name {
				r.definitionCall(chain[1:], table, t)
				return
			}
		}
		for c := range n.Children() {
			read(c)
		}
	}
	read(fn.Child(syntax.Body))
}

// definitionCall reads t.integer("org_id").references("id").inTable("orgs").index().
func (r *ddl) definitionCall(chain []syntax.Ref, table string, t *schema.Table) {
	head, at := chain[0], chain[len(chain)-1]
	name := r.text(head.Arg(0))
	index := func(ix *schema.Index) {
		ix.Place = r.place(at)
		if t != nil {
			t.Indexes = append(t.Indexes, ix)
			return
		}
		r.add(schema.Op{Kind: schema.AddIndex, Table: table, Index: ix}, at)
	}
	foreign := func(fk *schema.ForeignKey) {
		fk.Place, fk.Enforced = r.place(at), true
		if t != nil {
			t.ForeignKeys = append(t.ForeignKeys, fk)
			return
		}
		r.add(schema.Op{Kind: schema.AddForeignKey, Table: table, ForeignKey: fk}, at)
	}
	switch head.Str() {
	case "index", "unique":
		ix := &schema.Index{Columns: r.indexColumns(head.Arg(0)), Unique: head.Str() == "unique", Constraint: head.Str() == "unique"}
		if s := head.Arg(1); s.Kind() == syntax.String {
			ix.Name = s.Str()
		} else if s.Kind() == syntax.Map {
			ix.Name = r.text(s.Keyword("indexName"))
			if s.Keyword("predicate").Ok() {
				ix.Where = r.file.NodeText(s.Keyword("predicate"))
			}
		}
		ix.AutoNamed = ix.Name == ""
		if m := head.Arg(2); m.Kind() == syntax.String && head.Str() == "index" && !strings.EqualFold(m.Str(), "btree") {
			ix.Method = strings.ToLower(m.Str())
		}
		index(ix)
		return
	case "primary":
		cols := r.texts(head.Arg(0))
		if t != nil {
			t.PrimaryKey = cols
		} else {
			r.add(schema.Op{Kind: schema.AddPrimaryKey, Table: table, Columns: cols}, at)
		}
		return
	case "foreign":
		if fk := r.reference(chain, r.texts(head.Arg(0))); fk != nil {
			foreign(fk)
		}
		return
	case "dropColumn", "dropColumns":
		for _, a := range head.Args() {
			for _, n := range r.texts(a) {
				r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: n}, at)
			}
		}
		return
	case "dropIndex", "dropUnique":
		op := schema.Op{Kind: schema.DropIndex, Table: table, Columns: r.texts(head.Arg(0)), Name: r.text(head.Arg(1))}
		if head.Arg(0).Kind() == syntax.String && op.Name == "" && head.Str() == "dropIndex" {
			op.Columns = []string{head.Arg(0).Str()}
		}
		r.add(op, at)
		return
	case "dropForeign":
		r.add(schema.Op{Kind: schema.DropForeignKey, Table: table, Columns: r.texts(head.Arg(0)), Name: r.text(head.Arg(1))}, at)
		return
	case "renameColumn":
		r.add(schema.Op{Kind: schema.RenameColumn, Table: table, Name: name, NewName: r.text(head.Arg(1))}, at)
		return
	case "timestamps":
		for _, n := range []string{"created_at", "updated_at"} {
			r.column(table, t, column(n, "timestamp", false, r.place(at)), at, nil)
		}
		return
	case "comment", "engine", "charset", "collate", "dropTimestamps", "setNullable", "dropNullable", "dropPrimary", "check", "inherits":
		return
	}
	typ, known := knexTypes[head.Str()]
	if !known {
		return
	}
	if name == "" {
		if head.Str() != "increments" && head.Str() != "bigIncrements" {
			return
		}
		name = "id"
	}
	if head.Str() == "specificType" {
		typ = r.text(head.Arg(1))
	}
	col := column(name, typ, false, r.place(at))
	primary := strings.HasSuffix(head.Str(), "ncrements")
	col.AutoIncrement = primary
	alter := false
	var extra []*schema.Index
	for _, c := range chain[1:] {
		switch c.Str() {
		case "notNullable":
			col.NotNull = true
		case "primary":
			primary = true
		case "unique":
			extra = append(extra, keyOn(r.place(at), true, name))
		case "index":
			extra = append(extra, keyOn(r.place(at), false, name))
		case "alter":
			alter = true
		}
	}
	if alter {
		r.add(schema.Op{Kind: schema.ChangeColumn, Table: table, Name: name, Column: col, Change: schema.ChangeType}, at)
		return
	}
	if primary && t != nil {
		t.PrimaryKey = append(t.PrimaryKey, name)
	}
	r.column(table, t, col, at, nil)
	for _, ix := range extra {
		index(ix)
	}
	if fk := r.reference(chain, []string{name}); fk != nil {
		foreign(fk)
	}
}

func (r *ddl) column(table string, t *schema.Table, col *schema.Column, at syntax.Ref, ix *schema.Index) {
	if t != nil {
		t.Columns = append(t.Columns, col)
		if ix != nil {
			t.Indexes = append(t.Indexes, ix)
		}
		return
	}
	r.add(schema.Op{Kind: schema.AddColumn, Table: table, Column: col, Index: ix}, at)
}

// reference reads .references("id").inTable("users") and .references("users.id").
func (r *ddl) reference(chain []syntax.Ref, columns []string) *schema.ForeignKey {
	fk := &schema.ForeignKey{Columns: columns, AutoNamed: true}
	for _, c := range chain {
		switch c.Str() {
		case "references":
			for _, s := range r.texts(c.Arg(0)) {
				if i := strings.LastIndexByte(s, '.'); i >= 0 {
					fk.RefTable, s = s[:i], s[i+1:]
				}
				fk.RefColumns = append(fk.RefColumns, s)
			}
		case "inTable":
			fk.RefTable = r.text(c.Arg(0))
		case "onDelete":
			fk.OnDelete = strings.ToLower(r.text(c.Arg(0)))
		case "withKeyName":
			fk.Name, fk.AutoNamed = r.text(c.Arg(0)), false
		}
	}
	if fk.RefTable == "" || len(columns) == 0 {
		return nil
	}
	return fk
}

// outer returns the calls that are chained onto a call, in order.
func outer(c syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	for p := c.Parent(); p.Kind() == syntax.Call && p.Receiver() == c; c, p = p, p.Parent() {
		out = append(out, p)
	}
	return out
}

// kyselyTable reads db.schema.createTable("users").addColumn("id", "serial", (c) => c.primaryKey()).
func (r *ddl) kyselyTable(c syntax.Ref, name string) bool {
	steps := outer(c)
	t := &schema.Table{Name: name, Place: r.place(c), CreatedIn: r.file.Path}
	for _, s := range steps {
		switch s.Str() {
		case "addColumn":
			col, fk, unique, primary := r.kyselyColumn(s)
			t.Columns = append(t.Columns, col)
			if fk != nil {
				t.ForeignKeys = append(t.ForeignKeys, fk)
			}
			if unique {
				t.Indexes = append(t.Indexes, keyOn(r.place(s), true, col.Name))
			}
			if primary {
				t.PrimaryKey = append(t.PrimaryKey, col.Name)
			}
		case "addPrimaryKeyConstraint":
			t.PrimaryKey = r.texts(s.Arg(1))
		case "addUniqueConstraint":
			t.Indexes = append(t.Indexes, keyOn(r.place(s), true, r.texts(s.Arg(1))...))
		case "addForeignKeyConstraint":
			t.ForeignKeys = append(t.ForeignKeys, r.kyselyForeign(s))
		}
	}
	if len(t.Columns) == 0 {
		return false
	}
	r.add(schema.Op{Kind: schema.CreateTable, Table: name, Def: t}, c)
	return true
}

func (r *ddl) kyselyForeign(s syntax.Ref) *schema.ForeignKey {
	fk := &schema.ForeignKey{Name: r.text(s.Arg(0)), Columns: r.texts(s.Arg(1)), RefTable: r.text(s.Arg(2)), RefColumns: r.texts(s.Arg(3)), Enforced: true, Place: r.place(s)}
	for c := range s.Block().Descendants(syntax.Call) {
		if c.Str() == "onDelete" {
			fk.OnDelete = strings.ToLower(r.text(c.Arg(0)))
		}
	}
	return fk
}

func (r *ddl) kyselyColumn(s syntax.Ref) (col *schema.Column, fk *schema.ForeignKey, unique, primary bool) {
	typ := s.Arg(1).Str()
	if s.Arg(1).Kind() == syntax.Call {
		typ = s.Arg(1).Arg(0).Str()
	}
	col = column(r.text(s.Arg(0)), typ, false, r.place(s))
	for c := range s.Block().Descendants(syntax.Call) {
		switch c.Str() {
		case "primaryKey":
			primary = true
		case "unique":
			unique = true
		case "notNull":
			col.NotNull = true
		case "references":
			if ref := r.text(c.Arg(0)); strings.Contains(ref, ".") {
				i := strings.LastIndexByte(ref, '.')
				fk = &schema.ForeignKey{Columns: []string{col.Name}, RefTable: ref[:i], RefColumns: []string{ref[i+1:]}, Enforced: true, AutoNamed: true, Place: r.place(s)}
			}
		}
	}
	return col, fk, unique, primary
}

func (r *ddl) kyselyAlter(c syntax.Ref, name string) bool {
	for _, s := range outer(c) {
		switch s.Str() {
		case "addColumn":
			col, fk, unique, _ := r.kyselyColumn(s)
			op := schema.Op{Kind: schema.AddColumn, Table: name, Column: col, ForeignKey: fk}
			if unique {
				op.Index = keyOn(r.place(s), true, col.Name)
			}
			r.add(op, s)
		case "dropColumn":
			r.add(schema.Op{Kind: schema.DropColumn, Table: name, Name: r.text(s.Arg(0))}, s)
		case "renameColumn":
			r.add(schema.Op{Kind: schema.RenameColumn, Table: name, Name: r.text(s.Arg(0)), NewName: r.text(s.Arg(1))}, s)
		case "addForeignKeyConstraint":
			r.add(schema.Op{Kind: schema.AddForeignKey, Table: name, ForeignKey: r.kyselyForeign(s)}, s)
		case "addUniqueConstraint":
			r.add(schema.Op{Kind: schema.AddUnique, Table: name, Index: keyOn(r.place(s), true, r.texts(s.Arg(1))...)}, s)
		case "renameTo":
			r.add(schema.Op{Kind: schema.RenameTable, Table: name, NewName: r.text(s.Arg(0))}, s)
		}
	}
	return true
}

func (r *ddl) kyselyIndex(c syntax.Ref, name string) bool {
	ix := &schema.Index{Name: name, Place: r.place(c)}
	table := ""
	for _, s := range outer(c) {
		switch s.Str() {
		case "on":
			table = r.text(s.Arg(0))
		case "column", "columns":
			for _, text := range r.texts(s.Arg(0)) {
				f := strings.Fields(text)
				if len(f) > 0 {
					ix.Columns = append(ix.Columns, schema.IndexColumn{Name: f[0], Desc: len(f) > 1 && strings.EqualFold(f[1], "desc")})
				}
			}
		case "expression":
			ix.Columns = append(ix.Columns, schema.IndexColumn{Expr: r.file.NodeText(s.Arg(0))})
		case "unique":
			ix.Unique = true
		case "using":
			ix.Method = strings.ToLower(r.text(s.Arg(0)))
		case "where":
			ix.Where = r.file.NodeText(s)
		}
	}
	if table == "" || len(ix.Columns) == 0 {
		return false
	}
	r.add(schema.Op{Kind: schema.AddIndex, Table: table, Index: ix}, c)
	return true
}
