package laravel

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// writes of one row that is in memory.
var writes = map[string]bool{
	"save": true, "saveOrFail": true, "saveQuietly": true, "update": true, "updateQuietly": true, "updateOrFail": true, "delete": true, "deleteOrFail": true, "deleteQuietly": true, "forceDelete": true,
	"forceDeleteQuietly": true, "touch": true, "push": true, "restore": true, "increment": true, "decrement": true, "incrementQuietly": true, "decrementQuietly": true, "markAsRead": true,
}

// silent ask nothing of the database.
var silent = map[string]bool{
	"whenLoaded": true, "relationLoaded": true, "getKey": true, "getAttribute": true, "setAttribute": true, "getOriginal": true, "isDirty": true, "wasChanged": true, "getTable": true, "getKeyName": true,
	"getForeignKey": true, "only": true, "except": true, "makeHidden": true, "makeVisible": true, "append": true, "setAppends": true, "setRelation": true, "unsetRelation": true, "fill": true, "forceFill": true,
	"syncOriginal": true, "whenCounted": true, "whenAggregated": true, "whenHas": true, "whenPivotLoaded": true, "is": true, "isNot": true, "getRouteKey": true, "getMorphClass": true, "getConnection": true, "getAttributes": true, "toRawArray": true,
}

// Call interprets Laravel's words.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch in.File().Lang {
	case "php", "blade":
	default:
		return flow.Value{}, false
	}
	if c.Node.Kind() == syntax.Name && c.Node.Str() == c.Name { // a name that is no variable: an imported class
		if _, ok := fw.importsOf(in.File())[c.Name]; ok {
			if cl := fw.classOf(c.Name, in.File()); cl != nil {
				return flow.Value{Kind: flow.ClassRef, Class: cl, Model: cl.Model, File: in.File()}, true
			}
		}
		return flow.Value{}, false
	}
	if !c.HasRecv {
		if c.Node.Has(syntax.FlagNew) {
			return fw.construct(in, c)
		}
		return fw.bare(in, c)
	}
	recv := c.Node.Receiver()
	if recv.Kind() == syntax.Name && c.Node.Has(syntax.FlagStatic) {
		if recv.Str() == "parent" {
			return fw.parent(in, c), true
		}
		if cl := fw.classOf(recv.Str(), in.File()); cl != nil && cl != c.Recv.Class {
			c.Recv = flow.Value{Kind: flow.ClassRef, Class: cl, Model: cl.Model}
		} else if cl == nil && c.Recv.Kind == flow.ClassRef {
			c.Recv = flow.Value{} // a class of a library
		}
	}
	if c.Node.Has(syntax.FlagStatic) && recv.Kind() == syntax.Self && c.Recv.Kind == flow.Record && c.Recv.Model != nil {
		if c.Node.Kind() != syntax.Call {
			return flow.Value{}, true
		}
		if m := fw.ix.LookupMethod(c.Recv.Model.Class, c.Name, false); m == nil || fw.scope(c.Recv.Model, c.Name) != nil {
			c.Recv = flow.Value{Kind: flow.ClassRef, Class: c.Recv.Model.Class, Model: c.Recv.Model}
		}
	}
	switch c.Recv.Kind {
	case flow.ClassRef:
		return fw.static(in, c)
	case flow.Many:
		if c.Recv.Loaded {
			return fw.collection(in, c)
		}
		if m := c.Recv.Model; m != nil {
			if s := fw.scope(m, c.Name); s != nil {
				return fw.runScope(in, c, s, c.Recv), true
			}
		}
		if c.Node.Kind() == syntax.Member {
			return flow.Value{}, true
		}
		if v, ok := fw.query(in, c, c.Recv); ok {
			return v, true
		}
		if c.Recv.Model != nil && c.Recv.Root != nil { // a macro, or a collection method behind a query
			c.Recv.Root.Dynamic = true
		}
		return flow.Value{}, false
	case flow.Record:
		return fw.record(in, c)
	case flow.Object:
		return fw.object(in, c)
	case flow.Container:
		return fw.list(in, c)
	case flow.Unknown, flow.Scalar:
		return fw.facade(in, c)
	}
	return flow.Value{}, false
}

// scope finds scopeX of a model.
func (fw *Framework) scope(m *flow.Model, word string) *flow.Method { return fw.ix.ScopeOf(m, word) }

// runScope calls scopeX with the query as its first argument. A scope that returns nothing leaves the
// query that it was given.
func (fw *Framework) runScope(in *flow.Interp, c *flow.Call, s *flow.Method, q flow.Value) flow.Value {
	d := &flow.Call{Node: c.Node, Name: s.Name, Args: append([]flow.Value{q}, c.Args...), ArgRefs: append([]syntax.Ref{c.Node}, c.ArgRefs...), Named: c.Named}
	out := in.Invoke(s, flow.Value{Kind: flow.Record, Model: q.Model}, d)
	if out.Kind == flow.Many && out.Model == q.Model && out.Root != nil {
		out.Via, out.Owner = q.Via, q.Owner
		fw.rebind(in, c.Node, out)
		return out
	}
	if q.Root == nil || q.Path != "" {
		q, _ = in.Refine(q, c.Node)
	}
	if q.Root != nil {
		q.Root.Dynamic = true
	}
	return q
}

// static interprets Class::word(...).
func (fw *Framework) static(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	cl, m := c.Recv.Class, c.Recv.Model
	if c.Node.Kind() == syntax.Member {
		return flow.Value{}, c.Name == "class" || m != nil
	}
	if m == nil {
		if cl != nil && fw.isResource(cl) && (c.Name == "collection" || c.Name == "make") && fw.ix.LookupMethod(cl, c.Name, true) == nil && len(c.Args) > 0 {
			return fw.resource(in, cl, c.Args[0], c.Node), true
		}
		if cl != nil && c.Name == "run" && fw.ix.LookupMethod(cl, "run", true) == nil {
			if h := fw.ix.LookupMethod(cl, "handle", false); h != nil && fw.extends(cl, "Action", "AsAction") {
				return in.Invoke(h, flow.Value{Kind: flow.Object, Class: cl, Fields: map[string]flow.Value{}}, c), true
			}
		}
		return flow.Value{}, false
	}
	if own := fw.ix.LookupMethod(cl, c.Name, true); own != nil {
		return flow.Value{}, false
	}
	q := flow.Value{Kind: flow.Many, Model: m}
	if s := fw.scope(m, c.Name); s != nil {
		q, _ = in.Refine(q, c.Node)
		return fw.runScope(in, c, s, q), true
	}
	if fw.ix.LookupMethod(cl, c.Name, false) != nil {
		return flow.Value{}, false
	}
	return fw.query(in, c, q)
}

// record interprets members and methods of one row.
func (fw *Framework) record(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Model
	own := c.Node.Receiver().Kind() == syntax.Self
	if c.Node.Kind() == syntax.Member && c.Node.Str() == c.Name {
		if own {
			if v, ok := in.Frame().Ivars["@"+c.Name]; ok {
				return v, true
			}
			if c.Name == "resource" {
				return c.Recv, true
			}
		}
		if m == nil {
			return flow.Value{}, false
		}
		if rel := fw.ix.Relation(m, c.Name); rel != nil {
			rec := c.Recv
			if rec.Via != nil && !chaperoned(rec.Via) { // Eloquent does not tell children who their parent is
				rec.Via, rec.Owner = nil, nil
			}
			v := in.Relate(rec, rel, c.Node)
			if v.Kind == flow.Many {
				in.Use(v, c.Node)
				v.Loaded = true
			}
			return v, true
		}
		return fw.accessor(in, c.Recv, c.Name, c.Node), true
	}
	if own && in.Frame().Fn != nil { // a resource forwards to its row what it does not have itself
		if cl := in.Frame().Fn.Class; cl != nil && cl.Model == nil {
			if own := fw.ix.LookupMethod(cl, c.Name, false); own != nil && (m == nil || !fw.isModelClass(cl)) {
				return in.Invoke(own, c.Recv, c), true
			}
		}
	}
	if silent[c.Name] {
		return flow.Value{Kind: flow.Scalar}, true
	}
	switch c.Name {
	case "when", "unless", "mergeWhen":
		if c.Block.Kind == flow.FuncValue {
			return in.CallLambda(c.Block), true
		}
		return flow.Value{}, true
	case "toArray", "toJson", "jsonSerialize", "attributesToArray":
		if m != nil && (m.Class == nil || fw.ix.LookupMethod(m.Class, c.Name, false) == nil) {
			fw.serialize(in, c.Recv, c.Node)
			return flow.Value{}, true
		}
	}
	if m == nil {
		return flow.Value{}, false
	}
	if rel := fw.ix.Relation(m, c.Name); rel != nil {
		return fw.relationQuery(in, c.Recv, rel), true
	}
	if m.Class != nil && fw.ix.LookupMethod(m.Class, c.Name, false) != nil && fw.scope(m, c.Name) == nil {
		return flow.Value{}, false
	}
	switch {
	case writes[c.Name]:
		in.Write(c.Recv, c.Node)
		return flow.Value{Kind: flow.Scalar}, true
	case c.Name == "load" || c.Name == "loadMissing":
		fw.load(in, c.Recv, c)
		return c.Recv, true
	case c.Name == "loadCount" || c.Name == "loadSum" || c.Name == "loadExists" || c.Name == "loadMorph" || c.Name == "loadAggregate" || c.Name == "setConnection" || c.Name == "refresh" || c.Name == "replicate" || c.Name == "tap":
		return c.Recv, true
	case c.Name == "fresh":
		_, r := in.Refine(flow.Value{Kind: flow.Many, Model: m}, c.Node)
		r.Single, r.Terminal = true, "fresh"
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: in.Site(c.Node, "")})
		in.Execute(r, in.Site(c.Node, "reads the row again"), flow.RunQuery)
		return flow.Value{Kind: flow.Record, Model: m, Root: r}, true
	case c.Name == "can" || c.Name == "cannot" || c.Name == "cant" || c.Name == "authorize":
		fw.policy(in, c, c.Args)
		return flow.Value{Kind: flow.Scalar}, true
	case c.Name == "newQuery" || c.Name == "query" || c.Name == "newModelQuery":
		return fw.query(in, c, flow.Value{Kind: flow.Many, Model: m})
	case isWhere(c.Name) || c.Name == "with" || c.Name == "orderBy" || c.Name == "latest" || c.Name == "select": // $this->where(...)
		return fw.query(in, c, flow.Value{Kind: flow.Many, Model: m})
	}
	if s := fw.scope(m, c.Name); s != nil {
		q, _ := in.Refine(flow.Value{Kind: flow.Many, Model: m}, c.Node)
		return fw.runScope(in, c, s, q), true
	}
	return flow.Value{}, false
}

// chaperoned reports whether a relation hands its owner to the rows it leads to.
func chaperoned(rel *flow.Relation) bool {
	for c := range rel.Node.Descendants(syntax.Call) {
		if c.Str() == "chaperone" || c.Str() == "inverse" {
			return true
		}
	}
	return false
}

func (fw *Framework) isModelClass(c *flow.Class) bool { return c.Model != nil || c.Module }

// relationQuery is $row->relation(): a query of the relation's rows that has not run yet.
func (fw *Framework) relationQuery(in *flow.Interp, rec flow.Value, rel *flow.Relation) flow.Value {
	target := fw.ix.Model(rel.Target, rel.File)
	return flow.Value{Kind: flow.Many, Model: target, Root: rec.Root, Path: flow.JoinPath(rec.Path, rel.Name), Via: rel, Owner: rec.Model, PerRow: rec.PerRow, Loop: rec.Loop}
}

// accessor evaluates getXAttribute or the getter of an Attribute method.
func (fw *Framework) accessor(in *flow.Interp, rec flow.Value, word string, at syntax.Ref) flow.Value {
	if rec.Model == nil || rec.Model.Class == nil {
		return flow.Value{}
	}
	call := &flow.Call{Node: at, Name: word}
	if m := fw.ix.LookupMethod(rec.Model.Class, "get"+studly(word)+"Attribute", false); m != nil {
		return in.Invoke(m, rec, call)
	}
	m := fw.ix.LookupMethod(rec.Model.Class, camel(word), false)
	if m == nil || flow.LastSegment(m.Node.Child(syntax.TypeRole).Str()) != "Attribute" {
		return flow.Value{}
	}
	for c := range m.Node.Child(syntax.Body).Descendants(syntax.Call) {
		get := c.Keyword("get")
		switch c.Str() {
		case "shouldCache":
			return in.Memoized(func() flow.Value { return flow.Value{} })
		case "make", "get", "Attribute":
			if !get.Ok() {
				get = c.Arg(0)
			}
		}
		if get.Kind() == syntax.Lambda {
			return in.Invoke(&flow.Method{Name: word, Class: m.Class, File: m.File, Node: get}, rec, call)
		}
	}
	return flow.Value{}
}

// load reads the relations of a load call and marks them as loaded from here on.
func (fw *Framework) load(in *flow.Interp, rows flow.Value, c *flow.Call) {
	paths := eagerPaths(c.Node)
	for _, a := range c.Args {
		if a.Kind == flow.Literal || a.Kind == flow.Container {
			paths = append(paths, pathsOf(a.Node, "")...)
		}
	}
	if rows.Root == nil || rows.Model == nil {
		return
	}
	if rows.Kind == flow.Record {
		for _, p := range paths {
			first, _, _ := strings.Cut(p, ".")
			if rel := fw.ix.Relation(rows.Model, first); rel != nil && c.Name == "load" {
				if v := in.Relate(rows, rel, c.Node); v.Kind == flow.Many {
					in.Use(v, c.Node)
				}
			}
		}
	}
	for _, p := range paths {
		rows.Root.AddEager(flow.JoinPath(rows.Path, p))
	}
}

// collection interprets the methods of rows in memory.
func (fw *Framework) collection(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	v := c.Recv
	if c.Node.Kind() == syntax.Member { // higher-order messages: $users->each->delete()
		switch c.Name {
		case "each", "map", "filter", "reject", "flatMap", "sum", "every", "sortBy", "unique", "contains", "keyBy", "groupBy", "partition":
			e := v
			e.Kind, e.Loaded = flow.Record, false
			if l := in.StartLoop(v, in.Site(c.Node, "loop"), c.Node.Receiver()); l != nil {
				in.EndLoop(l)
				e.PerRow, e.Loop = true, l
			}
			return e, true
		}
		return flow.Value{}, true
	}
	if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.String && keyed[c.Name] {
		fw.walkKey(in, v, c.ArgRefs[0].Str(), c.Node)
	}
	switch c.Name {
	case "load", "loadMissing":
		fw.load(in, v, c)
		return v, true
	case "loadCount", "loadExists", "loadSum", "loadMorph", "loadAggregate", "loadMax", "loadMin", "loadAvg", "where", "whereIn", "whereNotIn", "whereNull", "whereNotNull", "whereBetween", "whereStrict", "filter", "reject", "sortBy", "sortByDesc", "sort", "sortDesc",
		"values", "unique", "reverse", "take", "skip", "shuffle", "slice", "forPage", "nth", "only", "except", "diff", "intersect", "merge", "concat", "collect", "toBase", "items", "getCollection", "each", "tap", "fresh",
		"makeHidden", "makeVisible", "append", "setVisible", "setHidden", "withQueryString", "appends", "onEachSide", "duplicates", "withPath", "whereInstanceOf", "union", "prepend", "random", "takeUntil", "takeWhile", "skipUntil", "skipWhile", "remember", "through", "setCollection", "all", "lazy", "pad", "splice", "fragment":
		if c.Block.Kind == flow.FuncValue {
			l := in.StartLoop(v, in.Site(c.Node, "loop"), c.Node.Receiver())
			out := in.CallLambda(c.Block, in.Element(v, l))
			in.EndLoop(l)
			if c.Name == "through" {
				return flow.Value{Kind: flow.Container, Elem: &out}, true
			}
		}
		if c.Name == "random" && len(c.Args) == 0 {
			return in.Element(v, nil), true
		}
		return v, true
	case "first", "last", "firstWhere", "find", "get", "pop", "shift", "sole", "pull", "firstOrFail", "findOrFail", "current":
		if c.Block.Kind == flow.FuncValue {
			l := in.StartLoop(v, in.Site(c.Node, "loop"), c.Node.Receiver())
			in.CallLambda(c.Block, in.Element(v, l))
			in.EndLoop(l)
		}
		e := in.Element(v, nil)
		e.PerRow, e.Loop = v.PerRow, v.Loop
		return e, true
	case "count", "isEmpty", "isNotEmpty", "total", "links", "hasPages", "nextPageUrl", "currentPage", "perPage", "lastPage", "modelKeys", "implode", "has", "hasMorePages", "firstItem", "lastItem", "offsetGet", "offsetExists", "previousPageUrl", "containsStrict", "containsOneItem", "render":
		if c.Block.Kind != flow.FuncValue {
			return flow.Value{Kind: flow.Scalar}, true
		}
	case "pluck", "sum", "avg", "max", "min", "average", "countBy", "median", "mode", "join":
		if c.Block.Kind != flow.FuncValue {
			return flow.Value{Kind: flow.Container, Elem: &flow.Value{Kind: flow.Scalar}}, true
		}
	case "toArray", "toJson", "jsonSerialize":
		fw.serializeAll(in, v, c.Node)
		return flow.Value{}, true
	case "groupBy", "partition", "chunk", "split", "chunkWhile", "mapToGroups", "splitIn":
		if c.Block.Kind == flow.FuncValue {
			l := in.StartLoop(v, in.Site(c.Node, "loop"), c.Node.Receiver())
			in.CallLambda(c.Block, in.Element(v, l))
			in.EndLoop(l)
		}
		list := v
		return flow.Value{Kind: flow.Container, Elem: &list, Batches: c.Name == "chunk" || c.Name == "split"}, true
	case "keyBy":
		e := in.Element(v, nil)
		return flow.Value{Kind: flow.Container, Pairs: true, Elem: &e}, true
	case "contains", "every", "some", "doesntContain", "search":
		if c.Block.Kind != flow.FuncValue {
			return flow.Value{Kind: flow.Scalar}, true
		}
	case "toQuery":
		return flow.Value{Kind: flow.Many, Model: v.Model}, true
	}
	return flow.Value{}, false
}

// keyed are the collection's methods whose string argument is a key of the rows, dotted through relations.
var keyed = map[string]bool{
	"pluck": true, "sum": true, "avg": true, "max": true, "min": true, "sortBy": true, "sortByDesc": true, "groupBy": true, "keyBy": true, "unique": true, "where": true, "whereIn": true, "firstWhere": true, "implode": true, "contains": true,
}

// walkKey reads a dotted key of each row.
func (fw *Framework) walkKey(in *flow.Interp, rows flow.Value, key string, at syntax.Ref) {
	l := in.StartLoop(rows, in.Site(at, "reads a key of each row"), at)
	e := in.Element(rows, l)
	for _, seg := range strings.Split(key, ".") {
		if e.Kind != flow.Record || e.Model == nil {
			break
		}
		rel := fw.ix.Relation(e.Model, seg)
		if rel == nil {
			fw.accessor(in, e, seg, at)
			break
		}
		e = in.Relate(e, rel, at)
		if e.Kind == flow.Many {
			in.Use(e, at)
			break
		}
	}
	in.EndLoop(l)
}

// list interprets methods of collections whose elements are not all rows of one query.
func (fw *Framework) list(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	v := c.Recv
	switch c.Name {
	case "filter", "reject", "values", "unique", "sortBy", "sortByDesc", "sort", "reverse", "take", "skip", "where", "whereIn", "whereNotNull", "whereNull", "collect", "merge", "concat", "tap", "each", "shuffle", "toBase", "all", "toArray":
		if c.Block.Kind == flow.FuncValue && v.Elem != nil {
			return flow.Value{}, false
		}
		return v, true
	case "push", "put", "add", "prepend":
		return v, true
	case "flatten", "collapse":
		if v.Elem != nil && (v.Elem.Kind == flow.Many || v.Elem.Kind == flow.Container) {
			return *v.Elem, true
		}
		return v, true
	case "count", "isEmpty", "isNotEmpty", "implode", "has", "sum", "max", "min", "pluck", "keys":
		if c.Block.Kind != flow.FuncValue {
			return flow.Value{Kind: flow.Scalar}, true
		}
	}
	return flow.Value{}, false
}

// parent calls the method of the base class.
func (fw *Framework) parent(in *flow.Interp, c *flow.Call) flow.Value {
	fn := in.Frame().Fn
	if fn == nil || fn.Class == nil {
		return flow.Value{}
	}
	for _, s := range fn.Class.Super {
		if b := fw.classOf(s, fn.Class.File); b != nil && b != fn.Class {
			if m := fw.ix.LookupMethod(b, c.Name, false); m != nil {
				if in.Frame().Self.Kind == flow.Object {
					return in.InvokeOwn(m, c)
				}
				return in.Invoke(m, in.Frame().Self, c)
			}
		}
	}
	return flow.Value{}
}
