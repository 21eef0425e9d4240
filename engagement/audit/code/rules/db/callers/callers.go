// Package callers tells who calls a function of a project, by name.
//
// It is meant for questions of the kind "does one of the callers hold a lock", whose answer only makes a
// finding weaker: where a name is defined once every call by that name counts, where it is defined
// more often the call must resolve to the function. Names that many calls bear answer nothing.
package callers

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// index holds the calls and the definitions of the project's functions by name.
type index struct {
	calls   map[string][]flow.Site
	defined map[string]int
}

type key struct{}

// maxCallers bounds the callers that are looked at; more have a name that many things bear.
const maxCallers = 30

func of(p *project.Project) *index {
	return p.Derive(key{}, func() any {
		ix := &index{map[string][]flow.Site{}, map[string]int{}}
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App && f.Role != project.Script {
				continue
			}
			for n := range f.Tree.Root().Descendants(syntax.Func) {
				ix.defined[n.Str()]++
			}
		}
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App && f.Role != project.Script {
				continue
			}
			for n := range f.Tree.Root().Descendants(syntax.Call) {
				if ix.defined[n.Str()] > 0 {
					ix.calls[n.Str()] = append(ix.calls[n.Str()], flow.Site{File: f, Node: n})
				}
			}
		}
		return ix
	}).(*index)
}

// Any reports whether a condition holds for a function that calls fn, directly or over at most depth
// calls. It is asked for each caller once: with the file and the node of its call.
func Any(p *rule.Pass, fn syntax.Ref, depth int, holds func(*project.File, syntax.Ref) bool) bool {
	return of(p.Project).any(p, fn, depth, holds, map[syntax.Ref]bool{})
}

func (ix *index) any(p *rule.Pass, fn syntax.Ref, depth int, holds func(*project.File, syntax.Ref) bool, seen map[syntax.Ref]bool) bool {
	sites := ix.calls[fn.Str()]
	if depth == 0 || fn.Str() == "" || len(sites) > maxCallers || seen[fn] {
		return false
	}
	seen[fn] = true
	for _, s := range sites {
		caller := s.Node.Enclosing(syntax.Func)
		if !caller.Ok() || caller == fn || caller.T == fn.T && s.Node.Inside(fn) {
			continue
		}
		if ix.defined[fn.Str()] > 1 && !same(p, s, fn) && s.File.Lang != "java" { // Java: an interface and what implements it
			continue
		}
		if holds(s.File, s.Node) || ix.any(p, caller, depth-1, holds, seen) {
			return true
		}
	}
	return false
}

// same reports whether a call runs the function.
func same(p *rule.Pass, s flow.Site, fn syntax.Ref) bool {
	if p.Flow == nil || p.Flow.Index == nil {
		return false
	}
	m := txn.Resolve(p.Flow.Index, s.File, s.Node)
	return m != nil && m.Node == fn
}
