// Package countforexistence finds counts of which only the comparison with zero is used.
package countforexistence

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/existence"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.count-for-existence.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.count-for-existence",
		Title:    "Count where existence is asked",
		Summary:  "A query counts its rows and only whether the number is zero is used.",
		Why:      "COUNT(*) visits every matching row before it answers; SELECT 1 ... LIMIT 1 stops at the first. The difference is the number of matches: nothing while there are three, seconds and a cold cache once one tenant has a million. The slow case is the common answer, because the count is high exactly where rows exist.",
		Cost:     "M rows visited -> 1 row; M the matching rows",
		Fix:      "Ask for existence: exists? in Rails, exists() in Django and Laravel, SELECT EXISTS in SQLAlchemy.",
		Wrong:    "The number itself is used later, or the set is always tiny. Counts that are stored or printed are not reported.",
		Category: "count-for-existence",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "return true if Moderation.where(user: user).count > 0",
			After:  "return true if Moderation.where(user: user).exists?"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "EXPLAIN ANALYZE both statements with the values of the largest tenant: rows visited drop from all matches to one.",
		Refs: []report.Reference{
			{Title: "Active Record Query Interface: existence of objects", URL: "https://guides.rubyonrails.org/active_record_querying.html#existence-of-objects"},
			{Title: "Django: exists()", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#exists"},
			{Title: "Laravel: determining if records exist", URL: "https://laravel.com/docs/queries#determining-if-records-exist"},
		},
		Langs: []string{"ruby", "python", "php", "erb", "haml", "slim", "blade"},
	},
	Project: check,
}

func check(p *rule.Pass) {
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if r.Terminal != "count" || r.Model == nil {
			continue
		}
		s, ok := existence.Site(r)
		if !ok || seen[s.Node] || n1.Quiet(s.File) || s.Node.Child(syntax.Arg).Ok() || s.Node.Child(syntax.BlockArg).Ok() {
			continue
		}
		u, ok := existence.Count(s.Node, s.File.Lang)
		if !ok {
			continue
		}
		seen[s.Node] = true
		f := rule.Finding{
			Title:      listing.Title(s.File, u.Node, "all "+r.Model.Name+" are counted to know whether there is one"),
			Claim:      fmt.Sprintf("All matching rows of `%s` are counted, and only whether there is one is used.", r.Model.Name),
			Primary:    rule.At(s.File, u.Node, "the test"),
			Subject:    r.Model.Name,
			Table:      r.Model.Table,
			Cause:      "count-for-existence:" + r.Model.Framework,
			Evidence:   1,
			Confidence: 0.9,
			Fix:        report.Fix{Summary: "Ask whether a row exists.", Behaviour: "The same truth; the query stops at the first match."},
		}
		if r.Entry != "" {
			f.Evidence = 2
		}
		if s.File.Role == project.Script {
			f.Confidence = 0.6
		}
		f.Edits = edits(s.File, s.Node, u, r.Model.Framework)
		if r.Model.Framework == "sqlalchemy" {
			f.Fix.Summary = "Ask the session for `query.exists()`: SELECT EXISTS (...)."
		}
		p.Report(f)
	}
}

// edits replaces the test by a question for existence.
func edits(file *project.File, count syntax.Ref, u existence.Use, framework string) []patch.Edit {
	recv := count.Receiver()
	if !recv.Ok() {
		return nil
	}
	text := file.NodeText(recv)
	joint := file.Text(recv.End(), count.Start()+(count.End()-count.Start()))
	if text == "" || joint == "" {
		return nil
	}
	var now string
	switch framework {
	case "rails":
		now = text + ".exists?"
		if u.Absent {
			now = text + ".none?"
		}
	case "django":
		now = text + ".exists()"
		if u.Absent {
			now = "not " + text + ".exists()"
		}
	case "laravel":
		now = text + "->exists()"
		if u.Absent {
			now = text + "->doesntExist()"
		}
	default:
		return nil
	}
	if file.Lang == "jinja" || file.Lang == "blade" {
		return nil
	}
	return []patch.Edit{{Path: file.Path, Start: int(u.Node.Start()), End: int(u.Node.End()), New: now}}
}
