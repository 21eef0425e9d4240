package cardinality

import (
	"path"
	"regexp"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/project"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// source is where the values of a label come from.
type source uint8

const (
	unknown source = iota
	few            // a constant, or a property of an object that lives as long as the process
	many           // a request, a row, a user
)

// value is what a label is given at one place.
type value struct {
	source source
	file   *project.File
	node   syntax.Ref
}

func (v value) text() string {
	t := strings.Join(strings.Fields(v.file.NodeText(v.node)), " ")
	if len(t) > 60 {
		t = t[:57] + "..."
	}
	return t
}

// valueOf finds what the code gives a label: at the call itself (StatsD, Micrometer), or where the
// vector is used. The worst use decides; uses that are not understood outweigh those that are few.
func valueOf(p *project.Project, f *project.File, c, label syntax.Ref) value {
	if label.Kind() == syntax.Pair {
		return classify(f, label.Child(syntax.Value))
	}
	if label.Has(syntax.FlagInterp) {
		for part := range label.All(syntax.Part) {
			return classify(f, part)
		}
	}
	if c.Str() == "tag" {
		return classify(f, c.Arg(1))
	}
	position, size := 0, 0
	for e := range label.Parent().All(syntax.Elem) {
		if e == label {
			position = size
		}
		size++
	}
	variable := holder(c)
	var direct, alike []value
	for _, g := range p.Files {
		if g.Tree == nil || g.Lang != f.Lang || path.Dir(g.Path) != path.Dir(f.Path) || g.Role == project.Test {
			continue
		}
		for u := range g.Tree.Root().Descendants(syntax.Call) {
			given := argument(u, label.Str(), position, size)
			if !given.Ok() {
				continue
			}
			v := classify(g, given)
			if r := u.Receiver(); variable != "" && r.Is(syntax.Name, syntax.Member) && r.Str() == variable {
				direct = append(direct, v)
			} else {
				alike = append(alike, v)
			}
		}
	}
	if len(direct) == 0 {
		direct = alike
	}
	out := value{}
	for i, v := range direct {
		switch {
		case v.source == many:
			return v
		case i == 0 || v.source == unknown:
			out = v
		}
	}
	return out
}

// holder is the last name of what a vector is assigned to.
func holder(c syntax.Ref) string {
	for n, p := c, c.Parent(); p.Ok(); n, p = p, p.Parent() {
		switch p.Kind() {
		case syntax.Assign:
			if n.Role() == syntax.Value {
				return p.Child(syntax.Target).Str()
			}
			return ""
		case syntax.Field, syntax.Pair:
			return p.Str()
		case syntax.Call, syntax.Unary:
			continue // promauto, With(registry), a conversion
		}
		return ""
	}
	return ""
}

// argument is what a call on a vector gives a label: by position or by name.
func argument(u syntax.Ref, label string, position, size int) syntax.Ref {
	switch u.Str() {
	case "WithLabelValues", "GetMetricWithLabelValues", "labels", "labelValues":
		if k := u.Keyword(label); k.Ok() {
			if k.Kind() == syntax.Pair {
				return k.Child(syntax.Value)
			}
			return k
		}
		if len(u.Args()) == size && !u.Arg(0).Is(syntax.Map, syntax.Pair) {
			return u.Arg(position)
		}
	case "With", "GetMetricWith", "inc", "dec", "set", "observe", "startTimer", "increment":
	default:
		return syntax.Ref{}
	}
	for a := range u.All(syntax.Arg) {
		for pair := range a.Descendants(syntax.Pair) {
			if pair.Str() == label || pair.Child(syntax.Key).Str() == label {
				return pair.Child(syntax.Value)
			}
		}
	}
	return syntax.Ref{}
}

// request matches the roots of expressions that are new with every request or row.
var request = regexp.MustCompile(`(?i)^(r|req|request|ctx|context|c|params|user|current_?user|account|session|order|customer|row|record|msg|message|event|job|payload|body|@?user|@?order)$`)

// classify tells where a value comes from.
func classify(f *project.File, v syntax.Ref) value {
	out := value{file: f, node: v}
	for v.Kind() == syntax.Call && len(v.Args()) == 1 && (v.Str() == "string" || v.Str() == "str" || v.Str() == "String" || v.Str() == "toString" || v.Str() == "Sprint") {
		v = v.Arg(0)
	}
	switch v.Kind() {
	case syntax.String:
		if !v.Has(syntax.FlagInterp) {
			out.source = few
		}
		for part := range v.All(syntax.Part) {
			return classify(f, part)
		}
		return out
	case syntax.Number, syntax.Bool, syntax.Nil:
		out.source = few
		return out
	}
	chain := v.Chain()
	if len(chain) == 0 {
		return out
	}
	root := chain[0]
	name := root.Str()
	switch {
	case len(chain) == 1 && root.Kind() == syntax.Name && constant(name, v):
		out.source = few
	case len(chain) == 2 && (root.Kind() == syntax.Self || receiver(root)):
		out.source = few // a property of the object whose method this is
	case strings.Contains(strings.ToLower(f.NodeText(v)), "config") || strings.Contains(f.NodeText(v), "settings."):
		out.source = few
	case request.MatchString(name) && len(chain) > 1:
		out.source = many
	}
	return out
}

// constant reports whether a name is one by the convention of its language, or is declared as a literal.
func constant(name string, at syntax.Ref) bool {
	if name == strings.ToUpper(name) && strings.ToLower(name) != name {
		return true
	}
	for a := range at.T.Root().Descendants(syntax.Assign) {
		if a.Child(syntax.Target).Str() == name && !a.Enclosing(syntax.Func).Ok() && a.Child(syntax.Value).Kind() == syntax.String {
			return true
		}
	}
	return false
}

// receiver reports whether a name is the receiver of the method of Go around it.
func receiver(n syntax.Ref) bool {
	for p := range n.Enclosing(syntax.Func).All(syntax.ParamRole) {
		if p.Has(syntax.FlagReceiver) && p.Str() == n.Str() {
			return true
		}
	}
	return false
}
