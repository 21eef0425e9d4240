// Package firstforexistence finds rows that are loaded only to see whether there is one.
package firstforexistence

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/existence"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.first-for-existence.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.first-for-existence",
		Title:    "Row loaded where existence is asked",
		Summary:  "A query loads a row and only whether there is one is used.",
		Why:      "The row is sorted for (first orders by the key when nothing else is said), read in full, sent and turned into an object, and then thrown away. An index that holds the condition answers existence alone; the ordered fetch may walk another index until it meets a match, which for a rare match is the whole table.",
		Cost:     "T + q + row and object -> T + q",
		Fix:      "Ask for existence: exists? in Rails, exists() in Django.",
		Wrong:    "The row is used after the test; then it is assigned to a name, and that is not reported.",
		Category: "count-for-existence",
		Examples: []rule.Example{{Lang: "python",
			Before: "if Order.objects.filter(user=user).first() is not None:",
			After:  "if Order.objects.filter(user=user).exists():"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "The statement log shows SELECT 1 ... LIMIT 1 without an ORDER BY in the place of the full row.",
		Refs: []report.Reference{
			{Title: "Active Record Query Interface: existence of objects", URL: "https://guides.rubyonrails.org/active_record_querying.html#existence-of-objects"},
			{Title: "Django: exists()", URL: "https://docs.djangoproject.com/en/stable/ref/models/querysets/#exists"},
		},
		Langs: []string{"ruby", "python", "erb", "haml", "slim"},
	},
	Project: check,
}

// asks are the words that load one row.
var asks = map[string]bool{"first": true, "last": true, "take": true, "find_by": true, "one_or_none": true}

func check(p *rule.Pass) {
	seen := map[syntax.Ref]bool{}
	for _, r := range p.Flow.Queries {
		if !asks[r.Terminal] || r.Model == nil {
			continue
		}
		s, ok := existence.Site(r)
		if !ok || seen[s.Node] || n1.Quiet(s.File) {
			continue
		}
		if s.Node.Child(syntax.Arg).Ok() && r.Terminal != "find_by" {
			continue
		}
		u, ok := existence.Row(s.Node, s.File.Lang)
		if !ok {
			continue
		}
		seen[s.Node] = true
		f := rule.Finding{
			Title:      listing.Title(s.File, u.Node, "a row of "+r.Model.Name+" is loaded to know whether there is one"),
			Claim:      fmt.Sprintf("A row of `%s` is loaded in full, and only whether there is one is used.", r.Model.Name),
			Primary:    rule.At(s.File, u.Node, "the test"),
			Subject:    r.Model.Name,
			Table:      r.Model.Table,
			Cause:      "first-for-existence:" + r.Model.Framework,
			Evidence:   1,
			Confidence: 0.85,
			Fix:        report.Fix{Summary: "Ask whether a row exists.", Behaviour: "The same truth; callbacks of loading the row (after_find, after_initialize) no longer run."},
		}
		if r.Entry != "" {
			f.Evidence = 2
		}
		f.Edits = edits(s.File, s.Node, u, r.Model.Framework, r.Terminal)
		p.Report(f)
	}
}

func edits(file *project.File, ask syntax.Ref, u existence.Use, framework, terminal string) []patch.Edit {
	recv := ask.Receiver()
	text := file.NodeText(recv)
	if text == "" || file.Lang == "jinja" || file.Lang == "blade" {
		return nil
	}
	var now string
	switch framework {
	case "rails":
		now = text + ".exists?"
		if terminal == "find_by" {
			rest := file.Text(recv.End(), ask.End())
			i := strings.Index(rest, "find_by")
			if i < 0 || strings.HasPrefix(rest[i:], "find_by_") || strings.HasPrefix(rest[i:], "find_by!") {
				return nil
			}
			now = text + rest[:i] + "exists?" + rest[i+len("find_by"):]
		}
		if u.Absent {
			now = "!" + now
		}
	case "django":
		now = text + ".exists()"
		if u.Absent {
			now = "not " + now
		}
	default:
		return nil
	}
	return []patch.Edit{{Path: file.Path, Start: int(u.Node.Start()), End: int(u.Node.End()), New: now}}
}
