package syntax

import (
	"fmt"
	"strings"
)

var kindNames = [...]string{"Invalid", "File", "Class", "Func", "Param", "Field", "Import", "Block", "Assign", "Return", "If", "For", "While", "Try", "Catch", "With", "Switch", "Case", "Break", "Throw", "Defer", "Go", "Call", "Member", "Index", "Name", "Self", "String", "Number", "Bool", "Nil", "List", "Map", "Pair", "Lambda", "Binary", "Unary", "Await", "Splat", "Type", "Comment", "Other"}

var roleNames = [...]string{"", "stmt", "recv", "callee", "arg", "block", "cond", "body", "else", "target", "value", "iter", "super", "decorator", "param", "key", "type", "elem", "left", "right", "part", "catch", "finally", "case", "init", "post"}

var flagNames = [...]string{"noargs", "new", "safe", "static", "interp", "symbol", "comprehension", "counted", "expr", "continue", "async", "receiver", "module", "interface", "blockpass", "private", "modifier", "output"}

func (k Kind) String() string { return kindNames[k] }
func (r Role) String() string { return roleNames[r] }

// Dump writes the subtree as one indented line a node: role, kind, string, flags and line. It is the
// form that golden tests of lowerings compare.
func (r Ref) Dump() string {
	var sb strings.Builder
	var rec func(Ref, int)
	rec = func(n Ref, depth int) {
		sb.WriteString(strings.Repeat("  ", depth))
		if n.Role() != RoleNone && n.Role() != Stmt {
			sb.WriteString(n.Role().String() + ":")
		}
		sb.WriteString(n.Kind().String())
		if s := n.Str(); s != "" || n.Kind() == String {
			fmt.Fprintf(&sb, " %q", s)
		}
		for i, name := range flagNames {
			if n.Has(1 << i) {
				sb.WriteString(" +" + name)
			}
		}
		fmt.Fprintf(&sb, " @%d\n", n.Line())
		for c := range n.Children() {
			rec(c, depth+1)
		}
	}
	if r.Ok() {
		rec(r, 0)
	}
	return sb.String()
}
