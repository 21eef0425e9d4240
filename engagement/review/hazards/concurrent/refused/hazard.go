// Package refused is the hazard concurrent.refused.
package refused

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is concurrent.refused.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "concurrent.refused",
		Title:    "Form of an online operation that the server refuses",
		Summary:  "DROP INDEX CONCURRENTLY of several indexes or with CASCADE, DETACH PARTITION CONCURRENTLY beside a default partition, or a NOT VALID foreign key of a partitioned table before 18.",
		Why:      "The server refuses the statement, so that the migration stops there, with what came before it done where there is no transaction.",
		Fix:      "Drop one index per statement; detach without CONCURRENTLY under a short lock_timeout, or move the rows out of the default partition and drop it first; add the key to each partition as NOT VALID, validate those, and add it to the parent last.",
		Wrong:    "The schema that was given is not that of production.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "none, it is refused",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Before:   "DROP INDEX CONCURRENTLY a, b;",
		After:    "DROP INDEX CONCURRENTLY a;\nDROP INDEX CONCURRENTLY b;",
		Refs:     []report.Reference{{Title: "PostgreSQL: DROP INDEX", URL: "https://www.postgresql.org/docs/current/sql-dropindex.html"}, {Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			f := lint.Finding{Action: a, Subject: a.Table}
			switch {
			case a.Kind == statement.DropIndex && a.Concurrently && len(a.Names) > 1:
				f.Title = fmt.Sprintf("DROP INDEX CONCURRENTLY of %d indexes is refused", len(a.Names))
				f.Claim, f.Subject = "DROP INDEX CONCURRENTLY takes one index; the server refuses several.", a.Names[0]
			case a.Kind == statement.DropIndex && a.Concurrently && a.Cascade:
				f.Title, f.Claim, f.Subject = "DROP INDEX CONCURRENTLY with CASCADE is refused", "DROP INDEX CONCURRENTLY does not support CASCADE; the server refuses it.", a.Name
			case a.Kind == statement.DetachPartition && a.Concurrently && p.World.DefaultPartition(a.Table) != "":
				f.Title = a.Table + ": DETACH PARTITION CONCURRENTLY is refused"
				f.Claim = "It is refused while the table has a default partition, which is " + p.World.DefaultPartition(a.Table) + "."
			case a.Kind == statement.AddConstraint && a.Constraint != nil && im.Kind == predict.AddFKNotValid && p.World.Partitioned(a.Table) && p.World.Server.Major < 18:
				f.Title = a.Table + ": a NOT VALID foreign key of a partitioned table is refused"
				f.Claim = "Before PostgreSQL 18 a foreign key of a partitioned table cannot be NOT VALID; the server refuses it."
			default:
				return
			}
			p.Report(f)
		})
	},
}
