package typescript

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// str lowers a string or template.
func (l *lowerer) str(n node, role syntax.Role) {
	id, ok := l.Open(syntax.String, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.stringText(n))
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "template_substitution" {
			l.AddFlags(id, syntax.FlagInterp)
			if e := firstNamed(c); e.Ok() {
				l.lower(e, syntax.Part)
			}
		}
	}
	l.Close()
}

// stringText decodes a string or template, with each interpolation as "{}". The gaps between the
// named children are text too: the grammar of JavaScript names no fragments in templates.
func (l *lowerer) stringText(n node) string {
	if !n.Ok() {
		return ""
	}
	start, end := n.Start(), n.End()
	plain := true
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case `"`, "'", "`":
			if c.Start() == n.Start() {
				start = c.End()
			} else {
				end = c.Start()
			}
		case "string_fragment":
		default:
			plain = false
		}
	}
	if plain {
		return l.Slice(start, end)
	}
	var sb strings.Builder
	pos := start
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "template_substitution":
			sb.WriteString(l.Slice(pos, c.Start()))
			sb.WriteString("{}")
			pos = c.End()
		case "escape_sequence":
			sb.WriteString(l.Slice(pos, c.Start()))
			unescape(&sb, l.Text(c))
			pos = c.End()
		}
	}
	sb.WriteString(l.Slice(pos, end))
	return sb.String()
}

// unescape appends what an escape sequence stands for.
func unescape(sb *strings.Builder, s string) {
	if len(s) < 2 {
		sb.WriteString(s)
		return
	}
	switch c := s[1]; c {
	case 'n':
		sb.WriteByte('\n')
	case 't':
		sb.WriteByte('\t')
	case 'r':
		sb.WriteByte('\r')
	case 'b':
		sb.WriteByte('\b')
	case 'f':
		sb.WriteByte('\f')
	case 'v':
		sb.WriteByte('\v')
	case '0':
		sb.WriteByte(0)
	case '\n', '\r': // the line goes on
	case 'x', 'u':
		v, err := strconv.ParseUint(strings.Trim(s[2:], "{}"), 16, 32)
		if err != nil || v > utf8.MaxRune {
			v = utf8.RuneError
		}
		sb.WriteRune(rune(v))
	default:
		sb.WriteString(s[1:])
	}
}
