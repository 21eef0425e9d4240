// Package leadingwildcard finds patterns that begin with a wildcard on growing tables.
package leadingwildcard

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.leading-wildcard.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.leading-wildcard",
		Title:    "Pattern with a leading wildcard",
		Summary:  "A query on a growing table filters by LIKE '%x%', which no B-tree serves, and no trigram or full-text index holds the column.",
		Why:      "A B-tree is sorted by the first characters; a pattern without them leaves nothing to search by. Every row is read and matched, and ILIKE folds the case of each value as well.",
		Cost:     "N x B / S + T + q -> d + T + q",
		Fix:      "PostgreSQL: a GIN index with pg_trgm's gin_trgm_ops, which serves LIKE and ILIKE as they are. MySQL: a FULLTEXT index with the ngram parser and MATCH. Or drop the leading wildcard.",
		Wrong:    "The table stays tiny, another condition narrows it first, or the search is rare (an administrator's).",
		Category: "leading-wildcard",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT id FROM articles WHERE title ILIKE '%' || $1 || '%'",
			After:  "CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY index_articles_on_title ON articles USING gin (title gin_trgm_ops);"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Proof:    "EXPLAIN shows a bitmap index scan on the trigram index for patterns of three characters and more.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: pg_trgm", URL: "https://www.postgresql.org/docs/current/pgtrgm.html"},
			{Title: "MySQL: ngram full-text parser", URL: "https://dev.mysql.com/doc/refman/8.0/en/fulltext-search-ngram.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go"},
	},
	Project: func(p *rule.Pass) {
		for _, w := range indexing.Inverted(p, true) {
			t, column := w.Ask.Table, w.Ask.Names()[0]
			f, event, ok := indexing.Draft(p, w, "leading-wildcard", func(where string) string {
				return fmt.Sprintf("%s matches `%s.%s` with a pattern that begins with a wildcard, and no trigram or full-text index holds the column: each search reads the whole table.", where, t.Name, column)
			})
			if !ok {
				continue
			}
			f.Title = fmt.Sprintf("%s.%s is searched by LIKE '%%...'", t.Name, column)
			f.WrongIf = fmt.Sprintf("`%s` stays below some ten thousand rows, or the search is rare.", t.Name)
			f.Confidence = 0.65
			switch w.Ask.DB.Schema.Dialect {
			case schema.Postgres:
				f.Fix.SQL = "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n" + f.Fix.SQL
				f.Fix.Summary = fmt.Sprintf("Create a trigram index on `%s.%s`.", t.Name, column)
				f.Fix.Behaviour = "The extension pg_trgm must be allowed on the server. A trigram index holds an entry for every three characters: it is often larger than the column, and each write of the column costs several times what a B-tree adds. Patterns of one or two characters still read the table. " + f.Fix.Behaviour
			case schema.MySQL:
				f.Fix = report.Fix{Summary: fmt.Sprintf("Search `%s.%s` by a FULLTEXT index with the ngram parser and MATCH, or without the leading wildcard.", t.Name, column),
					Behaviour: "MATCH finds words or n-grams, not arbitrary substrings, and ranks differently."}
			default:
				f.Fix = report.Fix{Summary: "Drop the leading wildcard, or search by a full-text or trigram index.", Behaviour: "A pattern that is fixed at its beginning finds prefixes only."}
			}
			f.Cost = p.Cost.Scan(t.Name, event)
			p.Report(f)
		}
	},
}
