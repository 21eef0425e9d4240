package django

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// migrationReader turns the operations of one migration into schema operations, and moves the state
// of the models along.
type migrationReader struct {
	file      *project.File
	app       string
	state     *state
	dialect   schema.Dialect
	ops       []schema.Op
	stateOnly int // inside state_operations
	depth     int
}

func (r *migrationReader) add(at syntax.Ref, ops ...schema.Op) {
	if r.stateOnly > 0 {
		return
	}
	for _, op := range ops {
		if op.Place.Path == "" {
			op.Place = place(r.file, at)
		}
		r.ops = append(r.ops, op)
	}
}

func (r *migrationReader) operations(list []syntax.Ref) {
	if r.depth > 4 {
		return
	}
	r.depth++
	for _, c := range list {
		if c.Kind() == syntax.Call {
			r.operation(c)
		}
	}
	r.depth--
}

// arg returns a positional or keyword argument.
func arg(c syntax.Ref, i int, names ...string) syntax.Ref {
	for _, n := range names {
		if k := c.Keyword(n); k.Ok() {
			return k
		}
	}
	return c.Arg(i)
}

func (r *migrationReader) model(c syntax.Ref, names ...string) *modelState {
	name := arg(c, 0, names...).Str()
	m := r.state.get(r.app, name)
	if m == nil && name != "" {
		m = &modelState{app: r.app, name: name, table: strings.ToLower(r.app + "_" + name)}
		r.state.models[m.key()] = m
	}
	return m
}

func (r *migrationReader) field(name string, call syntax.Ref) *fieldState {
	return &fieldState{name: name, kind: call.Str(), call: call, file: r.file, app: r.app}
}

func (r *migrationReader) operation(c syntax.Ref) {
	at := place(r.file, c)
	switch c.Str() {
	case "SeparateDatabaseAndState":
		saved := r.stateOnly
		// The database part sees the state as it was; for names and columns the order does not matter.
		r.operations(elements(arg(c, 0, "database_operations")))
		r.stateOnly = saved + 1
		r.operations(elements(arg(c, 1, "state_operations")))
		r.stateOnly = saved
	case "CreateModel":
		r.createModel(c, at)
	case "DeleteModel":
		if m := r.model(c, "name"); m != nil {
			for _, f := range m.fields {
				if f.many() && !f.call.Keyword("through").Ok() && !m.unmanaged {
					r.add(c, schema.Op{Kind: schema.DropTable, Table: m.table + "_" + f.name, IfExists: true})
				}
			}
			if !m.unmanaged {
				r.add(c, schema.Op{Kind: schema.DropTable, Table: m.table, Cascade: true})
			}
			delete(r.state.models, m.key())
		}
	case "RenameModel":
		r.renameModel(c)
	case "AlterModelTable":
		if m := r.model(c, "name"); m != nil {
			name := strings.Trim(arg(c, 1, "table").Str(), `"`)
			if name == "" {
				name = strings.ToLower(m.app + "_" + m.name)
			}
			if name != m.table {
				r.add(c, schema.Op{Kind: schema.RenameTable, Table: m.table, NewName: name})
				m.table = name
			}
		}
	case "AddField":
		r.addField(c, at)
	case "RemoveField":
		if m := r.model(c, "model_name"); m != nil {
			name := arg(c, 1, "name").Str()
			if f := m.field(name); f != nil {
				if f.many() {
					if !f.call.Keyword("through").Ok() {
						r.add(c, schema.Op{Kind: schema.DropTable, Table: m.table + "_" + f.name, IfExists: true})
					}
				} else if f.stored() {
					r.add(c, schema.Op{Kind: schema.DropColumn, Table: m.table, Name: f.column()})
				}
				m.drop(f)
			}
		}
	case "AlterField":
		r.alterField(c, at)
	case "RenameField":
		if m := r.model(c, "model_name"); m != nil {
			old, name := arg(c, 1, "old_name").Str(), arg(c, 2, "new_name").Str()
			if f := m.field(old); f != nil {
				before, table := f.column(), m.table+"_"+f.name
				f.name = name
				switch {
				case f.many():
					r.add(c, schema.Op{Kind: schema.RenameTable, Table: table, NewName: m.table + "_" + name, IfExists: true})
				case f.stored() && before != f.column():
					r.add(c, schema.Op{Kind: schema.RenameColumn, Table: m.table, Name: before, NewName: f.column()})
				}
				rename(m.unique, old, name)
				rename(m.together, old, name)
			}
		}
	case "AlterUniqueTogether":
		if m := r.model(c, "name"); m != nil {
			m.unique = r.regroup(c, m, m.unique, arg(c, 1, "unique_together"), true)
		}
	case "AlterIndexTogether":
		if m := r.model(c, "name"); m != nil {
			m.together = r.regroup(c, m, m.together, arg(c, 1, "index_together"), false)
		}
	case "AddIndex", "AddIndexConcurrently":
		if m := r.model(c, "model_name"); m != nil {
			if ix := indexOf(m, arg(c, 1, "index"), at); ix != nil {
				ix.Concurrently = c.Str() == "AddIndexConcurrently"
				r.add(c, schema.Op{Kind: schema.AddIndex, Table: m.table, Index: ix, Concurrently: ix.Concurrently})
			}
		}
	case "RemoveIndex", "RemoveIndexConcurrently", "RemoveConstraint":
		if m := r.model(c, "model_name"); m != nil {
			kind := schema.DropIndex
			r.add(c, schema.Op{Kind: kind, Table: m.table, Name: arg(c, 1, "name").Str(), IfExists: true, Concurrently: c.Str() == "RemoveIndexConcurrently"})
		}
	case "RenameIndex":
		if m := r.model(c, "model_name"); m != nil {
			if old := c.Keyword("old_name"); old.Ok() {
				r.add(c, schema.Op{Kind: schema.RenameIndex, Table: m.table, Name: old.Str(), NewName: c.Keyword("new_name").Str()})
			}
		}
	case "AddConstraint":
		if m := r.model(c, "model_name"); m != nil {
			if ix := indexOf(m, arg(c, 1, "constraint"), at); ix != nil {
				r.add(c, schema.Op{Kind: schema.AddUnique, Table: m.table, Index: ix})
			}
		}
	case "RunSQL":
		r.add(c, rawSQL(arg(c, 0, "sql"), r.file, r.dialect)...)
		if s := c.Keyword("state_operations"); s.Ok() {
			r.stateOnly++
			r.operations(elements(s))
			r.stateOnly--
		}
	}
}

func (m *modelState) drop(f *fieldState) {
	for i, g := range m.fields {
		if g == f {
			m.fields = append(m.fields[:i:i], m.fields[i+1:]...)
			return
		}
	}
}

func rename(groups [][]string, old, name string) {
	for _, g := range groups {
		for i := range g {
			if g[i] == old {
				g[i] = name
			}
		}
	}
}

func (r *migrationReader) createModel(c syntax.Ref, at schema.Place) {
	name := arg(c, 0, "name").Str()
	m := &modelState{app: r.app, name: name, table: strings.ToLower(r.app + "_" + name)}
	r.state.models[m.key()] = m
	for _, e := range pairsOf(arg(c, 1, "fields")) {
		m.fields = append(m.fields, r.field(e.name, e.value))
	}
	options := arg(c, 2, "options")
	var more []syntax.Ref
	for o := range options.Children() {
		v := o.Child(syntax.Value)
		switch o.Str() {
		case "db_table":
			m.table = strings.Trim(v.Str(), `"`)
		case "managed":
			m.unmanaged = v.Str() == "false"
		case "proxy":
			m.unmanaged = m.unmanaged || v.Str() == "true"
		case "unique_together":
			m.unique = namesOf(v)
		case "index_together":
			m.together = namesOf(v)
		case "indexes", "constraints":
			more = append(more, elements(v)...)
		}
	}
	r.add(c, r.state.create(m, at)...)
	for _, e := range more {
		if ix := indexOf(m, e, place(r.file, e)); ix != nil && !m.unmanaged {
			r.add(e, schema.Op{Kind: schema.AddIndex, Table: m.table, Index: ix})
		}
	}
}

type pair struct {
	name  string
	value syntax.Ref
}

// pairsOf reads [("name", models.X()), ...].
func pairsOf(n syntax.Ref) []pair {
	var out []pair
	for e := range n.Children() {
		if e.Kind() != syntax.List {
			continue
		}
		var p pair
		for c := range e.Children() {
			switch {
			case c.Kind() == syntax.String && p.name == "":
				p.name = c.Str()
			case c.Kind() == syntax.Call:
				p.value = c
			}
		}
		if p.name != "" && p.value.Ok() {
			out = append(out, p)
		}
	}
	return out
}

// namesOf reads the groups of unique_together: lists, tuples or sets of names, or one flat group. A
// set of groups may be written as set([...]).
func namesOf(v syntax.Ref) [][]string {
	if v.Kind() == syntax.Call {
		v = v.Arg(0)
	}
	var out [][]string
	for _, g := range groups(v) {
		if t := texts(g); len(t) > 0 {
			out = append(out, t)
		}
	}
	return out
}

func (r *migrationReader) renameModel(c syntax.Ref) {
	old, name := arg(c, 0, "old_name").Str(), arg(c, 1, "new_name").Str()
	m := r.state.get(r.app, old)
	if m == nil {
		return
	}
	delete(r.state.models, m.key())
	implied := m.table == strings.ToLower(m.app+"_"+m.name)
	m.name = name
	r.state.models[m.key()] = m
	if implied {
		before := m.table
		m.table = strings.ToLower(m.app + "_" + name)
		if before != m.table {
			r.add(c, schema.Op{Kind: schema.RenameTable, Table: before, NewName: m.table})
		}
		for _, f := range m.fields {
			if f.many() && !f.call.Keyword("through").Ok() {
				r.add(c, schema.Op{Kind: schema.RenameTable, Table: before + "_" + f.name, NewName: m.table + "_" + f.name, IfExists: true})
			}
		}
	}
}

func (r *migrationReader) addField(c syntax.Ref, at schema.Place) {
	m := r.model(c, "model_name")
	call := arg(c, 2, "field")
	if m == nil || call.Kind() != syntax.Call {
		return
	}
	f := r.field(arg(c, 1, "name").Str(), call)
	if old := m.field(f.name); old != nil {
		m.drop(old)
	}
	m.fields = append(m.fields, f)
	switch {
	case m.unmanaged:
	case f.many():
		r.add(c, r.state.through(m, f, at)...)
	case f.stored():
		col, ix, fk := r.state.define(f, at)
		if f.primary() {
			ix = &schema.Index{Columns: schema.PlainColumns(col.Name), Unique: true, Primary: true, Constraint: true, AutoNamed: true, Place: at}
		}
		r.add(c, schema.Op{Kind: schema.AddColumn, Table: m.table, Column: col, Index: ix, ForeignKey: fk})
	}
}

// alterField states the difference between a field as it was and as it becomes.
func (r *migrationReader) alterField(c syntax.Ref, at schema.Place) {
	m := r.model(c, "model_name")
	call := arg(c, 2, "field")
	if m == nil || call.Kind() != syntax.Call {
		return
	}
	name := arg(c, 1, "name").Str()
	f := r.field(name, call)
	old := m.field(name)
	if old == nil {
		m.fields = append(m.fields, f)
	} else {
		saved := *old
		*old = *f
		old, f = &saved, old
	}
	if m.unmanaged || !f.stored() {
		return
	}
	col, ix, fk := r.state.define(f, at)
	if old == nil || !old.stored() {
		r.add(c, schema.Op{Kind: schema.ChangeColumn, Table: m.table, Name: col.Name, Column: col, Change: schema.ChangeAll})
		r.primary(c, m, f, col.Name)
		return
	}
	before, oldIx, oldFK := r.state.define(old, at)
	if before.Name != col.Name {
		r.add(c, schema.Op{Kind: schema.RenameColumn, Table: m.table, Name: before.Name, NewName: col.Name})
	}
	if before.Type.Raw != col.Type.Raw || before.NotNull != col.NotNull {
		change := schema.Change(0)
		if before.Type.Raw != col.Type.Raw {
			change |= schema.ChangeType
		}
		if before.NotNull != col.NotNull {
			change |= schema.ChangeNull
		}
		r.add(c, schema.Op{Kind: schema.ChangeColumn, Table: m.table, Name: col.Name, Column: col, Change: change})
	}
	if oldIx != nil && (ix == nil || ix.Unique != oldIx.Unique) {
		r.add(c, schema.Op{Kind: schema.DropIndex, Table: m.table, Columns: []string{col.Name}, IfExists: true})
	}
	if ix != nil && (oldIx == nil || ix.Unique != oldIx.Unique) {
		r.add(c, schema.Op{Kind: schema.AddIndex, Table: m.table, Index: ix})
	}
	if !old.primary() {
		r.primary(c, m, f, col.Name)
	}
	if oldFK != nil && (fk == nil || fk.RefTable != oldFK.RefTable || fk.Enforced != oldFK.Enforced) {
		r.add(c, schema.Op{Kind: schema.DropForeignKey, Table: m.table, Columns: []string{col.Name}, IfExists: true})
	}
	if fk != nil && (oldFK == nil || fk.RefTable != oldFK.RefTable || fk.Enforced != oldFK.Enforced) {
		r.add(c, schema.Op{Kind: schema.AddForeignKey, Table: m.table, ForeignKey: fk})
	}
}

// primary moves the primary key of a table to a field that has become it.
func (r *migrationReader) primary(c syntax.Ref, m *modelState, f *fieldState, column string) {
	if f.primary() {
		r.add(c, schema.Op{Kind: schema.AddPrimaryKey, Table: m.table, Columns: []string{column}})
	}
}

// regroup replaces the groups of unique_together or index_together.
func (r *migrationReader) regroup(c syntax.Ref, m *modelState, old [][]string, v syntax.Ref, unique bool) [][]string {
	next := namesOf(v)
	key := func(g []string) string { return strings.Join(g, ",") }
	has := func(list [][]string, g []string) bool { return contains(list, key(g)) }
	for _, g := range old {
		if !has(next, g) && !m.unmanaged {
			r.add(c, schema.Op{Kind: schema.DropIndex, Table: m.table, Columns: m.columns(g), IfExists: true})
		}
	}
	for _, g := range next {
		if !has(old, g) && !m.unmanaged {
			r.add(c, schema.Op{Kind: schema.AddIndex, Table: m.table, Index: &schema.Index{Columns: schema.PlainColumns(m.columns(g)...), Unique: unique, Constraint: unique, AutoNamed: true, Place: place(r.file, c)}})
		}
	}
	return next
}

func contains(list [][]string, key string) bool {
	for _, g := range list {
		if strings.Join(g, ",") == key {
			return true
		}
	}
	return false
}

// methods of index classes.
var methods = map[string]string{"Index": "btree", "GinIndex": "gin", "GistIndex": "gist", "BrinIndex": "brin", "HashIndex": "hash", "SpGistIndex": "spgist", "BTreeIndex": "btree", "BloomIndex": "bloom", "OpClassIndex": "btree"}

// indexOf reads models.Index(...) or models.UniqueConstraint(...); nil for checks and others.
func indexOf(m *modelState, c syntax.Ref, at schema.Place) *schema.Index {
	if c.Kind() != syntax.Call {
		return nil
	}
	ix := &schema.Index{Name: c.Keyword("name").Str(), Place: at}
	switch c.Str() {
	case "UniqueConstraint":
		ix.Unique, ix.Constraint, ix.Method = true, true, "btree"
	default:
		method, ok := methods[c.Str()]
		if !ok && !strings.HasSuffix(c.Str(), "Index") {
			return nil
		}
		ix.Method = method
	}
	classes := texts(c.Keyword("opclasses"))
	for i, f := range texts(c.Keyword("fields")) {
		col := schema.IndexColumn{Name: m.columns([]string{f})[0], Desc: strings.HasPrefix(f, "-")}
		if i < len(classes) {
			col.OpClass = classes[i]
		}
		ix.Columns = append(ix.Columns, col)
	}
	for _, e := range c.Args() { // expressions: Lower("email"), F("created").desc(), "name"
		if e.Kind() == syntax.Pair {
			continue
		}
		if col, ok := expression(m, e); ok {
			ix.Columns = append(ix.Columns, col)
		}
	}
	ix.Include = append(ix.Include, m.columns(texts(c.Keyword("include")))...)
	if cond := c.Keyword("condition"); cond.Ok() {
		ix.Where = predicate(m, cond)
	}
	if len(ix.Columns) == 0 {
		return nil
	}
	return ix
}

func expression(m *modelState, e syntax.Ref) (schema.IndexColumn, bool) {
	switch e.Kind() {
	case syntax.String:
		return schema.IndexColumn{Name: m.columns([]string{e.Str()})[0], Desc: strings.HasPrefix(e.Str(), "-")}, true
	case syntax.Call:
		switch e.Str() {
		case "F":
			return schema.IndexColumn{Name: m.columns([]string{e.Arg(0).Str()})[0]}, true
		case "desc", "asc":
			col, ok := expression(m, e.Receiver())
			col.Desc = e.Str() == "desc"
			return col, ok
		case "OpClass":
			col, ok := expression(m, e.Arg(0))
			col.OpClass = e.Keyword("name").Str()
			return col, ok
		}
		inner, ok := expression(m, e.Arg(0))
		name := inner.Name
		if name == "" {
			name = inner.Expr
		}
		return schema.IndexColumn{Expr: strings.ToLower(e.Str()) + "(" + name + ")"}, ok
	}
	return schema.IndexColumn{}, false
}

// predicate writes a Q condition as SQL as far as it is plain; other conditions keep a text that no
// query implies.
func predicate(m *modelState, cond syntax.Ref) string {
	if cond.Kind() != syntax.Call || cond.Str() != "Q" {
		return "condition"
	}
	var parts []string
	for _, a := range cond.Args() {
		if a.Kind() != syntax.Pair {
			return "condition"
		}
		name, op, _ := strings.Cut(a.Str(), "__")
		v := a.Child(syntax.Value)
		col := m.columns([]string{name})[0]
		switch {
		case op == "isnull" && v.Str() == "true":
			parts = append(parts, col+" IS NULL")
		case op == "isnull":
			parts = append(parts, col+" IS NOT NULL")
		case op == "" && v.Kind() == syntax.Bool:
			parts = append(parts, col+" = "+v.Str())
		case op == "" && v.Kind() == syntax.Nil:
			parts = append(parts, col+" IS NULL")
		case op == "" && v.Kind() == syntax.String:
			parts = append(parts, col+" = '"+v.Str()+"'")
		case op == "" && v.Kind() == syntax.Number:
			parts = append(parts, col+" = "+v.Str())
		default:
			return "condition"
		}
	}
	return strings.Join(parts, " AND ")
}
