package gosql

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// what a word that ends a chain does.
type effect uint8

const (
	reads effect = iota + 1
	readsOne
	counts
	writes
)

// terminals of each builder.
var terminals = map[string]map[string]effect{
	"squirrel": {"Query": reads, "QueryContext": reads, "QueryRow": readsOne, "QueryRowContext": readsOne, "Exec": writes, "ExecContext": writes, "ToSql": reads, "MustSql": reads},
	"gorm": {
		"Find": reads, "First": readsOne, "Last": readsOne, "Take": readsOne, "Scan": reads, "Pluck": reads, "Rows": reads, "Row": readsOne, "Count": counts, "FindInBatches": reads, "FirstOrCreate": readsOne, "FirstOrInit": readsOne,
		"Create": writes, "Save": writes, "Update": writes, "Updates": writes, "UpdateColumn": writes, "UpdateColumns": writes, "Delete": writes, "CreateInBatches": 0,
	},
	"bun":   {"Scan": reads, "Exec": writes, "Count": counts, "Exists": counts, "ScanAndCount": reads, "Rows": reads},
	"beego": {"All": reads, "One": readsOne, "Count": counts, "Exist": counts, "Update": writes, "Delete": writes, "Values": reads, "ValuesList": reads, "ValuesFlat": reads},
	"xorm": {
		"Get": readsOne, "Find": reads, "FindAndCount": reads, "Count": counts, "Exist": counts, "Insert": writes, "InsertOne": writes, "Update": writes, "Delete": writes, "Iterate": reads, "Rows": reads, "SumInt": counts,
	},
}

// chain is a built query: its words from the root outwards.
type chain struct {
	kind  string
	words []syntax.Ref
	base  syntax.Ref
}

func (ch *chain) word(names ...string) syntax.Ref {
	for _, w := range ch.words {
		for _, n := range names {
			if w.Str() == n {
				return w
			}
		}
	}
	return syntax.Ref{}
}

// built recognises the call that runs a built query.
func (fw *Framework) built(in *flow.Interp, c *flow.Call) (flow.Value, bool) {
	handle := ""
	if c.Recv.Kind == flow.Object {
		for n, h := range fw.handles {
			if c.Recv.Class == h {
				handle = n
			}
		}
	}
	known := false
	for _, set := range terminals {
		if _, ok := set[c.Name]; ok {
			known = true
		}
	}
	if !known {
		if handle != "" { // another link of the chain
			return c.Recv, handle != "bun"
		}
		if c.Name == "GetEngine" && fw.importing(in.File(), "xorm", "models/db") {
			return fw.handle("xorm"), true
		}
		return flow.Value{}, false
	}
	ch := fw.chainOf(in, c.Node)
	ch.kind = handle
	if ch.kind == "" || ch.kind == "bun" {
		ch.kind = fw.kindOf(in, c, ch)
	}
	does, ok := terminals[ch.kind][c.Name]
	if !ok {
		if handle != "" {
			return c.Recv, true
		}
		return flow.Value{}, false
	}
	table := fw.tableOf(in, c, ch)
	if table == "" || does == 0 {
		if handle != "" {
			return c.Recv, true
		}
		return flow.Value{}, false
	}
	if ch.word("Insert", "Update", "Delete", "NewInsert", "NewUpdate", "NewDelete", "NewRaw").Ok() && ch.kind != "gorm" && ch.kind != "xorm" && does == reads {
		does = writes
	}
	fw.run(in, c, ch, table, does)
	if handle != "" {
		return c.Recv, true
	}
	return flow.Value{Kind: flow.Scalar}, true
}

// chainOf collects the words of a chain. Where it begins at a variable, what the function assigned to
// it belongs to it.
func (fw *Framework) chainOf(in *flow.Interp, n syntax.Ref) *chain {
	ch := &chain{}
	ch.words, ch.base = links(n)
	if ch.base.Kind() != syntax.Name || in.Frame().Fn == nil {
		return ch
	}
	var before []syntax.Ref
	for a := range in.Frame().Fn.Node.Descendants(syntax.Assign) {
		if a.Start() >= n.Start() || len(before) > 40 {
			break
		}
		if a.Child(syntax.Target).Str() != ch.base.Str() || a.Child(syntax.Target).Kind() != syntax.Name {
			continue
		}
		v := a.Child(syntax.Value)
		words, base := links(v)
		if len(words) == 0 || base.Kind() == syntax.Name && base.Str() == n.Str() {
			continue
		}
		before = append(before, words...)
	}
	ch.words = append(before, ch.words...)
	return ch
}

func links(n syntax.Ref) ([]syntax.Ref, syntax.Ref) {
	var out []syntax.Ref
	for n.Kind() == syntax.Call && n.Receiver().Ok() {
		out = append([]syntax.Ref{n}, out...)
		n = n.Receiver()
	}
	if n.Kind() == syntax.Call {
		out = append([]syntax.Ref{n}, out...)
	}
	return out, n
}

// kindOf says which builder a chain without a typed root belongs to.
func (fw *Framework) kindOf(in *flow.Interp, c *flow.Call, ch *chain) string {
	f := in.File()
	switch {
	case ch.word("NewSelect", "NewInsert", "NewUpdate", "NewDelete").Ok():
		return "bun"
	case ch.word("QueryTable", "QuerySetter").Ok():
		return "beego"
	case ch.word("GetEngine").Ok():
		return "xorm"
	}
	if start := ch.word("Select", "Update", "Insert", "Delete", "Replace"); start.Ok() && len(ch.words) > 1 {
		switch r := start.Receiver(); r.Str() {
		case "psql", "sq", "squirrel", "qb", "builder", "sqlBuilder", "StatementBuilder", "stmtBuilder", "queryBuilder", "getQueryBuilder":
			return "squirrel"
		default:
			if fw.importing(f, "squirrel") {
				return "squirrel"
			}
		}
	}
	if fw.importing(f, "gorm.io/gorm", "jinzhu/gorm") && c.Node.Arg(0).Kind() == syntax.Unary {
		return "gorm"
	}
	return ""
}

// tableOf finds the table of a chain.
func (fw *Framework) tableOf(in *flow.Interp, c *flow.Call, ch *chain) string {
	for _, w := range ch.words {
		a := w.Arg(0)
		switch w.Str() {
		case "From", "Into", "Table", "QueryTable", "ModelTableExpr", "TableExpr":
			if a.Kind() == syntax.String {
				text := a.Str()
				if strings.HasPrefix(text, "?") {
					text = ident(w.Arg(1))
				}
				if t := firstWord(text); t != "" {
					return t
				}
			} else if w.Str() == "QueryTable" || w.Str() == "Table" {
				if t := fw.tableOfType(in, a); t != "" {
					return t
				}
			}
		case "Update", "Insert", "Delete", "Replace":
			if ch.kind == "squirrel" && a.Kind() == syntax.String {
				return firstWord(a.Str())
			}
		case "Model":
			if t := fw.tableOfType(in, a); t != "" {
				return t
			}
		case "QuerySetter":
			return fw.tableOfType(in, w.Arg(1))
		}
	}
	switch ch.kind {
	case "gorm", "xorm":
		return fw.tableOfType(in, c.Node.Arg(0))
	}
	return ""
}

func ident(n syntax.Ref) string {
	if n.Kind() == syntax.Call && (n.Str() == "Ident" || n.Str() == "bun.Ident") {
		return n.Arg(0).Str()
	}
	return ""
}

func firstWord(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 || strings.ContainsAny(f[0], "(?{") {
		return ""
	}
	t := strings.Trim(f[0], "\"`")
	if i := strings.LastIndexByte(t, '.'); i >= 0 {
		t = t[i+1:]
	}
	return t
}

// tableOfType is the table of the struct that an expression is of: &users, new(User), (*User)(nil).
func (fw *Framework) tableOfType(in *flow.Interp, n syntax.Ref) string {
	name := fw.typeOf(in, n, 0)
	name = strings.TrimLeft(name, "*&[]")
	if name == "" || scalars[name] {
		return ""
	}
	c := fw.class(name, in.File())
	if c == nil {
		return ""
	}
	if m := c.Methods["TableName"]; m != nil {
		for r := range m.Node.Descendants(syntax.Return) {
			if v := r.Child(syntax.Value); v.Kind() == syntax.String {
				return v.Str()
			}
		}
		return ""
	}
	return plural(snake(c.Name))
}

// typeOf is the type of an expression as written, "" when it is not in sight.
func (fw *Framework) typeOf(in *flow.Interp, n syntax.Ref, depth int) string {
	if depth > 4 {
		return ""
	}
	switch n.Kind() {
	case syntax.Unary:
		return fw.typeOf(in, n.Child(syntax.Value), depth+1)
	case syntax.List:
		return n.Child(syntax.TypeRole).Str()
	case syntax.Call:
		switch {
		case n.Has(syntax.FlagNew):
			return n.Str()
		case n.Str() == "new" && n.Arg(0).Ok(), n.Str() == "make":
			if d := n.Arg(0).Dotted(); d != "" {
				return d
			}
			return n.Arg(0).Str()
		case n.Child(syntax.Callee).Ok(): // (*User)(nil)
			callee := n.Child(syntax.Callee)
			if callee.Kind() == syntax.Unary {
				return callee.Child(syntax.Value).Dotted()
			}
		}
	case syntax.Name:
		fn := in.Frame().Fn
		if fn == nil {
			return ""
		}
		for p := range fn.Node.All(syntax.ParamRole) {
			if p.Str() == n.Str() {
				return p.Child(syntax.TypeRole).Str()
			}
		}
		for p := range fn.Node.All(syntax.TypeRole) { // named results
			for _, part := range strings.Split(strings.Trim(p.Str(), "()"), ",") {
				if w := strings.Fields(part); len(w) == 2 && w[0] == n.Str() {
					return w[1]
				}
			}
		}
		out := ""
		for a := range fn.Node.Descendants(syntax.Assign, syntax.For) {
			if a.Start() > n.Start() {
				break
			}
			if a.Kind() == syntax.For { // for _, row := range rows
				last := syntax.Ref{}
				for t := range a.All(syntax.Target) {
					last = t
				}
				if last.Str() == n.Str() && a.Child(syntax.Iter).Str() != n.Str() {
					if t := strings.TrimLeft(fw.typeOf(in, a.Child(syntax.Iter), depth+1), "*&"); strings.HasPrefix(t, "[]") {
						out = t[2:]
					}
				}
				continue
			}
			if t := a.Child(syntax.Target); t.Kind() != syntax.Name || t.Str() != n.Str() {
				continue
			}
			if t := a.Child(syntax.TypeRole); t.Ok() {
				out = t.Str()
			} else if t := fw.typeOf(in, a.Child(syntax.Value), depth+1); t != "" {
				out = t
			}
		}
		return out
	}
	return ""
}

// model is the model of a table, made on first sight.
func (fw *Framework) model(table string, in *flow.Interp) *flow.Model {
	m := fw.tables[table]
	if m == nil {
		m = &flow.Model{Name: table, Table: table, Framework: fw.Name(), File: in.File(), Relations: map[string]*flow.Relation{}, Scopes: map[string]*flow.Method{}}
		fw.tables[table] = m
	}
	return m
}

func (fw *Framework) run(in *flow.Interp, c *flow.Call, ch *chain, table string, does effect) {
	r := in.NewQuery(fw.model(table, in), c.Node)
	r.Terminal, r.Single = c.Name, does == readsOne
	b := &conditions{root: r, kind: ch.kind, aliases: map[string]string{}, site: in.Site(c.Node, "")}
	for _, w := range ch.words {
		b.alias(w, table)
	}
	for _, w := range ch.words {
		b.word(w)
	}
	site := in.Site(c.Node, "runs the query")
	switch does {
	case counts:
		in.Execute(r, site, flow.Aggregate)
	case writes:
		in.Execute(r, site, flow.Write)
	default:
		in.Execute(r, site, flow.RunQuery)
	}
}

// conditions reads what the words of a chain ask for.
type conditions struct {
	root    *flow.Root
	kind    string
	aliases map[string]string // alias -> table, "" for the main one
	site    flow.Site
}

func (b *conditions) alias(w syntax.Ref, main string) {
	switch w.Str() {
	case "From", "Table", "Join", "LeftJoin", "RightJoin", "InnerJoin", "TableExpr":
	default:
		return
	}
	f := strings.Fields(w.Arg(0).Str())
	if w.Arg(0).Kind() != syntax.String || len(f) == 0 {
		return
	}
	table := firstWord(f[0])
	a := table
	if len(f) > 1 {
		a = f[1]
		if strings.EqualFold(a, "as") && len(f) > 2 {
			a = f[2]
		}
		if strings.EqualFold(a, "on") {
			a = table
		}
	}
	if w.Str() == "From" || w.Str() == "Table" || w.Str() == "TableExpr" {
		b.aliases[a], b.aliases[main] = "", ""
		return
	}
	b.aliases[a] = table
}

func (b *conditions) column(table, col string) string {
	if table == "" {
		return col
	}
	t, ok := b.aliases[table]
	switch {
	case ok && t == "":
		return col
	case ok:
		return t + "." + col
	}
	return table + "." + col
}

func (b *conditions) add(table, col, op, fn string) {
	b.root.Filters = append(b.root.Filters, flow.Filter{Column: b.column(table, col), Op: op, Func: fn, Site: b.site})
}

// unknown notes a condition that can not be read.
func (b *conditions) unknown() {
	b.root.Dynamic = true
	b.root.Filters = append(b.root.Filters, flow.Filter{Op: "or", Site: b.site})
}

func (b *conditions) word(w syntax.Ref) {
	switch w.Str() {
	case "Where", "And", "Having":
		for i, a := range w.Args() {
			if i > 0 && a.Kind() != syntax.Call {
				break
			}
			if i > 0 && b.kind != "squirrel" {
				break
			}
			b.condition(a, w)
		}
	case "First", "Take", "Find", "Last", "Delete", "Get":
		if b.kind == "gorm" && w.Arg(1).Ok() {
			if w.Arg(1).Kind() == syntax.String {
				b.condition(w.Arg(1), w)
			} else {
				b.add("", "id", "=", "")
			}
		}
	case "ID":
		b.add("", "id", "=", "")
	case "In":
		if a := w.Arg(0); b.kind == "xorm" && a.Kind() == syntax.String {
			t, col := split(a.Str())
			b.add(t, col, "in", "")
		}
	case "Or", "WhereOr", "Not", "WhereGroup", "SetCond", "Exclude", "NotIn":
		b.unknown()
	case "Filter": // beego: "Name__icontains"
		name, op, found := strings.Cut(w.Arg(0).Str(), "__")
		if w.Arg(0).Kind() != syntax.String || name == "" {
			b.unknown()
			return
		}
		if !found {
			op = "="
		}
		b.add("", snake(name), op, "")
	case "WherePK":
		b.add("", "id", "=", "")
	case "OrderBy", "Order", "OrderExpr":
		for _, a := range w.Args() {
			if a.Kind() != syntax.String {
				b.root.Orders = append(b.root.Orders, flow.Order{Expr: true})
				continue
			}
			if b.kind == "beego" {
				b.root.Orders = append(b.root.Orders, flow.Order{Column: snake(strings.TrimPrefix(a.Str(), "-")), Desc: strings.HasPrefix(a.Str(), "-")})
				continue
			}
			for _, k := range sqlquery.AnalyzeOrder(a.Str()) {
				b.root.Orders = append(b.root.Orders, flow.Order{Column: b.column(k.Table, k.Column), Desc: k.Desc, Expr: k.Column == ""})
			}
		}
	case "Asc", "Desc":
		for _, a := range w.Args() {
			t, col := split(a.Str())
			b.root.Orders = append(b.root.Orders, flow.Order{Column: b.column(t, col), Desc: w.Str() == "Desc", Expr: col == ""})
		}
	case "Limit":
		if n, _ := strconv.Atoi(w.Arg(0).Str()); w.Arg(0).Kind() == syntax.Number && n > 0 {
			b.root.Limit = n
		} else {
			b.root.Paged = true
		}
	case "FindInBatches":
		b.root.Paged = true
	case "Join", "LeftJoin", "RightJoin", "InnerJoin", "Joins":
		b.root.Joins = append(b.root.Joins, firstWord(w.Arg(0).Str()))
	case "Distinct":
		b.root.Distinct = true
	}
}

func split(s string) (table, col string) {
	s = strings.Trim(s, "`\"")
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		return strings.Trim(s[:i], "`\""), strings.Trim(s[i+1:], "`\"")
	}
	return "", s
}

// condition reads a condition: SQL, sq.Eq{...} and its like.
func (b *conditions) condition(n, call syntax.Ref) {
	switch n.Kind() {
	case syntax.String:
		text := n.Str()
		if n.Has(syntax.FlagInterp) {
			b.unknown()
			return
		}
		for i := 1; strings.Contains(text, "?"); i++ { // bun: names are arguments
			id := ident(call.Arg(i))
			if id == "" {
				if !call.Arg(i).Ok() {
					break
				}
				id = "\x00"
			}
			text = strings.Replace(text, "?", id, 1)
		}
		st := sqlquery.AnalyzeWhere(strings.ReplaceAll(text, "\x00", "?"))
		if len(st.Filters) == 0 {
			b.unknown()
		}
		for _, f := range st.Filters {
			b.add(f.Table, f.Column, string(f.Op), f.Func)
		}
	case syntax.Call:
		switch flow.LastSegment(n.Str()) {
		case "Eq":
			b.pairs(n, "=")
		case "NotEq":
			b.pairs(n, "!=")
		case "Lt", "LtOrEq", "Gt", "GtOrEq":
			b.pairs(n, "<")
		case "Like", "ILike":
			b.pairs(n, "like")
		case "And":
			for _, a := range n.Args() {
				b.condition(a, n)
			}
		case "Expr":
			b.condition(n.Arg(0), n)
		default:
			b.unknown()
		}
	case syntax.Map:
		b.pairs(n, "=")
	default:
		b.unknown()
	}
}

func (b *conditions) pairs(n syntax.Ref, op string) {
	for p := range n.Children() {
		switch p.Kind() {
		case syntax.Pair:
			if p.Str() == "" {
				b.unknown()
				continue
			}
			t, col := split(p.Str())
			o := op
			if p.Child(syntax.Value).Kind() == syntax.Nil && op == "=" {
				o = "null"
			}
			b.add(t, col, o, "")
		case syntax.Map:
			b.pairs(p, op)
		}
	}
}

// snake turns a Go name into that of a column: UserID is user_id.
func snake(s string) string {
	var sb strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 && s[i-1] != '_' && (s[i-1] < 'A' || s[i-1] > 'Z' || i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z') {
				sb.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		sb.WriteByte(c)
	}
	return sb.String()
}

func plural(w string) string {
	switch {
	case w == "":
		return w
	case strings.HasSuffix(w, "y") && len(w) > 1 && !strings.ContainsRune("aeiou", rune(w[len(w)-2])):
		return w[:len(w)-1] + "ies"
	case strings.HasSuffix(w, "s"), strings.HasSuffix(w, "x"), strings.HasSuffix(w, "ch"), strings.HasSuffix(w, "sh"):
		return w + "es"
	}
	return w + "s"
}
