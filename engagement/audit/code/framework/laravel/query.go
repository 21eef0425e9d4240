package laravel

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// refining are the builder's methods that narrow or decorate a query and run nothing.
var refining = map[string]bool{
	"query": true, "newQuery": true, "newModelQuery": true, "with": true, "without": true, "withOnly": true, "withCount": true, "withExists": true, "withSum": true, "withAvg": true,
	"withMax": true, "withMin": true, "withAggregate": true, "select": true, "addSelect": true, "selectRaw": true, "selectSub": true, "distinct": true, "from": true, "fromSub": true,
	"join": true, "leftJoin": true, "rightJoin": true, "crossJoin": true, "joinSub": true, "leftJoinSub": true, "joinWhere": true, "has": true, "orHas": true, "doesntHave": true, "orDoesntHave": true,
	"groupBy": true, "groupByRaw": true, "having": true, "havingRaw": true, "havingBetween": true, "orHaving": true, "orderBy": true, "orderByDesc": true, "orderByRaw": true, "latest": true, "oldest": true, "inRandomOrder": true,
	"reorder": true, "limit": true, "take": true, "skip": true, "offset": true, "forPage": true, "union": true, "unionAll": true, "lockForUpdate": true, "sharedLock": true,
	"when": true, "unless": true, "tap": true, "withTrashed": true, "onlyTrashed": true, "withoutTrashed": true, "withoutGlobalScope": true, "withoutGlobalScopes": true, "withPivot": true, "withTimestamps": true,
	"as": true, "using": true, "search": true, "onWriteConnection": true, "useWritePdo": true, "on": true, "toBase": true, "getQuery": true, "withDefault": true, "ofMany": true, "latestOfMany": true,
	"oldestOfMany": true, "connection": true, "table": true, "clone": true, "withCasts": true, "setEagerLoads": true, "hasMorph": true, "filter": true, "sort": true, "orderByPivot": true, "one": true, "qualifyColumn": true, "mergeConstraintsFrom": true, "useIndex": true, "forceIndex": true,
}

// singles run a query for one row.
var singles = map[string]bool{
	"first": true, "firstOrFail": true, "find": true, "findOrFail": true, "sole": true, "firstWhere": true, "firstOr": true, "findOr": true, "findOrNew": true, "firstOrNew": true,
	"firstOrCreate": true, "updateOrCreate": true, "createOrFirst": true, "findSole": true,
}

// aggregates run a query for a number or a truth.
var aggregates = map[string]bool{
	"count": true, "exists": true, "doesntExist": true, "sum": true, "avg": true, "average": true, "min": true, "max": true, "existsOr": true, "doesntExistOr": true,
}

// values run a query for plain values.
var values = map[string]bool{"value": true, "valueOrFail": true, "implode": true, "soleValue": true, "rawValue": true}

// gets run a query for rows.
var gets = map[string]bool{
	"get": true, "all": true, "findMany": true, "paginate": true, "simplePaginate": true, "cursorPaginate": true, "cursor": true, "lazy": true, "lazyById": true, "lazyByIdDesc": true, "getModels": true, "fromQuery": true, "hydrate": true, "fastPaginate": true, "getResults": true, "getEager": true,
}

var pages = map[string]bool{"paginate": true, "simplePaginate": true, "cursorPaginate": true, "lazy": true, "lazyById": true, "lazyByIdDesc": true, "fastPaginate": true}

// chunks run a function for pages of rows; those of perRow for each row.
var chunks = map[string]bool{"chunk": true, "chunkById": true, "chunkByIdDesc": true, "orderedChunkById": true}
var perRow = map[string]bool{"each": true, "eachById": true, "chunkMap": true}

// bulk write many rows, or a row that is not in memory, in one statement.
var bulk = map[string]bool{
	"update": true, "delete": true, "insert": true, "insertGetId": true, "insertOrIgnore": true, "insertUsing": true, "upsert": true, "increment": true, "decrement": true, "truncate": true, "forceDelete": true,
	"restore": true, "touch": true, "updateOrInsert": true, "attach": true, "detach": true, "sync": true, "syncWithoutDetaching": true, "toggle": true, "updateExistingPivot": true, "createMany": true, "saveMany": true, "destroy": true, "createManyQuietly": true, "saveManyQuietly": true, "updateQuietly": true, "syncWithPivotValues": true, "createQuietly": false,
}

// creates insert one row.
var creates = map[string]bool{"create": true, "forceCreate": true, "createQuietly": true, "save": true, "saveQuietly": true, "createOrFail": true}

// query interprets a word of the query builder.
func (fw *Framework) query(in *flow.Interp, c *flow.Call, v flow.Value) (flow.Value, bool) {
	w := c.Name
	site := in.Site(c.Node, "asks "+w)
	switch {
	case refining[w] || isWhere(w):
		return fw.refined(in, c, v), true
	case singles[w]:
		q, r := in.Refine(v, c.Node)
		r.Single, r.Terminal = true, w
		fw.refine(in, r, c)
		list := len(c.ArgRefs) > 0 && (c.Args[0].Kind == flow.Container || c.ArgRefs[0].Is(syntax.List)) && strings.HasPrefix(w, "find")
		if list {
			r.Single = false
			q.Loaded = true
		}
		site.Note = "finds one row"
		in.Execute(r, site, flow.RunQuery)
		if w == "firstOrCreate" || w == "updateOrCreate" || w == "createOrFirst" {
			in.Write(flow.Value{Kind: flow.Record, Model: v.Model}, c.Node)
		}
		if list {
			return q, true
		}
		return in.Element(q, nil), true
	case aggregates[w]:
		_, r := in.Refine(v, c.Node)
		r.Terminal = w
		in.Execute(r, site, flow.Aggregate)
		return flow.Value{Kind: flow.Scalar}, true
	case values[w]:
		_, r := in.Refine(v, c.Node)
		r.Terminal, r.Single = w, w != "implode"
		in.Execute(r, site, flow.RunQuery)
		return flow.Value{Kind: flow.Scalar}, true
	case w == "pluck":
		_, r := in.Refine(v, c.Node)
		r.Terminal = w
		in.Execute(r, site, flow.RunQuery)
		return flow.Value{Kind: flow.Container, Elem: &flow.Value{Kind: flow.Scalar}}, true
	case gets[w]:
		q, r := in.Refine(v, c.Node)
		r.Terminal, r.Paged = w, r.Paged || pages[w]
		q.Loaded = true
		site.Note = "runs the query"
		in.Execute(r, site, flow.RunQuery)
		return q, true
	case chunks[w] || perRow[w]:
		q, r := in.Refine(v, c.Node)
		r.Terminal, r.Paged = w, true
		q.Loaded = true
		site.Note = "walks in batches"
		in.Execute(r, site, flow.RunQuery)
		if perRow[w] {
			l := in.StartLoop(q, in.Site(c.Node, "loop"), c.Node)
			in.CallLambda(c.Block, in.Element(q, l))
			in.EndLoop(l)
		} else if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block, q)
		}
		return flow.Value{Kind: flow.Scalar}, true
	case creates[w]:
		in.Write(flow.Value{Kind: flow.Record, Model: v.Model}, c.Node)
		return flow.Value{Kind: flow.Record, Model: v.Model}, true
	case w == "make" || w == "newInstance" || w == "new" || w == "newModelInstance":
		return flow.Value{Kind: flow.Record, Model: v.Model}, true
	case bulk[w]:
		_, r := in.Refine(v, c.Node)
		r.Terminal = w
		in.Execute(r, in.Site(c.Node, w), flow.Write)
		return flow.Value{Kind: flow.Scalar}, true
	case w == "toSql" || w == "dd" || w == "dump" || w == "getBindings" || w == "getModel" || w == "getRelated" || w == "explain" || w == "factory":
		return flow.Value{Kind: flow.Scalar}, true
	}
	return flow.Value{}, false
}

// isWhere reports conditions, dynamic ones (whereEmail) included.
func isWhere(w string) bool { return strings.HasPrefix(w, "where") || strings.HasPrefix(w, "orWhere") }

// refined derives the query of the next step. The builder changes in place, so a variable that holds
// the query holds the new one afterwards.
func (fw *Framework) refined(in *flow.Interp, c *flow.Call, v flow.Value) flow.Value {
	q, r := in.Refine(v, c.Node)
	fw.refine(in, r, c)
	for _, a := range c.Args {
		if a.Kind != flow.FuncValue {
			continue
		}
		switch {
		case c.Name == "when" || c.Name == "unless" || c.Name == "tap":
			out := in.CallLambda(a, q)
			if out.Kind == flow.Many && out.Model == q.Model && !out.Loaded && out.Root != nil {
				q = out
				r = q.Root
			}
		case c.Name == "where" || c.Name == "orWhere" || c.Name == "whereNot":
			for sub := range a.Node.Descendants(syntax.Call) {
				if sub.Str() == "orWhere" || strings.HasPrefix(sub.Str(), "orWhere") {
					r.Dynamic = true
				}
			}
		}
	}
	if c.Name == "when" || c.Name == "unless" {
		r.Dynamic = true
	}
	fw.rebind(in, c.Node, q)
	return q
}

// rebind gives the variable at the root of a chain the query that the chain made of it.
func (fw *Framework) rebind(in *flow.Interp, n syntax.Ref, q flow.Value) {
	base := n.Receiver()
	for base.Kind() == syntax.Call && base.Receiver().Ok() {
		if base.Str() == "clone" {
			return
		}
		base = base.Receiver()
	}
	if base.Kind() != syntax.Name || base.Str() == "" {
		return
	}
	if old, ok := in.Variable(base.Str()); ok && old.Kind == flow.Many && !old.Loaded && old.Model == q.Model && old.Root != nil && old.Path == "" {
		in.Rebind(base.Str(), q)
	}
}

// refine reads what a method adds to a query.
func (fw *Framework) refine(in *flow.Interp, r *flow.Root, c *flow.Call) {
	site := in.Site(c.Node, "")
	n := c.Node
	add := func(column, op string) {
		if column != "" {
			r.Filters = append(r.Filters, flow.Filter{Column: column, Op: op, Site: site})
		} else {
			r.Dynamic = true
		}
	}
	first := n.Arg(0)
	switch w := c.Name; w {
	case "with", "withOnly":
		for _, p := range eagerPaths(n) {
			r.AddEager(p)
		}
		for _, a := range c.Args { // a constant or variable that holds the paths
			if a.Kind == flow.Literal || a.Kind == flow.Container {
				for _, p := range pathsOf(a.Node, "") {
					r.AddEager(p)
				}
			}
		}
	case "join", "leftJoin", "rightJoin", "joinSub", "leftJoinSub", "crossJoin":
		r.Joins = append(r.Joins, first.Str())
	case "distinct":
		r.Distinct = true
	case "find", "findOrFail", "findOr", "findOrNew", "findMany", "whereKey":
		add("id", "=")
	case "firstWhere", "where":
		fw.where(r, first, n, site)
	case "firstOrCreate", "firstOrNew", "updateOrCreate", "createOrFirst":
		fw.where(r, first, n, site)
	case "whereIn", "whereIntegerInRaw":
		add(column(first), "in")
	case "whereNotIn", "whereNot":
		add(column(first), "!=")
	case "whereNull":
		add(column(first), "null")
	case "whereNotNull":
		add(column(first), "not null")
	case "whereBetween":
		add(column(first), "between")
	case "whereLike":
		add(column(first), "like")
	case "whereDate", "whereMonth", "whereDay", "whereYear", "whereTime":
		if col := column(first); col != "" {
			r.Filters = append(r.Filters, flow.Filter{Column: col, Op: "=", Func: strings.ToLower(strings.TrimPrefix(w, "where")), Site: site})
		}
	case "whereFullText":
		add(column(first), "match")
	case "whereRaw":
		st := sqlquery.AnalyzeWhere(first.Str())
		for _, f := range st.Filters {
			col := f.Column
			if f.Table != "" {
				col = f.Table + "." + col
			}
			r.Filters = append(r.Filters, flow.Filter{Column: col, Op: string(f.Op), Func: f.Func, Site: site})
		}
	case "whereBelongsTo", "whereHas", "whereDoesntHave", "whereRelation", "whereColumn", "whereExists", "whereNotExists", "whereJsonContains", "whereJsonLength", "whereMorphedTo", "has", "doesntHave", "whereHasMorph", "wherePivot", "wherePivotIn", "whereNotBetween", "whereAny", "whereAll", "hasMorph":
		r.Dynamic = true
	case "latest", "oldest":
		col := column(first)
		if col == "" {
			col = "created_at"
		}
		r.Orders = append(r.Orders, flow.Order{Column: col, Desc: w == "latest", Expr: first.Ok() && first.Kind() != syntax.String})
	case "orderBy", "orderByDesc":
		col := column(first)
		r.Orders = append(r.Orders, flow.Order{Column: col, Desc: w == "orderByDesc" || strings.EqualFold(n.Arg(1).Str(), "desc"), Expr: col == ""})
	case "orderByRaw":
		for _, k := range sqlquery.AnalyzeOrder(first.Str()) {
			r.Orders = append(r.Orders, flow.Order{Column: k.Column, Desc: k.Desc, Expr: k.Column == ""})
		}
	case "inRandomOrder":
		r.Orders = append(r.Orders, flow.Order{Expr: true})
	case "reorder":
		r.Orders = nil
		if col := column(first); col != "" {
			r.Orders = append(r.Orders, flow.Order{Column: col, Desc: strings.EqualFold(n.Arg(1).Str(), "desc")})
		}
	case "limit", "take":
		if k, _ := strconv.Atoi(first.Str()); first.Kind() == syntax.Number && k > 0 {
			r.Limit = k
		} else {
			r.Paged = true
		}
	case "forPage":
		r.Paged = true
	case "select", "addSelect":
		for s := range n.Descendants(syntax.String) {
			r.Select = append(r.Select, s.Str())
		}
	default:
		if strings.HasPrefix(w, "orWhere") {
			r.Dynamic = true
			r.Filters = append(r.Filters, flow.Filter{Column: column(first), Op: "or", Site: site})
			return
		}
		if rest, ok := strings.CutPrefix(w, "where"); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' && len(c.Args) > 0 {
			if fw.known(rest) {
				r.Dynamic = true
				return
			}
			for _, part := range strings.Split(rest, "And") { // whereEmailAndName($a, $b)
				add(snake(part), "=")
			}
		}
	}
}

// known are words behind where that are no columns.
func (fw *Framework) known(rest string) bool {
	for _, p := range []string{"Json", "Has", "Doesnt", "Not", "Exists", "Raw", "Pivot", "Relation", "Morph", "Key", "Row", "Integer", "Full", "Any", "All", "None", "Or", "Nested", "Column", "Between", "Value", "Vector"} {
		if strings.HasPrefix(rest, p) && (len(rest) == len(p) || rest[len(p)] >= 'A' && rest[len(p)] <= 'Z') {
			return true
		}
	}
	return false
}

// where reads where('a', 1), where('a', '>', 1), where(['a' => 1]) and where([['a', '>', 1]]).
func (fw *Framework) where(r *flow.Root, first, call syntax.Ref, site flow.Site) {
	switch first.Kind() {
	case syntax.String:
		op := "="
		if a := call.Arg(1); call.Arg(2).Ok() && a.Kind() == syntax.String {
			op = strings.ToLower(a.Str())
		} else if a.Kind() == syntax.Nil {
			op = "null"
		}
		if col := column(first); col != "" {
			r.Filters = append(r.Filters, flow.Filter{Column: col, Op: op, Site: site})
		}
	case syntax.Map, syntax.List:
		for e := range first.Children() {
			switch e.Kind() {
			case syntax.Pair:
				if e.Str() != "" {
					r.Filters = append(r.Filters, flow.Filter{Column: e.Str(), Op: "=", Site: site})
				}
			case syntax.List:
				op := "="
				var parts []syntax.Ref
				for x := range e.Children() {
					parts = append(parts, x)
				}
				if len(parts) == 3 {
					op = strings.ToLower(parts[1].Str())
				}
				if len(parts) > 1 && parts[0].Kind() == syntax.String {
					r.Filters = append(r.Filters, flow.Filter{Column: parts[0].Str(), Op: op, Site: site})
				}
			}
		}
	case syntax.Lambda:
		for c := range first.Child(syntax.Body).Descendants(syntax.Call) {
			if c.Str() == "where" && c.Arg(0).Kind() == syntax.String {
				r.Filters = append(r.Filters, flow.Filter{Column: c.Arg(0).Str(), Op: "or", Site: site})
			}
		}
		r.Dynamic = true
	default:
		r.Filters = append(r.Filters, flow.Filter{Op: "or", Site: site})
		r.Dynamic = true
	}
}

// column is the column that a literal names, without a JSON path; "" when it is none.
func column(n syntax.Ref) string {
	if n.Kind() != syntax.String || n.Has(syntax.FlagInterp) {
		return ""
	}
	s := n.Str()
	if strings.ContainsAny(s, "-> (") {
		return ""
	}
	return s
}

// EagerCall writes the with call for relation paths. It is put behind what stands before the word
// that runs the query, so there must be something that can be called.
func (fw *Framework) EagerCall(root *flow.Root, paths []string) (string, bool) {
	at := root.Site().Node
	if len(paths) == 0 || at.Str() != root.Terminal || at.Has(syntax.FlagStatic) || !at.Receiver().Is(syntax.Call, syntax.Name) {
		return "", false
	}
	switch root.Terminal {
	case "get", "paginate", "simplePaginate", "cursorPaginate", "chunk", "chunkById", "lazy", "lazyById", "each", "eachById":
	default:
		return "", false
	}
	quoted := make([]string, len(paths))
	for i, p := range paths {
		if !fw.ix.Writable(root.Model, p) {
			return "", false
		}
		quoted[i] = "'" + p + "'"
	}
	if len(quoted) == 1 {
		return "->with(" + quoted[0] + ")", true
	}
	return "->with([" + strings.Join(quoted, ", ") + "])", true
}
