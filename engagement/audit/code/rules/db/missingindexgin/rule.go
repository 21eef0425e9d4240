// Package missingindexgin finds containment in JSON and arrays that no inverted index serves.
package missingindexgin

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.missing-index-gin.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.missing-index-gin",
		Title:    "Containment searched without a GIN index",
		Summary:  "A query asks which rows contain a key, a document or an array element, and the column has no inverted index.",
		Why:      "A B-tree holds whole values and can not answer what they contain. Without a GIN index the database fetches and unpacks every document of the table, also the large ones that are stored out of line.",
		Cost:     "N x B / S + N / U + T + q -> d + T + q; U documents unpacked a second",
		Fix:      "Create a GIN index on the column (jsonb_path_ops when only @> is asked).",
		Wrong:    "The table stays tiny, or rows are written far more often than searched: a GIN index costs much more per write than a B-tree.",
		Category: "missing-index",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT id FROM events WHERE payload @> $1",
			After:  "CREATE INDEX CONCURRENTLY index_events_on_payload ON events USING gin (payload);"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Proof:    "EXPLAIN shows a bitmap index scan on the GIN index.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: jsonb indexing", URL: "https://www.postgresql.org/docs/current/datatype-json.html#JSON-INDEXING"},
			{Title: "PostgreSQL: GIN indexes", URL: "https://www.postgresql.org/docs/current/gin.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		indexing.Report(p, indexing.Writer(p, "documents", 6), func(report func(indexing.Ask, rule.Finding)) {
			for _, w := range indexing.Inverted(p, false) {
				if w.Ask.DB.Schema.Dialect != schema.Postgres && w.Ask.DB.Schema.Dialect != schema.Unknown {
					continue
				}
				t, column := w.Ask.Table, w.Ask.Names()[0]
				f, event, ok := indexing.Draft(p, w, "containment-unindexed", func(where string) string {
					return fmt.Sprintf("%s asks what `%s.%s` contains, and no inverted index holds that: each such query reads and unpacks the column of every row.", where, t.Name, column)
				})
				if !ok {
					continue
				}
				f.Title = fmt.Sprintf("%s.%s is searched by content without a GIN index", t.Name, column)
				f.WrongIf = fmt.Sprintf("`%s` stays below a thousand rows, or is written far more than searched.", t.Name)
				f.Fix.Behaviour = "A GIN index keeps an entry for every key and element: inserts and updates of the column cost several times what a B-tree adds (the pending list defers part of it), and the index may be as large as the column. " + f.Fix.Behaviour
				f.Cost = p.Cost.ScanDocuments(t.Name, event)
				report(w.Ask, f)
			}
		})
	},
}
