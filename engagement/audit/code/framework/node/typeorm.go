package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// TypeORM reads entities, repositories, the query builder and migrations of TypeORM.
type TypeORM struct {
	ix    *flow.Index
	snake bool // the project uses a snake case naming strategy
	// entities in the order of the files
	entities []*entity
	aliases  map[*flow.Root]map[string]string // joined alias -> relation path of a query builder
}

type entity struct {
	name, table string
	file        *project.File
	node        syntax.Ref
	model       *flow.Model
}

// NewTypeORM returns the framework.
func NewTypeORM() *TypeORM { return &TypeORM{aliases: map[*flow.Root]map[string]string{}} }

// Name returns "typeorm".
func (*TypeORM) Name() string { return "typeorm" }

// Entries does nothing: [Platform] knows the entry points.
func (*TypeORM) Entries(*flow.Interp) {}

func decorator(n syntax.Ref, names ...string) syntax.Ref {
	for d := range n.All(syntax.Decorator) {
		for _, w := range names {
			if d.Str() == w {
				return d
			}
		}
	}
	return syntax.Ref{}
}

// imports reports whether a file imports from a module or one below it.
func imports(f *project.File, modules ...string) bool {
	for n := range f.Tree.Root().Children() {
		name := n.Str()
		if n.Kind() == syntax.Assign { // const x = require("module")
			for c := range n.Descendants(syntax.Call) {
				if c.Str() == "require" {
					name = c.Arg(0).Str()
				}
			}
		} else if n.Kind() != syntax.Import {
			continue
		}
		for _, m := range modules {
			if name == m || strings.HasPrefix(name, m+"/") {
				return true
			}
		}
	}
	return false
}

// findEntities lists the classes that TypeORM maps to tables.
func (fw *TypeORM) findEntities(p *project.Project) {
	if fw.entities != nil {
		return
	}
	for _, f := range p.Files {
		if !readable(f) {
			continue
		}
		for n := range f.Tree.Root().Children() {
			if n.Kind() == syntax.Import && n.Str() == "typeorm-naming-strategies" || n.Kind() == syntax.Class && n.Str() == "SnakeNamingStrategy" {
				fw.snake = true
			}
		}
		if !imports(f, "typeorm") {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Class) {
			d := decorator(n, "Entity", "ChildEntity", "ViewEntity")
			if !d.Ok() || d.Str() == "ViewEntity" {
				continue
			}
			e := &entity{name: n.Str(), table: snake(n.Str()), file: f, node: n}
			switch a := d.Arg(0); a.Kind() {
			case syntax.String:
				e.table = a.Str()
			case syntax.Map:
				if s := a.Keyword("name"); s.Kind() == syntax.String {
					e.table = s.Str()
				}
			}
			if s := d.Arg(1).Keyword("schema"); s.Kind() == syntax.String {
				e.table = s.Str() + "." + e.table
			}
			fw.entities = append(fw.entities, e)
		}
	}
}

// members yields the declared fields of an entity and of the classes that it extends.
func (fw *TypeORM) members(ix *flow.Index, e *entity) []member {
	var out []member
	var walk func(n syntax.Ref, f *project.File, depth int)
	walk = func(n syntax.Ref, f *project.File, depth int) {
		if depth > 5 {
			return
		}
		for s := range n.All(syntax.Super) {
			if ix == nil {
				break
			}
			if c := ix.Class(s.Str(), f); c != nil && c.File.Tree != nil && c.Node != n {
				walk(c.Node, c.File, depth+1)
			}
		}
		for m := range n.Child(syntax.Body).Children() {
			if m.Kind() == syntax.Field {
				out = append(out, member{m, f})
			}
		}
	}
	walk(e.node, e.file, 0)
	return out
}

type member struct {
	node syntax.Ref
	file *project.File
}

var columnDecorators = []string{"Column", "PrimaryColumn", "PrimaryGeneratedColumn", "CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn", "VersionColumn", "ObjectIdColumn"}
var relationDecorators = []string{"ManyToOne", "OneToMany", "OneToOne", "ManyToMany"}

// columnName is the column of a property with a column decorator.
func (fw *TypeORM) columnName(m syntax.Ref, d syntax.Ref) string {
	if n := d.Keyword("name"); n.Kind() == syntax.String {
		return n.Str()
	}
	if fw.snake {
		return snake(m.Str())
	}
	return m.Str()
}

// joinColumn is the key of a relation that its owner holds.
func (fw *TypeORM) joinColumn(m syntax.Ref) string {
	if j := decorator(m, "JoinColumn"); j.Ok() {
		if n := j.Keyword("name"); n.Kind() == syntax.String {
			return n.Str()
		}
	}
	if fw.snake {
		return snake(m.Str()) + "_id"
	}
	return m.Str() + "Id"
}

// relationTarget is the entity named in () => User, in (type) => User or in "User".
func relationTarget(d syntax.Ref) string {
	a := d.Arg(0)
	switch a.Kind() {
	case syntax.String, syntax.Name:
		return a.Str()
	case syntax.Lambda:
		return a.Child(syntax.Body).Str()
	}
	return ""
}

// Index adds a model for each entity.
func (fw *TypeORM) Index(ix *flow.Index) {
	fw.ix = ix
	fw.findEntities(ix.Project)
	for _, e := range fw.entities {
		cls := ix.Class(e.name, e.file)
		e.model = &flow.Model{Name: e.name, Table: e.table, Framework: "typeorm", Class: cls, File: e.file, Node: e.node, Columns: map[string]string{}}
		ix.AddModel(e.model)
		for _, m := range fw.members(ix, e) {
			if d := decorator(m.node, columnDecorators...); d.Ok() {
				e.model.Columns[m.node.Str()] = fw.columnName(m.node, d)
				continue
			}
			d := decorator(m.node, relationDecorators...)
			if !d.Ok() {
				continue
			}
			r := &flow.Relation{Name: m.node.Str(), Target: relationTarget(d), File: m.file, Node: m.node, AlwaysEager: isTrue(d.Keyword("eager"))}
			switch d.Str() {
			case "ManyToOne":
				r.Kind, r.ForeignKey = flow.BelongsTo, fw.joinColumn(m.node)
			case "OneToOne":
				r.Kind = flow.HasOne
				if decorator(m.node, "JoinColumn").Ok() {
					r.Kind, r.ForeignKey = flow.BelongsTo, fw.joinColumn(m.node)
				}
			default:
				r.Kind = flow.HasMany
			}
			e.model.Relations[r.Name] = r
		}
	}
}

// lazy reports whether reading the relation asks a query: its type is a promise.
func lazy(rel *flow.Relation) bool {
	return strings.HasPrefix(rel.Node.Child(syntax.TypeRole).Str(), "Promise<")
}

// TypeValue reads Repository<User>, and User as a row of unknown origin.
func (fw *TypeORM) TypeValue(in *flow.Interp, typ string, from *project.File) (flow.Value, bool) {
	if len(fw.entities) == 0 || from == nil || !script(from) {
		return flow.Value{}, false
	}
	for _, w := range []string{"Repository<", "TreeRepository<", "MongoRepository<", "SelectQueryBuilder<"} {
		if strings.HasPrefix(typ, w) && strings.HasSuffix(typ, ">") {
			if m := fw.model(typ[len(w):len(typ)-1], from); m != nil {
				return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
			}
		}
	}
	return flow.Value{}, false
}

func (fw *TypeORM) model(name string, from *project.File) *flow.Model {
	if m := fw.ix.Model(strings.TrimSpace(name), from); m != nil && m.Framework == "typeorm" {
		return m
	}
	return nil
}
