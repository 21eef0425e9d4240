package django

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// refining are the queryset methods that narrow or decorate and run nothing.
var refining = map[string]bool{
	"filter": true, "exclude": true, "order_by": true, "annotate": true, "alias": true, "distinct": true, "reverse": true, "select_related": true, "prefetch_related": true,
	"only": true, "defer": true, "using": true, "select_for_update": true, "extra": true, "union": true, "intersection": true, "difference": true, "none": true, "raw": true,
	"complex_filter": true, "dates": true, "datetimes": true, "values": true, "values_list": true, "non_polymorphic": true, "select_subclasses": true,
}

// singles run a query for one row.
var singles = map[string]bool{
	"get": true, "first": true, "last": true, "latest": true, "earliest": true, "get_or_create": true, "update_or_create": true, "get_by_natural_key": true, "get_or_none": true,
}

// aggregates run a query for a number or a truth.
var aggregates = map[string]bool{"count": true, "exists": true, "aggregate": true, "contains": true}

// identities return the same rows.
var identities = map[string]bool{"all": true, "get_queryset": true, "_clone": true, "_chain": true, "db_manager": true}

// bulk write many rows with few statements.
var bulk = map[string]bool{"bulk_create": true, "bulk_update": true, "update": true, "delete": true, "_raw_delete": true}

// Call interprets Django's words.
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
		if c.Recv.Model != nil {
			return fw.class(in, c)
		}
		if c.Recv.Class != nil && fw.kindOf(c.Recv.Class, 0) == managerClass {
			return flow.Value{}, c.Name == "as_manager" || c.Name == "from_queryset"
		}
	case flow.Many:
		if !fw.mine(c.Recv) {
			return flow.Value{}, false
		}
		return fw.query(in, c, c.Recv)
	case flow.Record:
		if c.Recv.Model != nil && c.Recv.Model.Framework == "django" {
			return fw.record(in, c)
		}
	case flow.Object:
		return fw.object(in, c)
	case flow.Unknown:
		return fw.unknown(in, c)
	}
	return flow.Value{}, false
}

// mine reports whether rows are of a Django model; rows of values() have no model of their own.
func (fw *Framework) mine(v flow.Value) bool {
	m := v.Model
	if m == nil && v.Root != nil {
		m = v.Root.Model
	}
	return m != nil && m.Framework == "django"
}

// class interprets an attribute of a model class: its managers.
func (fw *Framework) class(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Model
	i := fw.infoOf(m)
	if i == nil {
		return flow.Value{}, false
	}
	decl, declared := i.managers[c.Name]
	switch {
	case declared:
		return fw.manager(in, m, decl, i.owners[c.Name], c.Node), true
	case c.Name == "objects" || c.Name == "_default_manager" || c.Name == "_base_manager" || c.Name == "all_objects":
		return flow.Value{Kind: flow.Many, Model: m}, true
	case c.Name == "DoesNotExist" || c.Name == "_meta" || c.Name == "MultipleObjectsReturned":
		return flow.Value{Kind: flow.Scalar}, true
	}
	return flow.Value{}, false
}

// manager is the rows of a manager: those of its get_queryset where it has one of its own.
func (fw *Framework) manager(in *flow.Interp, m *flow.Model, decl syntax.Ref, owner *flow.Class, at syntax.Ref) flow.Value {
	rows := flow.Value{Kind: flow.Many, Model: m}
	for _, k := range fw.managerClasses(decl, owner.File, 0) {
		gq := fw.ix.LookupMethod(k, "get_queryset", false)
		if gq == nil {
			continue
		}
		self := flow.Value{Kind: flow.Object, Class: k, Fields: map[string]flow.Value{"@model": {Kind: flow.ClassRef, Class: m.Class, Model: m}}}
		if v := in.Invoke(gq, self, &flow.Call{Node: at, Name: "get_queryset"}); v.Kind == flow.Many && v.Root != nil && v.Root.Model == m {
			return v
		}
		break
	}
	return rows
}

// query interprets a word of the queryset interface.
func (fw *Framework) query(in *flow.Interp, c *flow.Call, v flow.Value) (flow.Value, bool) {
	name := c.Name
	if c.Recv.Loaded {
		return flow.Value{}, false
	}
	if v.Model != nil && fw.ix.ScopeOf(v.Model, name) != nil {
		return flow.Value{}, false
	}
	if len(name) > 3 && name[0] == 'a' && (singles[name[1:]] || aggregates[name[1:]] || bulk[name[1:]] || name == "acreate" || name == "aiterator" || name == "ain_bulk") {
		name = name[1:] // the asynchronous twin
	}
	related := v.Path != "" && v.Root != nil
	switch {
	case identities[name]:
		if v.Root == nil && v.Via == nil && name == "all" { // of a relation of an unknown row the caller may have loaded it
			q, _ := in.Refine(v, c.Node)
			return q, true
		}
		if v.Root != nil && !related && name == "all" {
			v.Root.At(in.Site(c.Node, "query"))
		}
		return v, true
	case refining[name]:
		q, r := in.Refine(v, c.Node)
		fw.refine(in, r, name, c)
		if name == "values" || name == "values_list" || name == "dates" || name == "datetimes" {
			r.Select = columns(c)
			q.Model = nil
		}
		return q, true
	case singles[name]:
		q, r := in.Refine(v, c.Node)
		r.Single, r.Terminal = true, name
		fw.refine(in, r, name, c)
		if !related && len(c.Args) == 0 && (name == "first" || name == "last") {
			r.Limit = 0
		}
		in.Execute(r, in.Site(c.Node, "asks for one row"), flow.RunQuery)
		if name == "get_or_create" || name == "update_or_create" {
			e := in.Element(q, nil)
			return flow.Value{Kind: flow.Container, Elem: &e}, true
		}
		return in.Element(q, nil), true
	case aggregates[name]:
		if related && name != "aggregate" { // answered from memory when the relation is prefetched
			if v.Root != nil && in.Index.Covers(v.Root, v.Path) {
				return flow.Value{Kind: flow.Scalar}, true
			}
			in.AggregateRelation(v, in.Site(c.Node, "asks "+name))
			return flow.Value{Kind: flow.Scalar}, true
		}
		_, r := in.Refine(v, c.Node)
		r.Terminal = name
		in.Execute(r, in.Site(c.Node, "asks "+name), flow.Aggregate)
		return flow.Value{Kind: flow.Scalar}, true
	case name == "iterator":
		q, r := in.Refine(v, c.Node)
		r.Terminal, r.Paged = name, true
		return q, true
	case name == "in_bulk":
		q, r := in.Refine(v, c.Node)
		r.Terminal = name
		in.Execute(r, in.Site(c.Node, "asks by keys"), flow.RunQuery)
		e := in.Element(q, nil)
		return flow.Value{Kind: flow.Container, Pairs: true, Elem: &e}, true
	case bulk[name]:
		_, r := in.Refine(v, c.Node)
		r.Terminal = name
		if !strings.HasPrefix(name, "bulk") {
			in.Execute(r, in.Site(c.Node, name), flow.Write)
		}
		if name == "bulk_create" && len(c.Args) > 0 {
			return c.Args[0], true
		}
		return flow.Value{Kind: flow.Scalar}, true
	case name == "create" || name == "add" || name == "remove" || name == "set" || name == "clear":
		rec := flow.Value{Kind: flow.Record, Model: v.Model}
		if related {
			rec.Root, rec.Path, rec.PerRow, rec.Loop = v.Root, v.Path, v.PerRow, v.Loop
		}
		in.Write(rec, c.Node)
		return flow.Value{Kind: flow.Record, Model: v.Model}, true
	case name == "model":
		if v.Model != nil {
			return flow.Value{Kind: flow.ClassRef, Class: v.Model.Class, Model: v.Model}, true
		}
	case name == "object_list" || name == "paginator" || name == "results": // a page of a paginator
		return v, true
	case name == "ordered" || name == "db" || name == "query" || name == "through" || name == "as_sql" || name == "explain" || name == "number" || strings.HasPrefix(name, "has_") || strings.HasSuffix(name, "_page_number") || name == "num_pages" || name == "page_range":
		return flow.Value{Kind: flow.Scalar}, true
	case name == "length": // {{ rows|length }}
		in.Use(v, c.Node)
		return flow.Value{Kind: flow.Scalar}, true
	case name == "append" || name == "extend" || name == "insert":
		return v, true
	}
	return flow.Value{}, false
}

// columns lists the names given to values() and values_list().
func columns(c *flow.Call) []string {
	var out []string
	for _, a := range c.ArgRefs {
		if a.Kind() == syntax.String {
			out = append(out, a.Str())
		}
	}
	return out
}

// refine reads what a queryset method adds.
func (fw *Framework) refine(in *flow.Interp, r *flow.Root, name string, c *flow.Call) {
	switch name {
	case "select_related":
		fw.selectRelated(in, r, c)
	case "prefetch_related":
		for _, a := range c.ArgRefs {
			fw.pathsAt(in, r, a, in.File(), 0)
		}
	case "filter", "exclude", "get", "get_or_create", "update_or_create", "complex_filter":
		op := ""
		if name == "exclude" {
			op = "!="
		}
		fw.conditions(in, r, c.Node, op)
		for _, a := range c.Node.Args() {
			if a.Kind() == syntax.Splat {
				r.Dynamic = true
			}
		}
	case "order_by", "latest", "earliest":
		r.Orders = nil
		for _, a := range c.ArgRefs {
			fw.order(r, a)
		}
	case "distinct":
		r.Distinct = true
	}
}

// selectRelated marks the to-one paths that the query joins. Without arguments Django follows every
// key that can not be null.
func (fw *Framework) selectRelated(in *flow.Interp, r *flow.Root, c *flow.Call) {
	if len(c.ArgRefs) == 0 {
		fw.followAll(r, r.Model, "", 0)
		return
	}
	for _, a := range c.ArgRefs {
		fw.pathsAt(in, r, a, in.File(), 0)
	}
}

// pathsAt reads an argument of select_related or prefetch_related: strings, lists of them, Prefetch
// objects, constants here and in other modules. What can not be read is marked as unknown: then
// nothing is said of the query.
func (fw *Framework) pathsAt(in *flow.Interp, r *flow.Root, a syntax.Ref, f *project.File, depth int) {
	switch {
	case depth > 6:
	case a.Kind() == syntax.String:
		fw.addPath(r, a.Str())
		return
	case a.Kind() == syntax.Nil:
		return
	case a.Is(syntax.List, syntax.Splat):
		for e := range a.Children() {
			fw.pathsAt(in, r, e, f, depth+1)
		}
		return
	case a.Kind() == syntax.Binary:
		fw.pathsAt(in, r, a.Child(syntax.Left), f, depth+1)
		fw.pathsAt(in, r, a.Child(syntax.Right), f, depth+1)
		return
	case a.Kind() == syntax.Name:
		if parts := gathered(a); len(parts) > 0 {
			for _, part := range parts {
				fw.pathsAt(in, r, part, f, depth+1)
			}
			return
		}
		if k, g := fw.ix.Constant(f, a.Str()); g != nil {
			fw.pathsAt(in, r, k, g, depth+1)
			return
		}
		if v := in.Eval(a); v.Node.Is(syntax.List, syntax.String) || v.Fields["queryset"].Kind != flow.Unknown {
			if v.Node.Ok() {
				fw.pathsAt(in, r, v.Node, f, depth+1)
				return
			}
		}
	case a.Kind() == syntax.Call && a.Str() == "Prefetch":
		fw.prefetch(r, a, in.Eval(a))
		return
	}
	r.AddEager(flow.EagerUnknown)
}

// gathered lists everything that the function around a name puts into it: assignments, extend, append.
// It is nil for a name that the function does not set. What is added under a condition counts: the rows
// that need it are read under the same one.
func gathered(name syntax.Ref) []syntax.Ref {
	fn := name.Enclosing(syntax.Func)
	if !fn.Ok() {
		return nil
	}
	var out []syntax.Ref
	set := false
	for n := range fn.Child(syntax.Body).Descendants(syntax.Assign, syntax.Call) {
		switch n.Kind() {
		case syntax.Assign:
			for t := range n.All(syntax.Target) {
				if t.Kind() == syntax.Name && t.Str() == name.Str() {
					set = true
					out = append(out, n.Child(syntax.Value))
				}
			}
		case syntax.Call:
			if n.Receiver().Kind() != syntax.Name || n.Receiver().Str() != name.Str() {
				continue
			}
			switch n.Str() {
			case "extend", "append", "add", "update", "insert":
				for i, a := range n.Args() {
					if i > 0 || n.Str() != "insert" {
						out = append(out, a)
					}
				}
			}
		}
	}
	for _, x := range out { // paths = paths + [...]
		for d := range x.Descendants(syntax.Name) {
			if d.Str() == name.Str() {
				return nil
			}
		}
	}
	if !set {
		return nil
	}
	return out
}

func (fw *Framework) followAll(r *flow.Root, m *flow.Model, prefix string, depth int) {
	i := fw.infoOf(m)
	if i == nil || depth > 3 {
		return
	}
	for _, f := range i.fields {
		if !f.foreign() || f.call.Keyword("null").Str() == "true" {
			continue
		}
		path := flow.JoinPath(prefix, f.name)
		r.AddEager(path)
		if rel := m.Relations[f.name]; rel != nil {
			if next := fw.ix.Model(rel.Target, rel.File); next != m {
				fw.followAll(r, next, path, depth+1)
			}
		}
	}
}

// addPath marks a__b as loaded, with reverse names as the accessors are called.
func (fw *Framework) addPath(r *flow.Root, lookups string) string {
	m := r.Model
	path := ""
	for _, seg := range strings.Split(lookups, "__") {
		name := seg
		if rel := fw.lookup(m, seg); rel != nil {
			name = rel.Name
			m = fw.ix.Model(rel.Target, rel.File)
		} else {
			m = nil
		}
		path = flow.JoinPath(path, name)
	}
	r.AddEager(path)
	return path
}

// prefetch reads a Prefetch object.
func (fw *Framework) prefetch(r *flow.Root, a syntax.Ref, v flow.Value) {
	lookup := a.Arg(0)
	if k := a.Keyword("lookup"); k.Ok() {
		lookup = k
	}
	if lookup.Kind() != syntax.String {
		r.AddEager(flow.EagerUnknown)
		return
	}
	var path string
	if to := a.Keyword("to_attr"); to.Kind() == syntax.String {
		path = lookup.Str()
		if i := strings.LastIndex(path, "__"); i >= 0 {
			fw.addPath(r, path[:i])
			path = strings.ReplaceAll(path[:i], "__", ".") + "." + to.Str()
		} else {
			path = to.Str()
		}
		r.AddEager(path)
	} else {
		path = fw.addPath(r, lookup.Str())
	}
	if sub := v.Fields["queryset"]; sub.Root != nil {
		for p := range sub.Root.Eager {
			if p == flow.EagerUnknown {
				r.AddEager(p)
				continue
			}
			r.AddEager(flow.JoinPath(path, p))
		}
	}
}

// conditions reads keyword lookups and Q objects, at any depth of an expression of them.
func (fw *Framework) conditions(in *flow.Interp, r *flow.Root, call syntax.Ref, op string) {
	for _, a := range call.Args() {
		switch a.Kind() {
		case syntax.Pair:
			if a.Str() != "defaults" && a.Str() != "create_defaults" {
				r.Filters = append(r.Filters, fw.filter(r, a, op, in.Site(call, "")))
			}
		case syntax.Call, syntax.Binary, syntax.Unary:
			if !onlyQ(a) { // Exists(...), an expression: it narrows the rows in a way that is not read
				r.Dynamic = true
			}
			for q := range a.Descendants(syntax.Call) {
				if q.Str() != "Q" {
					continue
				}
				negated := op
				for p := q.Parent(); p.Ok() && p != call; p = p.Parent() {
					switch {
					case p.Kind() == syntax.Unary:
						negated = "!="
					case p.Kind() == syntax.Binary && p.Str() == "|":
						if negated == "" {
							negated = "or"
						}
					}
				}
				for _, b := range q.Args() {
					if b.Kind() == syntax.Pair {
						f := fw.filter(r, b, negated, in.Site(call, ""))
						if negated == "or" { // one of several: no index on it alone serves the query
							r.Dynamic = true
							continue
						}
						r.Filters = append(r.Filters, f)
					}
				}
			}
		default: // a name, **kwargs: what it holds is not known
			r.Dynamic = true
		}
	}
}

// onlyQ reports whether a condition is made of Q objects alone.
func onlyQ(n syntax.Ref) bool {
	switch n.Kind() {
	case syntax.Call:
		return n.Str() == "Q"
	case syntax.Unary:
		for c := range n.Children() {
			return onlyQ(c)
		}
	case syntax.Binary:
		return onlyQ(n.Child(syntax.Left)) && onlyQ(n.Child(syntax.Right))
	}
	return false
}

// operators of lookups, as flow.Filter names them.
var operators = map[string]string{
	"exact": "=", "iexact": "=", "in": "in", "gt": "<", "gte": "<", "lt": "<", "lte": "<", "range": "<", "isnull": "null",
	"contains": "contains", "icontains": "contains", "startswith": "like", "istartswith": "like", "endswith": "contains", "iendswith": "contains", "regex": "contains", "iregex": "contains",
	"search": "contains", "contained_by": "contains", "overlap": "contains", "has_key": "contains", "has_keys": "contains", "has_any_keys": "contains", "trigram_similar": "contains",
}

var functions = map[string]string{
	"iexact": "upper", "icontains": "upper", "istartswith": "upper", "iendswith": "upper", "date": "date", "year": "", "month": "extract", "day": "extract", "week": "extract", "hour": "extract", "lower": "lower", "upper": "upper", "length": "length",
}

// filter reads one lookup: author__name__icontains=x is a condition on a column of the author's table.
func (fw *Framework) filter(r *flow.Root, pair syntax.Ref, op string, site flow.Site) flow.Filter {
	f := flow.Filter{Op: "=", Site: site}
	m := r.Model
	table := ""
	for _, seg := range strings.Split(pair.Str(), "__") {
		if f.Column != "" || m == nil {
			if o, ok := operators[seg]; ok {
				f.Op = o
			} else if _, known := functions[seg]; !known && f.Column != "" {
				f.Op = "expr" // a key of a JSON column
			}
			if fn := functions[seg]; fn != "" {
				f.Func = fn
			}
			if seg == "year" {
				f.Op = "<"
			}
			continue
		}
		if col := m.Columns[seg]; col != "" {
			if rel := m.Relations[seg]; rel != nil && strings.HasPrefix(rest(pair.Str(), seg), "__") && !operates(rest(pair.Str(), seg)) {
				m = fw.ix.Model(rel.Target, rel.File)
				table = tableOf(m)
				continue
			}
			f.Column = col
			continue
		}
		if rel := fw.lookup(m, seg); rel != nil {
			m = fw.ix.Model(rel.Target, rel.File)
			table = tableOf(m)
			continue
		}
		f.Column = seg // an annotation
		if r.Model == m && seg != "pk" {
			f.Op = "expr"
		}
	}
	if f.Column == "" {
		f.Column = "id"
	}
	if table != "" {
		f.Column = table + "." + f.Column
	}
	if op != "" {
		f.Op = op
	}
	return f
}

// rest is what stands behind a segment of a lookup.
func rest(lookup, seg string) string {
	i := strings.Index(lookup, seg)
	if i < 0 {
		return ""
	}
	return lookup[i+len(seg):]
}

// operates reports whether the next segment of a lookup is an operator.
func operates(rest string) bool {
	next, _, _ := strings.Cut(strings.TrimPrefix(rest, "__"), "__")
	_, ok := operators[next]
	return ok
}

func tableOf(m *flow.Model) string {
	if m == nil {
		return "?"
	}
	return m.Table
}

// order reads one sort key.
func (fw *Framework) order(r *flow.Root, a syntax.Ref) {
	if a.Kind() != syntax.String || a.Has(syntax.FlagInterp) {
		if a.Kind() == syntax.Call && (a.Str() == "asc" || a.Str() == "desc") && a.Receiver().Str() == "F" {
			fw.orderBy(r, a.Receiver().Arg(0).Str(), a.Str() == "desc")
			return
		}
		if a.Kind() == syntax.Name || a.Kind() == syntax.Splat {
			r.Dynamic = true
			return
		}
		r.Orders = append(r.Orders, flow.Order{Expr: true})
		return
	}
	name := a.Str()
	fw.orderBy(r, strings.TrimLeft(name, "-+"), strings.HasPrefix(name, "-"))
}

func (fw *Framework) orderBy(r *flow.Root, name string, desc bool) {
	if name == "?" {
		r.Orders = append(r.Orders, flow.Order{Expr: true})
		return
	}
	f := fw.filter(r, pairOf(name), "", flow.Site{})
	r.Orders = append(r.Orders, flow.Order{Column: f.Column, Desc: desc, Expr: f.Op == "expr"})
}

// pairOf makes the lookup node of a sort key.
func pairOf(name string) syntax.Ref {
	b := syntax.NewBuilder("python", nil)
	b.Leaf(syntax.Pair, syntax.Arg, name, 0, 0)
	return b.Finish().At(1)
}

// record interprets methods of one row.
func (fw *Framework) record(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Model
	switch c.Name {
	case "save", "delete", "asave", "adelete", "refresh_from_db":
		if c.Node.Kind() != syntax.Call {
			return flow.Value{}, false
		}
		if c.Super { // counted where the row's own save() was called
			return flow.Value{Kind: flow.Scalar}, true
		}
		if fw.ix.LookupMethod(m.Class, c.Name, false) == nil {
			in.Write(c.Recv, c.Node)
			return flow.Value{Kind: flow.Scalar}, true
		}
		in.Write(c.Recv, c.Node) // its own save() writes the row; what else it does is followed below
		return flow.Value{}, false
	case "pk", "id", "_meta", "_state", "DoesNotExist", "full_clean", "clean":
		return flow.Value{Kind: flow.Scalar}, c.Name != "clean" && c.Name != "full_clean"
	case "__class__", "_default_manager":
		return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
	case "objects":
		return flow.Value{Kind: flow.Many, Model: m}, true
	}
	if strings.HasPrefix(c.Name, "get_") && strings.HasSuffix(c.Name, "_display") {
		return flow.Value{Kind: flow.Scalar}, true
	}
	// A reverse name inside a template or a serializer may be a relation of the row.
	return flow.Value{}, false
}
