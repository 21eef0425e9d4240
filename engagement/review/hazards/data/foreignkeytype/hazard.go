// Package foreignkeytype is the hazard data.foreign-key-type.
package foreignkeytype

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Hazard is data.foreign-key-type.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "data.foreign-key-type",
		Title:    "Foreign key between different types",
		Summary:  "The column of a foreign key has another type than the one it refers to.",
		Why:      "The join needs a cast, which may keep it from its index; and an integer that refers to a bigint ends at 2,147,483,647 while the parent goes on.",
		Fix:      "Give the column the type of the referenced one before it has rows.",
		Wrong:    "The types compare alike by intent (text and varchar).",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "SHARE ROW EXCLUSIVE on both tables",
		Work:     "scans the table",
		Severity: report.Medium,
		Effort:   report.OneFile,
		Refs:     []report.Reference{{Title: "PostgreSQL: foreign keys", URL: "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"}, {Title: "PostgreSQL: numeric types", URL: "https://www.postgresql.org/docs/current/datatype-numeric.html"}},
	},
	Statement: func(p *lint.Pass) {
		p.Actions(func(a *statement.Action, im *predict.Impact, _ lint.Status) {
			check := func(k *statement.Constraint, own func(string) schema.Type) {
				if k.Type != statement.ForeignKey || len(k.Columns) == 0 {
					return
				}
				parent := p.World.Table(k.RefTable)
				if parent == nil {
					return
				}
				refs := k.RefColumns
				if len(refs) == 0 {
					refs = parent.PrimaryKey
				}
				for i, c := range k.Columns {
					if i >= len(refs) {
						return
					}
					to := parent.Column(refs[i])
					from := own(c)
					if to == nil || from.Raw == "" || to.Type.Raw == "" || alike(from, to.Type) {
						continue
					}
					p.Report(lint.Finding{Action: a, Impact: im, Subject: a.Table + "." + c, Title: fmt.Sprintf("%s.%s is %s and refers to %s", a.Table, c, from.Raw, to.Type.Raw),
						Claim: fmt.Sprintf("%s.%s is of type %s; the column %s.%s that it refers to is %s.", a.Table, c, from.Raw, parent.Name, refs[i], to.Type.Raw)})
				}
			}
			inTable := func(name string) schema.Type {
				if t := p.World.Table(a.Table); t != nil {
					if c := t.Column(name); c != nil {
						return c.Type
					}
				}
				return schema.Type{}
			}
			switch {
			case a.Constraint != nil:
				check(a.Constraint, inTable)
			case a.Kind == statement.AddColumn:
				for _, k := range a.Column.Constraints {
					check(k, func(string) schema.Type { return a.Column.Type })
				}
			case a.Kind == statement.CreateTable:
				types := map[string]schema.Type{}
				all := append([]*statement.Constraint(nil), a.Def.Constraints...)
				for _, c := range a.Def.Columns {
					types[c.Name] = c.Type
					all = append(all, c.Constraints...)
				}
				for _, k := range all {
					check(k, func(name string) schema.Type { return types[name] })
				}
			}
		})
	},
}

// alike says whether two types compare by the same operator and hold the same values.
func alike(a, b schema.Type) bool {
	text := func(t schema.Type) bool { return t.Name == "text" || t.Name == "varchar" || t.Name == "citext" }
	return a.Name == b.Name && a.Unsigned == b.Unsigned || text(a) && text(b)
}
