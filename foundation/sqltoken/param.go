package sqltoken

import "strings"

// longestTemplate is the length of the longest template part in bytes.
const longestTemplate = 256

// templateKinds counts the closing marks "}", "}}" and "%>".
const templateKinds = 3

// template reads the part of a template whose opening mark stands at pos: to its closing mark on the same
// line, and along with an identifier that is glued to it. An opening mark without an end is a Punct.
func (l *Lexer) template() (Kind, bool) {
	closing, mark := "}", 0
	switch c, next := l.src[l.pos], l.peek(1); {
	case (c == '$' || c == '#') && next == '{':
	case c == '{' && next == '{':
		closing, mark = "}}", 1
	case c == '<' && next == '%':
		closing, mark = "%>", 2
	default:
		return 0, false
	}
	// Past attempts may have found that no closing mark stands up to some offset; that is not searched
	// again, so that a text of opening marks takes linear time.
	from := max(l.pos, l.noClosing[mark])
	limit := min(l.end, l.pos+longestTemplate)
	if from >= limit || !strings.Contains(l.src[from:limit], closing) {
		l.noClosing[mark] = max(from, limit-len(closing)+1)
		l.pos++
		return Punct, true
	}
	rest := l.near(longestTemplate)
	depth := 0
	for i := 2; i < len(rest); i++ {
		if mark == 0 && rest[i] == '{' {
			depth++
			continue
		}
		if !strings.HasPrefix(rest[i:], closing) {
			continue
		}
		if mark == 0 && depth > 0 {
			depth--
			continue
		}
		l.pos += i + len(closing)
		l.glued()
		return Template, true
	}
	l.pos++
	return Punct, true
}

// glued moves over the identifier that follows a part of a template.
func (l *Lexer) glued() {
	for l.pos < l.end && isWord(l.src[l.pos]) && l.src[l.pos] != '$' {
		l.pos++
	}
}

// variable reads @name and @@name, and the operators that begin with @.
func (l *Lexer) variable() Kind {
	l.pos++
	for l.pos < l.end && (isWord(l.src[l.pos]) || l.src[l.pos] == '@' || l.src[l.pos] == '.' && l.rules.dotted) {
		l.pos++
	}
	if l.pos == l.end || l.src[l.pos-1] != '@' {
		return Param
	}
	if n := l.operator(l.pos - 1); n > 1 { // @>, @@
		l.pos += n - 1
	}
	return Punct
}

// colon reads :name, and psql's :'name' and :"name".
func (l *Lexer) colon() (Kind, bool) {
	if !l.rules.colons || l.pos > 0 && l.src[l.pos-1] == ':' {
		return 0, false
	}
	switch next := l.peek(1); {
	case IsWordStart(next):
		l.pos++
		for l.pos < l.end && isWord(l.src[l.pos]) {
			l.pos++
		}
		return Param, true
	case l.rules.colonQuotes && (next == '\'' || next == '"'):
		l.pos++
		return l.quote(next, false, Param), true
	}
	return 0, false
}

// queryParam reads ? and the parameters of format strings: %s, %d, %1$s, %(name)s.
func (l *Lexer) queryParam(c byte) bool {
	if c == '?' {
		if n := l.peek(1); n == '|' || n == '&' {
			return false // PostgreSQL's jsonb operators
		}
		l.pos++
		for isDigit(l.peek(0)) {
			l.pos++
		}
		return true
	}
	if c != '%' {
		return false
	}
	if l.peek(1) == '(' {
		if i := strings.IndexByte(l.near(64), ')'); i > 0 {
			l.pos += i + 1
			if IsWordStart(l.peek(0)) {
				l.pos++
			}
			return true
		}
		return false
	}
	i := 1
	for isDigit(l.peek(i)) || l.peek(i) == '$' || l.peek(i) == '[' || l.peek(i) == ']' {
		i++
	}
	if l.peek(i) != 0 && strings.IndexByte("sdvqiIL", l.peek(i)) >= 0 && !isWord(l.peek(i+1)) {
		l.pos += i + 1
		return true
	}
	return false
}

// queryPiece reads the {piece} of a format string.
func (l *Lexer) queryPiece() bool {
	i := strings.IndexByte(l.near(longestTemplate), '}')
	if i < 0 {
		return false
	}
	l.pos += i + 1
	for l.pos < l.end && isWord(l.src[l.pos]) {
		l.pos++
	}
	return true
}
