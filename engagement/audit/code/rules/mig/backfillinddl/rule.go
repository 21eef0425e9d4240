// Package backfillinddl finds mass updates in the transaction of a schema change.
package backfillinddl

import (
	"fmt"
	"regexp"
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
		Summary: "A recent migration changes a live table and then updates or deletes many rows in the same transaction.",
		Why: "On PostgreSQL a migration is one transaction: the ACCESS EXCLUSIVE lock that ALTER TABLE took is held until the commit, so the table can be neither read nor written while the rows are filled. " +
			"The update writes a new version of every row and of its index entries at once: the table doubles, replicas lag, and a failure near the end throws all of it away.",
		Cost:     "N / W of a stopped table -> none (N rows, W rows written a second)",
		Fix:      "Commit the change of the schema first; fill the rows afterwards in batches, each in its own transaction.",
		Wrong:    "The table is small, or the condition picks few rows. Tables made by the same migration or days before it are not reported; MySQL commits each change by itself.",
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

var (
	mass = regexp.MustCompile(`(?is)^\s*(update)\s+(?:only\s+)?([\w".]+)|^\s*(delete)\s+from\s+(?:only\s+)?([\w".]+)`)
	// few picks rows by a value of a key.
	few = regexp.MustCompile(`(?is)\bwhere\b[^;]*\b(id|uuid|key|slug|name|email|code)\s*(=\s*('|\d|\$)|in\s*\(\s*('|\d))`)
)

var exclusive = map[schema.OpKind]bool{
	schema.AddColumn: true, schema.DropColumn: true, schema.RenameColumn: true, schema.ChangeColumn: true, schema.AddPrimaryKey: true, schema.DropConstraint: true, schema.AddUnique: true,
}

func check(p *rule.Pass, s *history.Step) {
	locked := map[string]history.Change{}
	for _, c := range s.Changes {
		if c.Live && exclusive[c.Kind] {
			if _, ok := locked[schema.Key(c.Table)]; !ok {
				locked[schema.Key(c.Table)] = c
			}
			continue
		}
		if c.Kind != schema.RawSQL {
			continue
		}
		m := mass.FindStringSubmatch(c.SQL)
		if m == nil || few.MatchString(c.SQL) {
			continue
		}
		verb, name := strings.ToUpper(m[1]+m[3]), schema.Unquote(m[2]+m[4])
		ddl, ok := locked[schema.Key(name)]
		if !ok {
			continue
		}
		confidence := 0.75
		if !p.Grows(name) {
			confidence = 0.4
		}
		p.Report(rule.Finding{
			Title:   fmt.Sprintf("%s is filled under the lock of its own change", name),
			Claim:   fmt.Sprintf("%s of `%s` runs in the transaction that changed the table before: it stays locked against reads and writes until all rows are done.", verb, name),
			Primary: s.At(c, ""), Secondary: []rule.Place{s.At(ddl, "takes ACCESS EXCLUSIVE until the commit")}, Subject: verb + " " + name, Table: name,
			Evidence: 1, Confidence: confidence, Cause: s.Cause("backfill-in-ddl"),
			Cost: history.Hold(p, name, "W", rate.PostgresInsertRows),
			Fix: report.Fix{
				Summary:   "Move the statement behind the commit, in batches of some thousand rows by primary key.",
				Behaviour: "Readers see rows that are not filled yet until the batches are through; the code must accept both.",
			},
		})
	}
}
