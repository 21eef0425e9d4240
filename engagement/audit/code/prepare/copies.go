package prepare

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

var copyFolder = regexp.MustCompile(`(^|[-_.])(demos?|samples?|backups?|bak|old|legacy|archived?|obsolete|deprecated)([-_.]|$)`)

// copies tells the dumps that lie about in a repository from the schema: where a migration tool states the
// schema of an application, a dump of some database of it does not.
type copies struct {
	project *project.Project
	applied map[string]bool // applications with migrations
	tables  map[string]bool // of schemas that a tool applies
}

func newCopies(p *project.Project, sources []sqlddl.Source) *copies {
	c := &copies{project: p, applied: map[string]bool{}, tables: map[string]bool{}}
	for _, db := range p.Schemas {
		if len(db.Migrations) == 0 || len(db.Files) == 0 {
			continue
		}
		c.applied[p.Application(db.Files[0])] = true
		for name := range db.Schema.Tables {
			c.tables[name] = true
		}
	}
	for _, s := range sources {
		// Single numbered scripts are as often no migrations.
		if s.Migrations && !s.Alternate && (s.Tool != sqlddl.Numbered || len(s.Paths) > 3) && !inCopyFolder(s.Paths[0]) {
			c.applied[p.Application(s.Paths[0])] = true
		}
	}
	return c
}

// is reports whether a set of scripts is a copy of a database: by its folder, or by what its files say.
func (c *copies) is(s sqlddl.Source) bool {
	if len(s.Paths) == 0 {
		return false
	}
	aside := inCopyFolder(s.Paths[0])
	if s.Migrations && !aside {
		return false
	}
	f := c.project.File(s.Paths[0])
	if f == nil {
		return false
	}
	if !aside && (named(s.Paths[0]) || !sqlddl.IsDump(f.Source())) {
		return false
	}
	if c.applied[c.project.Application(s.Paths[0])] {
		return true
	}
	if len(c.tables) == 0 || s.Migrations {
		return false // an application of its own, which may be called "legacy"
	}
	for _, file := range s.Paths {
		f := c.project.File(file)
		if f == nil {
			continue
		}
		ops, _ := sqlddl.ParseDDL(file, f.Source(), schema.Unknown)
		for i := range ops {
			if c.tables[schema.Key(ops[i].Table)] {
				return true
			}
		}
	}
	return false
}

// named reports whether a file has a name under which tools keep the schema that they dump after a
// migration.
func named(file string) bool {
	name := strings.ToLower(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	return name == "schema" || name == "structure"
}

func inCopyFolder(file string) bool {
	for _, dir := range strings.Split(strings.ToLower(path.Dir(file)), "/") {
		if copyFolder.MatchString(dir) {
			return true
		}
	}
	return false
}
