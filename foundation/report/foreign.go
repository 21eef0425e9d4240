package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text in a report may come from any file of the subject: it can hold terminal escapes, control
// characters, invalid UTF-8 and bidirectional overrides that reorder what a reader sees. Every
// renderer for people passes it through here. JSON keeps it as it is, escaped by its own rules.

// line cleans text that must stay on one line.
func line(s string) string { return strings.Join(strings.Fields(block(s)), " ") }

// block cleans text of several lines: it keeps newlines and tabs, drops terminal escape sequences
// and other control characters, and makes bidirectional controls visible.
func block(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case c == 0x1b || c == 0x9b || c == 0x9d || c == 0x90 || c == 0x98 || c == 0x9e || c == 0x9f:
			i += escapeLength(s[i:])
			continue
		case c == '\r':
			// CRLF becomes LF; a lone CR would let the rest of the line overwrite its start.
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
				continue
			}
			b.WriteByte('\n')
		case c == '\n' || c == '\t':
			b.WriteRune(c)
		case c == utf8.RuneError && size <= 1:
			b.WriteRune(utf8.RuneError)
		case isBidiControl(c):
			b.WriteString("⟨U+" + strings.ToUpper(hex4(c)) + "⟩")
		case c == 0xfeff || unicode.IsControl(c) || c == 0x2028 || c == 0x2029:
			// Dropped: they print nothing or break lines where the layout does not expect it.
		default:
			b.WriteRune(c)
		}
		i += size
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x7f || c < 0x20 && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

func isBidiControl(c rune) bool {
	return c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f || c == 0x061c
}

func hex4(c rune) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>12&15], digits[c>>8&15], digits[c>>4&15], digits[c&15]})
}

// escapeLength is the length in bytes of the terminal control sequence at the start of s
// (ECMA-48: CSI ends at a byte 0x40..0x7e; OSC, DCS, SOS, PM and APC end at ST or BEL). A string
// that never ends is cut at the end of its line, so that hostile input cannot swallow the rest.
func escapeLength(s string) int {
	first, n := utf8.DecodeRuneInString(s)
	kind := byte(0)
	switch first {
	case 0x1b:
		if n >= len(s) {
			return n
		}
		kind = s[n]
		if kind >= 0x80 {
			return n
		}
		n++
	case 0x9b:
		kind = '['
	default:
		kind = ']'
	}
	switch kind {
	case '[':
		for n < len(s) {
			c := s[n]
			if c < 0x20 || c > 0x7e {
				return n // malformed: keep what follows
			}
			n++
			if c >= 0x40 {
				return n
			}
		}
		return n
	case ']', 'P', 'X', '^', '_':
		for n < len(s) {
			switch {
			case s[n] == 0x07:
				return n + 1
			case s[n] == '\n':
				return n
			case s[n] == 0x1b && n+1 < len(s) && s[n+1] == '\\':
				return n + 2
			case s[n] == 0x1b:
				return n
			case strings.HasPrefix(s[n:], "\u009c"):
				return n + 2
			}
			n++
		}
		return n
	case '\n', '\r', '\t':
		return n - 1
	}
	// Two-byte sequences and those with intermediate bytes 0x20..0x2f before the final byte.
	if kind >= 0x20 && kind <= 0x2f {
		for n < len(s) && s[n] >= 0x20 && s[n] <= 0x2f {
			n++
		}
		if n < len(s) && s[n] >= 0x30 && s[n] <= 0x7e {
			n++
		}
	}
	return n
}

// span is a piece of prose; code pieces stood between backticks.
type span struct {
	text string
	code bool
}

// spans splits prose at balanced backticks. An unbalanced backtick stays as text.
func spans(s string) []span {
	var out []span
	for s != "" {
		open := strings.IndexByte(s, '`')
		if open < 0 {
			break
		}
		length := strings.IndexByte(s[open+1:], '`')
		if length <= 0 {
			break
		}
		if open > 0 {
			out = append(out, span{text: s[:open]})
		}
		out = append(out, span{text: s[open+1 : open+1+length], code: true})
		s = s[open+2+length:]
	}
	if s != "" {
		out = append(out, span{text: s})
	}
	return out
}

// sourceLines prepares at most limit lines of code for display, each cut at width characters. It
// returns how many lines were left out.
func sourceLines(lines []string, limit, width int) (shown []string, left int) {
	for i, l := range lines {
		if i >= limit {
			return shown, len(lines) - limit
		}
		l = strings.ReplaceAll(block(l), "\n", " ")
		if utf8.RuneCountInString(l) > width {
			l = string([]rune(l)[:width]) + "…"
		}
		shown = append(shown, strings.TrimRight(l, " \t"))
	}
	return shown, 0
}
