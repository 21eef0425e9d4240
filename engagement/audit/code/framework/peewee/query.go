package peewee

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

var refining = map[string]bool{
	"where": true, "orwhere": true, "filter": true, "join": true, "join_from": true, "left_outer_join": true, "switch": true, "group_by": true, "having": true, "order_by": true, "limit": true,
	"offset": true, "distinct": true, "alias": true, "for_update": true, "naive": true, "objects": true, "aggregate_rows": true, "annotate": true, "with_cte": true,
}

var singles = map[string]bool{"get": true, "first": true, "get_or_none": true, "get_by_id": true, "get_or_create": true, "last": true, "peek": true}

// Call interprets Peewee's words.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(fw.models) == 0 || in.File().Lang != "python" && in.File().Lang != "jinja" {
		return flow.Value{}, false
	}
	if !c.HasRecv {
		if c.Name == "prefetch" && len(c.Args) > 1 && fw.mine(c.Args[0]) {
			return fw.prefetch(c), true
		}
		return flow.Value{}, false
	}
	switch c.Recv.Kind {
	case flow.ClassRef:
		if m := c.Recv.Model; m != nil && m.Framework == "peewee" && c.Node.Kind() == syntax.Call {
			if own := fw.ix.LookupMethod(c.Recv.Class, c.Name, true); own != nil && !c.Super {
				// An override that measures or logs keeps the meaning of the word.
				if v := in.Invoke(own, c.Recv, c); v.Kind != flow.Unknown {
					return v, true
				}
				if c.Name != "select" {
					return flow.Value{}, true
				}
			}
			return fw.class(in, c, m)
		}
	case flow.Many:
		if fw.mine(c.Recv) && !c.Recv.Loaded {
			return fw.query(in, c, c.Recv)
		}
	case flow.Record:
		if c.Recv.Model != nil && c.Recv.Model.Framework == "peewee" && c.Node.Kind() == syntax.Call && (c.Name == "save" || c.Name == "delete_instance") {
			if !c.Super {
				in.Write(c.Recv, c.Node)
			}
			return flow.Value{Kind: flow.Scalar}, c.Super || fw.ix.LookupMethod(c.Recv.Model.Class, c.Name, false) == nil
		}
	}
	return flow.Value{}, false
}

func (fw *Framework) mine(v flow.Value) bool {
	m := v.Model
	if m == nil && v.Root != nil {
		m = v.Root.Model
	}
	return m != nil && m.Framework == "peewee"
}

func (fw *Framework) class(in *flow.Interp, c *flow.Call, m *flow.Model) (flow.Value, bool) {
	rows := flow.Value{Kind: flow.Many, Model: m}
	switch {
	case c.Name == "select":
		q, r := in.Refine(rows, c.Node)
		fw.selected(in, r, c)
		return q, true
	case singles[c.Name]:
		return fw.one(in, c, rows), true
	case c.Name == "filter":
		q, _ := in.Refine(rows, c.Node)
		return q, true
	case c.Name == "create":
		in.Write(flow.Value{Kind: flow.Record, Model: m}, c.Node)
		return flow.Value{Kind: flow.Record, Model: m}, true
	case c.Name == "update" || c.Name == "delete" || c.Name == "insert" || c.Name == "insert_many" || c.Name == "replace":
		return flow.Value{Kind: flow.Scalar}, true
	}
	return flow.Value{}, false
}

// selected marks the relations whose columns the query selects beside its own: their rows come with it.
func (fw *Framework) selected(in *flow.Interp, r *flow.Root, c *flow.Call) {
	var others []*flow.Model
	whole := len(c.ArgRefs) == 0
	for i, a := range c.ArgRefs {
		v := c.Args[i]
		if v.Kind != flow.ClassRef && a.Kind() == syntax.Member {
			if k := fw.ix.Class(a.Receiver().Dotted(), in.File()); k != nil && k.Model != nil {
				v = flow.Value{Kind: flow.ClassRef, Model: k.Model}
			}
		}
		if v.Model == nil {
			continue
		}
		if v.Model == r.Model {
			whole = true
		} else {
			others = append(others, v.Model)
		}
	}
	if !whole && len(others) == 0 {
		r.Select = []string{"?"}
	}
	type at struct {
		m    *flow.Model
		path string
	}
	reached := []at{{r.Model, ""}}
	used := map[*flow.Relation]bool{}
	for range others { // a model may be joined through another that is selected too
		for _, o := range others {
			for _, from := range reached {
				for _, rel := range fw.keys[from.m] {
					if fw.ix.Model(rel.Target, rel.File) == o && !used[rel] && !r.Eager[flow.JoinPath(from.path, rel.Name)] && !fw.reaches(r, o) {
						used[rel] = true
						path := flow.JoinPath(from.path, rel.Name)
						r.AddEager(path)
						reached = append(reached, at{o, path})
					}
				}
			}
		}
	}
}

// reaches reports whether a loaded path leads to a model already: a join follows one key, the first.
func (fw *Framework) reaches(r *flow.Root, target *flow.Model) bool {
	for path := range r.Eager {
		m := r.Model
		for _, seg := range strings.Split(path, ".") {
			if rel := fw.ix.Relation(m, seg); rel != nil {
				m = fw.ix.Model(rel.Target, rel.File)
			}
		}
		if m == target {
			return true
		}
	}
	return false
}

// prefetch is prefetch(query, sub, ...): the rows of each sub query come with one more statement.
func (fw *Framework) prefetch(c *flow.Call) flow.Value {
	v := c.Args[0]
	if v.Root == nil {
		return v
	}
	for _, a := range c.Args[1:] {
		m := a.Model
		for name, rel := range v.Root.Model.Relations {
			if m != nil && fw.ix.Model(rel.Target, rel.File) == m {
				v.Root.AddEager(name)
			}
		}
	}
	return v
}

func (fw *Framework) one(in *flow.Interp, c *flow.Call, rows flow.Value) flow.Value {
	q, r := in.Refine(rows, c.Node)
	r.Single, r.Terminal = true, c.Name
	in.Execute(r, in.Site(c.Node, "asks for one row"), flow.RunQuery)
	return in.Element(q, nil)
}

func (fw *Framework) query(in *flow.Interp, c *flow.Call, v flow.Value) (flow.Value, bool) {
	switch name := c.Name; {
	case refining[name]:
		q, r := in.Refine(v, c.Node)
		switch name {
		case "limit":
			if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.Number && len(c.ArgRefs[0].Str()) < 7 {
				n := 0
				for _, d := range c.ArgRefs[0].Str() {
					n = n*10 + int(d-'0')
				}
				r.Limit = n
			} else {
				r.Paged = true
			}
		case "order_by":
			r.Orders = append(r.Orders, flow.Order{Expr: true})
		case "where", "orwhere", "filter":
			r.Dynamic = true // conditions are expressions that are not read here
		}
		return q, true
	case name == "paginate":
		q, r := in.Refine(v, c.Node)
		r.Paged = true
		return q, true
	case name == "tuples" || name == "dicts" || name == "namedtuples":
		q, r := in.Refine(v, c.Node)
		r.Select = []string{"?"}
		q.Model = nil
		return q, true
	case name == "iterator" || name == "execute":
		return v, true
	case singles[name]:
		return fw.one(in, c, v), true
	case name == "count" || name == "exists" || name == "scalar" || name == "wrapped_count":
		_, r := in.Refine(v, c.Node)
		r.Terminal = name
		in.Execute(r, in.Site(c.Node, "asks "+name), flow.Aggregate)
		return flow.Value{Kind: flow.Scalar}, true
	}
	return flow.Value{}, false
}
