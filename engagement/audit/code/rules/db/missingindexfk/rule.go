// Package missingindexfk finds foreign keys that no index serves.
package missingindexfk

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.missing-index-fk.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.missing-index-fk",
		Title:   "Foreign key without an index",
		Summary: "A column holds keys of another table and no index begins with it.",
		Why: "PostgreSQL, SQL Server, Oracle and SQLite do not index the referencing side of a foreign key. Deleting a parent row, or changing its key, then reads the whole child table to check the constraint or to cascade, " +
			"once for every parent row and with locks held meanwhile. Each query that asks for the children of a row (a relation, a join, a count) reads the whole table too. It goes unnoticed until the child table is large. " +
			"InnoDB indexes constraints by itself, but not columns that only the code knows as keys.",
		Cost:     "N x B / S + T + q -> d + T + q for each deleted parent row and each look-up of children; N rows of the child table, B bytes a row, S scan rate, d index descent",
		Fix:      "Create an index that begins with the column, without blocking writes (CONCURRENTLY, ALGORITHM=INPLACE).",
		Wrong:    "The child table stays tiny, or the parent rows are never deleted and the children never looked up through the column. Keys that a unique constraint, a primary key, a composite or a partial index leads with are not reported; tables that look like hand-kept lists are listed last.",
		Category: "missing-index",
		Examples: []rule.Example{{Lang: "sql",
			Before: "CREATE TABLE line_items (\n  id bigserial PRIMARY KEY,\n  order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE\n);",
			After:  "CREATE INDEX CONCURRENTLY index_line_items_on_order_id ON line_items (order_id);"}},
		Severity: report.High,
		Effort:   report.Migration,
		Proof:    "EXPLAIN (ANALYZE) DELETE of one parent row inside BEGIN ... ROLLBACK: the time of the constraint's trigger falls to well under a millisecond; EXPLAIN of the look-up shows an index scan instead of a sequential one.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: Foreign keys", URL: "https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK"},
			{Title: "PostgreSQL: Building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"},
			{Title: "MySQL: FOREIGN KEY constraints", URL: "https://dev.mysql.com/doc/refman/8.0/en/create-table-foreign-keys.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript", "java", "go", "prisma"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	w := indexing.Writer(p, "foreign_keys", 1)
	indexing.Report(p, w, func(report func(indexing.Ask, rule.Finding)) {
		for _, c := range indexing.Candidates(p, false) {
			if f, ok := finding(p, c); ok {
				report(c.Ask, f)
			}
		}
	})
}

func finding(p *rule.Pass, c indexing.Candidate) (rule.Finding, bool) {
	t, k := c.Table, c.Key
	at, ok := indexing.ColumnPlace(p, t, k.Columns[0])
	if !ok {
		return rule.Finding{}, false
	}
	columns := strings.Join(k.Columns, ", ")
	f := rule.Finding{
		Title:      fmt.Sprintf("%s.%s has no index", t.Name, columns),
		Primary:    at,
		Subject:    t.Name + "." + columns,
		Table:      t.Name,
		Columns:    k.Columns,
		Cause:      indexing.TableCause("fk-unindexed", c.DB, t),
		Together:   "%d keys of " + t.Name + " without an index",
		Evidence:   1,
		Confidence: c.Confidence(p),
		Fix:        c.Ask.Fix(p),
		WrongIf:    fmt.Sprintf("`%s` stays below a thousand rows, or its rows are never looked up or deleted through `%s`.", t.Name, columns),
	}
	f.Claim = fmt.Sprintf("`%s.%s` %s, and no index begins with it: %s", t.Name, columns, origin(k), consequence(c))
	if k.Place.Path != "" && (k.Place.Path != at.File.Path || k.Place.Line != at.Line) {
		if pl, ok := indexing.Place(p, k.Place, t.Name, "the key"); ok {
			f.Secondary = append(f.Secondary, pl)
		}
	}
	seen := indexing.Uses(p, c.DB, t, k.Columns)
	uses := indexing.Unserved(seen)
	for i, q := range uses {
		if i < 3 {
			f.Secondary = append(f.Secondary, q.Place("searches the column"))
		}
	}
	deleted := k.Origin == indexing.ByConstraint && indexing.Deletes(p, k.RefTable)
	grows := indexing.Grows(p, t)
	switch {
	case grows && len(uses) > 0:
		event := indexing.Event(uses[0])
		f.Severity = indexing.Severity(p, t, event)
		f.Cost = p.Cost.Scan(t.Name, event)
		if uses[0].Entry != "" {
			f.Evidence = 2
			f.Claim += fmt.Sprintf(" %s searches it.", uses[0].Entry)
		}
	default:
		// Nobody was seen to look rows up by it alone: one finding for all such keys of the schema, last in order.
		f.Severity, f.Cause, f.Together = report.Low, indexing.Cause("fk-cascade", c.DB), "%d foreign keys that each delete of a parent row scans for"
		if len(seen) > 0 {
			f.Claim += " The queries that search the column are served by other indexes."
			if k.Origin == indexing.ByConstraint {
				f.Title += fmt.Sprintf(" for deletes from %s", k.RefTable)
			}
		}
		if !grows {
			break
		}
		f.Cost = p.Cost.Scan(t.Name, "delete of a parent row")
		switch {
		case k.Origin != indexing.ByConstraint: // no delete scans for it; only a look-up that was not seen would
			f.Cost = p.Cost.Scan(t.Name, "look-up by it alone that no code was seen to make")
			f.Cause, f.Together = indexing.Cause("fk-unused", c.DB), "%d keys that no constraint states and no index holds"
			f.Confidence = min(f.Confidence, 0.6)
		case indexing.Audit(t, k):
			seldom(&f, c, fmt.Sprintf("The column only records who did it, and rows of `%s` are deleted seldom.", k.RefTable))
		case indexing.Kept(p, c.DB, k.RefTable):
			seldom(&f, c, fmt.Sprintf("The model of `%s` only marks rows as deleted, and no code was seen to delete them for good.", k.RefTable))
		case deleted:
			f.Severity = indexing.Severity(p, t, "query")
		default:
			f.Claim += fmt.Sprintf(" No code was seen to delete from `%s`.", k.RefTable)
		}
	}
	return f, true
}

// seldom sets a finding apart whose event hardly ever comes: listed last, and in no migration, so that the
// indexes that matter are not merged or refused with it.
func seldom(f *rule.Finding, c indexing.Candidate, why string) {
	f.Claim += " " + why
	f.Severity, f.Confidence = report.Low, min(f.Confidence, 0.5)
	f.Cause, f.Together = indexing.Cause("fk-seldom", c.DB), "%d foreign keys whose parent rows are hardly ever deleted"
}

func origin(k indexing.Key) string {
	switch k.Origin {
	case indexing.ByConstraint:
		return fmt.Sprintf("is a foreign key to `%s`", k.RefTable)
	case indexing.ByModel:
		if k.RefTable == "" {
			return "is the key of a relation"
		}
		return fmt.Sprintf("is the key of a relation to `%s`", k.RefTable)
	}
	return fmt.Sprintf("is named and typed like a key of `%s`", k.RefTable)
}

func consequence(c indexing.Candidate) string {
	k := c.Key
	switch {
	case k.Origin != indexing.ByConstraint:
		return "whoever asks for the rows of one parent reads the whole table."
	case k.OnDelete == "cascade" || k.OnDelete == "set null" || k.OnDelete == "set default":
		return fmt.Sprintf("each delete in `%s` reads the whole of `%s` to apply ON DELETE %s.", k.RefTable, c.Table.Name, strings.ToUpper(k.OnDelete))
	case c.DB.Schema.Dialect == schema.SQLServer || c.DB.Schema.Dialect == schema.Oracle:
		return fmt.Sprintf("each delete in `%s` reads and locks the whole of `%s` to check the constraint.", k.RefTable, c.Table.Name)
	}
	return fmt.Sprintf("each delete in `%s` reads the whole of `%s` to check the constraint.", k.RefTable, c.Table.Name)
}
