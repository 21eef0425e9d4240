package flow

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// EagerWriter is implemented by frameworks that can write the call which preloads relations.
type EagerWriter interface {
	// EagerCall returns the text to put behind a query so that it loads the relation paths:
	// ".includes(:user, votes: :user)". ok is false when the paths can not be written mechanically.
	EagerCall(root *Root, paths []string) (text string, ok bool)
}

// Touch is one relation path of a group with the places that read it.
type Touch struct {
	Path  string
	Rel   *Relation
	Loads []Load
	// Nested: the path up to its last relation is loaded, the last is not.
	Nested bool
	// KeyOnly: all that is read of the row at the end of the path is its key, which the row before it
	// holds in a column of its own (order.user.id is order.user_id): no load is needed, no join either.
	KeyOnly bool
}

// Group is a query root with all relations that are read once per row and not loaded with it.
type Group struct {
	Root    *Root
	Site    Site
	Sites   []Site  // every place at which a query of the group was written, Site first
	Touches []Touch // sorted by path; shortest first
	Entries []string
	// Over are the rows that multiply the group's first touch. Touches of one group may walk different
	// collections: each [Load] has its own.
	Over Collection
}

// RelationGroups folds the loads of relations by the query that should have loaded them: one edit of
// the query ends the whole group.
func (r *Result) RelationGroups() []*Group {
	byNode := map[syntax.Ref]*Group{}
	var order []*Group
	for _, l := range r.Loads {
		if l.Kind != LoadRelation || l.Guarded || l.Root == nil || len(l.Root.Sites) == 0 {
			continue
		}
		at := l.Root.Sites[0]
		g := byNode[at.Node]
		if g == nil {
			g = &Group{Root: l.Root, Site: at, Over: l.Over}
			byNode[at.Node] = g
			order = append(order, g)
		}
		for _, s := range l.Root.Sites {
			g.addSite(s)
		}
		if l.Entry != "" && !contains(g.Entries, l.Entry) {
			g.Entries = append(g.Entries, l.Entry)
		}
		i := sort.Search(len(g.Touches), func(i int) bool { return g.Touches[i].Path >= l.Path })
		if i == len(g.Touches) || g.Touches[i].Path != l.Path {
			t := Touch{Path: l.Path, Rel: l.Rel}
			if j := lastDot(l.Path); j >= 0 && r.Index.Covers(l.Root, l.Path[:j]) {
				t.Nested = true
			}
			g.Touches = append(g.Touches, Touch{})
			copy(g.Touches[i+1:], g.Touches[i:])
			g.Touches[i] = t
		}
		t := &g.Touches[i]
		t.KeyOnly = l.KeyOnly && (len(t.Loads) == 0 || t.KeyOnly)
		t.Loads = append(t.Loads, l)
	}
	return order
}

func (g *Group) addSite(s Site) {
	for _, have := range g.Sites {
		if have.Node == s.Node {
			return
		}
	}
	g.Sites = append(g.Sites, s)
}

// Paths returns the relation paths that the query should load, without those that a longer one implies.
func (g *Group) Paths() []string {
	var out []string
	for i, t := range g.Touches {
		implied := false
		for j, u := range g.Touches {
			if i != j && strings.HasPrefix(u.Path, t.Path+".") {
				implied = true
			}
		}
		if !implied {
			out = append(out, t.Path)
		}
	}
	return out
}

// Writable reports whether a relation path can be preloaded as it is written: behind a polymorphic
// relation stand rows of several models, and a nested preload fails on those that lack the next relation.
func (ix *Index) Writable(m *Model, path string) bool {
	segments := strings.Split(path, ".")
	for i, seg := range segments {
		if m == nil {
			return true
		}
		rel := ix.Relation(m, seg)
		if rel == nil {
			return true
		}
		if rel.Polymorphic && i < len(segments)-1 {
			return false
		}
		m = ix.Model(rel.Target, rel.File)
	}
	return true
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Framework returns the framework that a model belongs to, or nil.
func (r *Result) Framework(m *Model) Framework {
	if m == nil {
		return nil
	}
	for _, fw := range r.Frameworks {
		if fw.Name() == m.Framework {
			return fw
		}
	}
	return nil
}
