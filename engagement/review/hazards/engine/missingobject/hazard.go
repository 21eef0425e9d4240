// Package missingobject is the hazard engine.missing-object.
package missingobject

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/review/lint"
	"github.com/napkin-infra/napkin/engagement/review/predict"
	"github.com/napkin-infra/napkin/engagement/review/statement"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
	"github.com/napkin-infra/napkin/foundation/sqltoken"
)

// Hazard is engine.missing-object.
var Hazard = &lint.Hazard{
	Doc: lint.Doc{
		ID:       "engine.missing-object",
		Title:    "Table or column that is not there, or is there already",
		Summary:  "A statement names a table or column that the schema of --schema or --db does not have, or adds one that it has.",
		Why:      "The server refuses the statement, so that the migration stops there, with what came before it done where there is no transaction.",
		Fix:      "Correct the name; or write IF EXISTS or IF NOT EXISTS where both states are meant.",
		Wrong:    "The schema that was given is older than the database, or something outside of the migrations makes the object meanwhile.",
		Products: "PostgreSQL, MySQL, MariaDB",
		Versions: "all",
		Lock:     "none, it is refused",
		Work:     "catalog only",
		Severity: report.High,
		Effort:   report.OneLine,
		Refs:     []report.Reference{{Title: "PostgreSQL: ALTER TABLE", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"}},
	},
	Statement: func(p *lint.Pass) {
		if !p.World.Whole {
			return
		}
		added := map[string]bool{} // by earlier parts of the same statement
		p.Actions(func(a *statement.Action, _ *predict.Impact, _ lint.Status) {
			text := wrong(p.World, a, added)
			if text != "" {
				p.Report(lint.Finding{Action: a, Subject: a.Table + " " + a.Name, Title: text, Claim: "By the schema that was given " + lower(text) + ", so that the server refuses the statement."})
			}
			if a.Kind == statement.AddColumn {
				added[strings.ToLower(a.Name)] = true
			}
			if a.Kind == statement.RenameColumn {
				added[strings.ToLower(a.NewName)] = true
			}
		})
	},
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// wrong says what of an action cannot be, or returns nothing.
func wrong(w *lint.World, a *statement.Action, added map[string]bool) string {
	t := w.Table(a.Table)
	switch a.Kind {
	case statement.CreateTable:
		if t != nil && !t.View && !a.IfNotExists && !a.Temporary && sameSchema(t.Name, a.Table) {
			return "The table " + t.Name + " is there already"
		}
		return ""
	case statement.AddColumn, statement.DropColumn, statement.AlterType, statement.SetNotNull, statement.DropNotNull, statement.SetDefault, statement.DropDefault, statement.RenameColumn, statement.Modify,
		statement.CreateIndex, statement.AddConstraint, statement.Truncate:
	default:
		return ""
	}
	if t == nil {
		if a.IfExists || a.Table == "" || w.Relation(a.Table) {
			return ""
		}
		return "There is no table " + a.Table
	}
	if t.Incomplete || t.View {
		return ""
	}
	has := func(column string) bool {
		return t.Column(column) != nil || added[strings.ToLower(column)] || system[strings.ToLower(column)]
	}
	switch a.Kind {
	case statement.AddColumn:
		if !a.IfNotExists && a.Name != "" && t.Column(a.Name) != nil {
			return fmt.Sprintf("%s has a column %s already", t.Name, a.Name)
		}
	case statement.DropColumn, statement.AlterType, statement.SetNotNull, statement.DropNotNull, statement.SetDefault, statement.DropDefault, statement.RenameColumn, statement.Modify:
		if !a.IfExists && a.Name != "" && !has(a.Name) {
			return fmt.Sprintf("%s has no column %s", t.Name, a.Name)
		}
	case statement.CreateIndex:
		if a.Index == nil {
			return ""
		}
		for _, k := range a.Index.Keys {
			if plain := len(k) == 1 || len(k) > 1 && k[1].Kind == sqltoken.Word; plain && (k[0].Kind == sqltoken.Word || k[0].Kind == sqltoken.Quoted) && !has(k[0].Value()) {
				return fmt.Sprintf("%s has no column %s", t.Name, k[0].Value())
			}
		}
	case statement.AddConstraint:
		if a.Constraint == nil {
			return ""
		}
		for _, c := range a.Constraint.Columns {
			if !has(c) {
				return fmt.Sprintf("%s has no column %s", t.Name, c)
			}
		}
	}
	return ""
}

// system are columns that every table of PostgreSQL has.
var system = map[string]bool{"ctid": true, "xmin": true, "xmax": true, "cmin": true, "cmax": true, "tableoid": true, "oid": true}

// sameSchema says whether a name without a schema, or with the same one, was found.
func sameSchema(found, written string) bool {
	f, w := schema.Key(found), schema.Key(written)
	i, j := strings.LastIndexByte(f, '.'), strings.LastIndexByte(w, '.')
	return i < 0 && j < 0 || i >= 0 && j >= 0 && f[:i] == w[:j]
}
