package schema

import "strings"

// Unquote strips the quotes of one identifier: "a", `a` or [a]. Other text is returned as it is.
func Unquote(name string) string {
	name = strings.TrimSpace(name)
	if len(name) < 2 {
		return name
	}
	switch first, last := name[0], name[len(name)-1]; {
	case first == '"' && last == '"':
		return strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	case first == '`' && last == '`':
		return strings.ReplaceAll(name[1:len(name)-1], "``", "`")
	case first == '[' && last == ']':
		return name[1 : len(name)-1]
	}
	return name
}

// Key is the form of a table's name under which [Schema.Tables] holds it: lower case, without quotes,
// without a schema that is the product's default ("public", "dbo", "main").
func Key(name string) string {
	parts := splitName(name)
	if len(parts) == 0 {
		return ""
	}
	for i := range parts {
		parts[i] = strings.ToLower(Unquote(parts[i]))
	}
	for len(parts) > 1 {
		if p := parts[len(parts)-2]; p != "public" && p != "dbo" && p != "main" && p != "" {
			break
		}
		parts = append(parts[:len(parts)-2], parts[len(parts)-1])
	}
	return strings.Join(parts, ".")
}

// splitName cuts a qualified name at the dots that stand outside quotes.
func splitName(name string) []string {
	name = strings.TrimSpace(name)
	if !strings.ContainsAny(name, "\"`[") {
		return strings.Split(name, ".")
	}
	var parts []string
	start := 0
	var closing byte
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case closing != 0:
			if c == closing {
				closing = 0
			}
		case c == '"' || c == '`':
			closing = c
		case c == '[':
			closing = ']'
		case c == '.':
			parts = append(parts, name[start:i])
			start = i + 1
		}
	}
	return append(parts, name[start:])
}

// lastPart is the table's own name in a key: "auth.users" gives "users".
func lastPart(key string) string {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[i+1:]
	}
	return key
}

// sameName compares two identifiers as most databases do when they were not quoted.
func sameName(a, b string) bool { return strings.EqualFold(Unquote(a), Unquote(b)) }

// mentions says whether an expression uses an identifier as a whole word, in any case.
func mentions(expr, name string) bool {
	if name == "" || expr == "" {
		return false
	}
	return wordAt(strings.ToLower(expr), strings.ToLower(name), 0) >= 0
}

// wordAt finds word in text as a whole word at or after from, or returns -1. Both are lower case.
func wordAt(text, word string, from int) int {
	for from <= len(text)-len(word) {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(word)
		if (i == 0 || !wordByte(text[i-1])) && (end == len(text) || !wordByte(text[end])) {
			return i
		}
		from = i + 1
	}
	return -1
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// replaceWord renames an identifier inside an expression.
func replaceWord(expr, old, new string) string {
	if !mentions(expr, old) {
		return expr
	}
	lower, word := strings.ToLower(expr), strings.ToLower(old)
	if len(lower) != len(expr) { // case folding changed the byte length: offsets would not match
		return expr
	}
	var b strings.Builder
	at := 0
	for {
		i := wordAt(lower, word, at)
		if i < 0 {
			b.WriteString(expr[at:])
			return b.String()
		}
		b.WriteString(expr[at:i])
		b.WriteString(new)
		at = i + len(word)
	}
}
