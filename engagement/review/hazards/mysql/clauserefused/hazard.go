// Package clauserefused is the hazard mysql.clause-refused.
package clauserefused

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.clause-refused.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.clause-refused",
		Title:    "ALGORITHM or LOCK that the server cannot give",
		Summary:  "An ALTER TABLE asks for an ALGORITHM or a LOCK that is cheaper than what the change needs.",
		Why:      "The server refuses such a statement at once (errors 1845, 1846, 1221): no data are harmed, but the migration stops there, and the statements before it are done.",
		Fix:      "Ask for what the change needs, where its locks can be borne, or bring the change about in another way: a new column beside the old one, or a tool that fills a shadow table.",
		Wrong:    "The schema that was given is not that of production.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none, it is refused",
		Work:     "none",
		Severity: report.High,
		Effort:   report.OneFile,
		Before:   "ALTER TABLE orders DROP COLUMN code, ALGORITHM=INSTANT; -- an index over code goes with it",
		After:    "ALTER TABLE orders DROP COLUMN code, ALGORITHM=NOCOPY, LOCK=NONE; -- MariaDB",
		Refs: []report.Reference{
			{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"},
			{Title: "MariaDB: InnoDB online DDL overview", URL: "https://mariadb.com/kb/en/innodb-online-ddl-overview/"},
		},
	},
	Statement: func(p *lint.Pass) {
		im := p.Step.RefusedBy
		if im == nil || im.Action == nil {
			return
		}
		clause := clauses(im.Action.Algorithm, im.Action.Lock)
		f := lint.Finding{Action: im.Action, Impact: im, Title: fmt.Sprintf("%s: refused with %s", im.Table, clause)}
		f.Claim = fmt.Sprintf("The server refuses the statement with %s, before it locks anything, and the migration stops there.", clause)
		if im.Unsure {
			f.Sev = report.Medium
			f.Title = fmt.Sprintf("%s: may be refused with %s", im.Table, clause)
			f.Claim = fmt.Sprintf("The server is likely to refuse the statement with %s; what the schema tells does not decide it.", clause)
		}
		if im.Because != "" {
			f.Claim += " The reason: " + im.Because + "."
		}
		if least := least(im); least != "" {
			f.Claim += " The change needs " + least + "."
		}
		p.Report(f)
	},
}

// clauses are the clauses as they were written.
func clauses(algorithm, lock string) string {
	var parts []string
	if algorithm != "" {
		parts = append(parts, "ALGORITHM="+algorithm)
	}
	if lock != "" {
		parts = append(parts, "LOCK="+lock)
	}
	return strings.Join(parts, ", ")
}

// least are the cheapest clauses that the change can have.
func least(im *predict.Impact) string {
	return clauses(im.Effect.Algorithm.String(), im.Effect.Admits.String())
}
