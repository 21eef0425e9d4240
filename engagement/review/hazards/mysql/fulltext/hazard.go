// Package fulltext is the hazard mysql.fulltext.
package fulltext

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.fulltext.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.fulltext",
		Title:    "FULLTEXT or SPATIAL index",
		Summary:  "A FULLTEXT or SPATIAL index is built while writes wait; the first FULLTEXT one of a table rebuilds it too.",
		Why:      "Reads go on, writes wait for the whole build.",
		Fix:      "Build it on a copy (gh-ost), or in a quiet hour.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=SHARED: writes wait",
		Work:     "builds an index",
		Severity: report.High,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}},
	},
	Statement: lint.Harmful(predict.MyIndexShared),
}
