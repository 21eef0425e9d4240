// Package peewee tells the flow engine what the Peewee ORM means: models with their foreign keys and
// back-references, select queries with the models that they join and select, and writes.
//
// Entry points are those of whatever web framework is used; the package evaluates none itself. Schemas
// are not read: Peewee keeps no migrations of its own.
package peewee

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework.
type Framework struct {
	ix     *flow.Index
	models map[*flow.Class]bool
	keys   map[*flow.Model][]*flow.Relation // foreign keys in order of declaration
}

// New returns the framework.
func New() *Framework {
	return &Framework{models: map[*flow.Class]bool{}, keys: map[*flow.Model][]*flow.Relation{}}
}

// Name returns "peewee".
func (*Framework) Name() string { return "peewee" }

// Index finds the models and their relations.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	if !fw.used() {
		return
	}
	var list []*flow.Class
	for _, classes := range ix.Classes {
		for _, c := range classes {
			if c.File.Lang == "python" && fw.isModel(c, 0) {
				list = append(list, c)
			}
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].File.Path != list[j].File.Path {
			return list[i].File.Path < list[j].File.Path
		}
		return list[i].Node.Start() < list[j].Node.Start()
	})
	for _, c := range list {
		fw.models[c] = true
		ix.AddModel(&flow.Model{Name: c.Name, Table: table(c), Framework: "peewee", Class: c, File: c.File, Node: c.Node, Columns: map[string]string{}})
	}
	for _, c := range list {
		fw.declare(c)
	}
}

func (fw *Framework) used() bool {
	for _, f := range fw.ix.Project.Files {
		if f.Lang != "python" || f.Tree == nil {
			continue
		}
		for n := range f.Tree.Root().Children() {
			if n.Kind() == syntax.Import && (n.Str() == "peewee" || strings.HasPrefix(n.Str(), "playhouse")) {
				return true
			}
		}
	}
	return false
}

// isModel reports whether a class has fields of Peewee, itself or by a base.
func (fw *Framework) isModel(c *flow.Class, depth int) bool {
	if c == nil || depth > 8 || len(c.Super) == 0 {
		return false
	}
	for n := range c.Node.Child(syntax.Body).Children() {
		if v := n.Child(syntax.Value); n.Kind() == syntax.Field && v.Kind() == syntax.Call && fw.isField(c.File, v) {
			return true
		}
	}
	for _, s := range c.Super {
		if s == "peewee.Model" {
			return true
		}
		if module, _ := fw.ix.Imported(c.File, s); module == "peewee" {
			return s == "Model"
		}
		if b := fw.ix.Class(s, c.File); b != nil && b != c && fw.isModel(b, depth+1) {
			return true
		}
	}
	return false
}

func (fw *Framework) isField(f *project.File, call syntax.Ref) bool {
	if !strings.HasSuffix(call.Str(), "Field") {
		return false
	}
	if call.Receiver().Str() == "peewee" {
		return true
	}
	module, _ := fw.ix.Imported(f, call.Str())
	return module == "peewee" || strings.HasPrefix(module, "playhouse")
}

// table is Meta.table_name (db_table before version 3), else the lower-case class name.
func table(c *flow.Class) string {
	for n := range c.Node.Child(syntax.Body).Children() {
		if n.Kind() != syntax.Class || n.Str() != "Meta" {
			continue
		}
		for f := range n.Child(syntax.Body).Children() {
			if (f.Str() == "db_table" || f.Str() == "table_name") && f.Child(syntax.Value).Kind() == syntax.String {
				return f.Child(syntax.Value).Str()
			}
		}
	}
	return strings.ToLower(c.Name)
}

// declare reads the fields of a model and of its bases.
func (fw *Framework) declare(c *flow.Class) {
	m := c.Model
	seen := map[*flow.Class]bool{}
	var walk func(k *flow.Class, depth int)
	walk = func(k *flow.Class, depth int) {
		if k == nil || seen[k] || depth > 8 {
			return
		}
		seen[k] = true
		for n := range k.Node.Child(syntax.Body).Children() {
			v := n.Child(syntax.Value)
			if n.Kind() != syntax.Field || v.Kind() != syntax.Call || !strings.HasSuffix(v.Str(), "Field") {
				continue
			}
			fw.field(m, k, n.Str(), v)
		}
		for _, s := range k.Super {
			if b := fw.ix.Class(s, k.File); b != k {
				walk(b, depth+1)
			}
		}
	}
	walk(c, 0)
}

func (fw *Framework) field(m *flow.Model, owner *flow.Class, name string, call syntax.Ref) {
	column := name
	for _, k := range []string{"column_name", "db_column"} {
		if v := call.Keyword(k); v.Kind() == syntax.String {
			column = v.Str()
		}
	}
	if call.Str() != "ForeignKeyField" && call.Str() != "DeferredForeignKey" {
		m.Columns[name] = column
		return
	}
	if column == name {
		column += "_id"
	}
	m.Columns[name], m.Columns[name+"_id"] = column, column
	target := call.Arg(0)
	for _, k := range []string{"model", "rel_model"} {
		if v := call.Keyword(k); v.Ok() {
			target = v
		}
	}
	to := flow.LastSegment(target.Dotted())
	if target.Kind() == syntax.String {
		if to = target.Str(); to == "self" {
			to = m.Name
		}
	}
	rel := &flow.Relation{Name: name, Kind: flow.BelongsTo, Target: to, ForeignKey: column, File: owner.File, Node: call}
	if m.Relations[name] == nil {
		m.Relations[name] = rel
		fw.keys[m] = append(fw.keys[m], rel)
	}
	other := fw.ix.Model(to, owner.File)
	if other == nil || other.Framework != "peewee" {
		return
	}
	back := strings.ToLower(m.Name) + "_set"
	for _, k := range []string{"backref", "related_name"} {
		if v := call.Keyword(k); v.Kind() == syntax.String {
			back = v.Str()
		}
	}
	if back != "+" && other.Relations[back] == nil {
		other.Relations[back] = &flow.Relation{Name: back, Kind: flow.HasMany, Target: m.Name, ForeignKey: column, File: owner.File, Node: call}
	}
}

// Entries evaluates nothing: handlers are found by the frameworks that serve them.
func (fw *Framework) Entries(*flow.Interp) {}
