package indexing

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Condition is one condition on a column that exists.
type Condition struct {
	Column *schema.Column
	Op     sqlquery.Op
	Func   string // around the column, "" when plain
	Expr   string // the whole left side as written, when known
	// Leading: a pattern that begins with a wildcard.
	Leading bool
	Text    string // the value as written, when known
	Literal bool   // the value stands in the code: each run asks for the same one
	Or      bool   // stands under an OR
}

// Query is one query on one table of one schema.
type Query struct {
	DB    *project.Database
	Table *schema.Table
	File  *project.File
	Node  syntax.Ref
	Entry string // entry point that reaches it, "" when none is known
	// Conditions that were understood. Whole says that there are no others.
	Conditions []Condition
	Whole      bool
	Order      []schema.IndexColumn
	// Unresolved: a condition is not on a column of the table that is known.
	Unresolved bool
	// Joined: conditions may fall on other tables.
	Joined bool
	// OrderUnknown: it is sorted by something that is not a column of the table.
	OrderUnknown bool
	Limit        int  // 0 when not known
	Bounded      bool // a limit or a page
	Single       bool // one row
	Terminal     string
	SQL          *sqlquery.Statement // of a query written as SQL
}

// Place is where the query stands.
func (q *Query) Place(note string) rule.Place { return rule.At(q.File, q.Node, note) }

// Equal lists the columns that the query fixes to one value (or a list of values when lists is true),
// each once, in the order of the query.
func (q *Query) Equal(lists bool) []*schema.Column {
	var out []*schema.Column
	seen := map[string]bool{}
	for _, c := range q.Conditions {
		if c.Func != "" || c.Or || seen[c.Column.Name] {
			continue
		}
		if c.Op == sqlquery.Eq || c.Op == sqlquery.IsNull || c.Op == sqlquery.Truth || lists && c.Op == sqlquery.In {
			seen[c.Column.Name] = true
			out = append(out, c.Column)
		}
	}
	return out
}

// Queries reads the queries of the project that matter for indexes: of application code and scripts,
// on tables of a schema, each once. They are ordered by file and line.
func Queries(p *rule.Pass) []*Query {
	return p.Derive(queriesOf{p.Flow}, func() any { return read(p) }).([]*Query)
}

// queriesOf is the key under which the queries of a flow result are kept.
type queriesOf struct{ of *flow.Result }

func read(p *rule.Pass) []*Query {
	var out []*Query
	covered := map[syntax.Ref]bool{}
	if p.Flow != nil {
		for _, r := range p.Flow.Queries {
			for _, q := range fromFlow(p, r) {
				out = append(out, q)
				if len(q.Conditions) > 0 || len(q.Order) > 0 {
					for _, s := range r.Sites {
						covered[s.Node] = true
					}
				}
			}
		}
	}
	for _, f := range p.Files {
		if f.Tree == nil || quiet(f) || len(p.Schemas) == 0 {
			continue
		}
		for n := range f.Tree.Root().Descendants(syntax.String) {
			if n.Has(syntax.FlagSymbol) || len(n.Str()) < 16 || !sqlquery.LooksLikeSQL(n.Str()) || inside(n, covered) {
				continue
			}
			out = append(out, fromSQL(p, f, n)...)
		}
	}
	keys := make(map[*Query]string, len(out))
	for _, q := range out {
		keys[q] = q.key()
	}
	sort.Slice(out, func(i, j int) bool { return keys[out[i]] < keys[out[j]] })
	return slices.CompactFunc(out, func(a, b *Query) bool { return keys[a] == keys[b] })
}

// key orders queries by file and place, and tells apart those that one place stands for.
func (q *Query) key() string {
	var sb strings.Builder
	fmt.Fprintf(&sb, "%s\x00%010d\x00%010d\x00%s\x00%s\x00%s\x00", q.File.Path, q.Node.Start(), q.Node.End(), q.DB.Source, q.Table.Name, q.Entry)
	for _, c := range q.Conditions {
		fmt.Fprintf(&sb, "%s %s %s %v,", c.Column.Name, c.Op, c.Func, c.Or)
	}
	fmt.Fprintf(&sb, "\x00%v %v %v %v %v %s", q.Order, q.Whole, q.Bounded, q.Single, q.OrderUnknown, q.Terminal)
	return sb.String()
}

func inside(n syntax.Ref, covered map[syntax.Ref]bool) bool {
	for i := 0; n.Ok() && i < 12; i++ {
		if covered[n] {
			return true
		}
		n = n.Parent()
	}
	return false
}

// quiet says that queries of the file do not speak for what production does.
func quiet(f *project.File) bool {
	switch f.Role {
	case project.Test, project.Seed, project.Migration, project.Vendored, project.Generated, project.Docs:
		return true
	}
	base := path.Base(f.Path)
	return strings.HasPrefix(base, "testutil") || strings.HasPrefix(base, "testhelper") || strings.HasPrefix(base, "test_helper")
}

// place is a table of one schema.
type place struct {
	*schema.Table
	db *project.Database
}

// tables finds a table in the schema that a file's code works on. Code that lies in the folder of none
// of several schemas with such a table works on all of them.
func tables(p *rule.Pass, name string, f *project.File) []place {
	if name == "" {
		return nil
	}
	best, db := p.Table(name, f.Path)
	if best == nil {
		return nil
	}
	out := []place{{best, db}}
	if within(f.Path, db.Root) {
		return out
	}
	for _, other := range p.Schemas {
		if other != db && other.Schema != nil && other.Schema.Dialect == db.Schema.Dialect && other.Root != db.Root {
			if t := other.Schema.Table(name); t != nil {
				out = append(out, place{t, other})
			}
		}
	}
	return out
}

func within(file, root string) bool {
	root = strings.TrimSuffix(root, "/")
	return root == "" || strings.HasPrefix(file, root+"/")
}

func fromFlow(p *rule.Pass, r *flow.Root) []*Query {
	at := r.Site()
	if r.Model == nil || at.File == nil || quiet(at.File) {
		return nil
	}
	var out []*Query
	for _, pl := range tables(p, r.Model.Table, at.File) {
		if !pl.View && !pl.Incomplete {
			out = append(out, onTable(p, r, pl.Table, pl.db))
		}
	}
	return out
}

// onTable reads a query of the flow engine as conditions on one table.
func onTable(p *rule.Pass, r *flow.Root, t *schema.Table, db *project.Database) *Query {
	at := r.Site()
	q := &Query{DB: db, Table: t, File: at.File, Node: chainIn(at.Node, r), Entry: r.Entry, Whole: len(r.Joins) == 0 && !r.Dynamic, Limit: r.Limit, Bounded: r.Limit > 0 || r.Paged, Single: r.Single, Terminal: r.Terminal}
	if r.Owner != nil && r.Rel != nil {
		q.owner(p, r)
	}
	q.Joined = len(r.Joins) > 0
	for _, f := range r.Filters {
		if f.Site.File != nil && quiet(f.Site.File) {
			continue
		}
		q.filter(p, r.Model, f)
	}
	for _, o := range r.Orders {
		c := column(p, t, r.Model, o.Column)
		if o.Expr || c == nil {
			q.OrderUnknown = true
			continue
		}
		q.Order = append(q.Order, schema.IndexColumn{Name: c.Name, Desc: o.Desc})
	}
	return q
}

// chainIn is the chain of calls that makes the query, where its site is the function that returns it.
func chainIn(n syntax.Ref, r *flow.Root) syntax.Ref {
	if !n.Is(syntax.Func, syntax.Lambda) {
		return n
	}
	for _, f := range r.Filters {
		if f.Site.Node.Ok() && f.Site.Node.Inside(n) {
			return f.Site.Node
		}
	}
	for c := range n.Descendants(syntax.Call) {
		if r.Terminal != "" && c.Str() == r.Terminal || r.Terminal == "" && len(r.Orders) > 0 && sorting[c.Str()] {
			return c
		}
	}
	return n
}

// sorting are the words with which ORMs state an order.
var sorting = map[string]bool{"order": true, "order_by": true, "orderBy": true, "reorder": true, "latest": true, "oldest": true, "orderByDesc": true, "Order": true}

// owner adds the condition that a relation of a row states: the rows that point at it.
func (q *Query) owner(p *rule.Pass, r *flow.Root) {
	rel := r.Rel
	if rel.Through != "" || !rel.Kind.Many() && rel.Kind != flow.HasOne {
		q.Whole, q.Unresolved = false, true
		return
	}
	names := []string{rel.ForeignKey}
	if owner := r.Owner.Owner; rel.ForeignKey == "" && owner != nil {
		names = []string{strings.Join(cardinality.Words(flow.LastSegment(owner.Name)), "_") + "_id"}
		to := []string{}
		for _, fk := range q.Table.ForeignKeys {
			if len(fk.Columns) == 1 && owner.Table != "" && schema.Key(fk.RefTable) == schema.Key(owner.Table) {
				to = append(to, fk.Columns[0])
			}
		}
		if len(to) == 1 { // the only key to the owner's table
			names = append(names, to[0])
		}
	}
	for _, n := range names {
		if n == "" {
			continue
		}
		if c := column(p, q.Table, r.Model, n); c != nil {
			q.Conditions = append(q.Conditions, Condition{Column: c, Op: sqlquery.Eq})
			if rel.ForeignType != "" {
				if tc := column(p, q.Table, r.Model, rel.ForeignType); tc != nil {
					q.Conditions = append(q.Conditions, Condition{Column: tc, Op: sqlquery.Eq})
				}
			}
			return
		}
	}
	q.Whole, q.Unresolved = false, true
}

func (q *Query) filter(p *rule.Pass, m *flow.Model, f flow.Filter) {
	c := column(p, q.Table, m, f.Column)
	if c == nil {
		q.Whole, q.Unresolved = false, true
		return
	}
	cond := Condition{Column: c, Func: strings.ToLower(f.Func), Literal: constant(f)}
	switch strings.ToLower(f.Op) {
	case "=", "==", "eq", "exact", "":
		cond.Op = sqlquery.Eq
	case "in":
		cond.Op = sqlquery.In
	case "<", ">", "<=", ">=", "range", "between", "gt", "lt", "gte", "lte":
		cond.Op = sqlquery.Range
	case "like", "ilike":
		cond.Op = sqlquery.Like
		cond.Leading = wildcardAt(f.Site.Node)
	case "icontains", "iendswith", "endswith":
		cond.Op, cond.Leading = sqlquery.Like, true
	case "null", "is null", "isnull":
		cond.Op = sqlquery.IsNull
	case "contains":
		cond.Op = sqlquery.Contains
		if !c.Type.Array && c.Type.Name != "json" && c.Type.Name != "jsonb" && c.Type.Name != "hstore" && !strings.HasSuffix(c.Type.Name, "range") {
			cond.Op, cond.Leading = sqlquery.Like, true // Django's and Prisma's "contains" of a text
		}
	case "truth":
		cond.Op = sqlquery.Truth
	case "match":
		cond.Op = sqlquery.Match
	case "!=", "<>", "is not null", "not null", "notnull", "not in":
		cond.Op = sqlquery.Ne
	default:
		q.Whole, q.Unresolved = false, true
		return
	}
	q.Conditions = append(q.Conditions, cond)
}

// constant reports whether the value of a condition is written out, or a constant by the way its name is
// spelt.
func constant(f flow.Filter) bool {
	if !f.Site.Node.Ok() {
		return false
	}
	want := f.Column[strings.LastIndexByte(f.Column, '.')+1:]
	check := func(n syntax.Ref) (found, literal bool) {
		if n.Kind() != syntax.Pair {
			return false, false
		}
		key, _, _ := strings.Cut(n.Str(), "__")
		if key != want && strings.Join(cardinality.Words(key), "_") != strings.Join(cardinality.Words(want), "_") {
			return false, false
		}
		return true, written(n.Child(syntax.Value))
	}
	if found, literal := check(f.Site.Node); found {
		return literal
	}
	for n := range f.Site.Node.Descendants(syntax.Pair) {
		if found, literal := check(n); found {
			return literal
		}
	}
	return false
}

// written reports whether a value is a literal or the name of a constant: SEAL_DOCUMENT, Kind.INVOICE.
func written(v syntax.Ref) bool {
	switch v.Kind() {
	case syntax.String:
		return !v.Has(syntax.FlagInterp)
	case syntax.Number, syntax.Bool:
		return true
	case syntax.Name, syntax.Member:
		name := v.Str()
		if v.Kind() == syntax.Member && v.Receiver().Str() == "cls" {
			return true // one value for each class
		}
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			name = name[i+1:]
		}
		return len(name) > 2 && name == strings.ToUpper(name) && strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	}
	return false
}

// wildcardAt looks for a value that begins with % in the call that states a condition.
func wildcardAt(n syntax.Ref) bool {
	if !n.Ok() {
		return false
	}
	for s := range n.Descendants(syntax.String) {
		if strings.HasPrefix(s.Str(), "%") && s.Str() != "%" || strings.Contains(s.Str(), "'%") {
			return true
		}
	}
	return false
}

// column resolves a name that a query uses: a column, an attribute of the model, a relation, or
// table.column.
func column(p *rule.Pass, t *schema.Table, m *flow.Model, name string) *schema.Column {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if !strings.EqualFold(schema.Unquote(name[:i]), last(t.Name)) && (m == nil || !strings.EqualFold(name[:i], m.Name)) {
			return nil
		}
		name = name[i+1:]
	}
	if name == "" {
		return nil
	}
	if m != nil {
		if mapped := m.Columns[name]; mapped != "" {
			if c := t.Column(mapped); c != nil {
				return c
			}
		}
	}
	if c := t.Column(name); c != nil {
		return c
	}
	if m != nil && p.Flow != nil && p.Flow.Index != nil {
		if rel := p.Flow.Index.Relation(m, name); rel != nil && rel.Kind == flow.BelongsTo && !rel.Polymorphic {
			if c := t.Column(rel.ForeignKey); rel.ForeignKey != "" && c != nil {
				return c
			}
		}
	}
	snake := strings.Join(cardinality.Words(name), "_")
	for _, n := range []string{snake, snake + "_id", name + "Id"} {
		if c := t.Column(n); c != nil {
			return c
		}
	}
	if name == "pk" && len(t.PrimaryKey) == 1 {
		return t.Column(t.PrimaryKey[0])
	}
	return nil
}
