//go:build cgo

package python

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowering) str(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.String, role, n)
	text, parts := decode(n)
	l.b.SetStr(id, text)
	if len(parts) > 0 {
		l.b.AddFlags(id, syntax.FlagInterp)
	}
	for _, p := range parts {
		l.interpolation(p)
	}
	l.b.Close()
}

// interpolation lowers {expression!r:spec}. A specifier may hold further expressions.
func (l *lowering) interpolation(n treesitter.Node) {
	l.node(n.Child("expression"), syntax.Part)
	if spec := n.Child("format_specifier"); spec.Ok() {
		for c := first(spec); c.Ok(); c = next(c) {
			if c.Kind() == "format_expression" || c.Kind() == "interpolation" {
				l.node(c.Child("expression"), syntax.Part)
			}
		}
	}
}

// decode returns the text of a string or of adjacent strings, with "{}" for each interpolation, and
// the interpolations.
func decode(n treesitter.Node) (string, []treesitter.Node) {
	var sb strings.Builder
	var parts []treesitter.Node
	if n.Kind() == "concatenated_string" {
		for c := first(n); c.Ok(); c = next(c) {
			if c.Kind() == "string" {
				parts = decodeOne(&sb, c, parts)
			}
		}
	} else {
		parts = decodeOne(&sb, n, parts)
	}
	return sb.String(), parts
}

func decodeOne(sb *strings.Builder, n treesitter.Node, parts []treesitter.Node) []treesitter.Node {
	raw, format := false, false
	for c := n.First(); c.Ok(); c = c.Next() {
		switch c.Kind() {
		case "string_start":
			prefix := c.Text()
			raw = strings.ContainsAny(prefix, "rR")
			format = strings.ContainsAny(prefix, "fF")
		case "string_content":
			unescape(sb, c.Text(), raw, format)
		case "interpolation":
			sb.WriteString("{}")
			parts = append(parts, c)
		}
	}
	return parts
}

// unescape appends the text that the content of a literal stands for. Escapes that Python does not
// know keep their backslash, as in Python.
func unescape(sb *strings.Builder, s string, raw, format bool) {
	if (raw || strings.IndexByte(s, '\\') < 0) && (!format || !strings.ContainsAny(s, "{}")) {
		sb.WriteString(s)
		return
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if format && (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c {
			sb.WriteByte(c)
			i++
			continue
		}
		if c != '\\' || raw || i+1 == len(s) {
			sb.WriteByte(c)
			continue
		}
		i++
		switch e := s[i]; e {
		case '\n':
		case '\\', '\'', '"':
			sb.WriteByte(e)
		case 'n':
			sb.WriteByte('\n')
		case 't':
			sb.WriteByte('\t')
		case 'r':
			sb.WriteByte('\r')
		case 'a':
			sb.WriteByte('\a')
		case 'b':
			sb.WriteByte('\b')
		case 'f':
			sb.WriteByte('\f')
		case 'v':
			sb.WriteByte('\v')
		case 'x', 'u', 'U':
			width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[e]
			if i+width < len(s) { // i is the letter
				if v, err := strconv.ParseUint(s[i+1:i+1+width], 16, 32); err == nil && v <= utf8.MaxRune {
					sb.WriteRune(rune(v))
					i += width
					continue
				}
			}
			sb.WriteByte('\\')
			sb.WriteByte(e)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			end := i
			for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
				end++
			}
			v, _ := strconv.ParseUint(s[i:end], 8, 32)
			sb.WriteRune(rune(v))
			i = end - 1
		default:
			sb.WriteByte('\\')
			sb.WriteByte(e)
		}
	}
}
