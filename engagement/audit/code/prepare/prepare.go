// Package prepare makes a loaded project ready for the rules: it folds the schemas, lets the
// frameworks index their models, and runs the flow engine.
//
// It is the one list of frameworks. Rules do not import it; the audit and the rules' test harness do.
package prepare

import (
	"context"
	"path"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/django"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/gosql"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/laravel"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/node"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/peewee"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/rails"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/rawsql"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/spring"
	"github.com/napkin-infra/napkin/engagement/audit/code/framework/sqlalchemy"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/prismaschema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// frameworks returns new instances: they keep what they learn of one project.
func frameworks() []flow.Framework {
	list := []flow.Framework{
		rails.New(),
		django.New(),
		laravel.New(),
		sqlalchemy.New(),
		peewee.New(),
	}
	list = append(list, node.Frameworks()...)
	list = append(list, gosql.New(), spring.New())
	return append(list, rawsql.New()) // asked last: object mappers know more of their own calls
}

// schemaReader is implemented by frameworks that state schemas in source.
type schemaReader interface {
	Schemas(p *project.Project) []*project.Database
}

// keyReader is implemented by frameworks whose models know foreign keys that no constraint states.
type keyReader interface {
	CodeForeignKeys(ix *flow.Index, dbs []*project.Database)
}

// Run fills p.Schemas and p.Frameworks and analyzes the flow of rows. When the context ends the
// result is marked truncated.
func Run(ctx context.Context, p *project.Project) *flow.Result {
	return run(ctx, p, func(list []flow.Framework) *flow.Result { return flow.Analyze(ctx, p, list) })
}

// Again is Run for a project that differs from one that was run before in some files, for whoever asks
// about the code in focus only; see [flow.Again].
func Again(ctx context.Context, p *project.Project, before *flow.Result, focus flow.Focus, changed map[string]bool) *flow.Result {
	return run(ctx, p, func(list []flow.Framework) *flow.Result {
		return flow.Again(ctx, p, list, before, focus, changed)
	})
}

func run(ctx context.Context, p *project.Project, analyze func([]flow.Framework) *flow.Result) *flow.Result {
	list := frameworks()
	claimed := map[string]bool{}
	for _, fw := range list {
		r, ok := fw.(schemaReader)
		if !ok || ctx.Err() != nil {
			continue
		}
		for _, db := range r.Schemas(p) {
			addDatabase(p, db, claimed)
		}
	}
	prisma(p, claimed)
	changelogs(p, claimed)
	sqlFiles(p, claimed)
	if note := meaningless(p); note != "" {
		p.Problems = append(p.Problems, note)
	}
	sort.SliceStable(p.Schemas, func(i, j int) bool { return p.Schemas[i].Root < p.Schemas[j].Root })
	result := analyze(list)
	for _, fw := range list {
		if k, ok := fw.(keyReader); ok {
			k.CodeForeignKeys(result.Index, p.Schemas)
		}
	}
	p.Frameworks = detected(p, result)
	return result
}

func addDatabase(p *project.Project, db *project.Database, claimed map[string]bool) {
	if db == nil || db.Schema == nil {
		return
	}
	for _, f := range db.Files {
		claimed[f] = true
	}
	p.Schemas = append(p.Schemas, db)
	p.Problems = append(p.Problems, db.Schema.Conflicts...)
}

// read says whether the role of a file lets it state a schema.
func read(f *project.File) bool {
	switch f.Role {
	case project.Test, project.Vendored, project.Docs:
		return false
	}
	return f.Skipped == ""
}

// prisma reads schema.prisma files; the files of one folder are one schema.
func prisma(p *project.Project, claimed map[string]bool) {
	sets := map[string][]*project.File{}
	for _, f := range p.Files {
		if f.Lang == "prisma" && read(f) && !claimed[f.Path] {
			dir := path.Dir(f.Path)
			if i := strings.Index(dir+"/", "/schema/"); i > 0 { // prismaSchemaFolder
				dir = dir[:i]
			}
			sets[dir] = append(sets[dir], f)
		}
	}
	for _, dir := range keys(sets) {
		var files []prismaschema.File
		db := &project.Database{Root: parent(dir), Source: dir + "/*.prisma"}
		for _, f := range sets[dir] {
			files = append(files, prismaschema.File{Path: f.Path, Text: f.Source()})
			db.Files = append(db.Files, f.Path)
		}
		if len(files) == 1 {
			db.Source = files[0].Path
		}
		doc, _ := prismaschema.Parse(files...)
		db.Schema = doc.Schema()
		if len(db.Schema.Tables) > 0 {
			addDatabase(p, db, claimed)
		}
	}
}

// sqlFiles reads dumps and migrations written in SQL.
func sqlFiles(p *project.Project, claimed map[string]bool) {
	var paths []string
	for _, f := range p.Files {
		if f.Lang == "sql" && read(f) && !claimed[f.Path] {
			paths = append(paths, f.Path)
		}
	}
	var list []*reading
	sources := sqlddl.Discover(paths)
	copies := newCopies(p, sources)
	for _, s := range sources {
		if s.Alternate || copies.is(s) {
			continue
		}
		if s.Dump || s.Migrations || creates(p, s) || indexes(p, s) {
			list = append(list, readSQL(p, s))
		}
	}
	for _, r := range joined(list) {
		s := r.source
		db := &project.Database{Root: parent(s.Root), Files: s.Paths, Schema: schema.Fold(r.migrations, r.dialect)}
		switch {
		case s.Migrations:
			db.Source = "migrations in " + s.Root
			db.Migrations = r.migrations
		default:
			db.Source = s.Paths[0]
			if len(s.Paths) > 1 {
				db.Schema.Conflicts = nil // files that repeat a table are forms of it, not a mistake
			}
		}
		if prior := sameRoot(p.Schemas, db.Root); prior != nil && s.Migrations && prior.Migrations == nil && strings.HasSuffix(prior.Source, ".prisma") {
			prior.Migrations = db.Migrations // Prisma states the schema; its SQL is the history
			for _, f := range s.Paths {
				claimed[f] = true
			}
			continue
		}
		if len(db.Schema.Tables) > 0 {
			addDatabase(p, db, claimed)
		}
	}
}

// indexes reports whether a script builds indexes, of tables that another one creates.
func indexes(p *project.Project, s sqlddl.Source) bool {
	for _, path := range s.Paths {
		if f := p.File(path); f != nil && f.Role != project.Seed && f.Role != project.Script {
			text := strings.ToLower(string(f.Source()))
			if strings.Contains(text, "create index") || strings.Contains(text, "create unique index") {
				return true
			}
		}
	}
	return false
}

func creates(p *project.Project, s sqlddl.Source) bool {
	for _, path := range s.Paths {
		if f := p.File(path); f != nil && f.Role != project.Seed && sqlddl.CreatesTables(f.Source()) {
			return true
		}
	}
	return false
}

func sameRoot(dbs []*project.Database, root string) *project.Database {
	for _, d := range dbs {
		if d.Root == root {
			return d
		}
	}
	return nil
}

// parent is the folder of the application that owns a schema folder: the part before the
// conventional names of such folders.
func parent(dir string) string {
	for {
		base := path.Base(dir)
		switch base {
		case "db", "database", "migrations", "migration", "migrate", "sql", "prisma", "schema", "schemas", "postgres", "postgresql", "mysql", "sqlite", "resources", "main", "src", "scripts", "store", "storage":
			next := path.Dir(dir)
			if next == dir {
				return ""
			}
			if next == "." {
				return ""
			}
			dir = next
			continue
		case ".":
			return ""
		}
		return dir
	}
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// detected names the frameworks that the project really uses: those with models, entry points or
// dependencies.
func detected(p *project.Project, r *flow.Result) []string {
	set := map[string]bool{}
	for _, m := range r.Index.Models {
		set[m.Framework] = true
	}
	for _, f := range p.Files {
		if f.Doc == nil {
			continue
		}
		for _, d := range f.Doc.Dependencies() {
			if name := frameworkOf(d.Name); name != "" {
				set[name] = true
			}
		}
	}
	delete(set, "")
	return keys(set)
}

// frameworkOf names the framework that a dependency brings.
func frameworkOf(dep string) string {
	switch dep = strings.ToLower(dep); dep {
	case "rails", "django", "sidekiq", "prisma", "sequelize", "typeorm", "knex", "celery", "sqlalchemy", "flask", "fastapi", "express", "bullmq", "resque":
		return dep
	case "djangorestframework":
		return "django-rest-framework"
	case "laravel/framework":
		return "laravel"
	case "@prisma/client":
		return "prisma"
	case "drizzle-orm":
		return "drizzle"
	case "kysely", "objection":
		return "knex"
	case "sequelize-typescript":
		return "sequelize"
	case "@nestjs/core":
		return "nestjs"
	case "gorm.io/gorm":
		return "gorm"
	case "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v4":
		return "pgx"
	case "org.springframework.boot:spring-boot-starter-data-jpa", "spring-boot-starter-data-jpa":
		return "spring-data-jpa"
	}
	return ""
}
