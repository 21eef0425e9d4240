// Package sequentialawait finds independent reads that wait for each other.
package sequentialawait

import (
	"fmt"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/patch"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is net.sequential-await.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "net.sequential-await",
		Title:    "Independent reads one after the other",
		Summary:  "Three or more database reads that do not depend on each other are awaited in series.",
		Why:      "Each await waits for a round trip before the next read is even sent. Nothing in the later reads needs the earlier ones, so the time of the request is their sum where it could be the longest of them.",
		Cost:     "n x (T + q) -> T + q per request; n reads",
		Fix:      "Start them together and await once: Promise.all.",
		Wrong:    "The reads must see each other's effects, or the pool is so small that they queue up anyway. Reads inside a transaction, and those that use an earlier result, are not reported.",
		Category: "sequential-await",
		Examples: []rule.Example{{Lang: "typescript",
			Before: "const users = await prisma.user.count();\nconst posts = await prisma.post.count();\nconst tags = await prisma.tag.count();",
			After:  "const [users, posts, tags] = await Promise.all([\n  prisma.user.count(),\n  prisma.post.count(),\n  prisma.tag.count(),\n]);"}},
		Severity: report.Low,
		Effort:   report.OneLine,
		Proof:    "Trace one request: the spans of the reads must overlap.",
		Refs: []report.Reference{
			{Title: "MDN: Promise.all", URL: "https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Promise/all"},
		},
		Langs: []string{"typescript"},
	},
	Project: check,
}

// least is the number of reads in series from which the sum is worth a change.
const least = 3

var reads = map[string]bool{
	"findMany": true, "findFirst": true, "findFirstOrThrow": true, "findUnique": true, "findUniqueOrThrow": true, "count": true, "aggregate": true, "groupBy": true,
	"find": true, "findOne": true, "findOneBy": true, "findBy": true, "findAll": true, "findByPk": true, "countBy": true, "sum": true, "getMany": true, "getOne": true, "getCount": true,
}

func check(p *rule.Pass) {
	roots := map[syntax.Ref]*flow.Root{}
	entries := map[syntax.Ref]string{}
	for _, r := range p.Flow.Queries {
		at := r.Sites[len(r.Sites)-1]
		if reads[r.Terminal] && r.Model != nil {
			roots[at.Node] = r
			if r.Entry != "" {
				entries[at.Node] = r.Entry
			}
		}
	}
	done := map[syntax.Ref]bool{}
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) || f.Role == project.Script || f.Lang != "typescript" && f.Lang != "javascript" && f.Lang != "tsx" {
			continue
		}
		for b := range f.Tree.Root().Descendants(syntax.Block) {
			if !done[b] {
				done[b] = true
				runs(p, f, b, roots, entries)
			}
		}
	}
}

// runs looks for runs of independent reads among the statements of a block.
func runs(p *rule.Pass, f *project.File, b syntax.Ref, roots map[syntax.Ref]*flow.Root, entries map[syntax.Ref]string) {
	var run []syntax.Ref
	flush := func() {
		if len(run) >= least {
			report1(p, f, run, roots, entries)
		}
		run = nil
	}
	for s := range b.Children() {
		q := read(s, roots)
		if !q.Ok() {
			flush()
			continue
		}
		if uses(q, run) {
			flush()
		}
		run = append(run, s)
	}
	flush()
}

// read returns the call of a statement const x = await read(...), no node for anything else.
func read(s syntax.Ref, roots map[syntax.Ref]*flow.Root) syntax.Ref {
	v := s.Child(syntax.Value)
	if s.Kind() != syntax.Assign || !s.Child(syntax.Target).Is(syntax.Name, syntax.Map, syntax.List) || v.Kind() != syntax.Await {
		return syntax.Ref{}
	}
	c := v.Child(syntax.Value)
	if roots[c] == nil || inTransaction(c) {
		return syntax.Ref{}
	}
	for range c.Descendants(syntax.Await) {
		return syntax.Ref{}
	}
	return c
}

// inTransaction reports whether a query is asked of a transaction's own connection.
func inTransaction(c syntax.Ref) bool {
	for n := c; n.Ok(); n = n.Receiver() {
		switch strings.ToLower(strings.Trim(n.Str(), "_#")) {
		case "tx", "trx", "transaction", "manager", "em", "entitymanager", "queryrunner":
			return true
		}
	}
	for _, a := range c.Args() {
		if a.Keyword("transaction").Ok() {
			return true
		}
	}
	for p := c.Enclosing(syntax.Call); p.Ok(); p = p.Enclosing(syntax.Call) {
		if strings.Contains(strings.ToLower(p.Str()), "transaction") {
			return true
		}
	}
	return false
}

// uses reports whether a call reads a name that one of the statements binds.
func uses(c syntax.Ref, run []syntax.Ref) bool {
	bound := map[string]bool{}
	for _, s := range run {
		for n := range s.Child(syntax.Target).Descendants(syntax.Name) {
			bound[n.Str()] = true
		}
	}
	for n := range c.Descendants(syntax.Name) {
		if bound[n.Str()] {
			return true
		}
	}
	return false
}

func report1(p *rule.Pass, f *project.File, run []syntax.Ref, roots map[syntax.Ref]*flow.Root, entries map[syntax.Ref]string) {
	first, last := run[0], run[len(run)-1]
	var names []string
	entry := ""
	for _, s := range run {
		c := s.Child(syntax.Value).Child(syntax.Value)
		names = append(names, "`"+roots[c].Model.Name+"`")
		if entries[c] != "" {
			entry = entries[c]
		}
	}
	find := rule.Finding{
		Title:      fmt.Sprintf("%d independent reads in series", len(run)),
		Claim:      fmt.Sprintf("%d reads (%s) wait for each other, and none needs the result of another.", len(run), strings.Join(names, ", ")),
		Primary:    rule.LineAt(f, first.Line(), last.EndLine(), first.Symbol(), "the reads"),
		Subject:    strings.ReplaceAll(strings.Join(names, "+"), "`", ""),
		Evidence:   1,
		Confidence: 0.8,
		Fix:        report.Fix{Summary: "Await them together with `Promise.all`.", Behaviour: "The reads use several connections at the same time, and the first failure is reported while the others finish unheard."},
	}
	event := "call"
	if entry != "" {
		find.Evidence, event = 2, "request"
	}
	n := report.Input{Name: "R", Value: float64(len(run)), Unit: "reads", Origin: report.Read, Detail: fmt.Sprintf("reads in series, %s:%d", f.Path, first.Line())}
	find.Cost = p.Cost.PerRow(n, 1, 1, event)
	together(f, run, &find)
	p.Report(find)
}

// together rewrites the statements into one.
func together(f *project.File, run []syntax.Ref, find *rule.Finding) {
	src := f.Source()
	first, last := run[0], run[len(run)-1]
	word := ""
	var targets, calls []string
	for i, s := range run {
		t := s.Child(syntax.Target)
		line := int(s.Start())
		for line > 0 && src[line-1] != '\n' {
			line--
		}
		head := strings.TrimSpace(string(src[line:t.Start()]))
		if head != "const" || i > 0 && head != word { // let, or more on the line
			return
		}
		word = head
		if i > 0 && strings.TrimSpace(strings.TrimLeft(string(src[run[i-1].End():line]), ";")) != "" { // a comment in between
			return
		}
		if f.Text(t.End(), t.End()+1) == ":" { // a declared type has no place in a pattern
			return
		}
		c := s.Child(syntax.Value).Child(syntax.Value)
		targets = append(targets, f.NodeText(t))
		calls = append(calls, f.NodeText(c))
	}
	line := int(first.Start())
	for line > 0 && src[line-1] != '\n' {
		line--
	}
	start := line
	for src[start] == ' ' || src[start] == '\t' {
		start++
	}
	indent := string(src[line:start])
	end := int(last.End())
	for i, c := range calls {
		calls[i] = indent + "  " + strings.ReplaceAll(c, "\n", "\n  ") + ","
	}
	text := "const [" + strings.Join(targets, ", ") + "] = await Promise.all([\n" + strings.Join(calls, "\n") + "\n" + indent + "])"
	find.Edits = []patch.Edit{{Path: f.Path, Start: start, End: end, New: text}}
}
