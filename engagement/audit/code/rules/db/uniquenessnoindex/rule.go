// Package uniquenessnoindex finds uniqueness that only the application checks.
package uniquenessnoindex

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.uniqueness-no-index.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.uniqueness-no-index",
		Title:   "Uniqueness without a unique index",
		Summary: "A validation or a find-or-create relies on values being unique, and no unique index holds them so.",
		Why: "The application looks whether the value exists and then inserts. Two requests at the same time both look, both find nothing and both insert: the duplicate that the check was for. " +
			"And without any index on the columns each check reads the whole table, on every save.",
		Cost:     "N x B / S + T + q -> d + T + q for each save, when no index leads with the columns",
		Fix:      "Remove duplicates, create the unique index, and handle its violation (or write INSERT ... ON CONFLICT).",
		Wrong:    "Only one process ever writes, or duplicates do no harm. Validations with conditions, look-ups by NULL, and columns of which a unique index holds a part, are not reported.",
		Category: "uniqueness-no-index",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "validates :slug, uniqueness: { scope: :account_id }",
			After:  "add_index :pages, [:account_id, :slug], unique: true, algorithm: :concurrently"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Cliff:    "Two writers at the same time both pass the check, and the duplicate stays.",
		Proof:    "Two concurrent inserts of the same value: the second one fails with a unique violation.",
		Refs: []report.Reference{
			{Title: "Active Record: uniqueness", URL: "https://guides.rubyonrails.org/active_record_validations.html#uniqueness"},
			{Title: "Django: get_or_create", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#get-or-create"},
			{Title: "PostgreSQL: INSERT ... ON CONFLICT", URL: "https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT"},
		},
		Langs: []string{"ruby", "python", "php", "typescript"},
	},
	Project: func(p *rule.Pass) {
		type columns struct {
			table *schema.Table
			names string
		}
		seen := map[columns]bool{}
		for _, c := range claims(p) {
			if id := (columns{c.ask.Table, strings.Join(c.ask.Names(), ",")}); !seen[id] {
				seen[id] = true
				report1(p, c)
			}
		}
	},
}

// claim is a set of columns that code takes for unique.
type claim struct {
	ask        indexing.Ask
	at         rule.Place
	what       string // "the validation", "find_or_create_by"
	entry      string
	confidence float64
}

func report1(p *rule.Pass, c claim) {
	t, columns := c.ask.Table, plain(c.ask)
	if holds(t, columns) {
		return
	}
	list := strings.Join(c.ask.Names(), ", ")
	f := rule.Finding{
		Title:      fmt.Sprintf("%s (%s) is taken for unique without a unique index", t.Name, list),
		Primary:    c.at,
		Subject:    t.Name + "." + list,
		Table:      t.Name,
		Columns:    columns,
		Cause:      indexing.Cause("uniqueness", c.ask.DB),
		Evidence:   1,
		Confidence: c.confidence,
		Fix:        c.ask.Fix(p),
		WrongIf:    "Only one process writes these rows, or a duplicate does no harm.",
	}
	if c.entry != "" {
		f.Evidence = 2
	}
	f.Claim = fmt.Sprintf("%s takes `%s` (%s) for unique, but no unique index holds it so: two requests at once insert the value twice.", c.what, t.Name, list)
	led := false
	for _, name := range columns {
		led = led || len(t.IndexesLeading(name)) > 0
	}
	if !indexing.Grows(p, t) {
		f.Severity = report.Low
	}
	if !led && indexing.Grows(p, t) {
		f.Claim += " No other index helps the check either, so that it reads the whole table."
		f.Cost = p.Cost.Scan(t.Name, "write")
	}
	if pl, ok := indexing.ColumnPlace(p, t, columns[len(columns)-1]); ok {
		f.Secondary = append(f.Secondary, pl)
	}
	f.Fix.Summary = fmt.Sprintf("Create a unique index on `%s` (%s).", t.Name, list)
	f.Fix.Behaviour = "A second insert of the same value fails with an error that the application must handle. The index can not be built while duplicates exist: find them with GROUP BY ... HAVING count(*) > 1 and merge them first. " + f.Fix.Behaviour
	p.Report(f)
}

// plain names the columns of the keys, without the function around them.
func plain(a indexing.Ask) []string {
	out := a.Names()
	for i, name := range out {
		if inner, ok := strings.CutPrefix(name, "lower("); ok {
			out[i] = strings.TrimSuffix(inner, ")")
		}
	}
	return out
}

// Claimed lists the single columns, as "table.column" in lower case, for which the rule asks for a
// unique index: it serves look-ups too, so that no other index is wanted.
func Claimed(p *rule.Pass) map[string]bool {
	return p.Derive(claimedOf{p.Flow}, func() any {
		out := map[string]bool{}
		for _, c := range claims(p) {
			if columns := plain(c.ask); len(columns) == 1 && !holds(c.ask.Table, columns) {
				out[strings.ToLower(c.ask.Table.Name+"."+columns[0])] = true
			}
		}
		return out
	}).(map[string]bool)
}

// claimedOf is the key under which the claims of a flow result are kept.
type claimedOf struct{ of *flow.Result }

// holds reports whether a unique index covers a part of the columns, plain or through an expression.
func holds(t *schema.Table, columns []string) bool {
	indexes := t.Indexes
	if len(t.PrimaryKey) > 0 {
		indexes = append(indexes[:len(indexes):len(indexes)], &schema.Index{Columns: schema.PlainColumns(t.PrimaryKey...), Unique: true})
	}
	for _, ix := range indexes {
		if !ix.Unique || len(ix.Columns) == 0 {
			continue
		}
		all := true
		for _, k := range ix.Columns {
			found := false
			for _, c := range columns {
				found = found || strings.EqualFold(k.Name, c) || k.Expr != "" && strings.Contains(strings.ToLower(k.Expr), strings.ToLower(c))
			}
			all = all && found
		}
		if all {
			return true
		}
	}
	return false
}
