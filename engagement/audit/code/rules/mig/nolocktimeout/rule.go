// Package nolocktimeout finds histories of migrations that wait for locks without a limit.
package nolocktimeout

import (
	"fmt"
	"iter"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/history"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is mig.no-lock-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "mig.no-lock-timeout",
		Title:   "Migrations wait for locks without a limit",
		Summary: "Migrations change live PostgreSQL tables, and nothing in the project sets lock_timeout.",
		Why: "ALTER TABLE asks for ACCESS EXCLUSIVE. While one long SELECT or an idle transaction holds the table, the ALTER waits, and everybody who comes after the ALTER waits behind it, readers too: lock requests queue in order. " +
			"A change that takes a millisecond stops the table for as long as the longest transaction lasts. With lock_timeout the migration gives up, the queue drains, and it is tried again.",
		Cost:     "L of a stopped table -> lock_timeout (L: the longest transaction of the day)",
		Fix:      "Set lock_timeout to a few seconds for the session that migrates and try again on failure.",
		Wrong:    "The role that migrates has lock_timeout set in the database (ALTER ROLE ... SET), or the deploy passes PGOPTIONS. One finding for each schema; where all migrations have shipped it is of low severity and speaks of the habit.",
		Category: "migration-lock",
		Examples: []rule.Example{{Lang: "sql",
			Before: "ALTER TABLE orders ADD COLUMN note text;",
			After:  "SET lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN note text;"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "a deploy beside a long report or a backup stops every request to the table",
		Proof:    "With `BEGIN; SELECT 1 FROM t LIMIT 1` open in another session, the migration fails after the limit instead of waiting.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: lock_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT"},
			{Title: "PostgreSQL: explicit locking", URL: "https://www.postgresql.org/docs/current/explicit-locking.html"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "sql"},
	},
	Project: func(p *rule.Pass) {
		if len(p.Schemas) == 0 {
			return
		}
		recent, past := history.Recent(p, schema.Postgres), history.Past(p, schema.Postgres)
		if len(recent)+len(past) == 0 || guarded(p.Project) {
			return
		}
		told := map[*project.Database]bool{}
		for db, steps := range byDatabase(recent) {
			told[db] = check(p, db, steps)
		}
		for db, steps := range byDatabase(past) {
			if !told[db] {
				habit(p, db, steps)
			}
		}
	},
}

// byDatabase yields the steps of each schema, in the order of the schemas.
func byDatabase(steps []history.Step) iter.Seq2[*project.Database, []history.Step] {
	return func(yield func(*project.Database, []history.Step) bool) {
		for i := 0; i < len(steps); {
			j := i
			for j < len(steps) && steps[j].DB == steps[i].DB {
				j++
			}
			if !yield(steps[i].DB, steps[i:j]) {
				return
			}
			i = j
		}
	}
}

// guards are the settings, and the libraries that set it for each migration.
var guards = syntax.NewWords("lock_timeout", "strong_migrations", "safe-pg-migrations", "online_migrations", "safe_migrations",
	"django-pg-zero-downtime", "zero_downtime_migrations", "with_lock_retries", "pgroll", "reshape")

func guarded(p *project.Project) bool {
	for _, f := range p.Files {
		if f.Role == project.Test || f.Role == project.Docs || f.Role == project.Vendored || f.Role == project.Generated {
			continue
		}
		if f.Tree != nil {
			for _, s := range f.Tree.Strings {
				if guards.In(s) {
					return true
				}
			}
			continue
		}
		if (f.Doc != nil || f.Lang == "sql") && f.Size < 1<<20 && guards.In(string(f.Source())) {
			return true
		}
	}
	return false
}

// check tells of the migrations that can still be changed. It reports whether there was one to tell.
func check(p *rule.Pass, db *project.Database, steps []history.Step) bool {
	tables := map[string]bool{}
	var last *history.Step
	var change history.Change
	var places []rule.Place
	for i := range steps {
		for _, c := range steps[i].Changes {
			if !c.Live || !exclusive[c.Kind] || c.Concurrently {
				continue
			}
			tables[c.Table] = true
			last, change = &steps[i], c
			places = append(places, steps[i].At(c, "takes ACCESS EXCLUSIVE"))
		}
	}
	if last == nil {
		return false
	}
	n := len(places) - 1
	places = places[max(0, n-9):n]
	what := fmt.Sprintf("`%s` locks `%s`", last.Name(), change.Table)
	if len(tables) > 1 {
		what = fmt.Sprintf("the newest migrations lock %d tables that are in use, `%s` the last of them", len(tables), change.Table)
	}
	p.Report(rule.Finding{
		Title:   fmt.Sprintf("%s: waits for the lock on `%s` without a limit", last.Name(), change.Table),
		Claim:   fmt.Sprintf("Nothing sets lock_timeout, and %s: while it waits behind a long transaction, every query of the table waits behind it.", what),
		Primary: last.At(change, "takes ACCESS EXCLUSIVE"), Secondary: places, Subject: "lock_timeout of " + db.Source, Table: change.Table,
		Evidence: 1, Confidence: 0.6,
		Fix:   limit(p),
		Edits: edits(last),
	})
	return true
}

// habit tells once for each schema how its migrations of the last year lock tables: they have run, so
// that nothing of it can be mended, but the next one will be written like them.
func habit(p *rule.Pass, db *project.Database, steps []history.Step) {
	locking, indexes, keys, fills := 0, 0, 0, 0
	var worst rule.Place
	table, rows := "", 0.0
	for i := range steps {
		locks := false
		for _, c := range steps[i].Changes {
			hazard := history.BlockingIndex(c)
			switch {
			case hazard:
				indexes++
			case history.CheckedKey(c):
				keys++
				hazard = true
			case c.Kind == schema.RawSQL && history.Fills(&steps[i], c):
				fills++
				hazard = true
			default:
				hazard = c.Live && exclusive[c.Kind] && !c.Concurrently
			}
			locks = locks || hazard
			if n := p.Cost.TableRows(schema.Unquote(c.Table)).Value; hazard && c.Table != "" && n >= rows {
				worst, table, rows = steps[i].At(c, "locks the largest table"), c.Table, n
			}
		}
		if locks {
			locking++
		}
	}
	if locking == 0 {
		return
	}
	var kinds []string
	for _, k := range []struct {
		n         int
		one, many string
	}{{indexes, "an index built without CONCURRENTLY", "indexes built without CONCURRENTLY"}, {keys, "a foreign key checked at once", "foreign keys checked at once"}, {fills, "a back-fill under a lock", "back-fills under a lock"}} {
		switch {
		case k.n == 1:
			kinds = append(kinds, k.one)
		case k.n > 1:
			kinds = append(kinds, fmt.Sprintf("%d %s", k.n, k.many))
		}
	}
	among := ""
	if len(kinds) > 0 {
		among = " (" + strings.Join(kinds, ", ") + ")"
	}
	p.Report(rule.Finding{
		Title:   "Migrations lock tables in use and nothing limits the wait",
		Claim:   fmt.Sprintf("%d of the %d migrations of the last year lock tables that are in use%s, the largest of them `%s`, and nothing sets lock_timeout. They have run; the next one can stop a table.", locking, len(steps), among, table),
		Primary: worst, Subject: "lock_timeout of " + db.Source, Table: table,
		Evidence: 1, Confidence: 0.6, Severity: report.Low, Effort: report.OneFile,
		Fix: limit(p),
	})
}

// limit is the guard to adopt.
func limit(p *rule.Pass) report.Fix {
	guard := "a check in CI that refuses migrations which lock"
	switch {
	case p.Uses("rails"):
		guard = "a check such as the gem strong_migrations"
	case p.Uses("django"):
		guard = "a check such as django-migration-linter"
	}
	return report.Fix{
		Summary:   "Set lock_timeout to 5 s at the start of each migration, or for the role that runs them, and add " + guard + ".",
		Behaviour: "A migration that does not get its lock in time fails and must be started again, instead of stopping the table.",
		SQL:       "SET lock_timeout = '5s';",
	}
}

var exclusive = map[schema.OpKind]bool{
	schema.AddColumn: true, schema.DropColumn: true, schema.RenameColumn: true, schema.ChangeColumn: true, schema.AddForeignKey: true, schema.DropForeignKey: true,
	schema.AddPrimaryKey: true, schema.AddUnique: true, schema.DropConstraint: true, schema.RenameTable: true, schema.DropIndex: true, schema.DropTable: true,
}

var begins = regexp.MustCompile(`(?im)^\s*(--\s*\+goose\s+Up.*|--\s*migrate:up.*|begin\s*;.*)\n`)

// edits puts the setting in front of the newest migration written in SQL, where the tool lets a file
// change.
func edits(s *history.Step) []patch.Edit {
	if s.File.Lang != "sql" || history.Checked(s.Migration) || strings.Contains(path.Base(s.File.Path), ".down.") {
		return nil
	}
	at := 0
	if m := begins.FindIndex(s.File.Source()); m != nil {
		at = m[1]
	}
	return []patch.Edit{{Path: s.File.Path, Start: at, End: at, New: "SET lock_timeout = '5s';\n"}}
}
