// Package copy is the hazard mysql.copy.
package copy

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.copy.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.copy",
		Title:    "Change that copies the table",
		Summary:  "ALTER TABLE can not be done in place: the server falls back to ALGORITHM=COPY in silence.",
		Why:      "The server fills a new table row by row while writes wait, then swaps the two. Without an ALGORITHM clause nothing says that this happens. Replicas do it again, one after the other, when the source is done.",
		Fix:      "gh-ost or pt-online-schema-change copy in small steps beside the application; or add a new column and fill it in batches. Write ALGORITHM=INPLACE, LOCK=NONE, so that the server refuses instead.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Before:   "ALTER TABLE orders MODIFY total bigint;",
		After: `ALTER TABLE orders ADD COLUMN total_new bigint, ALGORITHM=INSTANT;
-- fill it in batches, swap the names`,
		Refs: []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: lint.Harmful(predict.MyCopy),
}
