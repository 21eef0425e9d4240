package n1

import (
	"fmt"
	"path"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/cardinality"
	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// vague are names of variables that say nothing of what is walked.
var vague = words(`it e el elem element obj object row record res result data value val item entry each node next current curr tmp args arg key zip enumerate list sorted range values`)

// element names what a loop walks, in the singular: the loop's variable where it is a word, else the
// collection, else the model.
func element(w *work) string {
	c := w.over
	target := ""
	switch w.node.Kind() {
	case syntax.For:
		for t := range w.node.All(syntax.Target) {
			if t.Kind() == syntax.List { // for order, key in zip(orders, keys)
				for first := range t.Children() {
					t = first
					break
				}
			}
			if t.Kind() == syntax.Pair {
				t = t.Child(syntax.Value)
			}
			target = t.Str()
			if strings.HasPrefix(c.Expr, "zip(") {
				break
			}
		}
	case syntax.Call:
		for t := range w.node.Block().All(syntax.ParamRole) {
			target = t.Str()
			break
		}
	}
	target = strings.Trim(target, "@$*&_")
	if len(target) > 2 && !vague[strings.ToLower(target)] {
		return human(target)
	}
	for _, name := range []string{c.Name, lastWord(c.Expr)} {
		if one := human(singular(strings.Trim(name, "@$_"))); len(one) > 2 && !vague[one] {
			return one
		}
	}
	if c.Model != nil {
		return human(c.Model.Name)
	}
	return unnamed
}

// unnamed is the element of a loop of which nothing has a name.
const unnamed = "turn"

// function names the function around a place for a title: the class and the method, or the file.
func function(f *project.File, n syntax.Ref) string {
	sym := strings.ReplaceAll(n.Symbol(), "::", ".")
	if sym == "" {
		sym = assigned(n)
	}
	if sym == "" {
		return path.Base(f.Path)
	}
	parts := strings.Split(sym, ".")
	if len(parts) > 2 {
		parts = parts[len(parts)-2:]
	}
	if last := parts[len(parts)-1]; len(parts) == 1 || strings.TrimSpace(last) != "" {
		return strings.Join(parts, ".")
	}
	return parts[0]
}

// assigned is the name that the outermost function without one around a place is given.
func assigned(n syntax.Ref) string {
	name := ""
	for l := n.Enclosing(syntax.Lambda); l.Ok(); l = l.Enclosing(syntax.Lambda) {
		a := l.Parent()
		for a.Kind() == syntax.Call && l.Role() == syntax.Arg { // export const GET = withAuth(async () => ...)
			l, a = a, a.Parent()
		}
		switch a.Kind() {
		case syntax.Assign:
			name = flow.LastSegment(a.Child(syntax.Target).Dotted())
		case syntax.Pair, syntax.Field:
			name = a.Str()
		}
	}
	return name
}

// human writes an identifier as words: LineItem, line_items and lineItem are "line item(s)".
func human(name string) string {
	name = flow.LastSegment(name)
	return strings.Join(cardinality.Words(name), " ")
}

// singular takes the plural's ending from the last word of a name.
func singular(name string) string {
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(lower, "sses"), strings.HasSuffix(lower, "xes"), strings.HasSuffix(lower, "ches"), strings.HasSuffix(lower, "shes"):
		return name[:len(name)-2]
	case strings.HasSuffix(lower, "ss"), strings.HasSuffix(lower, "us"), strings.HasSuffix(lower, "is"):
		return name
	case strings.HasSuffix(lower, "s") && len(name) > 2:
		return name[:len(name)-1]
	}
	return name
}

// entryTitle is the name of an entry point without the verb that all of its kind share.
func entryTitle(name string) string {
	for _, verb := range []string{"task ", "job ", "command ", "mail "} {
		if rest, ok := strings.CutPrefix(name, verb); ok {
			return rest
		}
	}
	return name
}

// statements says what a loop sends per turn: "a query", "3 statements", "2 counts".
func statements(n int, loads []flow.Load) string {
	kind, mixed := "", false
	for _, l := range loads {
		k := verb(l)
		mixed = mixed || kind != "" && kind != k
		kind = k
	}
	switch {
	case mixed && n > 1:
		return fmt.Sprintf("%d statements", n)
	case mixed:
		return "a statement"
	case n > 1 && kind == "query":
		return fmt.Sprintf("%d queries", n)
	case n > 1:
		return fmt.Sprintf("%d %ss", n, kind)
	case strings.ContainsRune("aeiou", rune(kind[0])):
		return "an " + kind
	}
	return "a " + kind
}

// verb names the kind of one statement.
func verb(l flow.Load) string {
	switch l.Kind {
	case flow.Write:
		return "write"
	case flow.Aggregate:
		if l.Query != nil {
			switch t := strings.ToLower(strings.TrimRight(l.Query.Terminal, "?!")); {
			case strings.Contains(t, "exist"), t == "any", t == "none", t == "empty", t == "some":
				return "lookup"
			case strings.Contains(t, "sum"):
				return "sum"
			case strings.Contains(t, "count"), t == "size", t == "length":
				return "count"
			}
		}
		return "aggregate"
	}
	return "query"
}

// what describes one statement for a claim.
func what(l flow.Load) string {
	m := modelOf(l)
	of := ""
	if m != "" {
		of = " of `" + flow.LastSegment(m) + "`"
	}
	switch v := verb(l); v {
	case "write":
		return "a write" + of
	case "lookup":
		return "an existence check" + of
	case "aggregate":
		return "an aggregate" + of
	default:
		return "a " + v + of
	}
}

// modelOf names the model that a load asks.
func modelOf(l flow.Load) string {
	if l.Query != nil && l.Query.Model != nil {
		return l.Query.Model.Name
	}
	if l.Rel != nil && l.Rel.Target != "" {
		return l.Rel.Target
	}
	return ""
}

func quote(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = "`" + s + "`"
	}
	return out
}

// list joins at most n words.
func list(words []string, n int) string {
	if len(words) > n {
		return strings.Join(words[:n], ", ") + fmt.Sprintf(" and %d more", len(words)-n)
	}
	if len(words) > 1 {
		return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
	}
	return strings.Join(words, "")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}
