// Package varchar255 is the hazard mysql.varchar-255.
package varchar255

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.varchar-255.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.varchar-255",
		Title:    "VARCHAR that crosses 255 bytes",
		Summary:  "A VARCHAR grows over 255 bytes, where its length takes two bytes: the table is copied.",
		Why:      "The server fills a new table row by row while writes wait, then swaps the two. Without an ALGORITHM clause nothing says that this happens. Replicas do it again, one after the other, when the source is done.",
		Fix:      "Stay at or below 63 characters of utf8mb4, or make room from the start: growth beyond 255 bytes is a matter of the catalog.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: lint.Harmful(predict.MyVarcharCopy),
}
