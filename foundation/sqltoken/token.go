package sqltoken

import "strings"

// Kind is the kind of a token.
type Kind uint8

// Kinds of tokens.
const (
	EOF      Kind = iota
	Word          // an unquoted identifier or keyword
	Quoted        // an identifier in quotes: "a", `a`, [a], U&"a"
	String        // 'a', E'a', N'a', U&'a', $$a$$; in MySQL also "a"
	Number        //
	Param         // $1, :name, @name, and ?, %s in queries: a value given at run time
	Template      // ${x}, #{x}, {{x}}, <%= x %>: text that a tool puts in
	Punct         // an operator or a delimiter
	Comment       // only told to [Options.Comment]
	Unclosed      // all that stands behind the opening mark of a quote or comment without an end
)

// Token is one token. Text is a slice of the source, quotes included.
type Token struct {
	Text   string
	Start  int // byte offset
	Line   int // of the first byte, from 1
	Column int // of the first byte, in characters from 1; 0 without [Options.Columns]
	Kind   Kind
	// Spaced: white space or a comment stands before it. First: it is the first token of its line.
	Spaced bool
	First  bool
}

// End is the byte offset behind the token.
func (t *Token) End() int { return t.Start + len(t.Text) }

// EndLine is the line of the token's last byte.
func (t *Token) EndLine() int { return t.Line + strings.Count(t.Text, "\n") }

// Is compares an unquoted word with a keyword, in any case. Quoted identifiers are never keywords.
func (t *Token) Is(keyword string) bool {
	return t.Kind == Word && len(t.Text) == len(keyword) && strings.EqualFold(t.Text, keyword)
}

// Op compares an operator or a delimiter.
func (t *Token) Op(op string) bool { return t.Kind == Punct && t.Text == op }

// Dollar says whether the token is a string in dollar quotes, in which nothing is escaped.
func (t *Token) Dollar() bool { return t.Kind == String && t.Text[0] == '$' }

// Value is the text without quotes: the name of an identifier, the content of a string. Escapes in the
// content are left as they are, except doubled quotes.
func (t *Token) Value() string {
	s := t.Text
	switch {
	case t.Kind != Quoted && t.Kind != String:
		return s
	case s[0] == '$':
		n := t.tag()
		return s[n : len(s)-n]
	case s[0] == '[':
		return s[1 : len(s)-1]
	}
	q := s[len(s)-1:]
	return strings.ReplaceAll(s[strings.Index(s, q)+1:len(s)-1], q+q, q)
}

// tag is the length of the opening mark of a dollar quote.
func (t *Token) tag() int { return strings.IndexByte(t.Text[1:], '$') + 2 }

// Body is the content of a string and its offset in the source. It is given only for a string whose
// content stands in the source as it is: a dollar quote, or a plain string without escapes.
func (t *Token) Body() (content string, start int, ok bool) {
	if t.Kind != String {
		return "", 0, false
	}
	content = t.Value()
	if t.Dollar() {
		return content, t.Start + t.tag(), true
	}
	opening := strings.IndexByte(t.Text, t.Text[len(t.Text)-1]) + 1
	if strings.IndexByte(content, '\\') >= 0 || opening+len(content)+1 != len(t.Text) {
		return "", 0, false
	}
	return content, t.Start + opening, true
}
