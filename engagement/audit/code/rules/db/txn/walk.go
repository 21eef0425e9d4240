package txn

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Hit is a call inside a transaction that does what was looked for.
type Hit struct {
	Call  syntax.Ref // the call in the region's own code
	File  *project.File
	Inner syntax.Ref // the call that does it: Call itself, or one in a function of the project
	At    *project.File
	What  string // as a claim names it
}

// maxHops is how many functions of the project a search follows.
const maxHops = 2

// later are calls whose function argument runs behind the commit, or in another transaction's time.
var later = map[string]bool{
	"on_commit": true, "after_commit": true, "afterCommit": true, "after_transaction": true, "run_after_commit": true, "add_after_commit": true, "onCommit": true, "after_commit_everywhere": true,
	"registerSynchronization": true, "runAfterCommit": true, "addAfterCommitHook": true, "hook": true, "setTimeout": true, "setImmediate": true, "queueMicrotask": true, "delay_on_commit": true, "run_after_commit_or_now": true,
	"afterTransaction": true, "defer": true, "waitUntil": true, "after": true, "performAfterCommit": true,
}

// Search looks for calls that do something inside a region. does says what a call does, "" for
// nothing; it is given the file that the call stands in.
func Search(ix *flow.Index, r Region, does func(*project.File, syntax.Ref) string) []Hit {
	s := &search{ix: ix, does: does, seen: map[syntax.Ref]bool{}}
	var out []Hit
	s.walk(r.File, r.Body, r.From, r.To, func(c syntax.Ref) {
		if inner, at, what := s.look(r.File, c, r.Handle, 0); what != "" {
			out = append(out, Hit{Call: c, File: r.File, Inner: inner, At: at, What: what})
		}
	})
	return out
}

type search struct {
	ix   *flow.Index
	does func(*project.File, syntax.Ref) string
	seen map[syntax.Ref]bool
}

// walk visits the calls below a node that run when it runs.
func (s *search) walk(f *project.File, n syntax.Ref, from, to uint32, visit func(syntax.Ref)) {
	n.Walk(func(c syntax.Ref) bool {
		if to > 0 && (c.End() <= from || c.Start() >= to) {
			return false
		}
		switch c.Kind() {
		case syntax.Func, syntax.Class, syntax.Go, syntax.Defer:
			return false
		case syntax.Catch: // a failure is handled when the transaction is over or lost
			return false
		case syntax.Call:
			if later[c.Str()] {
				return false
			}
			if to == 0 || c.Start() >= from {
				visit(c)
			}
		}
		return true
	})
}

// look says what a call does, itself or in the functions of the project that it runs.
func (s *search) look(f *project.File, c syntax.Ref, handle string, depth int) (syntax.Ref, *project.File, string) {
	if Passes(c, handle) { // the transaction is handed on: what happens takes part in it
		return syntax.Ref{}, nil, ""
	}
	if what := s.does(f, c); what != "" {
		return c, f, what
	}
	if depth >= maxHops {
		return syntax.Ref{}, nil, ""
	}
	m := Resolve(s.ix, f, c)
	if m == nil || s.seen[m.Node] {
		return syntax.Ref{}, nil, ""
	}
	s.seen[m.Node] = true
	defer delete(s.seen, m.Node)
	var inner syntax.Ref
	var at *project.File
	var what string
	s.walk(m.File, m.Node.Child(syntax.Body), 0, 0, func(x syntax.Ref) {
		if what == "" && !optional(x, m.Node) {
			inner, at, what = s.look(m.File, x, "", depth+1)
		}
	})
	return inner, at, what
}

// optional reports whether a call in a function stands below a condition: it may not run.
func optional(x, fn syntax.Ref) bool {
	for n := x.Parent(); n.Ok() && n != fn; n = n.Parent() {
		if n.Is(syntax.If, syntax.Switch) && x.Role() != syntax.Cond {
			return true
		}
	}
	return false
}

// Passes reports whether a call is made on, or given, the transaction's own variable.
func Passes(c syntax.Ref, handle string) bool {
	if handle == "" {
		return false
	}
	for r := c.Receiver(); r.Ok(); r = r.Receiver() {
		if r.Kind() == syntax.Name && r.Str() == handle {
			return true
		}
	}
	for _, a := range c.Args() {
		for n := range a.Descendants(syntax.Name) {
			if n.Str() == handle {
				return true
			}
		}
		if a.Kind() == syntax.Lambda {
			break
		}
	}
	return false
}

// Resolve finds the function of the project that a call runs: a method of the same object, of a
// declared field, or a function by name. It returns nil when that can not be told.
func Resolve(ix *flow.Index, f *project.File, c syntax.Ref) *flow.Method {
	if c.Has(syntax.FlagNew) {
		return nil
	}
	r := c.Receiver()
	class := ix.Class(c.Enclosing(syntax.Class).Str(), f)
	switch {
	case r.Kind() == syntax.Self:
		return ix.LookupMethod(class, c.Str(), false)
	case r.Is(syntax.Member) && r.Receiver().Kind() == syntax.Self && class != nil: // this.mailer.send()
		if field, ok := class.Fields[r.Str()]; ok {
			if t := ix.Class(strings.TrimSuffix(field.Child(syntax.TypeRole).Str(), "?"), f); t != nil && len(t.Methods) > 0 {
				return ix.LookupMethod(t, c.Str(), false)
			}
		}
	case f.Lang == "ruby" && r.Kind() == syntax.Call && r.Str() == "new" && r.Receiver().Kind() == syntax.Name: // PaymentGateway.new.charge
		if t := ix.Class(r.Receiver().Str(), f); t != nil {
			return ix.LookupMethod(t, c.Str(), false)
		}
	case f.Lang == "go" && r.Kind() == syntax.Name && receiverType(c.Enclosing(syntax.Func), r.Str()) != "": // o.deliver() in a method of o
		if t := ix.Class(receiverType(c.Enclosing(syntax.Func), r.Str()), f); t != nil && path.Dir(t.File.Path) == path.Dir(f.Path) {
			return ix.LookupMethod(t, c.Str(), false)
		}
	case r.Kind() == syntax.Name:
		if t := ix.Class(r.Str(), f); t != nil && t.Name == r.Str() && r.Str()[0] >= 'A' && r.Str()[0] <= 'Z' {
			return ix.LookupMethod(t, c.Str(), true)
		}
	case !r.Ok():
		if class != nil && f.Lang == "ruby" {
			if m := ix.LookupMethod(class, c.Str(), false); m != nil {
				return m
			}
		}
		if f.Lang == "ruby" {
			return nil
		}
		list := ix.Functions[c.Str()]
		for _, m := range list {
			if m.File == f {
				return m
			}
		}
		if module, _ := ix.Imported(f, c.Str()); len(list) == 1 && (module != "" || f.Lang == "go") && list[0].File.Lang == f.Lang {
			return list[0]
		}
	}
	return nil
}

// receiverType is the type that a Go method belongs to, when its receiver has the name.
func receiverType(fn syntax.Ref, name string) string {
	for p := range fn.All(syntax.ParamRole) {
		if p.Has(syntax.FlagReceiver) && p.Str() == name {
			t, _, _ := strings.Cut(strings.TrimLeft(p.Child(syntax.TypeRole).Str(), "*"), "[")
			return t
		}
	}
	return ""
}
