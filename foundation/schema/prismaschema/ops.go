package prismaschema

import (
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// Ops are the operations that create the schema: one table per model, and one per implicit many-to-many
// relation. Foreign keys are enforced unless the datasource's relationMode is "prisma". Names of indexes
// that the schema does not give are those of Prisma's migrations (Model_field_idx, Model_field_key).
func (d *Document) Ops() []schema.Op {
	if d.Provider == "mongodb" {
		return nil
	}
	var ops []schema.Op
	for _, m := range d.Models {
		if m.Kind == "type" {
			continue
		}
		ops = append(ops, schema.Op{Kind: schema.CreateTable, Place: m.Place, Table: m.tableName(), Def: d.table(m)})
	}
	return append(ops, d.joinTables()...)
}

// Schema folds the operations.
func (d *Document) Schema() *schema.Schema {
	path := ""
	if len(d.Models) > 0 {
		path = d.Models[0].Place.Path
	}
	return schema.Fold([]schema.Migration{{Path: path, Ops: d.Ops()}}, d.Dialect)
}

func (m *Model) tableName() string {
	if m.Schema != "" {
		return m.Schema + "." + m.Table
	}
	return m.Table
}

// columns turns field names into column names.
func (m *Model) columns(fields []string) []string {
	names := make([]string, 0, len(fields))
	for _, name := range fields {
		if f := m.Field(name); f != nil && f.Column != "" {
			name = f.Column
		}
		names = append(names, name)
	}
	return names
}

func (d *Document) table(m *Model) *schema.Table {
	t := &schema.Table{Name: m.tableName(), Place: m.Place, View: m.Kind == "view"}
	for _, f := range m.Fields {
		if f.Relation != nil || f.Column == "" {
			continue
		}
		t.Columns = append(t.Columns, d.column(f))
	}
	t.PrimaryKey = m.columns(m.ID)
	if len(m.ID) > 0 {
		at := m.Place
		if f := m.Field(m.ID[0]); f != nil {
			at = f.Place
		}
		t.Indexes = append(t.Indexes, &schema.Index{Name: m.Table + "_pkey", Columns: schema.PlainColumns(t.PrimaryKey...), Primary: true, Unique: true, Constraint: true, Place: at})
	}
	for _, ix := range m.Indexes {
		t.Indexes = append(t.Indexes, d.index(m, ix))
	}
	for _, f := range m.Fields {
		if f.Relation == nil || len(f.Relation.Fields) == 0 {
			continue
		}
		fk := &schema.ForeignKey{Name: f.Relation.Map, Columns: m.columns(f.Relation.Fields), OnDelete: d.onDelete(m, f), Enforced: d.ForeignKeys(), Place: f.Place}
		fk.RefTable, fk.RefColumns = f.Relation.Model, f.Relation.References
		if other := d.Model(f.Relation.Model); other != nil {
			fk.RefTable, fk.RefColumns = other.tableName(), other.columns(f.Relation.References)
		}
		if fk.Name == "" && fk.Enforced {
			fk.Name = m.Table + "_" + strings.Join(fk.Columns, "_") + "_fkey"
		}
		t.ForeignKeys = append(t.ForeignKeys, fk)
	}
	return t
}

// onDelete is the referential action, with Prisma's default: SetNull for an optional relation, Restrict
// for a required one.
func (d *Document) onDelete(m *Model, f *Field) string {
	if f.Relation.OnDelete != "" {
		return f.Relation.OnDelete
	}
	if f.Optional {
		return "set null"
	}
	return "restrict"
}

func (d *Document) column(f *Field) *schema.Column {
	c := &schema.Column{Name: f.Column, NotNull: !f.Optional && !f.List, Default: f.Default, Place: f.Place}
	c.Type = d.columnType(f)
	c.AutoIncrement = strings.HasPrefix(f.Default, "autoincrement(")
	return c
}

// columnType follows the tables "Native type mappings" of Prisma's schema reference.
func (d *Document) columnType(f *Field) schema.Type {
	raw := ""
	switch f.Type {
	case "String":
		raw = "text"
		if d.Dialect == schema.MySQL {
			raw = "varchar(191)"
		} else if d.Dialect == schema.SQLServer {
			raw = "nvarchar(1000)"
		}
	case "Boolean":
		raw = "boolean"
	case "Int":
		raw = "integer"
	case "BigInt":
		raw = "bigint"
	case "Float":
		raw = "double precision"
	case "Decimal":
		raw = "decimal(65,30)"
	case "DateTime":
		raw = "timestamp(3)"
	case "Json":
		raw = "jsonb"
		if d.Dialect != schema.Postgres {
			raw = "json"
		}
	case "Bytes":
		raw = "bytea"
	default:
		raw = f.Type
	}
	if f.Native != "" {
		if f.Type == "Unsupported" {
			raw = f.Native
		} else {
			raw = nativeType(f.Native)
		}
	}
	t := schema.ParseType(raw)
	if d.Enum(f.Type) != nil {
		t = schema.Type{Name: "enum", Raw: f.Type}
	}
	t.Array = t.Array || f.List
	return t
}

// nativeType spells a native type attribute as SQL does: "VarChar(255)", "Timestamptz(6)", "UnsignedInt".
func nativeType(native string) string {
	lower := strings.ToLower(native)
	name, rest, _ := strings.Cut(lower, "(")
	if rest != "" {
		rest = "(" + rest
	}
	switch name {
	case "doubleprecision":
		name = "double precision"
	case "bytea":
		name = "bytea"
	}
	if plain, ok := strings.CutPrefix(name, "unsigned"); ok {
		return plain + rest + " unsigned"
	}
	return name + rest
}

func (d *Document) index(m *Model, ix *Index) *schema.Index {
	out := &schema.Index{Name: ix.Name, Unique: ix.Unique, Place: ix.Place, Method: strings.ToLower(ix.Type)}
	if ix.Full {
		out.Method = "fulltext"
	}
	var names []string
	for _, f := range ix.Fields {
		column := m.columns([]string{f.Name})[0]
		names = append(names, column)
		out.Columns = append(out.Columns, schema.IndexColumn{Name: column, Desc: f.Desc, OpClass: opClass(f.Ops), Prefix: f.Length})
	}
	if out.Name == "" {
		suffix := "_idx"
		if ix.Unique {
			suffix = "_key"
		}
		out.AutoNamed = true
		out.Name = m.Table + "_" + strings.Join(names, "_") + suffix
	}
	return out
}

// opClass turns "ArrayOps" into "array_ops".
func opClass(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 && name[i-1] != '_' {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// joinTables are the tables of implicit many-to-many relations: lists at both ends without fields. Prisma
// creates _Name with the columns A and B, a unique index on both and an index on B.
func (d *Document) joinTables() []schema.Op {
	var ops []schema.Op
	done := map[string]bool{}
	for _, m := range d.Models {
		for _, f := range m.Fields {
			rel := f.Relation
			if rel == nil || !rel.Many || rel.Inverse == nil || !rel.Inverse.List || len(rel.Fields) > 0 || len(rel.Inverse.Relation.Fields) > 0 {
				continue
			}
			ends := []string{m.Name, rel.Model}
			sort.Strings(ends)
			name := "_" + rel.Name
			if rel.Name == "" {
				name = "_" + ends[0] + "To" + ends[1]
			}
			if done[name] {
				continue
			}
			done[name] = true
			t := &schema.Table{Name: name, Place: f.Place}
			for i, column := range []string{"A", "B"} {
				other := d.Model(ends[i])
				c := &schema.Column{Name: column, NotNull: true, Place: f.Place}
				fk := &schema.ForeignKey{Name: name + "_" + column + "_fkey", Columns: []string{column}, RefTable: ends[i], OnDelete: "cascade", Enforced: d.ForeignKeys(), Place: f.Place}
				if other != nil {
					fk.RefTable, fk.RefColumns = other.tableName(), other.columns(other.ID)
					if len(other.ID) == 1 {
						if id := other.Field(other.ID[0]); id != nil {
							c.Type = d.columnType(id)
						}
					}
				}
				t.Columns = append(t.Columns, c)
				t.ForeignKeys = append(t.ForeignKeys, fk)
			}
			t.Indexes = []*schema.Index{
				{Name: name + "_AB_unique", Columns: schema.PlainColumns("A", "B"), Unique: true, Place: f.Place},
				{Name: name + "_B_index", Columns: schema.PlainColumns("B"), Place: f.Place},
			}
			ops = append(ops, schema.Op{Kind: schema.CreateTable, Place: f.Place, Table: name, Def: t})
		}
	}
	return ops
}
