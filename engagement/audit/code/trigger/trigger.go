// Package trigger tells what starts a piece of code: a request, a job, a schedule, the start of the
// process, or a person at a terminal. Who waits decides how much a blocked or leaking call is worth.
//
// It looks at the entry points that the flow found, at the conventions of frameworks (folders,
// decorators, annotations) and at callers by name, a few steps up. A name that several functions
// bear is not followed: the answer is then [Unknown], which rules treat as the worse case.
package trigger

import (
	"go/token"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Kind is what starts the code.
type Kind uint8

// Kinds, the least urgent first.
const (
	Unknown  Kind = iota
	Command       // a person who can stop it: command lines, scripts, builds
	Boot          // once in the life of a process, or of an installation
	Schedule      // a timer of the process's own
	Job           // a worker of a queue
	Request       // somebody waits for the answer
)

// Minor reports whether nobody but the one who started it, or nobody at all, waits for the code.
func (k Kind) Minor() bool { return k == Command || k == Boot }

const (
	maxDepth = 4 // steps up the callers
	maxNamed = 2 // functions of one name that callers are still told apart by
)

// Of tells what starts the code at a node. entries may be nil.
func Of(p *project.Project, entries []flow.EntryPoint, f *project.File, n syntax.Ref) Kind {
	s := search{p: p, entries: entries, seen: map[syntax.Ref]bool{}}
	k, _ := s.of(f, n, 0)
	return k
}

// search walks up the callers; seen keeps it from running in circles.
type search struct {
	p       *project.Project
	entries []flow.EntryPoint
	seen    map[syntax.Ref]bool
}

// of returns the most urgent kind; open says that some way up was not understood.
func (s *search) of(f *project.File, n syntax.Ref, depth int) (kind Kind, open bool) {
	for _, e := range s.entries {
		if e.Site.File == f && e.Site.Node.Ok() && n.Inside(e.Site.Node) {
			switch e.Kind {
			case "request":
				return Request, false
			case "job", "mail":
				return Job, false
			case "task":
				return Command, false
			}
		}
	}
	if k := byPath(s.p, f); k == Command {
		return k, false
	}
	fn, name := function(n)
	if k := convention(f, fn); k != Unknown {
		return k, false
	}
	if !fn.Ok() || name == "" {
		if k := byPath(s.p, f); k != Unknown {
			return k, false
		}
		return Unknown, true
	}
	if s.seen[fn] {
		return Unknown, false
	}
	s.seen[fn] = true
	k, understood := Unknown, false
	if depth < maxDepth && s.named(f, name) <= maxNamed {
		for _, r := range s.mentions(f, name, fn) {
			ck, copen := Schedule, false
			if !scheduled(r.node) {
				ck, copen = s.of(r.file, r.node, depth+1)
			}
			understood = true
			k, open = max(k, ck), open || copen
		}
	}
	if !understood || k == Unknown {
		if k := byPath(s.p, f); k != Unknown {
			return k, false
		}
		return Unknown, true
	}
	if open && k < Job {
		return Unknown, true // something else may start it as well
	}
	return k, open
}

// function returns the function around a node and the name that it is called by: a declaration, or a
// lambda that is assigned.
func function(n syntax.Ref) (syntax.Ref, string) {
	for p := n.Parent(); p.Ok(); p = p.Parent() {
		switch p.Kind() {
		case syntax.Func:
			return p, p.Str()
		case syntax.Lambda:
			switch up := p.Parent(); {
			case up.Kind() == syntax.Assign && p.Role() == syntax.Value:
				d := up.Child(syntax.Target).Dotted()
				return p, d[strings.LastIndex(d, ".")+1:]
			case up.Kind() == syntax.Field:
				return p, up.Str()
			}
		}
	}
	return syntax.Ref{}, ""
}

// mention is a place that calls or hands on a function.
type mention struct {
	file *project.File
	node syntax.Ref
}

func (s *search) mentions(from *project.File, name string, fn syntax.Ref) []mention {
	var out []mention
	for _, f := range s.p.Files {
		if f.Tree == nil || family(f.Lang) != family(from.Lang) || skipped(f) || !f.Tree.Holds(name) || from.Lang == "go" && !token.IsExported(name) && path.Dir(f.Path) != path.Dir(from.Path) {
			continue
		}
		for i := range f.Tree.Nodes {
			n := f.Tree.At(syntax.NodeID(i))
			if !n.Is(syntax.Call, syntax.Name, syntax.Member) || n.Str() != name || n.Role() == syntax.Target || n.Inside(fn) || n.Enclosing(syntax.Import).Ok() {
				continue
			}
			out = append(out, mention{f, n})
		}
	}
	return out
}

// named counts the functions of a name in the language of a file.
func (s *search) named(from *project.File, name string) int {
	n := 0
	for _, f := range s.p.Files {
		if f.Tree == nil || family(f.Lang) != family(from.Lang) || skipped(f) || !f.Tree.Holds(name) {
			continue
		}
		for fn := range f.Tree.Root().Descendants(syntax.Func, syntax.Lambda) {
			if fn.Kind() == syntax.Func && fn.Str() == name || fn.Kind() == syntax.Lambda && fn.Parent().Kind() == syntax.Assign && fn.Role() == syntax.Value && fn.Parent().Child(syntax.Target).Str() == name {
				n++
			}
		}
	}
	return n
}

func skipped(f *project.File) bool {
	switch f.Role {
	case project.Test, project.Generated, project.Vendored, project.Docs:
		return true
	}
	return false
}

func family(lang string) string {
	switch lang {
	case "tsx", "javascript", "jsx", "vue", "svelte":
		return "typescript"
	}
	return lang
}

// scheduled reports whether a node stands among the arguments of a call that runs it by the clock.
func scheduled(n syntax.Ref) bool {
	for p := n.Parent(); p.Ok() && !p.Is(syntax.Func, syntax.Block); p = p.Parent() {
		if p.Kind() != syntax.Call {
			continue
		}
		switch p.Str() {
		case "scheduleAtFixedRate", "scheduleWithFixedDelay", "schedule", "setInterval", "every":
			return true
		}
	}
	return false
}
