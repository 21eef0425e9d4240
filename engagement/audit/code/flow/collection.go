package flow

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// step is the innermost to-many relation on the way from a root's rows to a load.
type step struct {
	name  string
	model *Model // of its rows
	owner *Model
	count int // to-many relations on the way
}

// manyStep walks a path and returns the last to-many relation on it. The last segment counts only if
// its rows, and not the row that it is read from, are met.
func (ix *Index) manyStep(root *Root, path string, last bool) step {
	var s step
	m := root.Model
	segments := strings.Split(path, ".")
	if path == "" {
		return s
	}
	for i, seg := range segments {
		if i == len(segments)-1 && !last {
			break
		}
		var rel *Relation
		if m != nil {
			rel = ix.Relation(m, seg)
		}
		if rel == nil {
			m = nil
			continue
		}
		next := ix.Model(rel.Target, rel.File)
		if rel.Kind.Many() {
			s.name, s.owner, s.model = seg, m, next
			s.count++
		}
		m = next
	}
	return s
}

// CollectionOf tells which rows multiply a load: the to-many relation on the way from the query to it,
// else the query's own rows, else what the loop around it walks.
func (ix *Index) CollectionOf(e Effect) Collection {
	c := Collection{Loop: e.Loop}
	if e.Loop != nil {
		c.Expr = loopExpr(e.Loop.Site)
	}
	if e.Kind == LoadRelation && e.Root != nil {
		if ix.rowsOf(&c, e.Root, e.Path, false) {
			return c
		}
	} else if e.Loop != nil {
		over := e.Loop.Over
		if over.Kind == Container && over.Elem != nil && over.Elem.Root != nil {
			over = *over.Elem
		}
		switch {
		case over.Root != nil && !over.Root.symbolic():
			if ix.rowsOf(&c, over.Root, over.Path, true) {
				return c
			}
		case over.Root != nil && e.Root != nil: // a loop of a callee: the rows are those that it was given
			path := e.Path
			if e.Rel != nil && (path == e.Rel.Name || strings.HasSuffix(path, "."+e.Rel.Name)) {
				path = path[:max(0, len(path)-len(e.Rel.Name)-1)]
			}
			if ix.rowsOf(&c, e.Root, path, true) {
				return c
			}
		}
		if over.Model != nil {
			c.Model = over.Model
			if over.Via != nil && over.Via.Kind.Many() {
				c.Name, c.Parent = over.Via.Name, over.Owner
			}
		}
	}
	if c.Name == "" {
		c.Name = lastWord(c.Expr)
	}
	if c.Name == "" && c.Model != nil {
		c.Name = c.Model.Name
	}
	return c
}

// rowsOf fills in a collection from the rows of a root. It reports whether they are more than one row.
func (ix *Index) rowsOf(c *Collection, r *Root, path string, last bool) bool {
	if s := ix.manyStep(r, path, last); s.name != "" {
		c.Name, c.Model, c.Parent = s.name, s.model, s.owner
		c.OneParent = s.count == 1 && oneRow(r)
		return true
	}
	if oneRow(r) && r.born == nil {
		return false
	}
	c.Model = r.Model
	if c.Model != nil {
		c.Name = c.Model.Name
	}
	if r.Limit > 1 {
		c.Bound, c.BoundAt = r.Limit, r.Site()
	}
	c.Paged = r.Paged
	if r.Rel != nil && r.Rel.Kind.Many() && r.Owner != nil { // order.line_items.where(...)
		c.Name, c.Parent = r.Rel.Name, r.Owner.holder()
		o := r.Owner
		c.OneParent = !o.PerRow && (o.Root == nil || oneRow(o.Root) && ix.manyStep(o.Root, o.Path, false).count == 0)
	} else if u := r.ultimate(); u != nil && u.Rel != nil && u.Rel.Kind.Many() && u.Owner != nil {
		c.Name, c.Parent = u.Rel.Name, u.Owner.holder()
		c.OneParent = !u.Owner.PerRow && (u.Owner.Root == nil || oneRow(u.Owner.Root))
	}
	c.Whole = len(r.Filters) == 0 && !r.Dynamic && r.Limit == 0 && !r.Paged && c.Parent == nil && len(r.Joins) == 0
	return c.Name != ""
}

// holder is the model of the row that a query's relation was read from.
func (v *Value) holder() *Model {
	if v.Owner != nil {
		return v.Owner
	}
	return v.Model
}

// oneRow reports a query that leads to one row.
func oneRow(r *Root) bool { return r.Single || r.Limit == 1 }

// loopExpr is the expression that a loop walks, on one line.
func loopExpr(at Site) string {
	n := at.Node
	if at.File == nil || !n.Ok() {
		return ""
	}
	switch n.Kind() {
	case syntax.For:
		n = n.Child(syntax.Iter)
	case syntax.Call:
		if !n.Block().Ok() {
			return ""
		}
		n = n.Receiver()
	default:
		return ""
	}
	return textOf(at.File, n)
}

// maxExpr is how long an expression may be and still be shown.
const maxExpr = 60

func textOf(f *project.File, n syntax.Ref) string {
	if !n.Ok() || f == nil || f.Tree != n.T {
		return ""
	}
	s := strings.Join(strings.Fields(f.NodeText(n)), " ")
	if len(s) > maxExpr {
		return ""
	}
	return s
}

// lastWord is the name in an expression: order.line_items -> line_items, $this->modules() -> modules.
func lastWord(expr string) string {
	expr = strings.TrimRight(expr, "()?! ")
	if i := strings.IndexByte(expr, '('); i > 0 {
		expr = expr[:i]
	}
	end := len(expr)
	start := end
	for start > 0 && isWord(expr[start-1]) {
		start--
	}
	return expr[start:end]
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
