package flow

import (
	"context"
	"slices"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// unit is a piece of code that is evaluated as one: a function, a template, the statements of a file, an
// entry point.
type unit struct {
	file  *project.File
	node  syntax.NodeID // the function; 0 for a whole file
	calls []*unit
	known map[*unit]bool // calls as a set; nil while they are few
}

type unitKey struct {
	file *project.File
	node syntax.NodeID // the function; 0 for a whole file
}

// entryKey names an entry point across two analyses of nearly the same project.
type entryKey struct {
	name, path string
	node       syntax.NodeID // of functions that are evaluated on their own, which have no name; else 0
}

// call notes that evaluating u evaluates v.
func (u *unit) call(v *unit) {
	const few = 8
	switch {
	case u == nil || u == v || u.known[v]:
		return
	case u.known == nil:
		for _, c := range u.calls {
			if c == v {
				return
			}
		}
		if len(u.calls) == few {
			u.known = make(map[*unit]bool, 4*few)
			for _, c := range u.calls {
				u.known[c] = true
			}
		}
	}
	if u.known != nil {
		u.known[v] = true
	}
	u.calls = append(u.calls, v)
}

// reach notes that the code at hand evaluates a function of a file, or the file itself.
func (in *Interp) reach(f *project.File, n syntax.Ref) *unit {
	key := unitKey{file: f}
	if n.Ok() {
		key.node = n.ID
	}
	u := in.units[key]
	if u == nil {
		u = &unit{file: f, node: key.node}
		in.units[key] = u
	}
	if in.frame != nil {
		in.frame.unit.call(u)
	}
	return u
}

// begin notes an entry point. It reports false for one that need not be evaluated.
func (in *Interp) begin(key entryKey, f *project.File) (*unit, bool) {
	if in.only != nil {
		if _, known := in.before.entries[key]; known && !in.only[key] {
			return nil, false
		}
	}
	u := in.Result.entries[key]
	if u == nil {
		u = &unit{file: f}
		if key.node != 0 {
			u.file = nil // it does nothing but call the function, which is a unit of its own
		}
		in.Result.entries[key] = u
	}
	return u, true
}

// Focus names the code that is asked about: the lines of each file, in the files as they were analyzed
// first. A file without lines is meant as a whole.
type Focus map[string][]Lines

// Lines are the lines from one to another, both counted in.
type Lines struct{ From, To int }

// Add puts lines of a file into the focus.
func (f Focus) Add(path string, from, to int) { f[path] = append(f[path], Lines{from, max(from, to)}) }

// holds reports whether the code of a unit is asked about.
func (f Focus) holds(u *unit) bool {
	if u.file == nil {
		return false
	}
	spans, ok := f[u.file.Path]
	if !ok || len(spans) == 0 || u.node == 0 {
		return ok
	}
	n := u.file.Tree.At(u.node)
	from, to := n.Line(), n.EndLine()
	for _, s := range spans {
		if s.From <= to && from <= s.To {
			return true
		}
	}
	return false
}

// touching returns the entry points from which code in the focus is evaluated.
func (r *Result) touching(focus Focus) map[entryKey]bool {
	callers := map[*unit][]*unit{}
	seen := map[*unit]bool{}
	var next []*unit
	var visit func(u *unit)
	visit = func(u *unit) {
		seen[u] = true
		if focus.holds(u) {
			next = append(next, u)
		}
		for _, c := range u.calls {
			callers[c] = append(callers[c], u)
			if !seen[c] {
				visit(c)
			}
		}
	}
	for _, u := range r.entries {
		if !seen[u] {
			visit(u)
		}
	}
	reached := map[*unit]bool{}
	for len(next) > 0 {
		u := next[len(next)-1]
		next = next[:len(next)-1]
		if reached[u] {
			continue
		}
		reached[u] = true
		next = append(next, callers[u]...)
	}
	out := map[entryKey]bool{}
	for key, u := range r.entries {
		if reached[u] {
			out[key] = true
		}
	}
	return out
}

// Again analyzes a project that differs from one analyzed before in a few files, for whoever asks about
// some lines only. The focus must name the lines that differ, and all files in which some do are given as
// changed. What has a place in the focus is found as Analyze finds it: every entry point from which the
// functions around it are reached is evaluated, and every one that was not there before. All else is taken
// over from the earlier result, with the classes and models of that.
func Again(ctx context.Context, p *project.Project, frameworks []Framework, before *Result, focus Focus, changed map[string]bool) *Result {
	return analyze(ctx, p, frameworks, &earlier{Result: before, focus: focus, changed: changed})
}

// earlier is what an analysis builds on.
type earlier struct {
	*Result
	focus   Focus
	changed map[string]bool
}

// within reports whether a place lies in the focus or in a file that changed.
func (e *earlier) within(s Site) bool {
	if s.File == nil {
		return false
	}
	if e.changed[s.File.Path] {
		return true
	}
	spans, ok := e.focus[s.File.Path]
	if !ok || len(spans) == 0 {
		return ok
	}
	fn := s.Node
	if !fn.Is(syntax.Func) {
		fn = fn.Enclosing(syntax.Func)
	}
	for ; fn.Ok(); fn = fn.Enclosing(syntax.Func) {
		from, to := fn.Line(), fn.EndLine()
		for _, l := range spans {
			if l.From <= to && from <= l.To {
				return true
			}
		}
	}
	line := s.Node.Line()
	for _, l := range spans {
		if l.From <= line && line <= l.To {
			return true
		}
	}
	return false
}

// merge keeps of the new facts those within the focus, and takes all others over.
func (r *Result) merge(e *earlier) {
	queries, loads := r.Queries, r.Loads
	r.Queries, r.Loads = nil, nil
	for _, q := range queries {
		if e.asks(q) {
			r.Queries = append(r.Queries, q)
		}
	}
	for _, q := range e.Queries {
		if !e.asks(q) {
			r.Queries = append(r.Queries, q)
		}
	}
	for i := range loads {
		if e.meets(&loads[i]) {
			r.Loads = append(r.Loads, loads[i])
		}
	}
	for i := range e.Loads {
		if !e.meets(&e.Loads[i]) {
			r.Loads = append(r.Loads, e.Loads[i])
		}
	}
}

func (e *earlier) asks(r *Root) bool { return r != nil && slices.ContainsFunc(r.Sites, e.within) }

func (e *earlier) meets(l *Load) bool {
	return e.within(l.Site) || e.asks(l.Root) || e.asks(l.Query) || l.Loop != nil && e.within(l.Loop.Site) || slices.ContainsFunc(l.Trace, e.within)
}
