// Package chunkmutating finds walks in pages that change the very column that selects the pages.
package chunkmutating

import (
	"fmt"

	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.chunk-mutating.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.chunk-mutating",
		Title:    "chunk() skips every second page of the rows that it changes",
		Summary:  "Rows are walked with chunk (LIMIT and OFFSET), and the loop changes or deletes what the filter selects.",
		Why:      "chunk() asks for page 2 with OFFSET. When the rows of page 1 no longer match the filter, the rows that would be page 2 have moved up to page 1, and the offset skips them: half of the rows are never seen, and nothing says so.",
		Cost:     "no time but a wrong result: each page skips as many rows as the last one changed, so up to half of them are never met",
		Fix:      "Walk by key with chunkById, which asks for rows behind the last one.",
		Wrong:    "The change does not touch a filtered column. Only changes of a column that the same chain filters on, and deletions, are reported.",
		Category: "unbatched-mutation",
		Examples: []rule.Example{{Lang: "php",
			Before: "Order::where('exported', false)->chunk(100, function ($orders) {\n    foreach ($orders as $order) {\n        $order->update(['exported' => true]);\n    }\n});",
			After:  "Order::where('exported', false)->chunkById(100, function ($orders) {\n    foreach ($orders as $order) {\n        $order->update(['exported' => true]);\n    }\n});"}},
		Severity: report.High,
		Effort:   report.OneLine,
		Cliff:    "Every second page of rows is skipped in silence as soon as there is more than one page.",
		Proof:    "With more rows than three pages hold, no row matches the filter after one run.",
		Refs:     []report.Reference{{Title: "Laravel: chunking results", URL: "https://laravel.com/docs/queries#chunking-results"}},
		Langs:    []string{"php"},
	},
	File: check,
}

func check(p *rule.Pass, f *project.File) {
	if n1.Quiet(f) || f.Tree == nil {
		return
	}
	for c := range f.Tree.Root().Descendants(syntax.Call) {
		if c.Str() != "chunk" || !c.Receiver().Ok() || !c.Block().Ok() || c.Arg(0).Kind() == syntax.Lambda {
			continue
		}
		columns := filtered(c)
		if len(columns) == 0 {
			continue
		}
		col, at := changed(c.Block(), columns)
		if !at.Ok() {
			continue
		}
		page := "page"
		if n := c.Arg(0); n.Kind() == syntax.Number {
			page = "page of " + n.Str() + " rows"
		}
		verb, done, left := "deletes", "deletes the rows", "stays undeleted, and nothing that hangs on a deletion runs for it"
		if col != "" {
			verb, done, left = "changes", "changes `"+col+"`, which the query filters on", "is never met and keeps the old `"+col+"`"
		}
		fd := rule.Finding{
			Title:      listing.Title(f, c, "chunk() skips every second page of the rows that it "+verb),
			Claim:      fmt.Sprintf("The loop %s while chunk() finds the next page by OFFSET: the rows behind have moved up by then, so every second %s %s. A single page hides it.", done, page, left),
			Primary:    rule.At(f, c, "the walk"),
			Secondary:  []rule.Place{rule.At(f, at, "the change")},
			Subject:    c.Symbol() + " " + col,
			Cause:      "chunk-" + verb,
			Evidence:   1,
			Confidence: 0.85,
			Fix:        report.Fix{Summary: "Use `chunkById`.", Behaviour: "Rows come in the order of their key, and all of them are met: the walk now changes about twice as many as before."},
		}
		start := int(c.Receiver().End())
		text := f.Text(c.Receiver().End(), c.End())
		for i := 0; i+5 <= len(text); i++ {
			if text[i:i+5] == "chunk" {
				fd.Edits = []patch.Edit{{Path: f.Path, Start: start + i, End: start + i + 5, New: "chunkById"}}
				break
			}
		}
		p.Report(fd)
	}
}

// filtered lists the columns that the chain behind a call compares.
func filtered(c syntax.Ref) map[string]bool {
	out := map[string]bool{}
	for _, n := range c.Chain() {
		switch n.Str() {
		case "where", "whereNull", "whereNotNull", "whereIn", "whereNotIn", "whereDate", "whereBetween", "orWhere":
			if a := n.Arg(0); a.Kind() == syntax.String {
				out[a.Str()] = true
			}
		case "orderBy", "lockForUpdate":
		}
	}
	return out
}

// changed finds a write inside the block to one of the columns, or a deletion.
func changed(block syntax.Ref, columns map[string]bool) (string, syntax.Ref) {
	saved := false
	for n := range block.Descendants(syntax.Call) {
		saved = saved || n.Str() == "save" || n.Str() == "saveQuietly"
	}
	for n := range block.Descendants(syntax.Call, syntax.Assign) {
		switch {
		case n.Kind() == syntax.Call && (n.Str() == "update" || n.Str() == "forceFill" || n.Str() == "updateQuietly"):
			for pair := range n.Arg(0).Children() {
				if pair.Kind() == syntax.Pair && columns[pair.Str()] {
					return pair.Str(), n
				}
			}
		case n.Kind() == syntax.Call && (n.Str() == "delete" || n.Str() == "forceDelete") && n.Receiver().Kind() == syntax.Name && !n.Child(syntax.Arg).Ok():
			return "", n
		case n.Kind() == syntax.Assign && saved:
			if t := n.Child(syntax.Target); t.Kind() == syntax.Member && columns[t.Str()] {
				return t.Str(), n
			}
		}
	}
	return "", syntax.Ref{}
}
