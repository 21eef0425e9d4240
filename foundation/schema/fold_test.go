package schema

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func cols(names ...string) []*Column {
	var out []*Column
	for _, n := range names {
		out = append(out, &Column{Name: n})
	}
	return out
}

func create(table string, columns ...string) Op {
	return Op{Kind: CreateTable, Table: table, Def: &Table{Columns: cols(columns...)}}
}

func index(table, name string, columns ...string) Op {
	return Op{Kind: AddIndex, Table: table, Index: &Index{Name: name, Columns: PlainColumns(columns...)}}
}

func foreign(table, column, ref string) Op {
	return Op{Kind: AddForeignKey, Table: table, ForeignKey: &ForeignKey{Columns: []string{column}, RefTable: ref, RefColumns: []string{"id"}, Enforced: true}}
}

func fold(dialect Dialect, ops ...Op) *Schema {
	return Fold([]Migration{{Path: "m", Ops: ops}}, dialect)
}

// shape prints a schema, one table a line.
func shape(s *Schema) string {
	var lines []string
	for _, name := range s.Names() {
		t := s.Tables[name]
		var b strings.Builder
		b.WriteString(t.Name + "(")
		for i, c := range t.Columns {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(c.Name)
		}
		b.WriteString(")")
		if len(t.PrimaryKey) > 0 {
			b.WriteString(" pk=" + strings.Join(t.PrimaryKey, ","))
		}
		for _, ix := range t.Indexes {
			if !ix.Primary {
				fmt.Fprintf(&b, " %s[%s]", ix.Name, strings.Join(keyNames(ix.Columns), ","))
			}
		}
		for _, fk := range t.ForeignKeys {
			fmt.Fprintf(&b, " %s:%s->%s(%s)", fk.Name, strings.Join(fk.Columns, ","), fk.RefTable, strings.Join(fk.RefColumns, ","))
		}
		lines = append(lines, b.String())
	}
	return strings.Join(lines, "\n")
}

func TestFold(t *testing.T) {
	cases := []struct {
		name    string
		dialect Dialect
		ops     []Op
		want    string
	}{
		{"create and add", Postgres, []Op{create("users", "id"), {Kind: AddColumn, Table: `"Users"`, Column: &Column{Name: "a"}}, index("public.users", "", "a", "id")},
			"users(id a) users_a_id_idx[a,id]"},
		{"drop column takes a whole index in PostgreSQL", Postgres, []Op{create("t", "a", "b"), index("t", "i", "a", "b"), index("t", "j", "b"), {Kind: DropColumn, Table: "t", Name: "a"}},
			"t(b) j[b]"},
		{"drop column shortens an index in MySQL", MySQL, []Op{create("t", "a", "b"), index("t", "i", "a", "b"), index("t", "k", "a"), {Kind: DropColumn, Table: "t", Name: "a"}},
			"t(b) i[b]"},
		{"drop column takes partial and expression indexes along", Postgres, []Op{create("t", "a", "b"),
			{Kind: AddIndex, Table: "t", Index: &Index{Name: "p", Columns: PlainColumns("b"), Where: "a IS NULL"}},
			{Kind: AddIndex, Table: "t", Index: &Index{Name: "e", Columns: []IndexColumn{{Expr: "lower(a)"}}}}, {Kind: DropColumn, Table: "t", Name: "a"}}, "t(b)"},
		{"drop column takes its foreign key along", Postgres, []Op{create("x", "id"), create("t", "x_id"), foreign("t", "x_id", "x"), {Kind: DropColumn, Table: "t", Name: "x_id"}}, "t()\nx(id)"},
		{"drop table takes incoming keys along", Postgres, []Op{create("x", "id"), create("t", "x_id"), foreign("t", "x_id", "x"), {Kind: DropTable, Table: "x"}}, "t(x_id)"},
		{"SQLite keeps incoming keys while a table is rebuilt", SQLite, []Op{create("x", "id"), create("t", "x_id"), foreign("t", "x_id", "x"), create("new_x", "id", "b"),
			{Kind: DropTable, Table: "x"}, {Kind: RenameTable, Table: "new_x", NewName: "x"}}, "t(x_id) t_x_id_fkey:x_id->x(id)\nx(id b)"},
		{"renames", Postgres, []Op{create("x", "id"), create("t", "x_id"), foreign("t", "x_id", "x"), index("t", "i", "x_id"),
			{Kind: RenameTable, Table: "x", NewName: "y"}, {Kind: RenameColumn, Table: "t", Name: "x_id", NewName: "y_id"}, {Kind: RenameColumn, Table: "y", Name: "id", NewName: "key"},
			{Kind: RenameIndex, Name: "i", NewName: "j"}}, "t(y_id) j[y_id] t_x_id_fkey:y_id->y(key)\ny(key)"},
		{"if not exists", Postgres, []Op{create("t", "a"), {Kind: CreateTable, Table: "t", IfNotExists: true, Def: &Table{Columns: cols("b")}},
			index("t", "i", "a"), {Kind: AddIndex, Table: "t", IfNotExists: true, Index: &Index{Name: "i", Columns: PlainColumns("z")}},
			{Kind: AddColumn, Table: "t", IfNotExists: true, Column: &Column{Name: "a", NotNull: true}}}, "t(a) i[a]"},
		{"drop index by default name", Postgres, []Op{create("t", "a"), index("t", "", "a"), {Kind: DropIndex, Name: "t_a_idx"}}, "t(a)"},
		{"drop index by columns", Postgres, []Op{create("t", "a", "b"), index("t", "x", "a", "b"), {Kind: DropIndex, Table: "t", Columns: []string{"a", "b"}}}, "t(a b)"},
		{"drop unique constraint by default name", Postgres, []Op{create("t", "a"), {Kind: AddUnique, Table: "t", Index: &Index{Columns: PlainColumns("a")}},
			{Kind: DropConstraint, Table: "t", Name: "t_a_key"}}, "t(a)"},
		{"drop primary key", MySQL, []Op{create("t", "a"), {Kind: AddPrimaryKey, Table: "t", Columns: []string{"a"}}, {Kind: DropPrimaryKey, Table: "t"}}, "t(a)"},
		{"MySQL indexes a foreign key", MySQL, []Op{create("x", "id"), create("t", "x_id"), foreign("t", "x_id", "x")}, "t(x_id) x_id[x_id] t_ibfk_1:x_id->x(id)\nx(id)"},
		{"and drops that index for a better one", MySQL, []Op{create("x", "id"), create("t", "x_id", "b"), foreign("t", "x_id", "x"), index("t", "i", "x_id", "b")},
			"t(x_id b) i[x_id,b] t_ibfk_1:x_id->x(id)\nx(id)"},
		{"and keeps it when the key goes", MySQL, []Op{create("x", "id"), create("t", "x_id"), foreign("t", "x_id", "x"), {Kind: DropForeignKey, Table: "t", Columns: []string{"x_id"}}}, "t(x_id) x_id[x_id]\nx(id)"},
		{"unknown table", Postgres, []Op{{Kind: AddColumn, Table: "t", Column: &Column{Name: "a"}}, index("t", "i", "b")}, "t(a) i[b]"},
		{"index made a constraint", Postgres, []Op{create("t", "a"), index("t", "i", "a"), {Kind: AddUnique, Table: "t", Name: "u", UsingIndex: "i"}}, "t(a) u[a]"},
		{"second creation is merged", Postgres, []Op{create("t", "a"), index("t", "i", "a"), create("t", "a", "b")}, "t(a b) i[a]"},
		{"forced creation replaces", Postgres, []Op{create("t", "a"), index("t", "i", "a"), {Kind: CreateTable, Table: "t", Force: true, Def: &Table{Columns: cols("b")}}}, "t(b)"},
		{"partition inherits", Postgres, []Op{create("m", "a"), index("m", "i", "a"), {Kind: CreateTable, Table: "p", Def: &Table{PartitionOf: "m"}}}, "m(a) i[a]\np(a) i[a]"},
		{"like", Postgres, []Op{create("m", "a"), index("m", "i", "a"), {Kind: CreateTable, Table: "p", Like: "m", LikeIndexes: true}}, "m(a) i[a]\np(a) p_a_idx[a]"},
		{"conditional rename that ran before", Postgres, []Op{create("t", "b"), {Kind: RenameColumn, Table: "t", Name: "a", NewName: "b", Conditional: true}}, "t(b)"},
		{"schemas", Postgres, []Op{create("auth.users", "id"), index("users", "i", "id")}, "auth.users(id) i[id]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := shape(fold(c.dialect, c.ops...)); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
			if got := shape(fold(c.dialect, c.ops...)); got != c.want {
				t.Errorf("the second fold of the same operations differs:\n%s", got)
			}
		})
	}
}

func TestFoldSaysWhatItTookOnTrust(t *testing.T) {
	s := fold(Postgres, index("t", "i", "a"), create("x", "a"), create("x", "b"), Op{Kind: DropTable, Table: "gone"}, Op{Kind: DropTable, Table: "gone", IfExists: true})
	if len(s.Notes) != 2 || len(s.Conflicts) != 1 || !s.Table("t").Incomplete {
		t.Errorf("got notes %v and conflicts %v", s.Notes, s.Conflicts)
	}
}

func TestDroppedIndexesAreRemembered(t *testing.T) {
	at := Place{Path: "m2", Line: 3, EndLine: 3}
	s := fold(Postgres, create("t", "a"), index("t", "i", "a"), Op{Kind: DropIndex, Name: "i", Place: at})
	if d := s.Table("t").Dropped; len(d) != 1 || d[0].Index.Name != "i" || d[0].Place != at {
		t.Errorf("got %v", d)
	}
}

func TestFoldLeavesOutOtherDialects(t *testing.T) {
	s := Fold([]Migration{{Path: "a", Dialect: Postgres, Ops: []Op{create("t", "a")}}, {Path: "b", Dialect: MySQL, Ops: []Op{create("u", "a")}}}, Postgres)
	if got := shape(s); got != "t(a)" {
		t.Errorf("got %s", got)
	}
}

func TestOrder(t *testing.T) {
	m := func(id string, deps ...string) Migration { return Migration{ID: id, DependsOn: deps} }
	squash := func(id string, deps []string, replaces ...string) Migration {
		return Migration{ID: id, DependsOn: deps, Squashed: true, Replaces: replaces}
	}
	cases := []struct {
		name  string
		in    []Migration
		want  string
		notes int
	}{
		{"no graph keeps the order", []Migration{m("b"), m("a")}, "b a", 0},
		{"graph", []Migration{m("c", "b"), m("a"), m("b", "a")}, "a b c", 0},
		{"across applications", []Migration{m("x1", "y2"), m("y1"), m("y2", "y1")}, "y1 y2 x1", 0},
		{"squashed beside the originals", []Migration{m("a"), m("b", "a"), squash("s", nil, "a", "b"), m("c", "s")}, "a b c", 0},
		{"squashed alone", []Migration{squash("s", nil, "a", "b"), m("c", "b")}, "s c", 0},
		{"squashed with some originals", []Migration{m("c", "b"), m("b"), squash("s", nil, "a", "b")}, "s c", 1},
		{"cycle", []Migration{m("a", "b"), m("b", "a")}, "b a", 1},
		{"missing dependency", []Migration{m("a", "zzz"), m("b")}, "a b", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, notes := Order(c.in)
			var ids []string
			for _, g := range got {
				ids = append(ids, g.ID)
			}
			if strings.Join(ids, " ") != c.want || len(notes) != c.notes {
				t.Errorf("got %v with %v, want %s with %d notes", ids, notes, c.want, c.notes)
			}
		})
	}
}

func TestIndexLookups(t *testing.T) {
	table := &Table{PrimaryKey: []string{"id"}, Indexes: []*Index{
		{Name: "ab", Columns: PlainColumns("A", "b", "c")},
		{Name: "part", Columns: PlainColumns("d"), Where: "deleted_at IS NULL"},
		{Name: "nn", Columns: PlainColumns("e"), Where: "(e IS NOT NULL)"},
		{Name: "gin", Columns: PlainColumns("j"), Method: "gin"},
		{Name: "expr", Columns: []IndexColumn{{Expr: "lower(f)"}}},
		{Name: "hash", Columns: PlainColumns("h"), Method: "hash"},
		{Name: "list", Columns: []IndexColumn{{Name: "t"}, {Name: "at", Desc: true}, {Name: "n"}}},
	}}
	serves := map[string]bool{"a": true, "b,a": true, "a,c": false, "b": false, "d": false, "e": true, "j": false, "f": false, "h": true, "id": true, "ID": true, "a,b,c": true, "a,a": false, "": false}
	for list, want := range serves {
		var columns []string
		if list != "" {
			columns = strings.Split(list, ",")
		}
		if got := len(table.IndexesLeading(columns...)) > 0; got != want {
			t.Errorf("IndexesLeading(%s) found = %v, want %v", list, got, want)
		}
	}
	if !table.HasIndexPrefix([]string{"a", "b"}) || table.HasIndexPrefix([]string{"b", "a"}) || table.HasIndexPrefix(nil) {
		t.Error("HasIndexPrefix must keep the order of the columns")
	}
	if got := table.PartialIndexesLeading("d"); len(got) != 1 || got[0].Name != "part" {
		t.Errorf("PartialIndexesLeading(d) = %v", got)
	}
	lists := []struct {
		equal string
		order []IndexColumn
		want  bool
	}{
		{"t", []IndexColumn{{Name: "at", Desc: true}}, true},
		{"t", []IndexColumn{{Name: "at"}}, true},
		{"t", []IndexColumn{{Name: "at", Desc: true}, {Name: "n"}}, true},
		{"t", []IndexColumn{{Name: "at"}, {Name: "n", Desc: true}}, true},
		{"t", []IndexColumn{{Name: "at"}, {Name: "n"}}, false},
		{"t", []IndexColumn{{Name: "at", Desc: true}, {Name: "id", Desc: true}}, false},
		{"t", []IndexColumn{{Name: "n"}}, false},
		{"", []IndexColumn{{Name: "at"}}, false},
		{"t,at", []IndexColumn{{Name: "at"}, {Name: "n"}}, true},
		{"", []IndexColumn{{Name: "id"}, {Name: "anything"}}, true},
		{"t", nil, true},
		{"", []IndexColumn{{Expr: "LOWER( f )"}}, true},
		{"a,b", []IndexColumn{{Name: "c"}, {Name: "id"}}, true},
	}
	for _, l := range lists {
		var equal []string
		if l.equal != "" {
			equal = strings.Split(l.equal, ",")
		}
		if got := table.IndexForList(equal, l.order) != nil; got != l.want {
			t.Errorf("IndexForList(%s, %v) found = %v, want %v", l.equal, l.order, got, l.want)
		}
	}
}

func TestUnindexedForeignKeys(t *testing.T) {
	key := func(enforced bool, columns ...string) *ForeignKey {
		return &ForeignKey{Name: strings.Join(columns, "+"), Columns: columns, RefTable: "x", Enforced: enforced}
	}
	table := &Table{PrimaryKey: []string{"a", "b"}, Indexes: []*Index{
		{Columns: PlainColumns("u"), Unique: true}, {Columns: PlainColumns("poly_id", "poly_type")}, {Columns: PlainColumns("other_id")}, {Columns: PlainColumns("z", "y")}},
		ForeignKeys: []*ForeignKey{key(true, "a"), key(true, "b"), key(true, "u"), key(true, "u", "v"), key(true, "y", "z"), key(true, "y"), key(false, "soft"),
			{Name: "poly", Columns: []string{"poly_type", "poly_id"}, Polymorphic: true}, {Name: "other", Columns: []string{"other_type", "other_id"}, Polymorphic: true},
			{Name: "bare", Columns: []string{"bare_type", "bare_id"}, Polymorphic: true}}}
	names := func(keys []*ForeignKey) (out []string) {
		for _, k := range keys {
			out = append(out, k.Name)
		}
		return out
	}
	if got, want := names(table.UnindexedForeignKeys(Postgres)), []string{"b", "y", "soft", "bare"}; !reflect.DeepEqual(got, want) {
		t.Errorf("PostgreSQL: got %v, want %v", got, want)
	}
	if got, want := names(table.UnindexedForeignKeys(MySQL)), []string{"soft", "bare"}; !reflect.DeepEqual(got, want) {
		t.Errorf("MySQL: got %v, want %v", got, want)
	}
}

func TestDuplicateIndexes(t *testing.T) {
	ix := func(name string, unique bool, where string, keys ...IndexColumn) *Index {
		return &Index{Name: name, Unique: unique, Where: where, Columns: keys}
	}
	a, b := IndexColumn{Name: "a"}, IndexColumn{Name: "b"}
	down := IndexColumn{Name: "a", Desc: true}
	cases := []struct {
		name    string
		indexes []*Index
		want    string
	}{
		{"prefix", []*Index{ix("i", false, "", a), ix("j", false, "", a, b)}, "i<j"},
		{"equal: the later one", []*Index{ix("i", false, "", a), ix("j", false, "", a)}, "j=i"},
		{"plain beside unique", []*Index{ix("i", false, "", a), ix("u", true, "", a)}, "i=u"},
		{"unique prefix is none", []*Index{ix("u", true, "", a), ix("j", false, "", a, b)}, ""},
		{"partial is none", []*Index{ix("p", false, "b > 1", a), ix("j", false, "", a, b)}, ""},
		{"full beside partial is none", []*Index{ix("i", false, "", a), ix("p", false, "b > 1", a, b)}, ""},
		{"reversed alone is equal", []*Index{ix("i", false, "", down), ix("j", false, "", a, b)}, "i<j"},
		{"mixed directions differ", []*Index{ix("i", false, "", down, b), ix("j", false, "", a, b)}, ""},
		{"operator classes differ", []*Index{ix("i", false, "", IndexColumn{Name: "a", OpClass: "text_pattern_ops"}), ix("j", false, "", a, b)}, ""},
		{"second column is none", []*Index{ix("i", false, "", b), ix("j", false, "", a, b)}, ""},
		{"primary key", []*Index{{Name: "pk", Primary: true, Unique: true, Columns: []IndexColumn{a, b}}, ix("i", false, "", a)}, "i<pk"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range (&Table{Indexes: c.indexes}).DuplicateIndexes() {
				sign := "<"
				if d.Exact {
					sign = "="
				}
				got = append(got, d.Index.Name+sign+d.CoveredBy.Name)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

func TestParseType(t *testing.T) {
	for raw, want := range map[string]Type{
		"character varying(255)":         {Name: "varchar", Size: 255},
		"INT(11) UNSIGNED":               {Name: "integer", Unsigned: true},
		"tinyint(1)":                     {Name: "boolean"},
		"timestamp(6) without time zone": {Name: "timestamp", Size: 6},
		"text[]":                         {Name: "text", Array: true},
		"int ARRAY":                      {Name: "integer", Array: true},
		"public.citext":                  {Name: "citext"},
		"[nvarchar](50)":                 {Name: "varchar", Size: 50},
		"DOUBLE   PRECISION":             {Name: "double"},
		"numeric(10,2)":                  {Name: "numeric", Size: 10},
		"enum('a','b')":                  {Name: "enum"},
		"":                               {},
	} {
		got := ParseType(raw)
		got.Raw = ""
		if got != want {
			t.Errorf("ParseType(%q) = %+v, want %+v", raw, got, want)
		}
	}
}

func TestKey(t *testing.T) {
	for name, want := range map[string]string{"Users": "users", `"public"."Users"`: "users", "`a`.`B`": "a.b", "[dbo].[T]": "t", "auth.users": "auth.users", `"a.b"`: "a.b", "db.dbo.t": "db.t", "": ""} {
		if got := Key(name); got != want {
			t.Errorf("Key(%s) = %q, want %q", name, got, want)
		}
	}
}
