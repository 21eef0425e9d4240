// Package migration writes a new index into a project the way the project itself changes its schema:
// a migration in the layout and numbering of its tool, and the line in the dump or schema file that
// goes with it.
//
// It knows Rails (migration and db/schema.rb or structure.sql), Prisma (schema file and SQL), Laravel,
// Django, Alembic, Knex, TypeORM, Sequelize, golang-migrate, Flyway, goose, dbmate, other numbered SQL
// files, and plain SQL scripts. What it can not write exactly it leaves out: then there are no edits.
// It does not run anything and does not change existing migrations.
package migration

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// Writer collects the indexes that one rule asks for, and writes those of one group (a finding) into as
// few migrations as the tool allows. Every index of a file carries the whole file as its edits, so that
// equal edits count once. Each group follows the newest migration of the project: of two groups that are
// applied, the second is written anew.
type Writer struct {
	project *project.Project
	models  *flow.Index // of Django's models; may be nil
	label   string      // of file names: "foreign_keys"
	step    int         // distance from the newest migration, so that two rules do not take one number
	stores  map[storeKey]*store
	order   []*store
	done    bool
}

type storeKey struct {
	db    *project.Database
	group string
}

type store struct {
	db    *project.Database
	adds  []*addition
	files map[string][]patch.Edit // by key of the addition
}

type addition struct {
	table *schema.Table
	index *schema.Index
}

// NewWriter makes a writer. The label names the migrations ("foreign_keys"), the step, from 1, keeps
// the numbers of several writers apart.
func NewWriter(p *project.Project, label string, step int) *Writer {
	return &Writer{project: p, label: label, step: step, stores: map[storeKey]*store{}}
}

// WithModels gives the writer the models of the code, which Django's migrations name.
func (w *Writer) WithModels(ix *flow.Index) *Writer {
	w.models = ix
	return w
}

// AddIndex returns the edits that add one index to a schema. ok is false when the project's way of
// changing its schema is not known or can not be written.
func AddIndex(p *project.Project, models *flow.Index, db *project.Database, t *schema.Table, ix *schema.Index) (edits []patch.Edit, ok bool) {
	w := NewWriter(p, "", 1).WithModels(models)
	w.Add(db, t, ix, "")
	edits = w.Edits(db, t, ix, "")
	return edits, len(edits) > 0
}

// Add asks for an index in a group. All must be added before the first call of Edits.
func (w *Writer) Add(db *project.Database, t *schema.Table, ix *schema.Index, group string) {
	s := w.stores[storeKey{db, group}]
	if s == nil {
		s = &store{db: db, files: map[string][]patch.Edit{}}
		w.stores[storeKey{db, group}] = s
		w.order = append(w.order, s)
	}
	for _, a := range s.adds {
		if a.key() == (&addition{t, ix}).key() {
			return
		}
	}
	s.adds = append(s.adds, &addition{t, ix})
}

func (a *addition) key() string {
	var sb strings.Builder
	sb.WriteString(schema.Key(a.table.Name))
	for _, c := range a.index.Columns {
		fmt.Fprintf(&sb, "\x00%s\x00%s\x00%v", c.Name, c.Expr, c.Desc)
	}
	return sb.String()
}

// Edits returns the edits that bring an index that was added, nil when it was not or can not be
// written.
func (w *Writer) Edits(db *project.Database, t *schema.Table, ix *schema.Index, group string) []patch.Edit {
	if !w.done {
		w.done = true
		for _, s := range w.order {
			w.write(s)
		}
	}
	s := w.stores[storeKey{db, group}]
	if s == nil {
		return nil
	}
	return s.files[(&addition{t, ix}).key()]
}

// write fills the edits of one schema.
func (w *Writer) write(s *store) {
	if len(s.adds) == 0 {
		return
	}
	switch w.toolOf(s.db) {
	case rails:
		w.rails(s)
	case prisma:
		w.prisma(s)
	case laravel:
		w.laravel(s)
	case django:
		w.django(s)
	case alembic:
		w.alembic(s)
	case knex, sequelize, typeorm:
		w.node(s, w.toolOf(s.db))
	case golangMigrate, flyway, goose, dbmate, numbered:
		w.sql(s, w.toolOf(s.db))
	case script:
		w.script(s)
	}
}

// share gives all additions that may be written the same edits.
func (s *store) share(adds []*addition, edits ...patch.Edit) {
	for _, a := range adds {
		s.files[a.key()] = append(s.files[a.key()], edits...)
	}
}

// plain lists the additions that are B-trees on whole columns: what the words of every tool can say.
func (s *store) plain() []*addition {
	var out []*addition
	for _, a := range s.adds {
		ok := a.index.Where == "" && (a.index.Method == "" || a.index.Method == "btree")
		for _, c := range a.index.Columns {
			ok = ok && c.Name != "" && c.OpClass == "" && c.Prefix == 0
		}
		if ok {
			out = append(out, a)
		}
	}
	return out
}

type tool string

const (
	unknown       tool = ""
	rails         tool = "rails"
	prisma        tool = "prisma"
	laravel       tool = "laravel"
	django        tool = "django"
	alembic       tool = "alembic"
	knex          tool = "knex"
	sequelize     tool = "sequelize"
	typeorm       tool = "typeorm"
	golangMigrate tool = "golang-migrate"
	flyway        tool = "flyway"
	goose         tool = "goose"
	dbmate        tool = "dbmate"
	numbered      tool = "numbered"
	script        tool = "script"
)

var (
	railsDump   = regexp.MustCompile(`(^|/)db/(\w+_)?(schema\.rb|structure\.sql)$`)
	flywayName  = regexp.MustCompile(`^[VB](\d[\d._]*?)__(.+)\.sql$`)
	upName      = regexp.MustCompile(`^(\d+)_.+\.up\.sql$`)
	numericName = regexp.MustCompile(`^(\d+)([_-]).+\.sql$`)
)

// toolOf recognises how a schema is changed by the newest of its migrations.
func (w *Writer) toolOf(db *project.Database) tool {
	for _, f := range db.Files {
		switch {
		case strings.HasSuffix(f, ".prisma"):
			return prisma
		case railsDump.MatchString(f):
			return rails
		}
	}
	if len(db.Files) > 0 {
		switch path.Ext(db.Files[0]) {
		case ".xml", ".yaml", ".yml", ".json":
			return unknown // Liquibase runs what its change log lists, and nothing beside it
		}
	}
	last := w.newest(db)
	if last == "" {
		if len(db.Files) > 0 && strings.HasSuffix(db.Files[0], ".sql") && len(db.Migrations) == 0 && !w.initial(db) && !sqlddl.IsDump([]byte(w.text(db.Files[0]))) {
			return script
		}
		return unknown
	}
	base := path.Base(last)
	text := w.text(last)
	switch path.Ext(base) {
	case ".rb":
		return rails
	case ".php":
		if strings.Contains(text, "Schema::") {
			return laravel
		}
	case ".py":
		switch {
		case strings.Contains(text, "down_revision"):
			return alembic
		case strings.Contains(text, "migrations.Migration"):
			return django
		}
	case ".js", ".ts", ".mjs", ".cjs":
		switch {
		case strings.Contains(text, "MigrationInterface") || strings.Contains(text, "queryRunner"):
			return typeorm
		case strings.Contains(text, "queryInterface"):
			return sequelize
		case strings.Contains(text, "knex"):
			return knex
		}
	case ".sql":
		switch {
		case base == "migration.sql" || base == "up.sql":
			return unknown // a folder for each migration: only Prisma's schema file says which tool
		case flywayName.MatchString(base):
			return flyway
		case strings.Contains(text, "liquibase formatted sql"):
			return unknown
		case strings.Contains(text, "+goose Up"):
			return goose
		case strings.Contains(text, "migrate:up"):
			return dbmate
		case upName.MatchString(base):
			return golangMigrate
		case numericName.MatchString(base) && !w.initial(db):
			return numbered
		}
	}
	return unknown
}

// newest is the path of the migration that runs last.
func (w *Writer) newest(db *project.Database) string {
	if n := len(db.Migrations); n > 0 {
		return db.Migrations[n-1].Path
	}
	return ""
}

func (w *Writer) text(name string) string {
	f := w.project.File(name)
	if f == nil {
		return ""
	}
	return string(f.Source())
}

// paths lists the migrations of a schema by name.
func paths(db *project.Database) []string {
	out := make([]string, 0, len(db.Migrations))
	for _, m := range db.Migrations {
		out = append(out, m.Path)
	}
	sort.Strings(out)
	return out
}

const stamp = "20060102150405"

// later returns the time stamp n minutes and group seconds after one in the form YYYYMMDDHHMMSS; a number that is no
// time is counted up.
func later(version string, n, group int) string {
	if len(version) == len(stamp) {
		if t, err := time.Parse(stamp, version); err == nil {
			return t.Add(time.Duration(n)*time.Minute + time.Duration(group)*time.Second).Format(stamp)
		}
	}
	return count(version, n)
}

// position is the place of a group among all of the writer. Where versions are moments each group takes
// a second of its own, so that the migrations of two findings can be applied together.
func (w *Writer) position(s *store) int {
	for i, o := range w.order {
		if o == s {
			return i
		}
	}
	return 0
}

// count adds n to a number and keeps its width.
func count(version string, n int) string {
	v := 0
	if _, err := fmt.Sscanf(strings.TrimLeft(version, "0")+" ", "%d", &v); err != nil && strings.Trim(version, "0") != "" {
		return version
	}
	return fmt.Sprintf("%0*d", len(version), v+n)
}

func snake(s string) string {
	var sb strings.Builder
	for i, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			if i > 0 && !strings.HasSuffix(sb.String(), "_") {
				sb.WriteByte('_')
			}
			sb.WriteRune(r + 'a' - 'A')
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			sb.WriteRune(r)
		default:
			if !strings.HasSuffix(sb.String(), "_") {
				sb.WriteByte('_')
			}
		}
	}
	return strings.Trim(sb.String(), "_")
}

// camel writes add_indexes_on_x as AddIndexesOnX.
func camel(s string) string {
	var sb strings.Builder
	for _, w := range strings.Split(s, "_") {
		if w != "" {
			sb.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return sb.String()
}
