package flow

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Result is what the engine found, in the order of files and lines.
type Result struct {
	Index *Index
	// Queries are the queries of the project in their most refined form.
	Queries []*Root
	// Loads are relations and queries met once per row, not covered by their root.
	Loads []Load
	// Entries are the entry points that were evaluated.
	Entries []EntryPoint
	// Callers counts the call sites that were resolved, by method.
	Callers map[*Method]int
	// Truncated says that the work bound was hit and part of the project was not followed.
	Truncated bool
	// Frameworks are those that the project was read with.
	Frameworks []Framework

	entries map[entryKey]*unit // what was evaluated, for Again
	byName  map[string]int     // entries by name: the first of each
}

// EntryPoint is a place where work starts.
type EntryPoint struct {
	Name string // "GET stories#index", "job FooJob"
	Kind string // "request", "job", "task", "mail"
	Site Site
	// Class says how often the entry is met: the frequency of a cost follows from it.
	Class EntryClass
	// Period is the time between two runs of a scheduled task as the project's schedule states it; 0
	// when it has none or none was found.
	Period time.Duration
}

type loadKey struct {
	root, site syntax.Ref
	query      uint64 // all places that the query was written at: two queries may end in one place
	path       string
	kind       EffectKind
	entry      string
}

// Analyze indexes the project and evaluates it. A cancelled context gives a result marked truncated.
func Analyze(ctx context.Context, p *project.Project, frameworks []Framework) *Result {
	return analyze(ctx, p, frameworks, nil)
}

func analyze(ctx context.Context, p *project.Project, frameworks []Framework, before *earlier) *Result {
	ix := NewIndex(p)
	for _, fw := range frameworks {
		fw.Index(ix)
	}
	in := &Interp{
		Index: ix, Frameworks: frameworks, Result: &Result{Index: ix, Frameworks: frameworks, entries: map[entryKey]*unit{}}, units: map[unitKey]*unit{},
		memo: map[memoKey]*summary{}, busy: map[memoKey]bool{}, seen: map[loadKey]int{}, depends: map[dependKey]depended{}, varying: map[variesKey]bool{}, roots: map[*Root]bool{}, callers: map[*Method]int{}, ctx: ctx,
	}
	if before != nil {
		in.before, in.only = before.Result, before.touching(before.focus)
	}
	for _, fw := range frameworks {
		if t, ok := fw.(Typer); ok {
			in.typers = append(in.typers, t)
		}
	}
	for _, fw := range frameworks {
		fw.Entries(in)
	}
	in.everyFunction()
	r := in.Result
	r.Callers = in.callers
	r.Truncated = in.steps > totalQuota || ctx.Err() != nil
	for root := range in.roots {
		if !root.superseded && !root.symbolic() && len(root.Sites) > 0 {
			r.Queries = append(r.Queries, root)
		}
	}
	if before != nil {
		r.merge(before)
	}
	sort.SliceStable(r.Queries, func(i, j int) bool {
		a, b := r.Queries[i], r.Queries[j]
		if less(a.Site(), b.Site()) || less(b.Site(), a.Site()) {
			return less(a.Site(), b.Site())
		}
		return a.order() < b.order() // one place may stand for several queries
	})
	sort.SliceStable(r.Loads, func(i, j int) bool {
		a, b := r.Loads[i], r.Loads[j]
		if a.primary() != b.primary() {
			return less(a.primary(), b.primary())
		}
		if a.Path != b.Path {
			return a.Path < b.Path
		}
		return less(a.Site, b.Site)
	})
	return r
}

// order tells apart queries of one place, the same in every run.
func (r *Root) order() string {
	s := fmt.Sprintf("%s\x00%s\x00%s\x00%v\x00%v\x00%v", r, r.Entry, r.Terminal, r.Paged, r.Orders, r.Joins)
	for _, f := range r.Filters {
		s += fmt.Sprintf("\x00%s %s %s %d", f.Column, f.Op, f.Func, f.Site.Node.Start())
	}
	return s
}

func (l Load) primary() Site {
	if l.Root != nil && len(l.Root.Sites) > 0 {
		return l.Root.Sites[0]
	}
	return l.Site
}

func less(a, b Site) bool {
	if a.File == nil || b.File == nil {
		return b.File != nil
	}
	if a.File.Path != b.File.Path {
		return a.File.Path < b.File.Path
	}
	if a.Node.Start() != b.Node.Start() {
		return a.Node.Start() < b.Node.Start()
	}
	return a.Node.End() < b.Node.End()
}

// everyFunction evaluates each function on its own, so that what happens inside one function is seen
// even where nobody is known to call it.
func (in *Interp) everyFunction() {
	var all []*Method
	seen := map[*Method]bool{}
	add := func(m *Method) {
		if !seen[m] {
			seen[m] = true
			all = append(all, m)
		}
	}
	for _, list := range in.Index.Classes {
		for _, c := range list {
			for _, m := range c.Methods {
				add(m)
			}
			for _, m := range c.Static {
				add(m)
			}
			for _, same := range c.Overloads {
				for _, m := range same {
					add(m)
				}
			}
			if c.Model != nil {
				for _, s := range c.Model.Scopes {
					add(s)
				}
			}
		}
	}
	for _, list := range in.Index.Functions {
		for _, m := range list {
			add(m)
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].File.Path != all[j].File.Path {
			return all[i].File.Path < all[j].File.Path
		}
		return all[i].Node.Start() < all[j].Node.Start()
	})
	for _, m := range all {
		in.enter("", m.File, m.Node.ID, func() {
			self := in.SelfOf(m)
			in.Invoke(m, self, &Call{Node: m.Node, Name: m.Name})
		})
	}
	// Statements outside of functions: scripts, rake tasks, module level code.
	for _, f := range in.Index.Project.Files {
		if f.Tree == nil {
			continue
		}
		switch f.Role {
		case project.App, project.Script, project.Seed:
			in.Entry("", f, func() { in.Eval(f.Tree.Root()) })
		}
	}
}

// SelfOf returns what self is inside a method.
func (in *Interp) SelfOf(m *Method) Value {
	c := m.Class
	if c == nil {
		return Value{}
	}
	if m.Static {
		return Value{Kind: ClassRef, Class: c, Model: c.Model}
	}
	if c.Model != nil {
		if m.Node.Kind() == syntax.Lambda {
			return Value{Kind: ClassRef, Class: c, Model: c.Model}
		}
		return Value{Kind: Record, Model: c.Model, Root: &Root{Kind: ParamRoot, Param: -2, Model: c.Model}, unsaved: true}
	}
	return Value{Kind: Object, Class: c, Fields: map[string]Value{}}
}

func (in *Interp) addLoad(e Effect) {
	if e.Root != nil && (e.Kind == LoadRelation || e.Cached) && in.Index.Covers(e.Root, e.Path) {
		return
	}
	if e.Root != nil && e.Root.Limit > 0 && e.Root.Limit <= 3 && (e.Loop == nil || e.Loop.Over.Path == "") {
		return
	}
	if e.Root != nil && e.Kind == LoadRelation && len(e.Root.Sites) == 0 {
		return
	}
	if e.Kind == LoadRelation && e.Root != nil && oneRow(e.Root) && e.Root.born == nil && in.Index.manyStep(e.Root, e.Path, false).name == "" {
		return // one row of a query for one row: it is read once
	}
	l := Load{Effect: e, Entry: in.entry}
	key := loadKey{site: e.Site.Node, path: e.Path, kind: e.Kind, entry: ""}
	if e.Root != nil && len(e.Root.Sites) > 0 {
		key.root = e.Root.Sites[0].Node
		key.query = e.Root.writtenAt()
	}
	if e.Root == nil && e.Loop != nil {
		key.root = e.Loop.Site.Node
	}
	i, known := in.seen[key]
	if !known {
		l.Over = in.Index.CollectionOf(e)
		i = len(in.Result.Loads)
		in.seen[key] = i
		in.Result.Loads = append(in.Result.Loads, l)
	} else {
		in.met(i)
	}
	if fr := in.frame; len(fr.loads) < maxEffects {
		fr.loads = append(fr.loads, i)
	}
}

// met notes that a load which is known was reached from the entry at hand as well: a function is
// evaluated once, but several entries may call it. The most frequent one names the load.
func (in *Interp) met(i int) {
	l := &in.Result.Loads[i]
	if in.entry == "" || in.entry == l.Entry {
		return
	}
	if l.Entry == "" {
		l.Entry = in.entry
		return
	}
	if !contains(l.Entries, in.entry) && len(l.Entries) < maxEntries {
		l.Entries = append(l.Entries, in.entry)
	}
	was, _ := in.Result.EntryOf(l.Entry)
	now, ok := in.Result.EntryOf(in.entry)
	if ok && now.Class != EntryUnknown && (was.Class == EntryUnknown || now.Class < was.Class) {
		for j, other := range l.Entries {
			if other == in.entry {
				l.Entries[j] = l.Entry
			}
		}
		l.Entry = in.entry
	}
}

// maxEntries is how many entries a load names.
const maxEntries = 8

// AddEntry records an entry point for the report.
func (in *Interp) AddEntry(e EntryPoint) {
	Classify(&e)
	r := in.Result
	if r.byName == nil {
		r.byName = map[string]int{}
	}
	if _, known := r.byName[e.Name]; !known {
		r.byName[e.Name] = len(r.Entries)
	}
	in.Result.Entries = append(in.Result.Entries, e)
}

// String describes a root for debugging and golden tests.
func (r *Root) String() string {
	if r == nil {
		return "-"
	}
	name := "?"
	if r.Model != nil {
		name = r.Model.Name
	}
	eager := make([]string, 0, len(r.Eager))
	for k := range r.Eager {
		eager = append(eager, k)
	}
	sort.Strings(eager)
	return fmt.Sprintf("%s%v limit=%d single=%v", name, eager, r.Limit, r.Single)
}
