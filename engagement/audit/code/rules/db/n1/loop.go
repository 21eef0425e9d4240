package n1

import (
	"sort"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// work is one loop with everything that its turns send.
type work struct {
	loop  *flow.Loop // nil where a framework walks the rows
	file  *project.File
	node  syntax.Ref // the loop, else the place of the first load
	loads []flow.Load
	over  flow.Collection
	root  *flow.Root // the query of the rows, where the caller knows it
}

// loops gathers the statements that run once per turn, by loop, in the order of files and lines.
func (x *facts) loops() []*work {
	byNode := map[syntax.Ref]*work{}
	var out []*work
	seen := map[[2]syntax.Ref]bool{}
	for _, l := range x.flow.Loads {
		if l.Kind == flow.LoadRelation || Quiet(l.Site.File) || l.Loop != nil && Quiet(l.Loop.Site.File) {
			continue
		}
		at := l.Site
		if l.Loop != nil {
			at = l.Loop.Site
		}
		if seen[[2]syntax.Ref{at.Node, l.Site.Node}] || inCatch(l) || nextPage(l) {
			continue
		}
		seen[[2]syntax.Ref{at.Node, l.Site.Node}] = true
		w := byNode[at.Node]
		if w == nil {
			w = &work{loop: l.Loop, file: at.File, node: at.Node, over: over(l)}
			byNode[at.Node] = w
			out = append(out, w)
		}
		w.loads = append(w.loads, l)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].file.Path != out[j].file.Path {
			return out[i].file.Path < out[j].file.Path
		}
		return out[i].node.Start() < out[j].node.Start()
	})
	return out
}

// step is the place inside the loop from which a load is reached: the call in its body, or the load.
func (w *work) step(l flow.Load) flow.Site {
	for _, t := range l.Trace {
		if t.Node.Inside(w.node) && t.Node != w.node {
			return t
		}
	}
	return l.Site
}

// path returns the places from the loop's body down to the load, outermost first.
func (w *work) path(l flow.Load) []flow.Site {
	var out []flow.Site
	for _, t := range l.Trace {
		if len(out) > 0 || t.Node.Inside(w.node) && t.Node != w.node {
			out = append(out, t)
		}
	}
	return append(out, l.Site)
}

// arm is one way through a branch.
type arm struct {
	branch syntax.Ref
	way    syntax.Ref // the child of the branch that is taken
}

// arms lists the branches between the loop and a load with the way that leads to it, outermost first.
func (w *work) arms(l flow.Load) []arm {
	var out []arm
	for _, s := range w.path(l) {
		var here []arm
		for n, up := s.Node, s.Node.Parent(); up.Ok() && n != w.node && !up.Is(syntax.Func); n, up = up, up.Parent() {
			switch {
			case up.Kind() == syntax.If && (n.Role() == syntax.Body || n.Role() == syntax.Else), up.Kind() == syntax.Switch && n.Kind() == syntax.Case:
				here = append(here, arm{up, n})
			}
		}
		for i := len(here) - 1; i >= 0; i-- {
			out = append(out, here[i])
		}
	}
	return out
}

// optional reports whether a turn may go without the load.
func (w *work) optional(l flow.Load) bool {
	return l.Conditional || l.Guarded || len(w.arms(l)) > 0
}

// perTurn counts the statements of one turn: of the ways through a branch the dearest counts.
func (w *work) perTurn(loads []flow.Load) int {
	ways := make([]way, len(loads))
	for i, l := range loads {
		ways[i] = way{w.arms(l), 1}
	}
	return int(dearest(ways, 0))
}

// way is how a load is reached, and how many statements it stands for.
type way struct {
	arms   []arm
	weight float64
}

// dearest adds up what can happen together: of the arms of a branch only one is taken.
func dearest(ways []way, depth int) float64 {
	n := 0.0
	branches := map[syntax.Ref]map[syntax.Ref][]way{}
	for _, x := range ways {
		if len(x.arms) <= depth {
			n += x.weight
			continue
		}
		a := x.arms[depth]
		if branches[a.branch] == nil {
			branches[a.branch] = map[syntax.Ref][]way{}
		}
		branches[a.branch][a.way] = append(branches[a.branch][a.way], x)
	}
	for _, arms := range branches {
		most := 0.0
		for _, list := range arms {
			most = max(most, dearest(list, depth+1))
		}
		n += most
	}
	return n
}

// inCatch reports whether a load stands in a handler of errors, at any call on the way to it.
func inCatch(l flow.Load) bool {
	sites := append(l.Trace[:len(l.Trace):len(l.Trace)], l.Site)
	for _, s := range sites {
		for n := s.Node; n.Ok() && !n.Is(syntax.Func); n = n.Parent() {
			if n.Kind() == syntax.Catch {
				return true
			}
			if l.Loop != nil && n == l.Loop.Site.Node {
				break
			}
		}
	}
	return false
}

// nextPage reports whether a load asks for a whole page of its own: its filter, order and count can not
// be merged with those of the other turns.
func nextPage(l flow.Load) bool {
	return l.Query != nil && l.Query.Paged && !l.Query.Single && l.Kind != flow.Write
}

// invariant reports whether a load asks the same on each turn: the engine says so, or the call in the
// loop's body reads nothing that a turn changes.
func (w *work) invariant(l flow.Load) bool {
	if l.Invariant {
		return true
	}
	if w.loop == nil || w.loop.Repeat {
		return false
	}
	step := w.step(l)
	if step.Node == w.node || !step.Node.Inside(w.node) || !step.Node.Is(syntax.Call) || !step.Node.Child(syntax.Arg).Ok() {
		return false
	}
	changing := w.changing()
	if changing == nil {
		return false
	}
	same := true
	step.Node.Walk(func(n syntax.Ref) bool {
		switch n.Kind() {
		case syntax.Name, syntax.Call:
			same = same && (n == step.Node || !changing[n.Str()])
		case syntax.Self:
			same = same && !changing["self"]
		case syntax.Lambda:
			same = false
		}
		return same
	})
	return same
}

// changing are the names that a turn gives a value: the loop's variables and what its body assigns. It
// returns nil where the loop has no variable, so that nothing can be said.
func (w *work) changing() map[string]bool {
	names := map[string]bool{}
	target := func(t syntax.Ref) {
		for n := range t.Descendants(syntax.Name, syntax.Param, syntax.Self) {
			if n.Kind() == syntax.Self { // a field of the object is set
				names["self"] = true
				continue
			}
			names[n.Str()] = true
		}
	}
	for t := range w.node.All(syntax.Target) {
		target(t)
	}
	if w.node.Kind() == syntax.Call {
		for p := range w.node.Block().All(syntax.ParamRole) {
			target(p)
		}
	}
	if len(names) == 0 {
		return nil
	}
	for a := range w.node.Descendants(syntax.Assign) {
		for t := range a.All(syntax.Target) {
			target(t)
		}
	}
	for f := range w.node.Descendants(syntax.For) {
		for t := range f.All(syntax.Target) {
			target(t)
		}
	}
	for f := range w.node.Descendants(syntax.Lambda) {
		for t := range f.All(syntax.ParamRole) {
			target(t)
		}
	}
	return names
}

// keyed reports whether a loop over keys asks for the row of each in its own body: what is walked is data,
// whatever its type.
func (w *work) keyed(loads []flow.Load) bool {
	for _, l := range loads {
		if l.Kind != flow.RunQuery || l.Query == nil || !l.Query.Single || len(l.Query.Filters) == 0 || w.step(l).Node != l.Site.Node {
			return false
		}
		for _, f := range l.Query.Filters {
			if f.Op != "=" {
				return false
			}
		}
	}
	return true
}

// body is what one turn evaluates.
func (w *work) body() syntax.Ref {
	switch w.node.Kind() {
	case syntax.Call:
		return w.node.Block().Child(syntax.Body)
	case syntax.For, syntax.While:
		return w.node.Child(syntax.Body)
	}
	return syntax.Ref{}
}
