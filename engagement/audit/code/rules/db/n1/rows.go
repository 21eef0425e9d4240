package n1

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// count is how many turns a loop has.
type count struct {
	report.Input
	unbounded bool // all rows of a table that grows
}

// over returns the collection that multiplies a load, by the engine or by what its loop shows.
func over(l flow.Load) flow.Collection {
	c := l.Over
	r := source(l)
	if !c.Known() {
		c = seen(l)
	}
	c.Expr = strings.ReplaceAll(strings.ReplaceAll(c.Expr, "->", "."), "$", "")
	if l.Over.Known() && r != nil {
		pinned(&c, r)
		if c.Parent == c.Model && r.Owner != nil && r.Owner.Owner != nil {
			c.Parent = r.Owner.Owner
		}
	}
	if r != nil && batched(r) {
		c.Paged = false // read in batches, but to the end
		c.Whole = len(r.Filters) == 0 && !r.Dynamic && r.Limit == 0 && c.Parent == nil && len(r.Joins) == 0
	}
	c.Whole = c.Whole && r != nil && whole(r)
	return c
}

// batchWords walk all rows of a query, some at a time.
var batchWords = words(`find_each find_in_batches in_batches chunk chunkById eachById lazy lazyById cursor iterator`)

// batched reports whether a query is walked in batches: nobody does that for a page.
func batched(r *flow.Root) bool {
	if len(r.Sites) == 0 {
		return false
	}
	n := r.Sites[0].Node
	for up := n.Parent(); up.Kind() == syntax.Call && up.Receiver() == n; n, up = up, up.Parent() {
	}
	for _, c := range n.Chain() {
		if c.Kind() == syntax.Call && batchWords[c.Str()] {
			return true
		}
	}
	return false
}

// seen is what a loop shows of its collection.
func seen(l flow.Load) flow.Collection {
	c := flow.Collection{Loop: l.Loop}
	if l.Loop != nil {
		v := l.Loop.Over
		c.Expr, c.Model = written(l.Loop), v.Model
		if v.Kind == flow.Container && v.Elem != nil && c.Model == nil {
			c.Model = v.Elem.Model
			v = *v.Elem
		}
		if v.Path != "" {
			c.Name, c.Parent = v.Path[strings.LastIndexByte(v.Path, '.')+1:], v.Owner
			c.OneParent = v.Root != nil && v.Root.Single
			return c
		}
		if v.Root == nil {
			c.Name = lastWord(c.Expr)
			return c
		}
	}
	if r := source(l); r != nil {
		fromRoot(&c, r)
	}
	return c
}

// fromRoot fills what a query tells of its rows.
func fromRoot(c *flow.Collection, r *flow.Root) {
	c.Model, c.Paged = r.Model, r.Paged
	if r.Model != nil {
		c.Name = r.Model.Name
	}
	if r.Rel != nil {
		c.Name = r.Rel.Name
		if r.Owner != nil {
			c.Parent, c.OneParent = r.Owner.Owner, true // the row that the relation was read from
		}
	}
	pinned(c, r)
	if r.Limit > 0 {
		c.Bound, c.BoundAt = r.Limit, r.Site()
	}
	c.Whole = whole(r) && len(r.Filters) == 0 && len(r.Joins) == 0 && r.Limit == 0 && !r.Paged && !r.Dynamic && !r.Single && r.Rel == nil && r.Model != nil
}

// pinned marks the rows of a query whose filter pins the key of another row: children of one parent.
func pinned(c *flow.Collection, r *flow.Root) {
	if c.OneParent || c.Parent != nil || r.Model == nil {
		return
	}
	for _, x := range r.Filters {
		if parent := parentBy(r.Model, x.Column); x.Op == "=" && parent != "" {
			c.OneParent = true
			c.Expr = parent + "." + c.Name
			return
		}
	}
}

// wholeWords leave all rows of a table in a query.
var wholeWords = words(`all objects find_each find_in_batches each map query get cursor lazy chunk order orderBy order_by select_related prefetch_related includes preload with iterator only
	defer select to_a findMany findAll find latest oldest reorder pluck each_with_index flat_map eachById chunkById lazyById in_batches forEach`)

// whole reports whether a query is written as all rows of its model, with nothing left to other functions.
func whole(r *flow.Root) bool {
	if r.Kind != flow.QueryRoot || len(r.Sites) == 0 {
		return false
	}
	for i, n := range r.Sites[len(r.Sites)-1].Node.Chain() {
		switch {
		case i == 0:
			if n.Kind() != syntax.Name || n.Str() == "" {
				return false
			}
		case !wholeWords[n.Str()]:
			return false
		case n.Str() == "find" || n.Str() == "findMany" || n.Str() == "findAll":
			if n.Child(syntax.Arg).Ok() {
				return false
			}
		}
	}
	return true
}

// parentBy names the parent that an equality on a column of a model pins, "" when the column is no key
// of another row.
func parentBy(m *flow.Model, column string) string {
	for _, rel := range m.Relations {
		if rel.Kind == flow.BelongsTo && !rel.Polymorphic && (column == rel.Name || column == rel.ForeignKey && column != "") {
			return rel.Name
		}
	}
	if s, ok := strings.CutSuffix(column, "_id"); ok && s != "" {
		return s
	}
	if s, ok := strings.CutSuffix(column, "Id"); ok && s != "" {
		return s
	}
	return ""
}

// written is the expression that a loop walks, as far as it is a chain of names.
func written(l *flow.Loop) string {
	n := l.Site.Node
	switch n.Kind() {
	case syntax.For:
		n = n.Child(syntax.Iter)
	case syntax.Call:
		n = n.Receiver()
	default:
		return ""
	}
	for n.Is(syntax.Await) {
		n = n.Child(syntax.Value)
	}
	for depth := 0; depth < 6; depth++ {
		if s := n.Dotted(); s != "" {
			return s
		}
		switch {
		case n.Kind() == syntax.Call && !n.Receiver().Ok() && n.Arg(0).Ok(): // enumerate(rows), list(rows)
			n = n.Arg(0)
		case n.Is(syntax.Call, syntax.Member) && n.Receiver().Ok() && passes[n.Str()], n.Kind() == syntax.Index:
			n = n.Receiver()
		case n.Is(syntax.Call, syntax.Member) && n.Str() != "":
			if of := n.Receiver().Dotted(); of != "" {
				return of + "." + n.Str()
			}
			return n.Str()
		default:
			return ""
		}
	}
	return ""
}

// passes are calls whose result has the elements that they are called on.
var passes = words(`all get values items filter map each order orderBy order_by sort sorted sortBy sort_by iterator toList stream collect to_a list select where whereIn with includes
	select_related prefetch_related distinct find_each each_with_index forEach flatMap flat_map reverse uniq unique compact entries keys toArray limit take first paginate latest oldest getData getContent
	exclude only defer annotate order_by! load reject whereNotNull whereNull cursor chunk toBase`)

func lastWord(expr string) string {
	return expr[strings.LastIndexAny(expr, ".:\\")+1:]
}

// rows says how many turns a loop has, from the strongest evidence to the weakest: a bound in the code, the
// table, one row's children, a page, a bare list.
func (x *facts) rows(p *rule.Pass, w *work, class flow.EntryClass) count {
	c := w.over
	if c.Bound > 0 {
		return count{Input: read(c.Bound, "the query's limit", c.BoundAt)}
	}
	if w.loop != nil {
		if n, at := x.stated(w.file, w.node); n > 0 {
			return count{Input: read(n, "stated at", at)}
		}
	}
	for _, r := range []*flow.Root{w.root, source(w.loads[0])} {
		if r == nil {
			continue
		}
		for _, s := range r.Sites {
			if n, at := x.chained(s); n > 0 {
				return count{Input: read(n, "the query's limit", at)}
			}
		}
	}
	table := ""
	if c.Model != nil {
		table = c.Model.Table
	}
	r := source(w.loads[0])
	if w.root != nil {
		r = w.root
	}
	if given, ok := x.given(p, table); ok && !c.OneParent && c.Parent == nil && !c.Paged {
		return count{Input: given, unbounded: c.Whole}
	}
	switch {
	case c.Whole && table != "":
		in := p.Cost.TableRows(table)
		if in.Origin == report.Assumed {
			// A loop over a table in which a guessed million stands for its size would be priced in hours,
			// and would outrank everything by the guess alone.
			if run := p.Cost.Run(""); in.Value > run.Value {
				in.Value = run.Value
			}
			in.Detail = "of all rows of " + table + ", which the loop walks; give --rows " + table + "=N"
		}
		in.Name = "R"
		return count{in, p.Grows(table)}
	case !c.OneParent && table != "" && (c.Paged && class == flow.EntryTask || r != nil && batched(r)):
		return count{Input: p.Cost.Run("rows of " + table + " that one run walks in batches; give --rows " + table + "=N")}
	case c.Paged && !c.OneParent:
		if n, at := x.pageSize(c.Model); n > 0 {
			return count{Input: read(n, "the page size", at)}
		}
		return count{Input: p.Cost.Loop(0, "", table, true)}
	case c.OneParent || c.Parent != nil || r == nil && owned(c.Expr):
		return count{Input: x.children(p, c)}
	case c.Model != nil:
		return count{Input: p.Cost.Loop(0, "", table, false)}
	case w.keyed(w.loads):
		in := p.Cost.Page(0, "")
		in.Unit, in.Detail = "elements", "keys in one call; the code does not tell how many"
		return count{Input: in}
	case partsOf(c.Name):
		return count{Input: p.Cost.Children(true, children(c))}
	}
	what := "elements of `" + c.Expr + "`"
	if c.Expr == "" {
		what = "turns of the loop"
	}
	return count{Input: p.Cost.Elements(what + "; the code does not tell how many")}
}

func read(n int, what string, at flow.Site) report.Input {
	in := report.Input{Name: "R", Value: float64(n), Unit: "rows", Origin: report.Read, Detail: what}
	if at.File != nil {
		in.Detail = fmt.Sprintf("%s, %s:%d", what, at.File.Path, at.Node.Line())
	}
	return in
}

// given is the size of a table that the user gave.
func (x *facts) given(p *rule.Pass, table string) (report.Input, bool) {
	if table == "" {
		return report.Input{}, false
	}
	in := p.Cost.Loop(0, "", table, false)
	return in, in.Origin == report.Flag
}

// source is the query whose own rows multiply a load, nil when a relation of them or no rows do.
func source(l flow.Load) *flow.Root {
	if l.Loop == nil {
		return l.Root
	}
	v := l.Loop.Over
	if v.Kind == flow.Container && v.Elem != nil {
		v = *v.Elem
	}
	if v.Path != "" {
		return nil
	}
	return v.Root
}

// children is how many rows one row owns: few where they are its parts, a page where they are people or
// events, which owners collect.
func (x *facts) children(p *rule.Pass, c flow.Collection) report.Input {
	detail := children(c)
	if c.Model != nil && !partsOf(c.Name) {
		if many := cardinality.Of(x.Project).Table(c.Model.Table).Why; strings.Contains(many, "people") || strings.Contains(many, "events") {
			in := p.Cost.Page(0, "")
			in.Detail = detail
			return in
		}
	}
	return p.Cost.Children(partsOf(c.Name), detail)
}

// children says of whom the rows are.
func children(c flow.Collection) string {
	name := human(c.Name)
	if c.Model != nil && c.Name == c.Model.Name {
		name = plural2(human(singular(c.Name)))
	}
	if c.Parent != nil {
		return name + " of one " + human(singular(c.Parent.Name))
	}
	if i := strings.LastIndexByte(c.Expr, '.'); i > 0 && owned(c.Expr) {
		if of := human(singular(lastWord(c.Expr[:i]))); of != "self" && of != "this" && of != "" {
			return name + " of one " + of
		}
	}
	return name + " of one row"
}

// envelopes are fields that hold the rows of an answer and not the children of a row.
var envelopes = words(`data items rows results result content records nodes edges list values body payload objects docs hits`)

// owned reports whether an expression reads a list from something: order.line_items.
func owned(expr string) bool {
	i := strings.LastIndexByte(expr, '.')
	return i > 0 && !strings.ContainsAny(expr, "([ ") && !envelopes[strings.ToLower(expr[i+1:])] && expr[:i] != "self" && expr[:i] != "this" && !strings.HasSuffix(expr[:i], "objects")
}

// parts are the last words of names of lists that are parts of one thing.
var parts = words(`item line recipient address field attachment tag option value participant email phone payment shipment image permission
	role label category variant answer choice step part file photo language translation group contact_information guest passenger signer
	signature line_item rate tax adjustment dimension entry`)

// partsOf reports whether a list's name is that of parts.
func partsOf(name string) bool {
	list := cardinality.Words(name)
	return len(list) > 0 && parts[singular(list[len(list)-1])]
}
