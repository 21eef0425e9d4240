package sqlalchemy

import (
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Schemas folds the Alembic revisions of each history in the order of their graph. Tables that no
// revision makes (applications that begin with create_all) come from the models.
func (fw *Framework) Schemas(p *project.Project) []*project.Database {
	histories := map[string][]*project.File{}
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test || f.Role == project.Vendored {
			continue
		}
		if revision, _ := constants(f); revision != "" {
			histories[path.Dir(f.Path)] = append(histories[path.Dir(f.Path)], f)
		}
	}
	models := New()
	models.ix = flow.NewIndex(p, "python")
	if len(histories) == 0 && !models.used() {
		return nil
	}
	models.Index(models.ix)
	if len(histories) == 0 && len(models.info) == 0 {
		return nil
	}
	dirs := make([]string, 0, len(histories))
	for d := range histories {
		dirs = append(dirs, d)
	}
	sort.Strings(dirs)
	var out []*project.Database
	product := dialect(p)
	for _, d := range dirs {
		db := &project.Database{Root: rootOf(d), Source: "migrations in " + d}
		files := histories[d]
		sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
		var list []schema.Migration
		for _, f := range files {
			list = append(list, readRevision(f, product))
		}
		ordered, _ := schema.Order(list)
		for _, m := range ordered {
			db.Files = append(db.Files, m.Path)
		}
		db.Migrations = ordered
		db.Schema = schema.Fold(ordered, product)
		db.Schema.Conflicts = append(db.Schema.Conflicts, schema.Forks(ordered, func(*schema.Migration) string { return "" })...)
		out = append(out, db)
	}
	models.complete(p, out, product)
	if len(out) == 0 {
		if m := models.tables(p, nil); len(m.Ops) > 0 {
			out = append(out, &project.Database{Source: "SQLAlchemy models", Schema: schema.Fold([]schema.Migration{m}, product)})
		}
	}
	return out
}

// rootOf is the folder of the application around migrations/versions.
func rootOf(dir string) string {
	for {
		switch base := path.Base(dir); base {
		case "versions", "migrations", "alembic", "migration", "db", "database":
			next := path.Dir(dir)
			if next == "." {
				return ""
			}
			dir = next
			continue
		}
		return dir
	}
}

// complete adds the tables of models that the only history does not make.
func (fw *Framework) complete(p *project.Project, dbs []*project.Database, product schema.Dialect) {
	if len(dbs) != 1 {
		return
	}
	db := dbs[0]
	have := map[string]bool{}
	for _, n := range db.Schema.Names() {
		if t := db.Schema.Table(n); t != nil && !t.Incomplete {
			have[strings.ToLower(t.Name)] = true
		}
	}
	m := fw.tables(p, have)
	if len(m.Ops) == 0 {
		return
	}
	base := schema.Fold([]schema.Migration{m}, product)
	for _, n := range base.Names() {
		t := base.Table(n)
		if old := db.Schema.Table(t.Name); old != nil {
			for _, ix := range old.Indexes { // what revisions added to a table that they did not make
				var cols []string
				for _, c := range ix.Columns {
					cols = append(cols, c.Name)
				}
				if !t.HasIndexPrefix(cols) {
					t.Indexes = append(t.Indexes, ix)
				}
			}
			t.Dropped, t.Touched = old.Dropped, old.Touched
		}
		db.Schema.Put(schema.Key(t.Name), t)
	}
}

// tables states the models as created tables, without those that are known.
func (fw *Framework) tables(p *project.Project, known map[string]bool) schema.Migration {
	m := schema.Migration{ID: "models"}
	for _, f := range p.Files {
		if f.Role == project.Test || f.Role == project.Migration {
			continue
		}
		for _, c := range fw.byFile[f] {
			in := fw.info[c]
			if in == nil || in.model.Table == "" || known[strings.ToLower(in.model.Table)] || len(in.columns) == 0 {
				continue
			}
			if m.Path == "" {
				m.Path = f.Path
			}
			m.Ops = append(m.Ops, fw.table(in))
		}
	}
	return m
}

func place(f *project.File, n syntax.Ref) schema.Place {
	return schema.Place{Path: f.Path, Line: n.Line(), EndLine: n.EndLine()}
}

func (fw *Framework) table(in *info) schema.Op {
	at := place(in.model.File, in.model.Node)
	def := &schema.Table{Name: in.model.Table, Place: at}
	for _, c := range in.columns {
		where := place(c.owner.File, c.field)
		col := columnOf(c.name, c.call, where)
		if !c.call.Ok() || col.Type.Name == "" {
			if t := typeOf(c.field.Child(syntax.TypeRole).Str()); t != "" {
				col.Type = schema.ParseType(t)
			}
		}
		def.Columns = append(def.Columns, col)
		inline(def, c.name, c.call, c.ref, where)
	}
	for _, a := range in.args {
		if a.Kind() != syntax.Call {
			continue
		}
		tableArgument(def, a, in.model.Columns, place(in.model.File, a))
	}
	return schema.Op{Kind: schema.CreateTable, Place: at, Table: in.model.Table, Def: def}
}

// typeOf is the column type of a Python annotation.
func typeOf(annotation string) string {
	switch innerType(annotation) {
	case "int":
		return "integer"
	case "str":
		return "varchar"
	case "bool":
		return "boolean"
	case "datetime":
		return "timestamp"
	case "date":
		return "date"
	case "UUID":
		return "uuid"
	case "float":
		return "double precision"
	case "Decimal":
		return "numeric"
	case "dict", "Dict":
		return "json"
	}
	return ""
}

// inline reads what a column says of keys and indexes.
func inline(def *schema.Table, name string, call syntax.Ref, ref string, at schema.Place) {
	yes := func(k string) bool { return call.Keyword(k).Str() == "true" }
	if yes("primary_key") {
		def.PrimaryKey = append(def.PrimaryKey, name)
	}
	switch {
	case yes("unique"):
		def.Indexes = append(def.Indexes, &schema.Index{Columns: schema.PlainColumns(name), Unique: true, Constraint: !yes("index"), AutoNamed: true, Place: at})
	case yes("index"):
		def.Indexes = append(def.Indexes, &schema.Index{Name: "ix_" + def.Name + "_" + name, Columns: schema.PlainColumns(name), AutoNamed: true, Place: at})
	}
	if ref == "" {
		return
	}
	i := strings.LastIndexByte(ref, '.')
	if i < 0 {
		return
	}
	fk := &schema.ForeignKey{Columns: []string{name}, RefTable: ref[:i], RefColumns: []string{ref[i+1:]}, Enforced: true, AutoNamed: true, Place: at}
	for c := range call.Descendants(syntax.Call) {
		if c.Str() == "ForeignKey" {
			fk.OnDelete = strings.ToLower(c.Keyword("ondelete").Str())
		}
	}
	def.ForeignKeys = append(def.ForeignKeys, fk)
}

// columnOf reads Column(name?, type, options).
func columnOf(name string, call syntax.Ref, at schema.Place) *schema.Column {
	col := &schema.Column{Name: name, Place: at}
	for _, a := range call.Args() {
		if a.Kind() == syntax.Pair || a.Kind() == syntax.String || a.Str() == "ForeignKey" || a.Str() == "Identity" || a.Str() == "Sequence" || a.Str() == "CheckConstraint" {
			continue
		}
		col.Type = columnType(a)
		break
	}
	primary := call.Keyword("primary_key").Str() == "true"
	col.NotNull = call.Keyword("nullable").Str() == "false" || primary
	if d := call.Keyword("server_default"); d.Ok() && d.Kind() != syntax.Nil {
		col.Default = "expression"
		if d.Kind() == syntax.String {
			col.Default = d.Str()
		} else if d.Kind() == syntax.Call && d.Arg(0).Kind() == syntax.String {
			col.Default = d.Arg(0).Str()
		}
	}
	col.AutoIncrement = primary && (col.Type.Name == "integer" || col.Type.Name == "bigint") && call.Keyword("autoincrement").Str() != "false"
	return col
}

// typeNames maps SQLAlchemy's type classes to SQL.
var typeNames = map[string]string{
	"Integer": "integer", "INTEGER": "integer", "BigInteger": "bigint", "BIGINT": "bigint", "SmallInteger": "smallint", "String": "varchar", "Unicode": "varchar", "VARCHAR": "varchar",
	"Text": "text", "UnicodeText": "text", "TEXT": "text", "Boolean": "boolean", "DateTime": "timestamp", "TIMESTAMP": "timestamp", "Date": "date", "Time": "time", "Interval": "interval",
	"Float": "double precision", "Double": "double precision", "Numeric": "numeric", "DECIMAL": "numeric", "UUID": "uuid", "Uuid": "uuid", "GUID": "uuid", "UUIDType": "uuid", "JSON": "json", "JSONB": "jsonb",
	"LargeBinary": "bytea", "BYTEA": "bytea", "Enum": "varchar", "ENUM": "varchar", "TSVECTOR": "tsvector", "TSVectorType": "tsvector", "CHAR": "char", "INET": "inet", "HSTORE": "hstore",
}

func columnType(a syntax.Ref) schema.Type {
	name := a.Str()
	if name == "ARRAY" {
		t := columnType(a.Arg(0))
		t.Array = true
		return t
	}
	sql, ok := typeNames[name]
	if !ok {
		return schema.Type{Name: strings.ToLower(name), Raw: name}
	}
	if sql == "varchar" {
		size := a.Arg(0)
		if k := a.Keyword("length"); k.Ok() {
			size = k
		}
		if size.Kind() == syntax.Number {
			sql += "(" + size.Str() + ")"
		}
	}
	if sql == "timestamp" && (a.Keyword("timezone").Str() == "true" || a.Arg(0).Str() == "true") {
		sql = "timestamptz"
	}
	return schema.ParseType(sql)
}

// tableArgument reads a constraint or index among the arguments of a table. names maps attributes to
// columns; nil where columns are named directly.
func tableArgument(def *schema.Table, a syntax.Ref, names map[string]string, at schema.Place) {
	column := func(n syntax.Ref) string {
		s := n.Str()
		if n.Kind() == syntax.Name {
			if c := names[s]; c != "" {
				return c
			}
		}
		if n.Kind() == syntax.Member {
			if c := names[s]; c != "" {
				return c
			}
		}
		return s
	}
	plain := func(from int) []string {
		var out []string
		for i, c := range positional(a) {
			if i >= from && c.Is(syntax.String, syntax.Name, syntax.Member) {
				out = append(out, column(c))
			}
		}
		return out
	}
	switch a.Str() {
	case "PrimaryKeyConstraint":
		def.PrimaryKey = plain(0)
	case "UniqueConstraint":
		if cols := plain(0); len(cols) > 0 {
			def.Indexes = append(def.Indexes, &schema.Index{Name: a.Keyword("name").Str(), Columns: schema.PlainColumns(cols...), Unique: true, Constraint: true, AutoNamed: !a.Keyword("name").Ok(), Place: at})
		}
	case "Index":
		if ix := indexOf(a.Arg(0).Str(), positional(a)[min(1, len(positional(a))):], a, column, at); ix != nil {
			def.Indexes = append(def.Indexes, ix)
		}
	case "ForeignKeyConstraint":
		if fk := foreignKey(a, a.Arg(0), a.Arg(1), at); fk != nil {
			def.ForeignKeys = append(def.ForeignKeys, fk)
		}
	}
}

func positional(c syntax.Ref) []syntax.Ref {
	var out []syntax.Ref
	for _, a := range c.Args() {
		if a.Kind() != syntax.Pair {
			out = append(out, a)
		}
	}
	return out
}

func foreignKey(c, local, remote syntax.Ref, at schema.Place) *schema.ForeignKey {
	cols, refs := texts(local), texts(remote)
	if len(cols) == 0 || len(refs) == 0 {
		return nil
	}
	fk := &schema.ForeignKey{Name: c.Keyword("name").Str(), Columns: cols, Enforced: true, AutoNamed: !c.Keyword("name").Ok(), OnDelete: strings.ToLower(c.Keyword("ondelete").Str()), Place: at}
	for _, r := range refs {
		if i := strings.LastIndexByte(r, '.'); i > 0 {
			fk.RefTable = r[:i]
			fk.RefColumns = append(fk.RefColumns, r[i+1:])
		}
	}
	return fk
}

func texts(n syntax.Ref) []string {
	var out []string
	for c := range n.Children() {
		if c.Kind() == syntax.String {
			out = append(out, c.Str())
		}
	}
	return out
}

// indexOf makes an index of its key expressions.
func indexOf(name string, keys []syntax.Ref, options syntax.Ref, column func(syntax.Ref) string, at schema.Place) *schema.Index {
	ix := &schema.Index{Name: name, Unique: options.Keyword("unique").Str() == "true", Method: "btree", Place: at, Concurrently: options.Keyword("postgresql_concurrently").Str() == "true"}
	if m := options.Keyword("postgresql_using"); m.Kind() == syntax.String {
		ix.Method = m.Str()
	}
	for _, w := range []string{"postgresql_where", "sqlite_where"} {
		if c := options.Keyword(w); c.Ok() {
			ix.Where = "condition"
			if c.Kind() == syntax.Call && c.Str() == "text" {
				ix.Where = c.Arg(0).Str()
			} else if c.Kind() == syntax.String {
				ix.Where = c.Str()
			}
		}
	}
	for _, k := range keys {
		switch k.Kind() {
		case syntax.String, syntax.Name, syntax.Member:
			if s := column(k); s != "" {
				ix.Columns = append(ix.Columns, schema.IndexColumn{Name: s})
			}
		case syntax.Call:
			switch {
			case k.Str() == "text":
				ix.Columns = append(ix.Columns, textKey(k.Arg(0).Str()))
			case k.Str() == "desc" && k.Receiver().Ok() && k.Receiver().Kind() != syntax.Name:
				ix.Columns = append(ix.Columns, schema.IndexColumn{Name: column(k.Receiver()), Desc: true})
			case k.Str() == "desc" || k.Str() == "asc":
				t := k.Arg(0)
				if !t.Ok() {
					t = k.Receiver()
				}
				ix.Columns = append(ix.Columns, schema.IndexColumn{Name: column(t), Desc: k.Str() == "desc"})
			default:
				ix.Columns = append(ix.Columns, schema.IndexColumn{Expr: k.Str() + "(" + column(k.Arg(0)) + ")"})
			}
		}
	}
	if len(ix.Columns) == 0 {
		return nil
	}
	return ix
}

func textKey(s string) schema.IndexColumn {
	name, order, _ := strings.Cut(strings.TrimSpace(s), " ")
	if strings.ContainsAny(name, "(:>") {
		return schema.IndexColumn{Expr: s}
	}
	return schema.IndexColumn{Name: name, Desc: strings.HasPrefix(strings.ToLower(strings.TrimSpace(order)), "desc")}
}

// dialect says which product the application connects to: by the URLs in its settings, else by its drivers.
func dialect(p *project.Project) schema.Dialect {
	for _, f := range p.Files {
		if f.Tree == nil || f.Lang != "python" || f.Role == project.Test || !(strings.Contains(f.Path, "settings") || strings.Contains(f.Path, "config") || strings.Contains(f.Path, "database")) {
			continue
		}
		for s := range f.Tree.Root().Descendants(syntax.String) {
			switch v := s.Str(); {
			case strings.HasPrefix(v, "postgres"):
				if strings.Contains(v, "://") {
					return schema.Postgres
				}
			case strings.HasPrefix(v, "mysql") && strings.Contains(v, "://"):
				return schema.MySQL
			}
		}
	}
	found := schema.Unknown
	for _, f := range p.Files {
		if f.Doc == nil {
			continue
		}
		for _, d := range f.Doc.Dependencies() {
			switch n := strings.ToLower(d.Name); {
			case strings.HasPrefix(n, "psycopg"), n == "asyncpg":
				return schema.Postgres
			case n == "pymysql" || n == "mysqlclient" || n == "aiomysql":
				found = schema.MySQL
			}
		}
	}
	return found
}
