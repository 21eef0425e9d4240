package prepare

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/liquibase"
)

// maxChangelog bounds the files that are looked at: a changelog is written by people.
const maxChangelog = 8 << 20

var (
	changelogPath = regexp.MustCompile(`(?i)(changelog|liquibase|changeset|(^|/)db/)`)
	groovyLog     = regexp.MustCompile(`(?m)^\s*databaseChangeLog\s*(=|\(|\{)`)
	jdbcURL       = regexp.MustCompile(`jdbc:(?:tc:|p6spy:)?(postgresql|mysql|mariadb|sqlserver|oracle|db2)\b`)
)

// changelogs reads the schemas that Liquibase applies. Files that such a changelog includes are its own.
func changelogs(p *project.Project, claimed map[string]bool) {
	var files []liquibase.File
	found := false
	for _, f := range p.Files {
		if !read(f) || f.Role == project.Generated || claimed[f.Path] || f.Size > maxChangelog {
			continue
		}
		switch f.Lang {
		case "xml":
			if base := path.Base(f.Path); base == "pom.xml" || base == "logback.xml" {
				continue
			}
		case "yaml", "json":
			if !changelogPath.MatchString(f.Path) {
				continue
			}
		case "groovy":
			if changelogPath.MatchString(f.Path) && groovyLog.Match(f.Source()) {
				p.UnreadSchemas = append(p.UnreadSchemas, f.Path)
			}
			continue
		default:
			continue
		}
		if src := f.Source(); liquibase.IsChangelog(f.Path, src) {
			files, found = append(files, liquibase.File{Path: f.Path, Text: src}), true
		}
	}
	if found {
		for _, f := range p.Files {
			if f.Lang == "sql" && read(f) && !claimed[f.Path] {
				files = append(files, liquibase.File{Path: f.Path, Text: f.Source()})
			}
		}
		for _, db := range masters(p, liquibase.Read(files, jdbcProduct(p))) {
			addDatabase(p, db, claimed)
		}
	}
	switch n := len(p.UnreadSchemas); {
	case n == 1:
		p.Problems = append(p.Problems, p.UnreadSchemas[0]+" changes the schema and was not read; nothing is said of missing indexes of its application.")
	case n > 1:
		p.Problems = append(p.Problems, fmt.Sprintf("%d files that change the schema were not read (%s first); nothing is said of missing indexes of their applications.", n, p.UnreadSchemas[0]))
	}
}

// masters makes a database of each master. One that only changes tables of another's, such as a module's
// of which a build joins the resources, belongs to that one.
func masters(p *project.Project, logs []liquibase.Changelog) []*project.Database {
	type entry struct {
		log   liquibase.Changelog
		makes map[string]bool
	}
	var heads []*entry
	for _, log := range logs {
		for _, pr := range log.Problems {
			if pr.Fatal {
				p.UnreadSchemas = append(p.UnreadSchemas, pr.Place.Path)
			}
		}
		e := &entry{log: log, makes: map[string]bool{}}
		for i := range log.Migrations {
			for j := range log.Migrations[i].Ops {
				if op := &log.Migrations[i].Ops[j]; op.Kind == schema.CreateTable {
					e.makes[schema.Key(op.Table)] = true
				}
			}
		}
		heads = append(heads, e)
	}
	var out []*project.Database
	for _, e := range heads {
		if len(e.makes) == 0 {
			continue
		}
		db := &project.Database{Root: parent(path.Dir(e.log.Master)), Source: "changelog " + e.log.Master, Files: e.log.Files}
		migrations := e.log.Migrations
		for _, other := range heads {
			if len(other.makes) > 0 || len(other.log.Migrations) == 0 || p.Application(other.log.Master) != p.Application(e.log.Master) || !changesAny(other.log, e.makes) {
				continue
			}
			migrations = append(migrations[:len(migrations):len(migrations)], additions(other.log.Migrations)...)
			db.Files = append(db.Files[:len(db.Files):len(db.Files)], other.log.Files...)
		}
		db.Root = owner(db)
		db.Migrations = migrations
		db.Schema = schema.Fold(migrations, e.log.Dialect)
		db.Schema.Conflicts = nil // change sets for several products and versions repeat tables on purpose
		out = append(out, db)
	}
	return out
}

// additions keeps what migrations add: nothing says when a changelog that no master includes runs, so that
// what it takes away may have come back.
func additions(migrations []schema.Migration) []schema.Migration {
	var out []schema.Migration
	for _, m := range migrations {
		var ops []schema.Op
		for i := range m.Ops {
			switch m.Ops[i].Kind {
			case schema.AddColumn, schema.AddIndex, schema.AddUnique, schema.AddPrimaryKey, schema.AddForeignKey:
				op := m.Ops[i]
				op.Conditional = true
				ops = append(ops, op)
			}
		}
		if m.Ops = ops; len(ops) > 0 {
			out = append(out, m)
		}
	}
	return out
}

func changesAny(log liquibase.Changelog, tables map[string]bool) bool {
	for i := range log.Migrations {
		for j := range log.Migrations[i].Ops {
			if tables[schema.Key(log.Migrations[i].Ops[j].Table)] {
				return true
			}
		}
	}
	return false
}

// owner is the folder of the application: that of the master's module, or what the modules share whose
// changelogs the master includes.
func owner(db *project.Database) string {
	module := func(file string) string {
		if i := strings.Index("/"+file, "/src/main/"); i >= 0 {
			return strings.TrimSuffix(file[:i], "/")
		}
		return parent(path.Dir(file))
	}
	root := module(db.Files[0])
	for _, f := range db.Files[1:] {
		m := module(f)
		for root != "" && m != root && !strings.HasPrefix(m, root+"/") {
			if root = path.Dir(root); root == "." {
				root = ""
			}
		}
	}
	return root
}

// jdbcProduct is the one product that the settings connect to, H2 of the tests aside.
func jdbcProduct(p *project.Project) schema.Dialect {
	product := schema.Unknown
	for _, f := range p.Files {
		if f.Lang != "properties" && f.Lang != "yaml" || !read(f) || !strings.HasPrefix(path.Base(f.Path), "application") {
			continue
		}
		for _, m := range jdbcURL.FindAllSubmatch(f.Source(), -1) {
			d := schema.Dialect(m[1])
			if d == "mariadb" {
				d = schema.MySQL
			}
			if product != schema.Unknown && product != d {
				return schema.Unknown
			}
			product = d
		}
	}
	return product
}
