package scale

import (
	"regexp"
	"strconv"
	"strings"
)

// limits is what constraints say of the values of one column.
type limits struct {
	low, high *literal
	minLength int
	maxLength int // 0: none
	allowed   []string
	notNull   bool
	after     string // its value is greater than that of this column
}

// literal is a bound as it stands in SQL.
type literal struct {
	text      string
	exclusive bool
}

// The forms in which the server prints the constraints that are understood, after casts and needless
// parentheses are gone. Others are no error: the rows may meet them all the same.
var (
	castForm     = regexp.MustCompile(`::("[^"]+"|[a-z_][a-z_0-9.]*( varying| precision| with(out)? time zone)?)(\([0-9, ]+\))?(\[\])?`)
	parenForm    = regexp.MustCompile(`(^|[^a-zA-Z0-9_"])\((-?[0-9][0-9.]*|'(?:[^']|'')*'|"[^"]+"|[a-z_][a-z0-9_$]*)\)`)
	compareForm  = regexp.MustCompile(`^("[^"]+"|[A-Za-z_][\w$]*) (>=|>|<=|<|=|<>) (-?[0-9][0-9.]*|'(?:[^']|'')*')$`)
	columnsForm  = regexp.MustCompile(`^("[^"]+"|[a-z_][\w$]*) (>=|>|<=|<) ("[^"]+"|[a-z_][\w$]*)$`)
	lengthForm   = regexp.MustCompile(`^(?:char_length|length|octet_length|character_length)\(("[^"]+"|[A-Za-z_][\w$]*)\) (>=|>|<=|<|=) ([0-9]+)$`)
	anyForm      = regexp.MustCompile(`^("[^"]+"|[A-Za-z_][\w$]*) = ANY \(+ARRAY\[(.*)\]\)+$`)
	notNullForm  = regexp.MustCompile(`^("[^"]+"|[a-z_][\w$]*) IS NOT NULL$`)
	literalsForm = regexp.MustCompile(`-?[0-9][0-9.]*|'(?:[^']|'')*'`)
)

// readCheck adds what a CHECK constraint, as pg_get_constraintdef prints it, says of columns. It reports
// whether all of it was understood. The name VALUE of a domain's constraint is taken for column.
func readCheck(definition, column string, to map[string]*limits) bool {
	text := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(definition, "CHECK "), " NO INHERIT"), " NOT VALID")
	text = castForm.ReplaceAllString(text, "")
	for range 8 {
		next := parenForm.ReplaceAllString(text, "$1$2")
		if next == text {
			break
		}
		text = next
	}
	whole := true
	for _, part := range conjuncts(text) {
		whole = readConjunct(part, column, to) && whole
	}
	return whole
}

// conjuncts splits at the ANDs outside parentheses, brackets and strings.
func conjuncts(text string) []string {
	text = unwrap(text)
	depth, from, quoted := 0, 0, false
	var parts []string
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], " AND "):
			parts = append(parts, conjuncts(text[from:i])...)
			from = i + len(" AND ")
		}
	}
	if from == 0 {
		return []string{text}
	}
	return append(parts, conjuncts(text[from:])...)
}

// unwrap removes parentheses around the whole.
func unwrap(text string) string {
	for {
		text = strings.TrimSpace(text)
		if len(text) < 2 || text[0] != '(' || text[len(text)-1] != ')' {
			return text
		}
		depth, quoted := 0, false
		for i := 0; i < len(text)-1; i++ {
			switch c := text[i]; {
			case c == '\'':
				quoted = !quoted
			case quoted:
			case c == '(':
				depth++
			case c == ')':
				depth--
			}
			if depth == 0 && !quoted {
				return text // the first parenthesis closes before the end
			}
		}
		text = text[1 : len(text)-1]
	}
}

func readConjunct(text, column string, to map[string]*limits) bool {
	of := func(name string) *limits {
		name = strings.Trim(name, `"`)
		if name == "VALUE" {
			name = column
		}
		if to[name] == nil {
			to[name] = &limits{}
		}
		return to[name]
	}
	if m := compareForm.FindStringSubmatch(text); m != nil {
		l, value := of(m[1]), unquote(m[3])
		switch m[2] {
		case ">", ">=":
			l.low = &literal{value, m[2] == ">"}
		case "<", "<=":
			l.high = &literal{value, m[2] == "<"}
		case "=":
			l.allowed = []string{value}
		case "<>":
			if value != "" {
				return false // one value of many; that it is drawn is unlikely, and said when it happens
			}
			l.minLength = max(l.minLength, 1)
		}
		return true
	}
	if m := lengthForm.FindStringSubmatch(text); m != nil {
		l := of(m[1])
		n, err := strconv.Atoi(m[3])
		if err != nil || n > 1<<20 {
			return false
		}
		switch m[2] {
		case ">":
			l.minLength = n + 1
		case ">=":
			l.minLength = n
		case "<":
			l.maxLength = max(n-1, 0)
		case "<=":
			l.maxLength = n
		case "=":
			l.minLength, l.maxLength = n, n
		}
		return true
	}
	if m := anyForm.FindStringSubmatch(text); m != nil {
		l := of(m[1])
		for _, v := range literalsForm.FindAllString(m[2], -1) {
			l.allowed = append(l.allowed, unquote(v))
		}
		return len(l.allowed) > 0
	}
	if m := notNullForm.FindStringSubmatch(text); m != nil {
		of(m[1]).notNull = true
		return true
	}
	if m := columnsForm.FindStringSubmatch(text); m != nil {
		less, more := strings.Trim(m[1], `"`), strings.Trim(m[3], `"`)
		if strings.HasPrefix(m[2], ">") {
			less, more = more, less
		}
		of(more).after = less
		return true
	}
	return false
}

func unquote(v string) string {
	if strings.HasPrefix(v, "'") {
		return strings.ReplaceAll(strings.Trim(v, "'"), "''", "'")
	}
	return v
}

// readBound adds what the bound of a partition says of the column of its key. Keys of several columns or
// of expressions are not understood.
func readBound(bound, key string, to map[string]*limits) bool {
	method, column, _ := strings.Cut(key, " (")
	column = strings.Trim(strings.TrimSuffix(column, ")"), `"`)
	if strings.ContainsAny(column, "(, ") {
		return false
	}
	l := to[column]
	if l == nil {
		l = &limits{}
	}
	switch method {
	case "RANGE":
		from, until, ok := strings.Cut(strings.TrimPrefix(bound, "FOR VALUES FROM ("), ") TO (")
		until = strings.TrimSuffix(until, ")")
		if !ok {
			return false
		}
		if from != "MINVALUE" {
			l.low = &literal{unquote(from), false}
		}
		if until != "MAXVALUE" {
			l.high = &literal{unquote(until), true}
		}
		l.notNull = true
	case "LIST":
		if !strings.HasPrefix(bound, "FOR VALUES IN (") {
			return false
		}
		for _, v := range literalsForm.FindAllString(bound, -1) {
			l.allowed = append(l.allowed, unquote(v))
		}
		if len(l.allowed) == 0 {
			return false
		}
		l.notNull = true
	default:
		return false
	}
	to[column] = l
	return true
}
