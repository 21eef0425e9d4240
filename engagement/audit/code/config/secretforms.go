package config

import (
	"regexp"
	"strings"
	"unicode"
)

// Forms in which a secret is not the value of its own name: an item of a list behind its flag, the value
// beside a name in one map, a remark, a literal that only looks like one.

var (
	flowMap   = regexp.MustCompile(`\{[^{}]*\}`)
	flowName  = regexp.MustCompile(`[{,\s]["']?name["']?\s*:\s*["']?([\w.\-]+)`)
	flowValue = regexp.MustCompile(`[{,\s]["']?value["']?\s*:\s*("[^"]*"|'[^']*'|[^\s,}"'][^,}]*)`)

	flagItem = regexp.MustCompile(`["']--?([A-Za-z][\w\-]*)["']\s*,\s*("[^"]*"|'[^']*')`)
	flagLine = regexp.MustCompile(`^\s*(?:-\s+)?["']?--?([A-Za-z][\w\-]*)["']?\s*,?\s*$`)
	itemLine = regexp.MustCompile(`^\s*(?:-\s+)?(["']?)([^"'\s\-][^"'\s]*)["']?\s*,?\s*$`)

	remark  = regexp.MustCompile(`(?:^|\s)(?:#|//|--|;|/?\*|<!--)\s*(?:[^:=]*[^\w.\-])?([\w.\-]+)["']?\s*[:=]\s*["']?([^\s"',;]+)`)
	literal = regexp.MustCompile(`"[A-Za-z0-9+/_\-]{16,}={0,2}"|'[A-Za-z0-9+/_\-]{16,}={0,2}'`)
)

// maskForms masks these forms within one line.
func maskForms(line string, strict bool) string {
	if strings.Contains(line, "value") {
		line = flowMap.ReplaceAllStringFunc(line, maskPair)
	}
	line = replaceGroup(line, flagItem, 2, func(g []string) bool { return secretish(g[1]) && !isReference(inner(g[2])) && inner(g[2]) != Mask })
	line = replaceGroup(line, remark, 2, func(g []string) bool {
		return secretish(g[1]) && secretWord(g[2], true) && !typeWords[strings.ToLower(g[2])] && (strict && strings.ContainsFunc(g[2], unicode.IsLetter) || looksRandom(g[2], 6))
	})
	return replaceGroup(line, literal, 0, func(g []string) bool { return jumbled(inner(g[0])) })
}

// maskPair masks the value of {name: DB_PASSWORD, value: x}, in whichever order.
func maskPair(m string) string {
	name, value := flowName.FindStringSubmatch(m), flowValue.FindStringSubmatchIndex(m)
	if name == nil || value == nil || !secretish(name[1]) {
		return m
	}
	from, to := value[2], value[3]
	if v := strings.TrimSpace(m[from:to]); isReference(v) || emptyWords[strings.ToLower(v)] {
		return m
	}
	if q := m[from]; q == '"' || q == '\'' {
		from, to = from+1, to-1
	}
	return m[:from] + Mask + m[to:]
}

// maskAfterFlag masks a line that holds one item of a list, when the line before it is the flag of a
// secret.
func maskAfterFlag(before, line string) string {
	flag := flagLine.FindStringSubmatch(before)
	if flag == nil || !secretish(flag[1]) {
		return line
	}
	m := itemLine.FindStringSubmatchIndex(line)
	if m == nil || isReference(line[m[4]:m[5]]) {
		return line
	}
	return line[:m[4]] + Mask + line[m[5]:]
}

// weakName reports a name whose last word speaks of a secret often and not always: pass, pw, and a key of
// something.
func weakName(name string) (weak, key bool) {
	words := nameWords(name)
	n := len(words)
	if n == 0 {
		return false, false
	}
	switch words[n-1] {
	case "pass", "pw", "passwort":
		if n > 1 {
			switch words[n-2] {
			case "proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached", "by", "render", "second", "first", "multi", "single", "did", "will", "can", "must":
				return false, false // where a request or a test goes
			}
		}
		return true, false
	case "key":
		return n > 1, n > 1
	}
	return false, false
}

// secretish reports a name of a secret where its place says so too: a variable of a container, a flag.
func secretish(name string) bool {
	weak, key := weakName(name)
	return secretName(name) || weak && !key
}

// nameWords cuts a name at separators and capitals.
func nameWords(name string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	small := false
	for _, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.':
			flush()
		case unicode.IsUpper(r) && small:
			flush()
			word.WriteRune(r)
		default:
			word.WriteRune(r)
		}
		small = unicode.IsLower(r)
	}
	flush()
	return out
}

// weakSecret judges the value of a weak name.
func weakSecret(name, v string, strict bool) bool {
	weak, key := weakName(name)
	switch {
	case !weak || isReference(v) || v == Mask:
		return false
	case key:
		return keyed(v)
	case strict:
		return secretWord(v, true) && !strings.Contains(v, "://") && strings.ContainsFunc(v, unicode.IsLetter)
	}
	return looksRandom(v, 6) && !strings.ContainsAny(v, "/:")
}

// keyed reports a value that is a key and no name of one: a long part of it mixes letters and digits.
func keyed(v string) bool {
	if len(v) < 16 || !base64Like.MatchString(v) {
		return false
	}
	for _, part := range strings.FieldsFunc(v, func(r rune) bool { return r == '-' || r == '_' || r == '/' }) {
		if len(part) >= 12 && looksRandom(part, 12) && entropy(part) > 2.8 {
			return true
		}
	}
	return false
}

// jumbled reports a literal that is a key whatever stands around it: small letters, capitals and digits in
// turn. Words in camel case change the kind of character at a third of their places, random text at six
// of ten.
func jumbled(v string) bool {
	if hexOnly.MatchString(v) || strings.HasPrefix(v, "sha") || strings.Count(v, "/") > 2 || strings.Count(v, "-") > 2 {
		return false
	}
	kinds, changes, last := 0, 0, 0
	for _, r := range strings.TrimRight(v, "=") {
		kind := 8
		switch {
		case unicode.IsLower(r):
			kind = 1
		case unicode.IsUpper(r):
			kind = 2
		case unicode.IsDigit(r):
			kind = 4
		}
		kinds |= kind
		if kind != last && last != 0 {
			changes++
		}
		last = kind
	}
	return kinds&7 == 7 && changes*100 >= 42*len(v) && entropy(v) > 3.3
}
