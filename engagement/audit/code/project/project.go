// Package project holds an audited code base as facts: its files with their roles, the lowered
// syntax trees, the configuration documents, and the schema folded from its migrations.
//
// A Project is built once by Load and is then read-only: rules and the flow engine may read it from
// many goroutines. Nothing here executes, imports or follows anything out of the root.
package project

import (
	"bytes"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
	"weak"

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
	// NoParser: it is source, or a view, in a language that this build can not parse.
	NoParser bool

	// Note says what was odd about a file that was read all the same ("3 bytes are not valid UTF-8").
	Note string
	// BOM: the file begins with a UTF-8 byte order mark. Source, and with it every offset, begins behind it.
	BOM bool

	mu     sync.Mutex
	source []byte
	held   weak.Pointer[[]byte]
	read   func() []byte
}

// NewFile makes a file of bytes in memory: tests, and the re-audit of patched sources. Source and
// Raw return these very bytes.
func NewFile(path, lang string, role Role, src []byte) *File {
	return &File{Path: path, Lang: lang, Role: role, Size: int64(len(src)), source: src, Lines: CountLines(src)}
}

// CountLines counts lines as editors do: a last line without a line feed counts, an empty file has none.
func CountLines(src []byte) int {
	n := bytes.Count(src, []byte{'\n'})
	if len(src) > 0 && src[len(src)-1] != '\n' {
		n++
	}
	return n
}

// SetReader gives the function that reads the file's bytes, exactly as they are stored, when they are
// asked for. It returns nil when the file can not be read or is no longer the one that was audited.
func (f *File) SetReader(read func() []byte) { f.read = read }

// Source returns the file's bytes without a byte order mark, and with each byte that is not valid
// UTF-8 replaced by '?', so that offsets stay and the text can be shown. Bytes that came from a
// reader are not held: they are read again when the garbage collector took them. It is safe for
// concurrent use and returns nil when the file can not be read any more.
func (f *File) Source() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.source != nil || f.read == nil {
		return f.source
	}
	if p := f.held.Value(); p != nil {
		return *p
	}
	src := f.read()
	if src == nil {
		return nil
	}
	src = Clean(src)
	f.held = weak.Make(&src)
	return src
}

// Raw returns the file's bytes as they are stored: what a patch must apply to.
func (f *File) Raw() []byte {
	if f.read == nil {
		return f.source
	}
	return f.read()
}

const byteOrderMark = "\xEF\xBB\xBF"

// Clean returns src without a byte order mark and with each invalid byte of UTF-8 replaced by '?'.
// It returns src itself when nothing is to be done.
func Clean(src []byte) []byte {
	src = bytes.TrimPrefix(src, []byte(byteOrderMark))
	if utf8.Valid(src) {
		return src
	}
	out := bytes.Clone(src)
	for i := 0; i < len(out); {
		r, n := utf8.DecodeRune(out[i:])
		if r == utf8.RuneError && n == 1 {
			out[i] = '?'
		}
		i += n
	}
	return out
}

// Text returns the source between two byte offsets.
func (f *File) Text(start, end uint32) string {
	src := f.Source()
	if start > end || int(end) > len(src) {
		return ""
	}
	return string(src[start:end])
}

// NodeText returns the source of a node of the file's tree.
func (f *File) NodeText(n syntax.Ref) string { return f.Text(n.Start(), n.End()) }

// Project is the code base.
type Project struct {
	Name  string // the root folder's name
	Files []*File
	// Schemas are the databases of the project, one for each migration set or dump. Most projects have one.
	Schemas []*Database
	// UnreadSchemas are files that change schemas and were not read: what their applications' schemas say of
	// indexes is not the whole truth.
	UnreadSchemas []string
	// Frameworks are the names of the frameworks found, sorted ("rails", "django", ...).
	Frameworks []string
	// Problems are sentences about what could not be read or understood.
	Problems []string

	byPath       map[string]*File
	applications applications
	derived      sync.Map // of Derive
}

// Derive returns what compute gives, computed once for the project and the key: facts that several
// rules read. Keys are values of types that their packages keep to themselves. It is safe for
// concurrent use; what it returns is shared and must not be changed.
func (p *Project) Derive(key any, compute func() any) any {
	type once struct {
		sync.Once
		value any
	}
	v, _ := p.derived.LoadOrStore(key, &once{})
	o := v.(*once)
	o.Do(func() { o.value = compute() })
	return o.value
}

// Database is one schema of the project and where it was read from.
type Database struct {
	Root   string   // folder of the application that owns it, "" for the whole repository
	Source string   // "db/schema.rb", "migrations in db/migrate", ...
	Files  []string // paths that it was read from
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
	p.applications = findApplications(p.Files)
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

// Table finds a table by name in the database that a path works on: the one whose folder holds it, the
// innermost first, else the one of the nearest application (see [Project.Nearness]).
func (p *Project) Table(name, askedFrom string) (*schema.Table, *Database) {
	var best *Database
	var found *schema.Table
	rank := -1
	for _, d := range p.Schemas {
		if d.Schema == nil {
			continue
		}
		t := d.Schema.Table(name)
		if t == nil {
			continue
		}
		r := 0
		switch {
		case askedFrom == "":
		case d.Root == "" || strings.HasPrefix(askedFrom, d.Root+"/"):
			r = 10 + len(d.Root)
		case len(d.Files) > 0:
			r = p.Nearness(askedFrom, d.Files[0])
		}
		if r > rank {
			best, found, rank = d, t, r
		}
	}
	return found, best
}
