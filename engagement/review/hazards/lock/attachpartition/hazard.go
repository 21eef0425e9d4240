// Package attachpartition is the hazard lock.attach-partition.
package attachpartition

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.attach-partition.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.attach-partition",
		Title:    "ATTACH PARTITION that reads the partition",
		Summary:  "ATTACH PARTITION reads every row of the new partition to see that it fits the bounds, unless a valid CHECK proves it.",
		Why:      "The table that becomes a partition is under ACCESS EXCLUSIVE for the whole scan: its readers wait.",
		Fix:      "Add a CHECK of the same bounds (and NOT NULL) as NOT VALID to the table and validate it before; drop it behind.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on the partition, SHARE UPDATE EXCLUSIVE on the parent",
		Work:     "scans the partition",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: partition maintenance", URL: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"}},
	},
	Statement: lint.Harmful(predict.AttachScan),
}
