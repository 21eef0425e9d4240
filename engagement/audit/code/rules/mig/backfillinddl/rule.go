// Package backfillinddl finds mass updates in the transaction of a schema change.
package backfillinddl

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/history"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is mig.backfill-in-ddl.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "mig.backfill-in-ddl",
		Title:   "Rows filled in the transaction that changed the schema",
		Summary: "A migration that can still be changed alters a live table and then updates or deletes many rows in the same transaction.",
		Why: "On PostgreSQL a migration is one transaction: the ACCESS EXCLUSIVE lock that ALTER TABLE took is held until the commit, so the table can be neither read nor written while the rows are filled. " +
			"The update writes a new version of every row and of its index entries at once: the table doubles, replicas lag, and a failure near the end throws all of it away.",
		Cost:     "N / W of a stopped table -> none (N rows, W rows written a second)",
		Fix:      "Commit the change of the schema first; fill the rows afterwards in batches, each in its own transaction.",
		Wrong:    "The table is small, or the condition picks few rows. Tables made by the same migration or days before it, and migrations that have shipped, are not reported; MySQL commits each change by itself.",
		Category: "migration-lock",
		Examples: []rule.Example{{Lang: "sql",
			Before: "ALTER TABLE users ADD COLUMN plan text;\nUPDATE users SET plan = 'free';",
			After:  "ALTER TABLE users ADD COLUMN plan text DEFAULT 'free'; -- no rewrite since PostgreSQL 11"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "the deploy stops the table for as long as the update runs",
		Proof:    "While the rows are filled `SELECT 1 FROM table LIMIT 1` answers at once.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: explicit locking", URL: "https://www.postgresql.org/docs/current/explicit-locking.html"},
			{Title: "Django: data migrations and transactions", URL: "https://docs.djangoproject.com/en/stable/topics/migrations/#data-migrations"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "sql"},
	},
	Project: func(p *rule.Pass) {
		steps := history.Recent(p, schema.Postgres)
		for i := range steps {
			if steps[i].Migration.Transactional {
				check(p, &steps[i])
			}
		}
	},
}

func check(p *rule.Pass, s *history.Step) {
	locked := map[string]history.Change{}
	for _, c := range s.Changes {
		if c.Live && history.Exclusive(c.Kind) {
			if _, ok := locked[schema.Key(c.Table)]; !ok {
				locked[schema.Key(c.Table)] = c
			}
			continue
		}
		verb, name := history.Filled(c)
		verb = strings.ToUpper(verb)
		ddl, ok := locked[schema.Key(name)]
		if name == "" || !ok {
			continue
		}
		fix := "Move the statement behind the commit, in batches of some thousand rows by primary key."
		behaviour := "Readers see rows that are not filled yet until the batches are through; the code must accept both."
		if bound := relies(s, name); bound != "" {
			fix = "Make it three migrations: add the column, fill it in batches outside of a transaction, then " + bound + "."
			behaviour = "The release in between must accept rows that are not filled yet."
		}
		f := rule.Finding{
			Title:   fmt.Sprintf("%s: %s of `%s` under the lock of ALTER TABLE", s.Name(), verb, name),
			Claim:   fmt.Sprintf("The %s of `%s` runs in the transaction that altered the table in line %d: nobody reads or writes the table until all rows are done.", verb, name, ddl.Place.Line),
			Primary: s.At(c, ""), Secondary: []rule.Place{s.At(ddl, "takes ACCESS EXCLUSIVE until the commit")}, Subject: verb + " " + name, Table: name,
			Evidence: 1, Confidence: 0.75, Cause: s.Cause("backfill-in-ddl"),
			Cost: history.Hold(p, name, "W", rate.PostgresInsertRows),
			Fix: report.Fix{
				Summary:   s.Advise(fix),
				Behaviour: behaviour,
			},
		}
		history.Brief(&f)
		p.Report(f)
	}
}

// relies says what the same migration does that needs the rows to be filled, so that the statement can
// not simply move behind its commit; "" when nothing does.
func relies(s *history.Step, table string) string {
	for _, op := range s.Migration.Ops {
		switch {
		case op.Kind == schema.ChangeColumn && op.Change&schema.ChangeNull != 0 && op.Column != nil && op.Column.NotNull && schema.Key(op.Table) == schema.Key(table):
			return "set NOT NULL"
		case op.Kind == schema.DropTable:
			return "drop the old table"
		case op.Kind == schema.DropColumn:
			return "drop the old column"
		}
	}
	return ""
}
