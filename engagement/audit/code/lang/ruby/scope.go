//go:build cgo

package ruby

import "github.com/napkin-infra/napkin/engagement/audit/code/syntax"

// scope holds the local variables of a method, class body, block or file. A block sees those of the
// scope around it.
type scope struct {
	outer *scope // nil at a method, class or file
	names []string
	large map[string]bool // used instead of names beyond smallScope
}

// smallScope is the number of variables up to which a linear search beats a map.
const smallScope = 12

func (s *scope) declare(name string) {
	if s.has(name) {
		return
	}
	if s.large == nil && len(s.names) >= smallScope {
		s.large = map[string]bool{}
		for _, n := range s.names {
			s.large[n] = true
		}
		s.names = nil
	}
	if s.large != nil {
		s.large[name] = true
		return
	}
	s.names = append(s.names, name)
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.large != nil {
			if s.large[name] {
				return true
			}
			continue
		}
		for _, n := range s.names {
			if n == name {
				return true
			}
		}
	}
	return false
}

// in runs f in a new scope; inner scopes see the variables around them.
func (l *lowerer) in(inner bool, f func()) {
	outer := l.scope
	l.scope = &scope{}
	if inner {
		l.scope.outer = outer
	}
	f()
	l.scope = outer
}

// classScope is what a class body remembers for the methods that follow.
type classScope struct {
	body    bool // inside a class or module at all
	private bool // behind a bare private or protected
	static  bool // inside class << self or class_methods, or behind module_function
	methods map[string]syntax.NodeID
}

// hide marks methods of the class body that "private :a, :b" names.
func (c *classScope) hide(b *syntax.Builder, name string) {
	if id, ok := c.methods[name]; ok {
		b.AddFlags(id, syntax.FlagPrivate)
	}
}
