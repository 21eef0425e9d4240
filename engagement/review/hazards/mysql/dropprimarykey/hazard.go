// Package dropprimarykey is the hazard mysql.drop-primary-key.
package dropprimarykey

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.drop-primary-key.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.drop-primary-key",
		Title:    "Primary key dropped",
		Summary:  "DROP PRIMARY KEY without a new one in the same statement copies the table.",
		Why:      "The server fills a new table row by row while writes wait, then swaps the two. Without an ALGORITHM clause nothing says that this happens. Replicas do it again, one after the other, when the source is done. Row-based replication then looks for each row by a scan.",
		Fix:      "Drop and add the key in one ALTER TABLE.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: lint.Harmful(predict.MyDropPrimary),
}
