// Package skiplockedmissing finds queue tables that are polled with FOR UPDATE but without SKIP LOCKED.
package skiplockedmissing

import (
	"regexp"

	"github.com/napkin-infra/napkin/engagement/audit/code/cost"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema/sqlquery"
)

// Rule is db.skip-locked-missing.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.skip-locked-missing",
		Title:    "Queue table polled without SKIP LOCKED",
		Summary:  "A query takes the first rows of a queue with ORDER BY, LIMIT and FOR UPDATE, without SKIP LOCKED.",
		Why:      "All workers ask for the same first rows. The first one locks them; every other waits for its commit, and then for the next one's. Adding workers adds waiting connections and no throughput.",
		Cost:     "W workers x J job time -> J; with SKIP LOCKED each worker takes other rows",
		Fix:      "Add SKIP LOCKED, so that each worker takes rows that nobody else holds.",
		Wrong:    "There is one worker by design, or the order must be kept strictly: then the wait is wanted. Migrations are not reported: one process runs them.",
		Category: "race-read-modify-write",
		Examples: []rule.Example{{Lang: "sql",
			Before: "SELECT id FROM jobs WHERE done_at IS NULL ORDER BY id LIMIT 10 FOR UPDATE",
			After:  "SELECT id FROM jobs WHERE done_at IS NULL ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "A second worker adds waiting and no throughput; one slow job stops the whole queue.",
		Proof:    "With two workers running, pg_stat_activity shows no session that waits for a transactionid or tuple lock of the queue table.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: SELECT, the locking clause", URL: "https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE"},
			{Title: "MySQL: locking reads with SKIP LOCKED", URL: "https://dev.mysql.com/doc/refman/8.0/en/innodb-locking-reads.html"},
		},
		Langs: []string{"go", "ruby", "python", "typescript", "php", "java"},
	},
	File: check,
}

var lockClause = regexp.MustCompile(`(?i)\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b(?:\s+OF\s+\w+)?`)

func check(p *rule.Pass, f *project.File) {
	if f.Tree == nil || n1.Quiet(f) { // a migration fills rows alone: it is no worker beside others
		return
	}
	for s := range f.Tree.Root().Descendants(syntax.String) {
		m := lockClause.FindAllStringIndex(s.Str(), -1)
		if len(m) != 1 {
			continue
		}
		st := sqlquery.Analyze(s.Str())
		polls := false
		st.Walk(func(q *sqlquery.Statement) {
			if q.ForUpdate && !q.SkipLocked && !q.NoWait && q.HasLimit && len(q.OrderBy) > 0 && !byKey(q) {
				polls = true
			}
		})
		if !polls {
			continue
		}
		table := ""
		if len(st.Tables) > 0 {
			table = st.Tables[0].Name
		}
		out := rule.Finding{
			Title:      listing.Title(f, s, "`"+table+"` polled without SKIP LOCKED"),
			Claim:      "The query locks the first rows of `" + table + "`; a second worker asks for the same rows and waits until the first commits.",
			Primary:    rule.At(f, s, "the poll"),
			Subject:    table,
			Table:      table,
			Evidence:   1,
			Confidence: 0.85,
			Cost: p.Cost.Hold([]report.Input{cost.Assume("J", 200, "ms", "time that the first worker holds the rows: the work between this query and its commit")},
				nil, "poll"),
			Fix: report.Fix{
				Summary:   "Add `SKIP LOCKED` behind `FOR UPDATE`.",
				Behaviour: "Workers take different rows and run side by side, so rows are no longer handled strictly one after the other.",
			},
		}
		raw := f.NodeText(s)
		if at := lockClause.FindAllStringIndex(raw, -1); len(at) == 1 {
			end := int(s.Start()) + at[0][1]
			out.Edits = []patch.Edit{{Path: f.Path, Start: end, End: end, New: " SKIP LOCKED"}}
		}
		p.Report(out)
	}
}

// byKey reports whether the query asks for rows of one owner: then the lock guards that owner's rows
// and is no queue.
func byKey(q *sqlquery.Statement) bool {
	for _, f := range q.Filters {
		if f.Op == sqlquery.Eq && f.Value == sqlquery.Parameter && !f.Or {
			switch f.Column {
			case "queue", "queue_name", "status", "state", "kind", "type", "topic", "channel":
				continue
			}
			return true
		}
	}
	return false
}
