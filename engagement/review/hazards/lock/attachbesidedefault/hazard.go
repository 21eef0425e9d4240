// Package attachbesidedefault is the hazard lock.attach-beside-default.
package attachbesidedefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.attach-beside-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.attach-beside-default",
		Title:    "ATTACH PARTITION beside a default partition",
		Summary:  "ATTACH PARTITION reads the whole default partition to see that no row of it belongs into the new one.",
		Why:      "The default partition is under ACCESS EXCLUSIVE for the scan, so that reads and writes that reach it wait.",
		Fix:      "Add a CHECK to the default partition that excludes the new bounds, as NOT VALID, and validate it before.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the default partition",
		Work:     "scans the default partition",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: partition maintenance", URL: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"}},
	},
	Statement: lint.Harmful(predict.AttachDefault),
}
