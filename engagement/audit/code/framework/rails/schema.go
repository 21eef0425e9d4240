package rails

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

var (
	// db/schema.rb, db/queue_schema.rb, db/structure.sql, db/animals_structure.sql
	dumpPath = regexp.MustCompile(`^((?:.*/)?)db/(?:(\w+)_)?(?:schema\.rb|structure\.sql)$`)
	// db/migrate/2024..._x.rb, db/queue_migrate/..., db/production/queue_migrate/...
	migrationPath = regexp.MustCompile(`^((?:.*/)?)db/(?:[^/]+/)*?(?:(\w+)_)?migrate/(?:[^/]+/)*(\d+)_[^/]*\.rb$`)
)

// store is one database of one application while its sources are collected.
type store struct {
	root       string // folder of the application, "" for the repository's own
	name       string // of a further database ("queue"); "" for the main one
	dump       *project.File
	migrations []*project.File
}

// Schemas reads the databases of all Rails applications and engines of the project: from the dump
// (db/schema.rb, db/structure.sql) where there is one, else from the migrations in the order of
// their versions. The migrations are kept in both cases.
//
// Migrations of an engine that has no dump of its own belong to the application around it, or to one
// database shared by all such engines.
func (fw *Framework) Schemas(p *project.Project) []*project.Database {
	stores := map[string]*store{}
	get := func(root, name string) *store {
		key := root + "\x00" + name
		if stores[key] == nil {
			stores[key] = &store{root: root, name: name}
		}
		return stores[key]
	}
	for _, f := range p.Files {
		if f.Role == project.Test || f.Role == project.Vendored {
			continue
		}
		if m := dumpPath.FindStringSubmatch(f.Path); m != nil {
			s := get(m[1], m[2])
			if s.dump == nil || strings.HasSuffix(f.Path, ".rb") {
				s.dump = f
			}
		}
	}
	for _, f := range p.Files {
		if f.Role == project.Test || f.Role == project.Vendored || f.Tree == nil {
			continue
		}
		m := migrationPath.FindStringSubmatch(f.Path)
		if m == nil {
			continue
		}
		name := m[2]
		if name == "post" || name == "post_deploy" || name == "pre_deploy" { // a later phase of the same database
			name = ""
		}
		s := get(m[1], name)
		s.migrations = append(s.migrations, f)
	}
	adoptEngines(p, stores)

	keys := make([]string, 0, len(stores))
	for k := range stores {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var out []*project.Database
	for _, k := range keys {
		if db := readStore(p, stores[k]); db != nil {
			out = append(out, db)
		}
	}
	return out
}

// adoptEngines moves the migrations of roots without a dump to the nearest application around them
// that has one. Engines side by side, of which none has a dump, share one database.
func adoptEngines(p *project.Project, stores map[string]*store) {
	gems := map[string]bool{}
	for _, f := range p.Files {
		if strings.HasSuffix(f.Path, ".gemspec") {
			gems[dirOf(f.Path)] = true
		}
	}
	var shared *store
	for _, key := range sortedStores(stores) {
		s := stores[key]
		if s.dump != nil || s.name != "" {
			continue
		}
		var host *store
		for _, o := range stores {
			if o != s && o.dump != nil && o.name == "" && strings.HasPrefix(s.root, o.root) && (host == nil || len(o.root) > len(host.root)) {
				host = o
			}
		}
		if host == nil && gems[s.root] {
			if shared == nil {
				shared = s
				continue
			}
			host = shared
			host.root = commonDir(host.root, s.root)
		}
		if host != nil {
			host.migrations = append(host.migrations, s.migrations...)
			delete(stores, key)
		}
	}
}

func sortedStores(stores map[string]*store) []string {
	keys := make([]string, 0, len(stores))
	for k := range stores {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func dirOf(p string) string {
	if d := path.Dir(p); d != "." {
		return d + "/"
	}
	return ""
}

func commonDir(a, b string) string {
	for !strings.HasPrefix(b, a) {
		a = strings.TrimSuffix(a, "/")
		i := strings.LastIndexByte(a, '/')
		if i < 0 {
			return ""
		}
		a = a[:i+1]
	}
	return a
}

func readStore(p *project.Project, s *store) *project.Database {
	product := dialectOf(p, s)
	sort.SliceStable(s.migrations, func(i, j int) bool {
		a, b := versionOf(s.migrations[i].Path), versionOf(s.migrations[j].Path)
		if a != b {
			return len(a) < len(b) || len(a) == len(b) && a < b
		}
		return s.migrations[i].Path < s.migrations[j].Path
	})
	db := &project.Database{Root: strings.TrimSuffix(s.root, "/")}
	modern := primaryKeysAreBig(p, s.root)
	for _, f := range s.migrations {
		db.Migrations = append(db.Migrations, readMigration(f, product))
	}
	if s.dump == nil {
		if len(s.migrations) == 0 {
			return nil
		}
		for _, f := range s.migrations {
			db.Files = append(db.Files, f.Path)
		}
		db.Source = "migrations in " + path.Dir(s.migrations[0].Path)
		db.Schema = schema.Fold(db.Migrations, product)
		return db
	}
	db.Source = s.dump.Path
	db.Files = []string{s.dump.Path}
	dump, version, product := readDump(s.dump, product, modern)
	if len(dump.Ops) == 0 && len(db.Migrations) > 0 { // an empty or unreadable dump says nothing
		db.Source = "migrations in " + path.Dir(s.migrations[0].Path)
		db.Schema = schema.Fold(db.Migrations, product)
		return db
	}
	db.Schema = schema.Fold([]schema.Migration{dump}, product)
	if n, first := newerThan(s.migrations, version); n > 0 {
		db.Schema.Conflicts = append(db.Schema.Conflicts, fmt.Sprintf("%s is at version %s and %d later migration(s) are in the tree, the first of them %s; the dump was believed.", s.dump.Path, version, n, first))
	}
	db.Schema.Conflicts = append(db.Schema.Conflicts, lostIndexes(db, s)...)
	return db
}

// newerThan counts the migrations that a dump does not hold yet.
func newerThan(list []*project.File, version string) (n int, first string) {
	if version == "" {
		return 0, ""
	}
	for _, f := range list {
		v := versionOf(f.Path)
		if len(v) > len(version) || len(v) == len(version) && v > version {
			if n++; n == 1 {
				first = f.Path
			}
		}
	}
	return n, first
}

const maxLostIndexes = 5

// lostIndexes names indexes that migrations make and the dump lacks: the dump of a developer whose
// database went another way.
func lostIndexes(db *project.Database, s *store) []string {
	if len(db.Migrations) == 0 {
		return nil
	}
	folded := schema.Fold(db.Migrations, db.Schema.Dialect)
	var out []string
	for _, name := range folded.Names() {
		t, have := folded.Table(name), db.Schema.Table(name)
		if t == nil || have == nil || t.Incomplete || have.Incomplete {
			continue
		}
		for _, ix := range t.Indexes {
			if ix.Primary || ix.Implied || ix.Where != "" || have.Index(ix.Name) != nil {
				continue
			}
			cols := make([]string, 0, len(ix.Columns))
			known := true
			for _, c := range ix.Columns {
				known = known && c.Name != "" && have.Column(c.Name) != nil
				cols = append(cols, c.Name)
			}
			if !known || have.HasIndexPrefix(cols) {
				continue
			}
			out = append(out, fmt.Sprintf("%s:%d adds an index on %s (%s) that %s does not have.", ix.Place.Path, ix.Place.Line, t.Name, strings.Join(cols, ", "), s.dump.Path))
			if len(out) == maxLostIndexes {
				return out
			}
		}
	}
	return out
}

func versionOf(p string) string {
	b := path.Base(p)
	if i := strings.IndexByte(b, '_'); i > 0 {
		return strings.TrimLeft(b[:i], "0")
	}
	return ""
}

// readDump reads db/schema.rb or db/structure.sql. The version is "" when the file does not say it.
// A dump is written by the product and so gives it away.
func readDump(f *project.File, product schema.Dialect, bigKeys bool) (schema.Migration, string, schema.Dialect) {
	if strings.HasSuffix(f.Path, ".sql") {
		src := f.Source()
		if d := sqlddl.DetectDialect(src); d != schema.Unknown {
			product = d
		}
		m, _ := sqlddl.ParseMigration(f.Path, src, product, sqlddl.Plain)
		return m, lastVersion(src), product
	}
	m := schema.Migration{Path: f.Path}
	if f.Tree == nil {
		return m, "", product
	}
	r := newReader(f, product)
	r.dump, r.bigKeys = true, bigKeys
	version := ""
	for c := range f.Tree.Root().Children() {
		if c.Str() != "define" || !c.Block().Ok() {
			continue
		}
		version = strings.ReplaceAll(c.Keyword("version").Str(), "_", "")
		if v := bracketVersion(c.Receiver()); v != 0 {
			r.version, r.bigKeys = v, v >= 5.1
		}
		if d := productOfDump(c.Block()); d != schema.Unknown {
			r.dialect = d
		}
		r.body(blockBody(c), scope{})
	}
	m.Ops = r.ops
	return m, version, r.dialect
}

var insertedVersion = regexp.MustCompile(`\('(\d{3,})'\)`)

// lastVersion is the greatest version that a structure.sql inserts into schema_migrations.
func lastVersion(src []byte) string {
	last := ""
	for _, m := range insertedVersion.FindAllSubmatch(src, -1) {
		v := strings.TrimLeft(string(m[1]), "0")
		if len(v) > len(last) || len(v) == len(last) && v > last {
			last = v
		}
	}
	return last
}
