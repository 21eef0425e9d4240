package laravel

import (
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

var (
	// database/migrations/2020_01_01_000000_x.php, Modules/Blog/Database/Migrations/..., migrations/... of a package
	migrationPath = regexp.MustCompile(`^(.*/)?[Mm]igrations/(?:[^/]+/)*(\d{4}_\d{2}_\d{2}_\d{6})_[^/]*\.php$`)
	// database/schema/mysql-schema.sql, database/schema/pgsql-schema.dump
	dumpPath = regexp.MustCompile(`^(.*/)?database/schema/(\w+)-schema\.(?:sql|dump)$`)
)

// Schemas reads the database of each Laravel application: from a schema dump and the migrations that
// are newer, else from the migrations alone. Migrations of packages and modules below an application
// belong to it.
func (fw *Framework) Schemas(p *project.Project) []*project.Database {
	type app struct {
		root       string
		migrations []*project.File
		dumps      []*project.File
	}
	roots := applications(p)
	apps := map[string]*app{}
	get := func(file string) *app {
		best, found := "", false
		for _, r := range roots {
			if (r == "" || strings.HasPrefix(file, r+"/")) && (!found || len(r) > len(best)) {
				best, found = r, true
			}
		}
		if apps[best] == nil {
			apps[best] = &app{root: best}
		}
		return apps[best]
	}
	for _, f := range p.Files {
		if f.Role == project.Test || f.Role == project.Vendored || f.Skipped != "" {
			continue
		}
		switch {
		case f.Tree != nil && f.Lang == "php" && migrationPath.MatchString(f.Path):
			a := get(f.Path)
			a.migrations = append(a.migrations, f)
		case dumpPath.MatchString(f.Path):
			a := get(f.Path)
			a.dumps = append(a.dumps, f)
		}
	}
	var names []string
	for r, a := range apps {
		if len(a.migrations) > 0 {
			names = append(names, r)
		}
	}
	sort.Strings(names)
	var out []*project.Database
	for _, r := range names {
		a := apps[r]
		product := dialectOf(p, r)
		sort.SliceStable(a.migrations, func(i, j int) bool { return path.Base(a.migrations[i].Path) < path.Base(a.migrations[j].Path) })
		db := &project.Database{Root: r}
		var all []schema.Migration
		last := ""
		if d := dumpFor(a.dumps, product); d != nil {
			m, _ := sqlddl.ParseMigration(d.Path, d.Source(), product, sqlddl.Plain)
			all = append(all, m)
			db.Files = append(db.Files, d.Path)
			db.Source = d.Path
			last = lastMigration(d.Source())
		}
		for _, d := range a.dumps { // dumps of other products: the tests' SQLite
			if db.Source != d.Path {
				db.Files = append(db.Files, d.Path)
			}
		}
		read := false
		for _, f := range a.migrations {
			m := readMigration(f, product)
			if len(m.Ops) == 0 {
				continue
			}
			read = true
			db.Files = append(db.Files, f.Path)
			db.Migrations = append(db.Migrations, m)
			if last == "" || strings.TrimSuffix(path.Base(f.Path), ".php") > last {
				all = append(all, m)
			}
		}
		if !read {
			continue
		}
		if db.Source == "" {
			db.Source = "migrations in " + path.Dir(db.Migrations[0].Path)
		}
		db.Schema = schema.Fold(all, product)
		out = append(out, db)
	}
	return out
}

// applications are the folders that hold an artisan script or a database/migrations folder of their
// own; the outermost stand for the packages below them.
func applications(p *project.Project) []string {
	set := map[string]bool{}
	for _, f := range p.Files {
		if path.Base(f.Path) == "artisan" || strings.HasSuffix(f.Path, "config/database.php") {
			d := strings.TrimSuffix(strings.TrimSuffix(f.Path, "artisan"), "config/database.php")
			set[strings.TrimSuffix(d, "/")] = true
		}
	}
	if len(set) == 0 {
		set[""] = true
	}
	out := make([]string, 0, len(set))
	for r := range set {
		out = append(out, r)
	}
	sort.Strings(out)
	return out
}

// dumpFor is the dump of the product in use.
func dumpFor(dumps []*project.File, product schema.Dialect) *project.File {
	for _, d := range dumps {
		if m := dumpPath.FindStringSubmatch(d.Path); m != nil && driver(m[2]) == product {
			return d
		}
	}
	return nil
}

var inserted = regexp.MustCompile(`'(\d{4}_\d{2}_\d{2}_\d{6}_\w+)'`)

// lastMigration is the newest migration that a dump says it holds.
func lastMigration(src []byte) string {
	last := ""
	for _, m := range inserted.FindAllSubmatch(src, -1) {
		if s := string(m[1]); s > last {
			last = s
		}
	}
	return last
}

func driver(name string) schema.Dialect {
	switch strings.ToLower(strings.Trim(name, `"' `)) {
	case "pgsql", "postgres", "postgresql":
		return schema.Postgres
	case "mysql", "mariadb":
		return schema.MySQL
	case "sqlite":
		return schema.SQLite
	case "sqlsrv":
		return schema.SQLServer
	}
	return schema.Unknown
}

var (
	envDriver    = regexp.MustCompile(`(?m)^\s*DB_CONNECTION\s*=\s*["']?(\w+)`)
	configDriver = regexp.MustCompile(`'default'\s*=>\s*env\(\s*'DB_CONNECTION'\s*,\s*'(\w+)'|'default'\s*=>\s*'(\w+)'`)
	imageDriver  = regexp.MustCompile(`(?m)^\s*image:\s*["']?(?:[\w./-]*/)?(postgres|postgresql|mysql|mariadb|percona)\b`)
)

// dialectOf says which product an application runs on: by its example of an environment, its compose
// files, else the default of its configuration. SQLite as the default of a new application says little.
func dialectOf(p *project.Project, root string) schema.Dialect {
	at := func(name string) []byte {
		if f := p.File(path.Join(root, name)); f != nil {
			return f.Source()
		}
		return nil
	}
	weak := schema.Unknown
	try := func(d schema.Dialect) schema.Dialect {
		if d == schema.SQLite {
			weak = d
			return schema.Unknown
		}
		return d
	}
	for _, n := range []string{".env.production", ".env.production.example", ".env.example", ".env.docker", ".env.development.example", ".env.dist"} {
		if m := envDriver.FindSubmatch(at(n)); m != nil {
			if d := try(driver(string(m[1]))); d != schema.Unknown {
				return d
			}
		}
	}
	if m := configDriver.FindSubmatch(at("config/database.php")); m != nil {
		if d := try(driver(string(m[1]) + string(m[2]))); d != schema.Unknown {
			return d
		}
	}
	for _, f := range p.Files {
		base := path.Base(f.Path)
		if strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") {
			if m := imageDriver.FindSubmatch(f.Source()); m != nil {
				switch string(m[1]) {
				case "postgres", "postgresql":
					return schema.Postgres
				}
				return schema.MySQL
			}
		}
	}
	return weak
}

// readMigration reads what up() of a migration does.
func readMigration(f *project.File, d schema.Dialect) schema.Migration {
	m := schema.Migration{Path: f.Path, Transactional: d == schema.Postgres || d == schema.SQLServer}
	for class := range f.Tree.Root().Descendants(syntax.Class) {
		r := &reader{file: f, dialect: d, methods: map[string]syntax.Ref{}, consts: map[string]syntax.Ref{}}
		var up syntax.Ref
		for c := range class.Child(syntax.Body).Children() {
			switch c.Kind() {
			case syntax.Func:
				r.methods[c.Str()] = c
				if c.Str() == "up" {
					up = c
				}
			case syntax.Field:
				r.consts[c.Str()] = c.Child(syntax.Value)
				if c.Str() == "withinTransaction" && c.Child(syntax.Value).Str() == "false" {
					m.Transactional = false
				}
			}
		}
		if !up.Ok() {
			continue
		}
		r.body(up.Child(syntax.Body), map[string]syntax.Ref{})
		m.Ops = append(m.Ops, r.ops...)
		break
	}
	return m
}
