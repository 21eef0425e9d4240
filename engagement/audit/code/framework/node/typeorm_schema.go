package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Schemas folds TypeORM's migrations, or the entities where there are none. TypeORM creates an index
// for a relation's key only where @Index asks for it; the table of a @JoinTable has both keys indexed.
func (fw *TypeORM) Schemas(p *project.Project) []*project.Database {
	fw.findEntities(p)
	all := stores{}
	byFile := map[*project.File][]*entity{}
	for _, e := range fw.entities {
		if byFile[e.file] == nil {
			s := all.of(packageRoot(p, e.file.Path))
			s.declared = append(s.declared, e.file)
		}
		byFile[e.file] = append(byFile[e.file], e)
	}
	for _, f := range p.Files {
		if readable(f) && imports(f, "typeorm") && migrationClass(f).Ok() {
			s := all.of(packageRoot(p, f.Path))
			s.migrations = append(s.migrations, f)
		}
	}
	if len(all) == 0 {
		return nil
	}
	ix := flow.NewIndex(p, "typescript") // the base classes of entities
	var out []*project.Database
	for _, s := range all.sorted() {
		db := s.database(p, "entities", typeormMigration, func(f *project.File, d schema.Dialect) []schema.Op {
			r := newDDL(f, d)
			for _, e := range byFile[f] {
				fw.declare(r, ix, e)
			}
			return r.ops
		})
		if db != nil && len(db.Schema.Tables) > 0 {
			out = append(out, db)
		}
	}
	return out
}

func migrationClass(f *project.File) syntax.Ref {
	for n := range f.Tree.Root().Descendants(syntax.Class) {
		for s := range n.All(syntax.Super) {
			if s.Str() == "MigrationInterface" {
				return n
			}
		}
		for m := range n.Child(syntax.Body).Children() {
			if m.Kind() == syntax.Func && m.Str() == "up" && m.Child(syntax.ParamRole).Child(syntax.TypeRole).Str() == "QueryRunner" {
				return n
			}
		}
	}
	return syntax.Ref{}
}

// declare states the table of an entity.
func (fw *TypeORM) declare(r *ddl, ix *flow.Index, e *entity) {
	t := &schema.Table{Name: e.table, Place: r.place(e.node), CreatedIn: r.file.Path}
	tables := map[string]string{}
	for _, x := range fw.entities {
		tables[x.name] = x.table
	}
	column1 := map[string]string{} // property -> column
	var joins []schema.Op
	for _, m := range fw.members(ix, e) {
		at := schema.Place{Path: m.file.Path, Line: m.node.Line(), EndLine: m.node.EndLine()}
		if d := decorator(m.node, columnDecorators...); d.Ok() {
			name := fw.columnName(m.node, d)
			column1[m.node.Str()] = name
			c := column(name, typeormType(m.node, d), !isTrue(d.Keyword("nullable")), at)
			t.Columns = append(t.Columns, c)
			switch {
			case strings.HasPrefix(d.Str(), "Primary") || isTrue(d.Keyword("primary")):
				t.PrimaryKey = append(t.PrimaryKey, name)
			case isTrue(d.Keyword("unique")):
				t.Indexes = append(t.Indexes, keyOn(at, true, name))
			}
			fw.fieldIndex(t, m.node, at, name)
			continue
		}
		d := decorator(m.node, relationDecorators...)
		if !d.Ok() {
			continue
		}
		target := tables[relationTarget(d)]
		opts := d
		switch {
		case d.Str() == "ManyToOne", d.Str() == "OneToOne" && decorator(m.node, "JoinColumn").Ok():
			key := fw.joinColumn(m.node)
			column1[m.node.Str()] = key
			if t0 := findColumn(t, key); t0 == nil {
				t.Columns = append(t.Columns, column(key, "integer", isFalse(opts.Keyword("nullable")), at))
			}
			if target != "" && !isFalse(opts.Keyword("createForeignKeyConstraints")) {
				fk := &schema.ForeignKey{Columns: []string{key}, RefTable: target, OnDelete: strings.ToLower(opts.Keyword("onDelete").Str()), Enforced: true, AutoNamed: true, Place: at}
				t.ForeignKeys = append(t.ForeignKeys, fk)
			}
			if d.Str() == "OneToOne" {
				t.Indexes = append(t.Indexes, keyOn(at, true, key))
			}
			if decorator(m.node, "PrimaryColumn").Ok() || isTrue(opts.Keyword("primary")) {
				t.PrimaryKey = append(t.PrimaryKey, key)
			}
			fw.fieldIndex(t, m.node, at, key)
		case d.Str() == "ManyToMany" && decorator(m.node, "JoinTable").Ok() && target != "":
			joins = append(joins, fw.joinTable(e, m.node, target, at))
		}
	}
	for d := range e.node.All(syntax.Decorator) {
		if d.Str() != "Index" && d.Str() != "Unique" {
			continue
		}
		at := r.place(d)
		ix := &schema.Index{AutoNamed: true, Unique: d.Str() == "Unique" || isTrue(d.Keyword("unique")), Constraint: d.Str() == "Unique", Place: at, Where: d.Keyword("where").Str()}
		for _, a := range d.Args() {
			switch a.Kind() {
			case syntax.String:
				ix.Name, ix.AutoNamed = a.Str(), false
			case syntax.List:
				for _, s := range elements(a) {
					ix.Columns = append(ix.Columns, schema.IndexColumn{Name: lookup(column1, s.Str())})
				}
			case syntax.Lambda: // (x) => [x.a, x.b]
				for _, s := range elements(a.Child(syntax.Body)) {
					ix.Columns = append(ix.Columns, schema.IndexColumn{Name: lookup(column1, s.Str())})
				}
			}
		}
		if len(ix.Columns) > 0 {
			t.Indexes = append(t.Indexes, ix)
		}
	}
	r.add(schema.Op{Kind: schema.CreateTable, Table: e.table, Def: t}, e.node)
	r.ops = append(r.ops, joins...)
}

func lookup(m map[string]string, key string) string {
	if v, ok := m[key]; ok {
		return v
	}
	return key
}

func findColumn(t *schema.Table, name string) *schema.Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// fieldIndex reads @Index() and @Unique() on a property.
func (fw *TypeORM) fieldIndex(t *schema.Table, m syntax.Ref, at schema.Place, name string) {
	if d := decorator(m, "Index"); d.Ok() {
		ix := keyOn(at, isTrue(d.Keyword("unique")), name)
		ix.Constraint = false
		ix.Where = d.Keyword("where").Str()
		if isTrue(d.Keyword("spatial")) {
			ix.Method = "gist"
		}
		t.Indexes = append(t.Indexes, ix)
	}
	if decorator(m, "Unique").Ok() {
		t.Indexes = append(t.Indexes, keyOn(at, true, name))
	}
}

func (fw *TypeORM) joinTable(e *entity, m syntax.Ref, target string, at schema.Place) schema.Op {
	j := decorator(m, "JoinTable")
	name := j.Keyword("name").Str()
	if s := j.Arg(0); s.Kind() == syntax.String {
		name = s.Str()
	}
	if name == "" {
		name = snake(e.table + "_" + m.Str() + "_" + target)
	}
	own, other := snakeOrCamel(fw.snake, e.table), snakeOrCamel(fw.snake, target)
	if s := j.Keyword("joinColumn").Keyword("name"); s.Kind() == syntax.String {
		own = s.Str()
	}
	if s := j.Keyword("inverseJoinColumn").Keyword("name"); s.Kind() == syntax.String {
		other = s.Str()
	}
	t := &schema.Table{Name: name, Place: at, PrimaryKey: []string{own, other},
		Columns: []*schema.Column{column(own, "integer", true, at), column(other, "integer", true, at)},
		Indexes: []*schema.Index{keyOn(at, false, own), keyOn(at, false, other)},
		ForeignKeys: []*schema.ForeignKey{
			{Columns: []string{own}, RefTable: e.table, OnDelete: "cascade", Enforced: true, AutoNamed: true, Place: at},
			{Columns: []string{other}, RefTable: target, OnDelete: "cascade", Enforced: true, AutoNamed: true, Place: at}}}
	return schema.Op{Kind: schema.CreateTable, Table: name, Def: t, Place: at}
}

func snakeOrCamel(under bool, table string) string {
	if under {
		return table + "_id"
	}
	parts := strings.Split(table, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "") + "Id"
}

func typeormType(m, d syntax.Ref) string {
	switch d.Str() {
	case "CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn":
		return "timestamp"
	}
	if a := d.Arg(0); a.Kind() == syntax.String && a.Str() != "increment" && a.Str() != "identity" && a.Str() != "rowid" {
		return a.Str()
	}
	if s := d.Keyword("type"); s.Kind() == syntax.String {
		if isTrue(d.Keyword("array")) {
			return s.Str() + "[]"
		}
		return s.Str()
	}
	switch strings.TrimSuffix(strings.ReplaceAll(m.Child(syntax.TypeRole).Str(), " ", ""), "|null") {
	case "number":
		return "integer"
	case "boolean":
		return "boolean"
	case "Date":
		return "timestamp"
	}
	return "varchar"
}

// typeormMigration reads what up does.
func typeormMigration(f *project.File, d schema.Dialect) []schema.Op {
	r := newDDL(f, d)
	cls := migrationClass(f)
	for m := range cls.Child(syntax.Body).Children() {
		if m.Kind() != syntax.Func || m.Str() != "up" {
			continue
		}
		for c := range m.Child(syntax.Body).Descendants(syntax.Call) {
			r.runner(c)
		}
	}
	return r.ops
}

// runner reads one call of a query runner.
func (r *ddl) runner(c syntax.Ref) {
	if !c.Receiver().Ok() {
		return
	}
	table := r.table(c.Arg(0))
	arg := r.resolve(c.Arg(1))
	switch c.Str() {
	case "query":
		r.sql(c.Arg(0))
	case "createTable":
		if def := r.definition(c.Arg(0)); def != nil {
			r.add(schema.Op{Kind: schema.CreateTable, Table: def.Name, Def: def, IfNotExists: isTrue(c.Arg(1))}, c)
		}
	case "dropTable":
		r.add(schema.Op{Kind: schema.DropTable, Table: table, IfExists: true}, c)
	case "renameTable":
		r.add(schema.Op{Kind: schema.RenameTable, Table: table, NewName: r.text(arg)}, c)
	case "addColumn", "addColumns":
		for _, e := range elements(arg) {
			col, keys := r.runnerColumn(e)
			if col == nil {
				continue
			}
			op := schema.Op{Kind: schema.AddColumn, Table: table, Column: col}
			if len(keys) > 0 {
				op.Index = keys[0]
			}
			r.add(op, c)
		}
	case "dropColumn", "dropColumns":
		for _, name := range r.texts(arg) {
			r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: name}, c)
		}
	case "renameColumn":
		r.add(schema.Op{Kind: schema.RenameColumn, Table: table, Name: r.text(arg), NewName: r.text(c.Arg(2))}, c)
	case "createIndex", "createIndices":
		for _, e := range elements(arg) {
			if ix := r.runnerIndex(e); ix != nil {
				r.add(schema.Op{Kind: schema.AddIndex, Table: table, Index: ix}, c)
			}
		}
	case "dropIndex":
		r.add(schema.Op{Kind: schema.DropIndex, Table: table, Name: r.text(arg)}, c)
	case "createForeignKey", "createForeignKeys":
		for _, e := range elements(arg) {
			if fk := r.runnerKey(e); fk != nil {
				r.add(schema.Op{Kind: schema.AddForeignKey, Table: table, ForeignKey: fk}, c)
			}
		}
	case "createUniqueConstraint":
		if ix := r.runnerIndex(arg); ix != nil {
			ix.Unique, ix.Constraint = true, true
			r.add(schema.Op{Kind: schema.AddUnique, Table: table, Index: ix}, c)
		}
	case "createPrimaryKey":
		r.add(schema.Op{Kind: schema.AddPrimaryKey, Table: table, Columns: r.texts(arg)}, c)
	}
}

// table is a name or new Table({ name }).
func (r *ddl) table(n syntax.Ref) string {
	n = r.resolve(n)
	if n.Kind() == syntax.Call {
		return r.text(n.Keyword("name"))
	}
	return r.text(n)
}

func (r *ddl) definition(n syntax.Ref) *schema.Table {
	n = r.resolve(n)
	name := r.text(n.Keyword("name"))
	if name == "" {
		return nil
	}
	t := &schema.Table{Name: name, Place: r.place(n), CreatedIn: r.file.Path}
	for _, e := range elements(r.resolve(n.Keyword("columns"))) {
		c, keys := r.runnerColumn(e)
		if c == nil {
			t.Incomplete = true
			continue
		}
		t.Columns = append(t.Columns, c)
		t.Indexes = append(t.Indexes, keys...)
		if isTrue(e.Keyword("isPrimary")) {
			t.PrimaryKey = append(t.PrimaryKey, c.Name)
		}
	}
	for _, w := range []string{"indices", "uniques"} {
		for _, e := range elements(r.resolve(n.Keyword(w))) {
			if ix := r.runnerIndex(e); ix != nil {
				if w == "uniques" {
					ix.Unique, ix.Constraint = true, true
				}
				t.Indexes = append(t.Indexes, ix)
			}
		}
	}
	for _, e := range elements(r.resolve(n.Keyword("foreignKeys"))) {
		if fk := r.runnerKey(e); fk != nil {
			t.ForeignKeys = append(t.ForeignKeys, fk)
		}
	}
	return t
}

func (r *ddl) runnerColumn(n syntax.Ref) (*schema.Column, []*schema.Index) {
	n = r.resolve(n)
	name := r.text(n.Keyword("name"))
	if name == "" {
		return nil, nil
	}
	c := column(name, r.text(n.Keyword("type")), !isTrue(n.Keyword("isNullable")), r.place(n))
	if isTrue(n.Keyword("isUnique")) {
		return c, []*schema.Index{keyOn(r.place(n), true, name)}
	}
	return c, nil
}

func (r *ddl) runnerIndex(n syntax.Ref) *schema.Index {
	n = r.resolve(n)
	cols := r.texts(n.Keyword("columnNames"))
	if len(cols) == 0 {
		return nil
	}
	ix := keyOn(r.place(n), isTrue(n.Keyword("isUnique")), cols...)
	ix.Constraint = false
	ix.Name = r.text(n.Keyword("name"))
	ix.AutoNamed = ix.Name == ""
	ix.Where = r.text(n.Keyword("where"))
	return ix
}

func (r *ddl) runnerKey(n syntax.Ref) *schema.ForeignKey {
	n = r.resolve(n)
	cols := r.texts(n.Keyword("columnNames"))
	if len(cols) == 0 {
		return nil
	}
	fk := &schema.ForeignKey{Name: r.text(n.Keyword("name")), Columns: cols, RefTable: r.text(n.Keyword("referencedTableName")), RefColumns: r.texts(n.Keyword("referencedColumnNames")),
		OnDelete: strings.ToLower(r.text(n.Keyword("onDelete"))), Enforced: true, Place: r.place(n)}
	fk.AutoNamed = fk.Name == ""
	return fk
}
