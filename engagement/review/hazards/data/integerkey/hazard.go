// Package integerkey is the hazard data.integer-key.
package integerkey

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is data.integer-key.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.integer-key",
		Title:    "Primary key of 32 bits",
		Summary:  "A new table has an integer or serial primary key.",
		Why:      "It ends at 2,147,483,647 (values are also lost by rolled back inserts), and widening it then rewrites the table and each that refers to it.",
		Fix:      "Use bigint (bigserial, or bigint GENERATED ... AS IDENTITY): four bytes more a row.",
		Wrong:    "The table is a short list kept by hand.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "none",
		Work:     "catalog only",
		Severity: report.Low,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: numeric types", URL: "https://www.postgresql.org/docs/current/datatype-numeric.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			if a.Kind == statement.CreateTable && !a.Temporary && small(a.Def) {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table, Title: a.Table + ": primary key of 32 bits", Claim: "The primary key of " + a.Table + " is an integer that counts up.", Cause: "int-key", Together: "%d new tables have a primary key of 32 bits"})
			}
		})
	},
}

// small says whether the primary key is one column that counts up in 32 bits.
func small(def *statement.Table) bool {
	key := ""
	for _, k := range def.Constraints {
		if k.Type == statement.PrimaryKey && len(k.Columns) == 1 {
			key = k.Columns[0]
		}
	}
	for _, c := range def.Columns {
		own := c.Name == key
		for _, k := range c.Constraints {
			own = own || k.Type == statement.PrimaryKey
		}
		if own && c.Identity && (c.Type.Name == "integer" || c.Type.Name == "smallint") && !c.Type.Unsigned {
			return true
		}
	}
	return false
}
