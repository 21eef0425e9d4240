// Package enumvalueintransaction is the hazard data.enum-value-in-transaction.
package enumvalueintransaction

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.enum-value-in-transaction.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.enum-value-in-transaction",
		Title:    "ALTER TYPE ADD VALUE in a transaction",
		Summary:  "A value is added to an enumeration in the transaction of the migration.",
		Why:      "Before PostgreSQL 12 the statement is refused in a transaction block; since then it passes, and a statement of the same transaction that uses the new value fails with \"unsafe use of new value\".",
		Fix:      "Put it into a migration of its own.",
		Wrong:    "Nothing in the transaction uses the value, and the server is 12 or later.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TYPE", URL: "https://www.postgresql.org/docs/current/sql-altertype.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.AlterEnum && a.Option == "add value" && p.Step.InTransaction && p.World.NewEnum(a.Name) == nil && (p.World.Server.Major < 12 || usedLater(p, a.NewName)) {
				f := lint.Finding{Action: a, Impact: im, Subject: a.Name, Sev: report.High, Claim: "The value is used in the transaction that adds it, which the server refuses (unsafe use of new value)."}
				if p.World.Server.Major < 12 {
					f.Claim = "Before PostgreSQL 12 ALTER TYPE ... ADD VALUE cannot run in a transaction block; the server refuses it."
				}
				p.Report(f)
			}
		})
	},
}

// usedLater says whether a later statement of the file holds the value.
func usedLater(p *lint.Pass, value string) bool {
	all := p.Step.File.Migration.Script.Statements
	for i := p.Step.Index + 1; i < len(all) && !all[i].Tokens[0].Is("COMMIT"); i++ {
		if strings.Contains(all[i].Text, "'"+value+"'") {
			return true
		}
	}
	return false
}
