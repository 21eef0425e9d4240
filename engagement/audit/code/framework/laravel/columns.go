package laravel

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// types are the column methods of a blueprint and the types that they make.
var types = map[string]string{
	"bigIncrements": "bigint", "increments": "integer", "mediumIncrements": "integer", "smallIncrements": "smallint", "tinyIncrements": "smallint", "id": "bigint",
	"bigInteger": "bigint", "integer": "integer", "mediumInteger": "integer", "smallInteger": "smallint", "tinyInteger": "smallint",
	"unsignedBigInteger": "bigint", "unsignedInteger": "integer", "unsignedMediumInteger": "integer", "unsignedSmallInteger": "smallint", "unsignedTinyInteger": "smallint",
	"foreignId": "bigint", "foreignUuid": "uuid", "foreignUlid": "char(26)", "uuid": "uuid", "ulid": "char(26)",
	"string": "varchar(255)", "char": "char(255)", "text": "text", "tinyText": "text", "mediumText": "text", "longText": "text", "binary": "blob",
	"boolean": "boolean", "date": "date", "dateTime": "timestamp", "dateTimeTz": "timestamptz", "time": "time", "timeTz": "time", "timestamp": "timestamp", "timestampTz": "timestamptz", "year": "smallint",
	"decimal": "decimal", "unsignedDecimal": "decimal", "float": "float", "double": "double", "json": "json", "jsonb": "jsonb", "enum": "enum", "set": "set", "ipAddress": "inet", "macAddress": "macaddr",
	"geometry": "geometry", "geography": "geography", "point": "point", "polygon": "polygon", "lineString": "linestring", "multiPoint": "multipoint", "multiPolygon": "multipolygon", "vector": "vector", "rememberToken": "varchar(100)",
}

// newColumn makes a column; columns that nothing says otherwise of are not null.
func (t *blueprint) newColumn(name, typ string, at syntax.Ref) *schema.Column {
	return &schema.Column{Name: name, Type: schema.ParseType(typ), NotNull: true, Place: t.place(at)}
}

// columns reads a statement that makes columns, with what follows them.
func (t *blueprint) columns(first syntax.Ref, rest []syntax.Ref, whole syntax.Ref, sc map[string]syntax.Ref) {
	word := first.Str()
	name := t.text(first.Arg(0), sc)
	nullable := strings.HasPrefix(word, "nullable")
	changed := false
	for _, w := range rest {
		switch w.Str() {
		case "nullable":
			nullable = w.Arg(0).Str() != "false"
		case "change":
			changed = true
		}
	}
	emit := func(c *schema.Column) {
		c.NotNull = c.NotNull && !nullable
		switch {
		case changed:
			t.op(schema.Op{Kind: schema.ChangeColumn, Name: c.Name, Column: c, Change: schema.ChangeType | schema.ChangeNull}, whole)
		case t.def != nil:
			t.def.Columns = append(t.def.Columns, c)
		default:
			t.op(schema.Op{Kind: schema.AddColumn, Column: c}, whole)
		}
	}
	switch word {
	case "timestamps", "timestampsTz", "nullableTimestamps", "datetimes":
		nullable = true
		emit(t.newColumn("created_at", "timestamp", whole))
		emit(t.newColumn("updated_at", "timestamp", whole))
		return
	case "softDeletes", "softDeletesTz", "softDeletesDatetime":
		nullable = true
		if name == "" {
			name = "deleted_at"
		}
		c := t.newColumn(name, "timestamp", whole)
		emit(c)
		t.modifiers(c, rest, whole, sc)
		return
	case "morphs", "nullableMorphs", "uuidMorphs", "nullableUuidMorphs", "ulidMorphs", "nullableUlidMorphs", "numericMorphs", "nullableNumericMorphs":
		if name == "" {
			return
		}
		key := "bigint"
		if strings.Contains(strings.ToLower(word), "uuid") {
			key = "uuid"
		} else if strings.Contains(strings.ToLower(word), "ulid") {
			key = "char(26)"
		}
		emit(t.newColumn(name+"_type", "varchar(255)", whole))
		emit(t.newColumn(name+"_id", key, whole))
		cols := []string{name + "_type", name + "_id"}
		ix := &schema.Index{Name: t.text(first.Arg(1), sc), Columns: schema.PlainColumns(cols...), Place: t.place(whole)}
		if ix.Name == "" {
			ix.Name, ix.AutoNamed = t.indexName(cols, "index"), true
		}
		t.op(schema.Op{Kind: schema.AddIndex, Index: ix}, whole)
		return
	case "foreignIdFor":
		if name = t.text(first.Arg(1), sc); name == "" {
			if m := first.Arg(0); m.Kind() == syntax.Member {
				name = snake(flow.LastSegment(m.Receiver().Str())) + "_id"
			}
		}
		word = "foreignId"
	case "rememberToken":
		name, nullable = "remember_token", true
	case "id":
		if name == "" {
			name = "id"
		}
	case "uuid", "ulid":
		if name == "" && !first.Arg(0).Ok() {
			name = word
		}
	case "addColumn":
		name, word = t.text(first.Arg(1), sc), t.text(first.Arg(0), sc)
	}
	typ, ok := types[word]
	if !ok || name == "" {
		if t.def != nil && !ok && first.Receiver().Kind() == syntax.Name { // a macro may add columns
			t.def.Incomplete = true
		}
		return
	}
	if size := t.text(first.Arg(1), sc); (word == "string" || word == "char") && size != "" {
		typ = strings.TrimSuffix(typ[:strings.IndexByte(typ, '(')], " ") + "(" + size + ")"
	}
	c := t.newColumn(name, typ, whole)
	c.Type.Unsigned = strings.HasPrefix(word, "unsigned") || word == "foreignId" || word == "id" || strings.HasSuffix(word, "ncrements")
	if word == "id" || strings.HasSuffix(word, "ncrements") {
		c.AutoIncrement = true
		if t.def != nil && len(t.def.PrimaryKey) == 0 {
			t.def.PrimaryKey = []string{name}
		}
	}
	emit(c)
	t.modifiers(c, rest, whole, sc)
}

// modifiers reads ->unique()->index()->primary()->constrained().
func (t *blueprint) modifiers(c *schema.Column, rest []syntax.Ref, whole syntax.Ref, sc map[string]syntax.Ref) {
	cols := []string{c.Name}
	var fk *schema.ForeignKey
	for _, w := range rest {
		switch w.Str() {
		case "unsigned":
			c.Type.Unsigned = true
		case "autoIncrement":
			c.AutoIncrement = true
			if t.def != nil && len(t.def.PrimaryKey) == 0 {
				t.def.PrimaryKey = cols
			}
		case "default", "useCurrent":
			c.Default = "?"
			if s := t.text(w.Arg(0), sc); s != "" {
				c.Default = s
			}
		case "index", "unique", "fulltext", "fullText", "spatialIndex":
			if w.Arg(0).Kind() == syntax.Bool && w.Arg(0).Str() == "false" {
				continue
			}
			ix := &schema.Index{Name: t.text(w.Arg(0), sc), Columns: schema.PlainColumns(cols...), Unique: w.Str() == "unique", Place: t.place(whole)}
			if ix.Name == "" {
				ix.Name, ix.AutoNamed = t.indexName(cols, strings.ToLower(strings.TrimSuffix(w.Str(), "Index"))), true
			}
			if l := strings.ToLower(w.Str()); l == "fulltext" || l == "spatialindex" {
				ix.Method = strings.TrimSuffix(l, "index")
			}
			t.op(schema.Op{Kind: schema.AddIndex, Index: ix}, whole)
		case "primary":
			if t.def != nil {
				t.def.PrimaryKey = cols
			} else {
				t.op(schema.Op{Kind: schema.AddPrimaryKey, Columns: cols, Index: &schema.Index{Name: t.table + "_primary", Primary: true, Unique: true, Columns: schema.PlainColumns(cols...), Place: t.place(whole)}}, whole)
			}
		case "constrained":
			fk = &schema.ForeignKey{Columns: cols, RefColumns: []string{"id"}, RefTable: t.text(w.Arg(0), sc), Enforced: true, Place: t.place(whole), Name: t.indexName(cols, "foreign"), AutoNamed: true}
			if fk.RefTable == "" {
				fk.RefTable = t.text(w.Keyword("table"), sc)
			}
			if fk.RefTable == "" {
				fk.RefTable = plural(strings.TrimSuffix(c.Name, "_id"))
			}
			if s := t.text(w.Arg(1), sc); s != "" {
				fk.RefColumns = []string{s}
			}
		case "references":
			if fk == nil {
				fk = &schema.ForeignKey{Columns: cols, RefColumns: []string{"id"}, Enforced: true, Place: t.place(whole), Name: t.indexName(cols, "foreign"), AutoNamed: true}
			}
			t.refer(fk, w, sc)
		default:
			if fk != nil {
				t.refer(fk, w, sc)
			}
		}
	}
	if fk != nil && fk.RefTable != "" {
		t.op(schema.Op{Kind: schema.AddForeignKey, ForeignKey: fk}, whole)
	}
}
