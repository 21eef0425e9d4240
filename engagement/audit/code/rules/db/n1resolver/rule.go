// Package n1resolver finds GraphQL field resolvers that ask the database once for each parent object.
package n1resolver

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/rule"
	"github.com/napkin-infra/napkin/engagement/audit/code/rules/db/n1"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
	"github.com/napkin-infra/napkin/foundation/report"
)

// Rule is db.n1-resolver.
var Rule = &rule.Rule{
	Doc: rule.Doc{
		ID:       "db.n1-resolver",
		Title:    "GraphQL resolver without a loader",
		Summary:  "The resolver of a field of an object type runs a query of its own, and nothing batches it.",
		Why:      "A resolver runs once for each object in the answer. A list of 50 objects whose field asks the database sends 50 statements, and a nested list multiplies: the client decides how many. The server can not see it in review, because the loop is in the query language.",
		Cost:     "R x depth x (T + q) -> depth x (T + q)",
		Fix:      "Collect the keys of one level with a dataloader and ask once with IN, or preload by the fields that the query selects (lookahead, an optimizer extension).",
		Wrong:    "The object is only ever met once in an answer, or a loader sits below the function that is called. Root types, resolvers that use a loader, and Prisma's findUnique (which batches by itself) are not reported.",
		Category: "n-plus-1",
		Examples: []rule.Example{{Lang: "typescript",
			Before: "Post: { comments: (post) => prisma.comment.findMany({ where: { postId: post.id } }) }",
			After:  "Post: { comments: (post, _, { loaders }) => loaders.commentsByPost.load(post.id) }"}},
		Severity: report.High,
		Effort:   report.OneFile,
		Proof:    "Count the statements of one GraphQL request that lists 50 objects with the field: it must not be 50.",
		Refs: []report.Reference{
			{Title: "GraphQL: solving the N+1 problem with DataLoader", URL: "https://www.graphql-js.org/docs/n1-dataloader/"},
			{Title: "GraphQL Ruby: dataloader", URL: "https://graphql-ruby.org/dataloader/overview.html"},
		},
		Langs: []string{"ruby", "python", "typescript", "java"},
	},
	Project: check,
}

// roots are the types of which an answer holds one.
var roots = regexp.MustCompile(`(?i)^(?:root)?(?:query|mutation|subscription)(?:type|root|resolver)?s?$|^(?:Query|Mutation|Subscription)|(?:Query|Mutation|Queries|Mutations|Subscription)$`)

// loaders are words of batching.
var loaders = regexp.MustCompile(`(?i)loader|^batch|^dataloader$|^load_many$|^load_all$|lookahead|^object_from_id$`)

func check(p *rule.Pass) {
	sites := map[*project.File][]*flow.Root{}
	for _, q := range p.Flow.Queries {
		for _, s := range q.Sites {
			sites[s.File] = append(sites[s.File], q)
		}
	}
	for _, f := range p.Files {
		if f.Tree == nil || n1.Quiet(f) || len(sites[f]) == 0 {
			continue
		}
		for r := range resolvers(f) {
			q, at := queryInside(sites[f], f, r.node)
			if q == nil || batched(r.node) {
				continue
			}
			model := ""
			if q.Model != nil {
				model = q.Model.Name
			}
			table := ""
			if q.Model != nil {
				table = q.Model.Table
			}
			p.Report(rule.Finding{
				Title:      fmt.Sprintf("Resolver asks once per object: %s.%s", r.typ, r.field),
				Claim:      fmt.Sprintf("`%s.%s` runs a query of `%s` for every `%s` in the answer, and nothing batches it.", r.typ, r.field, model, r.typ),
				Primary:    rule.At(f, at, "the query"),
				Secondary:  []rule.Place{rule.LineAt(f, r.node.Line(), r.node.EndLine(), r.node.Symbol(), "the resolver")},
				Subject:    r.typ + "." + r.field,
				Cause:      "resolvers:" + f.Lang,
				Table:      table,
				Evidence:   2,
				Confidence: 0.75,
				Cost:       p.Cost.PerRow(p.Cost.Loop(0, "", strings.ToLower(r.typ), true), 1, 1, "request"),
				Fix:        report.Fix{Summary: "Put a loader between the resolver and the query: one statement for all objects of a level."},
			})
		}
	}
}

// resolver is the function behind a field.
type resolver struct {
	typ, field string
	node       syntax.Ref
}

// resolvers yields the field resolvers of a file.
func resolvers(f *project.File) func(func(resolver) bool) {
	return func(yield func(resolver) bool) {
		switch f.Lang {
		case "ruby":
			for c := range f.Tree.Root().Descendants(syntax.Class) {
				typ := strings.TrimSuffix(last(c.Str()), "Type")
				if !rubyType(c) || roots.MatchString(last(c.Str())) {
					continue
				}
				fields := map[string]bool{}
				for call := range c.Child(syntax.Body).Children() {
					if call.Kind() == syntax.Call && call.Str() == "field" && !call.Receiver().Ok() {
						fields[call.Arg(0).Str()] = true
						if m := call.Keyword("method"); m.Ok() {
							fields[m.Str()] = true
						}
						if m := call.Keyword("resolver_method"); m.Ok() {
							fields[m.Str()] = true
						}
					}
				}
				for fn := range c.Child(syntax.Body).Children() {
					if fn.Kind() == syntax.Func && fields[fn.Str()] && !yield(resolver{typ, fn.Str(), fn}) {
						return
					}
				}
			}
		case "python":
			for c := range f.Tree.Root().Descendants(syntax.Class) {
				if roots.MatchString(c.Str()) {
					continue
				}
				for fn := range c.Child(syntax.Body).Children() {
					if fn.Kind() != syntax.Func {
						continue
					}
					field, ok := strings.CutPrefix(fn.Str(), "resolve_")
					if !ok {
						if !strawberry(fn) {
							continue
						}
						field = fn.Str()
					} else if !graphene(c) {
						continue
					}
					if !yield(resolver{c.Str(), field, fn}) {
						return
					}
				}
			}
		case "typescript", "tsx", "javascript":
			for pair := range f.Tree.Root().Descendants(syntax.Pair) {
				fields := pair.Child(syntax.Value)
				if fields.Kind() != syntax.Map || pair.Str() == "" || pair.Str()[0] < 'A' || pair.Str()[0] > 'Z' || roots.MatchString(pair.Str()) || !resolverMap(f, pair) {
					continue
				}
				for field := range fields.Children() {
					if l := field.Child(syntax.Value); l.Kind() == syntax.Lambda && !yield(resolver{pair.Str(), field.Str(), l}) {
						return
					}
				}
			}
			for fn := range f.Tree.Root().Descendants(syntax.Func) {
				for d := range fn.All(syntax.Decorator) {
					if d.Str() == "ResolveField" || d.Str() == "FieldResolver" {
						if !yield(resolver{strings.TrimSuffix(fn.Enclosing(syntax.Class).Str(), "Resolver"), fn.Str(), fn}) {
							return
						}
					}
				}
			}
		case "java":
			for fn := range f.Tree.Root().Descendants(syntax.Func) {
				for d := range fn.All(syntax.Decorator) {
					if d.Str() == "SchemaMapping" || d.Str() == "DgsData" && !roots.MatchString(d.Keyword("parentType").Str()) {
						if !yield(resolver{fn.Enclosing(syntax.Class).Str(), fn.Str(), fn}) {
							return
						}
					}
				}
			}
		}
	}
}

func last(s string) string {
	if i := strings.LastIndex(s, "::"); i >= 0 {
		return s[i+2:]
	}
	return s
}

func rubyType(c syntax.Ref) bool {
	for s := range c.All(syntax.Super) {
		if n := s.Dotted(); strings.HasSuffix(n, "BaseObject") || strings.HasSuffix(n, "GraphQL::Schema::Object") || strings.HasSuffix(n, "BaseNode") {
			return true
		}
	}
	return false
}

func graphene(c syntax.Ref) bool {
	for s := range c.All(syntax.Super) {
		if n := s.Dotted(); strings.HasSuffix(n, "ObjectType") || strings.HasSuffix(n, "DjangoObjectType") || strings.HasPrefix(n, "graphene.") {
			return true
		}
	}
	return false
}

func strawberry(fn syntax.Ref) bool {
	for d := range fn.All(syntax.Decorator) {
		name := d.Dotted()
		if d.Kind() == syntax.Call {
			name = d.Receiver().Dotted() + "." + d.Str()
		}
		if strings.HasPrefix(name, "strawberry") && strings.HasSuffix(name, "field") {
			return true
		}
	}
	return false
}

// resolverMap reports whether an object literal is a map of resolvers: it stands beside Query or
// Mutation, or in a variable or file that says so.
func resolverMap(f *project.File, pair syntax.Ref) bool {
	for sib := range pair.Parent().Children() {
		if sib.Str() == "Query" || sib.Str() == "Mutation" {
			return true
		}
	}
	if a := pair.Parent().Parent(); a.Kind() == syntax.Assign && strings.Contains(strings.ToLower(a.Child(syntax.Target).Str()), "resolver") {
		return true
	}
	return false
}

// queryInside returns the first query that stands inside a function and is not one that batches itself.
func queryInside(list []*flow.Root, f *project.File, fn syntax.Ref) (*flow.Root, syntax.Ref) {
	for _, q := range list {
		for _, s := range q.Sites {
			if s.File != f || !s.Node.Inside(fn) || q.Terminal == "findUnique" || q.Terminal == "findUniqueOrThrow" {
				continue
			}
			switch s.Node.Str() {
			case "findUnique", "findUniqueOrThrow":
				continue
			}
			return q, s.Node
		}
	}
	return nil, syntax.Ref{}
}

// batched reports whether a resolver uses a loader.
func batched(fn syntax.Ref) bool {
	found := false
	fn.Walk(func(n syntax.Ref) bool {
		if !found && n.Is(syntax.Call, syntax.Member, syntax.Name) && loaders.MatchString(n.Str()) {
			found = true
		}
		return !found
	})
	return found
}
