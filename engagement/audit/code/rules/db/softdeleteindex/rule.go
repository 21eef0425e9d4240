// Package softdeleteindex finds soft-deleted tables whose indexes hold the deleted rows.
package softdeleteindex

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.soft-delete-index.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.soft-delete-index",
		Title:   "Index on the mark of deletion that finds nothing",
		Summary: "A PostgreSQL table marks deleted rows with a time, its queries ask for the rows without one, and the index on the mark is a plain one.",
		Why: "Nearly all rows that a query wants have NULL in deleted_at, so the planner never uses an index on that column to find them; the index is written with each insert all the same. " +
			"The other indexes hold the deleted rows as well: each search reads and throws away what was deleted, more with every year. A partial index `WHERE deleted_at IS NULL` holds the living rows only.",
		Cost:     "one index entry written for each insert, D / N of each index read for nothing -> none (D deleted of N rows)",
		Fix:      "Drop the plain index; add the condition `WHERE deleted_at IS NULL` to the indexes that lists use, and one `WHERE deleted_at IS NOT NULL` if a job purges.",
		Wrong:    "A job searches for the deleted rows by that index, and few rows are ever deleted. Tables without queries for the living rows are not reported.",
		Category: "soft-delete-index",
		Examples: []rule.Example{{Lang: "sql",
			Before: "CREATE INDEX posts_deleted ON posts (deleted_at);",
			After:  "CREATE INDEX CONCURRENTLY posts_author_living ON posts (author_id) WHERE deleted_at IS NULL;"}},
		Severity: report.Low,
		Effort:   report.Migration,
		Proof:    "`SELECT idx_scan FROM pg_stat_user_indexes` of the plain index stays at zero for a week.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: partial indexes", URL: "https://www.postgresql.org/docs/current/indexes-partial.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript"},
	},
	Project: func(p *rule.Pass) {
		living := map[*schema.Table][]*indexing.Query{}
		dead := map[*schema.Table]bool{}
		for _, q := range indexing.Audited(p) {
			for _, c := range q.Conditions {
				switch {
				case !mark(c.Column):
				case c.Op == sqlquery.IsNull:
					living[q.Table] = append(living[q.Table], q)
				default:
					dead[q.Table] = true // searched by the mark itself: a purge, a list of what is in the bin
				}
			}
		}
		for _, db := range indexing.Databases(p) {
			if db.Schema.Dialect != schema.Postgres {
				continue
			}
			for _, name := range db.Schema.Names() {
				if t := db.Schema.Tables[name]; len(living[t]) > 0 && !dead[t] {
					check(p, db, t, living[t])
				}
			}
		}
	},
}

// mark says whether a column holds the time of a deletion.
func mark(c *schema.Column) bool {
	switch strings.ToLower(c.Name) {
	case "deleted_at", "deletedat", "discarded_at", "removed_at", "archived_at":
		return !c.NotNull
	}
	return false
}

func check(p *rule.Pass, db *project.Database, t *schema.Table, living []*indexing.Query) {
	for _, ix := range t.Indexes {
		if len(ix.Columns) != 1 || ix.Where != "" || ix.Unique || ix.Primary {
			continue
		}
		c := t.Column(ix.Columns[0].Name)
		if c == nil || !mark(c) {
			continue
		}
		at, ok := indexing.Place(p, ix.Place, t.Name, "the index")
		if !ok {
			return
		}
		q := living[0]
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("Index %s finds no living row", ix.Name),
			Claim:   fmt.Sprintf("`%s` indexes all rows of `%s` by `%s`, while the queries (%s:%d is one of %d) ask for the rows in which it is NULL: nearly all of them, so that the index serves none.", ix.Name, t.Name, c.Name, q.File.Path, q.Node.Line(), len(living)),
			Primary: at, Secondary: []rule.Place{q.Place("asks for the living rows")}, Subject: t.Name + "." + ix.Name, Table: t.Name, Columns: []string{c.Name},
			Evidence: 1, Confidence: 0.55, Cause: indexing.Cause("soft-delete-index", db),
			Fix: report.Fix{
				Summary:   "Replace it by partial indexes of the living rows on what the lists search by.",
				Behaviour: "Inserts write one index entry less. A job that searches for deleted rows needs an index WHERE the mark IS NOT NULL.",
				SQL:       fmt.Sprintf("DROP INDEX CONCURRENTLY %s;", indexing.Quote(db.Schema.Dialect, ix.Name)),
				Rollback:  fmt.Sprintf("CREATE INDEX CONCURRENTLY %s ON %s (%s);", indexing.Quote(db.Schema.Dialect, ix.Name), indexing.Quote(db.Schema.Dialect, t.Name), indexing.Quote(db.Schema.Dialect, c.Name)),
			},
		})
	}
}
