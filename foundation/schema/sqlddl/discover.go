package sqlddl

import (
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/foundation/schema"
)

// Tool is the program whose conventions a set of SQL files follows.
type Tool string

// Tools. Numbered stands for those that share the form NUMBER_name.sql (goose, dbmate, sql-migrate,
// Drizzle, Supabase, sqlx, Atlas); markers inside the files tell their sections apart.
const (
	GolangMigrate Tool = "golang-migrate" // 000001_name.up.sql
	Flyway        Tool = "flyway"         // V1_2__name.sql, B1__name.sql, R__name.sql
	Prisma        Tool = "prisma"         // migrations/20200101000000_name/migration.sql
	Diesel        Tool = "diesel"         // 2020-01-01-000000_name/up.sql
	Numbered      Tool = "numbered"
	Plain         Tool = "sql" // a dump or a script
)

// Source is one set of SQL files that make up one schema.
type Source struct {
	// Root is the folder of the set; of a script or a dump, the folder that holds it.
	Root    string
	Tool    Tool
	Dialect schema.Dialect // from the names of folders and files only; Unknown when they do not say
	Paths   []string       // in the order in which they apply
	// Dump: the file states the whole schema (structure.sql, schema.sql). Migrations: a history. When
	// neither is set it is a script, which describes a schema if it creates tables.
	Dump       bool
	Migrations bool
	// Group is the folder that holds the sets of several products for the same schema, and Alternate
	// marks those that were not chosen: PostgreSQL first, then MySQL, SQLite and the others.
	Group     string
	Alternate bool
	// Baseline is the highest baseline migration of Flyway (B3__name.sql), and Replaced are the versioned ones up to it,
	// in order: a new database begins with the baseline, one that exists runs the others. Paths hold the former.
	Baseline string
	Replaced []string
	// Unread are migrations of the set in another language (golang-migrate's and goose's Go files).
	Unread []string
}

var (
	upFile       = regexp.MustCompile(`(?i)^v?(\d+)[_.-].*[._-]up\.sql$|^v?(\d+)[._-]?up\.sql$`)
	downFile     = regexp.MustCompile(`(?i)([._-]down|[._-]undo|[._-]rollback)\.sql$|^U\d[\d._]*__.*\.sql$|^down\.sql$`)
	flywayFile   = regexp.MustCompile(`^([VB])(\d+(?:[._]\d+)*)__.*\.sql$`)
	repeatable   = regexp.MustCompile(`^R__.*\.sql$`)
	numberedFile = regexp.MustCompile(`^[vV]?(\d+(?:[.-]\d+)*)(?:[_. -].*)?\.sql$`)
	numberedGo   = regexp.MustCompile(`^(\d+)_.*\.go$`)
	numberedDir  = regexp.MustCompile(`^\d{4,}.*`)
)

// Discover groups SQL files into sets. It looks at paths only (slashes, relative to one root); the order
// of the result is that of the roots. Files that undo changes are left out.
func Discover(paths []string) []Source {
	d := discovery{sets: map[string]*Source{}, version: map[string]string{}}
	var code []string
	for _, p := range paths {
		if !strings.HasSuffix(strings.ToLower(p), ".sql") {
			if numberedGo.MatchString(path.Base(p)) && !strings.HasSuffix(p, ".down.go") && !strings.HasSuffix(p, "_test.go") {
				code = append(code, p)
			}
			continue
		}
		d.place(p)
	}
	for _, p := range code {
		for _, tool := range []Tool{GolangMigrate, Numbered} {
			if s := d.sets[string(tool)+"\x00"+path.Dir(p)]; s != nil {
				s.Unread = append(s.Unread, p)
			}
		}
	}
	return d.finish()
}

type discovery struct {
	sets    map[string]*Source
	version map[string]string // path -> its version
}

func (d *discovery) place(p string) {
	dir, base := path.Split(p)
	dir = path.Clean(dir)
	lower := strings.ToLower(base)
	parent := path.Base(dir)
	switch {
	case lower == "migration.sql" && numberedDir.MatchString(parent):
		d.add(Prisma, path.Dir(dir), p, parent)
	case lower == "up.sql" && parent != ".":
		d.add(Diesel, path.Dir(dir), p, parent)
	case lower == "down.sql":
	case flywayFile.MatchString(base):
		d.add(Flyway, dir, p, flywayFile.FindStringSubmatch(base)[2])
	case repeatable.MatchString(base):
		d.add(Flyway, dir, p, "")
	case upFile.MatchString(base):
		m := upFile.FindStringSubmatch(base)
		d.add(GolangMigrate, dir, p, m[1]+m[2])
	case downFile.MatchString(base):
	case numberedFile.MatchString(base):
		d.add(Numbered, dir, p, numberedFile.FindStringSubmatch(base)[1])
	default:
		d.add(Plain, p, p, "")
	}
}

func (d *discovery) add(tool Tool, root, p, version string) {
	key := string(tool) + "\x00" + root
	s := d.sets[key]
	if s == nil {
		s = &Source{Root: root, Tool: tool, Migrations: tool != Plain}
		if tool == Plain {
			s.Root = path.Dir(p)
			s.Dump = isDump(path.Base(p))
		}
		d.sets[key] = s
	}
	s.Paths = append(s.Paths, p)
	d.version[p] = version
}

// isDump knows the names under which frameworks keep a whole schema.
func isDump(base string) bool {
	name := strings.ToLower(strings.TrimSuffix(base, path.Ext(base)))
	for _, known := range []string{"structure", "schema", "dump"} {
		if name == known || strings.HasSuffix(name, "_"+known) || strings.HasSuffix(name, "-"+known) || strings.HasSuffix(name, "."+known) || strings.HasPrefix(name, known+"_") || strings.HasPrefix(name, known+"-") {
			return true
		}
	}
	return false
}

func (d *discovery) finish() []Source {
	d.mergeCommonFlyway()
	keys := make([]string, 0, len(d.sets))
	for k, s := range d.sets {
		// One numbered file by itself, next to no others, is as often a script; it is kept as a history
		// of one, which reads the same.
		d.order(s)
		s.Dialect = dialectOfSet(s)
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := d.sets[keys[i]], d.sets[keys[j]]
		if a.Root != b.Root {
			return a.Root < b.Root
		}
		return keys[i] < keys[j]
	})
	sources := make([]Source, len(keys))
	for i, k := range keys {
		sources[i] = *d.sets[k]
	}
	chooseDialects(sources)
	return sources
}

// order sorts a set's files as its tool does, and drops what a Flyway baseline replaces.
func (d *discovery) order(s *Source) {
	if s.Tool == Flyway {
		baseline := "" // path of the highest
		for _, p := range s.Paths {
			if path.Base(p)[0] == 'B' && (baseline == "" || compareVersions(d.version[p], d.version[baseline]) > 0) {
				baseline = p
			}
		}
		kept := s.Paths[:0]
		for _, p := range s.Paths {
			kind := path.Base(p)[0]
			replaced := kind == 'B' && p != baseline || kind == 'V' && baseline != "" && compareVersions(d.version[p], d.version[baseline]) <= 0
			switch {
			case !replaced:
				kept = append(kept, p)
			case kind == 'V':
				s.Replaced = append(s.Replaced, p)
			}
		}
		s.Paths, s.Baseline = kept, baseline
		sort.SliceStable(s.Replaced, func(i, j int) bool { return compareVersions(d.version[s.Replaced[i]], d.version[s.Replaced[j]]) < 0 })
	}
	sort.Slice(s.Paths, func(i, j int) bool {
		a, b := s.Paths[i], s.Paths[j]
		if s.Tool == Flyway && (d.version[a] == "") != (d.version[b] == "") {
			return d.version[b] == "" // repeatable migrations run last
		}
		if s.Tool != Prisma && s.Tool != Diesel {
			if c := compareVersions(d.version[a], d.version[b]); c != 0 {
				return c < 0
			}
		}
		return a < b
	})
	sort.Strings(s.Unread)
}

// compareVersions compares "1_12_3" with "1.2" number by number.
func compareVersions(a, b string) int {
	cut := func(c rune) bool { return c == '_' || c == '.' || c == '-' }
	as, bs := strings.FieldsFunc(a, cut), strings.FieldsFunc(b, cut)
	for i := 0; i < len(as) || i < len(bs); i++ {
		x, y := "", ""
		if i < len(as) {
			x = strings.TrimLeft(as[i], "0")
		}
		if i < len(bs) {
			y = strings.TrimLeft(bs[i], "0")
		}
		if len(x) != len(y) {
			if len(x) < len(y) {
				return -1
			}
			return 1
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// mergeCommonFlyway gives each product's folder the migrations that stand beside it for all products:
// in the parent, or in a sibling called "common" or "all".
func (d *discovery) mergeCommonFlyway() {
	type family struct{ vendors, common []string }
	families := map[string]*family{}
	for k, s := range d.sets {
		if s.Tool != Flyway {
			continue
		}
		base := strings.ToLower(path.Base(s.Root))
		if _, vendor := folderDialects[base]; vendor {
			f := families[path.Dir(s.Root)]
			if f == nil {
				f = &family{}
				families[path.Dir(s.Root)] = f
			}
			f.vendors = append(f.vendors, k)
		}
	}
	for root, f := range families {
		for _, dir := range []string{root, root + "/common", root + "/all", root + "/shared"} {
			if k := string(Flyway) + "\x00" + dir; d.sets[k] != nil {
				f.common = append(f.common, k)
			}
		}
		for _, c := range f.common {
			for _, v := range f.vendors {
				d.sets[v].Paths = append(d.sets[v].Paths, d.sets[c].Paths...)
			}
			delete(d.sets, c)
		}
	}
}

func dialectOfSet(s *Source) schema.Dialect {
	if s.Tool == Plain {
		if d := dialectOfName(path.Base(s.Paths[0])); d != schema.Unknown {
			return d
		}
	}
	// The innermost folder that names a product decides.
	elements := strings.Split(s.Root, "/")
	for i := len(elements) - 1; i >= 0; i-- {
		if d := dialectOfName(elements[i]); d != schema.Unknown {
			return d
		}
	}
	// Flyway files may carry the product in their own name.
	found := schema.Unknown
	for _, p := range s.Paths {
		d := dialectOfName(path.Base(p))
		if d == schema.Unknown || found != schema.Unknown && d != found {
			return schema.Unknown
		}
		found = d
	}
	return found
}

var preference = []schema.Dialect{schema.Postgres, schema.MySQL, schema.SQLite, schema.SQLServer, schema.Oracle, schema.DB2, schema.H2, schema.ClickHouse}

func rank(d schema.Dialect) int {
	for i, p := range preference {
		if d == p {
			return i
		}
	}
	return len(preference)
}

// chooseDialects finds sets that differ only in one folder that names a product, or scripts in one, and
// marks all but one of each family as alternates. ClickHouse is never another product's alternate: it
// stores other data.
func chooseDialects(sources []Source) {
	best := map[string]int{}
	for i := range sources {
		s := &sources[i]
		if s.Dialect == schema.Unknown || s.Dialect == schema.ClickHouse {
			continue
		}
		group, rest := familyOf(s)
		if group == "" {
			continue
		}
		s.Group = group
		key := string(s.Tool) + "\x00" + group + "\x00" + rest
		j, ok := best[key]
		switch {
		case !ok:
			best[key] = i
		case rank(s.Dialect) < rank(sources[j].Dialect):
			sources[j].Alternate = true
			best[key] = i
		default:
			s.Alternate = true
		}
	}
	for i := range sources { // a family of one is none
		s := &sources[i]
		if s.Group == "" || s.Alternate {
			continue
		}
		alone := true
		for j := range sources {
			if i != j && sources[j].Group == s.Group {
				alone = false
				break
			}
		}
		if alone {
			s.Group = ""
		}
	}
}

// familyOf splits a set's path at the innermost folder that names a product.
func familyOf(s *Source) (group, rest string) {
	full := s.Root
	if s.Tool == Plain {
		full = s.Paths[0]
	}
	elements := strings.Split(full, "/")
	for i := len(elements) - 1; i >= 0; i-- {
		if dialectOfName(elements[i]) == s.Dialect {
			rest = strings.Join(elements[i+1:], "/")
			if i == len(elements)-1 && s.Tool == Plain { // schema-postgres.sql beside schema-mysql.sql
				rest = strings.Trim(withoutDialect(elements[i]), "-_.")
			} else if variant := withoutDialect(elements[i]); variant != "" {
				rest = variant + "/" + rest // mysql-default and h2-default are one family
			}
			group = strings.Join(elements[:i], "/")
			if group == "" {
				group = "."
			}
			return group, rest
		}
	}
	return "", ""
}

// withoutDialect drops the product's name from a path element.
func withoutDialect(name string) string {
	var kept []string
	for _, part := range strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' || c == '.' }) {
		if _, ok := folderDialects[part]; !ok && part != "server" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "-")
}
