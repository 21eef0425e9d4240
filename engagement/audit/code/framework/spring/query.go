package spring

import (
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Call interprets repositories, getters and Java's ways of naming things.
func (fw *Framework) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if in.File().Lang != "java" {
		return flow.Value{}, false
	}
	fn := in.Frame().Fn
	if c.Node.Kind() == syntax.Name {
		if fn == nil {
			return flow.Value{}, false
		}
		if v, ok := in.Frame().Ivars["@"+c.Name]; ok && v.Kind != flow.Unknown {
			return v, true
		}
		if s := in.Frame().Self; s.Kind == flow.Record && s.Model != nil {
			if rel := fw.ix.Relation(s.Model, c.Name); rel != nil {
				return fw.read(in, s, rel, c.Node), true
			}
		}
		v := fw.field(fn.Class, c.Name, 0)
		return v, v.Kind != flow.Unknown
	}
	if !c.HasRecv {
		if fn != nil && fn.Class != nil && !c.Node.Has(syntax.FlagNew) {
			if m := fw.ix.LookupMethod(fn.Class, c.Name, fn.Static); m != nil && in.Frame().Self.Kind == flow.Object && !fn.Static {
				return in.InvokeOwn(m, c), true
			} else if m != nil {
				return in.Invoke(m, in.Frame().Self, c), true
			} else if m := fw.ix.LookupMethod(fn.Class, c.Name, true); m != nil {
				return in.Invoke(m, flow.Value{}, c), true
			}
		}
		return flow.Value{}, false
	}
	switch c.Recv.Kind {
	case flow.Object:
		if c.Node.Kind() == syntax.Member {
			if v, ok := in.Frame().Ivars["@"+c.Name]; ok && v.Kind != flow.Unknown && c.Node.Receiver().Kind() == syntax.Self {
				return v, true
			}
			return fw.field(c.Recv.Class, c.Name, 0), true
		}
		if m := fw.repos[c.Recv.Class]; m != nil {
			return fw.repository(in, c, m)
		}
		if cl := c.Recv.Class; cl != nil && c.Node.Receiver().Kind() == syntax.Self {
			if m := fw.ix.LookupMethod(cl, c.Name, false); m != nil {
				return in.InvokeOwn(m, c), true
			}
		}
	case flow.Record:
		return fw.record(in, c)
	case flow.Many:
		if c.Name == "getContent" || c.Name == "toList" || c.Name == "collect" || c.Name == "getResultList" || c.Name == "getResultStream" {
			in.Use(c.Recv, c.Node)
			return c.Recv, true
		}
	}
	return flow.Value{}, false
}

// record interprets what is asked of one row, also where it comes in an Optional.
func (fw *Framework) record(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	rec := c.Recv
	switch c.Name {
	case "orElse", "orElseThrow", "orElseGet", "get", "getSingleResult", "ifPresent", "map", "filter", "flatMap", "ifPresentOrElse":
		if c.Block.Kind == flow.FuncValue && c.Name != "orElseThrow" && c.Name != "orElseGet" {
			v := in.CallLambda(c.Block, rec)
			if c.Name == "map" || c.Name == "flatMap" {
				return v, true
			}
		}
		return rec, true
	case "isPresent", "isEmpty", "equals", "hashCode", "toString", "getClass":
		return flow.Value{Kind: flow.Scalar}, true
	}
	if rec.Model == nil || rec.Model.Framework != fw.Name() {
		return flow.Value{}, false
	}
	name := c.Name
	if c.Node.Kind() == syntax.Call {
		if len(c.Args) > 0 {
			return flow.Value{}, false
		}
		if rest, ok := strings.CutPrefix(name, "get"); ok && rest != "" {
			name = lowerFirst(rest)
		}
	}
	if rel := fw.ix.Relation(rec.Model, name); rel != nil {
		return fw.read(in, rec, rel, c.Node), true
	}
	return flow.Value{}, false
}

// read reads a relation. The proxy of a to-one relation is loaded by what is asked of it, its id apart.
func (fw *Framework) read(in *flow.Interp, rec flow.Value, rel *flow.Relation, at syntax.Ref) flow.Value {
	if rel.Kind.Many() {
		return in.Relate(rec, rel, at)
	}
	p := at.Parent()
	asked := p.Is(syntax.Call, syntax.Member) && p.Receiver() == at && p.Str() != "getId" && p.Str() != "id" && p.Str() != "equals"
	if !asked && !rel.AlwaysEager {
		return flow.Value{Kind: flow.Record, Model: fw.ix.Model(rel.Target, rel.File)}
	}
	return in.Relate(rec, rel, at)
}

// builtin are the methods that every repository has.
var builtin = map[string]string{
	"findAll": "many", "findAllById": "many", "findById": "one", "getOne": "one", "getById": "none", "getReferenceById": "none", "findOne": "one", "existsById": "count", "exists": "count", "count": "count",
	"save": "write", "saveAndFlush": "write", "delete": "write", "deleteById": "write", "saveAll": "bulk", "saveAllAndFlush": "bulk", "deleteAll": "bulk", "deleteAllById": "bulk", "deleteAllInBatch": "bulk", "deleteInBatch": "bulk", "flush": "none",
}

var subject = regexp.MustCompile(`^(find|read|get|query|search|stream|count|exists|delete|remove)([A-Z]\w*?)??By([A-Z]\w*)$`)
var topN = regexp.MustCompile(`^(?:First|Top)(\d*)`)
var fetchJoin = regexp.MustCompile(`(?i)\bfetch\s+(\w+)\.(\w+)`)

// repository interprets a call of a repository.
func (fw *Framework) repository(in *flow.Interp, c *flow.Call, m *flow.Model) (flow.Value, bool) {
	if c.Node.Kind() != syntax.Call {
		return flow.Value{}, true
	}
	decl := fw.ix.LookupMethod(c.Recv.Class, c.Name, false)
	if decl != nil && decl.Node.Child(syntax.Body).Ok() {
		return in.Invoke(decl, c.Recv, c), true
	}
	r := in.NewQuery(m, c.Node)
	r.Terminal = c.Name
	site := in.Site(c.Node, "runs the query")
	how := builtin[c.Name]
	if decl != nil {
		base, _ := generic(decl.Node.Child(syntax.TypeRole).Str())
		switch {
		case how != "" && how != "many" && how != "one": // a method of every repository, declared again
		case lists[base]:
			how = "many"
		case base == "void" || base == "int" || base == "long" || base == "boolean" || base == "Long" || base == "Integer" || base == "Boolean":
			if how == "" {
				how = "count"
			}
		default:
			how = "one"
		}
		for _, p := range decl.Params() {
			if t := p.Child(syntax.TypeRole).Str(); t == "Pageable" || t == "PageRequest" {
				r.Paged = true
			} else if strings.HasPrefix(t, "Specification") || t == "Predicate" || strings.HasPrefix(t, "Example") || t == "Sort" {
				r.Dynamic = true
			}
		}
		if g := decorator(decl.Node, "EntityGraph"); g.Ok() {
			for s := range g.Descendants(syntax.String) {
				r.AddEager(s.Str())
			}
			if v := g.Keyword("value"); v.Ok() || g.Arg(0).Kind() == syntax.String { // a named graph: its paths are elsewhere
				for n := range m.Relations {
					r.AddEager(n)
				}
			}
		}
	}
	if how == "" && decl == nil {
		return flow.Value{}, true
	}
	if q := decorator(declNode(decl), "Query"); q.Ok() {
		if decorator(decl.Node, "Modifying").Ok() {
			how = "bulk"
		}
		fw.declared(r, m, text(q, "value"), site)
	} else if decl != nil && builtin[c.Name] == "" {
		if s := subject.FindStringSubmatch(c.Name); s != nil {
			switch s[1] {
			case "count", "exists":
				how = "count"
			case "delete", "remove":
				how = "bulk"
			}
			if n := topN.FindStringSubmatch(s[2]); n != nil {
				r.Limit = 1
				if n[1] != "" {
					r.Limit, _ = strconv.Atoi(n[1])
				}
			}
			fw.derived(r, m, s[3], site)
		} else {
			r.Dynamic = true
		}
	} else if strings.HasSuffix(c.Name, "ById") || c.Name == "getOne" {
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: site})
	} else if len(c.Args) > 0 {
		r.Dynamic, r.Paged = true, true
	}
	v := flow.Value{Kind: flow.Many, Model: m, Root: r, Loaded: true}
	switch how {
	case "many":
		in.Execute(r, site, flow.RunQuery)
		return v, true
	case "one":
		r.Single = true
		in.Execute(r, site, flow.RunQuery)
		v.Kind, v.Loaded = flow.Record, false
		return v, true
	case "count":
		in.Execute(r, site, flow.Aggregate)
	case "write":
		rec := flow.Value{Kind: flow.Record, Model: m}
		if len(c.Args) > 0 && c.Args[0].Kind == flow.Record {
			rec = c.Args[0]
		}
		in.Write(rec, c.Node)
		if len(c.Args) > 0 && strings.HasPrefix(c.Name, "save") {
			return c.Args[0], true
		}
	case "bulk":
		in.Execute(r, site, flow.Write)
		if len(c.Args) > 0 && strings.HasPrefix(c.Name, "save") {
			return c.Args[0], true
		}
	}
	return flow.Value{Kind: flow.Scalar}, true
}

func declNode(m *flow.Method) syntax.Ref {
	if m == nil {
		return syntax.Ref{}
	}
	return m.Node
}

// declared reads the text of @Query: JPQL names entities and attributes, native SQL tables and columns.
func (fw *Framework) declared(r *flow.Root, m *flow.Model, sql string, site flow.Site) {
	for _, f := range fetchJoin.FindAllStringSubmatch(sql, -1) {
		r.AddEager(f[2])
	}
	st := sqlquery.Analyze(sql)
	r.Dynamic = st.Dynamic || len(st.Tables) != 1
	if len(st.Tables) != 1 {
		r.Filters = append(r.Filters, flow.Filter{Op: "or", Site: site})
		return
	}
	for _, f := range st.Filters {
		r.Filters = append(r.Filters, flow.Filter{Column: columnOf(m, f.Column), Op: string(f.Op), Func: f.Func, Site: site})
	}
}

// columnOf is the column of an attribute, or the name itself.
func columnOf(m *flow.Model, attribute string) string {
	if c := m.Columns[attribute]; c != "" {
		return c
	}
	if rel := m.Relations[attribute]; rel != nil && rel.ForeignKey != "" {
		return rel.ForeignKey
	}
	return attribute
}

// operators are the endings of a derived condition, longest first.
var operators = []struct{ word, op string }{
	{"IsGreaterThanEqual", ">="}, {"GreaterThanEqual", ">="}, {"IsLessThanEqual", "<="}, {"LessThanEqual", "<="}, {"IsGreaterThan", ">"}, {"GreaterThan", ">"}, {"IsLessThan", "<"}, {"LessThan", "<"},
	{"IsNotContaining", "!="}, {"NotContaining", "!="}, {"IsContaining", "icontains"}, {"Containing", "icontains"}, {"Contains", "icontains"}, {"IsStartingWith", "like"}, {"StartingWith", "like"}, {"StartsWith", "like"}, {"IsEndingWith", "endswith"}, {"EndingWith", "endswith"}, {"EndsWith", "endswith"},
	{"IsNotNull", "not null"}, {"NotNull", "not null"}, {"IsNull", "null"}, {"Null", "null"}, {"IsBetween", "between"}, {"Between", "between"}, {"IsNotIn", "not in"}, {"NotIn", "not in"}, {"IsIn", "in"}, {"In", "in"}, {"IsTrue", "truth"}, {"True", "truth"}, {"IsFalse", "truth"}, {"False", "truth"},
	{"IsNotLike", "!="}, {"NotLike", "!="}, {"IsLike", "like"}, {"Like", "like"}, {"IsAfter", ">"}, {"After", ">"}, {"IsBefore", "<"}, {"Before", "<"}, {"IsNot", "!="}, {"Not", "!="}, {"Equals", "="}, {"Is", "="},
}

// derived reads the conditions and the order in the name of a method: PreviousReleaseIdAndOperationOrderByIdDesc.
func (fw *Framework) derived(r *flow.Root, m *flow.Model, words string, site flow.Site) {
	words, order, _ := strings.Cut(words, "OrderBy")
	for order != "" {
		part, rest := order, ""
		for _, dir := range []string{"Desc", "Asc"} {
			if i := strings.Index(order, dir); i > 0 && i+len(dir) <= len(part) && (i+len(dir) == len(order) || order[i+len(dir)] >= 'A' && order[i+len(dir)] <= 'Z') {
				part, rest = order[:i+len(dir)], order[i+len(dir):]
			}
		}
		desc := strings.HasSuffix(part, "Desc")
		r.Orders = append(r.Orders, flow.Order{Column: columnOf(m, lowerFirst(strings.TrimSuffix(strings.TrimSuffix(part, "Desc"), "Asc"))), Desc: desc})
		order = rest
	}
	fold := strings.HasSuffix(words, "AllIgnoreCase")
	words = strings.TrimSuffix(words, "AllIgnoreCase")
	either := len(cutWords(words, "Or")) > 1
	for _, or := range cutWords(words, "Or") {
		for _, part := range cutWords(or, "And") {
			f := flow.Filter{Op: "=", Site: site}
			if p, ok := strings.CutSuffix(part, "IgnoreCase"); ok || fold {
				part, f.Func = p, "upper"
			}
			if attribute := fw.attribute(m, part); attribute != "" {
				f.Column = attribute
			} else {
				for _, o := range operators {
					if rest, ok := strings.CutSuffix(part, o.word); ok && fw.attribute(m, rest) != "" {
						f.Column, f.Op = fw.attribute(m, rest), o.op
						break
					}
				}
			}
			if either {
				f.Op = "or"
			}
			r.Filters = append(r.Filters, f)
		}
	}
}

// attribute is the column of a property path such as App, AppId or PreviousReleaseId.
func (fw *Framework) attribute(m *flow.Model, word string) string {
	a := lowerFirst(strings.ReplaceAll(word, "_", ""))
	if c := m.Columns[a]; c != "" {
		return c
	}
	if rel := m.Relations[a]; rel != nil && rel.ForeignKey != "" {
		return rel.ForeignKey
	}
	if rel := m.Relations[strings.TrimSuffix(a, "Id")]; rel != nil && rel.ForeignKey != "" {
		return rel.ForeignKey
	}
	return ""
}

// cutWords splits a camel-case name at a word: "NameAndAndroid" at And is Name and Android.
func cutWords(s, word string) []string {
	var out []string
	from := 0
	for i := 1; i+len(word) < len(s); i++ {
		if s[i:i+len(word)] == word && s[i+len(word)] >= 'A' && s[i+len(word)] <= 'Z' && !(s[i-1] >= 'A' && s[i-1] <= 'Z') {
			out = append(out, s[from:i])
			from = i + len(word)
			i = from
		}
	}
	return append(out, s[from:])
}

// addKeys adds the keys of one entity.
func addKeys(ix *flow.Index, m *flow.Model, dbs []*project.Database) {
	var t *schema.Table
	for _, db := range dbs {
		if db.Schema == nil {
			continue
		}
		if x := db.Schema.Table(m.Table); x != nil && !x.View && (t == nil || strings.HasPrefix(m.File.Path, db.Root+"/")) {
			t = x
		}
	}
	if t == nil {
		return
	}
	names := make([]string, 0, len(m.Relations))
	for n := range m.Relations {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		rel := m.Relations[n]
		target := ix.Model(rel.Target, rel.File)
		if rel.Kind != flow.BelongsTo || target == nil || t.Column(rel.ForeignKey) == nil {
			continue
		}
		known := false
		for _, have := range t.ForeignKeys {
			known = known || len(have.Columns) == 1 && strings.EqualFold(have.Columns[0], rel.ForeignKey)
		}
		if !known {
			t.ForeignKeys = append(t.ForeignKeys, &schema.ForeignKey{
				Columns: []string{rel.ForeignKey}, RefTable: target.Table, RefColumns: []string{"id"},
				Place: schema.Place{Path: rel.File.Path, Line: rel.Node.Line(), EndLine: rel.Node.EndLine()},
			})
		}
	}
}
