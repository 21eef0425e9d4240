// Package rewrite finds changes of a column that rewrite the whole table under a lock.
package rewrite

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/history"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is mig.rewrite.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "mig.rewrite",
		Title:   "Migration rewrites a table under an exclusive lock",
		Summary: "A migration that can still be changed alters a column of a table that existed before in a way that makes the database write every row again.",
		Why: "Most changes of a column's type, and a new column whose default differs from row to row, make PostgreSQL write a new copy of the table and all its indexes under ACCESS EXCLUSIVE: neither reads nor writes get through until it ends. " +
			"MySQL copies the table for a change of type as well and blocks writes (ALGORITHM=COPY). Twice the table's space is needed on the way, and replicas repeat it.",
		Cost:     "N / W of a stopped table -> none (N rows, W rows written a second)",
		Fix:      "Expand and contract: add a new column, write both, fill the old rows in batches, switch the readers, drop the old column.",
		Wrong:    "The table is empty or small. Changes that PostgreSQL makes in its catalog alone (a longer varchar, varchar to text, a constant default) and tables made by the same migration or days before it are not reported.",
		Category: "migration-lock",
		Examples: []rule.Example{{Lang: "sql",
			Before: "ALTER TABLE events ALTER COLUMN id TYPE bigint;",
			After:  "ALTER TABLE events ADD COLUMN id_new bigint;\n-- a trigger keeps it equal, batches fill the old rows, a later migration swaps the names"}},
		Severity: report.High,
		Effort:   report.Migration,
		Cliff:    "the table is gone for everybody for the length of the copy",
		Proof:    "`SELECT pg_relation_filenode('TABLE')` is the same before and after the migration.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: ALTER TABLE, notes on rewrites", URL: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES"},
			{Title: "MySQL: online DDL operations", URL: "https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "sql"},
	},
	Project: func(p *rule.Pass) {
		steps := history.Recent(p, schema.Postgres, schema.MySQL)
		for i := range steps {
			for _, c := range steps[i].Changes {
				check(p, &steps[i], c)
			}
		}
	},
}

func check(p *rule.Pass, s *history.Step, c history.Change) {
	if !c.Live || c.Column == nil {
		return
	}
	name, why := c.Column.Name, ""
	if name == "" {
		name = c.Name
	}
	switch c.Kind {
	case schema.ChangeColumn:
		if c.Change&schema.ChangeType == 0 || c.Before == nil {
			return
		}
		before, after := c.Before.Type, c.Column.Type
		if !rewrites(s.DB.Schema.Dialect, before, after) {
			return
		}
		from, to := text(before), text(after)
		if before.Unsigned != after.Unsigned {
			from, to = signed(before)+" "+from, signed(after)+" "+to
		}
		if from == to {
			return // the schema does not tell what changes
		}
		why = fmt.Sprintf("The type of `%s.%s` changes from %s to %s", c.Table, name, from, to)
	case schema.AddColumn:
		if s.DB.Schema.Dialect != schema.Postgres {
			return
		}
		switch {
		case volatile.MatchString(c.Column.Default):
			why = fmt.Sprintf("The new column `%s.%s` has a default that differs from row to row (`%s`)", c.Table, name, c.Column.Default)
		case c.Column.AutoIncrement:
			why = fmt.Sprintf("The new column `%s.%s` numbers all rows", c.Table, name)
		case c.Column.Generated != "":
			why = fmt.Sprintf("The new column `%s.%s` is computed for all rows", c.Table, name)
		default:
			return
		}
	default:
		return
	}
	confidence := 0.75
	if c.Conditional {
		confidence -= 0.15
	}
	stopped := "nobody can read or write it until that is done"
	if s.DB.Schema.Dialect == schema.MySQL {
		stopped = "no row of it can be written until that is done"
	}
	f := rule.Finding{
		Title:   fmt.Sprintf("%s: `%s` is rewritten for its column `%s`", s.Name(), c.Table, name),
		Claim:   why + ": every row of the table is written again, and " + stopped + ".",
		Primary: s.At(c, ""), Subject: c.Table + "." + name, Table: c.Table, Columns: []string{name},
		Evidence: 1, Confidence: confidence, Cause: s.Cause("rewrite"),
		Cost: history.Hold(p, c.Table, "W", rate.PostgresInsertRows),
		Fix: report.Fix{
			Summary:   s.Advise("Add a column without a default beside it, fill the old rows in batches, switch over, and drop the old one."),
			Behaviour: "No step locks the table for longer than a change of the catalog; for some releases both columns must be written.",
		},
	}
	history.Brief(&f)
	p.Report(f)
}

var volatile = regexp.MustCompile(`(?i)\b(gen_random_uuid|uuid_generate_v\d\w*|uuidv[47]|random|clock_timestamp|timeofday|nextval)\s*\(`)

func text(t schema.Type) string {
	if t.Raw != "" {
		return t.Raw
	}
	return t.Name
}

func signed(t schema.Type) string {
	if t.Unsigned {
		return "unsigned"
	}
	return "signed"
}

// kin are types that PostgreSQL stores alike, so that a change between them touches the catalog only.
var kin = map[string]string{"varchar": "text", "text": "text", "citext": "text", "character varying": "text", "string": "text"}

// known are the types whose changes are understood; others are left alone.
var known = map[string]bool{
	"varchar": true, "text": true, "char": true, "integer": true, "int": true, "bigint": true, "smallint": true, "boolean": true, "numeric": true, "decimal": true, "float": true, "double": true, "real": true,
	"timestamp": true, "timestamptz": true, "datetime": true, "date": true, "uuid": true, "json": true, "jsonb": true, "citext": true, "bytea": true,
}

func rewrites(d schema.Dialect, before, after schema.Type) bool {
	a, b := strings.ToLower(before.Name), strings.ToLower(after.Name)
	if !known[a] || !known[b] || before.Array != after.Array {
		return false
	}
	if a == b {
		switch {
		case d == schema.MySQL:
			return before.Unsigned != after.Unsigned || a == "varchar" && before.Size > 0 && after.Size > 0 && (after.Size < before.Size || before.Size*4 <= 255 && after.Size*4 > 255)
		case a == "varchar" || a == "char":
			return false // shorter: a scan at most
		}
		return false
	}
	if same[a] != "" && same[a] == same[b] {
		return false
	}
	if d == schema.MySQL {
		return true
	}
	if kin[a] != "" && kin[a] == kin[b] {
		return false
	}
	return true
}

// same are names of one type.
var same = map[string]string{
	"int": "integer", "integer": "integer", "decimal": "numeric", "numeric": "numeric", "float": "double", "double": "double", "datetime": "timestamp", "timestamp": "timestamp",
}
