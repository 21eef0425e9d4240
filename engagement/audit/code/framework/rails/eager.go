package rails

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
)

// EagerCall writes the includes call for relation paths.
func (fw *Framework) EagerCall(root *flow.Root, paths []string) (string, bool) {
	tree := newNode()
	for _, p := range paths {
		if !fw.ix.Writable(root.Model, p) {
			return "", false
		}
		n := tree
		for _, seg := range strings.Split(p, ".") {
			n = n.child(seg)
		}
	}
	if len(tree.order) == 0 {
		return "", false
	}
	return ".includes(" + tree.args() + ")", true
}

// node is a tree of relation names in the order they were added.
type node struct {
	order []string
	kids  map[string]*node
}

func newNode() *node { return &node{kids: map[string]*node{}} }

func (n *node) child(name string) *node {
	c := n.kids[name]
	if c == nil {
		c = newNode()
		n.kids[name] = c
		n.order = append(n.order, name)
	}
	return c
}

// args writes leaves as symbols first, then nested relations as keywords.
func (n *node) args() string {
	var leaves, nested []string
	for _, name := range n.order {
		c := n.kids[name]
		if len(c.order) == 0 {
			leaves = append(leaves, ":"+name)
			continue
		}
		nested = append(nested, name+": "+c.value())
	}
	return strings.Join(append(leaves, nested...), ", ")
}

func (n *node) value() string {
	if len(n.order) == 1 {
		only := n.order[0]
		if len(n.kids[only].order) == 0 {
			return ":" + only
		}
		return "{ " + n.args() + " }"
	}
	nested := false
	for _, name := range n.order {
		nested = nested || len(n.kids[name].order) > 0
	}
	if !nested {
		return "[" + n.args() + "]"
	}
	var parts []string
	for _, name := range n.order {
		if c := n.kids[name]; len(c.order) > 0 {
			parts = append(parts, "{ "+name+": "+c.value()+" }")
		} else {
			parts = append(parts, ":"+name)
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
