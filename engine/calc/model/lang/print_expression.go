package lang

import (
	"strconv"
	"strings"
)

// String writes an expression with the parentheses that it needs, and those that were written.
func (n *Node) String() string {
	var b strings.Builder
	n.write(&b, 0)
	return b.String()
}

// power is how strongly the node binds.
func (n *Node) power() int {
	switch n.Kind {
	case Binary, DateTest:
		return binding[n.Op]
	case Negate:
		return minusBinding
	case Not:
		return notBinding
	}
	return powerBinding + 1
}

// write writes n where only what binds more strongly than least stands without parentheses.
func (n *Node) write(b *strings.Builder, least int) {
	if n.Paren || n.power() <= least {
		b.WriteByte('(')
		n.writeBare(b)
		b.WriteByte(')')
		return
	}
	n.writeBare(b)
}

func (n *Node) writeBare(b *strings.Builder) {
	switch n.Kind {
	case Number:
		b.WriteString(n.Text)
	case Quoted:
		b.WriteString(quote(n.Name))
	case Negate:
		b.WriteByte('-')
		n.Args[0].write(b, minusBinding)
	case Not:
		b.WriteString("not ")
		n.Args[0].write(b, notBinding)
	case Binary:
		left, right := n.power()-1, n.power()
		if n.power() == powerBinding {
			left, right = right, left
		}
		n.Args[0].write(b, left)
		b.WriteString(" " + n.Op + " ")
		n.Args[1].write(b, right)
	case DateTest:
		b.WriteString("time " + n.Op + " " + n.Date.String())
	case Reference:
		b.WriteString(n.Name)
		if len(n.Mods) > 0 {
			mods := make([]string, len(n.Mods))
			for i, m := range n.Mods {
				mods[i] = m.String()
			}
			b.WriteString("[" + strings.Join(mods, ", ") + "]")
		}
	case Call, Fold:
		b.WriteString(n.Name + "(")
		for i, arg := range n.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			if n.Labels != nil && n.Labels[i] != "" {
				b.WriteString(n.Labels[i] + " = ")
			}
			arg.write(b, 0)
		}
		if len(n.Over) > 0 {
			b.WriteString(" over " + idents(n.Over))
		}
		b.WriteByte(')')
		switch len(n.Independent) {
		case 0:
		case 1:
			b.WriteString(" independent over " + n.Independent[0].Name)
		default:
			b.WriteString(" independent over (" + idents(n.Independent) + ")")
		}
	}
}

// String writes a modifier as it stands in brackets.
func (m Mod) String() string {
	switch m.Kind {
	case ByGroup:
		return "by " + m.Dim.Name
	case AtItem:
		return m.Dim.Name + "=" + m.Item.text()
	case AtTime:
		return m.From.String()
	}
	if m.From.Kind == FromFirst && m.From.N == 0 && m.To.Kind == FromFinal && m.To.N == 0 {
		return "all"
	}
	return m.From.count() + ":" + m.To.count()
}

// String writes a point: t-12, previous, first, 2024-03.
func (p Point) String() string {
	if p.Kind == FromNow {
		switch p.N {
		case -1:
			return "previous"
		case 0:
			return "this"
		case 1:
			return "next"
		}
	}
	return p.count()
}

// count writes a point as the end of a span: t-1 and not previous.
func (p Point) count() string {
	word := "t"
	switch p.Kind {
	case AtDate:
		return p.Date.String()
	case FromFirst:
		word = "first"
	case FromFinal:
		word = "final"
	}
	switch {
	case p.N > 0:
		return word + "+" + strconv.Itoa(p.N)
	case p.N < 0:
		return word + strconv.Itoa(p.N)
	}
	return word
}
