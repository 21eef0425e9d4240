package rails

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// alteration reads the words that change one thing of a table.
func (r *reader) alteration(name string, c syntax.Ref, sc scope) bool {
	table := r.text(c.Arg(0), sc)
	second := r.text(c.Arg(1), sc)
	ifExists := said(c.Keyword("if_exists"))
	switch name {
	case "drop_table":
		for _, a := range c.Args() {
			if n := r.text(a, sc); a.Kind() != syntax.Pair && n != "" {
				r.add(schema.Op{Kind: schema.DropTable, Table: n, IfExists: ifExists, Cascade: r.text(c.Keyword("force"), sc) == "cascade"}, c)
			}
		}
		return true
	case "rename_table":
		if second != "" {
			r.add(schema.Op{Kind: schema.RenameTable, Table: table, NewName: second}, c)
		}
		return true
	case "validate_foreign_key", "validate_constraint":
		r.add(schema.Op{Kind: schema.ValidateForeign, Table: table, Name: r.text(c.Keyword("name"), sc)}, c)
		return true
	}
	if table == "" {
		switch name { // words whose table could not be read must not be taken for methods of the migration
		case "add_column", "add_index", "remove_column", "remove_index", "add_reference", "add_foreign_key", "change_column":
			return true
		}
		return false
	}
	t := &tableReader{reader: r, name: table}
	switch name {
	case "add_column":
		typ := r.text(c.Arg(2), sc)
		if second == "" || typ == "" {
			return true
		}
		t.addColumn(r.column(second, typ, c, c), c)
		t.inlineIndex(second, c, sc)
	case "add_columns":
		for i, a := range c.Args() {
			if n := r.text(a, sc); i > 0 && a.Kind() != syntax.Pair && n != "" {
				t.addColumn(r.column(n, r.text(c.Keyword("type"), sc), c, c), c)
			}
		}
	case "remove_column":
		if second != "" {
			r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: second, IfExists: ifExists}, c)
		}
	case "remove_columns":
		for i, a := range c.Args() {
			if n := r.text(a, sc); i > 0 && a.Kind() != syntax.Pair && n != "" {
				r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: n, IfExists: ifExists}, c)
			}
		}
	case "rename_column":
		r.add(schema.Op{Kind: schema.RenameColumn, Table: table, Name: second, NewName: r.text(c.Arg(2), sc)}, c)
	case "change_column":
		r.add(schema.Op{Kind: schema.ChangeColumn, Table: table, Name: second, Column: r.column(second, r.text(c.Arg(2), sc), c, c), Change: changed(c)}, c)
	case "change_column_null":
		r.add(schema.Op{Kind: schema.ChangeColumn, Table: table, Name: second, Column: &schema.Column{Name: second, NotNull: isFalse(c.Arg(2)), Place: r.place(c)}, Change: schema.ChangeNull}, c)
	case "change_column_default":
		r.add(schema.Op{Kind: schema.ChangeColumn, Table: table, Name: second, Column: &schema.Column{Name: second, Default: r.newDefault(c, 2), Place: r.place(c)}, Change: schema.ChangeDefault}, c)
	case "add_index", "add_concurrent_index":
		ix := r.index(table, r.texts(c.Arg(1), sc), c, sc)
		if ix == nil {
			return true
		}
		ix.Concurrently = ix.Concurrently || name == "add_concurrent_index"
		t.addIndex(ix, c)
	case "remove_index", "remove_concurrent_index", "remove_concurrent_index_by_name":
		r.removeIndex(table, c.Arg(1), c, sc)
	case "rename_index":
		r.add(schema.Op{Kind: schema.RenameIndex, Table: table, Name: second, NewName: r.text(c.Arg(2), sc)}, c)
	case "add_reference", "add_belongs_to":
		if second != "" {
			t.reference(second, c, sc)
		}
	case "remove_reference", "remove_belongs_to":
		r.removeReference(table, second, c)
	case "add_timestamps":
		for _, n := range []string{"created_at", "updated_at"} {
			col := r.column(n, "datetime", c, c)
			col.NotNull = r.version >= 5 && !said(c.Keyword("null"))
			t.addColumn(col, c)
		}
	case "remove_timestamps":
		r.removeTimestamps(table, c)
	case "add_foreign_key", "add_concurrent_foreign_key":
		if fk := r.foreignKey(table, second, c, sc); fk != nil {
			t.addForeignKey(fk, c)
		}
	case "remove_foreign_key":
		r.removeForeignKey(table, c.Arg(1), c, sc)
	case "add_unique_constraint":
		if cols := r.texts(c.Arg(1), sc); len(cols) > 0 {
			r.add(schema.Op{Kind: schema.AddUnique, Table: table, Index: &schema.Index{Name: r.text(c.Keyword("name"), sc), Columns: schema.PlainColumns(cols...), Unique: true, Constraint: true, Place: r.place(c)}}, c)
		}
	case "remove_unique_constraint":
		r.add(schema.Op{Kind: schema.DropConstraint, Table: table, Name: r.text(c.Keyword("name"), sc)}, c)
	default:
		return false
	}
	return true
}

// changed says which facets change_column states: the type always, the rest when given.
func changed(c syntax.Ref) schema.Change {
	out := schema.ChangeType
	if c.Keyword("null").Ok() {
		out |= schema.ChangeNull
	}
	if c.Keyword("default").Ok() {
		out |= schema.ChangeDefault
	}
	return out
}

// newDefault reads change_column_default t, c, value or from:, to:.
func (r *reader) newDefault(c syntax.Ref, arg int) string {
	d := c.Arg(arg)
	if to := c.Keyword("to"); to.Ok() {
		d = to
	}
	if !d.Ok() || d.Kind() == syntax.Nil {
		return ""
	}
	return r.file.NodeText(d)
}

// index reads the columns and options of an index; nil when no column is known.
func (r *reader) index(table string, cols []string, o syntax.Ref, sc scope) *schema.Index {
	if len(cols) == 0 {
		return nil
	}
	ix := &schema.Index{Name: r.text(o.Keyword("name"), sc), Unique: said(o.Keyword("unique")), Where: r.text(o.Keyword("where"), sc), Place: r.place(o),
		Method: strings.ToLower(r.text(o.Keyword("using"), sc)), Concurrently: r.text(o.Keyword("algorithm"), sc) == "concurrently"}
	if !o.Ok() {
		ix.Place = schema.Place{}
	}
	if typ := r.text(o.Keyword("type"), sc); typ == "fulltext" || typ == "spatial" {
		ix.Method = typ
	}
	ix.Include = r.texts(o.Keyword("include"), sc)
	joined := strings.Join(cols, "_and_")
	if len(cols) == 1 && strings.ContainsAny(cols[0], "( ,") { // one string of SQL
		joined = strings.Join(words(cols[0]), "_")
		cols = splitKeys(cols[0])
	}
	for _, name := range cols {
		key := schema.IndexColumn{Name: name}
		if strings.ContainsAny(name, "( ") {
			key = schema.IndexColumn{Expr: name}
			// "created_at DESC" in a plain string is a column with an order.
			if f := strings.Fields(name); len(f) >= 2 && !strings.Contains(name, "(") {
				key = schema.IndexColumn{Name: f[0], Desc: strings.EqualFold(f[1], "desc")}
			}
		}
		order := o.Keyword("order")
		switch {
		case order.Kind() == syntax.Map:
			key.Desc = strings.HasPrefix(strings.ToLower(r.text(order.Keyword(name), sc)), "desc")
		case order.Kind() == syntax.String:
			key.Desc = strings.HasPrefix(strings.ToLower(order.Str()), "desc")
		}
		if oc := o.Keyword("opclass"); oc.Ok() {
			key.OpClass = r.option(oc, name, sc)
		}
		if l := o.Keyword("length"); l.Ok() {
			key.Prefix, _ = strconv.Atoi(r.option(l, name, sc))
		}
		ix.Columns = append(ix.Columns, key)
	}
	if ix.Name == "" {
		ix.Name, ix.AutoNamed = "index_"+table+"_on_"+joined, true
	}
	return ix
}

// words are the runs of letters, digits and underscores: what Rails names an expression index after.
func words(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
}

// splitKeys cuts "lower(name), created_at DESC" at the commas outside parentheses.
func splitKeys(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(s[start:]))
}

// option reads an option that is given for all columns or by column.
func (r *reader) option(n syntax.Ref, col string, sc scope) string {
	if n.Kind() == syntax.Map {
		return r.text(n.Keyword(col), sc)
	}
	return r.text(n, sc)
}

func (r *reader) removeIndex(table string, cols, c syntax.Ref, sc scope) {
	op := schema.Op{Kind: schema.DropIndex, Table: table, Name: r.text(c.Keyword("name"), sc), IfExists: said(c.Keyword("if_exists")),
		Concurrently: r.text(c.Keyword("algorithm"), sc) == "concurrently"}
	op.Columns = r.texts(cols, sc)
	if k := c.Keyword("column"); k.Ok() {
		op.Columns = r.texts(k, sc)
	}
	if op.Name != "" {
		op.Columns = nil
	}
	if op.Name != "" || len(op.Columns) > 0 {
		r.add(op, c)
	}
}

func (r *reader) removeReference(table, name string, c syntax.Ref) {
	if name == "" {
		return
	}
	r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: name + "_id"}, c)
	if said(c.Keyword("polymorphic")) {
		r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: name + "_type"}, c)
	}
}

func (r *reader) removeTimestamps(table string, c syntax.Ref) {
	for _, n := range []string{"created_at", "updated_at"} {
		r.add(schema.Op{Kind: schema.DropColumn, Table: table, Name: n}, c)
	}
}

func (r *reader) foreignKey(table, to string, c syntax.Ref, sc scope) *schema.ForeignKey {
	if to == "" || table == "" {
		return nil
	}
	fk := &schema.ForeignKey{Name: r.text(c.Keyword("name"), sc), RefTable: to, Enforced: true, Place: r.place(c),
		OnDelete: onDelete(r.text(c.Keyword("on_delete"), sc)), NotValid: isFalse(c.Keyword("validate"))}
	fk.Columns = r.texts(c.Keyword("column"), sc)
	if len(fk.Columns) == 0 {
		fk.Columns = []string{Singularize(bareTable(to)) + "_id"}
	}
	fk.RefColumns = r.texts(c.Keyword("primary_key"), sc)
	if len(fk.RefColumns) == 0 {
		fk.RefColumns = []string{"id"}
	}
	return fk
}

func (r *reader) removeForeignKey(table string, to, c syntax.Ref, sc scope) {
	op := schema.Op{Kind: schema.DropForeignKey, Table: table, Name: r.text(c.Keyword("name"), sc), IfExists: said(c.Keyword("if_exists"))}
	op.Columns = r.texts(c.Keyword("column"), sc)
	if op.Name == "" && len(op.Columns) == 0 {
		op.RefTable = r.text(to, sc)
		if k := c.Keyword("to_table"); op.RefTable == "" {
			op.RefTable = r.text(k, sc)
		}
	}
	r.add(op, c)
}

// bareTable drops a schema from a table's name.
func bareTable(table string) string {
	if i := strings.LastIndexByte(table, '.'); i >= 0 {
		return table[i+1:]
	}
	return table
}
