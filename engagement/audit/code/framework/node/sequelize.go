package node

import (
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Sequelize reads models in all three ways of declaring them (define, init, the decorators of
// sequelize-typescript), their associations, finders and migrations.
type Sequelize struct {
	ix     *flow.Index
	models []*sequelizeModel
	byName map[string]*sequelizeModel
	found  bool
}

type sequelizeModel struct {
	name, table string
	underscored bool
	file        *project.File
	node        syntax.Ref // the class, or the call of define or init
	attributes  syntax.Ref // object of attributes; none for decorators
	options     syntax.Ref
	class       syntax.Ref
	flow        *flow.Model
}

// NewSequelize returns the framework.
func NewSequelize() *Sequelize { return &Sequelize{byName: map[string]*sequelizeModel{}} }

// Name returns "sequelize".
func (*Sequelize) Name() string { return "sequelize" }

// Entries does nothing: [Platform] knows the entry points.
func (*Sequelize) Entries(*flow.Interp) {}

// uses reports whether a package.json of the project depends on a package.
func uses(p *project.Project, names ...string) bool {
	for _, f := range p.Files {
		if f.Doc == nil || path.Base(f.Path) != "package.json" {
			continue
		}
		for _, d := range f.Doc.Dependencies() {
			for _, n := range names {
				if d.Name == n {
					return true
				}
			}
		}
	}
	return false
}

func (fw *Sequelize) find(p *project.Project) {
	if fw.found {
		return
	}
	fw.found = true
	declared := uses(p, "sequelize", "sequelize-typescript")
	for _, f := range p.Files {
		if !readable(f) || f.Role == project.Migration {
			continue
		}
		typed := imports(f, "sequelize-typescript")
		if !declared && !typed && !imports(f, "sequelize") {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.Class, syntax.Call) {
			m := &sequelizeModel{file: f, node: n}
			switch {
			case n.Kind() == syntax.Class && typed:
				d := decorator(n, "Table")
				if !d.Ok() {
					continue
				}
				m.name, m.class = n.Str(), n
				m.options = d.Arg(0)
			case n.Kind() == syntax.Call && n.Str() == "define" && n.Arg(0).Kind() == syntax.String && n.Arg(1).Kind() == syntax.Map:
				m.name, m.attributes, m.options = n.Arg(0).Str(), n.Arg(1), n.Arg(2)
			case n.Kind() == syntax.Call && n.Str() == "init" && n.Arg(0).Kind() == syntax.Map && n.Arg(1).Kind() == syntax.Map && n.Receiver().Ok():
				m.name, m.attributes, m.options = n.Receiver().Str(), n.Arg(0), n.Arg(1)
				if n.Receiver().Kind() == syntax.Self || n.Receiver().Str() == "super" {
					m.name = n.Enclosing(syntax.Class).Str()
				}
				if !m.options.Keyword("sequelize").Ok() {
					continue
				}
				if s := m.options.Keyword("modelName"); s.Kind() == syntax.String && m.name == "" {
					m.name = s.Str()
				}
			default:
				continue
			}
			if m.name == "" {
				continue
			}
			m.underscored = isTrue(m.options.Keyword("underscored"))
			fw.tableOf(m)
			fw.models = append(fw.models, m)
			fw.byName[m.name] = m
		}
	}
}

func (fw *Sequelize) tableOf(m *sequelizeModel) {
	model := m.name
	if s := m.options.Keyword("modelName"); s.Kind() == syntax.String {
		model = s.Str()
	}
	switch {
	case m.options.Keyword("tableName").Kind() == syntax.String:
		m.table = m.options.Keyword("tableName").Str()
	case isTrue(m.options.Keyword("freezeTableName")):
		m.table = model
	case m.class.Ok() && !m.options.Keyword("modelName").Ok(): // sequelize-typescript takes the class's name
		m.table = model
	default:
		m.table = plural(model)
		if m.underscored {
			m.table = snake(m.table)
		}
	}
}

func (m *sequelizeModel) column(attribute string) string {
	if m.underscored {
		return snake(attribute)
	}
	return attribute
}

// Index adds models and their associations.
func (fw *Sequelize) Index(ix *flow.Index) {
	fw.ix = ix
	fw.find(ix.Project)
	if len(fw.models) == 0 {
		return
	}
	for _, m := range fw.models {
		m.flow = &flow.Model{Name: m.name, Table: m.table, Framework: "sequelize", Class: ix.Class(m.name, m.file), File: m.file, Node: m.node, Columns: map[string]string{}}
		if m.flow.Class != nil && !script(m.flow.Class.File) {
			m.flow.Class = nil
		}
		ix.AddModel(m.flow)
		for p := range m.attributes.Children() {
			if p.Kind() == syntax.Pair && p.Str() != "" {
				col := m.column(p.Str())
				if s := p.Child(syntax.Value).Keyword("field"); s.Kind() == syntax.String {
					col = s.Str()
				}
				m.flow.Columns[p.Str()] = col
			}
		}
		if m.class.Ok() {
			fw.decorated(m)
		}
	}
	for _, f := range ix.Project.Files {
		if !readable(f) {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			fw.association(f, c)
		}
	}
}

var associations = map[string]flow.RelationKind{"belongsTo": flow.BelongsTo, "hasOne": flow.HasOne, "hasMany": flow.HasMany, "belongsToMany": flow.HasMany}

// modelOf resolves User, models.User, db.User and this.
func (fw *Sequelize) modelOf(n syntax.Ref) *sequelizeModel {
	switch n.Kind() {
	case syntax.Name, syntax.Member:
		return fw.byName[n.Str()]
	case syntax.Self:
		return fw.byName[n.Enclosing(syntax.Class).Str()]
	}
	return nil
}

func (fw *Sequelize) association(f *project.File, c syntax.Ref) {
	kind, ok := associations[c.Str()]
	if !ok || !c.Receiver().Ok() {
		return
	}
	owner, target := fw.modelOf(c.Receiver()), fw.modelOf(c.Arg(0))
	if owner == nil || target == nil {
		return
	}
	r := &flow.Relation{Kind: kind, Target: target.name, File: f, Node: c}
	if fk := c.Keyword("foreignKey"); fk.Kind() == syntax.String {
		r.ForeignKey = fk.Str()
	} else if n := fk.Keyword("name"); n.Kind() == syntax.String {
		r.ForeignKey = n.Str()
	}
	if as := c.Keyword("as"); as.Kind() == syntax.String {
		r.Name = as.Str()
	}
	if c.Str() == "belongsToMany" {
		r.Through = first(c.Keyword("through")).Str()
		if r.Through == "" {
			r.Through = "-"
		}
	}
	if r.Name == "" {
		r.Name = target.name
		if kind.Many() {
			r.Name = plural(target.name)
		}
	}
	if r.ForeignKey == "" && c.Str() != "belongsToMany" {
		base := owner.name
		if kind == flow.BelongsTo {
			base = r.Name
		}
		r.ForeignKey = lowerFirst(base) + "Id"
		if owner.underscored {
			r.ForeignKey = snake(r.ForeignKey)
		}
	}
	owner.flow.Relations[r.Name] = r
}

// decorated reads the properties of sequelize-typescript.
func (fw *Sequelize) decorated(m *sequelizeModel) {
	for p := range m.class.Child(syntax.Body).Children() {
		if p.Kind() != syntax.Field {
			continue
		}
		d := decorator(p, "BelongsTo", "HasMany", "HasOne", "BelongsToMany")
		if !d.Ok() {
			if len(p.Str()) > 0 && p.Child(syntax.Decorator).Ok() {
				col := m.column(p.Str())
				if c := decorator(p, "Column"); c.Keyword("field").Kind() == syntax.String {
					col = c.Keyword("field").Str()
				}
				m.flow.Columns[p.Str()] = col
			}
			continue
		}
		r := &flow.Relation{Name: p.Str(), Target: relationTarget(d), File: m.file, Node: p}
		r.Kind = associations[lowerFirst(d.Str())]
		switch a := d.Arg(1); a.Kind() {
		case syntax.String:
			r.ForeignKey = a.Str()
		case syntax.Map:
			r.ForeignKey = a.Keyword("foreignKey").Str()
		}
		if d.Str() == "BelongsToMany" {
			r.Through, r.ForeignKey = "-", ""
		}
		if r.ForeignKey == "" && r.Kind == flow.BelongsTo {
			r.ForeignKey = r.Name + "Id"
		}
		m.flow.Relations[r.Name] = r
	}
}

// finders of a model, by what they return.
var sequelizeFinders = map[string]string{
	"findAll": "many", "findAndCountAll": "page", "findOne": "one", "findByPk": "one", "findOrCreate": "one", "findOrBuild": "one", "findCreateFind": "one",
	"count": "number", "sum": "number", "min": "number", "max": "number", "aggregate": "number",
	"create": "write", "upsert": "write", "bulkCreate": "bulk", "update": "bulk", "destroy": "bulk", "restore": "bulk", "increment": "bulk", "decrement": "bulk",
	"findAllInBatches": "batches",
}

// sequelizeRowWrites are the methods of one row.
var sequelizeRowWrites = map[string]bool{"save": true, "update": true, "destroy": true, "reload": true, "restore": true, "increment": true, "decrement": true, "set": false}

// Call interprets finders and the accessors of associations.
func (fw *Sequelize) Call(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	if len(fw.models) == 0 || !script(in.File()) || !c.HasRecv {
		return flow.Value{}, false
	}
	if c.Recv.Kind == flow.Record && c.Recv.Model != nil && c.Recv.Model.Framework == "sequelize" {
		return fw.row(in, c)
	}
	if c.Node.Kind() != syntax.Call {
		if m := fw.byName[c.Name]; m != nil && c.Recv.Kind == flow.Unknown && startsUpper(c.Name) { // models.User
			return flow.Value{Kind: flow.ClassRef, Class: m.flow.Class, Model: m.flow}, true
		}
		return flow.Value{}, false
	}
	what, ok := sequelizeFinders[c.Name]
	m := c.Recv.Model
	if m == nil || m.Framework != "sequelize" {
		if c.Recv.Kind != flow.Unknown {
			return flow.Value{}, false
		}
		x := fw.modelOf(c.Node.Receiver())
		if x == nil || c.Node.Receiver().Kind() == syntax.Self {
			return flow.Value{}, false
		}
		m = x.flow
	}
	if !ok {
		switch c.Name {
		case "scope", "unscoped", "schema":
			return flow.Value{Kind: flow.ClassRef, Class: m.Class, Model: m}, true
		case "build":
			return flow.Value{Kind: flow.Record, Model: m}, true
		}
		return flow.Value{}, false
	}
	if m.Class != nil && fw.ix.LookupMethod(m.Class, c.Name, true) != nil {
		return flow.Value{}, false
	}
	return fw.finder(in, c, m, what), true
}

func (fw *Sequelize) finder(in *flow.Interp, c *flow.Call, m *flow.Model, what string) flow.Value {
	r := in.NewQuery(m, c.Node)
	r.Terminal = c.Name
	arg := 0
	if c.Name == "findByPk" || c.Name == "update" || c.Name == "bulkCreate" {
		arg = 1
	}
	opt := optionsOf(c, arg)
	fw.refine(in, r, m, opt, "")
	if !opt.ok() && arg < len(c.Args) {
		r.Dynamic = true
	}
	site := in.Site(c.Node, "asks "+c.Name)
	switch what {
	case "one":
		r.Single = true
		if c.Name == "findByPk" {
			r.Filters = append(r.Filters, flow.Filter{Column: "id", Op: "=", Site: site})
		}
		in.Execute(r, site, flow.RunQuery)
		return row(m, r)
	case "page":
		in.Execute(r, site, flow.RunQuery)
		list := rows(m, r)
		return flow.Value{Kind: flow.Container, Pairs: true, Elem: &list, Fields: map[string]flow.Value{"rows": list, "count": scalar}}
	case "number":
		in.Execute(r, site, flow.Aggregate)
		return scalar
	case "write":
		in.Write(flow.Value{Kind: flow.Record, Model: m}, c.Node)
		return flow.Value{Kind: flow.Record, Model: m}
	case "bulk":
		in.Execute(r, site, flow.Write)
		if c.Name == "bulkCreate" {
			return flow.Value{Kind: flow.Many, Model: m, Loaded: true}
		}
		return scalar
	case "batches":
		r.Paged = true
		if c.Block.Kind != flow.FuncValue && len(c.Args) > 1 {
			c.Block = c.Args[1]
		}
		if c.Block.Kind == flow.FuncValue {
			in.CallLambda(c.Block, rows(m, r))
		}
		return flow.Value{}
	}
	in.Execute(r, site, flow.RunQuery)
	return rows(m, r)
}

// row reads an association in memory, or through its accessor: user.getPosts() asks a query.
func (fw *Sequelize) row(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	m := c.Recv.Model
	if rel := m.Relations[c.Name]; rel != nil && c.Node.Kind() == syntax.Member {
		return loadedRelation(fw.ix, c.Recv, rel), true
	}
	if c.Node.Kind() != syntax.Call {
		return flow.Value{}, false
	}
	own := m.Class != nil && fw.ix.LookupMethod(m.Class, c.Name, false) != nil
	if own {
		return flow.Value{}, false
	}
	if w, ok := sequelizeRowWrites[c.Name]; ok {
		if w {
			in.Write(c.Recv, c.Node)
		}
		return c.Recv, true
	}
	if c.Name == "get" || c.Name == "toJSON" {
		return c.Recv, true
	}
	for _, word := range []string{"get", "count", "has", "create", "add", "set", "remove"} {
		if !strings.HasPrefix(c.Name, word) || len(c.Name) == len(word) {
			continue
		}
		suffix := c.Name[len(word):]
		for name, rel := range m.Relations {
			if !strings.EqualFold(name, suffix) && !(rel.Kind.Many() && strings.EqualFold(plural(suffix), name)) {
				continue
			}
			target := fw.ix.Model(rel.Target, rel.File)
			r := in.NewQuery(target, c.Node)
			r.Terminal = c.Name
			fw.refine(in, r, target, optionsOf(c, 0), "")
			owner := c.Recv
			r.Owner, r.Rel = &owner, rel
			switch word {
			case "get":
				if len(c.Args) == 0 && c.Recv.Root != nil { // the query could have included it
					v := in.Relate(c.Recv, rel, c.Node)
					in.Use(v, c.Node)
					v.Loaded = v.Kind == flow.Many
					return v, true
				}
				in.Execute(r, in.Site(c.Node, "asks "+c.Name), flow.RunQuery)
				if rel.Kind.Many() {
					return rows(target, r), true
				}
				r.Single = true
				return row(target, r), true
			case "count", "has":
				in.Execute(r, in.Site(c.Node, "asks "+c.Name), flow.Aggregate)
				return scalar, true
			}
			in.Write(flow.Value{Kind: flow.Record, Model: target}, c.Node)
			return flow.Value{}, true
		}
	}
	return flow.Value{}, false
}

var sequelizeOperators = map[string]string{
	"eq": "=", "in": "in", "or": "or", "and": "and", "lt": "<", "lte": "<", "gt": ">", "gte": ">", "between": "between", "like": "like", "iLike": "like", "startsWith": "like",
	"endsWith": "contains", "substring": "contains", "ne": "!=", "not": "!=", "notIn": "!=", "is": "null", "contains": "contains", "overlap": "contains", "notLike": "!=",
}

// refine reads the options of a finder.
func (fw *Sequelize) refine(in *flow.Interp, r *flow.Root, m *flow.Model, opt options, prefix string) {
	r.Dynamic = r.Dynamic || opt.spread()
	if w := opt.object("where"); w.ok() {
		fw.where(in, r, m, w, prefix)
	} else if opt.has("where") {
		r.Dynamic = true
	}
	if prefix == "" {
		fw.order(r, m, opt.value("order"))
		if opt.has("limit") {
			if r.Limit = opt.number("limit"); r.Limit == 0 {
				r.Paged = true
			}
		}
		for _, e := range elements(opt.value("attributes")) {
			if e.Kind() == syntax.String {
				r.Select = append(r.Select, columnOf(m, e.Str()))
			}
		}
	}
	fw.include(in, r, m, opt.value("include"), "")
}

// include reads [User, { model: Post, as: "posts", include: [...] }, "comments"].
func (fw *Sequelize) include(in *flow.Interp, r *flow.Root, m *flow.Model, n syntax.Ref, prefix string) {
	for _, e := range elements(n) {
		name, target := "", (*sequelizeModel)(nil)
		switch e.Kind() {
		case syntax.String:
			name = e.Str()
		case syntax.Name, syntax.Member:
			target = fw.modelOf(e)
		case syntax.Map:
			target = fw.modelOf(e.Keyword("model"))
			name = first(e.Keyword("as"), e.Keyword("association")).Str()
		default:
			r.Dynamic = true
			continue
		}
		var rel *flow.Relation
		for _, x := range m.Relations {
			if x.Name == name || name == "" && target != nil && x.Target == target.name {
				rel = x
			}
		}
		if rel == nil {
			continue
		}
		full := flow.JoinPath(prefix, rel.Name)
		r.AddEager(full)
		t := fw.byName[rel.Target]
		if e.Kind() == syntax.Map && t != nil && t.flow != nil {
			fw.include(in, r, t.flow, e.Keyword("include"), full)
			if w := e.Keyword("where"); w.Kind() == syntax.Map {
				fw.where(in, r, t.flow, options{node: w}, t.flow.Table+".")
			}
		}
	}
}

func (fw *Sequelize) where(in *flow.Interp, r *flow.Root, m *flow.Model, w options, prefix string) {
	for p := range w.node.Children() {
		switch {
		case p.Kind() == syntax.Splat:
			r.Dynamic = true
		case p.Kind() != syntax.Pair:
		case p.Str() == "" || strings.HasPrefix(p.Str(), "$"):
			switch key := p.Child(syntax.Key).Str(); key {
			case "and":
				for _, e := range elements(p.Child(syntax.Value)) {
					if e.Kind() == syntax.Map {
						fw.where(in, r, m, options{node: e}, prefix)
					} else {
						r.Dynamic = true
					}
				}
			default:
				r.Dynamic = true
			}
		default:
			v := w.value(p.Str())
			op := "="
			switch v.Kind() {
			case syntax.Nil:
				op = "null"
			case syntax.List:
				op = "in"
			case syntax.Map: // { [Op.gt]: x }
				op = ""
				for q := range v.Children() {
					key := q.Child(syntax.Key).Str()
					if key == "" {
						key = strings.TrimPrefix(q.Str(), "$")
					}
					if o := sequelizeOperators[key]; o != "" {
						op = o
						if o == "null" && q.Child(syntax.Value).Kind() != syntax.Nil {
							op = "="
						}
					}
				}
			}
			if op == "" || op == "or" || op == "and" {
				r.Dynamic = true
				continue
			}
			r.Filters = append(r.Filters, flow.Filter{Column: prefix + columnOf(m, p.Str()), Op: op, Site: in.Site(p, "")})
		}
	}
}

func (fw *Sequelize) order(r *flow.Root, m *flow.Model, n syntax.Ref) {
	if n.Ok() && n.Kind() != syntax.List {
		r.Orders = append(r.Orders, flow.Order{Expr: true})
		return
	}
	for _, e := range elements(n) {
		switch e.Kind() {
		case syntax.String:
			r.Orders = append(r.Orders, flow.Order{Column: columnOf(m, e.Str())})
		case syntax.List:
			parts := elements(e)
			if len(parts) == 0 || len(parts) > 2 || parts[0].Kind() != syntax.String {
				r.Orders = append(r.Orders, flow.Order{Expr: true})
				continue
			}
			r.Orders = append(r.Orders, flow.Order{Column: columnOf(m, parts[0].Str()), Desc: len(parts) > 1 && strings.HasPrefix(strings.ToUpper(parts[1].Str()), "DESC")})
		default:
			r.Orders = append(r.Orders, flow.Order{Expr: true})
		}
	}
}
