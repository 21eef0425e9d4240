package syntax

import (
	"iter"
	"sort"
)

// Ref is a node together with its tree. The zero Ref is no node: every method on it returns zero
// values, so chains of look-ups need no checks.
type Ref struct {
	T  *Tree
	ID NodeID
}

// Root returns the File node.
func (t *Tree) Root() Ref {
	if t == nil || len(t.Nodes) == 0 {
		return Ref{}
	}
	return Ref{t, 0}
}

// At returns the node with an id.
func (t *Tree) At(id NodeID) Ref {
	if id < 0 || int(id) >= len(t.Nodes) {
		return Ref{}
	}
	return Ref{t, id}
}

// Line returns the 1-based line of a byte offset.
func (t *Tree) Line(offset uint32) int {
	return sort.Search(len(t.LineStarts), func(i int) bool { return t.LineStarts[i] > offset })
}

// Ok reports whether r is a node.
func (r Ref) Ok() bool { return r.T != nil }

func (r Ref) node() *Node { return &r.T.Nodes[r.ID] }

// Kind returns the node's kind, Invalid for no node.
func (r Ref) Kind() Kind {
	if r.T == nil {
		return Invalid
	}
	return r.node().Kind
}

// Is reports whether the node is one of the kinds.
func (r Ref) Is(kinds ...Kind) bool {
	k := r.Kind()
	for _, w := range kinds {
		if k == w {
			return true
		}
	}
	return false
}

// Role returns what the node is to its parent.
func (r Ref) Role() Role {
	if r.T == nil {
		return RoleNone
	}
	return r.node().Role
}

// Has reports whether all of the flags are set.
func (r Ref) Has(f Flags) bool { return r.T != nil && r.node().Flags&f == f }

// Str returns the node's string: a name, a method, a literal's text, an operator.
func (r Ref) Str() string {
	if r.T == nil {
		return ""
	}
	return r.T.Strings[r.node().Str]
}

// Start and End are byte offsets into the file; End is exclusive.
func (r Ref) Start() uint32 {
	if r.T == nil {
		return 0
	}
	return r.node().Start
}

// End returns the byte offset behind the node.
func (r Ref) End() uint32 {
	if r.T == nil {
		return 0
	}
	return r.node().End
}

// Line returns the node's first line, from 1.
func (r Ref) Line() int {
	if r.T == nil {
		return 0
	}
	return r.T.Line(r.node().Start)
}

// EndLine returns the node's last line, inclusive.
func (r Ref) EndLine() int {
	if r.T == nil {
		return 0
	}
	n := r.node()
	if n.End > n.Start {
		return r.T.Line(n.End - 1)
	}
	return r.T.Line(n.Start)
}

// Parent returns the parent, or no node at the root.
func (r Ref) Parent() Ref {
	if r.T == nil || r.node().Parent < 0 {
		return Ref{}
	}
	return Ref{r.T, r.node().Parent}
}

// Children yields all children in source order of their roles as lowered.
func (r Ref) Children() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		if r.T == nil {
			return
		}
		for id := r.node().First; id >= 0; id = r.T.Nodes[id].Next {
			if !yield(Ref{r.T, id}) {
				return
			}
		}
	}
}

// Child returns the first child with a role.
func (r Ref) Child(role Role) Ref {
	if r.T == nil {
		return Ref{}
	}
	for id := r.node().First; id >= 0; id = r.T.Nodes[id].Next {
		if r.T.Nodes[id].Role == role {
			return Ref{r.T, id}
		}
	}
	return Ref{}
}

// All yields the children with a role.
func (r Ref) All(role Role) iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for c := range r.Children() {
			if c.Role() == role && !yield(c) {
				return
			}
		}
	}
}

// Args returns the positional arguments of a call (keyword pairs and splats included, in order).
func (r Ref) Args() []Ref {
	var out []Ref
	for c := range r.All(Arg) {
		out = append(out, c)
	}
	return out
}

// Arg returns the i-th positional argument that is not a keyword pair.
func (r Ref) Arg(i int) Ref {
	for c := range r.All(Arg) {
		if c.Kind() == Pair {
			continue
		}
		if i == 0 {
			return c
		}
		i--
	}
	return Ref{}
}

// Keyword returns the value of a keyword argument, or of a key of a Map argument or Map node itself.
func (r Ref) Keyword(name string) Ref {
	for c := range r.Children() {
		switch c.Kind() {
		case Pair:
			if c.Str() == name && (c.Role() == Arg || c.Role() == Elem) {
				return c.Child(Value)
			}
		case Map:
			if c.Role() == Arg {
				if v := c.Keyword(name); v.Ok() {
					return v
				}
			}
		}
	}
	return Ref{}
}

// Receiver returns the receiver of a call, member or index.
func (r Ref) Receiver() Ref { return r.Child(Receiver) }

// Block returns the Lambda that a call runs per element or as its body: a Ruby block, else the first
// argument that is a Lambda.
func (r Ref) Block() Ref {
	if b := r.Child(BlockArg); b.Ok() {
		return b
	}
	for c := range r.All(Arg) {
		if c.Kind() == Lambda {
			return c
		}
	}
	return Ref{}
}

// IsAccess reports whether the node reads an attribute or calls a method without arguments.
func (r Ref) IsAccess() bool {
	switch r.Kind() {
	case Member:
		return true
	case Call:
		return !r.Has(FlagNew) && !r.Child(Arg).Ok() && !r.Child(BlockArg).Ok() && r.Receiver().Ok()
	}
	return false
}

// Enclosing returns the nearest proper ancestor of one of the kinds.
func (r Ref) Enclosing(kinds ...Kind) Ref {
	for p := r.Parent(); p.Ok(); p = p.Parent() {
		if p.Is(kinds...) {
			return p
		}
	}
	return Ref{}
}

// Inside reports whether r lies below (or is) the ancestor.
func (r Ref) Inside(ancestor Ref) bool {
	for n := r; n.Ok(); n = n.Parent() {
		if n == ancestor {
			return true
		}
	}
	return false
}

// Dotted returns the text of a chain of plain names and members without arguments ("a.b.c",
// "@story.user", "self.x", "Foo::Bar"), or "" when the node is anything else.
func (r Ref) Dotted() string {
	switch r.Kind() {
	case Name:
		return r.Str()
	case Self:
		return "self"
	case Member:
		if base := r.Receiver().Dotted(); base != "" {
			return base + "." + r.Str()
		}
	case Call:
		if r.Has(FlagNew) || r.Child(Arg).Ok() || r.Child(BlockArg).Ok() {
			return ""
		}
		if !r.Receiver().Ok() && r.Has(FlagNoArgs) {
			return r.Str()
		}
		if base := r.Receiver().Dotted(); base != "" && r.Has(FlagNoArgs) {
			return base + "." + r.Str()
		}
	}
	return ""
}

// Chain returns the calls and members of a method chain from its root outwards: for a.b(1).c it is
// [a, a.b(1), a.b(1).c].
func (r Ref) Chain() []Ref {
	var rev []Ref
	for n := r; n.Ok(); n = n.Receiver() {
		rev = append(rev, n)
		if !n.Is(Call, Member, Index) {
			break
		}
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev
}

// Symbol returns the qualified name of the enclosing declaration: "Class.method", "function" or "".
func (r Ref) Symbol() string {
	out := ""
	for n := r; n.Ok(); n = n.Parent() {
		if n.Is(Class, Func) && n.Str() != "" {
			if out == "" {
				out = n.Str()
			} else {
				out = n.Str() + "." + out
			}
		}
	}
	return out
}
