package rails

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// refining are the query methods that narrow or decorate a relation and run nothing.
var refining = map[string]bool{
	"all": true, "where": true, "not": true, "rewhere": true, "order": true, "reorder": true, "limit": true, "offset": true, "includes": true, "preload": true,
	"eager_load": true, "joins": true, "left_joins": true, "left_outer_joins": true, "references": true, "distinct": true, "group": true, "having": true,
	"select": true, "none": true, "unscoped": true, "unscope": true, "readonly": true, "lock": true, "from": true, "merge": true, "or": true, "and": true, "extending": true,
	"in_order_of": true, "reverse_order": true, "strict_loading": true, "with": true, "page": true, "per": true, "paginate": true, "per_page": true,
	"without_deleted": true, "with_deleted": true, "kept": true, "annotate": true, "optimizer_hints": true, "create_with": true, "scoped": true, "missing": true, "associated": true,
	"invert_where": true, "scope_for_association": true, "uncached": true, "excluding": true, "without": true, "in_batches": true,
}

// singles run a query for one row.
var singles = map[string]bool{
	"find": true, "find_by": true, "find_by!": true, "first": true, "last": true, "take": true, "first!": true, "last!": true, "take!": true, "sole": true, "find_sole_by": true,
	"find_or_create_by": true, "find_or_create_by!": true, "find_or_initialize_by": true, "second": true, "third": true, "first_or_create": true, "first_or_initialize": true, "first_or_create!": true,
}

// aggregates run a query for a number or a truth.
var aggregates = map[string]bool{"count": true, "sum": true, "average": true, "minimum": true, "maximum": true, "exists?": true, "calculate": true, "count_by_sql": true}

// lists run a query for values.
var lists = map[string]bool{"pluck": true, "ids": true, "pick": true}

// loadsRelation are read in memory when the relation is loaded and as a query otherwise.
var loadsRelation = map[string]bool{
	"size": true, "length": true, "empty?": true, "any?": true, "none?": true, "many?": true, "present?": true, "blank?": true, "to_a": true, "to_ary": true, "load": true,
	"include?": true, "presence": true, "[]": true, "inspect": true, "records": true, "one?": true, "to_json": true, "as_json": true, "entries": true, "load_async": true,
}

var writes = map[string]bool{
	"save": true, "save!": true, "update": true, "update!": true, "update_attribute": true, "update_columns": true, "update_column": true, "destroy": true, "destroy!": true,
	"delete": true, "touch": true, "increment!": true, "decrement!": true, "toggle!": true, "create": true, "create!": true, "insert": true, "upsert": true,
}

// Call interprets Active Record's words.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	lang := in.File().Lang
	if lang != "ruby" && lang != "erb" && lang != "haml" && lang != "slim" {
		return flow.Value{}, false
	}
	if !c.HasRecv {
		return fw.bare(in, c)
	}
	if v, ok := fw.builder(in, c); ok {
		return v, true
	}
	if preloader(in, c) {
		return flow.Value{}, true
	}
	switch c.Recv.Kind {
	case flow.ClassRef:
		if c.Recv.Model == nil {
			return fw.serializerCall(in, c)
		}
		if fw.own(c.Recv.Model, c.Name) {
			return flow.Value{}, false
		}
		return fw.query(in, c, flow.Value{Kind: flow.Many, Model: c.Recv.Model})
	case flow.Many:
		if c.Recv.Model != nil && c.Recv.Loaded {
			return flow.Value{}, false
		}
		if c.Recv.Model != nil && fw.own(c.Recv.Model, c.Name) {
			return flow.Value{}, false
		}
		return fw.query(in, c, c.Recv)
	case flow.Record:
		return fw.record(in, c)
	case flow.Unknown, flow.Scalar:
		if c.Name == "fetch" && strings.HasSuffix(c.Node.Receiver().Dotted(), "cache") && c.Block.Kind == flow.FuncValue {
			return in.Memoized(func() flow.Value { return in.CallLambda(c.Block) }), true
		}
	}
	switch c.Name {
	case "try", "send", "public_send", "try!", "then", "yield_self", "tap":
		return fw.send(in, c)
	}
	return flow.Value{}, false
}

// preloader reads ActiveRecord::Associations::Preloader.new(records: rows, associations: [...]).call and
// its older form new.preload(rows, ...): the rows have their relations from there on.
func preloader(in *flow.Interp, c *flow.Call) bool {
	n := c.Node
	var rows flow.Value
	var paths syntax.Ref
	switch {
	case c.Name == "new" && flow.LastSegment(n.Receiver().Str()) == "Preloader":
		rows, paths = c.Named["records"], n.Keyword("associations")
	case c.Name == "preload" && n.Receiver().Str() == "new" && flow.LastSegment(n.Receiver().Receiver().Str()) == "Preloader" && len(c.Args) > 1:
		rows, paths = c.Args[0], c.ArgRefs[1]
	default:
		return false
	}
	if rows.Kind == flow.Container && rows.Elem != nil {
		rows = *rows.Elem
	}
	if rows.Root == nil {
		return true
	}
	found := pathsOf(paths, "")
	if len(found) == 0 && paths.Ok() {
		rows.Root.AddEager(flow.EagerUnknown)
	}
	for _, p := range found {
		rows.Root.AddEager(flow.JoinPath(rows.Path, p))
	}
	return true
}

// own reports whether the application itself defines the class method or scope.
func (fw *Framework) own(m *flow.Model, name string) bool {
	if fw.ix.ScopeOf(m, name) != nil {
		return true
	}
	return m.Class != nil && fw.ix.LookupMethod(m.Class, name, true) != nil
}

func (fw *Framework) send(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	switch c.Name {
	case "tap", "then", "yield_self":
		if c.Block.Kind == flow.FuncValue {
			v := in.CallLambda(c.Block, c.Recv)
			if c.Name == "tap" {
				return c.Recv, true
			}
			return v, true
		}
	default:
		if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.String && c.Recv.Kind != flow.Unknown {
			d := *c
			d.Name, d.Args, d.ArgRefs = c.ArgRefs[0].Str(), c.Args[1:], c.ArgRefs[1:]
			return in.Dispatch(&d), true
		}
	}
	return flow.Value{}, false
}

// record interprets Active Record's methods of one row.
func (fw *Framework) record(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Model
	switch c.Name {
	case "try", "send", "public_send", "try!", "then", "yield_self", "tap":
		return fw.send(in, c)
	case "itself", "presence", "dup", "decorate", "freeze", "becomes", "with_lock", "reload", "lock!":
		if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block)
		}
		return c.Recv, true
	case "to_json", "as_json", "serializable_hash", "to_xml", "to_yaml":
		return fw.serialize(in, c.Recv, c.Node), true
	}
	if m == nil {
		return flow.Value{}, false
	}
	if writes[c.Name] && fw.ix.LookupMethod(m.Class, c.Name, false) == nil {
		in.Write(c.Recv, c.Node)
		fw.callbacksOfWrite(in, c)
		return flow.Value{Kind: flow.Scalar}, true
	}
	// avatar -> avatar_attachment
	if rel := fw.ix.Relation(m, c.Name+"_attachment"); rel != nil && fw.ix.Relation(m, c.Name) == nil {
		in.Relate(c.Recv, rel, c.Node)
		return flow.Value{}, true
	}
	if rel := fw.ix.Relation(m, strings.TrimSuffix(c.Name, "_ids")+"s"); rel != nil && strings.HasSuffix(c.Name, "_ids") {
		v := in.Relate(c.Recv, rel, c.Node)
		in.Use(v, c.Node)
		return flow.Value{Kind: flow.Scalar}, true
	}
	if rel := fw.ix.Relation(m, c.Name); rel != nil && strings.HasPrefix(rel.ForeignKey, "source:") && rel.Target == "" {
		fw.resolveThrough(m, rel)
	}
	return flow.Value{}, false
}

// resolveThrough finds the model of has_many :x, through: :y, source: :z.
func (fw *Framework) resolveThrough(m *flow.Model, rel *flow.Relation) {
	src := strings.TrimPrefix(rel.ForeignKey, "source:")
	rel.ForeignKey = ""
	via := fw.ix.Relation(m, rel.Through)
	if via == nil {
		return
	}
	mid := fw.ix.Model(via.Target, via.File)
	if mid == nil {
		return
	}
	for _, name := range []string{src, Pluralize(src), Singularize(src)} {
		if r := fw.ix.Relation(mid, name); r != nil {
			rel.Target = r.Target
			return
		}
	}
}

// query interprets a word of the query interface on a class or relation.
func (fw *Framework) query(in *flow.Interp, c *flow.Call, v flow.Value) (flow.Value, bool) {
	name := c.Name
	block := c.Block.Kind == flow.FuncValue
	if !block && len(c.Args) == 0 && in.InMemory(v) && (loadsRelation[name] || name == "first" || name == "last") {
		v.Loaded = true
		switch name {
		case "first", "last":
			e := in.Element(v, nil)
			e.PerRow, e.Loop = v.PerRow, v.Loop
			return e, true
		case "to_a", "to_ary", "load", "presence", "records", "entries":
			return v, true
		case "to_json", "as_json":
		default:
			return flow.Value{Kind: flow.Scalar}, true
		}
	}
	switch {
	case name == "find_each" || name == "find_in_batches" || name == "in_batches" && block:
		q, r := in.Refine(v, c.Node)
		r.Terminal = name
		r.Paged = true
		in.Execute(r, in.Site(c.Node, "walks in batches"), flow.RunQuery)
		if !block {
			return q, true
		}
		q.Loaded = true
		if name == "find_each" {
			d := *c
			d.Recv = q
			return in.Iterate(&d), true
		}
		l := in.StartLoop(q, in.Site(c.Node, "loop"), c.Node)
		batch := q
		batch.Loaded = name == "find_in_batches"
		in.CallLambda(c.Block, batch)
		in.EndLoop(l)
		return flow.Value{}, true
	case (name == "select" || name == "sum" || name == "count" || name == "any?" || name == "none?" || name == "find" || name == "min_by" || name == "max_by" || name == "partition") && block:
		d := *c
		d.Recv = v
		return in.Iterate(&d), true
	case refining[name]:
		q, r := in.Refine(v, c.Node)
		fw.refine(in, r, c)
		return q, true
	case singles[name] || strings.HasPrefix(name, "find_by_"):
		if v.Path != "" && (name == "first" || name == "last") && len(c.Args) == 0 && v.Root != nil {
			// On a loaded association Rails answers from memory; otherwise it asks for one row.
			in.Use(v, c.Node)
			e := in.Element(v, nil)
			return e, true
		}
		q, r := in.Refine(v, c.Node)
		r.Single, r.Terminal = true, name
		fw.refine(in, r, c)
		if strings.HasPrefix(name, "find_by_") {
			for _, col := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(name, "find_by_"), "!"), "_and_") {
				r.Filters = append(r.Filters, flow.Filter{Column: col, Op: "=", Site: in.Site(c.Node, "")})
			}
		}
		in.Execute(r, in.Site(c.Node, "finds one row"), flow.RunQuery)
		if n := firstNumber(c); n > 1 && (name == "first" || name == "last" || name == "take") {
			r.Single, r.Limit = false, n
			q.Loaded = true
			return q, true
		}
		e := in.Element(q, nil)
		return e, true
	case aggregates[name] || lists[name]:
		q, r := in.Refine(v, c.Node)
		r.Terminal = name
		fw.refine(in, r, c)
		kind := flow.Aggregate
		if lists[name] {
			kind = flow.RunQuery
		}
		in.Execute(r, in.Site(c.Node, "asks "+name), kind)
		_ = q
		return flow.Value{Kind: flow.Scalar}, true
	case loadsRelation[name]:
		in.Use(v, c.Node)
		if name == "to_json" || name == "as_json" {
			l := in.StartLoop(v, in.Site(c.Node, "serializes each row"), c.Node)
			fw.serialize(in, in.Element(v, l), c.Node)
			in.EndLoop(l)
		}
		if name == "to_a" || name == "load" || name == "records" || name == "entries" || name == "presence" || name == "to_ary" || name == "load_async" {
			v.Loaded = true
			if name == "presence" {
				v.Loaded = false
			}
			return v, true
		}
		return flow.Value{Kind: flow.Scalar}, true
	case name == "update_all" || name == "delete_all" || name == "destroy_all" || name == "insert_all" || name == "upsert_all" || name == "touch_all" || name == "insert_all!":
		_, r := in.Refine(v, c.Node)
		r.Terminal = name
		in.Execute(r, in.Site(c.Node, name), flow.Write)
		return flow.Value{Kind: flow.Scalar}, true
	case name == "new" || name == "build":
		return flow.Value{Kind: flow.Record, Model: v.Model}, true
	case name == "create" || name == "create!":
		in.Write(flow.Value{Kind: flow.Record, Model: v.Model}, c.Node)
		return flow.Value{Kind: flow.Record, Model: v.Model}, true
	case name == "transaction" && block:
		in.CallLambda(c.Block)
		return flow.Value{}, true
	case name == "find_by_sql":
		q, r := in.Refine(v, c.Node)
		r.Terminal = name
		q.Loaded = true
		in.Execute(r, in.Site(c.Node, "runs SQL"), flow.RunQuery)
		return q, true
	case name == "try" || name == "send" || name == "public_send" || name == "then" || name == "tap":
		return fw.send(in, c)
	}
	return flow.Value{}, false
}

func firstNumber(c *flow.Call) int {
	if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.Number {
		n, _ := strconv.Atoi(strings.ReplaceAll(c.ArgRefs[0].Str(), "_", ""))
		return n
	}
	return 0
}

// refine reads what a query method adds.
func (fw *Framework) refine(in *flow.Interp, r *flow.Root, c *flow.Call) {
	site := in.Site(c.Node, "")
	switch c.Name {
	case "includes", "preload", "eager_load":
		for _, p := range eagerPaths(c.Node) {
			r.AddEager(p)
		}
		for _, a := range c.Args { // a constant or variable that holds the paths
			if a.Kind == flow.Literal || a.Kind == flow.Container {
				for _, p := range pathsOf(a.Node, "") {
					r.AddEager(p)
				}
			}
		}
	case "joins", "left_joins", "left_outer_joins":
		r.Joins = append(r.Joins, eagerPaths(c.Node)...)
	case "distinct":
		r.Distinct = true
	case "merge":
		if len(c.Args) > 0 && c.Args[0].Root != nil {
			for p := range c.Args[0].Root.Eager {
				r.AddEager(p)
			}
		}
	case "where", "find_by", "find_by!", "rewhere", "find_or_create_by", "find_or_create_by!", "find_or_initialize_by", "exists?", "not", "find_sole_by":
		for _, a := range c.Node.Args() {
			switch a.Kind() {
			case syntax.Pair:
				r.Filters = append(r.Filters, filterOf(a, site, c.Name == "not")...)
			case syntax.Map:
				for p := range a.Children() {
					r.Filters = append(r.Filters, filterOf(p, site, c.Name == "not")...)
				}
			case syntax.String:
				if !a.Has(syntax.FlagSymbol) {
					r.Filters = append(r.Filters, sqlFilters(a.Str(), site)...)
				}
			case syntax.List:
				if f := a.Child(syntax.Elem); f.Kind() == syntax.String {
					r.Filters = append(r.Filters, sqlFilters(f.Str(), site)...)
				}
			}
			if a.Kind() != syntax.Pair && a.Kind() != syntax.Map {
				if a.Kind() == syntax.String {
					break // the rest are bind values
				}
			}
		}
	case "find":
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: site})
	case "order", "reorder":
		if c.Name == "reorder" {
			r.Orders = nil
		}
		for _, a := range c.Node.Args() {
			r.Orders = append(r.Orders, ordersOf(a)...)
		}
	case "limit", "take", "first", "last":
		if n := firstNumber(c); n > 0 {
			r.Limit = n
		} else if len(c.Args) > 0 {
			r.Paged = true
		}
	case "page", "per", "paginate", "per_page":
		r.Paged = true
	case "unscoped":
		r.Filters, r.Orders = nil, nil
	}
}

func filterOf(p syntax.Ref, site flow.Site, negated bool) []flow.Filter {
	if p.Kind() != syntax.Pair || p.Str() == "" {
		return nil
	}
	op := "="
	v := p.Child(syntax.Value)
	switch v.Kind() {
	case syntax.Nil:
		op = "null"
	case syntax.List:
		op = "in"
	case syntax.Binary:
		if strings.HasPrefix(v.Str(), "..") {
			op = "<"
		}
	case syntax.Map: // where(users: { name: x })
		var out []flow.Filter
		for q := range v.Children() {
			for _, f := range filterOf(q, site, negated) {
				f.Column = p.Str() + "." + f.Column
				out = append(out, f)
			}
		}
		return out
	}
	if negated {
		op = "!="
	}
	return []flow.Filter{{Column: p.Str(), Op: op, Site: site}}
}

func sqlFilters(sql string, site flow.Site) []flow.Filter {
	st := sqlquery.AnalyzeWhere(sql)
	var out []flow.Filter
	for _, f := range st.Filters {
		col := f.Column
		if f.Table != "" {
			col = f.Table + "." + col
		}
		out = append(out, flow.Filter{Column: col, Op: string(f.Op), Func: f.Func, Site: site})
	}
	return out
}

func ordersOf(a syntax.Ref) []flow.Order {
	switch a.Kind() {
	case syntax.String:
		if a.Has(syntax.FlagSymbol) {
			return []flow.Order{{Column: a.Str()}}
		}
		var out []flow.Order
		for _, k := range sqlquery.AnalyzeOrder(a.Str()) {
			col := k.Column
			if k.Table != "" {
				col = k.Table + "." + col
			}
			out = append(out, flow.Order{Column: col, Desc: k.Desc, Expr: col == ""})
		}
		return out
	case syntax.Pair:
		return []flow.Order{{Column: a.Str(), Desc: a.Child(syntax.Value).Str() == "desc"}}
	case syntax.Map:
		var out []flow.Order
		for p := range a.Children() {
			out = append(out, ordersOf(p)...)
		}
		return out
	case syntax.Call:
		if a.Str() == "sql" || a.Str() == "desc" || a.Str() == "asc" {
			return ordersOf(a.Arg(0))
		}
		return []flow.Order{{Expr: true}}
	}
	return nil
}
