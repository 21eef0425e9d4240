package rewrite

import "strings"

// An expression that the server has printed (pg_get_expr) is looked through for the names of columns, word by
// word. A word is no column where it follows "::" or ".", or where "(" follows it: then it names a type, a
// member or a function. Constants are passed over.

// eachWord calls f for each word that may be a column, with its text as written and its name without quotes.
// What f returns takes the place of the word.
func eachWord(s string, f func(written, name string) string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		start := i
		switch c := s[i]; {
		case c == '\'':
			i = constantEnd(s, i, i > 0 && (s[i-1] == 'E' || s[i-1] == 'e'))
			out.WriteString(s[start:i])
		case c == '"' || wordByte(c) && (c < '0' || c > '9'):
			name := ""
			if c == '"' {
				i, name = quotedEnd(s, i)
			} else {
				for i < len(s) && wordByte(s[i]) {
					i++
				}
				name = strings.ToLower(s[start:i])
			}
			before, after := strings.TrimRight(s[:start], " "), strings.TrimLeft(s[i:], " ")
			if strings.HasSuffix(before, "::") || strings.HasSuffix(before, ".") || strings.HasPrefix(after, "(") || strings.HasPrefix(s[i:], "'") {
				out.WriteString(s[start:i])
			} else {
				out.WriteString(f(s[start:i], name))
			}
		case c >= '0' && c <= '9':
			for i < len(s) && (wordByte(s[i]) || s[i] == '.') {
				i++
			}
			out.WriteString(s[start:i])
		default:
			i++
			out.WriteByte(c)
		}
	}
	return out.String()
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// constantEnd returns the index after the string constant that begins at i.
func constantEnd(s string, i int, escapes bool) int {
	for i++; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == '\'':
			return i + 1
		}
	}
	return len(s)
}

// quotedEnd returns the index after the quoted identifier that begins at i, and its name.
func quotedEnd(s string, i int) (int, string) {
	var name strings.Builder
	for i++; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 < len(s) && s[i+1] == '"' {
				i++
			} else {
				return i + 1, name.String()
			}
		}
		name.WriteByte(s[i])
	}
	return len(s), name.String()
}

// mentions returns whether an expression may refer to a column.
func mentions(expression, column string) bool {
	found := false
	eachWord(expression, func(written, name string) string {
		found = found || name == column
		return written
	})
	return found
}

// substitute puts one column in place of another.
func substitute(expression, from, to string) string {
	return eachWord(expression, func(written, name string) string {
		if name == from {
			return quote(to)
		}
		return written
	})
}
