package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Call interprets repositories, entity managers, active records, the query builder and lazy relations.
func (fw *TypeORM) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(fw.entities) == 0 || !script(in.File()) || !c.HasRecv {
		return flow.Value{}, false
	}
	mine := c.Recv.Model != nil && c.Recv.Model.Framework == "typeorm"
	switch {
	case mine && c.Recv.Kind == flow.Record:
		return fw.row(in, c)
	case mine && c.Recv.Kind == flow.ClassRef:
		return fw.repository(in, c, c.Recv.Model, 0)
	case mine && c.Recv.Kind == flow.Many && !c.Recv.Loaded && c.Recv.Root != nil:
		return fw.builder(in, c)
	}
	switch c.Name {
	case "getRepository", "getCustomRepository", "getTreeRepository", "withRepository":
		if m := fw.argument(in, c); m != nil {
			return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
		}
	case "find", "findOne", "findOneBy", "findBy", "findAndCount", "findOneOrFail", "findOneByOrFail", "count", "countBy", "save", "insert", "update", "delete", "softDelete", "exists", "existsBy", "upsert", "createQueryBuilder":
		// an entity manager: the entity is the first argument
		if m := fw.argument(in, c); m != nil && c.Recv.Kind != flow.Many && c.Recv.Kind != flow.Container {
			return fw.repository(in, c, m, 1)
		}
	}
	return fw.injected(in, c)
}

// injected resolves this.users, a field declared as Repository<User> or decorated with
// @InjectRepository(User), and extended repositories.
func (fw *TypeORM) injected(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if c.Recv.Kind != flow.Object || c.Recv.Class == nil {
		return flow.Value{}, false
	}
	if c.Node.Kind() == syntax.Member {
		if f, ok := c.Recv.Class.Fields[c.Name]; ok {
			return fw.TypeValue(in, f.Child(syntax.TypeRole).Str(), c.Recv.Class.File)
		}
		return flow.Value{}, false
	}
	for s := range c.Recv.Class.Node.All(syntax.Super) { // class Users extends Repository<User>
		if v, ok := fw.TypeValue(in, s.Str(), c.Recv.Class.File); ok && fw.ix.LookupMethod(c.Recv.Class, c.Name, false) == nil {
			return fw.repository(in, c, v.Model, 0)
		}
	}
	return flow.Value{}, false
}

func (fw *TypeORM) argument(in *flow.Interp, c *flow.Call) *flow.Model {
	if len(c.ArgRefs) == 0 || !c.ArgRefs[0].Is(syntax.Name, syntax.Member) {
		return nil
	}
	return fw.model(c.ArgRefs[0].Str(), in.File())
}

func (fw *TypeORM) row(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if rel := c.Recv.Model.Relations[c.Name]; rel != nil {
		if lazy(rel) && c.Recv.Root != nil {
			v := in.Relate(c.Recv, rel, c.Node)
			in.Use(v, c.Node)
			v.Loaded = v.Kind == flow.Many
			return v, true
		}
		return loadedRelation(fw.ix, c.Recv, rel), true
	}
	switch c.Name {
	case "save", "remove", "softRemove", "recover", "reload":
		if c.Node.Kind() == syntax.Call && fw.ix.LookupMethod(c.Recv.Model.Class, c.Name, false) == nil {
			in.Write(c.Recv, c.Node)
			return c.Recv, true
		}
	}
	return flow.Value{}, false
}

// repository interprets a method of a repository; i is the index of its first own argument.
func (fw *TypeORM) repository(in *flow.Interp, c *flow.Call, m *flow.Model, i int) (flow.Value, bool) {
	if c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	opt := optionsOf(c, i)
	r := in.NewQuery(m, c.Node)
	r.Terminal = c.Name
	site := in.Site(c.Node, "asks "+c.Name)
	conditions := func(o options, arg int) {
		switch {
		case o.ok():
			fw.where(in, r, m, o, "")
		case arg < len(c.ArgRefs) && c.ArgRefs[arg].Kind() == syntax.List: // alternatives
		case arg < len(c.Args):
			r.Dynamic = true
		}
	}
	switch c.Name {
	case "find", "findAndCount", "findOne", "findOneOrFail", "count", "exists", "exist":
		if opt.ok() && !opt.has("where") && !opt.has("relations") && !opt.has("order") && !opt.has("select") && !opt.has("take") && !opt.has("skip") {
			conditions(opt, i) // the conditions themselves, as older versions take them
		} else {
			fw.options(in, r, m, opt)
			if !opt.ok() && i < len(c.Args) && !strings.HasPrefix(c.Name, "findOne") {
				r.Dynamic = true
			} else if !opt.ok() && i < len(c.Args) {
				r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: site})
			}
		}
	case "findBy", "findOneBy", "findOneByOrFail", "countBy", "existsBy", "findAndCountBy":
		conditions(opt, i)
	case "findByIds", "findOneById":
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "in", Site: site})
	case "save", "insert", "update", "delete", "remove", "softDelete", "softRemove", "upsert", "increment", "decrement", "restore":
		if len(c.Args) > i && (c.Args[i].Kind == flow.Many || c.Args[i].Kind == flow.Container && !c.Args[i].Pairs) {
			in.Execute(r, site, flow.Write)
			return c.Args[i], true
		}
		conditions(opt, i)
		r.Filters = nil
		in.Write(flow.Value{Kind: flow.Record, Model: m}, c.Node)
		return row(m, nil), true
	case "createQueryBuilder":
		r.Terminal = ""
		return flow.Value{Kind: flow.Many, Model: m, Root: r}, true
	case "create", "merge", "preload":
		return flow.Value{Kind: flow.Record, Model: m}, true
	case "query":
		return flow.Value{}, true
	default:
		return flow.Value{}, false
	}
	switch {
	case strings.HasPrefix(c.Name, "findOne"):
		r.Single = true
		in.Execute(r, site, flow.RunQuery)
		return row(m, r), true
	case strings.HasPrefix(c.Name, "findAndCount"):
		in.Execute(r, site, flow.RunQuery)
		list := rows(m, r)
		return flow.Value{Kind: flow.Container, Elem: &list}, true
	case strings.HasPrefix(c.Name, "find"):
		in.Execute(r, site, flow.RunQuery)
		return rows(m, r), true
	}
	in.Execute(r, site, flow.Aggregate)
	return scalar, true
}

// options reads the options object of find.
func (fw *TypeORM) options(in *flow.Interp, r *flow.Root, m *flow.Model, opt options) {
	r.Dynamic = r.Dynamic || opt.spread()
	if w := opt.object("where"); w.ok() {
		fw.where(in, r, m, w, "")
	} else if opt.has("where") && opt.value("where").Kind() != syntax.List {
		r.Dynamic = true
	}
	for p := range opt.object("order").node.Children() {
		v := p.Child(syntax.Value)
		if v.Kind() == syntax.Map {
			r.Orders = append(r.Orders, flow.Order{Expr: true})
			continue
		}
		r.Orders = append(r.Orders, flow.Order{Column: columnOf(m, p.Str()), Desc: strings.EqualFold(v.Str(), "desc") || v.Str() == "-1"})
	}
	if opt.has("take") {
		if r.Limit = opt.number("take"); r.Limit == 0 {
			r.Paged = true
		}
	}
	rel := opt.value("relations")
	switch rel.Kind() {
	case syntax.List:
		for _, e := range elements(rel) {
			r.AddEager(e.Str())
		}
	case syntax.Map:
		fw.relations(r, rel, "")
	}
	for _, e := range elements(opt.value("select")) {
		if e.Kind() == syntax.String {
			r.Select = append(r.Select, columnOf(m, e.Str()))
		}
	}
}

func (fw *TypeORM) relations(r *flow.Root, n syntax.Ref, prefix string) {
	for p := range n.Children() {
		if p.Kind() != syntax.Pair || isFalse(p.Child(syntax.Value)) {
			continue
		}
		full := flow.JoinPath(prefix, p.Str())
		r.AddEager(full)
		if v := p.Child(syntax.Value); v.Kind() == syntax.Map {
			fw.relations(r, v, full)
		}
	}
}

func columnOf(m *flow.Model, field string) string {
	if c := m.Columns[field]; c != "" {
		return c
	}
	return field
}

// operators of TypeORM's conditions.
var findOperators = map[string]string{
	"In": "in", "Any": "in", "LessThan": "<", "LessThanOrEqual": "<", "MoreThan": ">", "MoreThanOrEqual": ">", "Between": "between",
	"Like": "like", "ILike": "like", "IsNull": "null", "Not": "!=", "Equal": "=", "Raw": "expr", "ArrayContains": "contains", "ArrayOverlap": "contains", "JsonContains": "contains",
}

func (fw *TypeORM) where(in *flow.Interp, r *flow.Root, m *flow.Model, w options, prefix string) {
	r.Dynamic = r.Dynamic || w.spread()
	for p := range w.node.Children() {
		if p.Kind() != syntax.Pair || p.Str() == "" {
			continue
		}
		v := w.value(p.Str())
		if rel := m.Relations[p.Str()]; rel != nil {
			target := fw.ix.Model(rel.Target, rel.File)
			inner := w.object(p.Str())
			switch {
			case inner.ok() && rel.Kind == flow.BelongsTo && inner.has("id"):
				r.Filters = append(r.Filters, flow.Filter{Column: rel.ForeignKey, Op: "=", Site: in.Site(p, "")})
			case inner.ok() && target != nil:
				fw.where(in, r, target, inner, target.Table+".")
			case rel.ForeignKey != "":
				r.Filters = append(r.Filters, flow.Filter{Column: rel.ForeignKey, Op: "=", Site: in.Site(p, "")})
			}
			continue
		}
		op := "="
		if v.Kind() == syntax.Call {
			if o, ok := findOperators[v.Str()]; ok {
				op = o
				if op == "!=" && v.Arg(0).Str() == "IsNull" {
					op = "not null"
				}
			}
		}
		r.Filters = append(r.Filters, flow.Filter{Column: prefix + columnOf(m, p.Str()), Op: op, Site: in.Site(p, "")})
	}
}

// builder interprets a step of a query builder's chain.
func (fw *TypeORM) builder(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	v, m := c.Recv, c.Recv.Model
	site := in.Site(c.Node, "runs the query")
	switch c.Name {
	case "getMany", "getManyAndCount", "getOne", "getOneOrFail", "getRawMany", "getRawOne", "getCount", "execute", "stream", "getExists", "getRawAndEntities":
		q, r := in.Refine(v, c.Node)
		r.Terminal = c.Name
		aggregate := c.Name == "getCount" || c.Name == "getExists"
		switch {
		case c.Name == "execute":
			in.Execute(r, site, flow.Write)
			return scalar, true
		case aggregate:
			in.Execute(r, site, flow.Aggregate)
			return scalar, true
		}
		r.Single = strings.Contains(c.Name, "One")
		in.Execute(r, site, flow.RunQuery)
		q.Loaded = true
		switch {
		case strings.Contains(c.Name, "Raw"):
			return flow.Value{Kind: flow.Container}, true
		case r.Single:
			return row(m, r), true
		case c.Name == "getManyAndCount":
			return flow.Value{Kind: flow.Container, Elem: &q}, true
		}
		return q, true
	}
	q, r := in.Refine(v, c.Node)
	if a, ok := fw.aliases[v.Root]; ok {
		fw.aliases[r] = a
	}
	switch c.Name {
	case "leftJoinAndSelect", "innerJoinAndSelect", "leftJoinAndMapOne", "leftJoinAndMapMany":
		if len(c.ArgRefs) > 0 {
			text := c.ArgRefs[0].Str()
			if i := strings.LastIndexByte(text, '.'); i >= 0 {
				rel := flow.JoinPath(fw.aliases[r][text[:i]], text[i+1:])
				r.AddEager(rel)
				if len(c.ArgRefs) > 1 {
					fw.alias(r, c.ArgRefs[1].Str(), rel)
				}
			}
		}
	case "leftJoin", "innerJoin":
		r.Joins = append(r.Joins, c.Node.Arg(0).Str())
		if text := c.Node.Arg(0).Str(); len(c.ArgRefs) > 1 && strings.Contains(text, ".") {
			fw.alias(r, c.ArgRefs[1].Str(), text[strings.LastIndexByte(text, '.')+1:])
		}
	case "where", "andWhere":
		if o := optionsOf(c, 0); o.ok() {
			fw.where(in, r, m, o, "")
		} else if len(c.ArgRefs) > 0 && c.ArgRefs[0].Kind() == syntax.String {
			fw.sqlWhere(in, r, m, c.ArgRefs[0].Str(), c.Node)
		} else {
			r.Dynamic = true
		}
	case "orWhere":
		r.Dynamic = true
	case "orderBy", "addOrderBy":
		if c.Name == "orderBy" {
			r.Orders = nil
		}
		if o := optionsOf(c, 0); o.ok() {
			for p := range o.node.Children() {
				r.Orders = append(r.Orders, flow.Order{Column: unqualified(m, p.Str()), Desc: strings.EqualFold(p.Child(syntax.Value).Str(), "desc")})
			}
		} else if text := c.Node.Arg(0).Str(); text != "" && c.Node.Arg(0).Kind() == syntax.String {
			r.Orders = append(r.Orders, flow.Order{Column: unqualified(m, text), Desc: strings.EqualFold(c.Node.Arg(1).Str(), "desc")})
		} else {
			r.Dynamic = true
		}
	case "take", "limit":
		if r.Limit = number(c.Node.Arg(0)); r.Limit == 0 {
			r.Paged = true
		}
	case "distinct":
		r.Distinct = true
	case "map", "forEach", "then", "catch":
		return flow.Value{}, false
	}
	return q, true
}

func (fw *TypeORM) alias(r *flow.Root, name, rel string) {
	m := map[string]string{name: rel}
	for k, v := range fw.aliases[r] {
		m[k] = v
	}
	fw.aliases[r] = m
}

func unqualified(m *flow.Model, text string) string {
	return columnOf(m, strings.Trim(text[strings.LastIndexByte(text, '.')+1:], "\"`"))
}

// sqlWhere reads a condition written in SQL with aliases of entities: "user.orgId = :org".
func (fw *TypeORM) sqlWhere(in *flow.Interp, r *flow.Root, m *flow.Model, text string, at syntax.Ref) {
	for _, f := range sqlquery.AnalyzeWhere(text).Filters {
		if f.Or {
			continue
		}
		model, prefix := m, ""
		if rel := fw.aliases[r][f.Table]; rel != "" {
			target := m
			for _, seg := range strings.Split(rel, ".") {
				if x := fw.ix.Relation(target, seg); x != nil {
					if target = fw.ix.Model(x.Target, x.File); target == nil {
						break
					}
				}
			}
			if target == nil {
				continue
			}
			model, prefix = target, target.Table+"."
		}
		r.Filters = append(r.Filters, flow.Filter{Column: prefix + columnOf(model, f.Column), Op: operator(f), Func: f.Func, Site: in.Site(at, "")})
	}
}

// operator is a condition's operator in the engine's words.
func operator(f sqlquery.Filter) string {
	switch {
	case f.Func != "":
		return "expr"
	case f.Not:
		return "!="
	}
	switch f.Op {
	case sqlquery.Eq, sqlquery.Truth:
		return "="
	case sqlquery.In:
		return "in"
	case sqlquery.Range:
		return "range"
	case sqlquery.Like, sqlquery.Regex, sqlquery.Match:
		return "like"
	case sqlquery.IsNull:
		return "null"
	case sqlquery.Contains:
		return "contains"
	case sqlquery.NotNull:
		return "not null"
	}
	return "!="
}
