// Package nolocktimeout finds histories of migrations that wait for locks without a limit.
package nolocktimeout

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/mig/history"
	"github.com/napkin-infra/napkin/foundation/report"
	"github.com/napkin-infra/napkin/foundation/schema"
)

// Rule is mig.no-lock-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:      "mig.no-lock-timeout",
		Title:   "Migrations wait for locks without a limit",
		Summary: "Recent migrations change live PostgreSQL tables, and nothing in the project sets lock_timeout.",
		Why: "ALTER TABLE asks for ACCESS EXCLUSIVE. While one long SELECT or an idle transaction holds the table, the ALTER waits, and everybody who comes after the ALTER waits behind it, readers too: lock requests queue in order. " +
			"A change that takes a millisecond stops the table for as long as the longest transaction lasts. With lock_timeout the migration gives up, the queue drains, and it is tried again.",
		Cost:     "L of a stopped table -> lock_timeout (L: the longest transaction of the day)",
		Fix:      "Set lock_timeout to a few seconds for the session that migrates and try again on failure.",
		Wrong:    "The role that migrates has lock_timeout set in the database (ALTER ROLE ... SET), or the deploy passes PGOPTIONS. One finding for each schema.",
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
		steps := history.Recent(p, schema.Postgres)
		if len(steps) == 0 || guarded(p.Project) {
			return
		}
		byDB := map[*project.Database][]int{}
		var order []*project.Database
		for i := range steps {
			if byDB[steps[i].DB] == nil {
				order = append(order, steps[i].DB)
			}
			byDB[steps[i].DB] = append(byDB[steps[i].DB], i)
		}
		for _, db := range order {
			check(p, db, steps, byDB[db])
		}
	},
}

// guards are the settings, and the libraries that set it for each migration.
var guards = regexp.MustCompile(`(?i)lock_timeout|strong_migrations|safe-pg-migrations|online_migrations|safe_migrations|django-pg-zero-downtime|zero_downtime_migrations|with_lock_retries|pgroll|reshape`)

func guarded(p *project.Project) bool {
	for _, f := range p.Files {
		if f.Role == project.Test || f.Role == project.Docs || f.Role == project.Vendored || f.Role == project.Generated {
			continue
		}
		if f.Tree != nil {
			for _, s := range f.Tree.Strings {
				if guards.MatchString(s) {
					return true
				}
			}
			continue
		}
		if (f.Doc != nil || f.Lang == "sql") && f.Size < 1<<20 && guards.Match(f.Source()) {
			return true
		}
	}
	return false
}

func check(p *rule.Pass, db *project.Database, steps []history.Step, at []int) {
	tables := map[string]bool{}
	var last *history.Step
	var change history.Change
	var places []rule.Place
	for _, i := range at {
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
		return
	}
	n := len(places) - 1
	places = places[max(0, n-9):n]
	p.Report(rule.Finding{
		Title:   "Migrations wait for locks without a limit",
		Claim:   fmt.Sprintf("Nothing sets lock_timeout, and recent migrations lock %d tables that are in use, `%s` the last of them: while one waits behind a long transaction, every query of that table waits behind it.", len(tables), change.Table),
		Primary: last.At(change, "takes ACCESS EXCLUSIVE"), Secondary: places, Subject: "lock_timeout of " + db.Source, Table: change.Table,
		Evidence: 1, Confidence: 0.6,
		Fix: report.Fix{
			Summary:   "Set lock_timeout to 5s at the start of each migration, or for the role that runs them.",
			Behaviour: "A migration that does not get its lock in time fails and must be started again, instead of stopping the table.",
			SQL:       "ALTER ROLE migrator SET lock_timeout = '5s';",
		},
		Edits: edits(last),
	})
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
