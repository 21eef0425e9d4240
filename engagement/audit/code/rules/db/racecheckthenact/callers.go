package racecheckthenact

import (
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/txn"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

type callersKey struct{}

// names are the calls and the definitions of a project by name.
type names struct {
	calls   map[string][]flow.Site
	defined map[string]int
}

// maxCallers bounds the callers that are looked at; more have a name that many things bear.
const maxCallers = 30

// lockedBefore reports whether a caller of a function, or a caller of that, holds a lock when it calls:
// the row is locked where it was read, and the function is written for that.
func lockedBefore(p *rule.Pass, fn syntax.Ref) bool {
	all := p.Derive(callersKey{}, func() any {
		n := names{map[string][]flow.Site{}, map[string]int{}}
		for _, f := range p.Files {
			if f.Tree == nil || f.Role != project.App || f.Lang != "python" && f.Lang != "ruby" {
				continue
			}
			for c := range f.Tree.Root().Descendants(syntax.Call, syntax.Func) {
				if c.Kind() == syntax.Func {
					n.defined[c.Str()]++
				} else {
					n.calls[c.Str()] = append(n.calls[c.Str()], flow.Site{File: f, Node: c})
				}
			}
		}
		return n
	}).(names)
	return all.locked(p, fn, 2)
}

func (n names) locked(p *rule.Pass, fn syntax.Ref, depth int) bool {
	sites := n.calls[fn.Str()]
	if depth == 0 || fn.Str() == "" || len(sites) > maxCallers {
		return false
	}
	for _, s := range sites {
		caller := s.Node.Enclosing(syntax.Func)
		if !caller.Ok() || caller == fn {
			continue
		}
		if n.defined[fn.Str()] > 1 {
			if p.Flow == nil || p.Flow.Index == nil {
				continue
			}
			if m := txn.Resolve(p.Flow.Index, s.File, s.Node); m == nil || m.Node != fn {
				continue
			}
		}
		if locks(caller) || n.locked(p, caller, depth-1) {
			return true
		}
	}
	return false
}
