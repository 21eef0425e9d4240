// Package rebuild is the hazard mysql.rebuild.
package rebuild

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.rebuild.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.rebuild",
		Title:    "Rebuild in place",
		Summary:  "The table is built anew inside the engine, with reads and writes going on.",
		Why:      "Writes of that time go into a log in memory and temporary files (innodb_online_alter_log_max_size, 128 MiB); when it is full the statement fails at the end and has done nothing. Replicas run it as one statement and fall behind by its whole length.",
		Fix:      "gh-ost or pt-online-schema-change; or a larger log, in a quiet hour, replicas first.",
		Wrong:    "The table is small, or nobody writes to it meanwhile. Measured on MariaDB; for MySQL the manual is the source.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "LOCK=NONE, and a moment of exclusive metadata lock at both ends",
		Work:     "rewrites the table",
		Severity: report.Low,
		Effort:   report.Migration,
		Refs:     []report.Reference{{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"}, {Title: "MySQL: online DDL failure conditions", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-failure-conditions.html"}},
	},
	Statement: lint.OfKind(predict.MyRebuild, predict.MyNotNull, predict.MyOptimize),
}
