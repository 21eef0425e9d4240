// Package validatefk finds constraints that are validated under the lock that adds them.
package validatefk

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/history"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is mig.validate-fk.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "mig.validate-fk",
		Title:   "Foreign key validated under a lock on both tables",
		Summary: "A migration that can still be changed adds a foreign key to a PostgreSQL table that existed before and has it checked at once.",
		Why: "ADD FOREIGN KEY takes a SHARE ROW EXCLUSIVE lock on both tables and joins the whole referencing table with the referenced one before it lets go: nobody can write to either table meanwhile. " +
			"NOT VALID adds the constraint in a moment (new rows are checked from then on), and VALIDATE CONSTRAINT checks the old rows under a lock that lets writes through.",
		Cost:     "N / S of blocked writes on two tables -> none (N rows, S rows a second of a scan)",
		Fix:      "Add the constraint NOT VALID, and validate it in a migration of its own.",
		Wrong:    "The table is empty or small. Tables made by the same migration or days before it, columns added by the same migration (all NULL), tables that the transaction has locked already, and migrations that have shipped are not reported.",
		Category: "migration-lock",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "add_foreign_key :line_items, :variants",
			After:  "add_foreign_key :line_items, :variants, validate: false\n# in the next migration\nvalidate_foreign_key :line_items, :variants"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "a deploy stops the writes of both tables for the length of a scan",
		Proof:    "`SELECT conname FROM pg_constraint WHERE NOT convalidated` is empty after the second migration, and no statement waited for a lock during either.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: ALTER TABLE, NOT VALID and VALIDATE CONSTRAINT", URL: "https://www.postgresql.org/docs/current/sql-altertable.html"},
			{Title: "Rails: add_foreign_key, validate", URL: "https://api.rubyonrails.org/classes/ActiveRecord/ConnectionAdapters/SchemaStatements.html#method-i-add_foreign_key"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "sql"},
	},
	Project: func(p *rule.Pass) {
		steps := history.Recent(p, schema.Postgres)
		for i := range steps {
			for _, c := range steps[i].Changes {
				check(p, &steps[i], c)
			}
		}
	},
}

func check(p *rule.Pass, s *history.Step, c history.Change) {
	fk := c.ForeignKey
	if !history.CheckedKey(c) || validatedLater(s, c) {
		return
	}
	columns := strings.Join(fk.Columns, ", ")
	f := rule.Finding{
		Title:   fmt.Sprintf("%s: foreign key of `%s` (%s) is validated under a lock", s.Name(), c.Table, columns),
		Claim:   fmt.Sprintf("The foreign key from `%s` (%s) to `%s` is checked while it is added: neither table can be written until all rows of `%s` were read.", c.Table, columns, fk.RefTable, c.Table),
		Primary: s.At(c, ""), Subject: c.Table + "(" + columns + ")", Table: c.Table, Columns: fk.Columns,
		Evidence: 1, Confidence: 0.7, Cause: s.Cause("validate-fk"),
		Cost: history.Hold(p, c.Table, "S", rate.PostgresScanRows),
		Fix: report.Fix{
			Summary:   s.Advise("Add the constraint NOT VALID here and validate it in the next migration."),
			Behaviour: "New rows are checked from the first migration on; the second checks the old ones under a lock that blocks other schema changes only.",
			SQL:       validation(s, c),
		},
		Edits: edits(p, s, c),
	}
	history.Brief(&f)
	p.Report(f)
}

// validation is the statement of the second migration; empty when the constraint's name is not known.
func validation(s *history.Step, c history.Change) string {
	name := c.ForeignKey.Name
	if t := s.DB.Schema.Table(c.Table); t != nil && name == "" && s.File.Lang == "sql" { // PostgreSQL chose it
		for _, fk := range t.ForeignKeys {
			if slices.Equal(fk.Columns, c.ForeignKey.Columns) {
				name = fk.Name
			}
		}
	}
	if name == "" {
		return ""
	}
	return fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s;", history.Quote(c.Table), history.Quote(name))
}

// validatedLater reports a constraint that replaces one of the same columns: the rows are known to fit
// but PostgreSQL checks again; such a change is rare and deliberate.
func validatedLater(s *history.Step, c history.Change) bool {
	for _, op := range s.Migration.Ops {
		if op.Kind == schema.ValidateForeign && schema.Key(op.Table) == schema.Key(c.Table) {
			return true
		}
	}
	return false
}

var super = regexp.MustCompile(`class\s+\w+\s*<\s*(\S*Migration\[[\d.]+\])`)

func edits(p *rule.Pass, s *history.Step, c history.Change) []patch.Edit {
	call := s.Call(c, "add_foreign_key")
	if !call.Ok() || c.Conditional || history.Explained(call) || history.SeveralProducts(p.Project) {
		return nil
	}
	m := super.FindStringSubmatch(string(s.File.Source()))
	base := path.Base(s.File.Path)
	version, _, ok := strings.Cut(base, "_")
	if m == nil || !ok || len(version) != 14 {
		return nil
	}
	option := "validate: false"
	if strings.Contains(s.File.NodeText(call), "=>") {
		option = ":validate => false"
	}
	edit, ok := history.Append(s.File, call, option)
	if !ok {
		return nil
	}
	to, from := schema.Unquote(c.ForeignKey.RefTable), schema.Unquote(c.Table)
	target := fmt.Sprintf(":%s, :%s", from, to)
	if column := call.Keyword("column"); column.Ok() {
		target = fmt.Sprintf(":%s, column: %s", from, s.File.NodeText(column))
	} else if name := call.Keyword("name"); name.Ok() {
		target = fmt.Sprintf(":%s, name: %s", from, s.File.NodeText(name))
	}
	next := following(p, s, version, c)
	if next == "" || strings.ContainsAny(from+to, ". ") {
		return nil
	}
	name := fmt.Sprintf("validate_%s_%s", from, strings.Join(c.ForeignKey.Columns, "_"))
	text := fmt.Sprintf("class %s < %s\n  def up\n    validate_foreign_key %s\n  end\n\n  def down; end\nend\n", camel(name), m[1], target)
	return []patch.Edit{edit, {Path: path.Join(path.Dir(s.File.Path), next+"_"+name+".rb"), New: text, Create: true}}
}

// following is a version behind the migration that no other has: one for each change of it.
func following(p *rule.Pass, s *history.Step, version string, c history.Change) string {
	taken := map[string]bool{}
	for _, m := range s.DB.Migrations {
		v, _, _ := strings.Cut(path.Base(m.Path), "_")
		taken[v] = true
	}
	n := 0
	for _, r := range version {
		if r < '0' || r > '9' {
			return ""
		}
		n = n*10 + int(r-'0')
	}
	skip := 0
	for _, x := range s.Changes {
		if x.Place.Line < c.Place.Line && x.Kind == schema.AddForeignKey {
			skip++
		}
	}
	for ; ; n++ {
		v := fmt.Sprintf("%014d", n+1)
		if taken[v] {
			continue
		}
		if skip == 0 {
			return v
		}
		skip--
	}
}

func camel(s string) string {
	var sb strings.Builder
	for _, w := range strings.Split(s, "_") {
		if w != "" {
			sb.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return sb.String()
}
