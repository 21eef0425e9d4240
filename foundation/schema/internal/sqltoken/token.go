// Package sqltoken cuts SQL text of any product into tokens.
//
// It guarantees linear time and progress on every input, exact byte offsets and lines, and no panics.
// It is tolerant: an unterminated quote becomes a single punctuation token, so that the text after it
// is still read. It does not know any grammar.
package sqltoken

import "strings"

// Kind is the kind of a token.
type Kind uint8

// Kinds of tokens.
const (
	EOF      Kind = iota
	Word          // an unquoted identifier or keyword
	Quoted        // "a", `a` or [a]; Value strips the quotes
	String        // 'a', E'a', N'a'; also "a" in MySQL when it is used as one
	Dollar        // $tag$ ... $tag$
	Number        //
	Param         // ?, $1, :name, @name, %s, {}, {name}: a value given at run time
	Template      // ${x}, #{x}, {{x}}, <%= x %>: text put in by a template
	Punct         // an operator or a delimiter
)

// Token is one token. Text is a slice of the source, quotes included.
type Token struct {
	Kind  Kind
	Text  string
	Start int // byte offset
	End   int
	Line  int // of the first byte, from 1
	// Spaced: white space or a comment stands before it. First: it is the first token of its line.
	Spaced bool
	First  bool
}

// Is compares a word token with a keyword, in any case. Quoted identifiers are never keywords.
func (t *Token) Is(keyword string) bool {
	return t.Kind == Word && len(t.Text) == len(keyword) && strings.EqualFold(t.Text, keyword)
}

// Op compares a punctuation token.
func (t *Token) Op(op string) bool { return t.Kind == Punct && t.Text == op }

// Value is the text without quotes: the name of an identifier, the content of a string.
func (t *Token) Value() string {
	s := t.Text
	switch t.Kind {
	case Quoted:
		if len(s) >= 2 {
			quote := s[len(s)-1:]
			s = s[1 : len(s)-1]
			if quote != "]" {
				s = strings.ReplaceAll(s, quote+quote, quote)
			}
		}
	case String:
		if i := strings.IndexAny(s, `'"`); i >= 0 && len(s) >= i+2 {
			quote := s[i : i+1]
			s = strings.ReplaceAll(s[i+1:len(s)-1], quote+quote, quote)
		}
	case Dollar:
		if i := strings.IndexByte(s[1:], '$'); i >= 0 && len(s) >= 2*(i+2) {
			s = s[i+2 : len(s)-i-2]
		}
	}
	return s
}

// EndLine is the line of the token's last byte.
func (t *Token) EndLine() int { return t.Line + strings.Count(t.Text, "\n") }

// Options say how text is to be read.
type Options struct {
	// BackslashEscapes: a backslash escapes a quote in plain strings (MySQL, ClickHouse).
	BackslashEscapes bool
	// HashComments: # starts a comment anywhere (MySQL). Without it only at the start of a line.
	HashComments bool
	// Query: the text is a query inside a program: ?, :name, %s, {} are parameters, and # is no comment.
	Query bool
	// Comment is told of each comment, with its text and line.
	Comment func(text string, line int)
	// NoDollarQuotes: $$ is no quote (it is the client's DELIMITER, or the product has none).
	NoDollarQuotes bool
}

// Lexer reads one text.
type Lexer struct {
	src  string
	pos  int
	end  int
	line int
	opt  Options

	// Linear time: each of these scans to the end of the text when its closing mark is missing, so
	// that it is given up after a few failures.
	unnested    bool
	unclosed    map[byte]int
	badDollar   int
	noClosing   map[string]int // closing mark of a template -> offset before which none stands
	inVersioned int            // depth of /*! ... */, whose content is code
	spaced      bool
	first       bool
	last        Kind
	lastText    string

	// Delimiter, when set, is a token of its own wherever it stands (the DELIMITER of MySQL's client).
	Delimiter string
}

const maxUnclosed = 8

// New reads src[from:to]; line is the line of from.
func New(src string, from, to, line int, opt Options) *Lexer {
	return &Lexer{src: src, pos: from, end: to, line: line, opt: opt, unclosed: map[byte]int{}, noClosing: map[string]int{}, first: true}
}

// Pos is the offset of the next unread byte.
func (l *Lexer) Pos() int { return l.pos }

// Line is the line of the next unread byte.
func (l *Lexer) Line() int { return l.line }

// SkipTo moves on to an offset.
func (l *Lexer) SkipTo(pos int) {
	if pos > l.end {
		pos = l.end
	}
	if pos > l.pos {
		l.line += strings.Count(l.src[l.pos:pos], "\n")
		l.pos = pos
		l.first = pos == 0 || l.src[pos-1] == '\n'
	}
}

// RestOfLine is the unread part of the line at hand, without its end.
func (l *Lexer) RestOfLine() string {
	if i := strings.IndexByte(l.src[l.pos:l.end], '\n'); i >= 0 {
		return l.src[l.pos : l.pos+i]
	}
	return l.src[l.pos:l.end]
}

// SkipLine moves to the start of the next line.
func (l *Lexer) SkipLine() { l.SkipTo(l.pos + len(l.RestOfLine()) + 1) }

// near is the unread part of the line at hand, at most n bytes of it.
func (l *Lexer) near(n int) string {
	end := min(l.end, l.pos+n)
	if i := strings.IndexByte(l.src[l.pos:end], '\n'); i >= 0 {
		end = l.pos + i
	}
	return l.src[l.pos:end]
}

func (l *Lexer) atDelimiter() bool {
	return l.Delimiter != "" && strings.HasPrefix(l.src[l.pos:l.end], l.Delimiter)
}

func (l *Lexer) peek(ahead int) byte {
	if l.pos+ahead < l.end {
		return l.src[l.pos+ahead]
	}
	return 0
}

// Next returns the next token, EOF at the end.
func (l *Lexer) Next() Token {
	l.space()
	if l.pos >= l.end {
		return Token{Kind: EOF, Start: l.end, End: l.end, Line: l.line, First: l.first}
	}
	start, line := l.pos, l.line
	kind := l.scan()
	if l.pos <= start { // every token makes progress
		l.pos = start + 1
	}
	t := Token{Kind: kind, Text: l.src[start:l.pos], Start: start, End: l.pos, Line: line, Spaced: l.spaced, First: l.first}
	if kind != Word && kind != Punct && kind != Number {
		l.line += strings.Count(t.Text, "\n")
	}
	l.first, l.spaced = false, false
	l.last, l.lastText = kind, t.Text
	return t
}

// space skips white space and comments.
func (l *Lexer) space() {
	for l.pos < l.end && !l.atDelimiter() {
		switch c := l.src[l.pos]; {
		case c == '\n':
			l.line++
			l.pos++
			l.first, l.spaced = true, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == 0:
			l.pos++
			l.spaced = true
		case c == 0xEF && strings.HasPrefix(l.src[l.pos:l.end], "\uFEFF"): // byte order mark
			l.pos += 3
		case c == 0xC2 && l.peek(1) == 0xA0: // no-break space
			l.pos += 2
			l.spaced = true
		case c == '-' && l.peek(1) == '-':
			l.lineComment()
		case c == '#' && l.hashComment():
			l.lineComment()
		case c == '/' && l.peek(1) == '/' && l.first && !l.opt.Query:
			l.lineComment()
		case c == '/' && l.peek(1) == '*':
			l.blockComment()
		case c == '*' && l.peek(1) == '/' && l.inVersioned > 0:
			l.inVersioned--
			l.pos += 2
			l.spaced = true
		default:
			return
		}
	}
}

func (l *Lexer) hashComment() bool {
	if l.opt.Query || l.peek(1) == '{' {
		return false
	}
	if l.opt.HashComments {
		return true
	}
	return l.first && l.peek(1) != '>' && l.peek(1) != '-'
}

func (l *Lexer) lineComment() {
	text := l.RestOfLine()
	if l.opt.Comment != nil {
		l.opt.Comment(strings.TrimSuffix(text, "\r"), l.line)
	}
	l.pos += len(text)
	l.spaced = true
}

func (l *Lexer) blockComment() {
	l.spaced = true
	rest := l.src[l.pos:l.end]
	// MySQL runs what stands in /*! ... */; the digits are the least version.
	if strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!") {
		l.pos += strings.IndexByte(rest, '!') + 1
		for c := l.peek(0); c >= '0' && c <= '9'; c = l.peek(0) {
			l.pos++
		}
		l.inVersioned++
		return
	}
	end := -1
	if !l.unnested {
		depth := 0
		for i := 0; i+1 < len(rest); i++ {
			if rest[i] == '/' && rest[i+1] == '*' {
				depth++
				i++
			} else if rest[i] == '*' && rest[i+1] == '/' {
				depth--
				i++
				if depth == 0 {
					end = i + 1
					break
				}
			}
		}
		l.unnested = end < 0
	}
	if end < 0 {
		if i := strings.Index(rest[2:], "*/"); i >= 0 {
			end = i + 4
		} else {
			end = len(rest)
		}
	}
	text := rest[:end]
	if l.opt.Comment != nil {
		l.opt.Comment(text, l.line)
	}
	l.line += strings.Count(text, "\n")
	l.pos += end
}

// IsWordStart says whether a byte may begin an identifier.
func IsWordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool { return IsWordStart(c) || isDigit(c) || c == '$' }

func (l *Lexer) scan() Kind {
	c := l.src[l.pos]
	switch {
	case l.atDelimiter():
		l.pos += len(l.Delimiter)
		return Punct
	case IsWordStart(c):
		return l.word(c)
	case isDigit(c), c == '.' && isDigit(l.peek(1)) && l.last != Word && l.last != Quoted:
		l.number()
		return Number
	case c == '\'':
		return l.quote(c, l.opt.BackslashEscapes, String)
	case c == '"':
		return l.quote(c, l.opt.BackslashEscapes, Quoted)
	case c == '`':
		return l.quote(c, false, Quoted)
	case c == '[':
		return l.bracket()
	case c == '$':
		return l.dollar()
	case c == '#' && l.peek(1) == '{':
		return l.template("}", 2)
	case c == '{' && l.peek(1) == '{':
		return l.template("}}", 2)
	case c == '<' && l.peek(1) == '%':
		return l.template("%>", 2)
	case c == '@':
		l.pos++
		for l.pos < l.end && (isWord(l.src[l.pos]) || l.src[l.pos] == '@') {
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
	if l.opt.Query {
		if kind, ok := l.queryParam(c); ok {
			return kind
		}
	}
	l.pos += l.operator(l.pos)
	return Punct
}

// word reads an identifier. Template parts inside one ("${prefix}users", "t_{{n}}") belong to it.
func (l *Lexer) word(c byte) Kind {
	start := l.pos
	l.pos++
	for l.pos < l.end && isWord(l.src[l.pos]) {
		if l.src[l.pos] == '$' && (l.peek(1) == '{' || l.atDelimiter()) {
			break
		}
		l.pos++
	}
	if l.pos == start+1 && l.pos < l.end && l.src[l.pos] == '\'' {
		switch c {
		case 'e', 'E':
			return l.prefixed(true)
		case 'b', 'B', 'x', 'X', 'n', 'N':
			return l.prefixed(l.opt.BackslashEscapes)
		}
	}
	if l.pos == start+1 && (c == 'u' || c == 'U') && l.peek(0) == '&' && l.peek(1) == '\'' {
		l.pos++
		return l.prefixed(false)
	}
	return Word
}

func (l *Lexer) prefixed(escapes bool) Kind {
	if kind := l.quote('\'', escapes, String); kind == String {
		return String
	}
	return Word
}

// quote reads to the closing quote; a doubled quote is part of the text.
func (l *Lexer) quote(q byte, escapes bool, kind Kind) Kind {
	if l.unclosed[q] >= maxUnclosed {
		l.pos++
		return Punct
	}
	for i := l.pos + 1; i < l.end; i++ {
		switch l.src[i] {
		case '\\':
			if escapes {
				i++
			}
		case q:
			if i+1 < l.end && l.src[i+1] == q {
				i++
				continue
			}
			l.pos = i + 1
			return kind
		}
	}
	l.unclosed[q]++
	l.pos++
	return Punct
}

// bracket tells SQL Server's [name] from an array: a name stands apart from what is before it, on one
// line, and begins with a letter.
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

func (l *Lexer) dollar() Kind {
	if l.peek(1) == '{' {
		return l.template("}", 2)
	}
	i := l.pos + 1
	if isDigit(l.peek(1)) {
		for i < l.end && isDigit(l.src[i]) {
			i++
		}
		l.pos = i
		return Param
	}
	for i < l.end && (IsWordStart(l.src[i]) || isDigit(l.src[i])) {
		i++
	}
	if i < l.end && l.src[i] == '$' && l.badDollar < maxUnclosed && !l.opt.NoDollarQuotes {
		tag := l.src[l.pos : i+1]
		if j := strings.Index(l.src[i+1:l.end], tag); j >= 0 {
			l.pos = i + 1 + j + len(tag)
			return Dollar
		}
		l.badDollar++
	}
	if i > l.pos+1 && (l.opt.Query || i == l.end || l.src[i] != '$') {
		l.pos = i
		if l.opt.Query {
			return Template // $table in a PHP or shell string
		}
		return Param
	}
	l.pos++
	return Punct
}

// longestTemplate is the length of the longest template part in bytes.
const longestTemplate = 256

// template reads to a closing mark on the same line and takes along an identifier that is glued to it.
func (l *Lexer) template(closing string, open int) Kind {
	// Past attempts may have found that no closing mark stands up to some offset; that is not searched
	// again, so that a text of opening marks takes linear time.
	from := max(l.pos, l.noClosing[closing])
	limit := min(l.end, l.pos+longestTemplate)
	if from >= limit || !strings.Contains(l.src[from:limit], closing) {
		l.noClosing[closing] = max(from, limit-len(closing)+1)
		l.pos++
		return Punct
	}
	rest := l.near(longestTemplate)
	depth := 0
	for i := open; i < len(rest); i++ {
		if closing == "}" && rest[i] == '{' {
			depth++
			continue
		}
		if !strings.HasPrefix(rest[i:], closing) {
			continue
		}
		if closing == "}" && depth > 0 {
			depth--
			continue
		}
		l.pos += i + len(closing)
		for l.pos < l.end && isWord(l.src[l.pos]) && l.src[l.pos] != '$' {
			l.pos++
		}
		return Template
	}
	l.pos++
	return Punct
}

// queryParam reads the parameter forms of drivers and format strings.
func (l *Lexer) queryParam(c byte) (Kind, bool) {
	switch c {
	case '?':
		if n := l.peek(1); n == '|' || n == '&' {
			return 0, false // PostgreSQL's jsonb operators
		}
		l.pos++
		for isDigit(l.peek(0)) {
			l.pos++
		}
		return Param, true
	case ':':
		if !IsWordStart(l.peek(1)) || l.pos > 0 && l.src[l.pos-1] == ':' {
			return 0, false
		}
		l.pos++
		for l.pos < l.end && isWord(l.src[l.pos]) {
			l.pos++
		}
		return Param, true
	case '%':
		if l.peek(1) == '(' {
			if i := strings.IndexByte(l.near(64), ')'); i > 0 {
				l.pos += i + 1
				if IsWordStart(l.peek(0)) {
					l.pos++
				}
				return Param, true
			}
			return 0, false
		}
		i := 1
		for isDigit(l.peek(i)) || l.peek(i) == '$' || l.peek(i) == '[' || l.peek(i) == ']' {
			i++
		}
		if strings.IndexByte("sdvqiIL", l.peek(i)) >= 0 && l.peek(i) != 0 && !isWord(l.peek(i+1)) {
			l.pos += i + 1
			return Param, true
		}
	case '{':
		if i := strings.IndexByte(l.near(256), '}'); i > 0 {
			l.pos += i + 1
			for l.pos < l.end && isWord(l.src[l.pos]) {
				l.pos++
			}
			return Template, true
		}
	}
	return 0, false
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

// operators of more than one byte, longest first.
var operators = []string{
	"->>", "#>>", "<=>", "!~*", "~~*", "!~~", "<->", "||/", "::", ":=", "<=", ">=", "<>", "!=", "->", "#>", "@>", "<@", "@@", "&&", "||",
	"!~", "~*", "~~", "?|", "?&", "<<", ">>", "==", "@?", "=>",
}

// operator is the length of the operator at an offset.
func (l *Lexer) operator(at int) int {
	switch l.src[at] {
	case '(', ')', ',', ';', '.', '+', '*', '/', ']', '}', '\\':
		return 1
	}
	rest := l.src[at:l.end]
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			return len(op)
		}
	}
	return 1
}
