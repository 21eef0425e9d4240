package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Schemas folds Sequelize's migrations, or the models where there are none.
func (fw *Sequelize) Schemas(p *project.Project) []*project.Database {
	fw.find(p)
	all := stores{}
	byFile := map[*project.File][]*sequelizeModel{}
	for _, m := range fw.models {
		if byFile[m.file] == nil {
			s := all.of(packageRoot(p, m.file.Path))
			s.declared = append(s.declared, m.file)
		}
		byFile[m.file] = append(byFile[m.file], m)
	}
	migrates := uses(p, "sequelize", "sequelize-typescript", "sequelize-cli")
	for _, f := range p.Files {
		if migrates && readable(f) && knexMigration.MatchString(f.Path) && len(sequelizeOps(f, schema.Unknown)) > 0 {
			s := all.of(packageRoot(p, f.Path))
			s.migrations = append(s.migrations, f)
		}
	}
	var out []*project.Database
	for _, s := range all.sorted() {
		db := s.database(p, "models", sequelizeOps, func(f *project.File, d schema.Dialect) []schema.Op {
			r := newDDL(f, d)
			for _, m := range byFile[f] {
				fw.declare(r, m)
			}
			return r.ops
		})
		if db != nil && len(db.Schema.Tables) > 0 {
			out = append(out, db)
		}
	}
	return out
}

// sequelizeOps reads what a migration's up does with the query interface.
func sequelizeOps(f *project.File, d schema.Dialect) []schema.Op {
	body := upBody(f)
	if !body.Ok() {
		return nil
	}
	r := newDDL(f, d)
	r.interfaceCalls(body)
	return r.ops
}

func (r *ddl) interfaceCalls(n syntax.Ref) {
	if n.Kind() == syntax.If {
		r.branch++
		defer func() { r.branch-- }()
	}
	if n.Kind() == syntax.Call {
		if recv := n.Receiver(); recv.Ok() {
			r.interfaceCalls(recv)
			if r.interfaceCall(n) {
				return
			}
		}
		for _, a := range n.Args() {
			r.interfaceCalls(a)
		}
		return
	}
	for c := range n.Children() {
		r.interfaceCalls(c)
	}
}

// tableName is "users" or { tableName: "users", schema: "x" }.
func (r *ddl) tableName(n syntax.Ref) string {
	n = r.resolve(n)
	if n.Kind() == syntax.Map {
		return r.text(n.Keyword("tableName"))
	}
	return r.text(n)
}

func (r *ddl) interfaceCall(c syntax.Ref) bool {
	table := r.tableName(c.Arg(0))
	arg := r.resolve(c.Arg(1))
	switch c.Str() {
	case "createTable":
		if table == "" || arg.Kind() != syntax.Map {
			return false
		}
		t := &schema.Table{Name: table, Place: r.place(c), CreatedIn: r.file.Path}
		for p := range arg.Children() {
			if p.Kind() == syntax.Pair && p.Str() != "" {
				r.attribute(t, p.Str(), p)
			} else {
				t.Incomplete = true
			}
		}
		r.uniqueKeys(t, r.resolve(c.Arg(2)))
		r.add(schema.Op{Kind: schema.CreateTable, Table: table, Def: t}, c)
	case "dropTable":
		r.add(schema.Op{Kind: schema.DropTable, Table: table, IfExists: true}, c)
	case "renameTable":
		r.add(schema.Op{Kind: schema.RenameTable, Table: table, NewName: r.text(arg)}, c)
	case "addColumn":
		name := r.text(arg)
		if table == "" || name == "" {
			return false
		}
		t := &schema.Table{}
		r.attributeOf(t, name, r.resolve(c.Arg(2)), c)
		op := schema.Op{Kind: schema.AddColumn, Table: table, Column: t.Columns[0]}
		if len(t.Indexes) > 0 {
			op.Index = t.Indexes[0]
		}
		if len(t.ForeignKeys) > 0 {
			op.ForeignKey = t.ForeignKeys[0]
		}
		r.add(op, c)
	case "removeColumn":
		r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: r.text(arg)}, c)
	case "renameColumn":
		r.add(schema.Op{Kind: schema.RenameColumn, Table: table, Name: r.text(arg), NewName: r.text(c.Arg(2))}, c)
	case "changeColumn":
		name := r.text(arg)
		if table == "" || name == "" {
			return false
		}
		t := &schema.Table{}
		r.attributeOf(t, name, r.resolve(c.Arg(2)), c)
		r.add(schema.Op{Kind: schema.ChangeColumn, Table: table, Name: name, Column: t.Columns[0], Change: schema.ChangeType}, c)
	case "addIndex":
		opt := arg
		fields := r.indexColumns(opt.Keyword("fields"))
		if opt.Kind() == syntax.List || opt.Kind() == syntax.String {
			fields, opt = r.indexColumns(opt), r.resolve(c.Arg(2))
		}
		if table == "" || len(fields) == 0 {
			return false
		}
		r.add(schema.Op{Kind: schema.AddIndex, Table: table, Index: r.indexOptions(fields, opt, c)}, c)
	case "removeIndex":
		op := schema.Op{Kind: schema.DropIndex, Table: table, Name: r.text(arg)}
		if arg.Kind() == syntax.List {
			op.Columns = r.texts(arg)
		}
		r.add(op, c)
	case "addConstraint":
		opt, fields := arg, []string(nil)
		if opt.Kind() == syntax.List {
			fields, opt = r.texts(opt), r.resolve(c.Arg(2))
		} else {
			fields = r.texts(opt.Keyword("fields"))
		}
		r.constraint(table, fields, opt, c)
	case "removeConstraint":
		r.add(schema.Op{Kind: schema.DropConstraint, Table: table, Name: r.text(arg)}, c)
	case "query":
		if c.Receiver().Str() != "sequelize" {
			return false
		}
		r.sql(c.Arg(0))
	default:
		return false
	}
	return true
}

func (r *ddl) indexOptions(fields []schema.IndexColumn, opt syntax.Ref, at syntax.Ref) *schema.Index {
	ix := &schema.Index{Columns: fields, Unique: isTrue(opt.Keyword("unique")) || strings.EqualFold(r.text(opt.Keyword("type")), "unique"), Place: r.place(at)}
	ix.Name = r.text(first(opt.Keyword("name"), opt.Keyword("indexName")))
	ix.AutoNamed = ix.Name == ""
	if w := opt.Keyword("where"); w.Ok() {
		ix.Where = r.file.NodeText(w)
	}
	ix.Method = strings.ToLower(r.text(first(opt.Keyword("using"), opt.Keyword("method"))))
	ix.Concurrently = isTrue(opt.Keyword("concurrently"))
	return ix
}

func (r *ddl) constraint(table string, fields []string, opt syntax.Ref, at syntax.Ref) {
	if table == "" || len(fields) == 0 {
		return
	}
	name := r.text(opt.Keyword("name"))
	switch strings.ToLower(r.text(opt.Keyword("type"))) {
	case "unique":
		ix := keyOn(r.place(at), true, fields...)
		ix.Name, ix.AutoNamed = name, name == ""
		r.add(schema.Op{Kind: schema.AddUnique, Table: table, Index: ix}, at)
	case "primary key":
		r.add(schema.Op{Kind: schema.AddPrimaryKey, Table: table, Columns: fields}, at)
	case "foreign key":
		ref := opt.Keyword("references")
		fk := &schema.ForeignKey{Name: name, AutoNamed: name == "", Columns: fields, RefTable: r.tableName(first(ref.Keyword("table"), ref.Keyword("model"))), OnDelete: strings.ToLower(r.text(opt.Keyword("onDelete"))), Enforced: true, Place: r.place(at)}
		fk.RefColumns = r.texts(first(ref.Keyword("field"), ref.Keyword("fields")))
		r.add(schema.Op{Kind: schema.AddForeignKey, Table: table, ForeignKey: fk}, at)
	}
}

func (r *ddl) uniqueKeys(t *schema.Table, opt syntax.Ref) {
	for p := range opt.Keyword("uniqueKeys").Children() {
		if f := r.texts(p.Child(syntax.Value).Keyword("fields")); len(f) > 0 {
			t.Indexes = append(t.Indexes, keyOn(r.place(p), true, f...))
		}
	}
}

func (r *ddl) attribute(t *schema.Table, name string, p syntax.Ref) {
	r.attributeOf(t, name, r.resolve(p.Child(syntax.Value)), p)
}

// attributeOf reads one attribute: a type, or { type, allowNull, primaryKey, unique, references }.
func (r *ddl) attributeOf(t *schema.Table, name string, v, at syntax.Ref) {
	typ := v
	if v.Kind() == syntax.Map {
		typ = v.Keyword("type")
		if s := v.Keyword("field"); s.Kind() == syntax.String {
			name = s.Str()
		}
	}
	c := column(name, sequelizeType(typ), isFalse(v.Keyword("allowNull")) || isTrue(v.Keyword("primaryKey")), r.place(at))
	t.Columns = append(t.Columns, c)
	if isTrue(v.Keyword("primaryKey")) {
		t.PrimaryKey = append(t.PrimaryKey, name)
	}
	if u := v.Keyword("unique"); u.Ok() && !isFalse(u) {
		t.Indexes = append(t.Indexes, keyOn(r.place(at), true, name))
	}
	if ref := v.Keyword("references"); ref.Ok() {
		table := r.tableName(first(ref.Keyword("model"), ref.Keyword("table")))
		if ref.Kind() == syntax.String {
			table = ref.Str()
		}
		if table != "" {
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Columns: []string{name}, RefTable: table, RefColumns: r.texts(ref.Keyword("key")),
				OnDelete: strings.ToLower(r.text(v.Keyword("onDelete"))), Enforced: true, AutoNamed: true, Place: r.place(at)})
		}
	}
}

var sequelizeTypes = map[string]string{
	"INTEGER": "integer", "BIGINT": "bigint", "SMALLINT": "smallint", "TINYINT": "smallint", "STRING": "varchar", "CHAR": "char", "TEXT": "text", "CITEXT": "citext", "BOOLEAN": "boolean", "DATE": "timestamp",
	"DATEONLY": "date", "TIME": "time", "UUID": "uuid", "JSON": "json", "JSONB": "jsonb", "FLOAT": "float", "DOUBLE": "double", "DECIMAL": "numeric", "REAL": "real", "BLOB": "bytea", "ENUM": "varchar",
	"INET": "inet", "GEOMETRY": "geometry", "GEOGRAPHY": "geography", "TSVECTOR": "tsvector", "VIRTUAL": "", "RANGE": "int4range", "HSTORE": "hstore",
}

func sequelizeType(n syntax.Ref) string {
	switch n.Kind() {
	case syntax.String:
		return n.Str()
	case syntax.Call:
		if n.Str() == "ARRAY" {
			return sequelizeType(n.Arg(0)) + "[]"
		}
	}
	for r := n; r.Ok(); r = r.Receiver() {
		if t, ok := sequelizeTypes[r.Str()]; ok {
			return t
		}
	}
	return "varchar"
}

// declare states the table of a model.
func (fw *Sequelize) declare(r *ddl, m *sequelizeModel) {
	t := &schema.Table{Name: m.table, Place: r.place(m.node), CreatedIn: r.file.Path}
	for p := range m.attributes.Children() {
		if p.Kind() == syntax.Pair && p.Str() != "" && p.Child(syntax.Value).Keyword("type").Str() != "VIRTUAL" {
			r.attribute(t, m.column(p.Str()), p)
		}
	}
	for p := range m.class.Child(syntax.Body).Children() {
		if p.Kind() == syntax.Field {
			fw.property(r, t, m, p)
		}
	}
	if t.PrimaryKey == nil {
		t.PrimaryKey = []string{"id"}
		if findColumn(t, "id") == nil {
			t.Columns = append(t.Columns, column("id", "integer", true, t.Place))
		}
	}
	if !isFalse(m.options.Keyword("timestamps")) {
		for _, n := range []string{"createdAt", "updatedAt"} {
			if findColumn(t, m.column(n)) == nil {
				t.Columns = append(t.Columns, column(m.column(n), "timestamp", true, t.Place))
			}
		}
	}
	for _, e := range elements(r.resolve(m.options.Keyword("indexes"))) {
		cols := r.indexColumns(e.Keyword("fields"))
		for i := range cols {
			cols[i].Name = fw.columnOf(m, cols[i].Name)
		}
		if len(cols) > 0 {
			t.Indexes = append(t.Indexes, r.indexOptions(cols, e, e))
		}
	}
	r.add(schema.Op{Kind: schema.CreateTable, Table: m.table, Def: t}, m.node)
}

func (fw *Sequelize) columnOf(m *sequelizeModel, name string) string {
	if m.flow != nil {
		return columnOf(m.flow, name)
	}
	if p := m.attributes.Keyword(name); p.Ok() {
		return m.column(name)
	}
	return name
}

// property reads a field with decorators of sequelize-typescript.
func (fw *Sequelize) property(r *ddl, t *schema.Table, m *sequelizeModel, p syntax.Ref) {
	d := decorator(p, "Column", "ForeignKey", "PrimaryKey", "CreatedAt", "UpdatedAt", "DeletedAt")
	if !d.Ok() {
		return
	}
	at := r.place(p)
	col := decorator(p, "Column")
	name := m.column(p.Str())
	if s := col.Keyword("field"); s.Kind() == syntax.String {
		name = s.Str()
	}
	typ := "varchar"
	switch {
	case col.Keyword("type").Ok():
		typ = sequelizeType(col.Keyword("type"))
	case col.Arg(0).Ok() && col.Arg(0).Kind() != syntax.Map:
		typ = sequelizeType(col.Arg(0))
	case p.Child(syntax.TypeRole).Str() == "number":
		typ = "integer"
	case strings.HasPrefix(p.Child(syntax.TypeRole).Str(), "Date"):
		typ = "timestamp"
	case p.Child(syntax.TypeRole).Str() == "boolean":
		typ = "boolean"
	}
	t.Columns = append(t.Columns, column(name, typ, isFalse(col.Keyword("allowNull")), at))
	if decorator(p, "PrimaryKey").Ok() || isTrue(col.Keyword("primaryKey")) {
		t.PrimaryKey = append(t.PrimaryKey, name)
	}
	if decorator(p, "Unique").Ok() || isTrue(col.Keyword("unique")) {
		t.Indexes = append(t.Indexes, keyOn(at, true, name))
	}
	if decorator(p, "Index").Ok() {
		ix := keyOn(at, false, name)
		t.Indexes = append(t.Indexes, ix)
	}
	if fk := decorator(p, "ForeignKey"); fk.Ok() {
		if x := fw.byName[relationTarget(fk)]; x != nil {
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{Columns: []string{name}, RefTable: x.table, Enforced: true, AutoNamed: true, Place: at})
		}
	}
}
