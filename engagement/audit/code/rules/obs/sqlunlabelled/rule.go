// Package sqlunlabelled finds applications whose statements do not say where they come from.
package sqlunlabelled

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is obs.sql-unlabelled.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "obs.sql-unlabelled",
		Title:    "Statements do not name their origin",
		Summary:  "A Rails application on a database does not tag its statements with controller, action and job.",
		Why:      "pg_stat_activity and the slow log show a statement, and hundreds of places may have sent it. With a tag the slow statement names its controller and action, and the search for it takes minutes instead of an afternoon in the middle of an incident.",
		Cost:     "minutes of each incident",
		Fix:      "Turn query log tags on.",
		Wrong:    "An agent adds comments (sqlcommenter, an APM). Applications that name query_log_tags, marginalia or sqlcommenter are not reported. This is advice: it stands in the appendix.",
		Category: "observability-sql-unlabelled",
		Examples: []rule.Example{{Lang: "ruby", Before: "class Application < Rails::Application", After: "class Application < Rails::Application\n  config.active_record.query_log_tags_enabled = true"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "pg_stat_activity.query ends in a comment with controller and action.",
		Refs:     []report.Reference{{Title: "Rails: ActiveRecord::QueryLogs", URL: "https://api.rubyonrails.org/classes/ActiveRecord/QueryLogs.html"}},
		Langs:    []string{"ruby"},
	},
	Project: func(p *rule.Pass) {
		for _, f := range p.Files {
			if f.Tree != nil && f.Lang == "ruby" && strings.HasSuffix("/"+f.Path, "/config/application.rb") && f.Role == project.App {
				check(p, f)
			}
		}
	},
}

func check(p *rule.Pass, f *project.File) {
	root := strings.TrimSuffix(f.Path, "config/application.rb")
	database := false
	for _, g := range p.Files {
		if !strings.HasPrefix(g.Path, root) {
			continue
		}
		database = database || g.Path == root+"config/database.yml" || g.Path == root+"db/schema.rb" || g.Path == root+"db/structure.sql"
		if g.Tree != nil && g.Lang == "ruby" {
			for _, s := range g.Tree.Strings {
				l := strings.ToLower(s)
				if strings.Contains(l, "query_log_tags") || strings.Contains(l, "marginalia") || strings.Contains(l, "sqlcommenter") {
					return
				}
			}
		}
	}
	if !database {
		return
	}
	for c := range f.Tree.Root().Descendants(syntax.Class) {
		application := false
		for s := range c.All(syntax.Super) {
			application = application || strings.HasSuffix(s.Str(), "Application")
		}
		if !application {
			continue
		}
		src, at := f.Source(), int(c.Start())
		for at < len(src) && src[at] != '\n' {
			at++
		}
		start := int(c.Start())
		for start > 0 && src[start-1] != '\n' {
			start--
		}
		indent := string(src[start:int(c.Start())])
		var edits []patch.Edit
		if at < len(src) && strings.TrimSpace(indent) == "" {
			edits = []patch.Edit{{Path: f.Path, Start: at + 1, End: at + 1, New: indent + "  config.active_record.query_log_tags_enabled = true\n"}}
		}
		p.Report(rule.Finding{
			Title:   "Statements carry no tags",
			Claim:   fmt.Sprintf("%s does not turn on query log tags: a slow statement does not say which action or job sent it.", f.Path),
			Primary: rule.LineAt(f, c.Line(), c.Line(), c.Symbol(), ""), Subject: "query_log_tags", Evidence: 1, Confidence: 0.45,
			Fix:   report.Fix{Summary: "Turn query log tags on (Rails 7 and newer).", Behaviour: "Each statement ends in a comment; tags of high cardinality defeat prepared statements, the default ones do not grow pg_stat_statements."},
			Edits: edits,
		})
		return
	}
}
