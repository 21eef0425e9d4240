// Package duplicateindex finds indexes that another index makes superfluous.
package duplicateindex

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.duplicate-index.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.duplicate-index",
		Title:    "Index that another one makes superfluous",
		Summary:  "An index has the same keys as another, or is the beginning of another.",
		Why:      "An index on (a, b) finds rows by a as well as an index on (a) does. The second one costs its share of every insert, update and vacuum, and its pages take room in the cache from those that are used.",
		Cost:     "n x W for each row written -> 0; W cost of one more index entry",
		Fix:      "Drop the shorter one, after its scans were seen to go to the other.",
		Wrong:    "The shorter index is much smaller than the longer one and many queries read it whole (index-only scans). Unique indexes and those with other operator classes, predicates or included columns are not reported, nor is a beginning of another index on products that keep it for a foreign key.",
		Category: "duplicate-index",
		Examples: []rule.Example{{Lang: "sql",
			Before: "CREATE INDEX a ON line_items (order_id);\nCREATE UNIQUE INDEX b ON line_items (order_id, position);",
			After:  "DROP INDEX CONCURRENTLY a;"}},
		Severity: report.Low,
		Effort:   report.Migration,
		Proof:    "pg_stat_user_indexes.idx_scan of the other index rises by what this one had; the time of writes falls.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Multicolumn indexes", URL: "https://www.postgresql.org/docs/current/indexes-multicolumn.html"},
			{Title: "MySQL: Multiple-column indexes", URL: "https://dev.mysql.com/doc/refman/8.0/en/multiple-column-indexes.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go", "prisma"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	for _, db := range indexing.Databases(p) {
		for _, name := range db.Schema.Names() {
			t := db.Schema.Tables[name]
			if t.View || t.PartitionOf != "" || !indexing.Grows(p, t) {
				continue
			}
			for _, d := range t.DuplicateIndexes() {
				report1(p, db, t, d)
			}
		}
	}
}

func report1(p *rule.Pass, db *project.Database, t *schema.Table, d schema.Duplicate) {
	if d.Index.Implied || d.CoveredBy.Implied || d.Index.Constraint {
		return
	}
	at, ok := indexing.Place(p, d.Index.Place, t.Name, "the index")
	if !ok {
		return
	}
	columns := keys(d.Index)
	names := strings.Join(columns, ", ")
	f := rule.Finding{
		Title:      fmt.Sprintf("%s: index on (%s) is superfluous", t.Name, names),
		Primary:    at,
		Subject:    t.Name + "." + d.Index.Name,
		Table:      t.Name,
		Columns:    columns,
		Cause:      indexing.Cause("duplicate-index", db),
		Evidence:   1,
		Confidence: 0.75,
		WrongIf:    "Queries read the shorter index whole because it is smaller.",
	}
	how := "has the same keys"
	if !d.Exact {
		how = "begins with the same keys"
	} else {
		f.Confidence = 0.9
	}
	other := fmt.Sprintf("`%s` (%s)", d.CoveredBy.Name, strings.Join(keys(d.CoveredBy), ", "))
	if d.CoveredBy.Primary {
		other = fmt.Sprintf("the primary key (%s)", strings.Join(keys(d.CoveredBy), ", "))
	}
	f.Claim = fmt.Sprintf("The index `%s` on `%s` (%s) serves nothing that %s does not, which %s: it only costs each write an entry.", d.Index.Name, t.Name, names, other, how)
	if pl, ok := indexing.Place(p, d.CoveredBy.Place, t.Name, "the index that serves instead"); ok {
		f.Secondary = append(f.Secondary, pl)
	}
	x := p.Cost.Rate("W", rate.PostgresIndexWrite)
	f.Cost = &report.Cost{Now: x.Value, Fixed: 0, Unit: "ms", Event: "write", Formula: "n x W -> 0", Inputs: []report.Input{x, cost.Count("n", 1, "entries", "superfluous index entries for each row written")}}
	drop := fmt.Sprintf("DROP INDEX %s;", indexing.Quote(db.Schema.Dialect, d.Index.Name))
	switch db.Schema.Dialect {
	case schema.Postgres:
		drop = fmt.Sprintf("DROP INDEX CONCURRENTLY %s;", indexing.Quote(db.Schema.Dialect, d.Index.Name))
	case schema.MySQL:
		drop = fmt.Sprintf("DROP INDEX %s ON %s;", indexing.Quote(db.Schema.Dialect, d.Index.Name), indexing.Quote(db.Schema.Dialect, t.Name))
	}
	f.Fix = report.Fix{
		Summary:   fmt.Sprintf("Drop the index `%s`.", d.Index.Name),
		SQL:       drop,
		Behaviour: "Queries that used the dropped index use the other one, whose entries are longer: a scan of a long stretch of it reads more pages. Hints that name the index stop working.",
		Rollback:  indexing.Ask{DB: db, Table: t, Columns: d.Index.Columns, Unique: d.Index.Unique, Where: d.Index.Where, Method: d.Index.Method, Name: d.Index.Name}.SQL(),
	}
	f.Edits = inPrisma(p, d)
	p.Report(f)
}

func keys(ix *schema.Index) []string {
	var out []string
	for _, k := range ix.Columns {
		if k.Name != "" {
			out = append(out, k.Name)
		} else {
			out = append(out, k.Expr)
		}
	}
	return out
}

// inPrisma takes the @@index line out of a Prisma schema, from which Prisma makes the migration.
func inPrisma(p *rule.Pass, d schema.Duplicate) []patch.Edit {
	if !strings.HasSuffix(d.Index.Place.Path, ".prisma") || d.Index.Place.EndLine != d.Index.Place.Line {
		return nil
	}
	f := p.File(d.Index.Place.Path)
	if f == nil {
		return nil
	}
	src := string(f.Source())
	start := 0
	for n := 1; n < d.Index.Place.Line; n++ {
		i := strings.IndexByte(src[start:], '\n')
		if i < 0 {
			return nil
		}
		start += i + 1
	}
	end := len(src)
	if i := strings.IndexByte(src[start:], '\n'); i >= 0 {
		end = start + i + 1
	}
	if !strings.HasPrefix(strings.TrimSpace(src[start:end]), "@@index") {
		return nil
	}
	return []patch.Edit{{Path: d.Index.Place.Path, Start: start, End: end}}
}
