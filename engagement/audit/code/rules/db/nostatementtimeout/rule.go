// Package nostatementtimeout finds database settings without a bound on one statement.
package nostatementtimeout

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/config"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/ops/deploy"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.no-statement-timeout.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.no-statement-timeout",
		Title:    "No bound on one database statement",
		Summary:  "The project's settings of its PostgreSQL or MySQL database (Rails' database.yml, Django's DATABASES) set no statement timeout, and neither does anything else in the project.",
		Why:      "PostgreSQL runs a statement until it is done: statement_timeout is 0. One bad plan or one forgotten lock holds its connection and its thread for as long as it takes, the next request does the same, and the pool is empty before anybody looks. With a bound the slow statement fails and the rest goes on.",
		Cost:     "pool size / arrivals of the slow statement: the time until no connection is free",
		Fix:      "Set statement_timeout for the application's connections, a longer one for jobs and none for migrations.",
		Wrong:    "The role or the server sets it (`ALTER ROLE ... SET statement_timeout`), which the code does not show. A project that names statement_timeout anywhere is not reported.",
		Category: "no-statement-timeout",
		Examples: []rule.Example{{Lang: "yaml", Before: "production:\n  adapter: postgresql", After: "production:\n  adapter: postgresql\n  variables:\n    statement_timeout: 15s"}},
		Severity: report.Medium,
		Effort:   report.OneLine,
		Cliff:    "One bad plan holds connections until the pool is empty.",
		Proof:    "`SELECT pg_sleep(60)` through the application fails after the stated time.",
		Refs: []report.Reference{
			{Title: "PostgreSQL: statement_timeout", URL: "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT"},
		},
		LangRefs: map[string][]report.Reference{
			"yaml": {{Title: "Rails guides: configuring a database", URL: "https://guides.rubyonrails.org/configuring.html#configuring-a-postgresql-database"}},
		},
		Langs: []string{"yaml", "python"},
	},
	Project: func(p *rule.Pass) {
		var places []func()
		for _, d := range deploy.RailsDatabases(p.Project) {
			adapter := d.Production.Get("adapter").Text()
			if adapter == "postgresql" || adapter == "postgis" {
				places = append(places, func() { rails(p, d) })
			}
		}
		for _, f := range p.Files {
			if f.Lang == "python" && f.Tree != nil && f.Role == project.App && strings.Contains(f.Path, "settings") {
				places = append(places, func() { django(p, f) })
			}
		}
		if len(places) == 0 || stated(p.Project) {
			return
		}
		for _, check := range places {
			check()
		}
	},
}

// stated reports a project that bounds statements anywhere: a setting, a role, a session.
func stated(p *project.Project) bool {
	for _, f := range p.Files {
		switch f.Role {
		case project.Test, project.Vendored, project.Docs, project.Generated:
			continue
		}
		if f.Doc != nil || f.Lang == "sql" {
			if src := f.Source(); len(src) < 4<<20 && bytes.Contains(src, []byte("statement_timeout")) {
				return true
			}
		}
		if f.Tree != nil {
			for _, s := range f.Tree.Strings {
				if strings.Contains(s, "statement_timeout") {
					return true
				}
			}
		}
	}
	return false
}

const behaviour = "A statement that takes longer than 15 seconds fails. Migrations and long jobs need a session of their own with a longer bound (SET statement_timeout = 0)."

func rails(p *rule.Pass, d deploy.Databases) {
	root := d.File.Doc.YAML()[0].Field("production")
	if root == nil {
		return
	}
	l := deploy.LinesOf(d.File)
	var edits []patch.Edit
	if p := root.Value; p.Kind == config.Mapping && !p.Has("variables") && p.Get("primary") == nil && l.Block(*root) && root.Span.End > root.Span.Start {
		in := l.Indent(root.Span.Start) + "  "
		edits = []patch.Edit{l.InsertAfter(root.Span.End, in+"variables:", in+"  statement_timeout: 15000 # ms")}
	}
	p.Report(rule.Finding{
		Title:   "No statement timeout in production",
		Claim:   fmt.Sprintf("%s sets no `statement_timeout` for production, and nothing else in the project does: PostgreSQL's default is to wait for ever.", d.File.Path),
		Primary: deploy.At(d.File, root.Span, "production", ""), Subject: "production", Evidence: 1, Confidence: deploy.Confidence(d.File, 0.6), Cause: "rails",
		Fix: report.Fix{Summary: "Set `variables: statement_timeout` for production.", Behaviour: behaviour}, Edits: edits,
	})
}

func django(p *rule.Pass, f *project.File) {
	for a := range f.Tree.Root().Descendants(syntax.Assign) {
		if a.Child(syntax.Target).Str() != "DATABASES" || a.Child(syntax.Value).Kind() != syntax.Map {
			continue
		}
		engine := a.Child(syntax.Value).Keyword("default").Keyword("ENGINE")
		if !strings.Contains(engine.Str(), "postgres") && !strings.Contains(engine.Str(), "postgis") {
			continue
		}
		p.Report(rule.Finding{
			Title:   "No statement timeout",
			Claim:   fmt.Sprintf("`DATABASES` of %s sets no `statement_timeout`, and nothing else in the project does: PostgreSQL's default is to wait for ever.", f.Path),
			Primary: rule.At(f, a, ""), Subject: "DATABASES", Evidence: 1, Confidence: deploy.Confidence(f, 0.55), Cause: "django",
			Fix: report.Fix{Summary: "Add `\"OPTIONS\": {\"options\": \"-c statement_timeout=15000\"}`.", Behaviour: behaviour},
		})
	}
}
