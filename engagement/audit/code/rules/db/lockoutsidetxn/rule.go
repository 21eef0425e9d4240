// Package lockoutsidetxn finds row locks that are taken outside of a transaction and so are gone at once.
package lockoutsidetxn

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.lock-outside-txn.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.lock-outside-txn",
		Title:    "Row lock outside of a transaction",
		Summary:  "SELECT ... FOR UPDATE runs on a pool, where each statement is a transaction of its own.",
		Why:      "The lock ends with its transaction, and in autocommit that is the statement itself: the rows are free again before the next line runs. The code reads as if it were safe, and two callers change the same row.",
		Cost:     "no time; a lost update for each collision",
		Fix:      "Begin a transaction, run the query and the writes that depend on it on that transaction, and commit.",
		Wrong:    "The receiver is a transaction in spite of its type. Only receivers known to be a pool or database handle are reported.",
		Category: "race-read-modify-write",
		Examples: []rule.Example{{Lang: "go",
			Before: "row := db.QueryRowContext(ctx, \"SELECT stock FROM items WHERE id = $1 FOR UPDATE\", id)",
			After:  "tx, err := db.BeginTx(ctx, nil)\n...\nrow := tx.QueryRowContext(ctx, \"SELECT stock FROM items WHERE id = $1 FOR UPDATE\", id)"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Cliff:    "Two callers read the same value and both write: an update is lost, silently.",
		Proof:    "A test with two goroutines or clients on one row: the sum must be right.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: explicit locking, row-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS"},
		},
		Langs: []string{"go", "typescript"},
	},
	File: check,
}

var lockClause = regexp.MustCompile(`(?is)^\s*(?:WITH\b.*|SELECT\b.*)\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b`)

// pools are the types whose methods run each statement on a connection of their own.
var pools = map[string]bool{"sql.DB": true, "sqlx.DB": true, "pgxpool.Pool": true, "Pool": true, "pg.Pool": true}

func check(p *rule.Pass, f *project.File) {
	if f.Tree == nil {
		return
	}
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		switch c.Str() {
		case "Query", "QueryContext", "QueryRow", "QueryRowContext", "Get", "GetContext", "Select", "SelectContext", "Exec", "ExecContext", "query", "Queryx", "QueryRowx":
		default:
			continue
		}
		sql := syntax.Ref{}
		for _, a := range c.Args() {
			if a.Kind() == syntax.String && lockClause.MatchString(a.Str()) {
				sql = a
			}
		}
		if !sql.Ok() || alsoWrites(sql.Str()) {
			continue
		}
		if !pools[declared(f, c.Receiver())] {
			continue
		}
		p.Report(rule.Finding{
			Title:      listing.Title(f, c, "a row lock outside of a transaction"),
			Claim:      "`" + c.Receiver().Dotted() + "` is a pool: the lock of this FOR UPDATE ends with the statement, before anything can rely on it.",
			Primary:    rule.At(f, c, "locks and lets go"),
			Subject:    c.Receiver().Dotted(),
			Evidence:   1,
			Confidence: 0.85,
			Fix:        report.Fix{Summary: "Run the query and the writes that depend on it on one transaction.", Behaviour: "Callers of the same rows wait for each other, which is the point."},
		})
	}
}

// alsoWrites holds for statements that lock and write at once: WITH x AS (SELECT ... FOR UPDATE) UPDATE ...
func alsoWrites(sql string) bool {
	rest := forUpdate.ReplaceAllString(strings.ToUpper(sql), " ")
	return strings.Contains(rest, "UPDATE ") || strings.Contains(rest, "DELETE ") || strings.Contains(rest, "INSERT ")
}

var forUpdate = regexp.MustCompile(`\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b`)

// declared returns the declared type of a variable, parameter or field, without pointer; "" when the
// file does not declare it.
func declared(f *project.File, r syntax.Ref) string {
	switch r.Kind() {
	case syntax.Name:
		for fn := r.Enclosing(syntax.Func, syntax.Lambda); fn.Ok(); fn = fn.Enclosing(syntax.Func, syntax.Lambda) {
			for p := range fn.All(syntax.ParamRole) {
				if p.Str() == r.Str() {
					return bare(p.Child(syntax.TypeRole).Str())
				}
			}
		}
	case syntax.Member:
		owner := declared(f, r.Receiver())
		if r.Receiver().Kind() == syntax.Self {
			owner = r.Enclosing(syntax.Class).Str()
		}
		if owner == "" {
			return ""
		}
		for c := range f.Tree.Root().Descendants(syntax.Class) {
			if c.Str() != owner {
				continue
			}
			for field := range c.Descendants(syntax.Field) {
				if field.Str() == r.Str() {
					return bare(field.Child(syntax.TypeRole).Str())
				}
			}
		}
	}
	return ""
}

func bare(typ string) string { return strings.TrimLeft(typ, "*& ") }
