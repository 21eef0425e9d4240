package indexing

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Databases lists the schemas that rules about indexes look at: those of products with B-trees whose
// tables were read, without sets of scripts that only repeat a part of another schema.
func Databases(p *rule.Pass) []*project.Database {
	var out []*project.Database
	for _, db := range p.Schemas {
		if db.Schema == nil || len(db.Schema.Tables) == 0 || db.Schema.Dialect == schema.ClickHouse || aside(p, db) || repeats(p, db) || halfRead(p, db) {
			continue
		}
		out = append(out, db)
	}
	return out
}

// halfRead reports whether changes of a schema's application were not read: an index that is not seen may
// be there.
func halfRead(p *rule.Pass, db *project.Database) bool {
	for _, path := range p.UnreadSchemas {
		if len(db.Files) > 0 && p.Application(path) == p.Application(db.Files[0]) {
			return true
		}
	}
	return false
}

// aside reports whether a schema belongs to an example or to tests.
func aside(p *rule.Pass, db *project.Database) bool {
	for _, path := range db.Files {
		f := p.File(path)
		if f == nil {
			continue
		}
		for _, dir := range strings.Split(path, "/") {
			switch dir {
			case "examples", "example", "references", "samples", "sample", "demo", "demos", "playground", "sandbox", "fixtures", "benchmarks", "e2e":
				return true
			}
		}
		return f.Role == project.Test || f.Role == project.Docs || f.Role == project.Vendored
	}
	return false
}

// apart reports whether two schemas belong to different applications of the repository.
func apart(p *rule.Pass, a, b *project.Database) bool {
	return len(a.Files) > 0 && len(b.Files) > 0 && p.Application(a.Files[0]) != p.Application(b.Files[0])
}

// repeats reports whether all tables of a schema are in a larger one of the same application that was
// read before it or is another product's form of it: upgrade scripts beside a dump, one folder for each
// product.
func repeats(p *rule.Pass, db *project.Database) bool {
	for i, other := range p.Schemas {
		if other == db || other.Schema == nil || len(other.Schema.Tables) < len(db.Schema.Tables) || aside(p, other) || apart(p, db, other) {
			continue
		}
		all := true
		for name := range db.Schema.Tables {
			if other.Schema.Tables[name] == nil {
				all = false
				break
			}
		}
		if !all || other.Schema.Dialect == db.Schema.Dialect && strings.HasSuffix(db.Source, ".prisma") {
			continue // a schema file is a database of its own
		}
		if len(other.Schema.Tables) > len(db.Schema.Tables) || rank(other) > rank(db) || rank(other) == rank(db) && i < position(p, db) {
			return true
		}
	}
	return false
}

func position(p *rule.Pass, db *project.Database) int {
	for i, d := range p.Schemas {
		if d == db {
			return i
		}
	}
	return len(p.Schemas)
}

// rank prefers the product on which most production systems of such a project run.
func rank(db *project.Database) int {
	switch db.Schema.Dialect {
	case schema.Postgres:
		return 3
	case schema.MySQL:
		return 2
	case schema.Unknown:
		return 1
	}
	return 0
}

// Candidate is an unindexed key of a table with the finding that says so.
type Candidate struct {
	DB    *project.Database
	Table *schema.Table
	Key   Key
	Ask   Ask
}

// Candidates lists the unindexed keys of all schemas, polymorphic ones or the others, strongest first
// within a schema.
func Candidates(p *rule.Pass, polymorphic bool) []Candidate {
	var out []Candidate
	for _, db := range Databases(p) {
		var list []Candidate
		declared := declaring(db.Schema)
		for _, name := range db.Schema.Names() {
			t := db.Schema.Tables[name]
			if cardinality.Bookkeeping(name) {
				continue
			}
			for _, k := range Unindexed(db, t) {
				if k.Polymorphic != polymorphic {
					continue
				}
				if k.Origin == ByName && (declared || !polymorphic && !searched(p, db, t, k.Columns[0])) {
					continue
				}
				list = append(list, Candidate{DB: db, Table: t, Key: k, Ask: Ask{DB: db, Table: t, Columns: schema.PlainColumns(k.Columns...)}})
			}
		}
		sort.SliceStable(list, func(i, j int) bool { return list[i].Confidence(p) > list[j].Confidence(p) })
		out = append(out, list...)
	}
	return out
}

// searched reports whether code looks rows up by a column, or joins by it.
func searched(p *rule.Pass, db *project.Database, t *schema.Table, column string) bool {
	return len(Uses(p, db, t, []string{column})) > 0 || Joins(p, t, column)
}

// Confidence is how sure it is that the key matters.
func (c Candidate) Confidence(p *rule.Pass) float64 {
	v := [...]float64{ByConstraint: 0.9, ByModel: 0.85, ByName: 0.7}[c.Key.Origin]
	if !Grows(p, c.Table) {
		v -= 0.3
	}
	return math.Round(v*100) / 100
}

// Uses lists the queries that search the columns by equality, those of a named entry point first.
func Uses(p *rule.Pass, db *project.Database, t *schema.Table, columns []string) []*Query {
	var out []*Query
	for _, q := range Queries(p) {
		if q.Table != t || q.DB != db {
			continue
		}
		n := 0
		for _, c := range q.Equal(true) {
			for _, want := range columns {
				if strings.EqualFold(c.Name, want) {
					n++
				}
			}
		}
		if n >= len(columns) {
			out = append(out, q)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return heat(out[i]) > heat(out[j]) })
	return out
}

// Cause names the finding that all findings of a kind in one schema fold into: a habit.
func Cause(kind string, db *project.Database) string {
	return fmt.Sprintf("%s:%s", kind, db.Source)
}

// TableCause names the finding that those of a kind on one table fold into.
func TableCause(kind string, db *project.Database, t *schema.Table) string {
	return Cause(kind, db) + "#" + t.Name
}
