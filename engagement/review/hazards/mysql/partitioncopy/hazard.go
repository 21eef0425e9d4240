// Package partitioncopy is the hazard mysql.partition-copy.
package partitioncopy

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.partition-copy.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.partition-copy",
		Title:    "Repartitioning",
		Summary:  "PARTITION BY, REMOVE PARTITIONING and REORGANIZE move every row into its new partition. MariaDB takes ALGORITHM=INSTANT for it and copies all the same.",
		Why:      "The server fills a new table row by row while writes wait, then swaps the two. Without an ALGORITHM clause nothing says that this happens. Replicas do it again, one after the other, when the source is done.",
		Fix:      "gh-ost or pt-online-schema-change copy in small steps beside the application; or add a new column and fill it in batches.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: lint.Harmful(predict.MyPartition),
}
