// Package missingindexpoly finds polymorphic references (type and id) that no index serves.
package missingindexpoly

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.missing-index-poly.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.missing-index-poly",
		Title:    "Polymorphic reference without an index",
		Summary:  "A pair of columns (type, id) points at rows of several tables and no index begins with both, or with the id.",
		Why:      "No constraint can cover such a pair, so no database and no constraint-based habit ever creates its index. Every look-up of the comments of a post, and every dependent destroy of a parent, reads the whole table.",
		Cost:     "N x B / S + T + q -> d + T + q for each look-up and each delete of a parent",
		Fix:      "Create an index on (type, id).",
		Wrong:    "The table stays tiny, or it is only written. A pair whose id alone leads an index is not reported.",
		Category: "missing-index",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "create_table :comments do |t|\n  t.string :commentable_type\n  t.bigint :commentable_id\nend",
			After:  "add_index :comments, [:commentable_type, :commentable_id], algorithm: :concurrently"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Proof:    "EXPLAIN of the look-up with both columns shows an index scan.",
		Refs: []report.Reference{
			{Title: "Active Record: polymorphic associations", URL: "https://guides.rubyonrails.org/association_basics.html#polymorphic-associations"},
			{Title: "Laravel: polymorphic relationships", URL: "https://laravel.com/docs/eloquent-relationships#polymorphic-relationships"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go", "prisma"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	w := indexing.Writer(p, "polymorphic_keys", 2)
	indexing.Report(p, w, func(report func(indexing.Ask, rule.Finding)) {
		for _, c := range indexing.Candidates(p, true) {
			if f, ok := finding(p, c); ok {
				report(c.Ask, f)
			}
		}
	})
}

func finding(p *rule.Pass, c indexing.Candidate) (rule.Finding, bool) {
	t, k := c.Table, c.Key
	at, ok := indexing.ColumnPlace(p, t, k.Columns[len(k.Columns)-1])
	if !ok {
		return rule.Finding{}, false
	}
	pair := k.Columns[0]
	for _, col := range k.Columns[1:] {
		pair += ", " + col
	}
	f := rule.Finding{
		Title:      fmt.Sprintf("%s (%s) has no index", t.Name, pair),
		Claim:      fmt.Sprintf("`%s` (%s) points at rows of several tables, and no index begins with it: each look-up of the rows of one parent, and each delete of one, reads the whole table.", t.Name, pair),
		Primary:    at,
		Subject:    t.Name + "." + pair,
		Table:      t.Name,
		Columns:    k.Columns,
		Cause:      indexing.TableCause("poly-unindexed", c.DB, t),
		Severity:   report.Low,
		Evidence:   1,
		Confidence: c.Confidence(p),
		Fix:        c.Ask.Fix(p),
		WrongIf:    fmt.Sprintf("`%s` stays below a thousand rows or is never searched by its parent.", t.Name),
	}
	event := "query"
	uses := indexing.Uses(p, c.DB, t, k.Columns[len(k.Columns)-1:])
	if k.Origin == indexing.ByName && len(uses) == 0 {
		return rule.Finding{}, false // two words that go together are not yet a reference
	}
	for i, q := range uses {
		if i < 3 {
			f.Secondary = append(f.Secondary, q.Place("searches the pair"))
		}
		if i == 0 {
			event = indexing.Event(q)
			f.Severity = indexing.Severity(p, t, event)
			if q.Entry != "" {
				f.Evidence = 2
			}
		}
	}
	if len(uses) > 0 {
		f.Cost = p.Cost.Scan(t.Name, event)
	}
	return f, true
}
