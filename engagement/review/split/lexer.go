package split

import (
	"strings"
	"unicode/utf8"
)

// TokenKind is the kind of a token.
type TokenKind uint8

// Kinds of tokens.
const (
	EOF          TokenKind = iota
	Word                   // an unquoted identifier or keyword
	Quoted                 // "a" or `a`: an identifier in quotes
	String                 // 'a', E'a', $$a$$; in MySQL also "a"
	Number                 //
	Param                  // $1, ?, :name, @name
	TemplateText           // ${x}, {{x}}: text that a tool fills in
	Operator               // an operator or a delimiter
)

// Token is one token. Text is a slice of the script, quotes included.
type Token struct {
	Kind   TokenKind
	Text   string
	Offset int // of the first byte in the script
	Line   int
	Column int
	// First: it is the first token of its line. Spaced: white space or a comment stands before it.
	First  bool
	Spaced bool
}

// Is compares an unquoted word with a keyword, in any case.
func (t *Token) Is(keyword string) bool {
	return t.Kind == Word && len(t.Text) == len(keyword) && strings.EqualFold(t.Text, keyword)
}

// Op compares an operator.
func (t *Token) Op(op string) bool { return t.Kind == Operator && t.Text == op }

// End is the offset behind the token.
func (t *Token) End() int { return t.Offset + len(t.Text) }

func (t *Token) position() Position { return Position{t.Offset, t.Line, t.Column} }

// Value is the text without quotes: the name of an identifier, the content of a string. Escapes in the
// content are left as they are, except doubled quotes.
func (t *Token) Value() string {
	s := t.Text
	switch t.Kind {
	case Quoted:
		if len(s) >= 2 {
			q := s[len(s)-1:]
			if i := strings.Index(s, q); i < len(s)-1 {
				return strings.ReplaceAll(s[i+1:len(s)-1], q+q, q)
			}
		}
	case String:
		if s[0] == '$' {
			if i := strings.IndexByte(s[1:], '$'); i >= 0 && len(s) >= 2*(i+2) {
				return s[i+2 : len(s)-i-2]
			}
			return s
		}
		q := s[len(s)-1:]
		if i := strings.Index(s, q); i < len(s)-1 {
			return strings.ReplaceAll(s[i+1:len(s)-1], q+q, q)
		}
	}
	return s
}

// Body is the content of a string and its offset in the script, for a string whose content stands in the
// script as it is (a dollar quote, or a plain string without escapes).
func (t *Token) Body() (content string, offset int, ok bool) {
	if t.Kind != String {
		return "", 0, false
	}
	v := t.Value()
	i := strings.Index(t.Text, v)
	if t.Text[0] == '$' {
		i = (len(t.Text) - len(v)) / 2
	}
	if i < 0 || t.Text[0] != '$' && strings.ContainsRune(v, '\\') {
		return "", 0, false
	}
	return v, t.Offset + i, true
}

// lexer cuts text into tokens. Positions move forward only, so that keeping lines and columns is linear.
type lexer struct {
	src       string
	pos       int
	at        Position // of pos
	path      string
	mysql     bool
	backslash bool   // a backslash escapes in plain strings
	delimiter string // of mysql's client; empty for ;
	versioned int    // depth of /*! ... */, whose content is code
	lineStart bool   // nothing was read on this line yet
	spaced    bool
	last      TokenKind
	comment   func(Comment)
}

// advance moves to an offset and counts lines and columns on the way.
func (l *lexer) advance(to int) {
	part := l.src[l.pos:to]
	if i := strings.LastIndexByte(part, '\n'); i >= 0 {
		l.at.Line += strings.Count(part, "\n")
		l.at.Column = 1 + utf8.RuneCountInString(part[i+1:])
	} else {
		l.at.Column += utf8.RuneCountInString(part)
	}
	l.pos, l.at.Offset = to, to
}

func (l *lexer) fail(at Position, text string) error { return &Error{l.path, at, text} }

func (l *lexer) peek(ahead int) byte {
	if l.pos+ahead < len(l.src) {
		return l.src[l.pos+ahead]
	}
	return 0
}

// restOfLine is the unread part of the line at hand, without its end.
func (l *lexer) restOfLine() string {
	if i := strings.IndexByte(l.src[l.pos:], '\n'); i >= 0 {
		return l.src[l.pos : l.pos+i]
	}
	return l.src[l.pos:]
}

func (l *lexer) skipLine() {
	l.advance(min(len(l.src), l.pos+len(l.restOfLine())+1))
	l.lineStart = true
}

func (l *lexer) next() (Token, error) {
	if err := l.space(); err != nil {
		return Token{}, err
	}
	if l.pos >= len(l.src) {
		return Token{Kind: EOF, Offset: len(l.src), Line: l.at.Line, Column: l.at.Column}, nil
	}
	start := l.at
	kind, end, err := l.scan()
	if err != nil {
		return Token{}, err
	}
	t := Token{Kind: kind, Text: l.src[start.Offset:end], Offset: start.Offset, Line: start.Line, Column: start.Column, First: l.lineStart, Spaced: l.spaced}
	l.advance(end)
	l.lineStart, l.spaced, l.last = false, false, kind
	return t, nil
}

// space skips white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.src) {
		if l.delimiter != "" && strings.HasPrefix(l.src[l.pos:], l.delimiter) {
			return nil
		}
		c := l.src[l.pos]
		switch {
		case c == ' ', c == '\t', c == '\r', c == '\f', c == '\v', c == '\n':
			i := l.pos
			for i < len(l.src) && strings.IndexByte(" \t\r\f\v\n", l.src[i]) >= 0 {
				i++
			}
			if strings.IndexByte(l.src[l.pos:i], '\n') >= 0 {
				l.lineStart = true
			}
			l.advance(i)
		case c == '-' && l.peek(1) == '-' && (!l.mysql || l.peek(2) <= ' '):
			l.lineComment()
		case c == '#' && l.mysql:
			l.lineComment()
		case c == '/' && l.peek(1) == '*':
			if err := l.blockComment(); err != nil {
				return err
			}
		case c == '*' && l.peek(1) == '/' && l.versioned > 0:
			l.versioned--
			l.advance(l.pos + 2)
		default:
			return nil
		}
		l.spaced = true
	}
	return nil
}

func (l *lexer) lineComment() {
	start := l.at
	text := l.restOfLine()
	l.comment(Comment{Text: strings.TrimRight(text, "\r"), Start: start, EndLine: start.Line, First: l.lineStart})
	l.advance(l.pos + len(text))
}

// blockComment skips /* ... */, which nests in PostgreSQL. MySQL runs what stands in /*! ... */; the
// digits behind the mark are the least version.
func (l *lexer) blockComment() error {
	start := l.at
	rest := l.src[l.pos:]
	if l.mysql && (strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!")) {
		i := strings.IndexByte(rest, '!') + 1
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		l.versioned++
		l.advance(l.pos + i)
		return nil
	}
	end := -1
	if l.mysql {
		if i := strings.Index(rest[2:], "*/"); i >= 0 {
			end = i + 4
		}
	} else {
		end = closesNested(rest)
	}
	if end < 0 {
		return l.fail(start, "this comment has no end; close it with */")
	}
	first := l.lineStart
	if strings.IndexByte(rest[:end], '\n') >= 0 {
		l.lineStart = true
	}
	l.advance(l.pos + end)
	l.comment(Comment{Text: rest[:end], Start: start, EndLine: l.at.Line, First: first})
	return nil
}

// closesNested is the length of the nested comment at the start of text, or -1.
func closesNested(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch {
		case text[i] == '/' && text[i+1] == '*':
			depth++
			i++
		case text[i] == '*' && text[i+1] == '/':
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

func wordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func wordByte(c byte) bool { return wordStart(c) || digit(c) || c == '$' }

// scan finds the kind and the end of the token at hand.
func (l *lexer) scan() (TokenKind, int, error) {
	c := l.src[l.pos]
	switch {
	case l.delimiter != "" && strings.HasPrefix(l.src[l.pos:], l.delimiter):
		return Operator, l.pos + len(l.delimiter), nil
	case wordStart(c):
		return l.word(c)
	case digit(c), c == '.' && digit(l.peek(1)) && l.last != Word && l.last != Quoted:
		return Number, l.number(), nil
	case c == '\'':
		return l.quote(l.pos, '\'', l.backslash, String)
	case c == '"':
		if l.mysql {
			return l.quote(l.pos, '"', true, String)
		}
		return l.quote(l.pos, '"', false, Quoted)
	case c == '`':
		return l.quote(l.pos, '`', false, Quoted)
	case c == '$':
		return l.dollar()
	case c == '{' && l.peek(1) == '{':
		if end := l.closing("}}"); end > 0 {
			return TemplateText, end, nil
		}
	case c == '<' && l.peek(1) == '%':
		if end := l.closing("%>"); end > 0 {
			return TemplateText, end, nil
		}
	case c == '@' && l.mysql:
		end := l.pos + 1
		for end < len(l.src) && (wordByte(l.src[end]) || l.src[end] == '@' || l.src[end] == '.') {
			end++
		}
		return Param, end, nil
	case c == ':' && (wordStart(l.peek(1)) || l.peek(1) == '\'' || l.peek(1) == '"') && (l.pos == 0 || l.src[l.pos-1] != ':'):
		if l.peek(1) == '\'' || l.peek(1) == '"' {
			_, end, err := l.quote(l.pos+1, l.peek(1), false, Param)
			return Param, end, err
		}
		end := l.pos + 1
		for end < len(l.src) && wordByte(l.src[end]) {
			end++
		}
		return Param, end, nil
	}
	return Operator, l.pos + l.operator(), nil
}

// closing is the offset behind a closing mark on the same line and near, or 0.
func (l *lexer) closing(mark string) int {
	const longest = 200
	near := l.src[l.pos:min(len(l.src), l.pos+longest)]
	if i := strings.IndexByte(near, '\n'); i >= 0 {
		near = near[:i]
	}
	if i := strings.Index(near, mark); i > 0 {
		return l.pos + i + len(mark)
	}
	return 0
}

func (l *lexer) word(c byte) (TokenKind, int, error) {
	end := l.pos + 1
	for end < len(l.src) && wordByte(l.src[end]) {
		if l.src[end] == '$' && (end+1 < len(l.src) && l.src[end+1] == '{' || l.delimiter != "" && strings.HasPrefix(l.src[end:], l.delimiter)) {
			break
		}
		end++
	}
	if end == l.pos+1 && end < len(l.src) {
		next := l.src[end]
		switch {
		case next == '\'' && (c == 'e' || c == 'E') && !l.mysql:
			return l.quote(end, '\'', true, String)
		case next == '\'' && strings.IndexByte("bBxXnN", c) >= 0:
			return l.quote(end, '\'', l.backslash, String)
		case next == '&' && (c == 'u' || c == 'U') && !l.mysql && end+1 < len(l.src):
			switch l.src[end+1] {
			case '\'':
				return l.quote(end+1, '\'', false, String)
			case '"':
				return l.quote(end+1, '"', false, Quoted)
			}
		}
	}
	return Word, end, nil
}

// quote reads to the closing quote from the opening one at an offset; a doubled quote is part of the text.
func (l *lexer) quote(from int, q byte, escapes bool, kind TokenKind) (TokenKind, int, error) {
	for i := from + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			if escapes {
				i++
			}
		case q:
			if i+1 < len(l.src) && l.src[i+1] == q {
				i++
				continue
			}
			return kind, i + 1, nil
		}
	}
	what := "string"
	if kind == Quoted {
		what = "quoted name"
	}
	return 0, 0, l.fail(l.at, "this "+what+" has no end; a closing "+string(q)+" is missing")
}

// dollar reads $1, ${template}, or a dollar quote of PostgreSQL.
func (l *lexer) dollar() (TokenKind, int, error) {
	if l.peek(1) == '{' {
		if end := l.closing("}"); end > 0 {
			for end < len(l.src) && wordByte(l.src[end]) {
				end++
			}
			return TemplateText, end, nil
		}
	}
	i := l.pos + 1
	if digit(l.peek(1)) {
		for i < len(l.src) && digit(l.src[i]) {
			i++
		}
		return Param, i, nil
	}
	if l.mysql {
		for i < len(l.src) && wordByte(l.src[i]) {
			i++
		}
		return Word, i, nil
	}
	for i < len(l.src) && (wordStart(l.src[i]) || digit(l.src[i])) {
		i++
	}
	if i == len(l.src) || l.src[i] != '$' {
		return Operator, l.pos + 1, nil
	}
	tag := l.src[l.pos : i+1]
	j := strings.Index(l.src[i+1:], tag)
	if j < 0 {
		return 0, 0, l.fail(l.at, "this dollar quote has no end; a closing "+tag+" is missing")
	}
	return String, i + 1 + j + len(tag), nil
}

func (l *lexer) number() int {
	end := l.pos + 1
	for end < len(l.src) {
		c := l.src[end]
		dots := c == '.' && (end+1 >= len(l.src) || l.src[end+1] != '.')
		exponent := (c == '+' || c == '-') && (l.src[end-1] == 'e' || l.src[end-1] == 'E') && end+1 < len(l.src) && digit(l.src[end+1])
		if !digit(c) && !dots && !exponent && (!wordStart(c) || c >= 0x80) {
			break
		}
		end++
	}
	return end
}

// operators of more than one byte that matter to readers of the tokens.
var operators = []string{"::", ":=", "<=", ">=", "<>", "!=", "||", "->>", "->", "=>"}

func (l *lexer) operator() int {
	rest := l.src[l.pos:]
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			return len(op)
		}
	}
	return 1
}
