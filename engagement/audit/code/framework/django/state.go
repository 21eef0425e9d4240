package django

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// state is the models of all apps as the migrations leave them, by "app.model" in lower case.
type state struct {
	models map[string]*modelState
	user   string // "app.model" of AUTH_USER_MODEL
}

type modelState struct {
	app, name string
	table     string
	fields    []*fieldState
	unmanaged bool
	unique    [][]string // unique_together, by field
	together  [][]string // index_together, by field
}

type fieldState struct {
	name string
	kind string
	call syntax.Ref
	file *project.File
	app  string // where relative model names are looked up
}

func newState() *state { return &state{models: map[string]*modelState{}} }

func (s *state) get(app, name string) *modelState {
	if i := strings.IndexByte(name, '.'); i >= 0 {
		app, name = name[:i], name[i+1:]
	}
	return s.models[strings.ToLower(app+"."+name)]
}

func (m *modelState) key() string { return strings.ToLower(m.app + "." + m.name) }

func (m *modelState) field(name string) *fieldState {
	for _, f := range m.fields {
		if strings.EqualFold(f.name, name) {
			return f
		}
	}
	return nil
}

func (f *fieldState) option(name string) string { return f.call.Keyword(name).Str() }

func (f *fieldState) foreign() bool {
	return f.kind == "ForeignKey" || f.kind == "OneToOneField" || strings.HasSuffix(f.kind, "ForeignKey") && f.kind != "GenericForeignKey" || strings.HasSuffix(f.kind, "OneToOneField")
}

func (f *fieldState) many() bool { return strings.HasSuffix(f.kind, "ManyToManyField") }

// stored reports whether the field is a column.
func (f *fieldState) stored() bool {
	return !f.many() && f.kind != "GenericForeignKey" && !strings.HasSuffix(f.kind, "GenericRelation") && f.kind != "TaggableManager"
}

func (f *fieldState) column() string {
	if c := f.call.Keyword("db_column"); c.Kind() == syntax.String {
		return c.Str()
	}
	if f.foreign() {
		return f.name + "_id"
	}
	return f.name
}

// one reports whether the column is unique by itself.
func (f *fieldState) one() bool {
	return f.option("unique") == "true" || strings.HasSuffix(f.kind, "OneToOneField")
}

func (f *fieldState) primary() bool { return f.option("primary_key") == "true" }

// indexed reports whether Django makes a plain index for the field.
func (f *fieldState) indexed() bool {
	if f.one() || f.primary() || !f.stored() {
		return false
	}
	if k := f.call.Keyword("db_index"); k.Ok() {
		return k.Str() == "true"
	}
	return f.foreign() || f.kind == "SlugField" || strings.HasSuffix(f.kind, "AutoSlugField")
}

// types of columns by field, as PostgreSQL names them; the schema normalises.
var types = map[string]string{
	"CharField": "varchar", "SlugField": "varchar", "EmailField": "varchar", "URLField": "varchar", "FileField": "varchar", "ImageField": "varchar", "FilePathField": "varchar",
	"TextField": "text", "IntegerField": "integer", "PositiveIntegerField": "integer", "SmallIntegerField": "smallint", "PositiveSmallIntegerField": "smallint", "BigIntegerField": "bigint",
	"PositiveBigIntegerField": "bigint", "AutoField": "integer", "BigAutoField": "bigint", "SmallAutoField": "smallint", "BooleanField": "boolean", "NullBooleanField": "boolean",
	"DateField": "date", "DateTimeField": "timestamptz", "TimeField": "time", "DurationField": "interval", "DecimalField": "numeric", "FloatField": "double precision", "UUIDField": "uuid",
	"JSONField": "jsonb", "BinaryField": "bytea", "GenericIPAddressField": "inet", "IPAddressField": "inet", "HStoreField": "hstore", "SearchVectorField": "tsvector", "CICharField": "citext", "CIEmailField": "citext", "CITextField": "citext",
}

func (s *state) typeOf(f *fieldState, depth int) string {
	if f.foreign() && depth < 4 {
		if t := s.target(f); t != nil {
			for _, pk := range t.fields {
				if pk.primary() {
					return strings.NewReplacer("serial", "integer").Replace(s.typeOf(pk, depth+1))
				}
			}
		}
		return "bigint"
	}
	if f.kind == "ArrayField" {
		base := f.call.Keyword("base_field")
		if !base.Ok() {
			base = f.call.Arg(0)
		}
		return s.typeOf(&fieldState{kind: base.Str(), call: base}, depth+1) + "[]"
	}
	t, ok := types[f.kind]
	if !ok {
		for name, t := range types {
			if strings.HasSuffix(f.kind, name) && len(name) > 8 {
				return t
			}
		}
		return strings.ToLower(strings.TrimSuffix(f.kind, "Field"))
	}
	if t == "varchar" {
		if n, err := strconv.Atoi(f.option("max_length")); err == nil {
			return "varchar(" + strconv.Itoa(n) + ")"
		}
	}
	return t
}

// target is the model that a relational field points at, nil when no migration makes it.
func (s *state) target(f *fieldState) *modelState {
	to := f.call.Keyword("to")
	if !to.Ok() {
		to = f.call.Arg(0)
	}
	switch {
	case to.Kind() == syntax.String:
		return s.get(f.app, to.Str())
	case strings.HasSuffix(to.Dotted(), "AUTH_USER_MODEL"):
		return s.models[s.user]
	}
	return nil
}

// targetTable names the table that a relational field points at, also of apps that come with Django.
func (s *state) targetTable(f *fieldState) string {
	if t := s.target(f); t != nil {
		return t.table
	}
	to := f.call.Keyword("to")
	if !to.Ok() {
		to = f.call.Arg(0)
	}
	if to.Kind() == syntax.String {
		return library(to.Str())
	}
	if s.user == "" {
		return "auth_user"
	}
	return strings.ReplaceAll(s.user, ".", "_")
}

func library(name string) string {
	app, model, ok := strings.Cut(strings.ToLower(name), ".")
	switch {
	case !ok:
		return ""
	case app == "contenttypes":
		return "django_content_type"
	case app == "sites":
		return "django_site"
	}
	return app + "_" + model
}

func place(f *project.File, n syntax.Ref) schema.Place {
	return schema.Place{Path: f.Path, Line: n.Line(), EndLine: n.EndLine()}
}

// define is the column of a field with what comes with it: an index, a foreign key.
func (s *state) define(f *fieldState, at schema.Place) (*schema.Column, *schema.Index, *schema.ForeignKey) {
	name := f.column()
	auto := strings.HasSuffix(f.kind, "AutoField")
	col := &schema.Column{Name: name, Type: schema.ParseType(s.typeOf(f, 0)), NotNull: f.option("null") != "true", AutoIncrement: auto, Place: at}
	if d := f.call.Keyword("db_default"); d.Ok() {
		col.Default = d.Str()
		if col.Default == "" {
			col.Default = "expression"
		}
	}
	var ix *schema.Index
	switch {
	case f.one() && !f.primary():
		ix = &schema.Index{Columns: schema.PlainColumns(name), Unique: true, Constraint: true, AutoNamed: true, Place: at}
	case f.indexed():
		ix = &schema.Index{Columns: schema.PlainColumns(name), AutoNamed: true, Place: at}
	}
	var fk *schema.ForeignKey
	if f.foreign() {
		fk = &schema.ForeignKey{Columns: []string{name}, RefTable: s.targetTable(f), RefColumns: []string{"id"}, Enforced: f.option("db_constraint") != "false", AutoNamed: true, Place: at}
		if to := f.option("to_field"); to != "" {
			fk.RefColumns = []string{to}
		}
	}
	return col, ix, fk
}

// create makes the table of a model and those of its many-to-many fields.
func (s *state) create(m *modelState, at schema.Place) []schema.Op {
	if m.unmanaged {
		return nil
	}
	def := &schema.Table{Name: m.table, Place: at}
	var after []schema.Op
	primary := ""
	for _, f := range m.fields {
		where := at
		if f.file != nil {
			where = place(f.file, f.call)
		}
		if f.many() {
			after = append(after, s.through(m, f, where)...)
			continue
		}
		if !f.stored() {
			continue
		}
		col, ix, fk := s.define(f, where)
		def.Columns = append(def.Columns, col)
		if ix != nil {
			def.Indexes = append(def.Indexes, ix)
		}
		if fk != nil {
			def.ForeignKeys = append(def.ForeignKeys, fk)
		}
		if f.primary() {
			primary = col.Name
		}
	}
	if primary == "" {
		primary = "id"
		if def.Column("id") == nil {
			def.Columns = append([]*schema.Column{{Name: "id", Type: schema.ParseType("bigint"), NotNull: true, AutoIncrement: true, Place: at}}, def.Columns...)
		}
	}
	def.PrimaryKey = []string{primary}
	for _, g := range m.unique {
		def.Indexes = append(def.Indexes, &schema.Index{Columns: schema.PlainColumns(m.columns(g)...), Unique: true, Constraint: true, AutoNamed: true, Place: at})
	}
	for _, g := range m.together {
		def.Indexes = append(def.Indexes, &schema.Index{Columns: schema.PlainColumns(m.columns(g)...), AutoNamed: true, Place: at})
	}
	return append([]schema.Op{{Kind: schema.CreateTable, Place: at, Table: m.table, Def: def}}, after...)
}

// columns turns field names into columns; "-" in front of a name is its order.
func (m *modelState) columns(fields []string) []string {
	out := make([]string, len(fields))
	for i, n := range fields {
		n = strings.TrimPrefix(n, "-")
		out[i] = n
		if f := m.field(n); f != nil {
			out[i] = f.column()
		} else if f := m.field(strings.TrimSuffix(n, "_id")); f != nil && f.foreign() {
			out[i] = f.column()
		}
	}
	return out
}

// through makes the table of a many-to-many field that names none of its own.
func (s *state) through(m *modelState, f *fieldState, at schema.Place) []schema.Op {
	if f.call.Keyword("through").Ok() || m.unmanaged {
		return nil
	}
	name := f.option("db_table")
	if name == "" {
		name = m.table + "_" + f.name
	}
	other := s.targetTable(f)
	right := ""
	if t := s.target(f); t != nil {
		right = strings.ToLower(t.name) + "_id"
		if t == m {
			right = "to_" + right
		}
	} else {
		to := f.call.Keyword("to")
		right = strings.ToLower(flow.LastSegment(to.Str())) + "_id"
	}
	left := strings.ToLower(m.name) + "_id"
	if right == "to_"+left {
		left = "from_" + left
	}
	table := &schema.Table{Name: name, Place: at, PrimaryKey: []string{"id"}, Columns: []*schema.Column{{Name: "id", Type: schema.ParseType("bigint"), NotNull: true, AutoIncrement: true, Place: at}}}
	for _, c := range []struct{ col, ref string }{{left, m.table}, {right, other}} {
		table.Columns = append(table.Columns, &schema.Column{Name: c.col, Type: schema.ParseType("bigint"), NotNull: true, Place: at})
		table.Indexes = append(table.Indexes, &schema.Index{Columns: schema.PlainColumns(c.col), AutoNamed: true, Place: at})
		table.ForeignKeys = append(table.ForeignKeys, &schema.ForeignKey{Columns: []string{c.col}, RefTable: c.ref, RefColumns: []string{"id"}, Enforced: true, AutoNamed: true, Place: at})
	}
	table.Indexes = append(table.Indexes, &schema.Index{Columns: schema.PlainColumns(left, right), Unique: true, Constraint: true, AutoNamed: true, Place: at})
	return []schema.Op{{Kind: schema.CreateTable, Place: at, Table: name, Def: table}}
}
