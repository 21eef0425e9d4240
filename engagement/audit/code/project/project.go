// Package project holds an audited code base as facts: its files with their roles, the lowered
// syntax trees, the configuration documents, and the schema folded from its migrations.
//
// A Project is built once by Load and is then read-only: rules and the flow engine may read it from
// many goroutines. Nothing here executes, imports or follows anything out of the root.
package project

import (
	"sort"
	"strings"
	"sync"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Role is what a file is for. Role is half of precision: a loop of saves matters in a request and
// not in a test.
type Role uint8

// Roles.
const (
	App       Role = iota
	Test           // tests, fixtures, factories, mocks, stubs
	Seed           // demo data, seeds, fixtures loaders
	Migration      // schema and data migrations
	Script         // one-off commands, tooling, CI, benchmarks, examples
	Template       // views
	Config         // deployment and settings
	Generated      // generated or minified
	Vendored       // third-party code kept in the tree
	Docs
)

func (r Role) String() string {
	return [...]string{"application", "test", "seed", "migration", "script", "template", "config", "generated", "vendored", "docs"}[r]
}

// File is one file of the project.
type File struct {
	Path  string // slash-separated, relative to the root
	Lang  string // see package lang
	Role  Role
	Size  int64
	Lines int    // 0 when the file was not read
	Hash  string // git blob id in hex, "" when the file was not read
	// Tree is the lowered source; nil for files that are not source, not read, or tests.
	Tree *syntax.Tree
	// Doc is the parsed configuration document; nil for source.
	Doc *config.Document
	// Skipped says why the file was not read; empty when it was.
	Skipped string

	once   sync.Once
	source []byte
	read   func() []byte
}

// NewFile makes a file of bytes in memory: tests, and the re-audit of patched sources.
func NewFile(path, lang string, role Role, src []byte) *File {
	f := &File{Path: path, Lang: lang, Role: role, Size: int64(len(src)), source: src, Lines: strings.Count(string(src), "\n") + 1}
	f.once.Do(func() {})
	return f
}

// SetReader gives the function that reads the file's bytes when they are asked for: trees from the
// cache come without their source.
func (f *File) SetReader(read func() []byte) { f.read = read }

// Source returns the file's bytes, reading them again if they were let go. It is safe for concurrent
// use and returns nil when the file can not be read any more.
func (f *File) Source() []byte {
	f.once.Do(func() {
		if f.read != nil {
			f.source = f.read()
		}
	})
	return f.source
}

// Text returns the source between two byte offsets.
func (f *File) Text(start, end uint32) string {
	src := f.Source()
	if start > end || int(end) > len(src) {
		return ""
	}
	return string(src[start:end])
}

// Text returns the source of a node of the file's tree.
func (f *File) NodeText(n syntax.Ref) string { return f.Text(n.Start(), n.End()) }

// Project is the code base.
type Project struct {
	Name  string // the root folder's name
	Files []*File
	// Schemas are the databases of the project, one for each migration set or dump. Most projects have one.
	Schemas []*Database
	// Frameworks are the names of the frameworks found, sorted ("rails", "django", ...).
	Frameworks []string
	// Problems are sentences about what could not be read or understood.
	Problems []string

	byPath map[string]*File
}

// Database is one schema of the project and where it was read from.
type Database struct {
	Root   string // folder of the application that owns it, "" for the whole repository
	Source string // "db/schema.rb", "migrations in db/migrate", ...
	Schema *schema.Schema
	// Migrations are the single migrations in order, for rules about migrations. Empty for a dump.
	Migrations []schema.Migration
}

// Index must be called once when Files is complete: it sorts and builds look-ups.
func (p *Project) Index() {
	sort.Slice(p.Files, func(i, j int) bool { return p.Files[i].Path < p.Files[j].Path })
	p.byPath = make(map[string]*File, len(p.Files))
	for _, f := range p.Files {
		p.byPath[f.Path] = f
	}
}

// File returns the file at a path, or nil.
func (p *Project) File(path string) *File { return p.byPath[path] }

// Uses reports whether a framework was found.
func (p *Project) Uses(framework string) bool {
	for _, f := range p.Frameworks {
		if f == framework {
			return true
		}
	}
	return false
}

// Table finds a table by name, preferring the database whose root contains the path that asks.
func (p *Project) Table(name, askedFrom string) (*schema.Table, *Database) {
	var best *Database
	var found *schema.Table
	for _, d := range p.Schemas {
		if d.Schema == nil {
			continue
		}
		t := d.Schema.Table(name)
		if t == nil {
			continue
		}
		if best == nil || (strings.HasPrefix(askedFrom, d.Root) && len(d.Root) > len(best.Root)) {
			best, found = d, t
		}
	}
	return found, best
}
