package node

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Drizzle reads table builders and queries of Drizzle ORM.
type Drizzle struct {
	ix     *flow.Index
	tables []*drizzleTable
	byVar  map[string]*drizzleTable
	found  bool
}

type drizzleTable struct {
	variable, name string
	dialect        schema.Dialect
	file           *project.File
	node           syntax.Ref // the call that builds it
	model          *flow.Model
}

// NewDrizzle returns the framework.
func NewDrizzle() *Drizzle { return &Drizzle{byVar: map[string]*drizzleTable{}} }

// Name returns "drizzle".
func (*Drizzle) Name() string { return "drizzle" }

// Entries does nothing: [Platform] knows the entry points.
func (*Drizzle) Entries(*flow.Interp) {}

var drizzleBuilders = map[string]schema.Dialect{"pgTable": schema.Postgres, "mysqlTable": schema.MySQL, "sqliteTable": schema.SQLite}

func (fw *Drizzle) find(p *project.Project) {
	if fw.found {
		return
	}
	fw.found = true
	for _, f := range p.Files {
		if !readable(f) || !imports(f, "drizzle-orm") {
			continue
		}
		dialect := schema.Unknown
		for n := range f.Tree.Root().Children() {
			switch {
			case strings.HasPrefix(n.Str(), "drizzle-orm/pg"):
				dialect = schema.Postgres
			case strings.HasPrefix(n.Str(), "drizzle-orm/mysql"):
				dialect = schema.MySQL
			case strings.HasPrefix(n.Str(), "drizzle-orm/sqlite"):
				dialect = schema.SQLite
			}
		}
		for n := range f.Tree.Root().Descendants(syntax.Assign) {
			c := n.Child(syntax.Value)
			if c.Kind() == syntax.Call && c.Str() == "enableRLS" {
				c = c.Receiver()
			}
			if c.Kind() != syntax.Call || c.Arg(0).Kind() != syntax.String || !c.Arg(1).Is(syntax.Map, syntax.Lambda) {
				continue
			}
			d, direct := drizzleBuilders[c.Str()]
			if !direct && c.Str() != "table" && !strings.HasSuffix(c.Str(), "Table") || n.Child(syntax.Target).Kind() != syntax.Name {
				continue
			}
			if !direct {
				d = dialect
			}
			t := &drizzleTable{variable: n.Child(syntax.Target).Str(), name: c.Arg(0).Str(), dialect: d, file: f, node: c}
			fw.tables = append(fw.tables, t)
			fw.byVar[t.variable] = t
		}
	}
}

// columns yields the pairs that declare columns.
func (t *drizzleTable) columns() []syntax.Ref {
	m := t.node.Arg(1)
	if m.Kind() == syntax.Lambda { // (t) => ({ id: t.serial() })
		m = m.Child(syntax.Body)
	}
	var out []syntax.Ref
	for p := range m.Children() {
		if p.Kind() == syntax.Pair && p.Str() != "" && p.Child(syntax.Value).Kind() == syntax.Call {
			out = append(out, p)
		}
	}
	return out
}

// builderChain returns the calls of serial("id").primaryKey(), the type first.
func builderChain(n syntax.Ref) []syntax.Ref {
	var rev []syntax.Ref
	for c := n; c.Kind() == syntax.Call; c = c.Receiver() {
		rev = append(rev, c)
	}
	for i, j := 0, len(rev)-1; i < j; i, j = i+1, j-1 {
		rev[i], rev[j] = rev[j], rev[i]
	}
	return rev
}

func (t *drizzleTable) column(p syntax.Ref) string {
	chain := builderChain(p.Child(syntax.Value))
	if len(chain) > 0 && chain[0].Arg(0).Kind() == syntax.String {
		return chain[0].Arg(0).Str()
	}
	return p.Str()
}

// Index adds a model for each table.
func (fw *Drizzle) Index(ix *flow.Index) {
	fw.ix = ix
	fw.find(ix.Project)
	for _, t := range fw.tables {
		t.model = &flow.Model{Name: t.variable, Table: t.name, Framework: "drizzle", File: t.file, Node: t.node, Columns: map[string]string{}}
		for _, p := range t.columns() {
			t.model.Columns[p.Str()] = t.column(p)
		}
		ix.AddModel(t.model)
	}
	for _, f := range ix.Project.Files { // relations(users, ({ one, many }) => ({ posts: many(posts) }))
		if !readable(f) || len(fw.tables) == 0 {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			owner := fw.byVar[c.Arg(0).Str()]
			if c.Str() != "relations" || c.Receiver().Ok() || owner == nil {
				continue
			}
			for p := range c.Block().Descendants(syntax.Pair) {
				v := p.Child(syntax.Value)
				if target := fw.byVar[v.Arg(0).Str()]; v.Kind() == syntax.Call && target != nil && (v.Str() == "one" || v.Str() == "many") {
					r := &flow.Relation{Name: p.Str(), Kind: flow.BelongsTo, Target: target.variable, File: f, Node: p}
					if v.Str() == "many" {
						r.Kind = flow.HasMany
					}
					owner.model.Relations[r.Name] = r
				}
			}
		}
	}
}

// Call interprets db.select().from(t), db.insert(t), db.update(t), db.delete(t) and db.query.t.
func (fw *Drizzle) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(fw.tables) == 0 || !script(in.File()) || !c.HasRecv {
		return flow.Value{}, false
	}
	if m := c.Recv.Model; m != nil && m.Framework == "drizzle" {
		switch {
		case c.Recv.Kind == flow.Record:
			if rel := m.Relations[c.Name]; rel != nil {
				return loadedRelation(fw.ix, c.Recv, rel), true
			}
			return flow.Value{}, c.Node.Kind() == syntax.Member
		case c.Recv.Kind == flow.Many && !c.Recv.Loaded && c.Recv.Root != nil && c.Node.Kind() == syntax.Call:
			return fw.step(in, c)
		}
		return flow.Value{}, false
	}
	if c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	switch c.Name {
	case "from":
		if t := fw.byVar[c.Node.Arg(0).Str()]; t != nil && c.Node.Arg(0).Is(syntax.Name, syntax.Member) && strings.HasPrefix(c.Node.Receiver().Str(), "select") {
			return fw.start(in, c, t, ""), true
		}
	case "insert", "update", "delete":
		if t := fw.byVar[c.Node.Arg(0).Str()]; t != nil && c.Node.Arg(0).Is(syntax.Name, syntax.Member) {
			return fw.start(in, c, t, "write"), true
		}
	case "findMany", "findFirst":
		table := c.Node.Receiver()
		if t := fw.byVar[table.Str()]; t != nil && table.Kind() == syntax.Member && table.Receiver().Str() == "query" {
			return fw.relational(in, c, t), true
		}
	}
	return flow.Value{}, false
}

func (fw *Drizzle) start(in *flow.Interp, c *flow.Call, t *drizzleTable, terminal string) flow.Value {
	r := in.NewQuery(t.model, c.Node)
	r.Terminal = terminal
	v := flow.Value{Kind: flow.Many, Model: t.model, Root: r}
	return fw.end(in, c.Node, v)
}

// end runs the query where nothing is chained on: the builder is awaited or returned.
func (fw *Drizzle) end(in *flow.Interp, n syntax.Ref, v flow.Value) flow.Value {
	p := n.Parent()
	if p.Kind() == syntax.Call && n.Role() == syntax.Receiver || p.Kind() == syntax.Member {
		return v
	}
	if p.Kind() != syntax.Await && p.Kind() != syntax.Return && !(p.Kind() == syntax.Lambda && n.Role() == syntax.Body) {
		return v
	}
	kind := flow.RunQuery
	if v.Root.Terminal == "write" {
		kind = flow.Write
	}
	in.Execute(v.Root, in.Site(n, "runs the query"), kind)
	v.Loaded = p.Kind() == syntax.Await
	return v
}

func (fw *Drizzle) step(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	v, r := in.Refine(c.Recv, c.Node)
	arg := c.Node.Arg(0)
	switch c.Name {
	case "where":
		fw.where(in, r, c.Recv.Model, arg)
	case "orderBy":
		for _, a := range c.Node.Args() {
			fw.order(r, c.Recv.Model, a)
		}
	case "limit":
		if r.Limit = number(arg); r.Limit == 0 {
			r.Paged = true
		}
	case "leftJoin", "innerJoin", "rightJoin", "fullJoin":
		r.Joins = append(r.Joins, arg.Str())
	case "$dynamic":
		r.Dynamic = true
	case "execute", "all", "get", "run", "then", "values":
		if c.Name == "values" && r.Terminal == "write" {
			break
		}
		kind := flow.RunQuery
		if r.Terminal == "write" {
			kind = flow.Write
		}
		in.Execute(r, in.Site(c.Node, "runs the query"), kind)
		if c.Name == "get" {
			r.Single = true
			return row(v.Model, r), true
		}
		v.Loaded = true
		return v, true
	case "map", "forEach", "filter", "reduce", "length":
		return flow.Value{}, false
	}
	return fw.end(in, c.Node, v), true
}

var drizzleOperators = map[string]string{
	"eq": "=", "inArray": "in", "lt": "<", "lte": "<", "gt": ">", "gte": ">", "between": "between", "like": "like", "ilike": "like", "isNull": "null", "isNotNull": "not null", "ne": "!=", "notInArray": "!=",
	"arrayContains": "contains", "arrayContained": "contains", "arrayOverlaps": "contains",
}

// where reads and(eq(users.id, x), ...). What stands under or() narrows nothing alone.
func (fw *Drizzle) where(in *flow.Interp, r *flow.Root, m *flow.Model, n syntax.Ref) {
	if n.Kind() == syntax.Lambda {
		n = n.Child(syntax.Body)
	}
	if n.Kind() != syntax.Call {
		r.Dynamic = r.Dynamic || n.Ok()
		return
	}
	if n.Str() == "and" {
		for _, a := range n.Args() {
			fw.where(in, r, m, a)
		}
		return
	}
	op, ok := drizzleOperators[n.Str()]
	col := n.Arg(0)
	if !ok || col.Kind() != syntax.Member {
		r.Dynamic = true
		return
	}
	prefix, model := "", m
	if t := fw.byVar[col.Receiver().Str()]; t != nil && t.model != m {
		prefix, model = t.name+".", t.model
	}
	if strings.HasSuffix(op, "like") && strings.HasPrefix(n.Arg(1).Str(), "%") {
		op = "contains"
	}
	r.Filters = append(r.Filters, flow.Filter{Column: prefix + columnOf(model, col.Str()), Op: op, Site: in.Site(n, "")})
}

func (fw *Drizzle) order(r *flow.Root, m *flow.Model, n syntax.Ref) {
	switch n.Kind() {
	case syntax.Member:
		r.Orders = append(r.Orders, flow.Order{Column: columnOf(m, n.Str())})
	case syntax.Call:
		if a := n.Arg(0); (n.Str() == "desc" || n.Str() == "asc") && a.Kind() == syntax.Member {
			r.Orders = append(r.Orders, flow.Order{Column: columnOf(m, a.Str()), Desc: n.Str() == "desc"})
			return
		}
		r.Orders = append(r.Orders, flow.Order{Expr: true})
	case syntax.List:
		for _, e := range elements(n) {
			fw.order(r, m, e)
		}
	case syntax.Lambda:
		fw.order(r, m, n.Child(syntax.Body))
	default:
		r.Dynamic = true
	}
}

// relational reads db.query.users.findMany({ where, with, orderBy, limit }).
func (fw *Drizzle) relational(in *flow.Interp, c *flow.Call, t *drizzleTable) flow.Value {
	r := in.NewQuery(t.model, c.Node)
	r.Terminal = c.Name
	opt := optionsOf(c, 0)
	r.Dynamic = opt.spread()
	if opt.has("where") {
		fw.where(in, r, t.model, opt.value("where"))
	}
	if opt.has("orderBy") {
		fw.order(r, t.model, opt.value("orderBy"))
	}
	if opt.has("limit") {
		if r.Limit = opt.number("limit"); r.Limit == 0 {
			r.Paged = true
		}
	}
	fw.with(r, opt.object("with"), "")
	site := in.Site(c.Node, "asks "+c.Name)
	if c.Name == "findFirst" {
		r.Single = true
		in.Execute(r, site, flow.RunQuery)
		return row(t.model, r)
	}
	in.Execute(r, site, flow.RunQuery)
	return rows(t.model, r)
}

func (fw *Drizzle) with(r *flow.Root, o options, prefix string) {
	for p := range o.node.Children() {
		if p.Kind() == syntax.Pair && p.Str() != "" {
			full := flow.JoinPath(prefix, p.Str())
			r.AddEager(full)
			fw.with(r, o.object(p.Str()).object("with"), full)
		}
	}
}

// Schemas states the tables as the builders declare them.
func (fw *Drizzle) Schemas(p *project.Project) []*project.Database {
	fw.find(p)
	all := stores{}
	byFile := map[*project.File][]*drizzleTable{}
	for _, t := range fw.tables {
		if byFile[t.file] == nil {
			s := all.of(packageRoot(p, t.file.Path))
			s.declared = append(s.declared, t.file)
		}
		byFile[t.file] = append(byFile[t.file], t)
	}
	var out []*project.Database
	for _, s := range all.sorted() {
		db := s.database(p, "table builders", nil, func(f *project.File, d schema.Dialect) []schema.Op {
			r := newDDL(f, d)
			for _, t := range byFile[f] {
				fw.declare(r, t)
			}
			return r.ops
		})
		if db == nil || len(db.Schema.Tables) == 0 {
			continue
		}
		if d := byFile[s.declared[0]][0].dialect; d != schema.Unknown {
			db.Schema.Dialect = d
		}
		out = append(out, db)
	}
	return out
}

func (fw *Drizzle) declare(r *ddl, t *drizzleTable) {
	def := &schema.Table{Name: t.name, Place: r.place(t.node), CreatedIn: r.file.Path}
	columns := map[string]string{}
	for _, p := range t.columns() {
		chain := builderChain(p.Child(syntax.Value))
		name, at := t.column(p), r.place(p)
		columns[p.Str()] = name
		typ := chain[0].Str()
		if typ == "timestamp" || typ == "serial" || typ == "bigserial" || knexTypes[typ] == "" {
			typ = snake(typ)
		} else {
			typ = knexTypes[typ]
		}
		col := column(name, typ, false, at)
		for _, c := range chain[1:] {
			switch c.Str() {
			case "notNull":
				col.NotNull = true
			case "primaryKey":
				def.PrimaryKey = append(def.PrimaryKey, name)
			case "unique":
				def.Indexes = append(def.Indexes, keyOn(at, true, name))
			case "array":
				col.Type.Array = true
			case "references":
				target := c.Block().Child(syntax.Body) // () => users.id
				if other := fw.byVar[target.Receiver().Str()]; other != nil {
					def.ForeignKeys = append(def.ForeignKeys, &schema.ForeignKey{Columns: []string{name}, RefTable: other.name, OnDelete: strings.ToLower(c.Arg(1).Keyword("onDelete").Str()), Enforced: true, AutoNamed: true, Place: at})
				}
			}
		}
		def.Columns = append(def.Columns, col)
	}
	extra := t.node.Arg(2)
	if extra.Kind() == syntax.Lambda {
		for c := range extra.Child(syntax.Body).Descendants(syntax.Call) {
			fw.extra(r, def, columns, c)
		}
	}
	r.add(schema.Op{Kind: schema.CreateTable, Table: t.name, Def: def}, t.node)
}

// extra reads index("x").on(t.a, t.b.desc()), unique().on(...), primaryKey({ columns: [...] }).
func (fw *Drizzle) extra(r *ddl, def *schema.Table, columns map[string]string, c syntax.Ref) {
	key := func(n syntax.Ref) (schema.IndexColumn, bool) {
		desc := false
		for n.Kind() == syntax.Call && n.Receiver().Ok() {
			desc = desc || n.Str() == "desc"
			n = n.Receiver()
		}
		if n.Kind() != syntax.Member {
			return schema.IndexColumn{Expr: r.file.NodeText(n)}, n.Ok()
		}
		return schema.IndexColumn{Name: lookup(columns, n.Str()), Desc: desc}, true
	}
	switch c.Str() {
	case "on", "onOnly", "using":
		head := c
		for head.Receiver().Kind() == syntax.Call {
			head = head.Receiver()
		}
		if head.Str() != "index" && head.Str() != "uniqueIndex" && head.Str() != "unique" {
			return
		}
		ix := &schema.Index{Name: r.text(head.Arg(0)), Unique: head.Str() != "index", Constraint: head.Str() == "unique", Place: r.place(c)}
		ix.AutoNamed = ix.Name == ""
		for i, a := range c.Args() {
			if c.Str() == "using" && i == 0 {
				ix.Method = strings.ToLower(a.Str())
				continue
			}
			if k, ok := key(a); ok {
				ix.Columns = append(ix.Columns, k)
			}
		}
		for _, o := range outer(c) {
			if o.Str() == "where" {
				ix.Where = r.file.NodeText(o.Arg(0))
			}
		}
		if len(ix.Columns) > 0 {
			def.Indexes = append(def.Indexes, ix)
		}
	case "primaryKey":
		list := c.Keyword("columns")
		if !list.Ok() {
			for _, a := range c.Args() {
				if k, ok := key(a); ok && k.Name != "" {
					def.PrimaryKey = append(def.PrimaryKey, k.Name)
				}
			}
			return
		}
		for _, e := range elements(list) {
			if k, ok := key(e); ok && k.Name != "" {
				def.PrimaryKey = append(def.PrimaryKey, k.Name)
			}
		}
	case "foreignKey":
		fk := &schema.ForeignKey{Enforced: true, AutoNamed: true, Place: r.place(c)}
		for _, e := range elements(c.Keyword("columns")) {
			if k, ok := key(e); ok {
				fk.Columns = append(fk.Columns, k.Name)
			}
		}
		for _, e := range elements(c.Keyword("foreignColumns")) {
			if other := fw.byVar[e.Receiver().Str()]; other != nil {
				fk.RefTable = other.name
			}
		}
		if len(fk.Columns) > 0 && fk.RefTable != "" {
			def.ForeignKeys = append(def.ForeignKeys, fk)
		}
	}
}
