package django

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// EagerCall writes select_related for paths of to-one relations and prefetch_related for the others.
// Rows of values() and raw SQL can not be written so.
func (fw *Framework) EagerCall(root *flow.Root, paths []string) (string, bool) {
	if len(root.Select) > 0 || root.Model == nil || !fw.writable(root) {
		return "", false
	}
	var one, many []string
	for _, p := range paths {
		text := `"` + strings.ReplaceAll(p, ".", "__") + `"`
		toOne, ok := fw.toOne(root.Model, p)
		if !ok {
			return "", false
		}
		if toOne && !prefetched(root, p) {
			one = append(one, text)
		} else {
			many = append(many, text)
		}
	}
	out := ""
	if len(one) > 0 {
		out += ".select_related(" + strings.Join(one, ", ") + ")"
	}
	if len(many) > 0 {
		out += ".prefetch_related(" + strings.Join(many, ", ") + ")"
	}
	return out, out != ""
}

// writable reports whether the place of the query is a queryset that a call can be put behind: what a
// helper function returns may be a list.
func (fw *Framework) writable(root *flow.Root) bool {
	at := root.Site().Node
	switch at.Kind() {
	case syntax.Call:
		name := at.Str()
		return at.Receiver().Ok() && (refining[name] || identities[name] || name == "iterator" || fw.ix.ScopeOf(root.Model, name) != nil)
	case syntax.Member:
		i := fw.infoOf(root.Model)
		return at.Str() == "objects" || i != nil && i.managers[at.Str()].Ok()
	}
	return false
}

// toOne reports whether every relation of a path leads to one row by a key that can be joined.
func (fw *Framework) toOne(m *flow.Model, path string) (one, ok bool) {
	one = true
	segments := strings.Split(path, ".")
	for i, seg := range segments {
		rel := fw.ix.Relation(m, seg)
		if rel == nil {
			return false, false
		}
		if rel.Kind.Many() || rel.Polymorphic {
			one = false
		}
		if rel.Polymorphic { // what lies behind it must exist on every model that it may lead to
			return false, i == len(segments)-1
		}
		m = fw.ix.Model(rel.Target, rel.File)
	}
	return one, true
}

// prefetched reports whether the query already prefetches the first relation of a path. A join in its
// place would give each row an object of its own where the rows now share one.
func prefetched(root *flow.Root, path string) bool {
	first, _, nested := strings.Cut(path, ".")
	if !nested {
		return false
	}
	for _, s := range root.Sites {
		for _, n := range s.Node.Chain() {
			if n.Kind() != syntax.Call || n.Str() != "prefetch_related" {
				continue
			}
			for t := range n.Descendants(syntax.String) {
				if seg, _, _ := strings.Cut(t.Str(), "__"); seg == first {
					return true
				}
			}
		}
	}
	return false
}
