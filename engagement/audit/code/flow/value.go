package flow

import (
	"maps"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// ValueKind says what is known of a value.
type ValueKind uint8

// Value kinds.
const (
	Unknown   ValueKind = iota
	Scalar              // a value that leads to no row
	Literal             // Node is the literal
	ClassRef            // a class as an object: Class, and Model when it is one
	Object              // an instance of a class that is not a model: Class, Fields
	Record              // one row of Model
	Many                // rows of Model: a lazy query or a loaded list
	Container           // a list or map whose elements are like Elem
	FuncValue           // a lambda: Node with the environment it was made in
)

// Value is what the evaluation knows of an expression. Values are copied at every step, so the fields of
// a byte stand together.
type Value struct {
	Kind   ValueKind
	PerRow bool // this value is met once per row of a loop
	Loaded bool // Many: an in-memory list, no longer a query
	Pairs  bool // Container: a map; iteration yields key and value
	// Batches: the elements are pieces of a list that was cut up; a loop over them turns once per batch.
	Batches bool
	Model   *Model
	Class   *Class
	Root    *Root  // the query whose rows lead here; nil when none is known
	Path    string // relations from the root's rows to this value, dotted; "" for the rows themselves
	Via     *Relation
	Owner   *Model // model of the row that Via was read from
	Loop    *Loop  // the loop of PerRow
	Elem    *Value
	Node    syntax.Ref
	File    *project.File
	Fields  map[string]Value
	env     *scope
	unsaved bool // Record: may be new, not yet in the database
}

// Site is a place in the code with its node.
type Site struct {
	File *project.File
	Node syntax.Ref
	Note string
}

// Loop is an iteration.
type Loop struct {
	Site   Site
	Over   Value
	Repeat bool // while, for(;;): it repeats and walks no collection
}

// RootKind says where rows come from.
type RootKind uint8

// Root kinds.
const (
	QueryRoot RootKind = iota // a query written in the code
	ParamRoot                 // a parameter of the function being evaluated
)

// Filter is one condition of a query.
type Filter struct {
	Column string
	Op     string // "=", "in", "<", "like", "null", "expr", "contains"
	Func   string // function around the column, "" when plain
	Site   Site
}

// Order is one sort key of a query.
type Order struct {
	Column string
	Desc   bool
	Expr   bool
}

// Root is a query: where it was written, what it loads and what it asks for. Roots are immutable;
// each step of a method chain derives a new one.
type Root struct {
	Kind     RootKind
	Param    int // ParamRoot: index of the argument, -1 for self
	Model    *Model
	Sites    []Site          // where it was written: the outermost (last refined) first
	Eager    map[string]bool // relation paths loaded with it; prefix closed
	Filters  []Filter
	Orders   []Order
	Single   bool // leads to one row (find, first, get)
	Limit    int  // rows at most; 0 when not bounded
	Paged    bool // bounded by a page size that is not a literal
	Joins    []string
	Distinct bool
	Select   []string // columns that are loaded; empty for all
	Dynamic  bool     // conditions or sort keys that the code adds at run time may be missing from the lists
	Base     *Root    // the root this one was derived from
	Owner    *Value   // row whose relation it is, for inverse look-ups
	Rel      *Relation
	Terminal string // the method that ran it ("count", "exists?", "each")
	// Text is the statement that a caller passed to the function which runs it: the query is that caller's,
	// and its effects are placed there.
	Text       syntax.Ref
	Entry      string // entry point in which it was met
	superseded bool
	born       *Loop // innermost loop in which the query was built; its rows are read once for each turn of that
}

// Site returns the primary place of the root.
func (r *Root) Site() Site {
	if len(r.Sites) == 0 {
		return Site{}
	}
	return r.Sites[0]
}

// writtenAt is a hash of the places of the root.
func (r *Root) writtenAt() uint64 {
	h := uint64(14695981039346656037)
	for _, s := range r.Sites {
		h = (h ^ uint64(s.Node.ID)) * 1099511628211
		if s.File != nil {
			for i := 0; i < len(s.File.Path); i++ {
				h = (h ^ uint64(s.File.Path[i])) * 1099511628211
			}
		}
	}
	return h
}

// ultimate returns the root at the bottom of the derivation.
func (r *Root) ultimate() *Root {
	for r != nil && r.Base != nil {
		r = r.Base
	}
	return r
}

// symbolic reports whether the root is derived from a parameter.
func (r *Root) symbolic() bool {
	u := r.ultimate()
	return u != nil && u.Kind == ParamRoot
}

// maxSites bounds the places that a query remembers; a chain through more functions keeps the outer ones.
const maxSites = 40

// Derive copies the root as the next step of its chain.
func (r *Root) Derive() *Root {
	d := *r
	d.Base, d.superseded = r, false // a root may be derived from twice: what a scope returns, at each of its calls
	d.Sites = append([]Site(nil), r.Sites[:min(len(r.Sites), maxSites)]...)
	d.Filters = append([]Filter(nil), r.Filters...)
	d.Orders = append([]Order(nil), r.Orders...)
	d.Joins = append([]string(nil), r.Joins...)
	d.Select = append([]string(nil), r.Select...)
	d.Eager = maps.Clone(r.Eager)
	r.superseded = true
	return &d
}

// AddEager marks a dotted path and its prefixes as loaded.
func (r *Root) AddEager(path string) {
	if path == "" {
		return
	}
	if r.Eager == nil {
		r.Eager = map[string]bool{}
	}
	for i, c := range path {
		if c == '.' {
			r.Eager[path[:i]] = true
		}
	}
	r.Eager[path] = true
}

// At puts a site in front: the chain was continued here.
func (r *Root) At(s Site) *Root {
	if len(r.Sites) > 0 && r.Sites[0].File == s.File && s.Node.Ok() && r.Sites[0].Node.Inside(s.Node) {
		r.Sites[0] = s // the same chain, one call further out
		return r
	}
	r.Sites = append([]Site{s}, r.Sites...)
	return r
}

// Covers reports whether the rows of a path come loaded with the root.
func (ix *Index) Covers(r *Root, path string) bool {
	if r == nil || path == "" || r.Eager[EagerUnknown] {
		return true
	}
	if r.Eager[path] {
		return true
	}
	// Walk the path: each relation may load more by itself, and so may a model.
	m := r.Model
	auto := map[string]bool{}
	if m != nil {
		for _, e := range m.Eager {
			addPrefixes(auto, e)
		}
	}
	prefix := ""
	for _, seg := range strings.Split(path, ".") {
		full := seg
		if prefix != "" {
			full = prefix + "." + seg
		}
		var rel *Relation
		if m != nil {
			rel = ix.Relation(m, seg)
		}
		if !r.Eager[full] && !auto[full] && (rel == nil || !rel.AlwaysEager) {
			return false
		}
		if rel == nil {
			return r.Eager[full] || auto[full]
		}
		for _, e := range rel.Eager {
			addPrefixes(auto, full+"."+e)
		}
		m = ix.Model(rel.Target, rel.File)
		if m != nil {
			for _, e := range m.Eager {
				addPrefixes(auto, full+"."+e)
			}
		}
		prefix = full
	}
	return true
}

// EagerUnknown as an eager path says that the query loads relations which the source does not show.
const EagerUnknown = "*"

func addPrefixes(set map[string]bool, path string) {
	for i, c := range path {
		if c == '.' {
			set[path[:i]] = true
		}
	}
	set[path] = true
}

// JoinPath appends a relation path to another.
func JoinPath(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "." + b
}

// EffectKind says what a touch costs.
type EffectKind uint8

// Effect kinds.
const (
	LoadRelation EffectKind = iota // a relation is read; preloading ends it
	RunQuery                       // a query runs; preloading does not end it
	Aggregate                      // count, sum, exists over a relation
	Write                          // insert, update or delete of a row
)

// Effect is one touch of the database.
type Effect struct {
	Kind   EffectKind
	PerRow bool
	Cached bool // answered from memory where the path is loaded
	// Guarded: it happens only for rows of one kind (if self.kind == KIND), so most rows may be spared.
	Guarded bool
	// Invariant: nothing that the query asks for depends on the loop's variable, so that each turn asks
	// the same. The cure is to ask in front of the loop, not to collect keys.
	Invariant bool
	// KeyOnly: of a to-one relation only the key is wanted, which the row itself holds in a column.
	KeyOnly bool
	// Conditional: it happens in some turns only: behind a rare guard, as the right operand of "or", as
	// the default of a fetch, in a handler of errors. At most once per row.
	Conditional bool
	placed      bool // stands at the caller that wrote its statement
	inLoop      bool // already counted inside a callee
	depsKnown   bool
	Root        *Root  // rows it belongs to; nil for a query that starts at a class
	Path        string // relation path from the root's rows; for RunQuery the path of the row it is asked of
	Rel         *Relation
	Query       *Root // the query that runs, for RunQuery and Aggregate
	Site        Site
	Loop        *Loop
	Trace       []Site       // calls between the loop and the site, outermost first
	asks        []syntax.Ref // arguments of the call at hand that the query depends on
	deps        []string     // parameters of the function at hand that the query depends on; meaningful if depsKnown
}

// Load is an N+1: rows of a root whose relation is loaded, or asked by a query, once per row.
type Load struct {
	Effect
	Entry string // entry point in which it was met: "GET stories#index", "job X", ""
	// Entries are further entry points that reach the loop, at most a few. Entry is the most frequent.
	Entries []string
	// Over are the rows that multiply the load; see Collection.
	Over Collection
}

// scope holds the variables of one function or block. Most hold a few: they are looked for one after the
// other, and a map is made when there are many.
type scope struct {
	names  []string
	values []Value
	where  map[string]int // index by name; nil while there are few
	parent *scope
}

// manyVariables is the number of variables from which a scope has a map.
const manyVariables = 12

func newScope(parent *scope) *scope { return &scope{parent: parent} }

// own returns a variable of the scope itself, or nil.
func (s *scope) own(name string) *Value {
	if s.where != nil {
		if i, ok := s.where[name]; ok {
			return &s.values[i]
		}
		return nil
	}
	for i, n := range s.names {
		if n == name {
			return &s.values[i]
		}
	}
	return nil
}

func (s *scope) get(name string) (Value, bool) {
	for ; s != nil; s = s.parent {
		if v := s.own(name); v != nil {
			return *v, true
		}
	}
	return Value{}, false
}

// set gives a variable a value where it was declared, or declares it here.
func (s *scope) set(name string, v Value) {
	for p := s; p != nil; p = p.parent {
		if old := p.own(name); old != nil {
			*old = v
			return
		}
	}
	s.declare(name, v)
}

// declare gives a variable of the scope itself a value.
func (s *scope) declare(name string, v Value) {
	if old := s.own(name); old != nil {
		*old = v
		return
	}
	s.names, s.values = append(s.names, name), append(s.values, v)
	switch n := len(s.names); {
	case s.where != nil:
		s.where[name] = n - 1
	case n == manyVariables:
		s.where = make(map[string]int, 2*n)
		for i, x := range s.names {
			s.where[x] = i
		}
	}
}

// Known reports whether a collection is known to hold rows or more than a handful of elements.
func (v Value) Known() bool {
	switch v.Kind {
	case Many:
		return true
	case Container:
		return v.Elem != nil && v.Elem.Kind >= Object
	}
	return false
}
