package java

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engagement/audit/code/syntax"
)

// str lowers a string, text block or character. Parts of a string template are its children.
func (l *lowerer) str(n node, role syntax.Role) {
	id, ok := l.Open(syntax.String, role, n)
	if !ok {
		return
	}
	l.SetStr(id, l.stringText(n))
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "string_interpolation" {
			l.AddFlags(id, syntax.FlagInterp)
			l.children(c, syntax.Part)
		}
	}
	l.Close()
}

func (l *lowerer) stringText(n node) string {
	text := l.Text(n)
	quote, block := `"`, false
	switch {
	case strings.HasPrefix(text, `"""`):
		quote, block = `"""`, true
	case strings.HasPrefix(text, "'"):
		quote = "'"
	}
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "string_interpolation" {
			return l.template(n, quote)
		}
	}
	text = strings.TrimPrefix(text, quote)
	text = strings.TrimSuffix(text, quote)
	if block {
		text = stripIndent(text)
	}
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	return unescape(text)
}

// template joins the text around the interpolations.
func (l *lowerer) template(n node, quote string) string {
	var sb strings.Builder
	pos, end := n.Start()+uint32(len(quote)), n.End()-uint32(len(quote))
	for c := n.First(); c.Ok(); c = c.Next() {
		if c.Kind() == "string_interpolation" {
			sb.WriteString(l.Slice(pos, c.Start()))
			sb.WriteString("{}")
			pos = c.End()
		}
	}
	sb.WriteString(l.Slice(pos, end))
	return unescape(sb.String())
}

// stripIndent removes the incidental white space of a text block (JLS 3.10.6): the smallest indent of
// its lines that are not blank, and of the last line in any case; and white space at line ends.
func stripIndent(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if i := strings.IndexByte(s, '\n'); i >= 0 && strings.TrimSpace(s[:i]) == "" {
		s = s[i+1:]
	}
	lines := strings.Split(s, "\n")
	indent := -1
	for i, line := range lines {
		rest := strings.TrimLeft(line, " \t\f")
		if rest == "" && i < len(lines)-1 {
			continue
		}
		if n := len(line) - len(rest); indent < 0 || n < indent {
			indent = n
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(line[min(max(indent, 0), len(line)):], " \t\f")
	}
	return strings.Join(lines, "\n")
}

// unescape decodes the escape sequences of Java.
func unescape(s string) string {
	var sb strings.Builder
	sb.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' || i+1 == len(s) {
			sb.WriteByte(c)
			continue
		}
		i++
		switch c = s[i]; c {
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
		case 's':
			sb.WriteByte(' ')
		case '\n': // the line goes on
		case 'u':
			for i+1 < len(s) && s[i+1] == 'u' {
				i++
			}
			if i+5 <= len(s) {
				if v, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err == nil {
					sb.WriteRune(rune(v))
					i += 4
				}
			}
		case '0', '1', '2', '3', '4', '5', '6', '7':
			v, digits := 0, 3
			if c > '3' {
				digits = 2
			}
			j := i
			for ; j < len(s) && j < i+digits && s[j] >= '0' && s[j] <= '7'; j++ {
				v = v*8 + int(s[j]-'0')
			}
			sb.WriteRune(rune(v))
			i = j - 1
		default:
			sb.WriteByte(c)
		}
	}
	return sb.String()
}
