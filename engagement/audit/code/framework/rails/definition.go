package rails

import (
	"sort"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// definition reads the words that take a block of columns.
func (r *reader) definition(name string, c syntax.Ref, sc scope) bool {
	switch name {
	case "create_table":
		r.createTable(c, sc)
	case "create_join_table":
		a, b := r.text(c.Arg(0), sc), r.text(c.Arg(1), sc)
		if a == "" || b == "" {
			return true
		}
		table := r.text(c.Keyword("table_name"), sc)
		if table == "" {
			both := []string{a, b}
			sort.Strings(both)
			table = both[0] + "_" + both[1]
		}
		def := &schema.Table{Name: table, Place: r.place(c)}
		t := &tableReader{reader: r, name: table, def: def}
		for _, side := range []string{a, b} {
			def.Columns = append(def.Columns, t.column(Singularize(side)+"_id", r.keyType(), c, c))
			def.Columns[len(def.Columns)-1].NotNull = true
		}
		t.block(c.Block(), sc)
		r.add(schema.Op{Kind: schema.CreateTable, Table: table, Def: def}, c)
		r.ops = append(r.ops, t.after...)
	case "change_table":
		table := r.text(c.Arg(0), sc)
		if table == "" {
			return true
		}
		t := &tableReader{reader: r, name: table}
		t.block(c.Block(), sc)
	case "create_view", "create_materialized_view":
		if v := r.text(c.Arg(0), sc); v != "" {
			r.add(schema.Op{Kind: schema.CreateTable, Table: v, Def: &schema.Table{Name: v, Place: r.place(c), View: true, Incomplete: true}}, c)
		}
	case "drop_view":
		if v := r.text(c.Arg(0), sc); v != "" {
			r.add(schema.Op{Kind: schema.DropTable, Table: v, IfExists: true}, c)
		}
	default:
		return false
	}
	return true
}

// keyType is the type of a primary key and of the references to it, when nothing is said.
func (r *reader) keyType() string {
	if r.bigKeys && r.dialect != schema.SQLite {
		return "bigint"
	}
	return "integer"
}

func (r *reader) createTable(c syntax.Ref, sc scope) {
	name := r.text(c.Arg(0), sc)
	if name == "" {
		return
	}
	def := &schema.Table{Name: name, Place: r.place(c)}
	t := &tableReader{reader: r, name: name, def: def}
	id, pk := c.Keyword("id"), c.Keyword("primary_key")
	switch {
	case isFalse(id):
		def.PrimaryKey = r.texts(pk, sc)
	case pk.Kind() == syntax.List:
		def.PrimaryKey = r.texts(pk, sc)
	default:
		key := r.text(pk, sc)
		if key == "" {
			key = "id"
		}
		typ := r.keyType()
		switch {
		case id.Kind() == syntax.String && id.Str() != "primary_key":
			typ = id.Str()
		case id.Kind() == syntax.Map && id.Keyword("type").Ok():
			typ = r.text(id.Keyword("type"), sc)
		case id.Kind() == syntax.Map || id.Kind() == syntax.Name:
		}
		col := t.column(key, typ, c, c)
		col.Place.EndLine = col.Place.Line
		col.NotNull = true
		col.AutoIncrement = col.Type.Name == "bigint" || col.Type.Name == "integer"
		col.Type.Unsigned = id.Kind() == syntax.Map && isTrue(id.Keyword("unsigned"))
		def.Columns = append(def.Columns, col)
		def.PrimaryKey = []string{key}
	}
	if as := c.Keyword("as"); as.Ok() {
		def.Incomplete = true
	}
	t.block(c.Block(), sc)
	r.add(schema.Op{Kind: schema.CreateTable, Table: name, Def: def, Force: said(c.Keyword("force")), IfNotExists: said(c.Keyword("if_not_exists"))}, c)
	r.ops = append(r.ops, t.after...)
}

// tableReader reads the block of create_table (def is set) or change_table (def is nil).
type tableReader struct {
	*reader
	name  string
	def   *schema.Table
	after []schema.Op
}

func (t *tableReader) block(b syntax.Ref, sc scope) {
	v := b.Child(syntax.ParamRole).Str()
	t.lines(b.Child(syntax.Body), v, sc)
}

func (t *tableReader) lines(body syntax.Ref, v string, sc scope) {
	for c := range body.Children() {
		switch c.Kind() {
		case syntax.If, syntax.Block:
			t.branch++
			t.lines(c, v, sc)
			t.branch--
		case syntax.Call:
			recv := c.Receiver()
			switch {
			case recv.Dotted() == v && v != "":
				t.line(c, sc)
			case c.Str() == "each" && recv.Kind() == syntax.List:
				param := c.Block().Child(syntax.ParamRole).Str()
				for e := range recv.Children() {
					inner := scope{}
					for k, x := range sc {
						inner[k] = x
					}
					inner[param] = e
					t.lines(blockBody(c), v, inner)
				}
			case !recv.Ok() && c.Arg(0).Dotted() == v: // a helper of the migration that is given the table
				if m, ok := t.methods[c.Str()]; ok && t.depth < maxMigrationDepth {
					t.depth++
					t.lines(m.Child(syntax.Body), m.Child(syntax.ParamRole).Str(), sc)
					t.depth--
				}
			}
		}
	}
}

// notColumns are the words of a table block that declare no column of their own name.
var notColumns = map[string]bool{
	"check_constraint": true, "exclusion_constraint": true, "comment": true, "primary_key!": true, "validate_foreign_key": true, "validate_constraint": true,
	"validate_check_constraint": true, "remove_check_constraint": true, "column_exists?": true, "index_exists?": true,
	"change_comment": true, "inspect": true, "tap": true,
}

func (t *tableReader) line(c syntax.Ref, sc scope) {
	name := c.Str()
	if notColumns[name] {
		return
	}
	switch name {
	case "index":
		if ix := t.index(t.name, t.texts(c.Arg(0), sc), c, sc); ix != nil {
			t.addIndex(ix, c)
		}
	case "unique_constraint":
		if cols := t.texts(c.Arg(0), sc); len(cols) > 0 {
			t.after = append(t.after, schema.Op{Kind: schema.AddUnique, Table: t.name, Place: t.place(c), Index: &schema.Index{Name: t.text(c.Keyword("name"), sc), Columns: schema.PlainColumns(cols...), Unique: true, Constraint: true, Place: t.place(c)}})
		}
	case "foreign_key":
		if fk := t.foreignKey(t.name, t.text(c.Arg(0), sc), c, sc); fk != nil {
			t.addForeignKey(fk, c)
		}
	case "references", "belongs_to":
		for _, a := range c.Args() {
			if n := t.text(a, sc); a.Kind() != syntax.Pair && n != "" {
				t.reference(n, c, sc)
			}
		}
	case "timestamps", "timestamps_with_timezone":
		for _, n := range []string{"created_at", "updated_at"} {
			col := t.column(n, "datetime", c, c)
			col.NotNull = t.version >= 5 && !t.dump
			if null := c.Keyword("null"); null.Ok() {
				col.NotNull = isFalse(null)
			}
			t.addColumn(col, c)
		}
	case "primary_key":
		n := t.text(c.Arg(0), sc)
		if n == "" {
			return
		}
		typ := t.keyType()
		if x := t.text(c.Arg(1), sc); x != "" {
			typ = x
		}
		col := t.column(n, typ, c, c)
		col.NotNull, col.AutoIncrement = true, true
		t.addColumn(col, c)
		if t.def != nil {
			t.def.PrimaryKey = []string{n}
		}
	case "column":
		if n := t.text(c.Arg(0), sc); n != "" {
			t.addColumn(t.column(n, t.text(c.Arg(1), sc), c, c), c)
			t.inlineIndex(n, c, sc)
		}
	case "remove", "remove_columns":
		for _, a := range c.Args() {
			if n := t.text(a, sc); a.Kind() != syntax.Pair && n != "" {
				t.add(schema.Op{Kind: schema.DropColumn, Table: t.name, Name: n, IfExists: said(c.Keyword("if_exists"))}, c)
			}
		}
	case "rename", "change", "change_null", "change_default", "remove_index", "remove_references", "remove_belongs_to", "remove_reference", "remove_timestamps",
		"remove_foreign_key", "rename_index":
		t.changeLine(name, c, sc)
	default:
		for _, a := range c.Args() {
			if a.Kind() == syntax.Pair {
				continue
			}
			n := t.text(a, sc)
			if n == "" || a.Kind() == syntax.Number || a.Kind() == syntax.Bool {
				continue
			}
			t.addColumn(t.column(n, name, c, c), c)
			t.inlineIndex(n, c, sc)
		}
	}
}

func (t *tableReader) changeLine(name string, c syntax.Ref, sc scope) {
	first := t.text(c.Arg(0), sc)
	switch name {
	case "rename":
		t.add(schema.Op{Kind: schema.RenameColumn, Table: t.name, Name: first, NewName: t.text(c.Arg(1), sc)}, c)
	case "change":
		t.add(schema.Op{Kind: schema.ChangeColumn, Table: t.name, Name: first, Column: t.column(first, t.text(c.Arg(1), sc), c, c), Change: changed(c)}, c)
	case "change_null":
		t.add(schema.Op{Kind: schema.ChangeColumn, Table: t.name, Name: first, Column: &schema.Column{Name: first, NotNull: isFalse(c.Arg(1)), Place: t.place(c)}, Change: schema.ChangeNull}, c)
	case "change_default":
		t.add(schema.Op{Kind: schema.ChangeColumn, Table: t.name, Name: first, Column: &schema.Column{Name: first, Default: t.newDefault(c, 1), Place: t.place(c)}, Change: schema.ChangeDefault}, c)
	case "remove_index":
		t.removeIndex(t.name, c.Arg(0), c, sc)
	case "remove_references", "remove_belongs_to", "remove_reference":
		t.removeReference(t.name, first, c)
	case "remove_timestamps":
		t.removeTimestamps(t.name, c)
	case "remove_foreign_key":
		t.removeForeignKey(t.name, c.Arg(0), c, sc)
	case "rename_index":
		t.add(schema.Op{Kind: schema.RenameIndex, Table: t.name, Name: first, NewName: t.text(c.Arg(1), sc)}, c)
	}
}

func (t *tableReader) addColumn(col *schema.Column, at syntax.Ref) {
	if t.def != nil {
		t.def.Columns = append(t.def.Columns, col)
		return
	}
	t.add(schema.Op{Kind: schema.AddColumn, Table: t.name, Column: col, IfNotExists: said(at.Keyword("if_not_exists"))}, at)
}

func (t *tableReader) addIndex(ix *schema.Index, at syntax.Ref) {
	if t.def != nil {
		t.def.Indexes = append(t.def.Indexes, ix)
		return
	}
	t.add(schema.Op{Kind: schema.AddIndex, Table: t.name, Index: ix, Concurrently: ix.Concurrently, IfNotExists: said(at.Keyword("if_not_exists"))}, at)
}

func (t *tableReader) addForeignKey(fk *schema.ForeignKey, at syntax.Ref) {
	if t.def != nil {
		t.def.ForeignKeys = append(t.def.ForeignKeys, fk)
		return
	}
	t.add(schema.Op{Kind: schema.AddForeignKey, Table: t.name, ForeignKey: fk}, at)
}

// inlineIndex reads t.string :email, index: { unique: true }.
func (t *tableReader) inlineIndex(col string, c syntax.Ref, sc scope) {
	o := c.Keyword("index")
	if !said(o) {
		return
	}
	if ix := t.index(t.name, []string{col}, o, sc); ix != nil {
		ix.Place = t.place(c)
		ix.Unique = ix.Unique || o.Str() == "unique" && o.Kind() == syntax.String
		t.addIndex(ix, c)
	}
}

// reference reads one name of t.references.
func (t *tableReader) reference(name string, c syntax.Ref, sc scope) {
	typ := t.keyType()
	if x := t.text(c.Keyword("type"), sc); x != "" {
		typ = x
	}
	poly := c.Keyword("polymorphic")
	cols := []string{name + "_id"}
	if said(poly) {
		tc := t.column(name+"_type", "string", c, c)
		if poly.Kind() == syntax.Map {
			tc.NotNull = isFalse(poly.Keyword("null"))
			tc.Default = poly.Keyword("default").Str()
		}
		t.addColumn(tc, c)
		cols = []string{name + "_type", name + "_id"}
	}
	t.addColumn(t.column(name+"_id", typ, c, c), c)
	o := c.Keyword("index")
	if said(o) || (!o.Ok() && t.version >= 5 && !t.dump) {
		if ix := t.index(t.name, cols, o, sc); ix != nil {
			ix.Place = t.place(c)
			ix.Unique = ix.Unique || o.Str() == "unique" && o.Kind() == syntax.String
			if said(poly) && t.version >= 6.1 && ix.AutoNamed {
				ix.Name = "index_" + t.name + "_on_" + name
			}
			t.addIndex(ix, c)
		}
	}
	if k := c.Keyword("foreign_key"); said(k) && !said(poly) {
		to := Pluralize(name)
		if x := t.text(k.Keyword("to_table"), sc); x != "" {
			to = x
		}
		fk := &schema.ForeignKey{Columns: []string{name + "_id"}, RefTable: to, RefColumns: []string{"id"}, Enforced: true, Place: t.place(c),
			OnDelete: onDelete(t.text(k.Keyword("on_delete"), sc)), NotValid: isFalse(k.Keyword("validate")), Name: t.text(k.Keyword("name"), sc)}
		t.addForeignKey(fk, c)
	}
}

func onDelete(s string) string {
	if s == "nullify" {
		return "set null"
	}
	return s
}

// column makes a column of a type word and the options of a call.
func (r *reader) column(name, typ string, c, at syntax.Ref) *schema.Column {
	col := &schema.Column{Name: name, Place: r.place(at)}
	limit, _ := strconv.Atoi(strings.ReplaceAll(c.Keyword("limit").Str(), "_", ""))
	raw := typ
	switch typ {
	case "references", "belongs_to":
		raw = r.keyType()
	case "primary_key":
		raw = r.keyType()
		col.AutoIncrement = true
	case "integer", "unsigned_integer":
		raw = "integer"
		switch {
		case limit >= 5:
			raw = "bigint"
		case limit == 1 || limit == 2:
			raw = "smallint"
		}
		limit = 0
	case "bigint", "big_integer":
		raw, limit = "bigint", 0
	case "string":
		raw = "varchar"
		if limit == 0 && r.dialect == schema.MySQL {
			limit = 255
		}
	case "virtual":
		raw = c.Keyword("type").Str()
		col.Generated = c.Keyword("as").Str()
	case "text", "binary", "mediumtext", "longtext":
		limit = 0
	case "enum":
		if e := c.Keyword("enum_type").Str(); e != "" {
			raw = e
		}
	}
	col.Type = schema.ParseType(raw)
	col.Type.Raw = typ
	if limit > 0 {
		col.Type.Size = limit
	}
	col.Type.Array = col.Type.Array || isTrue(c.Keyword("array"))
	col.Type.Unsigned = col.Type.Unsigned || isTrue(c.Keyword("unsigned")) || typ == "unsigned_integer"
	if c.Kind() == syntax.Call {
		col.NotNull = isFalse(c.Keyword("null"))
		if d := c.Keyword("default"); d.Ok() && d.Kind() != syntax.Nil {
			col.Default = r.file.NodeText(d)
		}
	}
	return col
}
