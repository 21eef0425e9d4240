// Package laravel tells the flow engine what Laravel means: Eloquent models, relations, scopes,
// accessors and queries, collections, API resources, Blade views and components, controllers,
// Livewire components, jobs, commands and policies. It also folds migrations (or a schema dump) into
// a schema.
//
// It reads syntax only. Macros, global scopes and relations that are resolved at run time are not
// known, and nothing is reported about them.
package laravel

import (
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Framework implements flow.Framework.
type Framework struct {
	ix      *flow.Index
	views   map[string]*project.File          // "posts.index" -> file
	imports map[*project.File]map[string]name // names that a file imports
	tables  map[string]*flow.Model            // rows of the query builder, by table
	appends map[*flow.Model][]string          // accessors that serializing a row calls
	fields  map[*flow.Class]map[string]string // types of the fields that a constructor sets
	setters map[*flow.Method]bool             // methods that set a property of their object
	depth   int                               // views and resources nested in each other
	starts  map[string]time.Duration          // periods of what the scheduler starts; nil until read
}

// name is a class name as an import brings it.
type name struct{ full, last string }

// New returns the framework.
func New() *Framework {
	return &Framework{
		views: map[string]*project.File{}, imports: map[*project.File]map[string]name{}, tables: map[string]*flow.Model{},
		appends: map[*flow.Model][]string{}, setters: map[*flow.Method]bool{}, fields: map[*flow.Class]map[string]string{},
	}
}

// Name returns "laravel".
func (*Framework) Name() string { return "laravel" }

// modelBases are the library classes that make a model of their subclass.
var modelBases = map[string]bool{
	"Model": true, "Authenticatable": true, "Pivot": true, "MorphPivot": true, "Eloquent": true, "EloquentModel": true, "BaseModel": true, "DatabaseNotification": true,
	"PersonalAccessToken": true, "Permission": true, "Role": true, "Activity": true, "Media": true, "Tag": true, "BaseMedia": true, "Audit": true, "User": true,
}

// Index finds the models and the views.
func (fw *Framework) Index(ix *flow.Index) {
	fw.ix = ix
	state := map[*flow.Class]int{} // 1 while asked, 2 a model, 3 not
	var isModel func(c *flow.Class) bool
	isModel = func(c *flow.Class) bool {
		if c == nil || c.File.Lang != "php" || c.Module || c.Node.Has(syntax.FlagInterface) {
			return false
		}
		if s := state[c]; s != 0 {
			return s == 2
		}
		state[c] = 1
		out := false
		for _, s := range c.Super {
			full := fw.fullName(c.File, s)
			base := fw.classOf(s, c.File)
			if base == c {
				base = nil
			}
			switch {
			case strings.HasPrefix(full, `Illuminate\Database\Eloquent\`) || strings.HasPrefix(full, `Illuminate\Foundation\Auth\User`) || strings.HasPrefix(full, `Illuminate\Notifications\DatabaseNotification`):
				out = true
			case base != nil:
				out = isModel(base)
			case modelBases[flow.LastSegment(s)] && (strings.Contains(full, `Eloquent`) || strings.Contains(full, `\Models\`) || strings.Contains(full, `MongoDB`) || strings.HasSuffix(full, `\AbstractModel`) || full == "Eloquent" || full == "Model"):
				out = true
			case strings.HasSuffix(full, `Database\AbstractModel`):
				out = true
			}
			if out {
				break
			}
		}
		state[c] = 3
		if out {
			state[c] = 2
		}
		return out
	}
	var models []*flow.Model
	for _, f := range ix.Project.Files {
		if f.Tree == nil {
			continue
		}
		switch f.Lang {
		case "blade":
			fw.addView(f)
			continue
		case "php":
		default:
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Class) {
			c := ix.Class(n.Str(), f)
			if n.Str() == "" || c == nil || c.Node != n || !isModel(c) {
				continue
			}
			m := &flow.Model{Name: c.Name, Framework: fw.Name(), Class: c, File: f, Node: n, Table: Tableize(c.Name), Abstract: strings.Contains(head(f, n), "abstract ")}
			for _, s := range c.Super {
				if l := flow.LastSegment(s); l == "Pivot" || l == "MorphPivot" {
					m.Table = snake(c.Name)
				}
			}
			models = append(models, m)
			ix.AddModel(m)
		}
	}
	for _, m := range models {
		fw.declare(m)
	}
}

// head is the text of a class declaration before its body.
func head(f *project.File, n syntax.Ref) string {
	end := n.End()
	if b := n.Child(syntax.Body); b.Ok() {
		end = b.Start()
	}
	return f.Text(n.Start(), end) + " "
}

// importsOf returns what the names of a PHP file stand for.
func (fw *Framework) importsOf(f *project.File) map[string]name {
	if m, ok := fw.imports[f]; ok {
		return m
	}
	m := map[string]name{}
	fw.imports[f] = m
	if f == nil || f.Tree == nil {
		return m
	}
	for n := range f.Tree.Root().Descendants(syntax.Import) {
		full := n.Str()
		last := flow.LastSegment(full)
		alias := last
		if a := n.Child(syntax.Arg); a.Kind() == syntax.Pair {
			alias = a.Str()
		}
		m[alias] = name{full, last}
	}
	return m
}

// fullName returns a class name with its namespace where the file imports it, else as written.
func (fw *Framework) fullName(f *project.File, written string) string {
	first, rest, more := strings.Cut(strings.TrimPrefix(written, `\`), `\`)
	if imp, ok := fw.importsOf(f)[first]; ok {
		if more {
			return imp.full + `\` + rest
		}
		return imp.full
	}
	return strings.TrimPrefix(written, `\`)
}

// classOf resolves a class name of a PHP file through its imports.
func (fw *Framework) classOf(written string, f *project.File) *flow.Class {
	full := fw.fullName(f, written)
	last := flow.LastSegment(full)
	var best *flow.Class
	score := -1
	for _, c := range fw.ix.Classes[last] {
		if c.File.Lang != "php" {
			continue
		}
		s := tail(full, c.File.Path)*100 + common(c.File.Path, f.Path)
		if c.File == f {
			s += 50
		}
		if s > score {
			best, score = c, s
		}
	}
	if best != nil && strings.HasPrefix(full, `Illuminate\`) {
		return nil // the library's, though the project has a class of that name
	}
	return best
}

// tail counts the trailing segments that a qualified name shares with a path.
func tail(full, p string) int {
	a, b := strings.Split(full, `\`), strings.Split(strings.TrimSuffix(p, ".php"), "/")
	n := 0
	for n < len(a) && n < len(b) && strings.EqualFold(a[len(a)-1-n], b[len(b)-1-n]) {
		n++
	}
	return n
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// declare reads the properties, relations and scopes of a model, those of its traits included.
func (fw *Framework) declare(m *flow.Model) {
	seen := map[*flow.Class]bool{}
	var read func(c *flow.Class, depth int)
	read = func(c *flow.Class, depth int) {
		if c == nil || seen[c] || depth > 4 {
			return
		}
		seen[c] = true
		for _, t := range c.Mixins {
			read(fw.classOf(t, c.File), depth+1)
		}
		fw.members(m, c)
	}
	read(m.Class, 0)
	for _, s := range m.Class.Super { // a table name is inherited
		if b := fw.classOf(s, m.Class.File); b != nil && b != m.Class && b.Model != nil && !m.Class.Fields["table"].Ok() {
			if t := b.Fields["table"].Child(syntax.Value); t.Kind() == syntax.String {
				m.Table = t.Str()
			}
		}
	}
}

func (fw *Framework) members(m *flow.Model, c *flow.Class) {
	if t := c.Fields["table"].Child(syntax.Value); t.Kind() == syntax.String {
		m.Table = t.Str()
	}
	for e := range c.Fields["with"].Child(syntax.Value).Children() {
		if e.Kind() == syntax.String {
			m.Eager = append(m.Eager, plainPath(e.Str()))
		}
	}
	for e := range c.Fields["appends"].Child(syntax.Value).Children() {
		if e.Kind() == syntax.String {
			fw.appends[m] = append(fw.appends[m], e.Str())
		}
	}
	for word, method := range c.Methods {
		if rel := fw.relation(m, c, method); rel != nil {
			m.Relations[word] = rel
			continue
		}
		if rest, ok := strings.CutPrefix(word, "scope"); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			m.Scopes[strings.ToLower(rest[:1])+rest[1:]] = method
			continue
		}
		for d := range method.Node.All(syntax.Decorator) {
			if flow.LastSegment(d.Str()) == "Scope" {
				m.Scopes[word] = method
			}
		}
	}
}

// relationWords are the methods of a model that make a relation.
var relationWords = map[string]flow.RelationKind{
	"belongsTo": flow.BelongsTo, "morphTo": flow.BelongsTo, "hasOne": flow.HasOne, "morphOne": flow.HasOne, "hasOneThrough": flow.HasOne,
	"hasMany": flow.HasMany, "morphMany": flow.HasMany, "belongsToMany": flow.HasMany, "morphToMany": flow.HasMany, "morphedByMany": flow.HasMany, "hasManyThrough": flow.HasMany,
}

// relation reads a method that returns $this->hasMany(...) and the like; nil when it is none.
func (fw *Framework) relation(m *flow.Model, c *flow.Class, method *flow.Method) *flow.Relation {
	body := method.Node.Child(syntax.Body)
	for ret := range body.Descendants(syntax.Return) {
		var words []syntax.Ref
		n := ret.Child(syntax.Value)
		for ; n.Kind() == syntax.Call; n = n.Receiver() {
			words = append(words, n)
		}
		if n.Kind() != syntax.Self || len(words) == 0 {
			continue
		}
		call := words[len(words)-1]
		kind, ok := relationWords[call.Str()]
		if !ok {
			continue
		}
		rel := &flow.Relation{Name: method.Name, Kind: kind, File: method.File, Node: method.Node}
		rel.Target = fw.className(m, call.Arg(0), method.File)
		text := func(i int, key string) string {
			if v := call.Keyword(key); v.Kind() == syntax.String {
				return v.Str()
			}
			if a := call.Arg(i); a.Kind() == syntax.String {
				return a.Str()
			}
			return ""
		}
		switch call.Str() {
		case "belongsTo":
			rel.ForeignKey = text(1, "foreignKey")
			if rel.ForeignKey == "" {
				rel.ForeignKey = snake(method.Name) + "_id"
			}
		case "hasOne", "hasMany":
			rel.ForeignKey = text(1, "foreignKey")
			if rel.ForeignKey == "" {
				rel.ForeignKey = snake(m.Name) + "_id"
			}
		case "morphTo":
			base := text(0, "name")
			if base == "" {
				base = snake(method.Name)
			}
			rel.Target, rel.Polymorphic, rel.ForeignType, rel.ForeignKey = "", true, base+"_type", base+"_id"
			if t := text(1, "type"); t != "" {
				rel.ForeignType = t
			}
			if id := text(2, "id"); id != "" {
				rel.ForeignKey = id
			}
		case "morphOne", "morphMany":
			if base := text(1, "name"); base != "" {
				rel.As, rel.ForeignType, rel.ForeignKey = base, base+"_type", base+"_id"
				if t := text(2, "type"); t != "" {
					rel.ForeignType = t
				}
				if id := text(3, "id"); id != "" {
					rel.ForeignKey = id
				}
			}
		case "belongsToMany", "morphToMany", "morphedByMany":
			rel.Through = "pivot"
		case "hasManyThrough", "hasOneThrough":
			rel.Through = snake(fw.className(m, call.Arg(1), method.File))
			if rel.Through == "" {
				rel.Through = "through"
			}
		}
		for _, w := range words[:len(words)-1] {
			switch w.Str() {
			case "one", "latestOfMany", "oldestOfMany", "ofMany":
				rel.Kind = flow.HasOne
			case "with":
				rel.Eager = append(rel.Eager, eagerPaths(w)...)
			case "where", "whereIn", "when":
				if !rel.Scope.Ok() {
					rel.Scope = w
				}
			}
		}
		return rel
	}
	return nil
}

// className reads X::class, self::class or a string.
func (fw *Framework) className(m *flow.Model, n syntax.Ref, f *project.File) string {
	switch n.Kind() {
	case syntax.Member:
		if n.Str() != "class" {
			return ""
		}
		if n.Receiver().Kind() == syntax.Self {
			return m.Name
		}
		if c := fw.classOf(n.Receiver().Str(), f); c != nil {
			return c.Name
		}
		return flow.LastSegment(fw.fullName(f, n.Receiver().Str()))
	case syntax.String:
		return flow.LastSegment(n.Str())
	}
	return ""
}

// plainPath cuts the columns off a path: "author:id,name" is "author"; "comments as total" is "comments".
func plainPath(s string) string {
	if i := strings.IndexByte(s, ':'); i >= 0 {
		s = s[:i]
	}
	if i := strings.Index(strings.ToLower(s), " as "); i >= 0 {
		s = s[:i]
	}
	return s
}

// eagerPaths reads the relation paths of a with or load call: strings, lists, keys of closures, and
// what those closures load in turn.
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
		if n.Str() == "" || n.Has(syntax.FlagInterp) {
			return nil
		}
		return []string{flow.JoinPath(prefix, plainPath(n.Str()))}
	case syntax.List, syntax.Map, syntax.Splat:
		var out []string
		for c := range n.Children() {
			out = append(out, pathsOf(c, prefix)...)
		}
		return out
	case syntax.Pair:
		if n.Str() == "" {
			return nil
		}
		if n.Child(syntax.Key).Ok() && n.Child(syntax.Key).Kind() == syntax.Number {
			return pathsOf(n.Child(syntax.Value), prefix)
		}
		own := flow.JoinPath(prefix, plainPath(n.Str()))
		out := []string{own}
		v := n.Child(syntax.Value)
		switch v.Kind() {
		case syntax.Lambda:
			for c := range v.Descendants(syntax.Call) {
				if c.Str() == "with" || c.Str() == "load" {
					for _, p := range eagerPaths(c) {
						out = append(out, flow.JoinPath(own, p))
					}
				}
			}
		case syntax.List, syntax.Map:
			out = append(out, pathsOf(v, own)...)
		}
		return out
	case syntax.If:
		return append(pathsOf(n.Child(syntax.Body), prefix), pathsOf(n.Child(syntax.Else), prefix)...)
	case syntax.Call:
		if n.Str() == "array_merge" || n.Str() == "array_filter" || n.Str() == "array_unique" {
			var out []string
			for _, a := range n.Args() {
				out = append(out, pathsOf(a, prefix)...)
			}
			return out
		}
	}
	return nil
}
