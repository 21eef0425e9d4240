// Package intpk finds 32-bit keys of tables that grow with use.
package intpk

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/indexing"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is db.int-pk.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "db.int-pk",
		Title:   "32-bit key of a table that grows by the event",
		Summary: "A table of events, logs, messages, deliveries or the like numbers its rows with a 32-bit integer.",
		Why: "A signed 32-bit sequence ends at 2,147,483,647. The next INSERT fails, and every one after it. Rows that were deleted and transactions that were rolled back used up numbers too, so the table's size does not warn. " +
			"The way out, a change of the key's type, rewrites the table and everything that refers to it, at the moment when it is largest.",
		Cost:     "(2^31 - 1) / f seconds until no row can be inserted (f rows a second)",
		Fix:      "Make the key a bigint while the table is small; later by a second column that a trigger keeps equal and that takes over by renaming.",
		Wrong:    "The table gets a few rows a minute and always will. Only tables whose names say that each use adds rows are reported; SQLite's integers have 64 bits.",
		Category: "int-primary-key",
		Examples: []rule.Example{{Lang: "sql",
			Before: "CREATE TABLE price_events (id serial PRIMARY KEY, ...);",
			After:  "CREATE TABLE price_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ...);"}},
		Severity: report.Medium,
		Effort:   report.Migration,
		Cliff:    "the day the sequence ends no row can be inserted",
		Proof:    "`SELECT last_value FROM SEQUENCE` divided by 2^31 stays below a half for the next five years at today's slope.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: numeric types", URL: "https://www.postgresql.org/docs/current/datatype-numeric.html"},
			{Title: "MySQL: integer types", URL: "https://dev.mysql.com/doc/refman/8.4/en/integer-types.html"},
		},
		Langs: []string{"sql", "ruby", "python", "php", "typescript"},
	},
	Project: func(p *rule.Pass) {
		for _, db := range indexing.Databases(p) {
			switch db.Schema.Dialect {
			case schema.Postgres, schema.MySQL, schema.SQLServer, schema.Unknown:
			default:
				continue
			}
			for _, name := range db.Schema.Names() {
				check(p, db, db.Schema.Tables[name])
			}
		}
	},
}

// events are words that name a row for each thing that happens.
var events = map[string]bool{
	"event": true, "log": true, "message": true, "notification": true, "delivery": true, "visit": true, "click": true, "impression": true, "view": true, "hit": true, "metric": true, "measurement": true,
	"sample": true, "reading": true, "activity": true, "audit": true, "history": true, "histories": true, "trace": true, "span": true, "ping": true, "heartbeat": true, "attempt": true, "transaction": true,
	"entry": true, "download": true, "request": true, "email": true, "vote": true, "like": true, "reaction": true, "comment": true, "reply": true, "job": true,
	"execution": true, "run": true, "result": true, "version": true, "change": true, "observation": true, "score": true, "favorite": true, "follower": true, "mention": true,
}

func check(p *rule.Pass, db *project.Database, t *schema.Table) {
	if len(t.PrimaryKey) != 1 || t.View || t.Incomplete || !indexing.Grows(p, t) {
		return
	}
	c := t.Column(t.PrimaryKey[0])
	if c == nil || !c.AutoIncrement || c.Type.Name != "integer" && c.Type.Name != "int" && c.Type.Name != "serial" || c.Type.Unsigned {
		return
	}
	words := cardinality.Words(t.Name)
	if len(words) == 0 || !happens(words[len(words)-1]) {
		return
	}
	at, ok := indexing.ColumnPlace(p, t, c.Name)
	if !ok {
		return
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s.%s ends at 2,147,483,647", t.Name, c.Name),
		Claim:   fmt.Sprintf("`%s.%s` is a 32-bit integer, and each use adds rows to the table: at 300 rows a second the last number is taken after 83 days, at 10 after 6.8 years, and then no row can be inserted.", t.Name, c.Name),
		Primary: at, Subject: t.Name + "." + c.Name, Table: t.Name, Columns: []string{c.Name},
		Evidence: 1, Confidence: 0.6, Cause: indexing.Cause("int-pk", db),
		Fix: report.Fix{
			Summary:   fmt.Sprintf("Make `%s.%s` and what refers to it a bigint.", t.Name, c.Name),
			Behaviour: "A change of the type in place rewrites the table under an exclusive lock: on a large table add a bigint column, fill it in batches, and swap.",
			SQL:       fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE bigint; -- rewrites the table", indexing.Quote(db.Schema.Dialect, t.Name), indexing.Quote(db.Schema.Dialect, c.Name)),
		},
		WrongIf: fmt.Sprintf("`%s` gets fewer than some rows a second.", t.Name),
	})
}

// happens reports a word, plural or compound ("customerevents"), for things that happen.
func happens(word string) bool {
	word = singular(word)
	if events[word] {
		return true
	}
	for _, w := range []string{"event", "log", "history", "message", "notification", "delivery"} {
		if strings.HasSuffix(word, w) && len(word) > len(w)+3 {
			return true
		}
	}
	return false
}

func singular(w string) string {
	n := len(w)
	switch {
	case n > 4 && w[n-3:] == "ies":
		return w[:n-3] + "y"
	case n > 2 && w[n-1] == 's':
		return w[:n-1]
	}
	return w
}
