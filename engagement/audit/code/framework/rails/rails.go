// Package rails tells the flow engine what Ruby on Rails means: Active Record models, relations,
// scopes and queries, controllers with their callbacks and instance variables, ERB/HAML/Slim views,
// partials, jbuilder, serializers by as_json and payload methods, jobs, and maintenance tasks.
//
// It reads syntax only. Nothing of the application is executed.
package rails

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework.
type Framework struct {
	ix      *flow.Index
	views   map[string]*project.File // application and "stories/index" -> file
	depth   int                      // templates rendered into each other
	actors  []*flow.Class            // controllers, jobs, mailers, tasks
	helpers map[string]*flow.Method  // view helpers by application and name, built on first use
	hooks   map[*flow.Model][]string // methods and relations that saving a row touches
}

// New returns the framework.
func New() *Framework { return &Framework{views: map[string]*project.File{}} }

// Name returns "rails".
func (*Framework) Name() string { return "rails" }

// Index finds the models, views and controllers.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	isModel := map[*flow.Class]bool{}
	var model func(c *flow.Class, depth int) bool
	model = func(c *flow.Class, depth int) bool {
		if c == nil || depth > 8 {
			return false
		}
		for _, s := range c.Super {
			switch strings.TrimPrefix(s, "::") {
			case "ApplicationRecord", "ActiveRecord::Base", "ActiveRecord":
				return true
			}
			if model(ix.Class(s, c.File), depth+1) {
				return true
			}
		}
		return false
	}
	for _, list := range ix.Classes {
		for _, c := range list {
			if c.File.Lang != "ruby" || c.Module {
				continue
			}
			if model(c, 0) && LastSegment(c.Name) != "ApplicationRecord" {
				isModel[c] = true
			}
		}
	}
	for _, f := range ix.Project.Files {
		if f.Tree == nil {
			continue
		}
		if p, ok := viewName(f.Path); ok {
			for _, key := range []string{p, fw.ofApplication(p, f)} {
				if old := fw.views[key]; old == nil || strings.Contains(f.Path, ".html.") {
					fw.views[key] = f
				}
			}
		}
	}
	for c := range isModel {
		m := &flow.Model{Name: c.Name, Framework: "rails", Class: c, Table: Tableize(c.Name), File: c.File, Node: c.Node}
		ix.AddModel(m)
	}
	// Bodies of reopened classes and of included concerns declare relations too.
	for _, f := range ix.Project.Files {
		if f.Tree == nil || f.Lang != "ruby" {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Class) {
			c := ix.Class(qualified(n), f)
			if c == nil {
				continue
			}
			if c.Model != nil {
				fw.declare(c.Model, f, n.Child(syntax.Body))
				for _, mixin := range c.Mixins {
					fw.declareConcern(c.Model, ix.Class(mixin, f), 0)
				}
			}
			fw.actor(c)
		}
	}
}

// LastSegment is flow.LastSegment.
func LastSegment(s string) string { return flow.LastSegment(s) }

func qualified(n syntax.Ref) string {
	name := n.Str()
	for p := n.Parent(); p.Ok(); p = p.Parent() {
		if p.Kind() == syntax.Class && p.Str() != "" {
			name = p.Str() + "::" + name
		}
	}
	return name
}

func (fw *Framework) actor(c *flow.Class) {
	for _, a := range fw.actors {
		if a == c {
			return
		}
	}
	fw.actors = append(fw.actors, c)
}

func (fw *Framework) declareConcern(m *flow.Model, c *flow.Class, depth int) {
	if c == nil || depth > 4 || c.File.Lang != "ruby" {
		return
	}
	body := c.Node.Child(syntax.Body)
	fw.declare(m, c.File, body)
	for call := range body.Children() {
		if call.Kind() == syntax.Call && call.Str() == "included" {
			fw.declare(m, c.File, call.Child(syntax.BlockArg).Child(syntax.Body))
		}
	}
	for _, mixin := range c.Mixins {
		if mixin != c.Name {
			fw.declareConcern(m, fw.ix.Class(mixin, c.File), depth+1)
		}
	}
}

// declare reads the class-level calls of a model.
func (fw *Framework) declare(m *flow.Model, f *project.File, body syntax.Ref) {
	for c := range body.Children() {
		if c.Kind() == syntax.Assign && c.Child(syntax.Target).Str() == "table_name" {
			m.Table = c.Child(syntax.Value).Str()
			continue
		}
		if c.Kind() == syntax.Block {
			fw.declare(m, f, c)
			continue
		}
		if c.Kind() == syntax.If {
			fw.declare(m, f, c.Child(syntax.Body))
			continue
		}
		if c.Kind() != syntax.Call {
			continue
		}
		if r := c.Receiver(); r.Ok() && r.Kind() != syntax.Self {
			continue
		}
		name := c.Arg(0).Str()
		switch c.Str() {
		case "belongs_to", "has_one", "has_many", "has_and_belongs_to_many":
			fw.relation(m, f, c)
		case "has_one_attached", "has_many_attached":
			kind := flow.HasOne
			if c.Str() == "has_many_attached" {
				kind = flow.HasMany
			}
			m.Relations[name+"_attachment"] = &flow.Relation{Name: name + "_attachment", Kind: kind, Target: "ActiveStorage::Attachment", Attachment: true, File: f, Node: c}
		case "scope":
			if l := c.Arg(1); l.Kind() == syntax.Lambda {
				m.Scopes[name] = &flow.Method{Name: name, Class: m.Class, File: f, Node: l, Static: true}
			} else if b := c.Child(syntax.BlockArg); b.Ok() {
				m.Scopes[name] = &flow.Method{Name: name, Class: m.Class, File: f, Node: b, Static: true}
			}
		case "default_scope":
			l := c.Block()
			for call := range l.Descendants(syntax.Call) {
				if eagerWords[call.Str()] {
					m.Eager = append(m.Eager, eagerPaths(call)...)
				}
			}
		case "delegate":
			to := c.Keyword("to").Str()
			prefix := ""
			switch p := c.Keyword("prefix"); p.Kind() {
			case syntax.Bool:
				if p.Str() == "true" {
					prefix = to + "_"
				}
			case syntax.String:
				prefix = p.Str() + "_"
			}
			for _, a := range c.Args() {
				if a.Kind() == syntax.String && to != "" {
					m.Delegates[prefix+a.Str()] = to
				}
			}
		case "delegate_missing_to":
		case "table_name=":
			m.Table = name
		case "include", "prepend":
		}
	}
}

func (fw *Framework) relation(m *flow.Model, f *project.File, c syntax.Ref) {
	name := c.Arg(0).Str()
	if name == "" {
		return
	}
	rel := &flow.Relation{Name: name, File: f, Node: c}
	switch c.Str() {
	case "belongs_to":
		rel.Kind = flow.BelongsTo
	case "has_one":
		rel.Kind = flow.HasOne
	default:
		rel.Kind = flow.HasMany
	}
	rel.Target = Classify(name, rel.Kind.Many())
	if cn := c.Keyword("class_name"); cn.Ok() {
		rel.Target = strings.TrimPrefix(cn.Str(), "::")
		if d := cn.Dotted(); d != "" && cn.Kind() != syntax.String {
			rel.Target = d
		}
	}
	if c.Keyword("polymorphic").Str() == "true" {
		rel.Polymorphic, rel.Target = true, ""
	}
	if fk := c.Keyword("foreign_key"); fk.Kind() == syntax.String {
		rel.ForeignKey = fk.Str()
	}
	rel.As = c.Keyword("as").Str()
	rel.ForeignType = c.Keyword("foreign_type").Str()
	if th := c.Keyword("through"); th.Ok() {
		rel.Through = th.Str()
		if src := c.Keyword("source"); src.Ok() && !c.Keyword("class_name").Ok() {
			rel.Target = "" // resolved below through the other model
			rel.Scope = syntax.Ref{}
			rel.CounterOf = ""
			rel.ForeignKey = "source:" + src.Str()
		}
	}
	if cc := c.Keyword("counter_cache"); cc.Ok() {
		rel.CounterOf = cc.Str()
	}
	for _, a := range c.Args() {
		if a.Kind() == syntax.Lambda || (a.Kind() == syntax.Call && a.Str() == "proc") {
			l := a
			if a.Kind() == syntax.Call {
				l = a.Child(syntax.BlockArg)
			}
			rel.Scope = l
			for range l.All(syntax.ParamRole) {
				rel.PerRowScope = true
			}
			for call := range l.Descendants(syntax.Call) {
				if eagerWords[call.Str()] {
					rel.Eager = append(rel.Eager, eagerPaths(call)...)
				}
			}
		}
	}
	if b := c.Child(syntax.BlockArg); b.Ok() && !rel.Scope.Ok() && c.Arg(1).Kind() == syntax.Invalid {
		rel.Scope = b
	}
	m.Relations[name] = rel
}

var eagerWords = map[string]bool{"includes": true, "preload": true, "eager_load": true, "includes!": true}

// eagerPaths reads the association paths of an includes call.
func eagerPaths(call syntax.Ref) []string {
	var out []string
	for _, a := range call.Args() {
		out = append(out, pathsOf(a, "")...)
	}
	return out
}

func pathsOf(n syntax.Ref, prefix string) []string {
	switch n.Kind() {
	case syntax.String:
		if n.Str() == "" {
			return nil
		}
		return []string{flow.JoinPath(prefix, n.Str())}
	case syntax.List, syntax.Map:
		var out []string
		for c := range n.Children() {
			out = append(out, pathsOf(c, prefix)...)
		}
		return out
	case syntax.Pair:
		key := n.Str()
		if key == "" {
			key = n.Child(syntax.Key).Str()
		}
		if key == "" {
			return nil
		}
		out := []string{flow.JoinPath(prefix, key)}
		return append(out, pathsOf(n.Child(syntax.Value), flow.JoinPath(prefix, key))...)
	case syntax.If:
		return append(pathsOf(n.Child(syntax.Body), prefix), pathsOf(n.Child(syntax.Else), prefix)...)
	case syntax.Splat, syntax.Block:
		var out []string
		for c := range n.Children() {
			out = append(out, pathsOf(c, prefix)...)
		}
		return out
	case syntax.Binary:
		return append(pathsOf(n.Child(syntax.Left), prefix), pathsOf(n.Child(syntax.Right), prefix)...)
	}
	return nil
}
