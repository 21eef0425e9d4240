// Package spring tells the flow engine what Spring Data and JPA mean: entities with their relations
// and fetch types, repositories with derived and declared queries, entity graphs and fetch joins, the
// entity manager, and controllers, scheduled methods and listeners as entry points.
//
// Of relations only those are followed that Hibernate loads late: to-many ones that are not EAGER, and
// to-one ones declared LAZY. The default of a to-one relation is EAGER, and whether a query joins it
// can not be told here. Batch fetching silences what it covers. The criteria API is not read.
package spring

import (
	"slices"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework and flow.Typer.
type Framework struct {
	ix      *flow.Index
	repos   map[*flow.Class]*flow.Model // repositories and the entity that they serve
	impls   map[*flow.Class]*flow.Class // the only implementation of an interface, nil for none
	classes []*flow.Class
	heirs   map[string][]*flow.Class // classes by the last segments of what they extend and implement
}

// New returns the framework.
func New() *Framework {
	return &Framework{repos: map[*flow.Class]*flow.Model{}, impls: map[*flow.Class]*flow.Class{}}
}

// Name returns "spring".
func (*Framework) Name() string { return "spring" }

// decorator returns an annotation of a class, field or method.
func decorator(n syntax.Ref, names ...string) syntax.Ref {
	for d := range n.All(syntax.Decorator) {
		last := flow.LastSegment(d.Str())
		for _, want := range names {
			if last == want {
				return d
			}
		}
	}
	return syntax.Ref{}
}

// text is a string argument of an annotation: the one of a key, or the only one.
func text(d syntax.Ref, key string) string {
	if v := d.Keyword(key); v.Kind() == syntax.String {
		return v.Str()
	}
	if a := d.Arg(0); key == "value" && a.Kind() == syntax.String {
		return a.Str()
	}
	return ""
}

// Index finds the entities and repositories.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	for _, list := range ix.Classes {
		for _, c := range list {
			if c.File.Lang == "java" {
				fw.classes = append(fw.classes, c)
			}
		}
	}
	if len(fw.classes) == 0 {
		return
	}
	sort.Slice(fw.classes, func(i, j int) bool {
		if fw.classes[i].File.Path != fw.classes[j].File.Path {
			return fw.classes[i].File.Path < fw.classes[j].File.Path
		}
		return fw.classes[i].Node.Start() < fw.classes[j].Node.Start()
	})
	batched := batchesByDefault(ix.Project)
	for _, c := range fw.classes {
		if !decorator(c.Node, "Entity").Ok() {
			continue
		}
		m := &flow.Model{Name: c.Name, Framework: fw.Name(), Class: c, File: c.File, Node: c.Node, Table: snake(flow.LastSegment(c.Name)), Relations: map[string]*flow.Relation{}, Columns: map[string]string{}}
		if t := text(decorator(c.Node, "Table"), "name"); t != "" {
			m.Table = strings.Trim(t, "`\"")
		}
		fw.fields(m, c, batched, 0)
		ix.AddModel(m)
	}
	for _, c := range fw.classes {
		for s := range c.Node.All(syntax.Super) {
			base, args := generic(s.Child(syntax.TypeRole).Str())
			if len(args) == 0 || !strings.HasSuffix(base, "Repository") && !strings.HasSuffix(base, "Dao") && base != "JpaSpecificationExecutor" {
				continue
			}
			if e := ix.Class(args[0], c.File); e != nil && e.Model != nil && e.Model.Framework == fw.Name() {
				fw.repos[c] = e.Model
			}
		}
	}
}

// batchesByDefault reports a project whose Hibernate loads lazy relations in batches everywhere.
func batchesByDefault(p *project.Project) bool {
	for _, f := range p.Files {
		if i := strings.LastIndexByte(f.Path, '/'); strings.HasPrefix(f.Path[i+1:], "application") && f.Role != project.Test && f.Size < 1<<18 {
			if s := string(f.Source()); strings.Contains(s, "default_batch_fetch_size") || strings.Contains(s, "default-batch-fetch-size") {
				return true
			}
		}
	}
	return false
}

// generic splits List<Order> into List and [Order].
func generic(t string) (base string, args []string) {
	i := strings.IndexByte(t, '<')
	if i < 0 {
		return flow.LastSegment(strings.TrimSpace(t)), nil
	}
	base = flow.LastSegment(strings.TrimSpace(t[:i]))
	body := strings.TrimSuffix(strings.TrimSpace(t[i+1:]), ">")
	level, from := 0, 0
	for j, r := range body {
		switch r {
		case '<':
			level++
		case '>':
			level--
		case ',':
			if level == 0 {
				args = append(args, strings.TrimSpace(body[from:j]))
				from = j + 1
			}
		}
	}
	args = append(args, strings.TrimSpace(body[from:]))
	for k, a := range args {
		args[k] = strings.TrimPrefix(strings.TrimPrefix(a, "? extends "), "? super ")
	}
	return base, args
}

// fields reads the columns and relations of an entity and of its mapped super classes.
func (fw *Framework) fields(m *flow.Model, c *flow.Class, batched bool, depth int) {
	if c == nil || depth > 5 {
		return
	}
	for _, s := range c.Super {
		if b := fw.ix.Class(s, c.File); b != nil && b != c && b.File.Lang == "java" {
			fw.fields(m, b, batched, depth+1)
		}
	}
	for name, f := range c.Fields {
		if f.Has(syntax.FlagStatic) || decorator(f, "Transient").Ok() {
			continue
		}
		d := decorator(f, "OneToMany", "ManyToMany", "ElementCollection", "ManyToOne", "OneToOne")
		if !d.Ok() {
			m.Columns[name] = snake(name)
			if col := text(decorator(f, "Column"), "name"); col != "" {
				m.Columns[name] = strings.Trim(col, "`\"")
			}
			continue
		}
		word := flow.LastSegment(d.Str())
		typ := f.Child(syntax.TypeRole).Str()
		rel := &flow.Relation{Name: name, File: c.File, Node: f, Kind: flow.HasMany}
		if _, args := generic(typ); len(args) > 0 {
			typ = args[len(args)-1]
		}
		rel.Target = flow.LastSegment(typ)
		lazy := strings.HasSuffix(c.File.NodeText(d.Keyword("fetch")), "LAZY")
		eager := strings.HasSuffix(c.File.NodeText(d.Keyword("fetch")), "EAGER")
		switch word {
		case "ManyToOne", "OneToOne":
			rel.Kind = flow.BelongsTo
			if d.Keyword("mappedBy").Ok() {
				rel.Kind = flow.HasOne
			} else {
				rel.ForeignKey = text(decorator(f, "JoinColumn"), "name")
				if rel.ForeignKey == "" {
					rel.ForeignKey = snake(name) + "_id"
				}
			}
			rel.AlwaysEager = !lazy
		default:
			rel.AlwaysEager = eager
			if word != "OneToMany" {
				rel.Through = "join table"
			}
		}
		if batched || decorator(f, "BatchSize", "Fetch").Ok() || decorator(c.Node, "BatchSize").Ok() {
			rel.AlwaysEager = true
		}
		m.Relations[name] = rel
	}
}

var scalars = map[string]bool{
	"String": true, "Long": true, "Integer": true, "Boolean": true, "Double": true, "Float": true, "Short": true, "Byte": true, "UUID": true, "BigDecimal": true, "Instant": true, "LocalDate": true, "LocalDateTime": true, "Date": true, "Object": true,
}

var lists = map[string]bool{
	"List": true, "Set": true, "Collection": true, "Iterable": true, "Page": true, "Slice": true, "Stream": true, "ArrayList": true, "Queue": true, "Deque": true, "SortedSet": true, "Iterator": true, "Streamable": true,
}

// TypeValue returns what a declared type of Java stands for.
func (fw *Framework) TypeValue(in *flow.Interp, typ string, from *project.File) (flow.Value, bool) {
	if from == nil || from.Lang != "java" {
		return flow.Value{}, false
	}
	return fw.typed(typ, from, 0), true
}

func (fw *Framework) typed(typ string, from *project.File, depth int) flow.Value {
	base, args := generic(typ)
	if depth > 3 || base == "" || base[0] >= 'a' && base[0] <= 'z' || scalars[base] {
		return flow.Value{}
	}
	switch {
	case lists[base] && len(args) == 1:
		e := fw.typed(args[0], from, depth+1)
		return flow.Value{Kind: flow.Container, Elem: &e}
	case strings.HasSuffix(base, "Map") && len(args) == 2:
		e := fw.typed(args[1], from, depth+1)
		return flow.Value{Kind: flow.Container, Pairs: true, Elem: &e}
	case (base == "Optional" || base == "ObjectProvider" || base == "Provider") && len(args) == 1:
		return fw.typed(args[0], from, depth+1)
	}
	c := fw.ix.Class(base, from)
	switch {
	case c == nil || c.File.Lang != "java":
		return flow.Value{}
	case c.Model != nil:
		return flow.Value{Kind: flow.Record, Model: c.Model}
	case c.Node.Has(syntax.FlagInterface) && fw.repos[c] == nil:
		if c = fw.implementation(c); c == nil {
			return flow.Value{}
		}
	}
	return flow.Value{Kind: flow.Object, Class: c, Fields: map[string]flow.Value{}}
}

// implementation is the only class that implements an interface, or the one that is marked @Primary.
func (fw *Framework) implementation(c *flow.Class) *flow.Class {
	if impl, ok := fw.impls[c]; ok {
		return impl
	}
	fw.impls[c] = nil
	var found *flow.Class
	others := false
	for _, x := range fw.extending(flow.LastSegment(c.Name)) {
		if x == c || x.Node.Has(syntax.FlagInterface) {
			continue
		}
		for _, s := range x.Super {
			if flow.LastSegment(s) == flow.LastSegment(c.Name) && fw.ix.Class(s, x.File) == c {
				primary := decorator(x.Node, "Primary").Ok()
				if primary {
					fw.impls[c] = x
					return x
				}
				others = others || found != nil
				found = x
			}
		}
	}
	if others {
		return nil
	}
	fw.impls[c] = found
	return found
}

// extending returns the classes, in their order, that extend or implement something of a name.
func (fw *Framework) extending(name string) []*flow.Class {
	if fw.heirs == nil {
		fw.heirs = map[string][]*flow.Class{}
		for _, x := range fw.classes {
			for i, s := range x.Super {
				seg := flow.LastSegment(s)
				if !slices.ContainsFunc(x.Super[:i], func(t string) bool { return flow.LastSegment(t) == seg }) {
					fw.heirs[seg] = append(fw.heirs[seg], x)
				}
			}
		}
	}
	return fw.heirs[name]
}

// field finds a field of a class or of its super classes.
func (fw *Framework) field(c *flow.Class, name string, depth int) flow.Value {
	if c == nil || depth > 5 {
		return flow.Value{}
	}
	if f, ok := c.Fields[name]; ok {
		return fw.typed(f.Child(syntax.TypeRole).Str(), c.File, 0)
	}
	for _, s := range c.Super {
		if b := fw.ix.Class(s, c.File); b != nil && b != c {
			if v := fw.field(b, name, depth+1); v.Kind != flow.Unknown {
				return v
			}
		}
	}
	return flow.Value{}
}

// snake is the naming strategy of Spring Boot: previousReleaseId is previous_release_id.
func snake(s string) string {
	var sb strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 && (s[i-1] >= 'a' && s[i-1] <= 'z' || s[i-1] >= '0' && s[i-1] <= '9') {
				sb.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		sb.WriteByte(c)
	}
	return sb.String()
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// CodeForeignKeys adds to the tables the foreign keys that only the entities know.
func (fw *Framework) CodeForeignKeys(ix *flow.Index, dbs []*project.Database) {
	for _, c := range fw.classes {
		if m := c.Model; m != nil && m.Framework == fw.Name() {
			addKeys(ix, m, dbs)
		}
	}
}
