// Package existence tells how the result of an expression is used: whether only its truth matters.
package existence

import (
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/flow"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// Use is how a value is tested.
type Use struct {
	Node   syntax.Ref // the whole test
	Absent bool       // the test is true when there is nothing
}

// Count recognises a number that is only compared with zero, and languages where a number is a truth.
func Count(n syntax.Ref, lang string) (Use, bool) {
	p := n.Parent()
	switch {
	case p.Kind() == syntax.Binary && n.Role() == syntax.Left:
		right := p.Child(syntax.Right)
		if right.Kind() != syntax.Number {
			return Use{}, false
		}
		switch p.Str() + " " + right.Str() {
		case "> 0", ">= 1", "!= 0", "!== 0":
			return Use{Node: p}, true
		case "== 0", "=== 0", "< 1", "<= 0":
			return Use{Node: p, Absent: true}, true
		}
	case p.Kind() == syntax.Binary && n.Role() == syntax.Right:
		left := p.Child(syntax.Left)
		if left.Kind() != syntax.Number {
			return Use{}, false
		}
		switch left.Str() + " " + p.Str() {
		case "0 <", "1 <=", "0 !=":
			return Use{Node: p}, true
		case "0 ==", "0 ===", "1 >":
			return Use{Node: p, Absent: true}, true
		}
	case p.Is(syntax.Call, syntax.Member) && n.Role() == syntax.Receiver && ruby(lang):
		switch p.Str() {
		case "positive?", "nonzero?":
			return Use{Node: p}, true
		case "zero?":
			return Use{Node: p, Absent: true}, true
		}
	case ruby(lang): // zero is true in Ruby
	default:
		return Truth(n)
	}
	return Use{}, false
}

// Truth recognises a value that stands where only its truth matters.
func Truth(n syntax.Ref) (Use, bool) {
	p := n.Parent()
	switch p.Kind() {
	case syntax.If:
		if n.Role() == syntax.Cond {
			return Use{Node: n}, true
		}
	case syntax.Unary:
		if p.Str() == "!" {
			return Use{Node: p, Absent: true}, true
		}
	case syntax.Binary:
		if p.Str() != "&&" && p.Str() != "||" {
			return Use{}, false
		}
		for q := p; q.Ok(); q = q.Parent() {
			if q.Kind() == syntax.If || q.Kind() == syntax.Unary {
				break
			}
			if q.Kind() != syntax.Binary {
				return Use{}, false
			}
			if q.Role() == syntax.Cond {
				return Use{Node: n}, true
			}
		}
	case syntax.Call:
		if p.Str() == "bool" && n.Role() == syntax.Arg && !p.Receiver().Ok() {
			return Use{Node: p}, true
		}
	}
	return Use{}, false
}

// Row recognises a row that is only compared with nothing.
func Row(n syntax.Ref, lang string) (Use, bool) {
	p := n.Parent()
	switch {
	case p.Kind() == syntax.Binary && n.Role() == syntax.Left && p.Child(syntax.Right).Kind() == syntax.Nil:
		switch p.Str() {
		case "is", "==", "===":
			return Use{Node: p, Absent: true}, true
		case "is not", "!=", "!==":
			return Use{Node: p}, true
		}
		return Use{}, false
	case ruby(lang) && p.Is(syntax.Call, syntax.Member) && n.Role() == syntax.Receiver:
		switch p.Str() {
		case "nil?", "blank?":
			return Use{Node: p, Absent: true}, true
		case "present?":
			return Use{Node: p}, true
		}
		return Use{}, false
	}
	if p.Kind() == syntax.Binary { // row and row.name: the row may be used
		return Use{}, false
	}
	return Truth(n)
}

func ruby(lang string) bool {
	switch lang {
	case "ruby", "erb", "haml", "slim":
		return true
	}
	return false
}

// Site returns the call by which a query was run: the place among those of the query whose call bears
// the name of its terminal.
func Site(r *flow.Root) (flow.Site, bool) {
	for _, s := range r.Sites {
		if s.File != nil && s.Node.Is(syntax.Call, syntax.Member) && strings.EqualFold(s.Node.Str(), r.Terminal) {
			return s, true
		}
	}
	return flow.Site{}, false
}
