// Package sqlalchemy tells the flow engine what SQLAlchemy means: declarative models (also those of
// Flask-SQLAlchemy and SQLModel) with their relationships, queries of both styles (session.query and
// select), loader options, and the entry points around them: Flask and Flask-RESTful handlers, FastAPI
// routes with response models, marshmallow schemas, Celery tasks and click commands. It also folds
// Alembic migrations (or, where there are none, the models) into a schema.
//
// Imperative mappings are not read. It reads syntax only; nothing of the application is executed.
package sqlalchemy

import (
	"sort"
	"strings"
	"unicode"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework.
type Framework struct {
	ix     *flow.Index
	info   map[*flow.Class]*info
	kinds  map[*flow.Class]kind
	byFile map[*project.File][]*flow.Class
	depth  int // schemas nested in each other
}

// New returns the framework.
func New() *Framework {
	return &Framework{info: map[*flow.Class]*info{}, kinds: map[*flow.Class]kind{}, byFile: map[*project.File][]*flow.Class{}}
}

// Name returns "sqlalchemy".
func (*Framework) Name() string { return "sqlalchemy" }

// info is what is known of a model beside flow.Model.
type info struct {
	model   *flow.Model
	columns []*column // own and inherited, in order
	rels    []*declared
	args    []syntax.Ref // entries of __table_args__
	flask   bool         // the table name is implied
}

// column is one mapped column.
type column struct {
	attr  string
	name  string
	call  syntax.Ref
	field syntax.Ref
	owner *flow.Class
	ref   string // "users.id" of a ForeignKey
}

// declared is one relationship as written.
type declared struct {
	name  string
	call  syntax.Ref
	field syntax.Ref
	owner *flow.Class
}

type kind uint8

const (
	unknown kind = iota
	plain
	modelClass
	schemaClass // marshmallow
	dataClass   // pydantic
)

// Index finds the models and their relationships.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	if !fw.used() {
		return
	}
	for _, list := range ix.Classes {
		for _, c := range list {
			if c.File.Lang == "python" {
				fw.byFile[c.File] = append(fw.byFile[c.File], c)
			}
		}
	}
	var models []*flow.Class
	for _, f := range ix.Project.Files {
		list := fw.byFile[f]
		sort.Slice(list, func(i, j int) bool { return list[i].Node.Start() < list[j].Node.Start() })
		for _, c := range list {
			if fw.kindOf(c, 0) == modelClass {
				models = append(models, c)
			}
		}
	}
	for _, c := range models {
		fw.declare(c)
	}
	for _, c := range models {
		fw.relate(fw.info[c])
	}
}

// used reports whether any file imports SQLAlchemy or one of its faces.
func (fw *Framework) used() bool {
	for _, f := range fw.ix.Project.Files {
		if f.Lang != "python" || f.Tree == nil {
			continue
		}
		for n := range f.Tree.Root().Children() {
			if n.Kind() == syntax.Import && (strings.HasPrefix(n.Str(), "sqlalchemy") || strings.HasPrefix(n.Str(), "flask_sqlalchemy") || strings.HasPrefix(n.Str(), "sqlmodel") || strings.HasPrefix(n.Str(), "flask.ext.sqlalchemy")) {
				return true
			}
		}
	}
	return false
}

// kindOf classifies a class by its bases and what its body declares.
func (fw *Framework) kindOf(c *flow.Class, depth int) kind {
	if c == nil || depth > 10 {
		return plain
	}
	if k := fw.kinds[c]; k != unknown {
		return k
	}
	fw.kinds[c] = plain
	k := fw.classify(c, depth)
	fw.kinds[c] = k
	return k
}

func (fw *Framework) classify(c *flow.Class, depth int) kind {
	if _, ok := c.Fields["__tablename__"]; ok {
		return modelClass
	}
	if _, ok := c.Fields["__table__"]; ok {
		return modelClass
	}
	for _, f := range c.Fields {
		if v := f.Child(syntax.Value); v.Kind() == syntax.Call && (v.Str() == "relationship" || v.Str() == "mapped_column" || v.Str() == "Column" && len(c.Super) > 0) {
			return modelClass
		}
	}
	for _, s := range c.Super {
		if s == "db.Model" || strings.HasSuffix(s, ".db.Model") {
			return modelClass
		}
		if b := fw.ix.Class(s, c.File); b != nil && b != c {
			if k := fw.kindOf(b, depth+1); k != plain {
				return k
			}
			continue
		}
		switch last := flow.LastSegment(s); {
		case last == "Schema" || last == "SQLAlchemyAutoSchema" || last == "SQLAlchemySchema" || last == "ModelSchema":
			return schemaClass
		case last == "BaseModel" || last == "SQLModel":
			return dataClass
		}
	}
	return plain
}

// declare registers a model with what its class and its bases say.
func (fw *Framework) declare(c *flow.Class) {
	in := &info{}
	m := &flow.Model{Name: c.Name, Framework: "sqlalchemy", Class: c, File: c.File, Node: c.Node, Columns: map[string]string{}}
	in.model = m
	fw.read(in, c, map[*flow.Class]bool{}, 0)
	switch {
	case m.Table != "":
	case in.flask && len(in.columns) > 0:
		m.Table = snake(flow.LastSegment(c.Name))
	default:
		m.Abstract = true
	}
	fw.info[c] = in
	fw.ix.AddModel(m)
}

// read collects the columns and relationships of a class and its bases, nearest first.
func (fw *Framework) read(in *info, c *flow.Class, seen map[*flow.Class]bool, depth int) {
	if seen[c] || depth > 8 {
		return
	}
	seen[c] = true
	for n := range c.Node.Child(syntax.Body).Children() {
		switch n.Kind() {
		case syntax.Field:
			fw.member(in, c, n, n.Child(syntax.Value))
		case syntax.Func:
			for d := range n.All(syntax.Decorator) {
				if d.Str() != "declared_attr" && d.Receiver().Str() != "declared_attr" {
					continue
				}
				for r := range n.Descendants(syntax.Return) {
					v := r.Child(syntax.Value)
					if n.Str() == "__tablename__" {
						continue
					}
					fw.named(in, c, n.Str(), n, v)
				}
			}
		}
	}
	for _, s := range c.Super {
		if s == "db.Model" || strings.HasSuffix(s, ".db.Model") {
			in.flask = true
		}
		if b := fw.ix.Class(s, c.File); b != nil && b != c {
			fw.read(in, b, seen, depth+1)
		}
	}
}

func (fw *Framework) member(in *info, c *flow.Class, field, v syntax.Ref) {
	switch field.Str() {
	case "__tablename__":
		if in.model.Table == "" && v.Kind() == syntax.String {
			in.model.Table = v.Str()
		}
		return
	case "__table_args__":
		if len(in.args) == 0 {
			for e := range v.Children() {
				in.args = append(in.args, e)
			}
		}
		return
	}
	fw.named(in, c, field.Str(), field, v)
}

func (fw *Framework) named(in *info, c *flow.Class, name string, field, v syntax.Ref) {
	mapped := strings.Contains(field.Child(syntax.TypeRole).Str(), "Mapped[")
	if v.Kind() != syntax.Call {
		if mapped && !v.Ok() {
			in.addColumn(&column{attr: name, name: name, field: field, owner: c})
		}
		return
	}
	switch v.Str() {
	case "relationship", "dynamic_loader", "Relationship":
		for _, r := range in.rels {
			if r.name == name {
				return
			}
		}
		in.rels = append(in.rels, &declared{name: name, call: v, field: field, owner: c})
	case "association_proxy":
		if a := v.Arg(0); a.Kind() == syntax.String {
			in.model.Delegates = put(in.model.Delegates, name, a.Str())
		}
	case "Column", "mapped_column", "deferred", "column_property", "synonym":
		if v.Str() == "deferred" || v.Str() == "column_property" {
			if v = v.Arg(0); v.Kind() != syntax.Call {
				return
			}
		}
		col := &column{attr: name, name: name, call: v, field: field, owner: c}
		if a := v.Arg(0); a.Kind() == syntax.String {
			col.name = a.Str()
		} else if k := v.Keyword("name"); k.Kind() == syntax.String {
			col.name = k.Str()
		}
		for fk := range v.Descendants(syntax.Call) {
			if fk.Str() == "ForeignKey" {
				col.ref = fw.columnRef(fk.Arg(0), c)
			}
		}
		in.addColumn(col)
	case "Field": // SQLModel
		col := &column{attr: name, name: name, call: v, field: field, owner: c}
		if k := v.Keyword("foreign_key"); k.Kind() == syntax.String {
			col.ref = k.Str()
		}
		in.addColumn(col)
	}
}

func put(m map[string]string, k, v string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[k] = v
	return m
}

// columnRef reads what a ForeignKey points at: "users.id" or User.id.
func (fw *Framework) columnRef(a syntax.Ref, c *flow.Class) string {
	switch a.Kind() {
	case syntax.String:
		return a.Str()
	case syntax.Member:
		if b := fw.ix.Class(a.Receiver().Dotted(), c.File); b != nil {
			if f, ok := b.Fields["__tablename__"]; ok {
				return f.Child(syntax.Value).Str() + "." + a.Str()
			}
			return snake(b.Name) + "." + a.Str()
		}
	}
	return ""
}

func (in *info) addColumn(c *column) {
	if in.model.Columns[c.attr] != "" {
		return
	}
	in.model.Columns[c.attr] = c.name
	in.columns = append(in.columns, c)
}

// snake is Flask-SQLAlchemy's table name of a class.
func snake(name string) string {
	var sb strings.Builder
	rs := []rune(name)
	for i, r := range rs {
		if unicode.IsUpper(r) {
			if i > 0 && (unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
				sb.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		sb.WriteRune(r)
	}
	return sb.String()
}

// relate declares the relationships of a model and the sides that a backref adds.
func (fw *Framework) relate(in *info) {
	for _, d := range in.rels {
		target := fw.target(d)
		rel := &flow.Relation{Name: d.name, Target: target, File: d.owner.File, Node: d.call}
		other := fw.ix.Model(target, d.owner.File)
		rel.Kind, rel.ForeignKey = fw.side(in, other, d)
		if d.call.Keyword("secondary").Ok() {
			rel.Kind, rel.Through = flow.HasMany, "secondary"
		}
		lazy(rel, d.call.Keyword("lazy"))
		if d.call.Str() == "dynamic_loader" {
			rel.PerRowScope = true
		}
		if in.model.Relations[d.name] == nil {
			in.model.Relations[d.name] = rel
		}
		back := d.call.Keyword("backref")
		if !back.Ok() || other == nil || other.Framework != "sqlalchemy" {
			continue
		}
		name := back.Str()
		node := d.call
		if back.Kind() == syntax.Call {
			name, node = back.Arg(0).Str(), back
		}
		if name == "" || other.Relations[name] != nil {
			continue
		}
		rev := &flow.Relation{Name: name, Target: in.model.Name, Kind: flow.HasMany, ForeignKey: rel.ForeignKey, File: d.owner.File, Node: node}
		switch {
		case rel.Through != "":
			rev.Through = rel.Through
		case rel.Kind != flow.BelongsTo:
			rev.Kind = flow.BelongsTo
		case back.Keyword("uselist").Str() == "false":
			rev.Kind = flow.HasOne
		}
		lazy(rev, back.Keyword("lazy"))
		other.Relations[name] = rev
	}
}

// lazy reads a relationship's loading strategy.
func lazy(rel *flow.Relation, v syntax.Ref) {
	switch v.Str() {
	case "joined", "selectin", "subquery", "immediate", "false":
		rel.AlwaysEager = true
	case "dynamic", "write_only":
		rel.PerRowScope = true
	}
}

// target is the class that a relationship leads to.
func (fw *Framework) target(d *declared) string {
	a := d.call.Arg(0)
	if k := d.call.Keyword("argument"); k.Ok() {
		a = k
	}
	switch a.Kind() {
	case syntax.String:
		return flow.LastSegment(a.Str())
	case syntax.Lambda:
		return flow.LastSegment(a.Child(syntax.Body).Dotted())
	case syntax.Name, syntax.Member:
		return flow.LastSegment(a.Dotted())
	}
	return innerType(d.field.Child(syntax.TypeRole).Str())
}

// innerType is the last class name inside an annotation: Mapped[list["Order"]] is Order.
func innerType(t string) string {
	t = strings.TrimRight(t, "] ")
	if i := strings.LastIndexAny(t, "[,"); i >= 0 {
		t = t[i+1:]
	}
	t = strings.Trim(t, `"' `)
	t = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(t, "None")), "|"))
	return flow.LastSegment(strings.Trim(t, `"' `))
}

// side tells on which side of a relationship the key is: here (to one row), or there.
func (fw *Framework) side(in *info, other *flow.Model, d *declared) (flow.RelationKind, string) {
	annotation := d.field.Child(syntax.TypeRole).Str()
	list := strings.Contains(annotation, "ist[") || strings.Contains(annotation, "et[") || strings.Contains(annotation, "Sequence[") || strings.Contains(annotation, "Collection[")
	if fk := d.call.Keyword("foreign_keys"); fk.Ok() {
		for n := range fk.Descendants(syntax.Member, syntax.Name, syntax.String) {
			name := flow.LastSegment(strings.Trim(n.Str(), "[]"))
			if col := in.model.Columns[name]; col != "" && !list && n.Kind() != syntax.Member {
				return flow.BelongsTo, col
			}
		}
	}
	if other != nil {
		for _, c := range in.columns {
			table, _, _ := strings.Cut(c.ref, ".")
			if c.ref != "" && (table == other.Table || strings.HasSuffix(c.ref, "."+other.Table+".id")) && other != in.model {
				return flow.BelongsTo, c.name
			}
		}
		if oi := fw.info[other.Class]; oi != nil {
			for _, c := range oi.columns {
				if table, _, _ := strings.Cut(c.ref, "."); c.ref != "" && table == in.model.Table {
					if d.call.Keyword("uselist").Str() == "false" || annotation != "" && !list {
						return flow.HasOne, c.name
					}
					if d.call.Keyword("remote_side").Ok() {
						return flow.BelongsTo, c.name
					}
					return flow.HasMany, c.name
				}
			}
		}
	}
	if d.call.Keyword("uselist").Str() == "false" {
		return flow.HasOne, ""
	}
	if annotation != "" && !list {
		return flow.BelongsTo, ""
	}
	if list || d.call.Keyword("cascade").Ok() {
		return flow.HasMany, ""
	}
	return flow.BelongsTo, ""
}
