//go:build cgo

package php

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engagement/audit/code/lang/treesitter"
	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

func (l *lowering) str(n treesitter.Node, role syntax.Role) {
	id := l.open(syntax.String, role, n)
	text, parts := l.decode(n)
	l.b.SetStr(id, text)
	if len(parts) > 0 {
		l.b.AddFlags(id, syntax.FlagInterp)
	}
	for _, p := range parts {
		l.node(p, syntax.Part)
	}
	l.b.Close()
}

// decode returns the text of a literal with "{}" for each interpolation, and the interpolations.
func (l *lowering) decode(n treesitter.Node) (string, []treesitter.Node) {
	switch n.Kind() {
	case "string":
		s := n.Text()
		if i := strings.IndexByte(s, '\''); i >= 0 { // b'...' is possible
			s = strings.TrimSuffix(s[i+1:], "'")
		}
		if strings.IndexByte(s, '\\') >= 0 {
			s = strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(s)
		}
		return s, nil
	case "nowdoc":
		return strings.Trim(n.Child("value").Text(), "\r\n"), nil
	case "heredoc":
		body := n.Child("value")
		text, parts := l.interpolated(body, body.Start(), body.End(), false)
		return strings.TrimLeft(text, "\r\n"), parts
	}
	start, end := n.Start(), n.End()
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == `"` || c.Kind() == "`" {
			if c == n.First() {
				start = c.End()
			} else {
				end = c.Start()
			}
		}
	}
	return l.interpolated(n, start, end, true)
}

// interpolated reads the bytes between the interpolations from the source: the grammar has no nodes
// for the line ends of a heredoc.
func (l *lowering) interpolated(n treesitter.Node, start, end uint32, quoted bool) (string, []treesitter.Node) {
	var sb strings.Builder
	var parts []treesitter.Node
	pos := start
	flush := func(to uint32) {
		if to = min(to, uint32(len(l.src))); pos < to {
			unescape(&sb, string(l.src[pos:to]), quoted)
		}
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		switch {
		case c.Kind() == "{":
			flush(c.Start())
			pos = c.End()
		case c.Kind() == "}":
			pos = c.End()
		case !c.Named() || c.Missing() || c.Kind() == "string_content" || c.Kind() == "escape_sequence" || c.Kind() == "ERROR":
		default:
			flush(c.Start())
			pos = c.End()
			sb.WriteString("{}")
			parts = append(parts, c)
		}
	}
	flush(end)
	return sb.String(), parts
}

// unescape appends the text that the content of a double-quoted literal or heredoc stands for.
// Escapes that PHP does not know keep their backslash, as in PHP.
func unescape(sb *strings.Builder, s string, quoted bool) {
	if strings.IndexByte(s, '\\') < 0 {
		sb.WriteString(s)
		return
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			sb.WriteByte(s[i])
			continue
		}
		i++
		switch e := s[i]; {
		case e == '\\' || e == '$' || (e == '"' && quoted):
			sb.WriteByte(e)
		case e == 'n':
			sb.WriteByte('\n')
		case e == 't':
			sb.WriteByte('\t')
		case e == 'r':
			sb.WriteByte('\r')
		case e == 'v':
			sb.WriteByte('\v')
		case e == 'f':
			sb.WriteByte('\f')
		case e == 'e':
			sb.WriteByte(0x1b)
		case e >= '0' && e <= '7':
			end := i
			for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
				end++
			}
			v, _ := strconv.ParseUint(s[i:end], 8, 32)
			sb.WriteByte(byte(v))
			i = end - 1
		case e == 'x':
			end := i + 1
			for end < len(s) && end < i+3 && strings.IndexByte("0123456789abcdefABCDEF", s[end]) >= 0 {
				end++
			}
			if v, err := strconv.ParseUint(s[i+1:end], 16, 8); err == nil {
				sb.WriteByte(byte(v))
				i = end - 1
			} else {
				sb.WriteString(`\x`)
			}
		case e == 'u' && strings.HasPrefix(s[i+1:], "{"):
			end := strings.IndexByte(s[i:], '}')
			if end > 2 && end < 12 {
				if v, err := strconv.ParseUint(s[i+2:i+end], 16, 32); err == nil && v <= utf8.MaxRune {
					sb.WriteRune(rune(v))
					i += end
					continue
				}
			}
			sb.WriteString(`\u`)
		default:
			sb.WriteByte('\\')
			sb.WriteByte(e)
		}
	}
}
