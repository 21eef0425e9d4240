package django

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// target returns the model name that a relational field points at.
func (fw *Framework) target(f *field, c *flow.Class) string {
	to := f.call.Arg(0)
	if k := f.call.Keyword("to"); k.Ok() {
		to = k
	}
	switch to.Kind() {
	case syntax.String:
		if to.Str() == "self" {
			return c.Name
		}
		return flow.LastSegment(to.Str())
	case syntax.Name:
		return to.Str()
	case syntax.Member:
		if strings.HasSuffix(to.Dotted(), "AUTH_USER_MODEL") {
			return fw.user
		}
		return to.Str()
	case syntax.Call:
		if to.Str() == "get_user_model" {
			return fw.user
		}
	}
	return ""
}

// relate declares the relations of a model's fields and their reverse sides.
func (fw *Framework) relate(in *info) {
	m := in.model
	c := m.Class
	for _, f := range in.fields {
		column := f.name
		if k := f.call.Keyword("db_column"); k.Kind() == syntax.String {
			column = k.Str()
		} else if f.foreign() {
			column += "_id"
		}
		file := f.owner.File
		switch {
		case f.foreign():
			m.Columns[f.name], m.Columns[f.name+"_id"] = column, column
			target := fw.target(f, c)
			rel := &flow.Relation{Name: f.name, Kind: flow.BelongsTo, Target: target, ForeignKey: column, File: file, Node: f.call}
			m.Relations[f.name] = rel
			kind := flow.HasMany
			if f.kind == "OneToOneField" {
				kind = flow.HasOne
			}
			fw.reverse(in, f, target, kind, column)
		case f.many():
			target := fw.target(f, c)
			m.Relations[f.name] = &flow.Relation{Name: f.name, Kind: flow.HasMany, Target: target, Through: "m2m", File: file, Node: f.call}
			if target != c.Name {
				fw.reverse(in, f, target, flow.HasMany, "")
			}
		case f.kind == "GenericForeignKey":
			id := "object_id"
			if a := f.call.Arg(1); a.Kind() == syntax.String {
				id = a.Str()
			}
			m.Relations[f.name] = &flow.Relation{Name: f.name, Kind: flow.BelongsTo, Polymorphic: true, ForeignKey: id, ForeignType: "content_type_id", File: file, Node: f.call}
		case f.generic.Ok(): // the project's own kind of relation: nothing can be joined, and what it leads to is not known
			kind := flow.BelongsTo
			for d := range f.generic.Child(syntax.Body).Children() {
				if (d.Str() == "one_to_many" || d.Str() == "many_to_many") && d.Child(syntax.Value).Str() == "true" {
					kind = flow.HasMany
				}
			}
			m.Relations[f.name] = &flow.Relation{Name: f.name, Kind: kind, Polymorphic: true, File: file, Node: f.call}
		case strings.HasSuffix(f.kind, "Relation"):
			m.Relations[f.name] = &flow.Relation{Name: f.name, Kind: flow.HasMany, Target: fw.target(f, c), File: file, Node: f.call}
		default:
			m.Columns[f.name] = column
		}
	}
	for _, p := range in.parents { // the row of the parent comes with a join; its relations are reached through it
		parent := fw.info[p]
		for name, rel := range parent.model.Relations {
			if m.Relations[name] == nil {
				m.Relations[name] = rel
			}
		}
		name := strings.ToLower(flow.LastSegment(c.Name))
		if parent.model.Relations[name] == nil {
			parent.model.Relations[name] = &flow.Relation{Name: name, Kind: flow.HasOne, Target: c.Name, File: c.File, Node: c.Node}
		}
	}
	for _, col := range []string{"id", "pk"} {
		if m.Columns[col] == "" {
			m.Columns[col] = "id"
		}
	}
	for _, f := range in.fields {
		if k := f.call.Keyword("primary_key"); k.Str() == "true" {
			m.Columns["pk"] = m.Columns[f.name]
		}
	}
}

// genericField returns the class of a field that the project itself defines and that is called like a
// foreign key without being one.
func (fw *Framework) genericField(f *field) syntax.Ref {
	if !strings.HasSuffix(f.kind, "ForeignKey") || f.kind == "ForeignKey" || f.kind == "GenericForeignKey" {
		return syntax.Ref{}
	}
	c := fw.ix.Class(f.kind, f.owner.File)
	if c == nil || c.File.Lang != "python" || c.Name != f.kind {
		return syntax.Ref{}
	}
	if fw.inherits(c, func(s string) bool {
		return s == "ForeignKey" || s == "OneToOneField" || s == "ForeignObject" || strings.HasSuffix(s, "OneToOneField")
	}, 0) {
		return syntax.Ref{}
	}
	return c.Node
}

// reverse declares the accessor on the other side of a relation.
func (fw *Framework) reverse(in *info, f *field, target string, kind flow.RelationKind, column string) {
	if !in.concrete || in.meta.proxy {
		return
	}
	other := fw.ix.Model(target, f.owner.File)
	if other == nil || other.Framework != "django" {
		return
	}
	class := strings.ToLower(flow.LastSegment(in.model.Class.Name))
	name := class + "_set"
	if kind == flow.HasOne {
		name = class
	}
	if k := f.call.Keyword("related_name"); k.Kind() == syntax.String && k.Str() != "" {
		name = strings.NewReplacer("%(class)s", class, "%(app_label)s", in.app, "%(model_name)s", class).Replace(k.Str())
	}
	if strings.HasSuffix(name, "+") {
		return
	}
	if other.Relations[name] != nil {
		return
	}
	rel := &flow.Relation{Name: name, Kind: kind, Target: in.model.Name, ForeignKey: column, File: in.model.File, Node: f.call}
	if f.many() {
		rel.Through = "m2m"
	}
	other.Relations[name] = rel
}

// lookup finds a relation of a model by the name used in lookups and prefetches.
func (fw *Framework) lookup(m *flow.Model, name string) *flow.Relation {
	if rel := fw.ix.Relation(m, name); rel != nil {
		return rel
	}
	return fw.ix.Relation(m, name+"_set")
}

// isManager reports whether a class-level call makes a manager.
func (fw *Framework) isManager(call syntax.Ref, c *flow.Class) bool {
	switch call.Str() {
	case "as_manager", "Manager", "UserManager", "InheritanceManager", "TreeManager":
		return true
	case "": // Manager.from_queryset(QS)()
		return call.Child(syntax.Callee).Str() == "from_queryset"
	}
	if strings.HasSuffix(call.Str(), "Manager") && fw.ix.Class(call.Str(), c.File) == nil {
		return true
	}
	k := fw.ix.Class(dottedCall(call), c.File)
	return k != nil && fw.kindOf(k, 0) == managerClass
}

func dottedCall(call syntax.Ref) string {
	if r := call.Receiver().Dotted(); r != "" {
		return r + "." + call.Str()
	}
	return call.Str()
}

// managerClasses returns the project's classes behind a manager declaration: the manager and the
// querysets that it is made from.
func (fw *Framework) managerClasses(call syntax.Ref, from *project.File, depth int) []*flow.Class {
	if depth > 4 || !call.Ok() {
		return nil
	}
	var out []*flow.Class
	add := func(name string) {
		if k := fw.ix.Class(name, from); k != nil {
			out = append(out, k)
			for _, s := range k.Super { // class M(models.Manager.from_queryset(QS))
				out = append(out, fw.ix.Class(s, k.File))
			}
			for n := range k.Node.Children() {
				if n.Role() == syntax.Super && n.Kind() == syntax.Call {
					out = append(out, fw.managerClasses(n, k.File, depth+1)...)
				}
			}
		}
	}
	switch call.Str() {
	case "as_manager":
		add(call.Receiver().Dotted())
	case "from_queryset":
		add(call.Receiver().Dotted())
		add(call.Arg(0).Dotted())
	case "":
		return fw.managerClasses(call.Child(syntax.Callee), from, depth+1)
	default:
		name := dottedCall(call)
		if k := fw.ix.Class(name, from); k == nil { // X = Manager.from_queryset(QS) at module level
			if v, ok := fw.ix.Constants[from][call.Str()]; ok && v.Kind() == syntax.Call {
				return fw.managerClasses(v, from, depth+1)
			}
		}
		add(name)
	}
	kept := out[:0]
	for _, k := range out {
		if k != nil {
			kept = append(kept, k)
		}
	}
	return kept
}

// manage gives a model the custom methods of its managers.
func (fw *Framework) manage(in *info) {
	names := make([]string, 0, len(in.managers))
	for n := range in.managers {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		for _, k := range fw.managerClasses(in.managers[n], in.owners[n].File, 0) {
			fw.scopes(in.model, k, 0)
			if old, ok := fw.managers[k]; !ok {
				fw.managers[k] = in.model
			} else if old != in.model {
				fw.managers[k] = nil // shared by several models
			}
		}
	}
}

// internal are methods of managers that are part of Django's own protocol.
var internal = map[string]bool{"get_queryset": true, "__init__": true, "_clone": true, "__iter__": true, "all": true, "as_manager": true, "from_queryset": true, "_fetch_all": true}

func (fw *Framework) scopes(m *flow.Model, k *flow.Class, depth int) {
	if k == nil || depth > 6 {
		return
	}
	for name, method := range k.Methods {
		if internal[name] || m.Scopes[name] != nil {
			continue
		}
		m.Scopes[name] = method
	}
	for _, s := range k.Super {
		if b := fw.ix.Class(s, k.File); b != nil && b != k {
			fw.scopes(m, b, depth+1)
		}
	}
}

// infoOf returns what is known of a model.
func (fw *Framework) infoOf(m *flow.Model) *info {
	if m == nil || m.Class == nil {
		return nil
	}
	return fw.info[m.Class]
}
