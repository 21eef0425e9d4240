// Package foreignkeycopy is the hazard mysql.foreign-key-copy.
package foreignkeycopy

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.foreign-key-copy.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.foreign-key-copy",
		Title:    "Foreign key that copies the table",
		Summary:  "ADD FOREIGN KEY with foreign_key_checks on checks the rows in a copy of the table.",
		Why:      "The server fills a new table row by row while writes wait, then swaps the two. Without an ALGORITHM clause nothing says that this happens. Replicas do it again, one after the other, when the source is done.",
		Fix:      "Check the rows by a query first, then add it with SET foreign_key_checks = 0 in the session, which reads nothing.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "rewrites the table",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}, {Title: "MySQL: foreign key constraints", URL: "https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html"}},
	},
	Statement: lint.Harmful(predict.MyForeignKey),
}
