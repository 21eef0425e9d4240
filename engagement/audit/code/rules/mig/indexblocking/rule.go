// Package indexblocking finds index builds that stop writes to a table that exists.
package indexblocking

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/history"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is mig.index-blocking.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "mig.index-blocking",
		Title:   "Index built under a lock that stops writes",
		Summary: "A recent migration builds an index on a PostgreSQL table that existed before, without CONCURRENTLY.",
		Why: "CREATE INDEX takes a SHARE lock: reads go on, every INSERT, UPDATE and DELETE of the table waits until the whole table was read, sorted and written. " +
			"Requests that write pile up behind it and hold their connections, so the pool runs dry and requests that never touch the table fail as well. " +
			"In a migration that runs in a transaction the lock stays until the last statement of the migration.",
		Cost:     "N / I of blocked writes -> none (N rows, I rows a second of index build)",
		Fix:      "Build it with CONCURRENTLY, outside of a transaction, alone in its migration. A failed build leaves an INVALID index, which must be dropped first.",
		Wrong:    "The table is empty or small, or nothing writes while migrations run. Tables made by the same migration or days before it, short lists kept by hand and old migrations are not reported; MySQL builds online by itself.",
		Category: "migration-lock",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "class IndexOrders < ActiveRecord::Migration[7.1]\n  def change\n    add_index :orders, :placed_at\n  end\nend",
			After:  "class IndexOrders < ActiveRecord::Migration[7.1]\n  disable_ddl_transaction!\n\n  def change\n    add_index :orders, :placed_at, algorithm: :concurrently\n  end\nend"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "at the table's size of the day the deploy stops all writes for longer than the clients' timeout",
		Proof:    "During the migration `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'` stays at zero.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: building indexes concurrently", URL: "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"},
			{Title: "PostgreSQL: table-level locks", URL: "https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES"},
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
	if !history.BlockingIndex(c) || partitioned(s, c.Table) {
		return
	}
	confidence := 0.75
	if c.Conditional {
		confidence -= 0.15
	}
	names := make([]string, 0, len(c.Index.Columns))
	for _, k := range c.Index.Columns {
		if k.Name == "" {
			k.Name = k.Expr
		}
		names = append(names, k.Name)
	}
	columns := strings.Join(names, ", ")
	f := rule.Finding{
		Title:   fmt.Sprintf("%s: index on `%s` (%s) stops writes while it is built", s.Name(), c.Table, columns),
		Claim:   fmt.Sprintf("The index on `%s` (%s) is built without CONCURRENTLY: no row of `%s` can be written until the build ends.", c.Table, columns, c.Table),
		Primary: s.At(c, ""), Subject: c.Table + "(" + columns + ")", Table: c.Table, Columns: names,
		Evidence: 1, Confidence: confidence, Cause: s.Cause("index-blocking"),
		Cost: history.Hold(p, c.Table, "I", rate.PostgresIndexBuild),
		Fix: report.Fix{
			Summary:   s.Advise("Build the index concurrently, in a migration that runs outside of a transaction."),
			Behaviour: "The build reads the table twice and takes longer, and writes go on meanwhile.",
			Rollout:   "CONCURRENTLY can not run inside a transaction. When it fails it leaves an INVALID index: drop it, then run the migration again.",
		},
		Edits: edits(p, s, c),
	}
	history.Brief(&f)
	p.Report(f)
}

func partitioned(s *history.Step, name string) bool {
	for _, t := range s.DB.Schema.Tables {
		if t.PartitionOf != "" && schema.Key(t.PartitionOf) == schema.Key(name) {
			return true
		}
	}
	return false
}

var (
	createIndex = regexp.MustCompile(`(?is)^\s*create\s+(unique\s+)?index\s+`)
	gooseUp     = regexp.MustCompile(`(?m)^--\s*\+goose\s+Up\b.*$`)
	dbmateUp    = regexp.MustCompile(`(?m)^--\s*migrate:(up|down)[ \t]*$`)
)

func edits(p *rule.Pass, s *history.Step, c history.Change) []patch.Edit {
	if history.Checked(s.Migration) || c.Kind != schema.AddIndex || c.Conditional || history.SeveralProducts(p.Project) {
		return nil
	}
	if s.File.Lang == "ruby" {
		call := s.Call(c, "add_index")
		outside, ok := s.Outside(schema.AddIndex, schema.DropIndex)
		if !ok || !call.Ok() || history.Explained(call) {
			return nil
		}
		option := "algorithm: :concurrently"
		if strings.Contains(s.File.NodeText(call), "=>") {
			option = ":algorithm => :concurrently"
		}
		edit, ok := history.Append(s.File, call, option)
		if !ok {
			return nil
		}
		return append(outside, edit)
	}
	if s.File.Lang == "python" {
		return django(s, c)
	}
	if s.File.Lang != "sql" {
		return nil
	}
	src := string(s.File.Source())
	for _, op := range s.Migration.Ops {
		if op.Kind != schema.AddIndex && op.Kind != schema.DropIndex {
			return nil
		}
	}
	at := lineStart(src, c.Place.Line)
	m := createIndex.FindStringIndex(src[at:])
	if m == nil {
		return nil
	}
	out := []patch.Edit{{Path: s.File.Path, Start: at + m[1], End: at + m[1], New: "CONCURRENTLY "}}
	up, mate := gooseUp.FindStringIndex(src), dbmateUp.FindAllStringIndex(src, -1)
	switch {
	case up != nil:
		if s.Migration.Transactional {
			out = append(out, patch.Edit{Path: s.File.Path, Start: up[0], End: up[0], New: "-- +goose NO TRANSACTION\n"})
		}
	case len(mate) > 0:
		for _, i := range mate {
			end := len(strings.TrimRight(src[:i[1]], " \t"))
			out = append(out, patch.Edit{Path: s.File.Path, Start: end, End: end, New: " transaction:false"})
		}
	case s.Migration.Transactional || len(s.Migration.Ops) > 1 || !strings.HasSuffix(s.File.Path, ".up.sql"):
		return nil // how the tool runs a file without a transaction is not known
	}
	return out
}

var djangoImport = regexp.MustCompile(`(?m)^from django\.db import .*\bmigrations\b.*\n`)

// django turns AddIndex into AddIndexConcurrently in a migration of indexes alone.
func django(s *history.Step, c history.Change) []patch.Edit {
	src := string(s.File.Source())
	imports := djangoImport.FindStringIndex(src)
	if imports == nil || strings.Contains(src, "atomic =") {
		return nil
	}
	for _, op := range s.Migration.Ops {
		if op.Kind != schema.AddIndex && op.Kind != schema.DropIndex {
			return nil
		}
	}
	for n := range s.File.Tree.Root().Descendants(syntax.Call) {
		if n.Str() != "AddIndex" || n.Line() > c.Place.Line || n.EndLine() < c.Place.EndLine || n.Receiver().Str() != "migrations" {
			continue
		}
		class := n.Enclosing(syntax.Class)
		body := lineStart(src, class.Line()+1)
		at := int(n.Start())
		return []patch.Edit{
			{Path: s.File.Path, Start: imports[0], End: imports[0], New: "from django.contrib.postgres.operations import AddIndexConcurrently\n"},
			{Path: s.File.Path, Start: body, End: body, New: "    atomic = False\n\n"},
			{Path: s.File.Path, Start: at, End: at + len("migrations.AddIndex"), New: "AddIndexConcurrently"},
		}
	}
	return nil
}

func lineStart(src string, line int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(src[at:], '\n')
		if i < 0 {
			return len(src)
		}
		at += i + 1
	}
	return at
}
