// Package poolunbounded finds Go connection pools without an upper bound.
package poolunbounded

import (
	"fmt"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/client"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rewrite"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.pool-unbounded.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.pool-unbounded",
		Title:    "Connection pool without an upper bound",
		Summary:  "sql.Open is used and nothing in the package calls SetMaxOpenConns, whose default is no limit.",
		Why:      "database/sql opens a new connection whenever none is idle, and keeps two. A burst of requests, or one slow query, opens as many connections as there are requests in flight; the database refuses them at max_connections, for every other service as well. Behind the burst most are closed and opened again: a handshake for each.",
		Cost:     "no average: as many connections as requests in flight, refused beyond max_connections (100 of PostgreSQL, 151 of MySQL by default)",
		Fix:      "Set SetMaxOpenConns, SetMaxIdleConns to the same number, and SetConnMaxLifetime.",
		Wrong:    "The handle is used by a command with one goroutine, or a pooler in front bounds the connections.",
		Category: "pool-unbounded",
		Examples: []rule.Example{{Lang: "go",
			Before: "db, err := sql.Open(\"pgx\", dsn)",
			After:  "db, err := sql.Open(\"pgx\", dsn)\n...\ndb.SetMaxOpenConns(20)\ndb.SetMaxIdleConns(20)\ndb.SetConnMaxLifetime(30 * time.Minute)"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "A burst opens connections until the database refuses everybody.",
		Proof:    "db.Stats().MaxOpenConnections is not 0; under a load test OpenConnections stays at the bound and WaitCount grows instead.",
		Refs: []report.Reference{
			{Title: "Go: managing connections", URL: "https://go.dev/doc/database/manage-connections"},
			{Title: "database/sql: SetMaxOpenConns", URL: "https://pkg.go.dev/database/sql#DB.SetMaxOpenConns"},
		},
		Langs: []string{"go"},
	},
	Project: check,
}

var opens = map[string]bool{
	"database/sql.Open": true, "database/sql.OpenDB": true, "github.com/jmoiron/sqlx.Open": true, "github.com/jmoiron/sqlx.Connect": true,
	"github.com/jmoiron/sqlx.MustConnect": true, "github.com/jmoiron/sqlx.ConnectContext": true, "github.com/jmoiron/sqlx.MustOpen": true,
}

func check(p *rule.Pass) {
	bounded := map[string]bool{} // folders
	for _, f := range p.Files {
		if f.Lang != "go" || f.Tree == nil || f.Role == project.Test {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if c.Str() == "SetMaxOpenConns" {
				bounded[path.Dir(f.Path)] = true
			}
		}
	}
	serves := servers(p)
	for _, f := range p.Files {
		if f.Lang != "go" || f.Tree == nil || f.Role != project.App || bounded[path.Dir(f.Path)] {
			continue
		}
		var names *client.Names
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			if c.Str() != "Open" && c.Str() != "OpenDB" && c.Str() != "Connect" && c.Str() != "MustConnect" && c.Str() != "ConnectContext" && c.Str() != "MustOpen" {
				continue
			}
			if names == nil {
				names = client.NamesOf(f)
			}
			if !opens[names.Callee(c)] {
				continue
			}
			switch c.Arg(0).Str() {
			case "sqlite3", "sqlite", "duckdb", "ramsql", "sqlmock":
				continue
			}
			report1(p, f, c, serves)
		}
	}
}

// servers reports whether the project runs an HTTP or RPC server: only concurrency opens connections.
func servers(p *rule.Pass) bool {
	for _, f := range p.Files {
		if f.Lang != "go" || f.Tree == nil || f.Role == project.Test {
			continue
		}
		for c := range f.Tree.Root().Descendants(syntax.Call) {
			switch c.Str() {
			case "ListenAndServe", "ListenAndServeTLS", "Serve", "NewServer", "http.Server":
				return true
			}
		}
	}
	return false
}

func report1(p *rule.Pass, f *project.File, c syntax.Ref, serves bool) {
	out := rule.Finding{
		Claim:      "Nothing in this package bounds the pool that is opened here: as many connections are opened as there are requests in flight" + limit(c) + ".",
		Primary:    rule.At(f, c, "the pool"),
		Subject:    c.Receiver().Dotted() + "." + c.Str(),
		Evidence:   1,
		Confidence: 0.8,
		Fix: report.Fix{Summary: "Bound the pool: SetMaxOpenConns, SetMaxIdleConns and SetConnMaxLifetime.",
			Behaviour: "Beyond 20 connections requests wait for one instead of opening more. Choose the number so that all processes together stay below max_connections."},
	}
	lines, packages := []string{"{}.SetMaxOpenConns(20)", "{}.SetMaxIdleConns(20)", "{}.SetConnMaxLifetime(30 * time.Minute)"}, "time"
	if owner, set := configured(p.Project, f, c); len(set) > 0 {
		lines, packages = set, ""
		out.Claim += fmt.Sprintf(" The configuration that it is opened from has the bound (`%s.MaxOpenConns`), which is accepted and ignored here.", owner)
		out.Fix = report.Fix{Summary: fmt.Sprintf("Apply the pool settings of `%s` to this pool.", owner), Behaviour: "The pool has the size that the configuration says; where that says nothing, nothing changes."}
	}
	if !serves {
		out.Confidence, out.Severity = 0.4, report.Low
	}
	if a := c.Parent(); a.Kind() == syntax.Assign && a.Child(syntax.Value) == c {
		var targets []string
		for t := range a.All(syntax.Target) {
			targets = append(targets, t.Dotted())
		}
		if len(targets) == 2 && targets[0] != "" && targets[1] != "" && targets[1] != "_" {
			for i := range lines {
				lines[i] = strings.Replace(lines[i], "{}", targets[0], 1)
			}
			out.Edits = bound(f, a, targets[1], packages, lines)
		}
	}
	p.Report(out)
}

// bound adds the calls behind the check of the error, and the import that they need.
func bound(f *project.File, a syntax.Ref, errName, needs string, lines []string) []patch.Edit {
	e, ok := rewrite.AfterCheck(f, a, errName, lines...)
	if !ok {
		return nil
	}
	if needs == "" {
		return []patch.Edit{e}
	}
	imp, can, needed := rewrite.GoImport(f, needs)
	switch {
	case !needed:
		return []patch.Edit{e}
	case !can:
		return nil
	}
	return []patch.Edit{e, imp}
}

// limit says where the database of a driver refuses connections by default.
func limit(c syntax.Ref) string {
	switch c.Arg(0).Str() {
	case "mysql":
		return ", up to the max_connections of MySQL (151 by default)"
	case "postgres", "pgx", "cloudsqlpostgres":
		return ", up to the max_connections of PostgreSQL (100 by default)"
	}
	return ""
}
