// Package createpartitionbesidedefault is the hazard lock.create-partition-beside-default.
package createpartitionbesidedefault

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.create-partition-beside-default.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.create-partition-beside-default",
		Title:    "New partition beside a default partition",
		Summary:  "CREATE TABLE ... PARTITION OF reads the whole default partition to see that no row of it belongs into the new one.",
		Why:      "Parent and default partition are under ACCESS EXCLUSIVE for the scan; the server prints nothing about it.",
		Fix:      "Make partitions before rows for them come, keep the default partition empty, or attach with a validated CHECK on the default.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "ACCESS EXCLUSIVE on parent and default partition",
		Work:     "scans the default partition",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "PostgreSQL: partition maintenance", URL: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE"}},
	},
	Statement: lint.Harmful(predict.PartitionDefault),
}
