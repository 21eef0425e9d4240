// Package offsetpagination finds loops that walk a table with LIMIT and a growing OFFSET.
package offsetpagination

import (
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/listing"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.offset-pagination.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.offset-pagination",
		Title:    "Table walked with a growing OFFSET",
		Summary:  "A loop reads a table page by page and skips with OFFSET what it has read.",
		Why:      "OFFSET does not skip: the database produces the rows and throws them away. Page k costs k pages, so that the walk costs half the square of the number of pages, and with a GROUP BY or a sort each page computes the whole result again. Rows that are added or removed meanwhile shift the pages, so that some are read twice and some never.",
		Cost:     "P^2 x page / 2 rows -> P x page rows; P pages",
		Fix:      "Continue from the last key (WHERE id > last ORDER BY id LIMIT n): find_in_batches in Rails, chunkById in Laravel, keyset pagination by hand.",
		Wrong:    "The table has few pages, or the offset is sent to a remote API that offers nothing else. Only loops that advance the offset of a database query themselves are reported.",
		Category: "offset-pagination",
		Examples: []rule.Example{{Lang: "ruby",
			Before: "until offset > total\n  rows = connection.select_rows \"select ... limit #{limit} offset #{offset}\"\n  offset += limit\nend",
			After:  "Download.find_in_batches(batch_size: limit) do |rows|\nend"}},
		Severity: report.Medium,
		Effort:   report.OneFile,
		Cliff:    "the walk takes four times as long when the table doubles",
		Proof:    "The time of each page no longer grows with its number.",
		Refs: []report.Reference{
			{Title: "Use The Index, Luke: we need tool support for keyset pagination", URL: "https://use-the-index-luke.com/no-offset"},
			{Title: "PostgreSQL: LIMIT and OFFSET", URL: "https://www.postgresql.org/docs/current/queries-limit.html"},
		},
		Langs: []string{"ruby", "python", "php", "typescript", "java", "go"},
	},
	File: check,
}

// growing matches an OFFSET in SQL whose value the program puts in.
var growing = regexp.MustCompile(`(?i)\boffset\s+(\{\}|\?|:\w+|\$\d+|%s|%\(\w+\)s|%d)|\blimit\s+(\{\}|\?|%s|%d|:\w+)\s*,\s*(\{\}|\?|%s|%d|:\w+)`)

func check(p *rule.Pass, f *project.File) {
	if n1.Quiet(f) || f.Tree == nil {
		return
	}
	for loop := range f.Tree.Root().Descendants(syntax.While, syntax.For, syntax.Call) {
		body := loop.Child(syntax.Body)
		switch {
		case loop.Kind() == syntax.Call:
			if loop.Str() != "loop" || !loop.Block().Ok() {
				continue
			}
			body = loop.Block().Child(syntax.Body)
		case loop.Kind() == syntax.For && !loop.Has(syntax.FlagCounted):
			if !ranges(loop.Child(syntax.Iter)) {
				continue
			}
		}
		vars := advanced(loop, body)
		if len(vars) == 0 {
			continue
		}
		n, sql, ok := query(body, vars)
		if !ok {
			continue
		}
		fd := rule.Finding{
			Title:      listing.Title(f, loop, "a table is walked with a growing OFFSET"),
			Claim:      "The loop reads its rows page by page and the database produces and drops all earlier rows for each page.",
			Primary:    rule.At(f, loop, "the loop"),
			Secondary:  []rule.Place{rule.At(f, n, "skips with OFFSET")},
			Subject:    loop.Symbol(),
			Evidence:   1,
			Confidence: 0.8,
			Fix:        report.Fix{Summary: "Continue from the last key instead of an offset.", Behaviour: "Rows come in the order of the key; none is read twice or lost when others write meanwhile."},
		}
		if strings.Contains(strings.ToLower(sql), "group by") {
			fd.Claim += " The query groups, so each page computes every group again."
			fd.Severity = report.High
		}
		p.Report(fd)
	}
}

// ranges reports whether a loop counts: range(0, n, step), (0..n).step.
func ranges(iter syntax.Ref) bool {
	return iter.Kind() == syntax.Call && iter.Str() == "range" && iter.Arg(2).Ok()
}

// advanced returns the variables that a loop moves on by itself.
func advanced(loop, body syntax.Ref) map[string]bool {
	vars := map[string]bool{}
	note := func(n syntax.Ref) {
		for a := range n.Descendants(syntax.Assign) {
			t := a.Child(syntax.Target)
			name := t.Dotted()
			if name == "" {
				continue
			}
			switch a.Str() {
			case "+=", "++":
				vars[name] = true
			case "=":
				if v := a.Child(syntax.Value); v.Kind() == syntax.Binary && v.Str() == "+" && (v.Child(syntax.Left).Dotted() == name || v.Child(syntax.Right).Dotted() == name) {
					vars[name] = true
				}
			}
		}
	}
	note(body)
	if p := loop.Child(syntax.Post); p.Ok() {
		note(p)
		for u := range p.Descendants(syntax.Unary) {
			if strings.HasPrefix(u.Str(), "++") {
				vars[u.Child(syntax.Value).Dotted()] = true
			}
		}
	}
	if loop.Kind() == syntax.For && ranges(loop.Child(syntax.Iter)) {
		vars[loop.Child(syntax.Target).Str()] = true
	}
	delete(vars, "")
	return vars
}

// query finds a database query in a loop's body whose offset is one of the variables.
func query(body syntax.Ref, vars map[string]bool) (at syntax.Ref, sql string, ok bool) {
	uses := func(n syntax.Ref) bool {
		hit := false
		for v := range n.Descendants(syntax.Name, syntax.Call, syntax.Member) {
			hit = hit || vars[v.Dotted()]
		}
		return hit
	}
	for n := range body.Descendants(syntax.String, syntax.Call, syntax.Index) {
		switch n.Kind() {
		case syntax.String:
			text := n.Str()
			if !growing.MatchString(text) || !strings.Contains(strings.ToLower(text), "select") {
				continue
			}
			if n.Has(syntax.FlagInterp) {
				if uses(n) {
					return n, text, true
				}
				continue
			}
			if call := n.Enclosing(syntax.Call); call.Ok() && uses(call) {
				return n, text, true
			}
		case syntax.Call:
			switch n.Str() {
			case "offset", "skip", "Offset", "Skip":
				// The chain must be a query's: it limits too, and its receiver is not a string or a list.
				if !n.Receiver().Ok() || !uses(n.Arg(0)) || !limited(n) {
					continue
				}
				return n, "", true
			case "findMany", "findAll", "find", "findAndCount":
				if v := n.Keyword("skip"); v.Ok() && uses(v) {
					return n, "", true
				}
				if v := n.Keyword("offset"); v.Ok() && uses(v) && n.Keyword("limit").Ok() {
					return n, "", true
				}
			}
		case syntax.Index: // Model.objects...[offset:offset+limit]
			s := n.Child(syntax.Arg)
			if s.Kind() != syntax.Other || s.Str() != "slice" || !uses(s.Child(syntax.Left)) {
				continue
			}
			for _, c := range n.Receiver().Chain() {
				if c.Str() == "objects" {
					return n, "", true
				}
			}
		}
	}
	return syntax.Ref{}, "", false
}

// limited reports whether the chain around a call limits its rows.
func limited(n syntax.Ref) bool {
	for _, c := range n.Chain() {
		switch c.Str() {
		case "limit", "take", "Limit", "Take":
			return true
		}
	}
	for p := n.Parent(); p.Is(syntax.Call, syntax.Member); p = p.Parent() {
		switch p.Str() {
		case "limit", "take", "Limit", "Take":
			return true
		}
	}
	return false
}
