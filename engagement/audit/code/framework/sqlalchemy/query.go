package sqlalchemy

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// refining are the words that build a query and run nothing.
var refining = map[string]bool{
	"filter": true, "filter_by": true, "where": true, "order_by": true, "options": true, "join": true, "outerjoin": true, "limit": true, "offset": true, "distinct": true,
	"group_by": true, "having": true, "with_for_update": true, "execution_options": true, "yield_per": true, "slice": true, "enable_eagerloads": true, "populate_existing": true,
	"select_from": true, "union": true, "union_all": true, "params": true, "correlate": true, "from_self": true, "reset_joinpoint": true, "enable_assertions": true, "prefix_with": true,
	"with_hint": true, "autoflush": true, "subquery": true, "cte": true, "alias": true, "with_entities": true, "add_columns": true, "add_entity": true, "with_only_columns": true,
}

// singles run a query for one row.
var singles = map[string]bool{
	"first": true, "one": true, "one_or_none": true, "get": true, "first_or_404": true, "get_or_404": true, "one_or_404": true, "scalar_one": true, "scalar_one_or_none": true,
}

// Call interprets SQLAlchemy's words.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(fw.info) == 0 {
		return flow.Value{}, false
	}
	switch in.File().Lang {
	case "python", "jinja":
	default:
		return flow.Value{}, false
	}
	if !c.HasRecv {
		return fw.bare(in, c)
	}
	switch c.Recv.Kind {
	case flow.ClassRef:
		if c.Recv.Model != nil && c.Recv.Model.Framework == "sqlalchemy" && c.Name == "query" && c.Node.Kind() == syntax.Member {
			return flow.Value{Kind: flow.Many, Model: c.Recv.Model}, true
		}
	case flow.Many:
		if fw.mine(c.Recv) && !c.Recv.Loaded {
			return fw.query(in, c, c.Recv)
		}
		if c.Name == "items" && fw.mine(c.Recv) {
			return c.Recv, true
		}
	case flow.Record:
		if c.Recv.Model != nil && c.Recv.Model.Framework == "sqlalchemy" {
			return fw.record(in, c)
		}
	case flow.Object:
		if fw.kindOf(c.Recv.Class, 0) == schemaClass && (c.Name == "dump" || c.Name == "dumps" || c.Name == "jsonify") && len(c.Args) > 0 {
			fw.dump(in, c.Recv.Class, c.Args[0], c.Node)
			return flow.Value{}, true
		}
		return fw.session(in, c)
	case flow.Unknown, flow.FuncValue:
		return fw.session(in, c)
	}
	return flow.Value{}, false
}

func (fw *Framework) mine(v flow.Value) bool {
	m := v.Model
	if m == nil && v.Root != nil {
		m = v.Root.Model
	}
	return m != nil && m.Framework == "sqlalchemy"
}

func (fw *Framework) bare(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch c.Name {
	case "select", "sa_select", "lambda_stmt":
		if v, ok := fw.entities(in, c); ok {
			return v, true
		}
	case "joinedload", "selectinload", "subqueryload", "contains_eager", "load_only", "defer", "and_", "or_", "not_", "func", "desc", "asc", "text", "exists":
		return flow.Value{Kind: flow.Scalar}, true
	case "render_template":
		return flow.Value{}, false
	}
	return flow.Value{}, false
}

// entities starts a query over the entities that query() or select() is given: rows of a model when it
// is one class, rows without relations when columns or several classes are asked.
func (fw *Framework) entities(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(c.Args) == 0 {
		return flow.Value{}, false
	}
	var m *flow.Model
	whole := len(c.Args) == 1
	for i, a := range c.Args {
		if a.Kind == flow.ClassRef && a.Model != nil && a.Model.Framework == "sqlalchemy" {
			if m == nil {
				m = a.Model
			}
			continue
		}
		whole = false
		if m == nil {
			for n := range c.ArgRefs[i].Descendants(syntax.Member) {
				if cl := fw.ix.Class(n.Receiver().Dotted(), in.File()); cl != nil && cl.Model != nil && cl.Model.Framework == "sqlalchemy" {
					m = cl.Model
					break
				}
			}
		}
	}
	if m == nil {
		return flow.Value{}, false
	}
	q, r := in.Refine(flow.Value{Kind: flow.Many, Model: m}, c.Node)
	if !whole {
		q.Model = nil
		r.Select = []string{"?"}
	}
	return q, true
}

// session interprets calls on sessions: what is asked through them and what they write.
func (fw *Framework) session(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	recv := strings.ToLower(c.Node.Receiver().Str())
	isSession := strings.HasSuffix(recv, "session") || recv == "db" || recv == "s" || recv == "dbsession"
	switch c.Name {
	case "query", "select":
		if v, ok := fw.entities(in, c); ok {
			return v, true
		}
	case "scalars", "scalar", "execute", "exec":
		if len(c.Args) > 0 && c.Args[0].Kind == flow.Many && fw.mine(c.Args[0]) {
			v := c.Args[0]
			if c.Name == "scalar" {
				return fw.one(in, v, c), true
			}
			if c.Name == "execute" {
				v.Model = nil // rows are tuples until scalars() takes them out
			}
			return v, true
		}
	case "get", "get_one":
		if isSession && len(c.Args) > 1 && c.Args[0].Kind == flow.ClassRef && c.Args[0].Model != nil {
			return fw.one(in, flow.Value{Kind: flow.Many, Model: c.Args[0].Model}, c), true
		}
	case "commit", "flush":
		if isSession && in.InLoop() {
			in.Write(flow.Value{Kind: flow.Record}, c.Node)
			return flow.Value{Kind: flow.Scalar}, true
		}
	case "joinedload", "selectinload", "subqueryload", "contains_eager", "and_", "or_":
		return flow.Value{Kind: flow.Scalar}, true
	case "paginate":
		for _, v := range c.Named {
			if v.Kind == flow.Many && fw.mine(v) {
				return fw.paged(in, v, c.Node), true
			}
		}
		if len(c.Args) > 0 && c.Args[0].Kind == flow.Many && fw.mine(c.Args[0]) {
			return fw.paged(in, c.Args[0], c.Node), true
		}
	case "dump", "dumps":
		return flow.Value{}, false
	}
	return flow.Value{}, false
}

func (fw *Framework) one(in *flow.Interp, v flow.Value, c *flow.Call) flow.Value {
	q, r := in.Refine(v, c.Node)
	r.Single, r.Terminal = true, c.Name
	in.Execute(r, in.Site(c.Node, "asks for one row"), flow.RunQuery)
	return in.Element(q, nil)
}

func (fw *Framework) paged(in *flow.Interp, v flow.Value, at syntax.Ref) flow.Value {
	in.Use(v, at)
	if v.Root != nil && v.Path == "" {
		v.Root.Paged = true
	}
	v.Loaded = true
	return v
}

// query interprets a word on a query, or on rows of a relationship.
func (fw *Framework) query(in *flow.Interp, c *flow.Call, v flow.Value) (flow.Value, bool) {
	name := c.Name
	inMemory := v.Path != "" && v.Via != nil && !v.Via.PerRowScope
	switch {
	case inMemory: // a list of related rows
		return flow.Value{}, false
	case name == "scalars" || name == "unique" || name == "mappings" || name == "tuples" || name == "partitions":
		if name == "scalars" && v.Root != nil && len(v.Root.Select) == 0 {
			v.Model = v.Root.Model
		}
		return v, true
	case name == "all" || name == "fetchall" || name == "items":
		if v.Root == nil {
			v, _ = in.Refine(v, c.Node.Receiver())
		}
		if v.Root.Terminal == "" && !v.Root.Paged {
			v.Root.Terminal = "all"
		}
		in.Use(v, c.Node)
		v.Loaded = true
		return v, true
	case name == "paginate":
		if v.Root == nil {
			v, _ = in.Refine(v, c.Node.Receiver())
		}
		return fw.paged(in, v, c.Node), true
	case singles[name]:
		out := fw.one(in, v, c)
		if out.Root != nil {
			fw.refine(in, out.Root, name, c)
		}
		return out, true
	case name == "scalar" || name == "count":
		_, r := in.Refine(v, c.Node)
		r.Terminal = name
		in.Execute(r, in.Site(c.Node, "asks "+name), flow.Aggregate)
		return flow.Value{Kind: flow.Scalar}, true
	case name == "exists" || name == "whereclause" || name == "statement" || name == "c" || name == "label" || name == "as_scalar" || name == "scalar_subquery":
		return flow.Value{Kind: flow.Scalar}, true
	case name == "update" || name == "delete":
		_, r := in.Refine(v, c.Node)
		r.Terminal = name
		in.Execute(r, in.Site(c.Node, name), flow.Write)
		return flow.Value{Kind: flow.Scalar}, true
	case refining[name]:
		if v.Model != nil && v.Model.Class != nil && fw.ix.LookupMethod(v.Model.Class, name, true) != nil && v.Root == nil {
			return flow.Value{}, false
		}
		q, r := in.Refine(v, c.Node)
		fw.refine(in, r, name, c)
		if name == "with_entities" || name == "add_columns" || name == "add_entity" || name == "with_only_columns" || name == "subquery" || name == "cte" {
			q.Model = nil
			r.Select = []string{"?"}
		}
		return q, true
	}
	return flow.Value{}, false
}

// record interprets what is asked of one row.
func (fw *Framework) record(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Model
	if rel := fw.ix.Relation(m, c.Name); rel != nil {
		v := in.Relate(c.Recv, rel, c.Node)
		if rel.PerRowScope && v.Kind == flow.Many && v.Root != nil { // lazy="dynamic" is a query of its own
			q, _ := in.Refine(v, c.Node)
			return q, true
		}
		return v, true
	}
	switch c.Name {
	case "query":
		return flow.Value{Kind: flow.Many, Model: m}, true
	case "__class__":
		return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
	case "id":
		return flow.Value{Kind: flow.Scalar}, true
	}
	return flow.Value{}, false
}

// refine reads what a query method adds.
func (fw *Framework) refine(in *flow.Interp, r *flow.Root, name string, c *flow.Call) {
	site := in.Site(c.Node, "")
	switch name {
	case "options":
		for _, a := range c.ArgRefs {
			fw.option(in, r, a, "", 0)
		}
	case "filter", "where", "having":
		for _, a := range c.ArgRefs {
			fw.condition(in, r, a, site, 0)
		}
	case "filter_by":
		for _, a := range c.Node.Args() {
			if a.Kind() == syntax.Pair {
				r.Filters = append(r.Filters, flow.Filter{Column: fw.columnOf(r.Model, a.Str()), Op: "=", Site: site})
			}
		}
	case "order_by":
		for _, a := range c.ArgRefs {
			fw.order(in, r, a)
		}
	case "limit":
		if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.Number {
			r.Limit = atoi(c.ArgRefs[0].Str())
		} else {
			r.Paged = true
		}
	case "slice":
		r.Paged = true
	case "yield_per":
		r.Paged, r.Terminal = true, "yield_per"
	case "distinct":
		r.Distinct = true
	case "join", "outerjoin":
		for _, a := range c.ArgRefs {
			r.Joins = append(r.Joins, a.Str())
		}
	case "get", "get_or_404":
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: site})
	}
}

func atoi(s string) int {
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' || n > 1e7 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// loaders are the options that load a relationship with the query.
var loaders = map[string]bool{"joinedload": true, "selectinload": true, "subqueryload": true, "contains_eager": true, "immediateload": true, "eagerload": true, "joinedload_all": true, "subqueryload_all": true}

// option reads one loader option, with those chained to it.
func (fw *Framework) option(in *flow.Interp, r *flow.Root, a syntax.Ref, prefix string, depth int) {
	if depth > 8 {
		return
	}
	switch a.Kind() {
	case syntax.Call:
	case syntax.Splat, syntax.List:
		for e := range a.Children() {
			fw.option(in, r, e, prefix, depth+1)
		}
		return
	case syntax.Name:
		if k, g := fw.ix.Constant(in.File(), a.Str()); g != nil && k.Is(syntax.Call, syntax.List) {
			fw.option(in, r, k, prefix, depth+1)
			return
		}
		r.AddEager(flow.EagerUnknown)
		return
	default:
		r.AddEager(flow.EagerUnknown)
		return
	}
	fw.chain(in, r, a, prefix, depth)
}

// chain reads joinedload(A.b).selectinload(B.c) and returns the path that it leads to.
func (fw *Framework) chain(in *flow.Interp, r *flow.Root, a syntax.Ref, prefix string, depth int) string {
	base := prefix
	recv := a.Receiver()
	if recv.Kind() == syntax.Call && recv.Str() != "Load" {
		base = fw.chain(in, r, recv, prefix, depth+1)
	}
	name := a.Str()
	switch {
	case loaders[name] || name == "defaultload" || name == "lazyload" || name == "noload" || name == "raiseload":
		path := base
		for _, arg := range a.Args() {
			if arg.Kind() == syntax.Pair {
				continue
			}
			seg := ""
			switch arg.Kind() {
			case syntax.String:
				seg = arg.Str()
				if seg == "*" {
					seg = ""
					if loaders[name] {
						r.AddEager(flow.EagerUnknown)
					}
				}
			case syntax.Member:
				seg = arg.Str()
			case syntax.Call: // A.b.of_type(C), A.b.and_(...)
				seg = arg.Receiver().Str()
			}
			path = flow.JoinPath(path, seg)
		}
		if loaders[name] {
			r.AddEager(path)
		}
		return path
	case name == "options" && recv.Ok():
		for _, arg := range a.Args() {
			fw.option(in, r, arg, base, depth+1)
		}
		return base
	case name == "load_only" || name == "defer" || name == "undefer" || name == "undefer_group" || name == "with_loader_criteria" || name == "selectin_polymorphic" || name == "with_expression":
		return base
	}
	r.AddEager(flow.EagerUnknown) // a function that makes options
	return base
}

// columnOf is the column behind an attribute; of a relationship it is the key.
func (fw *Framework) columnOf(m *flow.Model, attr string) string {
	if m == nil {
		return attr
	}
	if c := m.Columns[attr]; c != "" {
		return c
	}
	if rel := fw.ix.Relation(m, attr); rel != nil && rel.ForeignKey != "" {
		return rel.ForeignKey
	}
	return attr
}

// attribute resolves Model.attr inside a query's expressions to a column, qualified when it is of
// another table.
func (fw *Framework) attribute(in *flow.Interp, r *flow.Root, n syntax.Ref) (string, bool) {
	if n.Kind() != syntax.Member {
		return "", false
	}
	recv := n.Receiver()
	var m *flow.Model
	if recv.Str() == "cls" || recv.Kind() == syntax.Self {
		m = r.Model
	} else if c := fw.ix.Class(recv.Dotted(), in.File()); c != nil && c.Model != nil && c.Model.Framework == "sqlalchemy" {
		m = c.Model
	}
	if m == nil {
		return "", false
	}
	col := fw.columnOf(m, n.Str())
	if r.Model != nil && m != r.Model && m.Table != r.Model.Table {
		col = m.Table + "." + col
	}
	return col, true
}

var comparisons = map[string]string{"==": "=", "!=": "!=", "<": "<", "<=": "<", ">": "<", ">=": "<", "is": "null", "in": "in"}

// condition reads one expression of filter() or where().
func (fw *Framework) condition(in *flow.Interp, r *flow.Root, n syntax.Ref, site flow.Site, depth int) {
	if depth > 8 {
		return
	}
	add := func(target syntax.Ref, op string) {
		fn := ""
		if target.Kind() == syntax.Call && target.Receiver().Str() == "func" {
			fn, target = target.Str(), target.Arg(0)
		}
		if col, ok := fw.attribute(in, r, target); ok {
			r.Filters = append(r.Filters, flow.Filter{Column: col, Op: op, Func: fn, Site: site})
		}
	}
	switch n.Kind() {
	case syntax.Binary:
		switch op := n.Str(); op {
		case "&":
			fw.condition(in, r, n.Child(syntax.Left), site, depth+1)
			fw.condition(in, r, n.Child(syntax.Right), site, depth+1)
		case "|":
			r.Dynamic = true
		default:
			if o := comparisons[op]; o != "" {
				if n.Child(syntax.Right).Kind() == syntax.Nil {
					if o == "=" {
						o = "null"
					}
				}
				if _, join := fw.attribute(in, r, n.Child(syntax.Right)); join {
					return
				}
				add(n.Child(syntax.Left), o)
			}
		}
	case syntax.Unary:
		r.Dynamic = true
	case syntax.Call:
		switch n.Str() {
		case "and_":
			for _, a := range n.Args() {
				fw.condition(in, r, a, site, depth+1)
			}
		case "or_", "not_":
			r.Dynamic = true
		case "in_":
			add(n.Receiver(), "in")
		case "like", "startswith":
			add(n.Receiver(), "like")
		case "ilike", "contains", "match", "endswith", "op", "any":
			add(n.Receiver(), "contains")
		case "is_":
			add(n.Receiver(), "null")
		case "between":
			add(n.Receiver(), "<")
		case "isnot", "is_not", "notin_", "not_in":
			add(n.Receiver(), "!=")
		}
	case syntax.Name, syntax.Splat:
		r.Dynamic = true
	}
}

// order reads one sort key.
func (fw *Framework) order(in *flow.Interp, r *flow.Root, n syntax.Ref) {
	desc := false
	for n.Kind() == syntax.Call {
		switch n.Str() {
		case "desc", "asc", "nullslast", "nullsfirst", "nulls_last", "nulls_first":
			desc = desc || n.Str() == "desc"
			if n.Receiver().Is(syntax.Member, syntax.Call) {
				n = n.Receiver()
			} else {
				n = n.Arg(0)
			}
			continue
		}
		break
	}
	switch {
	case n.Kind() == syntax.String:
		r.Orders = append(r.Orders, flow.Order{Column: n.Str(), Desc: desc})
	case n.Is(syntax.Name, syntax.Splat):
		r.Dynamic = true
	default:
		if col, ok := fw.attribute(in, r, n); ok {
			r.Orders = append(r.Orders, flow.Order{Column: col, Desc: desc})
		} else {
			r.Orders = append(r.Orders, flow.Order{Expr: true})
		}
	}
}

// EagerCall writes loader options: joinedload for paths of to-one relationships, selectinload for the
// others. The options name the model's attributes, so the model must be in sight of the query.
func (fw *Framework) EagerCall(root *flow.Root, paths []string) (string, bool) {
	if root.Model == nil || len(root.Select) > 0 || len(root.Sites) == 0 {
		return "", false
	}
	at := root.Sites[0].Node
	if name := at.Str(); !(at.Kind() == syntax.Member && name == "query") && !(at.Kind() == syntax.Call && (refining[name] || name == "query" || name == "select")) {
		return "", false // what a function returns may be a list
	}
	f := root.Sites[0].File
	var parts []string
	for _, p := range paths {
		m := root.Model
		text := ""
		for _, seg := range strings.Split(p, ".") {
			rel := fw.ix.Relation(m, seg)
			if rel == nil || rel.PerRowScope {
				return "", false
			}
			word := "joinedload"
			if rel.Kind.Many() {
				word = "selectinload"
			}
			name, ok := fw.inSight(f, m)
			if !ok || !fw.imports(f, word) {
				return "", false
			}
			if text != "" {
				text += "."
			}
			text += word + "(" + name + "." + seg + ")"
			m = fw.ix.Model(rel.Target, rel.File)
			if m == nil {
				break
			}
		}
		parts = append(parts, text)
	}
	return ".options(" + strings.Join(parts, ", ") + ")", true
}
