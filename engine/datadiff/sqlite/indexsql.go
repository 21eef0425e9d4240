package sqlite

import "strings"

// indexDefinition splits the text of CREATE INDEX into the terms between its parentheses, as they are
// written, and its predicate. SQLite checked the text when it stored it.
func indexDefinition(sql string) (terms []string, where string) {
	depth, from := 0, 0
	for i := 0; i < len(sql); {
		n := tokenLen(sql[i:])
		switch sql[i : i+n] {
		case "(":
			if depth++; depth == 1 {
				from = i + n
			}
		case ",":
			if depth == 1 {
				terms = append(terms, strings.TrimSpace(sql[from:i]))
				from = i + n
			}
		case ")":
			if depth--; depth == 0 {
				terms = append(terms, strings.TrimSpace(sql[from:i]))
				rest := strings.TrimSpace(sql[i+n:])
				if len(rest) > 5 && strings.EqualFold(rest[:5], "where") {
					where = strings.TrimSpace(rest[5:])
				}
				return terms, where
			}
		}
		i += n
	}
	return terms, ""
}

// tokenLen is the length of what stands at the beginning of a text and is to be passed over at once: a
// quoted name or text, a comment, or one byte.
func tokenLen(s string) int {
	end := func(closing string, from int) int {
		if i := strings.Index(s[from:], closing); i >= 0 {
			return from + i + len(closing)
		}
		return len(s)
	}
	switch {
	case s[0] == '\'' || s[0] == '"' || s[0] == '`':
		return end(s[:1], 1) // a doubled quote is two texts, one behind the other
	case s[0] == '[':
		return end("]", 1)
	case strings.HasPrefix(s, "--"):
		return end("\n", 2)
	case strings.HasPrefix(s, "/*"):
		return end("*/", 2)
	}
	return 1
}
