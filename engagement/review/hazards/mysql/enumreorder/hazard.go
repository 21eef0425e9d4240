// Package enumreorder is the hazard mysql.enum-reorder.
package enumreorder

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.enum-reorder.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.enum-reorder",
		Title:    "Members of an ENUM moved or removed",
		Summary:  "An ENUM or SET gets its members in another order, or fewer: every row is converted in a copy.",
		Why:      "The server fills a new table row by row while writes wait, then swaps the two. Without an ALGORITHM clause nothing says that this happens. Replicas do it again, one after the other, when the source is done.",
		Fix:      "Append new members at the end, which is a matter of the catalog.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: lint.Harmful(predict.MyEnum),
}
