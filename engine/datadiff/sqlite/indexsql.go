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

// checks are the expressions of the CHECK constraints in the text of CREATE TABLE.
func checks(sql string) (all []string) {
	named := func(b byte) bool {
		return b == '_' || b == '$' || b >= 0x80 || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
	}
	depth, from := 0, -1 // of the parenthesis that holds the expression
	word, opens := "", false
	for i := 0; i < len(sql); {
		n := tokenLen(sql[i:])
		for n == 1 && i+len(word) < len(sql) && named(sql[i+len(word)]) {
			word = sql[i : i+len(word)+1]
		}
		n = max(n, len(word))
		switch token := sql[i : i+n]; {
		case token == "(":
			depth++
			if opens {
				from, opens = i+n, false
				depth = 1
			}
		case token == ")":
			if depth--; depth == 0 && from >= 0 {
				all, from = append(all, sql[from:i]), -1
			}
		case from < 0 && strings.EqualFold(word, "check"):
			opens = true
		}
		i, word = i+n, ""
	}
	return all
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
