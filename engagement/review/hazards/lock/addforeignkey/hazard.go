// Package addforeignkey is the hazard lock.add-foreign-key.
package addforeignkey

import (
	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Hazard is lock.add-foreign-key.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "lock.add-foreign-key",
		Title:    "Foreign key that is checked at once",
		Summary:  "ADD FOREIGN KEY looks up every row of the table, and keeps writes to it and to the referenced table waiting meanwhile.",
		Why:      "SHARE ROW EXCLUSIVE stops INSERT, UPDATE and DELETE on both tables until all rows were looked up. That the referenced table stops is what surprises: it is often the busiest one.",
		Fix:      "Add it as NOT VALID, then VALIDATE CONSTRAINT in a statement of its own: that lets reads and writes of both tables pass.",
		Wrong:    "The table is small, or nobody uses it while the migration runs. Tables that the same change creates are silent, and so are small ones when --db tells sizes.",
		Products: "PostgreSQL",
		Versions: "all",
		Lock:     "SHARE ROW EXCLUSIVE on both tables",
		Work:     "scans the table",
		Severity: report.High,
		Effort:   report.OneLine,
		Before:   "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;",
		After: `ALTER TABLE orders ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
-- in a transaction of its own:
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer;`,
		Refs: []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}, {Title: "PostgreSQL: foreign keys", URL: "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"}},
	},
	Statement: lint.Harmful(predict.AddFK),
}
