package migration

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// statement writes CREATE INDEX. concurrently is honoured on PostgreSQL only; MySQL builds online
// without a word, and says so with ALGORITHM and LOCK.
func statement(db *schema.Schema, a *addition, concurrently bool) string {
	d := db.Dialect
	keys := make([]string, len(a.index.Columns))
	for i, c := range a.index.Columns {
		k := quote(d, c.Name)
		if c.Name == "" {
			k = "(" + c.Expr + ")"
		}
		if c.OpClass != "" {
			k += " " + c.OpClass
		}
		if c.Prefix > 0 && d == schema.MySQL {
			k += fmt.Sprintf("(%d)", c.Prefix)
		}
		if c.Desc {
			k += " DESC"
		}
		keys[i] = k
	}
	head := "CREATE INDEX "
	if a.index.Unique {
		head = "CREATE UNIQUE INDEX "
	}
	if concurrently && d == schema.Postgres && !partitioned(db, a.table) {
		head += "CONCURRENTLY "
	}
	using, tail := "", ""
	if a.index.Method != "" && a.index.Method != "btree" && d == schema.Postgres {
		using = " USING " + a.index.Method
	}
	if a.index.Where != "" && d != schema.MySQL {
		tail = " WHERE " + a.index.Where
	}
	if d == schema.MySQL && concurrently {
		tail = " ALGORITHM=INPLACE LOCK=NONE"
	}
	return fmt.Sprintf("%s%s ON %s%s (%s)%s;", head, quote(d, a.index.Name), quote(d, a.table.Name), using, strings.Join(keys, ", "), tail)
}

// partitioned reports whether the rows of a table lie in partitions: PostgreSQL builds no index of such
// a table concurrently.
func partitioned(db *schema.Schema, t *schema.Table) bool {
	if t.Partitioned {
		return true
	}
	for _, child := range db.Tables {
		if child.PartitionOf != "" && schema.Key(child.PartitionOf) == schema.Key(t.Name) {
			return true
		}
	}
	return false
}

func dropStatement(db *schema.Schema, a *addition, concurrently bool) string {
	switch {
	case db.Dialect == schema.MySQL:
		return fmt.Sprintf("DROP INDEX %s ON %s;", quote(db.Dialect, a.index.Name), quote(db.Dialect, a.table.Name))
	case concurrently && db.Dialect == schema.Postgres && !partitioned(db, a.table):
		return fmt.Sprintf("DROP INDEX CONCURRENTLY IF EXISTS %s;", quote(db.Dialect, a.index.Name))
	}
	return fmt.Sprintf("DROP INDEX IF EXISTS %s;", quote(db.Dialect, a.index.Name))
}

var bare = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// quote quotes every identifier that is not plainly lower case, or might be a word of SQL.
func quote(d schema.Dialect, name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && i < len(name)-1 {
		return quote(d, name[:i]) + "." + quote(d, name[i+1:])
	}
	if bare.MatchString(name) && strings.Contains(name, "_") {
		return name
	}
	if d == schema.MySQL {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}

// sql writes one file for each index, because CONCURRENTLY must stand alone; tools that can run a
// file without a transaction get all in one.
func (w *Writer) sql(s *store, t tool) {
	newest, version := w.highest(s, t)
	if newest == "" {
		return
	}
	dir, base := path.Dir(newest), path.Base(newest)
	if t == flyway || t == goose || t == dbmate {
		w.oneFile(s, t, dir, base, version)
		return
	}
	for i, a := range s.adds {
		name := "add_" + snake(a.index.Name)
		next := later(version, i+1, 0)
		up := statement(s.db.Schema, a, true) + "\n"
		if t == golangMigrate {
			s.share([]*addition{a},
				patch.Edit{Path: path.Join(dir, next+"_"+name+".up.sql"), New: up, Create: true},
				patch.Edit{Path: path.Join(dir, next+"_"+name+".down.sql"), New: dropStatement(s.db.Schema, a, true) + "\n", Create: true})
			continue
		}
		sep := numericName.FindStringSubmatch(base)[2]
		s.share([]*addition{a}, patch.Edit{Path: path.Join(dir, next+sep+name+".sql"), New: up, Create: true})
	}
}

// highest is the migration with the highest version, and that version.
func (w *Writer) highest(s *store, t tool) (file, version string) {
	if t == flyway {
		newest := w.newest(s.db)
		m := flywayName.FindStringSubmatch(path.Base(newest))
		if m == nil {
			return "", ""
		}
		return newest, m[1]
	}
	for _, p := range paths(s.db) {
		m := numericName.FindStringSubmatch(path.Base(p))
		if m == nil {
			continue
		}
		a, b := strings.TrimLeft(m[1], "0"), strings.TrimLeft(version, "0")
		if file == "" || len(a) > len(b) || len(a) == len(b) && a > b {
			file, version = p, m[1]
		}
	}
	return file, version
}

var lastNumber = regexp.MustCompile(`^(.*?)(\d+)$`)

func (w *Writer) oneFile(s *store, t tool, dir, base, version string) {
	var up, down []string
	for _, a := range s.adds {
		up = append(up, statement(s.db.Schema, a, true))
		down = append(down, dropStatement(s.db.Schema, a, true))
	}
	name := w.title(s.adds)
	ups, downs := strings.Join(up, "\n"), strings.Join(down, "\n")
	edit := patch.Edit{Create: true}
	switch t {
	case flyway:
		m := lastNumber.FindStringSubmatch(version)
		if m == nil {
			return
		}
		suffix := "" // a project may end all its names in the same word
		if i := strings.LastIndex(base, "__"); i > strings.Index(base, "__") {
			suffix = strings.TrimSuffix(base[i:], ".sql")
		}
		edit.Path = path.Join(dir, "V"+m[1]+count(m[2], w.step)+"__"+name+suffix+".sql")
		edit.New = ups + "\n"
	case goose:
		edit.Path = path.Join(dir, later(version, w.step, w.position(s))+"_"+name+".sql")
		edit.New = "-- +goose NO TRANSACTION\n-- +goose Up\n" + ups + "\n\n-- +goose Down\n" + downs + "\n"
	case dbmate:
		edit.Path = path.Join(dir, later(version, w.step, w.position(s))+"_"+name+".sql")
		edit.New = "-- migrate:up transaction:false\n" + ups + "\n\n-- migrate:down transaction:false\n" + downs + "\n"
	}
	s.share(s.adds, edit)
}

// script adds the statement behind the table in a SQL script that creates the schema. It does not
// build concurrently: the script runs on an empty database.
func (w *Writer) script(s *store) {
	for _, a := range s.adds {
		if file := w.indexFile(s.db, a.table.Place.Path); file != "" {
			src := w.text(file)
			s.share([]*addition{a}, patch.Edit{Path: file, Start: len(src), End: len(src), New: "\n" + w.scriptStatement(src, a) + "\n"})
			continue
		}
		if edit, ok := w.scriptLine(a.table.Place.Path, a); ok {
			s.share([]*addition{a}, edit)
		}
	}
}

// indexFile is the script that keeps the indexes of tables which another one creates; "" when the file
// of the table holds indexes itself, or none of the scripts is such a list.
func (w *Writer) indexFile(db *project.Database, tables string) string {
	if strings.Contains(strings.ToLower(w.text(tables)), "create index") {
		return ""
	}
	best, most := "", 2
	for _, f := range db.Files {
		if f == tables {
			continue
		}
		n := 0
		for _, op := range operations(f, []byte(w.text(f))) {
			switch op.Kind {
			case schema.AddIndex:
				n++
			case schema.CreateTable:
				n = -1 << 20
			}
		}
		if n > most {
			best, most = f, n
		}
	}
	return best
}

// scriptStatement writes the statement in the form of a script: repeatable where the script is.
func (w *Writer) scriptStatement(src string, a *addition) string {
	text := statement(&schema.Schema{Dialect: sqlddl.DetectDialect([]byte(src))}, a, false)
	lower := strings.ToLower(src)
	made := strings.Count(lower, "create table") + strings.Count(lower, "create index") + strings.Count(lower, "create unique index")
	if again := strings.Count(lower, "if not exists"); 2*again > made && sqlddl.DetectDialect([]byte(src)) != schema.MySQL {
		text = strings.Replace(text, "INDEX ", "INDEX IF NOT EXISTS ", 1)
	}
	return text
}

func (w *Writer) scriptLine(file string, a *addition) (patch.Edit, bool) {
	src := w.text(file)
	at := -1
	for _, op := range operations(file, []byte(src)) {
		if op.Kind == schema.CreateTable && schema.Key(op.Table) == schema.Key(a.table.Name) {
			at = endOfLine(src, op.Place.EndLine)
		}
	}
	if at < 0 {
		return patch.Edit{}, false
	}
	line := w.scriptStatement(src, a)
	lead := "\n"
	if !strings.HasSuffix(src[:at], "\n") {
		lead = "\n\n"
	}
	return patch.Edit{Path: file, Start: at, End: at, New: lead + line + "\n"}, true
}

func operations(file string, src []byte) []schema.Op {
	ops, _ := sqlddl.ParseDDL(file, src, schema.Unknown)
	return ops
}

// endOfLine is the offset behind a line (from 1) and its line feed.
func endOfLine(src string, line int) int {
	at := 0
	for ; line > 0; line-- {
		i := strings.IndexByte(src[at:], '\n')
		if i < 0 {
			return len(src)
		}
		at += i + 1
	}
	return at
}
