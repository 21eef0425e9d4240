// Package layout knows how migration tools lay out their SQL files and how they run them: which files
// are migrations and in which order, which part of a file applies the change, and in what transaction
// each statement runs.
//
// It reads PostgreSQL's and MySQL's migrations of golang-migrate, goose, dbmate, Flyway, Diesel, sqlx
// and Prisma, the SQL that Rails and Django write, and plain files and folders. It runs nothing and reads
// no code: a migration in Go or Ruby is named as unread.
//
// What a tool does was read in its documentation and source; docs/review.md lists the rules with their
// sources.
package layout

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/split"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// Tool is a migration tool.
type Tool string

// Tools. Plain is psql, mysql or any client that sends one statement after the other.
const (
	Auto          Tool = "auto"
	Plain         Tool = "plain"
	GolangMigrate Tool = "golang-migrate"
	Goose         Tool = "goose"
	Dbmate        Tool = "dbmate"
	Flyway        Tool = "flyway"
	Diesel        Tool = "diesel"
	Sqlx          Tool = "sqlx"
	Prisma        Tool = "prisma"
	Rails         Tool = "rails"
	Django        Tool = "django"
)

// Tools lists the tools by name.
func Tools() []Tool {
	return []Tool{Plain, GolangMigrate, Goose, Dbmate, Flyway, Diesel, Sqlx, Prisma, Rails, Django}
}

// Wrap is the transaction in which a tool runs the statements of a file.
type Wrap uint8

// Wraps. On MySQL and MariaDB each DDL statement commits by itself, whatever the tool does.
const (
	// Alone: each statement is sent by itself and commits by itself, unless the file says BEGIN.
	Alone Wrap = iota
	// Together: the tool opens a transaction before the first statement and commits behind the last.
	Together
	// OneQuery: the tool sends the whole text as one simple query. PostgreSQL runs several statements of
	// one simple query in one transaction (manual, 53.2.2.1), so that CREATE INDEX CONCURRENTLY works
	// only when it is alone in the file.
	OneQuery
)

// String says the wrap in words.
func (w Wrap) String() string {
	switch w {
	case Together:
		return "in one transaction"
	case OneQuery:
		return "as one query"
	}
	return "each by itself"
}

// Migration is one file, read.
type Migration struct {
	Path    string // as given, with slashes
	Tool    Tool
	Wrap    Wrap
	Why     string // why the statements run as Wrap says: the rule, in one sentence
	Dialect schema.Dialect
	// Script holds the statements that apply the change; those that undo it are left out.
	Script *split.Script
	// Err is why the rest of the file could not be read; Script holds what stands before.
	Err error
	// Source is the text of the file.
	Source []byte
}

// InTransaction says whether a statement of the migration runs in a transaction that the tool or the
// server opens around the file.
func (m *Migration) InTransaction() bool {
	if m.Dialect == schema.MySQL {
		return false
	}
	return m.Wrap == Together || m.Wrap == OneQuery && len(m.Script.Statements) > 1
}

// Options say what is known beforehand.
type Options struct {
	Tool    Tool           // Auto, or empty: found out
	Dialect schema.Dialect // Unknown: found out
}

// History is a set of migrations in the order in which they apply.
type History struct {
	Tool       Tool
	Dialect    schema.Dialect
	Migrations []*Migration
	// OtherTool names its files as Tool does, so that nothing in them tells which one runs them; empty for none.
	OtherTool Tool
	Unread    []string // migrations in a programming language
	Notes     []string
}

// Read reads files and folders of fsys, in the order of the tool that they follow. Of several sets in
// one folder (one for each product) that of the dialect is taken. It fails when a path does not exist or
// holds no SQL.
func Read(fsys fs.FS, paths []string, opt Options) (*History, error) {
	files, given, err := collect(fsys, paths)
	if err != nil {
		return nil, err
	}
	sources := sqlddl.Discover(files)
	h := &History{Dialect: opt.Dialect}
	chosen := choose(sources, opt.Dialect, given, h)
	for p := range given {
		if text := passedOver(fsys, p); text != "" {
			if len(given) == 1 && len(paths) == 1 {
				return nil, fmt.Errorf("review %s: %s", p, text)
			}
			h.Notes = append(h.Notes, p+" was not read: "+text+".")
		}
	}
	sort.Strings(h.Notes)
	if len(chosen) == 0 {
		return nil, fmt.Errorf("review %s: there is no SQL file that applies a change; give migration files or the folder that holds them", strings.Join(paths, " "))
	}
	for _, s := range chosen {
		s = withoutBaseline(s, given, h)
		h.Unread = append(h.Unread, s.Unread...)
		if err := h.readSource(fsys, s, opt); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// passedOver says why a file that was named is none to review, or nothing.
func passedOver(fsys fs.FS, p string) string {
	info, err := fs.Stat(fsys, p)
	switch {
	case err != nil:
		return ""
	case !info.Mode().IsRegular():
		return "it is no regular file; give migration files or the folder that holds them"
	case !strings.HasSuffix(strings.ToLower(p), ".sql"):
		return "its name does not end in .sql, so that it is taken for no migration"
	case len(sqlddl.Discover([]string{p})) == 0:
		return "by its name it undoes a migration and is not reviewed; give the file that applies the change, or a copy under another name"
	}
	return ""
}

// collect lists the files below the paths; given are those that were named themselves.
func collect(fsys fs.FS, paths []string) (files []string, given map[string]bool, err error) {
	given = map[string]bool{}
	seen := map[string]bool{}
	add := func(p string) {
		if !seen[p] {
			seen[p] = true
			files = append(files, p)
		}
	}
	for _, p := range paths {
		p = path.Clean(p)
		info, err := fs.Stat(fsys, p)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil, fmt.Errorf("review %s: there is no such file or folder", p)
			}
			return nil, nil, fmt.Errorf("review %s: %w", p, err)
		}
		if !info.IsDir() {
			given[p] = true
			add(p)
			continue
		}
		err = fs.WalkDir(fsys, p, func(at string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && at != p && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "vendor") {
				return fs.SkipDir
			}
			if d.Type().IsRegular() {
				add(at)
			}
			return nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("review %s: %w", p, err)
		}
	}
	return files, given, nil
}

// choose picks the sets to review: all that a path named, and of the families of products one.
func choose(sources []sqlddl.Source, dialect schema.Dialect, given map[string]bool, h *History) []sqlddl.Source {
	var chosen []sqlddl.Source
	for _, s := range sources {
		named := false
		for _, p := range s.Paths {
			named = named || given[p]
		}
		other := s.Dialect != schema.Unknown && s.Dialect != schema.Postgres && s.Dialect != schema.MySQL
		switch {
		case named:
		case other:
			h.Notes = append(h.Notes, fmt.Sprintf("%s holds migrations for %s, which is not reviewed.", s.Root, s.Dialect))
			continue
		case dialect != schema.Unknown && s.Dialect != schema.Unknown && s.Dialect != dialect:
			continue
		case dialect == schema.Unknown && s.Alternate:
			h.Notes = append(h.Notes, fmt.Sprintf("%s holds the same migrations for %s; say --dialect %s to review them.", s.Root, s.Dialect, s.Dialect))
			continue
		case s.Dump:
			h.Notes = append(h.Notes, fmt.Sprintf("%s states a whole schema and no change; give it as --schema.", s.Paths[0]))
			continue
		}
		chosen = append(chosen, s)
	}
	sort.SliceStable(chosen, func(i, j int) bool { return chosen[i].Paths[0] < chosen[j].Paths[0] })
	return chosen
}

// withoutBaseline puts the versioned migrations of Flyway in the place of the baseline that replaces them for new
// databases: on one that exists Flyway leaves the baseline out and runs the others (Flyway documentation, "Baseline
// migrations"). A baseline that is named itself is judged.
func withoutBaseline(s sqlddl.Source, given map[string]bool, h *History) sqlddl.Source {
	if s.Baseline == "" || len(s.Replaced) == 0 {
		return s
	}
	if given[s.Baseline] {
		var named, left []string
		for _, p := range s.Replaced {
			if given[p] {
				named = append(named, p)
			} else {
				left = append(left, p)
			}
		}
		note := s.Baseline + " is a baseline of Flyway, which was judged because it was named: only new databases run it."
		if len(left) > 0 {
			note += " Not judged are those that it replaces there: " + names(left) + "."
		}
		h.Notes = append(h.Notes, note)
		s.Paths = append(named, s.Paths...)
		return s
	}
	h.Notes = append(h.Notes, fmt.Sprintf("%s is a baseline of Flyway and was not judged: a database that exists runs the versioned migrations up to it, which were (%s).", s.Baseline, names(s.Replaced)))
	paths := append([]string(nil), s.Replaced...)
	for _, p := range s.Paths {
		if p != s.Baseline {
			paths = append(paths, p)
		}
	}
	s.Paths = paths
	return s
}

// names are the names of files in a sentence, the first of many.
func names(paths []string) string {
	var out []string
	for _, p := range paths {
		out = append(out, path.Base(p))
	}
	const shown = 6
	if len(out) > shown {
		return strings.Join(out[:shown], ", ") + fmt.Sprintf(" and %d more", len(out)-shown)
	}
	return strings.Join(out, ", ")
}

func (h *History) readSource(fsys fs.FS, s sqlddl.Source, opt Options) error {
	contents := make([][]byte, len(s.Paths))
	for i, p := range s.Paths {
		content, err := fs.ReadFile(fsys, p)
		if err != nil {
			return fmt.Errorf("read the migration %s: %w", p, err)
		}
		contents[i] = content
	}
	tool := opt.Tool
	if tool == Auto || tool == "" {
		tool = toolOf(s, contents)
		if tool == GolangMigrate && sqlxFile.MatchString(path.Base(s.Paths[0])) {
			h.OtherTool = Sqlx
		}
	}
	dialect := opt.Dialect
	if dialect == schema.Unknown {
		dialect = dialectOf(s, contents)
	}
	if h.Tool == "" {
		h.Tool, h.Dialect = tool, dialect
	}
	for i, p := range s.Paths {
		h.Migrations = append(h.Migrations, Parse(p, contents[i], tool, dialect, beside(fsys, p, tool)))
	}
	return nil
}

// beside reads the file that says how a tool runs the one at hand: Flyway's script configuration and
// Diesel's metadata. It is empty when there is none.
func beside(fsys fs.FS, p string, tool Tool) string {
	name := ""
	switch tool {
	case Flyway:
		name = p + ".conf"
	case Diesel:
		name = path.Join(path.Dir(p), "metadata.toml")
	default:
		return ""
	}
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return ""
	}
	return string(content)
}

var (
	gooseMark  = regexp.MustCompile(`(?mi)^--\s*\+goose\s+up\b`)
	dbmateMark = regexp.MustCompile(`(?mi)^--\s*migrate:up\b`)
	railsMark  = regexp.MustCompile(`(?i)insert into ["` + "`" + `]?schema_migrations["` + "`" + `]?\s*\(["` + "`" + `]?version["` + "`" + `]?\)`)
	djangoMark = regexp.MustCompile(`(?m)^--\n-- (?:Create model|Add field|Alter field|Remove field|Rename field|Rename model|Delete model|Add index|Create index|Remove index|Add constraint|Create constraint|Remove constraint|Alter unique_together|Raw SQL operation|Concurrently create index|Custom state/database change combination)`)
	sqlxFile   = regexp.MustCompile(`^\d{14}_.*\.sql$`)
	sqlxMark   = regexp.MustCompile(`(?m)\A--\s*no-transaction\b`)
)

// toolOf finds the tool of a set by its names and by the marks in its files.
func toolOf(s sqlddl.Source, contents [][]byte) Tool {
	votes := map[Tool]int{}
	for _, c := range contents {
		switch {
		case gooseMark.Match(c):
			votes[Goose]++
		case dbmateMark.Match(c):
			votes[Dbmate]++
		case sqlxMark.Match(c):
			votes[Sqlx]++
		case djangoMark.Match(c):
			votes[Django]++
		case railsMark.Match(c):
			votes[Rails]++
		}
	}
	for _, t := range []Tool{Goose, Dbmate, Sqlx, Django, Rails} {
		if votes[t] > 0 && (s.Tool == sqlddl.Numbered || s.Tool == sqlddl.Plain || t == Sqlx) {
			return t
		}
	}
	switch s.Tool {
	case sqlddl.GolangMigrate:
		return GolangMigrate
	case sqlddl.Flyway:
		return Flyway
	case sqlddl.Prisma:
		return Prisma
	case sqlddl.Diesel:
		return Diesel
	case sqlddl.Numbered:
		// sqlx names files by fourteen digits, as others do; without a mark nothing tells, and the stricter
		// reading, one transaction, is that of most tools.
		if sqlxFile.MatchString(path.Base(s.Paths[0])) && path.Base(s.Root) == "migrations" {
			return Sqlx
		}
	}
	return Plain
}

// dialectOf is the product of a set: by its folders, else by the text of its files, else PostgreSQL.
func dialectOf(s sqlddl.Source, contents [][]byte) schema.Dialect {
	if s.Dialect == schema.Postgres || s.Dialect == schema.MySQL {
		return s.Dialect
	}
	votes := map[schema.Dialect]int{}
	for _, c := range contents {
		if bytes.IndexByte(c, 0) >= 0 {
			continue // no text that says anything
		}
		votes[sqlddl.DetectDialect(c)]++
	}
	if votes[schema.MySQL] > votes[schema.Postgres] {
		return schema.MySQL
	}
	return schema.Postgres
}

// SplitError is the error of cutting the file into statements, when there is one.
func (m *Migration) SplitError() (*split.Error, bool) {
	var e *split.Error
	ok := errors.As(m.Err, &e)
	return e, ok
}
