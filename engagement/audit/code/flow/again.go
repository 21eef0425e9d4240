package flow

import (
	"context"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// unit is a piece of code that is evaluated as one: a function, a template, the statements of a file, an
// entry point.
type unit struct {
	file  *project.File
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
		u = &unit{file: f}
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
		in.Result.entries[key] = u
	}
	return u, true
}

// touching returns the entry points from which code in one of the files is evaluated.
func (r *Result) touching(paths map[string]bool) map[entryKey]bool {
	callers := map[*unit][]*unit{}
	seen := map[*unit]bool{}
	var next []*unit
	var visit func(u *unit)
	visit = func(u *unit) {
		seen[u] = true
		if u.file != nil && paths[u.file.Path] {
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
// the code in some paths only, which must name the files that differ. What has a place in one of them is
// found as Analyze finds it: every entry point from which they were reached is evaluated, and every one
// that was not there before. All else is taken over from the earlier result, with the classes and models
// of that.
func Again(ctx context.Context, p *project.Project, frameworks []Framework, before *Result, paths map[string]bool) *Result {
	return analyze(ctx, p, frameworks, before, paths)
}

// merge puts what lies in other files than the paths aside and takes the facts of an earlier result over
// for those.
func (r *Result) merge(before *Result, paths map[string]bool) {
	queries, loads := r.Queries, r.Loads
	r.Queries, r.Loads = nil, nil
	for _, q := range queries {
		if q.within(paths) {
			r.Queries = append(r.Queries, q)
		}
	}
	for _, q := range before.Queries {
		if !q.within(paths) {
			r.Queries = append(r.Queries, q)
		}
	}
	for _, l := range loads {
		if l.within(paths) {
			r.Loads = append(r.Loads, l)
		}
	}
	for _, l := range before.Loads {
		if !l.within(paths) {
			r.Loads = append(r.Loads, l)
		}
	}
}

func (s Site) within(paths map[string]bool) bool { return s.File != nil && paths[s.File.Path] }

func (r *Root) within(paths map[string]bool) bool {
	if r == nil {
		return false
	}
	for _, s := range r.Sites {
		if s.within(paths) {
			return true
		}
	}
	return false
}

func (l *Load) within(paths map[string]bool) bool {
	if l.Site.within(paths) || l.Root.within(paths) || l.Query.within(paths) || l.Loop != nil && l.Loop.Site.within(paths) {
		return true
	}
	for _, s := range l.Trace {
		if s.within(paths) {
			return true
		}
	}
	return false
}
