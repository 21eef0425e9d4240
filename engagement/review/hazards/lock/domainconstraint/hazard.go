// Package domainconstraint is the hazard lock.domain-constraint.
package domainconstraint

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.domain-constraint.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.domain-constraint",
		Title:    "Constraint of a domain in use",
		Summary:  "ALTER DOMAIN ADD CONSTRAINT reads every table that has a column of the domain, all under SHARE until the end.",
		Why:      "Writes to all those tables wait at once.",
		Fix:      "Add it as NOT VALID, then ALTER DOMAIN ... VALIDATE CONSTRAINT one by one in quiet hours; or put a CHECK on each table.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE on each table with a column of the domain",
		Work:     "scans the tables",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER DOMAIN", URL: "https://www.postgresql.org/docs/current/sql-alterdomain.html"}},
	},
	Statement: lint.Harmful(predict.DomainConstraint),
}
