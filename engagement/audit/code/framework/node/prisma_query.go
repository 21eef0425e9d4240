package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// prismaWords are the client's methods of a model. A word that other libraries use as well needs one
// of the keys in its argument, or a receiver that is named like a client.
var prismaWords = map[string][]string{
	"findMany": nil, "findFirst": nil, "findFirstOrThrow": nil, "findUnique": nil, "findUniqueOrThrow": nil,
	"createMany": nil, "createManyAndReturn": nil, "updateMany": nil, "updateManyAndReturn": nil, "deleteMany": nil,
	"upsert": {"where"}, "create": {"data"}, "update": {"data"}, "delete": {"where"},
	"count": {"where", "select", "take"}, "aggregate": {"where", "_sum", "_avg", "_max", "_min", "_count"}, "groupBy": {"by"},
}

// Call interprets the client's words and reads of the rows it returned.
func (fw *Prisma) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(fw.models) == 0 || !c.HasRecv || !script(in.File()) {
		return flow.Value{}, false
	}
	if c.Recv.Kind == flow.Record && c.Recv.Model != nil && c.Recv.Model.Framework == "prisma" {
		if rel := c.Recv.Model.Relations[c.Name]; rel != nil {
			return loadedRelation(fw.ix, c.Recv, rel), true
		}
		return flow.Value{}, c.Node.Kind() == syntax.Member
	}
	if c.Name == "$transaction" {
		return fw.transaction(in, c)
	}
	keys, ok := prismaWords[c.Name]
	if !ok || c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	delegate := c.Node.Receiver()
	if delegate.Kind() != syntax.Member {
		return flow.Value{}, false
	}
	client := delegate.Receiver()
	m := fw.model(delegate.Str(), in.File())
	if m == nil || client.Str() == "query" && client.Kind() == syntax.Member {
		return flow.Value{}, false
	}
	opt := optionsOf(c, 0)
	if keys != nil {
		known := clientName(client)
		for _, k := range keys {
			known = known || opt.has(k)
		}
		if !known {
			return flow.Value{}, false
		}
	}
	return fw.query(in, c, m, opt), true
}

// transaction runs the callback of an interactive transaction; the array form has run its queries
// already.
func (fw *Prisma) transaction(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if c.Block.Kind != flow.FuncValue {
		if len(c.Args) > 0 {
			return c.Args[0], true
		}
		return flow.Value{}, true
	}
	return in.CallLambda(c.Block), true
}

func (fw *Prisma) query(in *flow.Interp, c *flow.Call, m *prismaModel, opt options) flow.Value {
	r := in.NewQuery(m.flow, c.Node)
	r.Terminal = c.Name
	if len(c.Args) > 0 && !opt.ok() {
		r.Dynamic = true
	}
	fw.refine(in, r, m, opt)
	site := in.Site(c.Node, "asks "+c.Name)
	switch c.Name {
	case "findMany":
		in.Execute(r, site, flow.RunQuery)
		return rows(m.flow, r)
	case "findFirst", "findFirstOrThrow", "findUnique", "findUniqueOrThrow":
		r.Single = true
		if !(strings.HasPrefix(c.Name, "findUnique") && batchedByClient(in)) {
			in.Execute(r, site, flow.RunQuery)
		}
		return row(m.flow, r)
	case "groupBy":
		in.Execute(r, site, flow.Aggregate)
		return flow.Value{Kind: flow.Container}
	case "count", "aggregate":
		in.Execute(r, site, flow.Aggregate)
		return scalar
	case "create", "update", "upsert", "delete":
		r.Single = true
		in.Write(flow.Value{Kind: flow.Record, Model: m.flow}, c.Node)
		return row(m.flow, r)
	}
	in.Execute(r, site, flow.Write)
	if strings.HasSuffix(c.Name, "AndReturn") {
		return rows(m.flow, r)
	}
	return scalar
}

// batchedByClient reports whether the look-up stands in Promise.all(list.map(...)): Prisma collects
// findUnique calls of one tick into one query.
func batchedByClient(in *flow.Interp) bool {
	loops := in.Frame().Loops
	if len(loops) == 0 {
		return false
	}
	n := loops[len(loops)-1].Site.Node
	if n.Kind() != syntax.Call || n.Str() != "map" {
		return false
	}
	p := n.Parent()
	return p.Kind() == syntax.Call && (p.Str() == "all" || p.Str() == "allSettled") && p.Receiver().Str() == "Promise"
}

func (fw *Prisma) refine(in *flow.Interp, r *flow.Root, m *prismaModel, opt options) {
	if opt.spread() {
		r.Dynamic = true
	}
	if where := opt.object("where"); where.ok() {
		fw.where(in, r, m, where, "")
	} else if opt.has("where") {
		r.Dynamic = true
	}
	fw.order(r, m, opt.value("orderBy"))
	if opt.has("take") {
		if n := opt.number("take"); n > 0 {
			r.Limit = n
		} else {
			r.Paged = true
		}
	}
	r.Distinct = opt.has("distinct")
	fw.eager(r, m, opt, "")
	if sel := opt.object("select"); sel.ok() && !sel.spread() {
		for p := range sel.node.Children() {
			if col, ok := m.flow.Columns[p.Str()]; ok && !isFalse(p.Child(syntax.Value)) {
				r.Select = append(r.Select, col)
			}
		}
	}
}

// eager reads include and select: what of the relations comes with the rows.
func (fw *Prisma) eager(r *flow.Root, m *prismaModel, opt options, prefix string) {
	for _, word := range []string{"include", "select"} {
		inner := opt.object(word)
		for p := range inner.node.Children() {
			rel := m.flow.Relations[p.Str()]
			if p.Kind() != syntax.Pair || rel == nil || isFalse(p.Child(syntax.Value)) {
				continue
			}
			full := flow.JoinPath(prefix, rel.Name)
			r.AddEager(full)
			if t := fw.target(m, rel); t != nil {
				if deeper := inner.object(p.Str()); deeper.ok() {
					fw.eager(r, t, deeper, full)
				}
			}
		}
	}
}

// where reads conditions. Those under OR and NOT narrow nothing alone: they are left out, and the
// query is marked dynamic. Those on relations are named table.column.
func (fw *Prisma) where(in *flow.Interp, r *flow.Root, m *prismaModel, w options, prefix string) {
	if w.spread() {
		r.Dynamic = true
	}
	for p := range w.node.Children() {
		if p.Kind() != syntax.Pair || p.Str() == "" {
			continue
		}
		key, v := p.Str(), w.value(p.Str())
		switch key {
		case "AND":
			for _, e := range elements(v) {
				if o := objectOf(e, w.val.Fields[key]); o.ok() {
					fw.where(in, r, m, o, prefix)
				} else {
					r.Dynamic = true
				}
			}
			continue
		case "OR", "NOT":
			r.Dynamic = true
			continue
		}
		if rel := m.flow.Relations[key]; rel != nil {
			fw.whereRelation(in, r, m, rel, w.object(key), p)
			continue
		}
		inner := w.object(key)
		if _, column := m.flow.Columns[key]; !column {
			if inner.ok() { // a compound unique key: { a_b: { a, b } }
				fw.where(in, r, m, inner, prefix)
			}
			continue
		}
		for _, op := range comparisons(v, inner) {
			r.Filters = append(r.Filters, flow.Filter{Column: prefix + m.column(key), Op: op, Site: in.Site(p, "")})
		}
	}
}

// comparisons are the operators of one condition.
func comparisons(v syntax.Ref, o options) []string {
	if !o.ok() {
		switch {
		case v.Kind() == syntax.Nil:
			return []string{"null"}
		case v.Kind() == syntax.Name && v.Str() == "undefined":
			return nil
		}
		return []string{"="}
	}
	if o.pair("path").Ok() { // a value inside of a document: no index on the column holds it
		return []string{"expr"}
	}
	var out []string
	for p := range o.node.Children() {
		switch p.Str() {
		case "equals":
			if p.Child(syntax.Value).Kind() == syntax.Nil {
				out = append(out, "null")
			} else {
				out = append(out, "=")
			}
		case "in":
			out = append(out, "in")
		case "lt", "lte":
			out = append(out, "<")
		case "gt", "gte":
			out = append(out, ">")
		case "startsWith":
			out = append(out, "like")
		case "contains", "endsWith":
			out = append(out, "contains")
		case "search":
			out = append(out, "match")
		case "not", "notIn":
			out = append(out, "!=")
		case "has", "hasSome", "hasEvery", "array_contains", "string_contains":
			out = append(out, "contains")
		}
	}
	return out
}

func (fw *Prisma) whereRelation(in *flow.Interp, r *flow.Root, m *prismaModel, rel *flow.Relation, o options, at syntax.Ref) {
	t := fw.target(m, rel)
	if t == nil {
		return
	}
	filters := len(r.Filters)
	defer func() { r.Dynamic = r.Dynamic || len(r.Filters) == filters }()
	if at.Child(syntax.Value).Kind() == syntax.Nil && rel.ForeignKey != "" && rel.Kind == flow.BelongsTo {
		r.Filters = append(r.Filters, flow.Filter{Column: rel.ForeignKey, Op: "null", Site: in.Site(at, "")})
		return
	}
	if !o.ok() {
		return
	}
	r.Joins = append(r.Joins, rel.Name)
	plain := true
	for p := range o.node.Children() {
		switch p.Str() {
		case "some", "every", "none", "is", "isNot":
			plain = false
			if inner := o.object(p.Str()); inner.ok() && (p.Str() == "some" || p.Str() == "is") {
				fw.where(in, r, t, inner, t.flow.Table+".")
			}
		}
	}
	if !plain {
		return
	}
	// { user: { id: x } } compares the key itself.
	if id := o.pair("id"); id.Ok() && rel.Kind == flow.BelongsTo && rel.ForeignKey != "" {
		r.Filters = append(r.Filters, flow.Filter{Column: rel.ForeignKey, Op: "=", Site: in.Site(id, "")})
		return
	}
	fw.where(in, r, t, o, t.flow.Table+".")
}

func (fw *Prisma) order(r *flow.Root, m *prismaModel, n syntax.Ref) {
	if n.Ok() && !n.Is(syntax.Map, syntax.List) {
		r.Dynamic = true
		return
	}
	for _, e := range elements(n) {
		if e.Kind() != syntax.Map {
			r.Dynamic = true
			continue
		}
		for p := range e.Children() {
			if p.Kind() != syntax.Pair || p.Str() == "" {
				r.Dynamic = true
				continue
			}
			v := p.Child(syntax.Value)
			if _, ok := m.flow.Columns[p.Str()]; !ok {
				r.Orders = append(r.Orders, flow.Order{Expr: true})
				continue
			}
			if v.Kind() == syntax.Map {
				v = v.Keyword("sort")
			}
			r.Orders = append(r.Orders, flow.Order{Column: m.column(p.Str()), Desc: v.Str() == "desc"})
		}
	}
}
