package prepare

import (
	"fmt"
	"path"
	"sort"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlddl"
)

// reading is a set of SQL files with what it does to tables.
type reading struct {
	source     sqlddl.Source
	migrations []schema.Migration
	dialect    schema.Dialect
	makes      map[string]bool // tables that it creates, without views
	touches    map[string]bool // tables of others that it indexes, alters or fills
}

func readSQL(p *project.Project, s sqlddl.Source) *reading {
	migrations, dialect, _ := sqlddl.ReadSource(s, schema.Unknown, func(path string) ([]byte, error) {
		f := p.File(path)
		if f == nil {
			return nil, fmt.Errorf("%s is not in the project", path)
		}
		return f.Source(), nil
	})
	r := &reading{source: s, migrations: migrations, dialect: dialect, makes: map[string]bool{}, touches: map[string]bool{}}
	for i := range migrations {
		for j := range migrations[i].Ops {
			switch op := &migrations[i].Ops[j]; {
			case op.Kind == schema.RawSQL:
			case op.Kind == schema.CreateTable:
				if op.Def == nil || !op.Def.View {
					r.makes[schema.Key(op.Table)] = true
				}
			case op.Table != "":
				r.touches[schema.Key(op.Table)] = true
			}
		}
	}
	for name := range r.makes {
		delete(r.touches, name)
	}
	return r
}

// joined makes one reading of the scripts of a folder that work on the same tables: the tables in one
// file, their indexes in a second, what one product needs besides in a third. Scripts that share no
// table stay apart. The one with the most tables comes first and gives its name.
func joined(list []*reading) []*reading {
	folders := map[string][]*reading{}
	var out []*reading
	for _, r := range list {
		if r.source.Migrations {
			out = append(out, r)
			continue
		}
		folders[r.source.Root] = append(folders[r.source.Root], r)
	}
	for _, dir := range keys(folders) {
		scripts := folders[dir]
		sort.SliceStable(scripts, func(i, j int) bool { return len(scripts[i].makes) > len(scripts[j].makes) })
		var heads []*reading
		for _, s := range scripts {
			head := -1
			for i, h := range heads {
				if !related(h, s) {
					continue
				}
				if head < 0 {
					head = i
					h.take(s)
				}
			}
			if head < 0 {
				heads = append(heads, s)
			}
		}
		for _, h := range heads {
			if len(h.makes) > 0 || path.Base(h.source.Paths[0]) == "structure.sql" {
				out = append(out, h) // what only indexes or alters is no database
			}
		}
	}
	return out
}

// related reports whether the second set works on tables of the first, on the same product.
func related(a, b *reading) bool {
	if a.dialect != b.dialect && a.dialect != schema.Unknown && b.dialect != schema.Unknown {
		return false
	}
	for name := range b.touches {
		if a.makes[name] {
			return true
		}
	}
	for name := range b.makes {
		if a.makes[name] {
			return true
		}
	}
	return false
}

// take adds the files of another set behind those of this one.
func (r *reading) take(other *reading) {
	r.source.Paths = append(r.source.Paths[:len(r.source.Paths):len(r.source.Paths)], other.source.Paths...)
	r.migrations = append(r.migrations[:len(r.migrations):len(r.migrations)], other.migrations...)
	if r.dialect == schema.Unknown {
		r.dialect = other.dialect
	}
	for name := range other.makes {
		r.makes[name] = true
	}
}
