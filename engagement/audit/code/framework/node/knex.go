package node

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Knex reads Knex's and Kysely's migrations and queries, and the models of Objection.js.
type Knex struct {
	ix     *flow.Index
	tables map[string]*flow.Model
	used   bool // some file imports Knex, Kysely or Objection
}

// NewKnex returns the framework.
func NewKnex() *Knex { return &Knex{tables: map[string]*flow.Model{}} }

// Name returns "knex".
func (*Knex) Name() string { return "knex" }

// Entries does nothing: [Platform] knows the entry points.
func (*Knex) Entries(*flow.Interp) {}

// Index notes whether the project uses the query builder, and adds Objection's models.
func (fw *Knex) Index(ix *flow.Index) {
	fw.ix = ix
	for _, f := range ix.Project.Files {
		if f.Doc != nil && path.Base(f.Path) == "package.json" {
			for _, d := range f.Doc.Dependencies() {
				if d.Name == "knex" || d.Name == "kysely" || d.Name == "objection" || d.Name == "bookshelf" {
					fw.used = true
				}
			}
		}
		if !readable(f) {
			continue
		}
		fw.used = fw.used || imports(f, "knex", "kysely", "objection")
	}
	if !fw.used {
		return
	}
	for _, list := range ix.Classes {
		for _, c := range list {
			if c.Model != nil || !script(c.File) {
				continue
			}
			table := ""
			if f, ok := c.Fields["tableName"]; ok {
				table = f.Child(syntax.Value).Str()
			} else if m := c.Static["tableName"]; m != nil {
				for r := range m.Node.Descendants(syntax.Return) {
					table = r.Child(syntax.Value).Str()
				}
			}
			if table != "" {
				m := &flow.Model{Name: c.Name, Table: table, Framework: "knex", Class: c, File: c.File, Node: c.Node}
				ix.AddModel(m)
				fw.tables[table] = m
			}
		}
	}
}

// model returns the model of a table, made on first sight; "users as u" and "public.users" are users.
func (fw *Knex) model(table string) *flow.Model {
	table = strings.TrimSpace(table)
	if i := strings.IndexByte(table, ' '); i > 0 {
		table = table[:i]
	}
	if m := fw.tables[table]; m != nil {
		return m
	}
	m := &flow.Model{Name: table, Table: table, Framework: "knex"}
	if known := fw.ix.ByTable[table]; known != nil && known.Framework == "knex" {
		m = known
	}
	fw.tables[table] = m
	return m
}

// knexSteps are the methods that add to a query and run nothing.
var knexSteps = map[string]bool{
	"where": true, "andWhere": true, "orWhere": true, "whereIn": true, "whereNotIn": true, "whereNull": true, "whereNotNull": true, "whereBetween": true, "whereLike": true, "whereILike": true,
	"whereRaw": true, "whereNot": true, "whereExists": true, "whereNotExists": true, "andWhereRaw": true, "whereRef": true, "whereJsonPath": true, "whereJsonSupersetOf": true, "whereColumn": true,
	"orderBy": true, "orderByRaw": true, "groupBy": true, "groupByRaw": true, "having": true, "limit": true, "offset": true, "select": true, "selectAll": true, "distinct": true, "distinctOn": true, "columns": true, "column": true,
	"join": true, "leftJoin": true, "innerJoin": true, "rightJoin": true, "leftOuterJoin": true, "fullJoin": true, "from": true, "as": true, "with": true, "clone": true, "transacting": true, "forUpdate": true, "skipLocked": true,
	"returning": true, "returningAll": true, "onConflict": true, "merge": true, "ignore": true, "withGraphFetched": true, "withGraphJoined": true, "modify": true, "timeout": true, "set": true, "values": true, "$if": true, "modifyGraph": true, "forShare": true, "options": true, "debug": true,
	"withSchema": true, "into": true, "using": true, "union": true, "unionAll": true, "page": true, "range": true, "leftJoinRelated": true, "joinRelated": true, "findById": true, "findByIds": true, "findOne": true, "$call": true, "andWhereNot": true, "andWhereBetween": true, "innerJoinLateral": true, "leftJoinLateral": true, "orHaving": true, "context": true, "first": true,
}

// knexRuns are the methods that name what the query does or run it.
var knexRuns = map[string]flow.EffectKind{
	"insert": flow.Write, "update": flow.Write, "del": flow.Write, "delete": flow.Write, "truncate": flow.Write, "increment": flow.Write, "decrement": flow.Write, "upsert": flow.Write, "patch": flow.Write,
	"patchAndFetchById": flow.Write, "insertAndFetch": flow.Write, "deleteById": flow.Write, "insertGraph": flow.Write, "upsertGraph": flow.Write, "batchInsert": flow.Write, "updateAndFetchById": flow.Write,
	"count": flow.Aggregate, "countDistinct": flow.Aggregate, "sum": flow.Aggregate, "avg": flow.Aggregate, "min": flow.Aggregate, "max": flow.Aggregate, "resultSize": flow.Aggregate,
	"pluck": flow.RunQuery, "execute": flow.RunQuery, "executeTakeFirst": flow.RunQuery, "executeTakeFirstOrThrow": flow.RunQuery,
	"then": flow.RunQuery, "stream": flow.RunQuery,
}

// Call interprets knex("users").where(...), Model.query() and Kysely's selectFrom chains.
func (fw *Knex) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if !fw.used || !script(in.File()) || c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	if c.Recv.Kind == flow.Many && c.Recv.Model != nil && c.Recv.Model.Framework == "knex" && !c.Recv.Loaded && c.Recv.Root != nil {
		return fw.step(in, c)
	}
	table := ""
	var write bool
	switch c.Name {
	case "query":
		if m := c.Recv.Model; m != nil && m.Framework == "knex" && c.Recv.Kind == flow.ClassRef {
			return fw.start(in, c, m, false), true
		}
	case "selectFrom", "insertInto", "updateTable", "deleteFrom", "replaceInto":
		table, write = c.Node.Arg(0).Str(), c.Name != "selectFrom"
	case "knex", "db", "trx", "tx", "database", "Knex", "qb", "conn", "transaction", "pg":
		if c.Node.Arg(0).Kind() == syntax.String && len(c.Args) <= 2 {
			table = c.Node.Arg(0).Str()
		}
	case "table", "from", "into":
		if n := strings.ToLower(c.Node.Receiver().Str()); c.HasRecv && (strings.HasSuffix(n, "knex") || n == "db" || n == "trx") {
			table = c.Node.Arg(0).Str()
		}
	case "raw":
		return flow.Value{}, false
	}
	if table == "" || c.Node.Arg(0).Kind() != syntax.String || strings.ContainsAny(table, "{}/") {
		return flow.Value{}, false
	}
	return fw.start(in, c, fw.model(table), write), true
}

func (fw *Knex) start(in *flow.Interp, c *flow.Call, m *flow.Model, write bool) flow.Value {
	r := in.NewQuery(m, c.Node)
	if write {
		r.Terminal = "write"
	}
	v := flow.Value{Kind: flow.Many, Model: m, Root: r}
	if write {
		return v
	}
	fw.await(in, c.Node, v)
	return v
}

// await runs a query where the chain ends: builders are thenables, so that whoever awaits the last
// call runs it.
func (fw *Knex) await(in *flow.Interp, n syntax.Ref, v flow.Value) {
	p := n.Parent()
	if p.Kind() == syntax.Await && !kysely(n) {
		kind := flow.RunQuery
		switch v.Root.Terminal {
		case "write":
			kind = flow.Write
		case "count", "sum", "avg", "min", "max", "countDistinct":
			kind = flow.Aggregate
		}
		in.Execute(v.Root, in.Site(n, "runs the query"), kind)
	}
}

func kysely(n syntax.Ref) bool {
	for r := n; r.Ok(); r = r.Receiver() {
		switch r.Str() {
		case "selectFrom", "insertInto", "updateTable", "deleteFrom", "replaceInto":
			return true
		}
	}
	return false
}

func (fw *Knex) step(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	kind, runs := knexRuns[c.Name]
	if !runs && !knexSteps[c.Name] {
		return flow.Value{}, false
	}
	v, r := in.Refine(c.Recv, c.Node)
	m := c.Recv.Model
	fw.refine(in, r, m, c)
	if runs {
		chained := c.Node.Parent().Kind() == syntax.Call && c.Node.Role() == syntax.Receiver || c.Node.Parent().Kind() == syntax.Member
		if kind == flow.Write && !chained {
			r.Terminal = c.Name
		}
		if r.Terminal == "write" && strings.HasPrefix(c.Name, "execute") {
			kind = flow.Write
		}
		switch {
		case kind == flow.Aggregate:
			r.Terminal = c.Name
			if !chained {
				in.Execute(r, in.Site(c.Node, "asks "+c.Name), kind)
			}
			return v, true
		case kind == flow.Write && !strings.HasPrefix(c.Name, "execute") && c.Name != "then":
			r.Terminal = "write"
			if !chained {
				in.Execute(r, in.Site(c.Node, "writes"), flow.Write)
			}
			return v, true
		}
		r.Terminal = c.Name
		in.Execute(r, in.Site(c.Node, "runs the query"), kind)
		if strings.HasPrefix(c.Name, "executeTakeFirst") {
			r.Single = true
			return row(m, r), true
		}
		return rows(m, r), true
	}
	if c.Name == "first" || c.Name == "findOne" || c.Name == "findById" {
		r.Single = true
	}
	fw.await(in, c.Node, v)
	if c.Node.Parent().Kind() == syntax.Await {
		if r.Single {
			return row(m, r), true
		}
		v.Loaded = true
	}
	return v, true
}

func columnText(n syntax.Ref) string {
	if n.Kind() != syntax.String {
		return ""
	}
	s := n.Str()
	return s[strings.LastIndexByte(s, '.')+1:]
}

// qualifiedColumn keeps the table of a column that is another one's.
func qualifiedColumn(m *flow.Model, n syntax.Ref) string {
	s := n.Str()
	i := strings.LastIndexByte(s, '.')
	if i < 0 || s[:i] == m.Table {
		return s[i+1:]
	}
	return s
}

func (fw *Knex) refine(in *flow.Interp, r *flow.Root, m *flow.Model, c *flow.Call) {
	site := in.Site(c.Node, "")
	arg := c.Node.Arg(0)
	add := func(op string) {
		if arg.Kind() == syntax.String {
			r.Filters = append(r.Filters, flow.Filter{Column: qualifiedColumn(m, arg), Op: op, Site: site})
		} else {
			r.Dynamic = true
		}
	}
	switch c.Name {
	case "where", "andWhere", "findOne":
		if o := optionsOf(c, 0); o.ok() {
			r.Dynamic = r.Dynamic || o.spread()
			for p := range o.node.Children() {
				if p.Kind() == syntax.Pair && p.Str() != "" {
					op := "="
					if p.Child(syntax.Value).Kind() == syntax.Nil {
						op = "null"
					}
					r.Filters = append(r.Filters, flow.Filter{Column: p.Str()[strings.LastIndexByte(p.Str(), '.')+1:], Op: op, Site: in.Site(p, "")})
				}
			}
			return
		}
		op := "="
		if len(c.ArgRefs) > 2 {
			switch s := strings.ToLower(c.ArgRefs[1].Str()); s {
			case "=", "is":
			case "<", "<=":
				op = "<"
			case ">", ">=":
				op = ">"
			case "in", "like", "ilike", "!=", "<>", "not in":
				op = s
			default:
				op = "expr"
			}
		} else if len(c.ArgRefs) == 0 {
			return
		}
		add(op)
	case "whereIn":
		add("in")
	case "whereNull":
		add("null")
	case "whereNotNull":
		add("not null")
	case "whereBetween":
		add("between")
	case "whereLike", "whereILike":
		add("like")
	case "findById":
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: site})
	case "findByIds":
		r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "in", Site: site})
	case "orWhere", "modify", "$if", "$call":
		r.Dynamic = true
	case "whereRaw", "andWhereRaw":
		for _, f := range sqlquery.AnalyzeWhere(arg.Str()).Filters {
			r.Filters = append(r.Filters, flow.Filter{Column: f.Column, Op: operator(f), Func: f.Func, Site: site})
		}
	case "orderBy":
		switch arg.Kind() {
		case syntax.String:
			r.Orders = append(r.Orders, flow.Order{Column: columnText(arg), Desc: strings.EqualFold(c.Node.Arg(1).Str(), "desc")})
		case syntax.List:
			for _, e := range elements(arg) {
				if e.Kind() == syntax.Map {
					r.Orders = append(r.Orders, flow.Order{Column: columnText(e.Keyword("column")), Desc: strings.EqualFold(e.Keyword("order").Str(), "desc")})
				} else {
					r.Orders = append(r.Orders, flow.Order{Column: columnText(e)})
				}
			}
		default:
			r.Dynamic = true
		}
	case "orderByRaw":
		r.Orders = append(r.Orders, flow.Order{Expr: true})
	case "limit", "page", "range":
		if r.Limit = number(arg); r.Limit == 0 || c.Name != "limit" {
			r.Limit, r.Paged = 0, true
		}
	case "join", "innerJoin", "leftJoin", "rightJoin", "leftOuterJoin":
		r.Joins = append(r.Joins, arg.Str())
	case "distinct":
		r.Distinct = true
	}
}

var knexMigration = regexp.MustCompile(`(?:^|/)migrations?/(?:.*/)?[^/]+\.[cm]?[jt]s$|(?:^|/)\d{8,17}[_-][^/]+\.[cm]?[jt]s$`)

// Schemas folds Knex's and Kysely's migrations.
func (fw *Knex) Schemas(p *project.Project) []*project.Database {
	if !uses(p, "knex", "kysely", "objection", "bookshelf", "@adonisjs/lucid", "@directus/api") {
		return nil
	}
	all := stores{}
	for _, f := range p.Files {
		if !readable(f) || !knexMigration.MatchString(f.Path) {
			continue
		}
		if len(knexOps(f, schema.Unknown)) > 0 {
			s := all.of(packageRoot(p, f.Path))
			s.migrations = append(s.migrations, f)
		}
	}
	var out []*project.Database
	for _, s := range all.sorted() {
		if db := s.database(p, "", knexOps, nil); db != nil && len(db.Schema.Tables) > 0 {
			out = append(out, db)
		}
	}
	return out
}
