package node

import (
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// store is one database of one package while its sources are collected.
type store struct {
	root       string
	migrations []*project.File
	declared   []*project.File // entities, models, table builders
}

type stores map[string]*store

func (s stores) of(root string) *store {
	if s[root] == nil {
		s[root] = &store{root: root}
	}
	return s[root]
}

func (s stores) sorted() []*store {
	out := make([]*store, 0, len(s))
	for _, x := range s {
		out = append(out, x)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].root < out[j].root })
	return out
}

// packageRoot is the folder of the nearest package.json, "" for the repository's own.
func packageRoot(p *project.Project, file string) string {
	for dir := path.Dir(file); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if p.File(dir+"/package.json") != nil {
			return dir
		}
	}
	return ""
}

// dialectOf guesses the product from the drivers that the package depends on.
func dialectOf(p *project.Project, root string) schema.Dialect {
	for dir := root; ; dir = path.Dir(dir) {
		name := "package.json"
		if dir != "" && dir != "." {
			name = dir + "/package.json"
		}
		if f := p.File(name); f != nil && f.Doc != nil {
			found := schema.Unknown
			for _, d := range f.Doc.Dependencies() {
				switch d.Name {
				case "pg", "pg-promise", "postgres", "@neondatabase/serverless", "@vercel/postgres", "pg-native":
					return schema.Postgres
				case "mysql", "mysql2", "mariadb", "@planetscale/database":
					found = schema.MySQL
				case "sqlite3", "better-sqlite3", "sql.js", "@libsql/client":
					if found == schema.Unknown {
						found = schema.SQLite
					}
				}
			}
			if found != schema.Unknown {
				return found
			}
		}
		if dir == "" || dir == "." {
			return schema.Unknown
		}
	}
}

// ddl collects the operations that one file states.
type ddl struct {
	file    *project.File
	dialect schema.Dialect
	consts  map[string]syntax.Ref
	ops     []schema.Op
	branch  int
}

func newDDL(f *project.File, d schema.Dialect) *ddl {
	r := &ddl{file: f, dialect: d, consts: map[string]syntax.Ref{}}
	for c := range f.Tree.Root().Descendants(syntax.Assign, syntax.Field) {
		if c.Kind() == syntax.Field { // Lucid: protected tableName = "users"
			r.consts["this."+c.Str()] = c.Child(syntax.Value)
		} else if t := c.Child(syntax.Target); t.Kind() == syntax.Name {
			r.consts[t.Str()] = c.Child(syntax.Value)
		}
	}
	return r
}

func (r *ddl) place(n syntax.Ref) schema.Place {
	return schema.Place{Path: r.file.Path, Line: n.Line(), EndLine: n.EndLine()}
}

func (r *ddl) add(op schema.Op, at syntax.Ref) {
	op.Place = r.place(at)
	op.Conditional = op.Conditional || r.branch > 0
	r.ops = append(r.ops, op)
}

// resolve follows a name to the literal that it was given.
func (r *ddl) resolve(n syntax.Ref) syntax.Ref {
	for i := 0; i < 4 && n.Is(syntax.Name, syntax.Member); i++ {
		name := n.Str()
		if n.Kind() == syntax.Member {
			if n.Receiver().Kind() != syntax.Self {
				break
			}
			name = "this." + name
		}
		v, ok := r.consts[name]
		if !ok {
			break
		}
		n = v
	}
	return n
}

// text is the value of a string, or of a name or interpolation that holds one; "" when unknown.
func (r *ddl) text(n syntax.Ref) string {
	n = r.resolve(n)
	if n.Kind() != syntax.String {
		return ""
	}
	s := n.Str()
	for part := range n.All(syntax.Part) {
		v := r.text(part)
		if v == "" {
			return ""
		}
		s = strings.Replace(s, "{}", v, 1)
	}
	return s
}

func (r *ddl) texts(n syntax.Ref) []string {
	n = r.resolve(n)
	var out []string
	for _, e := range elements(n) {
		if e.Kind() == syntax.Map { // { name: "a", order: "DESC" }
			e = first(e.Keyword("name"), e.Keyword("attribute"), e.Keyword("fieldName"))
		}
		if s := r.text(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// indexColumns reads index keys, with their order where it is said.
func (r *ddl) indexColumns(n syntax.Ref) []schema.IndexColumn {
	n = r.resolve(n)
	var out []schema.IndexColumn
	for _, e := range elements(n) {
		if e.Kind() == syntax.Map {
			if s := r.text(first(e.Keyword("name"), e.Keyword("attribute"))); s != "" {
				out = append(out, schema.IndexColumn{Name: s, Desc: strings.EqualFold(e.Keyword("order").Str(), "desc")})
			}
			continue
		}
		if s := r.text(e); s != "" {
			out = append(out, schema.IndexColumn{Name: s})
		} else {
			out = append(out, schema.IndexColumn{Expr: r.file.NodeText(e)})
		}
	}
	return out
}

func first(list ...syntax.Ref) syntax.Ref {
	for _, n := range list {
		if n.Ok() {
			return n
		}
	}
	return syntax.Ref{}
}

// sql reads a statement in a string literal; its lines are those of the literal.
func (r *ddl) sql(n syntax.Ref) {
	n = r.resolve(n)
	text := r.text(n)
	if text == "" && n.Kind() == syntax.String {
		text = n.Str()
	}
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
		if t := op.Def; t != nil {
			t.Place = op.Place
			for _, x := range t.Indexes {
				x.Place = op.Place
			}
			for _, x := range t.ForeignKeys {
				x.Place = op.Place
			}
			for _, x := range t.Columns {
				x.Place = op.Place
			}
		}
		op.Conditional = op.Conditional || r.branch > 0
		r.ops = append(r.ops, op)
	}
}

// upBody finds the function that applies a migration: up of a class, of module.exports, of exports, or
// an exported function.
func upBody(f *project.File) syntax.Ref {
	var found syntax.Ref
	f.Tree.Root().Walk(func(n syntax.Ref) bool {
		if found.Ok() {
			return false
		}
		var body syntax.Ref
		switch n.Kind() {
		case syntax.Func:
			if n.Str() == "up" {
				body = n.Child(syntax.Body)
			}
		case syntax.Pair, syntax.Field:
			if n.Str() == "up" && n.Child(syntax.Value).Kind() == syntax.Lambda {
				body = n.Child(syntax.Value).Child(syntax.Body)
			}
		case syntax.Assign:
			if n.Child(syntax.Target).Str() == "up" && n.Child(syntax.Value).Kind() == syntax.Lambda {
				body = n.Child(syntax.Value).Child(syntax.Body)
			}
		}
		if body.Ok() {
			found = body
			return false
		}
		return true
	})
	return found
}

// migrationName orders migration files: TypeORM, Sequelize and Knex all begin file names with a time.
func byName(files []*project.File) {
	sort.SliceStable(files, func(i, j int) bool { return path.Base(files[i].Path) < path.Base(files[j].Path) })
}

// database folds what a store's files state. Migrations win over declarations unless they know of
// less than half of the declared tables: then they are the history of something else.
func (s *store) database(p *project.Project, what string, migrate, declare func(*project.File, schema.Dialect) []schema.Op) *project.Database {
	d := dialectOf(p, s.root)
	db := &project.Database{Root: s.root}
	byName(s.migrations)
	for _, f := range s.migrations {
		if ops := migrate(f, d); len(ops) > 0 {
			db.Migrations = append(db.Migrations, schema.Migration{Path: f.Path, Ops: ops, Transactional: d == schema.Postgres})
			db.Files = append(db.Files, f.Path)
		}
	}
	var declared []schema.Migration
	var files []string
	if declare != nil {
		for _, f := range s.declared {
			if ops := declare(f, d); len(ops) > 0 {
				declared = append(declared, schema.Migration{Path: f.Path, Ops: ops})
				files = append(files, f.Path)
			}
		}
	}
	folded := schema.Fold(db.Migrations, d)
	if len(declared) > 0 {
		stated := schema.Fold(declared, d)
		if 2*len(folded.Tables) < len(stated.Tables) {
			db.Schema, db.Files, db.Source = stated, files, what+" in "+path.Dir(files[0])
			return db
		}
	}
	if len(db.Migrations) == 0 {
		return nil
	}
	db.Schema, db.Source = folded, "migrations in "+path.Dir(db.Migrations[0].Path)
	return db
}

// column makes a column; typ is as the framework writes it.
func column(name, typ string, notNull bool, at schema.Place) *schema.Column {
	return &schema.Column{Name: name, Type: schema.ParseType(typ), NotNull: notNull, Place: at}
}

func keyOn(at schema.Place, unique bool, columns ...string) *schema.Index {
	return &schema.Index{Columns: schema.PlainColumns(columns...), Unique: unique, Constraint: unique, AutoNamed: true, Place: at}
}

// snake turns fooBarID into foo_bar_id.
func snake(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			if i > 0 && (s[i-1] >= 'a' && s[i-1] <= 'z' || s[i-1] >= '0' && s[i-1] <= '9' || i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z' && s[i-1] != '_') {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// plural is the plural of an English noun, as far as the usual rules go.
func plural(s string) string {
	lower := strings.ToLower(s)
	switch lower {
	case "":
		return s
	case "person":
		return s[:len(s)-5] + "eople"
	case "child":
		return s + "ren"
	case "news", "info", "metadata", "media", "data", "series", "equipment", "information":
		return s
	}
	n := len(lower)
	switch {
	case strings.HasSuffix(lower, "s") && !strings.HasSuffix(lower, "ss") && !strings.HasSuffix(lower, "us") && !strings.HasSuffix(lower, "is"):
		return s
	case strings.HasSuffix(lower, "y") && n > 1 && !strings.ContainsRune("aeiou", rune(lower[n-2])):
		return s[:n-1] + "ies"
	case strings.HasSuffix(lower, "s"), strings.HasSuffix(lower, "x"), strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "sh"), strings.HasSuffix(lower, "z"):
		return s + "es"
	}
	return s + "s"
}
