// Package indextoolong is the hazard mysql.index-too-long.
package indextoolong

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is mysql.index-too-long.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "mysql.index-too-long",
		Title:    "Index key over 3072 bytes",
		Summary:  "The columns of an index take more than 3072 bytes in utf8mb4.",
		Why:      "InnoDB refuses it (or cuts it to a prefix where sql_mode is not strict).",
		Fix:      "Index a prefix: code(191); or a hash in a generated column.",
		Wrong:    "The columns are of a single-byte character set.",
		Products: "MySQL, MariaDB",
		Versions: "all",
		Lock:     "none: it fails",
		Work:     "catalog only",
		Severity: report.Medium,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "MySQL: InnoDB limits", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			t := p.World.Table(a.Table)
			if p.World.Postgres() || a.Index == nil || t == nil || a.Index.Prefix || a.Index.Method == "fulltext" {
				return
			}
			bytes := 0
			for _, name := range a.Index.Columns {
				if c := t.Column(name); c != nil && c.Type.Name == "varchar" {
					bytes += 4 * c.Type.Size
				}
			}
			if bytes > longest {
				p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table + "." + a.Name, Claim: fmt.Sprintf("The key takes up to %d bytes in utf8mb4; InnoDB takes %d.", bytes, longest)})
			}
		})
	},
}

// longest is the longest key of InnoDB in bytes, with DYNAMIC rows and 16 KiB pages.
const longest = 3072
