// Package rowsleak finds result sets of Go that stay open, and loops over them that take an error for
// the end.
package rowsleak

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/lifetime"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is go.rows-leak.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "go.rows-leak",
		Title:    "Rows left open or their error unread",
		Summary:  "A result set of database/sql, sqlx or pgx is left before its end without Close, or its loop never asks Err.",
		Why:      "Open rows keep their connection. Next closes them only when it reaches the end, so a return from inside the loop (a failed Scan, a found row) takes one connection out of the pool for good; with SetMaxOpenConns the application stops when the last is gone. And Next returns false for an error as for the end: without Err a broken connection looks like a short result.",
		Cost:     "n early returns -> n connections lost; the pool of m is dry after m of them",
		Fix:      "Put `defer rows.Close()` behind the error check of the query and return rows.Err() after the loop.",
		Wrong:    "The rows are handed to a function that closes them. Rows that are returned, stored or passed on are not reported, nor are loops that only end at the end.",
		Category: "resource-leak",
		Examples: []rule.Example{{Lang: "go",
			Before: "rows, err := db.Query(q)\nif err != nil {\n\treturn err\n}\nfor rows.Next() {\n\tif err := rows.Scan(&id); err != nil {\n\t\treturn err\n\t}\n}",
			After:  "rows, err := db.Query(q)\nif err != nil {\n\treturn err\n}\ndefer rows.Close()\nfor rows.Next() {\n\tif err := rows.Scan(&id); err != nil {\n\t\treturn err\n\t}\n}\nreturn rows.Err()"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "The pool runs dry: every later query waits for a connection that never comes back.",
		Proof:    "db.Stats().InUse after the failing path, before and after.",
		Refs: []report.Reference{
			{Title: "database/sql: Rows", URL: "https://pkg.go.dev/database/sql#Rows"},
			{Title: "pgx: Rows", URL: "https://pkg.go.dev/github.com/jackc/pgx/v5#Rows"},
		},
		Langs: []string{"go"},
	},
	File: check,
}

var queries = map[string]bool{"Query": true, "QueryContext": true, "Queryx": true, "QueryxContext": true, "NamedQuery": true, "NamedQueryContext": true, "Rows": true}

func check(p *rule.Pass, f *project.File) {
	asked := map[syntax.Ref]bool{} // loops already reported
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		call := a.Child(syntax.Value)
		if call.Kind() != syntax.Call || !queries[call.Str()] || !call.Receiver().Ok() {
			continue
		}
		var names []string
		for t := range a.All(syntax.Target) {
			names = append(names, t.Dotted())
		}
		if len(names) != 2 || names[0] == "_" || names[0] == "" {
			continue
		}
		one(p, f, a, call, names, asked)
	}
}

func one(p *rule.Pass, f *project.File, a, call syntax.Ref, names []string, asked map[syntax.Ref]bool) {
	r := lifetime.Of(lifetime.Value{Open: a, Name: names[0], Close: []string{"Close"}, Errors: names[1:]})
	fn := a.Enclosing(syntax.Func, syntax.Lambda)
	next, scan, errs := methods(r.Uses)
	// Next and Scan prove that these are rows: other things have a Query method, too.
	if !fn.Ok() || !next.Ok() || !scan || r.Fate == lifetime.Given {
		return
	}
	loop := next.Enclosing(syntax.While, syntax.For)
	if r.Fate != lifetime.Always {
		if exit := leaves(next, loop, r); exit.Ok() {
			report1(p, f, a, call, names, exit, r)
			return
		}
	}
	if !errs && loop.Ok() && f.Role == project.App && !asked[loop] {
		asked[loop] = true
		finding := rule.Finding{
			Title:      "Loops over rows that never ask for the error",
			Claim:      fmt.Sprintf("The loop over `%s` ends the same way at the last row and at a broken connection: nothing calls `%s.Err()`, so a partial result passes for the whole.", names[0], names[0]),
			Primary:    rule.LineAt(f, next.Line(), next.Line(), next.Symbol(), "an error ends the loop silently"),
			Secondary:  []rule.Place{rule.At(f, a, "rows opened here")},
			Subject:    names[0] + " err",
			Cause:      "rows-err-unchecked",
			Evidence:   1,
			Confidence: 0.6,
			Severity:   report.Low,
			Cliff:      " ",
			Fix:        report.Fix{Summary: "Return rows.Err() after the loop."},
			WrongIf:    "A partial result is as good as a whole one here.",
		}
		finding.Edits, finding.Fix.Behaviour = errEdits(f, loop, fn, names[0])
		p.Report(finding)
	}
}

// methods sorts the uses of rows.
func methods(uses []syntax.Ref) (next syntax.Ref, scan, errs bool) {
	for _, u := range uses {
		if u.Role() != syntax.Receiver {
			continue
		}
		switch c := u.Parent(); c.Str() {
		case "Next":
			if !next.Ok() {
				next = c
			}
		case "Scan", "StructScan", "MapScan", "Values", "SliceScan":
			scan = true
		case "Err":
			errs = true
		}
	}
	return next, scan, errs
}

// leaves returns what ends the reading before the end: a return or break in the loop, or the end of
// the function when Next is not called in a loop.
func leaves(next, loop syntax.Ref, r lifetime.Result) syntax.Ref {
	if !loop.Ok() || !next.Inside(loop.Child(syntax.Cond)) {
		if r.Fate == lifetime.Never {
			return next // read once and left
		}
		return r.Exit
	}
	for n := range loop.Child(syntax.Body).Descendants(syntax.Return, syntax.Break) {
		if n.Enclosing(syntax.Lambda).Inside(loop) && n.Enclosing(syntax.Lambda).Ok() {
			continue
		}
		if n.Kind() == syntax.Break && (n.Has(syntax.FlagContinue) || n.Enclosing(syntax.While, syntax.For, syntax.Switch) != loop || r.Fate == lifetime.Sometimes) {
			continue
		}
		if n.Kind() == syntax.Break && r.Close.Ok() {
			continue
		}
		if r.Close.Ok() && r.Close.Start() < n.Start() && r.Close.Inside(loop) {
			continue
		}
		if closedBeside(n) {
			continue
		}
		return n
	}
	return syntax.Ref{}
}

// closedBeside reports whether the block of an exit closes something first.
func closedBeside(exit syntax.Ref) bool {
	for s := range exit.Parent().Children() {
		if s.Start() >= exit.Start() {
			break
		}
		for c := range s.Descendants(syntax.Call) {
			if c.Str() == "Close" {
				return true
			}
		}
	}
	return false
}

func report1(p *rule.Pass, f *project.File, a, call syntax.Ref, names []string, exit syntax.Ref, r lifetime.Result) {
	out := rule.Finding{
		Title:      "Rows stay open on an early exit",
		Claim:      fmt.Sprintf("`%s` is not closed when line %d leaves before the last row: its connection never returns to the pool.", names[0], exit.Line()),
		Primary:    rule.At(f, a, "rows opened here"),
		Secondary:  []rule.Place{rule.At(f, exit, "leaves with the rows open")},
		Subject:    names[0],
		Cause:      "rows-not-closed",
		Evidence:   1,
		Confidence: 0.85,
		Cost:       lifetime.Lost("connections", "early exit"),
		Fix:        report.Fix{Summary: fmt.Sprintf("Add `defer %s.Close()` behind the error check of the query.", names[0])},
	}
	switch f.Role {
	case project.App:
	default:
		out.Confidence, out.Severity = 0.4, report.Low
	}
	if transaction(call) {
		// The end of the transaction closes its rows.
		out.Claim = fmt.Sprintf("`%s` is not closed when line %d leaves before the last row: its connection is busy until the transaction ends.", names[0], exit.Line())
		out.Confidence, out.Severity = 0.45, report.Low
	}
	if e, ok := deferAfterCheck(f, a, names); ok {
		out.Edits = []patch.Edit{e}
		out.Fix.Behaviour = "The rows are closed when the function returns; closing them twice is harmless."
	}
	p.Report(out)
}

// deferAfterCheck adds the defer behind the statement that checks the error of the open.
func deferAfterCheck(f *project.File, a syntax.Ref, names []string) (patch.Edit, bool) {
	return rewrite.AfterCheck(f, a, names[len(names)-1], "defer "+names[0]+".Close()")
}

// errEdits adds the check of Err behind the loop where the function returns only an error.
func errEdits(f *project.File, loop, fn syntax.Ref, rows string) ([]patch.Edit, string) {
	if fn.Child(syntax.TypeRole).Str() != "error" {
		return nil, ""
	}
	e, ok := rewrite.After(f, loop, "if err := "+rows+".Err(); err != nil {", "\treturn err", "}")
	if !ok {
		return nil, ""
	}
	return []patch.Edit{e}, "An error in the middle of the rows is returned; before it was taken for the end."
}

// transaction reports whether a query runs in a transaction: on a tx, or with a builder that was given one.
func transaction(call syntax.Ref) bool {
	for r := call.Receiver(); r.Ok(); r = r.Receiver() {
		if strings.EqualFold(r.Str(), "tx") || strings.HasSuffix(r.Str(), "Tx") {
			return true
		}
		if r.Str() == "RunWith" && strings.EqualFold(r.Arg(0).Str(), "tx") {
			return true
		}
	}
	return false
}
