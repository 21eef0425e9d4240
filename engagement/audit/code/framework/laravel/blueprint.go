package laravel

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// reader turns the words of a migration into schema operations.
type reader struct {
	file    *project.File
	dialect schema.Dialect
	ops     []schema.Op
	methods map[string]syntax.Ref
	consts  map[string]syntax.Ref
	depth   int
	branch  int // depth of conditions
}

func (r *reader) place(n syntax.Ref) schema.Place {
	return schema.Place{Path: r.file.Path, Line: n.Line(), EndLine: n.EndLine()}
}

func (r *reader) add(op schema.Op, at syntax.Ref) {
	if op.Place.Path == "" {
		op.Place = r.place(at)
	}
	op.Conditional = op.Conditional || r.branch > 0
	r.ops = append(r.ops, op)
}

// text is the value of a literal, or of a variable, property or constant that holds one.
func (r *reader) text(n syntax.Ref, sc map[string]syntax.Ref) string {
	switch n.Kind() {
	case syntax.String:
		s := n.Str()
		for part := range n.All(syntax.Part) {
			v := r.text(part, sc)
			if v == "" {
				return ""
			}
			s = strings.Replace(s, "{}", v, 1)
		}
		return s
	case syntax.Name:
		if v, ok := sc[n.Str()]; ok && v != n {
			return r.text(v, nil)
		}
	case syntax.Member:
		if v, ok := r.consts[n.Str()]; ok && n.Receiver().Kind() == syntax.Self {
			return r.text(v, nil)
		}
	case syntax.Number:
		return n.Str()
	case syntax.Binary:
		if n.Str() == "." {
			a, b := r.text(n.Child(syntax.Left), sc), r.text(n.Child(syntax.Right), sc)
			if a != "" && b != "" {
				return a + b
			}
		}
	}
	return ""
}

func (r *reader) texts(n syntax.Ref, sc map[string]syntax.Ref) []string {
	if v, ok := sc[n.Str()]; ok && n.Kind() == syntax.Name {
		n = v
	}
	if n.Kind() != syntax.List {
		if s := r.text(n, sc); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for c := range n.Children() {
		s := r.text(c, sc)
		if s == "" {
			return nil
		}
		out = append(out, s)
	}
	return out
}

func (r *reader) body(n syntax.Ref, sc map[string]syntax.Ref) {
	if r.depth > 6 {
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	for c := range n.Children() {
		r.statement(c, sc)
	}
}

func (r *reader) statement(c syntax.Ref, sc map[string]syntax.Ref) {
	switch c.Kind() {
	case syntax.Block, syntax.Try, syntax.Other:
		r.body(c, sc)
	case syntax.Catch:
	case syntax.If:
		r.branch++
		r.statement(c.Child(syntax.Body), sc)
		r.statement(c.Child(syntax.Else), sc)
		r.branch--
	case syntax.Assign:
		if t := c.Child(syntax.Target); t.Kind() == syntax.Name {
			sc[t.Str()] = c.Child(syntax.Value)
		}
	case syntax.For:
		r.each(c, sc, func(inner map[string]syntax.Ref) { r.statement(c.Child(syntax.Body), inner) })
	case syntax.Call:
		r.call(c, sc)
	}
}

// each runs f once for each element of the literal list that a foreach walks.
func (r *reader) each(loop syntax.Ref, sc map[string]syntax.Ref, f func(map[string]syntax.Ref)) {
	list, target := loop.Child(syntax.Iter), loop.Child(syntax.Target)
	if v, ok := sc[list.Str()]; ok && list.Kind() == syntax.Name {
		list = v
	} else if v, ok := r.consts[list.Str()]; ok && list.Kind() == syntax.Member {
		list = v
	}
	if !list.Is(syntax.List, syntax.Map) {
		return
	}
	n := 0
	for e := range list.Children() {
		if n++; n > 200 {
			return
		}
		inner := make(map[string]syntax.Ref, len(sc)+2)
		for k, v := range sc {
			inner[k] = v
		}
		value := target
		if target.Kind() == syntax.Pair {
			value = target.Child(syntax.Value)
		}
		if e.Kind() == syntax.Pair {
			inner[value.Str()] = e.Child(syntax.Value)
			if k := target.Child(syntax.Key); k.Ok() && e.Child(syntax.Key).Ok() {
				inner[k.Str()] = e.Child(syntax.Key)
			}
		} else {
			inner[value.Str()] = e
		}
		f(inner)
	}
}

func (r *reader) call(c syntax.Ref, sc map[string]syntax.Ref) {
	recv := c.Receiver()
	if recv.Kind() == syntax.Call && (recv.Str() == "connection" || recv.Str() == "schema" || recv.Str() == "getSchemaBuilder") {
		if flow.LastSegment(recv.Receiver().Str()) == "Schema" {
			r.schema(c, sc)
		} else if flow.LastSegment(recv.Receiver().Str()) == "DB" {
			r.sql(c, sc)
		}
		return
	}
	switch {
	case recv.Kind() == syntax.Name && flow.LastSegment(recv.Str()) == "Schema", recv.Kind() == syntax.Name && strings.EqualFold(recv.Str(), "schema"), recv.Kind() == syntax.Member && recv.Str() == "schema":
		r.schema(c, sc)
	case recv.Kind() == syntax.Name && flow.LastSegment(recv.Str()) == "DB":
		if c.Str() == "transaction" {
			r.body(c.Block().Child(syntax.Body), sc)
			return
		}
		r.sql(c, sc)
	case recv.Kind() == syntax.Self:
		m, ok := r.methods[c.Str()]
		if !ok || c.Str() == "down" || c.Str() == "up" {
			return
		}
		inner := map[string]syntax.Ref{}
		i := 0
		for p := range m.All(syntax.ParamRole) {
			a := c.Arg(i)
			if v, ok := sc[a.Str()]; ok && a.Kind() == syntax.Name {
				a = v
			}
			if a.Ok() {
				inner[p.Str()] = a
			}
			i++
		}
		r.body(m.Child(syntax.Body), inner)
	}
}

// schema reads Schema::create and its relatives.
func (r *reader) schema(c syntax.Ref, sc map[string]syntax.Ref) {
	table := r.text(c.Arg(0), sc)
	if table == "" {
		if c.Str() == "withoutForeignKeyConstraints" || c.Str() == "whenTableDoesntHaveColumn" {
			r.body(c.Block().Child(syntax.Body), sc)
		}
		return
	}
	switch c.Str() {
	case "create":
		def := &schema.Table{Name: table, Place: r.place(c)}
		t := &blueprint{reader: r, table: table, def: def}
		t.lines(c.Block(), sc)
		r.add(schema.Op{Kind: schema.CreateTable, Table: table, Def: def}, c)
		for _, op := range t.after {
			r.add(op, c)
		}
	case "table":
		t := &blueprint{reader: r, table: table}
		t.lines(c.Block(), sc)
		for _, op := range t.after {
			r.add(op, c)
		}
	case "drop", "dropIfExists":
		r.add(schema.Op{Kind: schema.DropTable, Table: table, IfExists: c.Str() == "dropIfExists"}, c)
	case "rename":
		if to := r.text(c.Arg(1), sc); to != "" {
			r.add(schema.Op{Kind: schema.RenameTable, Table: table, NewName: to}, c)
		}
	case "dropColumns":
		for _, col := range r.texts(c.Arg(1), sc) {
			r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: col}, c)
		}
	case "whenTableHasColumn", "whenTableDoesntHaveColumn", "whenTableDoesntHaveIndex", "whenTableHasIndex":
		r.branch++
		t := &blueprint{reader: r, table: table}
		t.lines(c.Block(), sc)
		for _, op := range t.after {
			r.add(op, c)
		}
		r.branch--
	}
}

// sql reads DB::statement and DB::unprepared. Its lines are those of the literal.
func (r *reader) sql(c syntax.Ref, sc map[string]syntax.Ref) {
	switch c.Str() {
	case "statement", "unprepared", "affectingStatement", "update", "insert", "delete":
	default:
		return
	}
	n := c.Arg(0)
	if v, ok := sc[n.Str()]; ok && n.Kind() == syntax.Name {
		n = v
	}
	if n.Kind() == syntax.Call && n.Str() == "raw" {
		n = n.Arg(0)
	}
	text := r.text(n, sc)
	if text == "" {
		return
	}
	ops, _ := sqlddl.ParseDDL(r.file.Path, []byte(text), r.dialect)
	for _, op := range ops {
		op.Place = r.place(n)
		if op.Index != nil {
			op.Index.Place = op.Place
		}
		if op.Column != nil {
			op.Column.Place = op.Place
		}
		if op.ForeignKey != nil {
			op.ForeignKey.Place = op.Place
		}
		if op.Def != nil {
			op.Def.Place = op.Place
			for _, col := range op.Def.Columns {
				col.Place = op.Place
			}
			for _, ix := range op.Def.Indexes {
				ix.Place = op.Place
			}
			for _, fk := range op.Def.ForeignKeys {
				fk.Place = op.Place
			}
		}
		r.add(op, n)
	}
}

// blueprint reads the closure of Schema::create (def is set) or Schema::table.
type blueprint struct {
	*reader
	table string
	def   *schema.Table
	after []schema.Op
}

func (t *blueprint) lines(f syntax.Ref, sc map[string]syntax.Ref) {
	v := f.Child(syntax.ParamRole).Str()
	if v == "" {
		return
	}
	inner := make(map[string]syntax.Ref, len(sc))
	for k, x := range sc {
		inner[k] = x
	}
	t.block(f.Child(syntax.Body), v, inner)
}

func (t *blueprint) block(body syntax.Ref, v string, sc map[string]syntax.Ref) {
	if body.Kind() == syntax.Call {
		t.line(body, v, sc)
		return
	}
	for c := range body.Children() {
		switch c.Kind() {
		case syntax.If:
			t.branch++
			t.block(c.Child(syntax.Body), v, sc)
			t.block(c.Child(syntax.Else), v, sc)
			t.branch--
		case syntax.Block, syntax.Try:
			t.block(c, v, sc)
		case syntax.Assign:
			if n := c.Child(syntax.Target); n.Kind() == syntax.Name {
				sc[n.Str()] = c.Child(syntax.Value)
			}
			if x := c.Child(syntax.Value); x.Kind() == syntax.Call {
				t.line(x, v, sc)
			}
		case syntax.For:
			t.each(c, sc, func(inner map[string]syntax.Ref) { t.block(c.Child(syntax.Body), v, inner) })
		case syntax.Call:
			t.line(c, v, sc)
		}
	}
}

func (t *blueprint) op(op schema.Op, at syntax.Ref) {
	op.Table, op.Place = t.table, t.place(at)
	op.Conditional = t.branch > 0
	t.after = append(t.after, op)
}

// line reads one statement: $table->string('name')->nullable()->index().
func (t *blueprint) line(c syntax.Ref, v string, sc map[string]syntax.Ref) {
	var words []syntax.Ref // from the blueprint outwards
	n := c
	for ; n.Kind() == syntax.Call && n.Receiver().Ok(); n = n.Receiver() {
		words = append([]syntax.Ref{n}, words...)
	}
	if n.Kind() == syntax.Call && n.Str() == "tap" {
		return
	}
	if n.Kind() != syntax.Name || n.Str() != v || len(words) == 0 {
		return
	}
	first, rest := words[0], words[1:]
	if t.command(first, rest, c, sc) {
		return
	}
	t.columns(first, rest, c, sc)
}

// indexName is the name that Laravel chooses.
func (t *blueprint) indexName(columns []string, suffix string) string {
	s := strings.ToLower(t.table + "_" + strings.Join(columns, "_") + "_" + suffix)
	return strings.NewReplacer("-", "_", ".", "_").Replace(s)
}

// command reads what is no column: indexes, keys, drops and renames.
func (t *blueprint) command(first syntax.Ref, rest []syntax.Ref, whole syntax.Ref, sc map[string]syntax.Ref) bool {
	cols := t.texts(first.Arg(0), sc)
	named := func(i int, suffix string) (string, bool) {
		if s := t.text(first.Arg(i), sc); s != "" {
			return s, false
		}
		if s := t.text(first.Keyword("name"), sc); s != "" {
			return s, false
		}
		return t.indexName(cols, suffix), true
	}
	switch first.Str() {
	case "index", "unique", "fullText", "fulltext", "spatialIndex", "rawIndex":
		ix := &schema.Index{Place: t.place(whole), Unique: first.Str() == "unique"}
		if first.Str() == "rawIndex" {
			ix.Columns = []schema.IndexColumn{{Expr: first.Arg(0).Str()}}
			ix.Name = t.text(first.Arg(1), sc)
		} else {
			if len(cols) == 0 {
				return true
			}
			ix.Columns = schema.PlainColumns(cols...)
			for i, name := range cols { // DB::raw('url(191)') or 'url(191)'
				if k := strings.IndexByte(name, '('); k > 0 {
					ix.Columns[i].Name = name[:k]
					ix.Columns[i].Prefix, _ = strconv.Atoi(strings.TrimSuffix(name[k+1:], ")"))
				}
			}
			ix.Name, ix.AutoNamed = named(1, strings.ToLower(strings.TrimSuffix(first.Str(), "Index")))
		}
		switch first.Str() {
		case "fullText", "fulltext":
			ix.Method = "fulltext"
		case "spatialIndex":
			ix.Method = "spatial"
		default:
			if s := first.Arg(2); s.Kind() == syntax.String {
				ix.Method = s.Str()
			}
		}
		t.op(schema.Op{Kind: schema.AddIndex, Index: ix}, whole)
	case "primary":
		if len(cols) > 0 {
			if t.def != nil {
				t.def.PrimaryKey = cols
				return true
			}
			t.op(schema.Op{Kind: schema.AddPrimaryKey, Columns: cols, Index: &schema.Index{Name: t.table + "_primary", Primary: true, Unique: true, Columns: schema.PlainColumns(cols...), Place: t.place(whole)}}, whole)
		}
	case "foreign":
		fk := &schema.ForeignKey{Columns: cols, Enforced: true, Place: t.place(whole), RefColumns: []string{"id"}}
		fk.Name, fk.AutoNamed = named(1, "foreign")
		for _, w := range rest {
			t.refer(fk, w, sc)
		}
		if len(cols) > 0 && fk.RefTable != "" {
			t.op(schema.Op{Kind: schema.AddForeignKey, ForeignKey: fk}, whole)
		}
	case "dropColumn", "removeColumn":
		for _, a := range first.Args() {
			for _, col := range t.texts(a, sc) {
				t.op(schema.Op{Kind: schema.DropColumn, Name: col}, whole)
			}
		}
	case "dropTimestamps", "dropTimestampsTz":
		t.op(schema.Op{Kind: schema.DropColumn, Name: "created_at"}, whole)
		t.op(schema.Op{Kind: schema.DropColumn, Name: "updated_at"}, whole)
	case "dropSoftDeletes", "dropSoftDeletesTz":
		t.op(schema.Op{Kind: schema.DropColumn, Name: "deleted_at"}, whole)
	case "dropRememberToken":
		t.op(schema.Op{Kind: schema.DropColumn, Name: "remember_token"}, whole)
	case "dropMorphs":
		if base := t.text(first.Arg(0), sc); base != "" {
			t.op(schema.Op{Kind: schema.DropIndex, Name: t.indexName([]string{base + "_type", base + "_id"}, "index"), IfExists: true}, whole)
			t.op(schema.Op{Kind: schema.DropColumn, Name: base + "_type"}, whole)
			t.op(schema.Op{Kind: schema.DropColumn, Name: base + "_id"}, whole)
		}
	case "dropIndex", "dropUnique", "dropFullText", "dropSpatialIndex", "dropForeign", "dropPrimary":
		kind, suffix := schema.DropIndex, strings.ToLower(strings.TrimPrefix(first.Str(), "drop"))
		switch first.Str() {
		case "dropForeign":
			kind = schema.DropForeignKey
		case "dropPrimary":
			t.op(schema.Op{Kind: schema.DropPrimaryKey}, whole)
			return true
		case "dropSpatialIndex":
			suffix = "spatial"
		}
		switch a := first.Arg(0); {
		case a.Kind() == syntax.List && len(cols) > 0:
			t.op(schema.Op{Kind: kind, Name: t.indexName(cols, suffix), Columns: cols, IfExists: true}, whole)
		case len(cols) == 1:
			t.op(schema.Op{Kind: kind, Name: cols[0], IfExists: true}, whole)
		}
	case "dropConstrainedForeignId":
		if len(cols) == 1 {
			t.op(schema.Op{Kind: schema.DropForeignKey, Name: t.indexName(cols, "foreign"), Columns: cols, IfExists: true}, whole)
			t.op(schema.Op{Kind: schema.DropColumn, Name: cols[0]}, whole)
		}
	case "renameColumn":
		if to := t.text(first.Arg(1), sc); to != "" && len(cols) == 1 {
			t.op(schema.Op{Kind: schema.RenameColumn, Name: cols[0], NewName: to}, whole)
		}
	case "renameIndex":
		if to := t.text(first.Arg(1), sc); to != "" && len(cols) == 1 {
			t.op(schema.Op{Kind: schema.RenameIndex, Name: cols[0], NewName: to}, whole)
		}
	case "rename":
		if len(cols) == 1 {
			t.op(schema.Op{Kind: schema.RenameTable, NewName: cols[0]}, whole)
		}
	case "drop", "dropIfExists":
		t.op(schema.Op{Kind: schema.DropTable, IfExists: true}, whole)
	case "engine", "charset", "collation", "comment", "temporary", "dropForeignIdFor", "after":
	default:
		return false
	}
	return true
}

// refer reads references(...)->on(...)->onDelete(...).
func (t *blueprint) refer(fk *schema.ForeignKey, w syntax.Ref, sc map[string]syntax.Ref) {
	switch w.Str() {
	case "references":
		if cols := t.texts(w.Arg(0), sc); len(cols) > 0 {
			fk.RefColumns = cols
		}
	case "on":
		fk.RefTable = t.text(w.Arg(0), sc)
	case "onDelete":
		fk.OnDelete = strings.ToLower(t.text(w.Arg(0), sc))
	case "cascadeOnDelete":
		fk.OnDelete = "cascade"
	case "nullOnDelete":
		fk.OnDelete = "set null"
	case "restrictOnDelete":
		fk.OnDelete = "restrict"
	}
}
