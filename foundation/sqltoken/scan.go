package sqltoken

import "strings"

// class says what a byte may be part of.
type class uint8

const (
	wordStart class = 1 << iota
	wordPart
	digit
	alone // it is an operator or a delimiter by itself
)

// classes are those of every byte; one look-up is cheaper than the comparisons.
var classes = func() (t [256]class) {
	for c := range t {
		switch {
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80:
			t[c] = wordStart | wordPart
		case c >= '0' && c <= '9':
			t[c] = digit | wordPart
		case c == '$':
			t[c] = wordPart
		case strings.IndexByte("(),;+*/]}\\", byte(c)) >= 0:
			t[c] = alone
		}
	}
	return t
}()

// IsWordStart says whether a byte may begin an identifier.
func IsWordStart(c byte) bool { return classes[c]&wordStart != 0 }

func isDigit(c byte) bool { return classes[c]&digit != 0 }

func isWord(c byte) bool { return classes[c]&wordPart != 0 }

// scan moves over the token at hand and returns its kind.
func (l *Lexer) scan() Kind {
	c := l.src[l.pos]
	switch {
	case l.atDelimiter():
		l.advance(l.pos + len(l.Delimiter)) // it is any text, line ends included
		return Punct
	case classes[c]&alone != 0:
		l.pos++
		return Punct
	case IsWordStart(c):
		return l.word(c)
	case isDigit(c), c == '.' && isDigit(l.peek(1)) && l.last != Word && l.last != Quoted:
		l.number()
		return Number
	}
	switch c {
	case '\'':
		return l.quote(c, l.Backslashes, String)
	case '"':
		switch l.rules.double {
		case doubleString:
			return l.quote(c, true, String)
		case doubleEscapedName:
			return l.quote(c, l.Backslashes, Quoted)
		}
		return l.quote(c, false, Quoted)
	case '`':
		return l.quote(c, false, Quoted)
	case '[':
		if l.rules.brackets {
			return l.bracket()
		}
	case '$':
		return l.dollar()
	case '#', '{', '<':
		if kind, ok := l.template(); ok {
			return kind
		}
	case '@':
		if l.rules.variables {
			return l.variable()
		}
	case ':':
		if kind, ok := l.colon(); ok {
			return kind
		}
	}
	if l.rules.questions && c == '?' || l.rules.query && (c == '%' || c == '{') {
		if l.queryParam(c) {
			return Param
		}
		if c == '{' && l.queryPiece() {
			return Template
		}
	}
	l.pos += l.operator(l.pos)
	return Punct
}

// word reads an identifier, or a string with a letter before its quote.
func (l *Lexer) word(c byte) Kind {
	start := l.pos
	i := start + 1
	for text := l.src[:l.end]; i < len(text) && isWord(text[i]); i++ {
		if text[i] == '$' && (i+1 < len(text) && text[i+1] == '{' || l.Delimiter != "" && strings.HasPrefix(text[i:], l.Delimiter)) {
			break
		}
	}
	l.pos = i
	if l.pos > start+1 {
		return Word
	}
	switch next := l.peek(0); c {
	case 'e', 'E':
		if next == '\'' && l.rules.unicode {
			return l.prefixed(0, '\'', true, String)
		}
	case 'b', 'B', 'x', 'X', 'n', 'N':
		if next == '\'' {
			return l.prefixed(0, '\'', l.Backslashes, String)
		}
	case 'u', 'U':
		if next == '&' && l.rules.unicode {
			switch l.peek(1) {
			case '\'':
				return l.prefixed(1, '\'', false, String)
			case '"':
				return l.prefixed(1, '"', false, Quoted)
			}
		}
	}
	return Word
}

// prefixed reads the quote that stands some bytes behind a prefix. Without an end to it, the prefix is a
// word of its own.
func (l *Lexer) prefixed(ahead int, q byte, escapes bool, kind Kind) Kind {
	at := l.pos
	l.pos += ahead
	kind = l.quote(q, escapes, kind)
	if kind == Punct {
		l.pos = at
		return Word
	}
	return kind
}

// Kinds of quotes, to count those without an end.
const quoteKinds = 3

func quoteKind(q byte) int {
	switch q {
	case '\'':
		return 0
	case '"':
		return 1
	}
	return 2
}

// quote reads from the opening quote at pos to the closing one; a doubled quote is part of the text.
func (l *Lexer) quote(q byte, escapes bool, kind Kind) Kind {
	failed := &l.unclosed[quoteKind(q)]
	if *failed >= maxUnclosed {
		l.pos++
		return Punct
	}
	text := l.src[:l.end]
	for i := l.pos + 1; i < len(text); i++ {
		if c := text[i]; c == '\\' {
			if escapes {
				i++
			}
		} else if c == q {
			if i+1 < len(text) && text[i+1] == q {
				i++
				continue
			}
			l.pos = i + 1
			return kind
		}
	}
	if !l.rules.tolerant {
		return l.give(string(q), kind)
	}
	*failed++
	l.pos++
	return Punct
}

// bracket tells a [name] from an array: a name stands apart from what is before it, on one line, and
// begins with a letter.
func (l *Lexer) bracket() Kind {
	l.pos++
	if !IsWordStart(l.peek(0)) {
		return Punct
	}
	attached := !l.spaced && (l.last == Word || l.last == Quoted || l.last == Punct && (l.lastText == ")" || l.lastText == "]"))
	if attached || l.last == Word && strings.EqualFold(l.lastText, "ARRAY") {
		return Punct
	}
	const longest = 128
	for i := l.pos; i < l.end && i < l.pos+longest; i++ {
		switch l.src[i] {
		case ']':
			l.pos = i + 1
			return Quoted
		case '\n', '[', ',', '\'', '(':
			return Punct
		}
	}
	return Punct
}

// dollar reads ${template}, $1, $$quote$$ or $name.
func (l *Lexer) dollar() Kind {
	if kind, ok := l.template(); ok {
		return kind
	}
	i := l.pos + 1
	if isDigit(l.peek(1)) {
		for i < l.end && isDigit(l.src[i]) {
			i++
		}
		l.pos = i
		return Param
	}
	if l.rules.dollarName == Word {
		for i < l.end && isWord(l.src[i]) {
			i++
		}
		l.pos = i
		return Word
	}
	for i < l.end && (IsWordStart(l.src[i]) || isDigit(l.src[i])) {
		i++
	}
	closes := i < l.end && l.src[i] == '$'
	if closes && l.rules.dollarQuotes && l.badDollars < maxUnclosed {
		tag := l.src[l.pos : i+1]
		if j := strings.Index(l.src[i+1:l.end], tag); j >= 0 {
			l.pos = i + 1 + j + len(tag)
			return String
		}
		if !l.rules.tolerant {
			return l.give(tag, String)
		}
		l.badDollars++
	}
	if i > l.pos+1 && l.rules.dollarName != Punct && (l.rules.query || !closes) {
		l.pos = i
		return l.rules.dollarName
	}
	l.pos++
	return Punct
}

func (l *Lexer) number() {
	l.pos++
	for l.pos < l.end {
		c := l.src[l.pos]
		if isDigit(c) || c == '.' && l.peek(1) != '.' || IsWordStart(c) && c < 0x80 {
			l.pos++
			continue
		}
		if (c == '+' || c == '-') && (l.src[l.pos-1] == 'e' || l.src[l.pos-1] == 'E') && isDigit(l.peek(1)) {
			l.pos++
			continue
		}
		return
	}
}

// operator is the length of the operator at an offset.
func (l *Lexer) operator(at int) int {
	var longer []string
	switch l.src[at] {
	case '-':
		longer = afterDash
	case '<':
		longer = afterLess
	case '>':
		longer = afterGreater
	case '!':
		longer = afterBang
	case '=':
		longer = afterEquals
	case ':':
		longer = afterColon
	case '|':
		longer = afterBar
	case '&':
		longer = afterAnd
	case '@':
		longer = afterAt
	case '#':
		longer = afterHash
	case '~':
		longer = afterTilde
	case '?':
		longer = afterQuestion
	default:
		return 1
	}
	rest := l.src[at+1 : l.end]
	for _, more := range longer {
		if strings.HasPrefix(rest, more) {
			return 1 + len(more)
		}
	}
	return 1
}

// What makes operators of more than one byte of their first, longest first.
var (
	afterDash     = []string{">>", ">"}
	afterLess     = []string{"=>", "->", "=", ">", "@", "<"}
	afterGreater  = []string{"=", ">"}
	afterBang     = []string{"~~", "~*", "=", "~"}
	afterEquals   = []string{"=", ">"}
	afterColon    = []string{":", "="}
	afterBar      = []string{"|/", "|"}
	afterAnd      = []string{"&"}
	afterAt       = []string{">", "@", "?"}
	afterHash     = []string{">>", ">"}
	afterTilde    = []string{"~*", "*", "~"}
	afterQuestion = []string{"|", "&"}
)
