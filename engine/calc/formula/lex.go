package formula

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

type kind uint8

const (
	end kind = iota
	number
	text
	word   // a name, function, cell, column or row: whatever letters and digits make
	sheet  // what stands before "!", without it
	table  // structured reference between brackets, with them
	errlit // #N/A and the like
	op     // an operator, parenthesis, brace, comma or semicolon
	space
)

// token is a piece of the text; tokens lie side by side without gaps, spaces are tokens too.
type token struct {
	kind  kind
	start int
	stop  int
	quote bool // of a sheet: written between apostrophes
}

// scanner cuts text into tokens.
type scanner struct {
	src string
	pos int
}

// next returns the next token, or an error of the lexer with its place.
func (s *scanner) next() (token, *Error) {
	start := s.pos
	if start >= len(s.src) {
		return token{end, start, start, false}, nil
	}
	switch c := s.src[start]; {
	case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		for s.pos < len(s.src) && (s.src[s.pos] == ' ' || s.src[s.pos] == '\n' || s.src[s.pos] == '\r' || s.src[s.pos] == '\t') {
			s.pos++
		}
		return s.token(space, start), nil
	case c >= '0' && c <= '9' || c == '.' && start+1 < len(s.src) && isDigit(s.src[start+1]):
		return s.number(start)
	case c == '"':
		return s.text(start)
	case c == '\'':
		return s.quotedSheet(start)
	case c == '#':
		return s.hash(start)
	case c == '[':
		return s.bracket(start)
	case c == '<' || c == '>':
		s.pos++
		if s.pos < len(s.src) && (s.src[s.pos] == '=' || c == '<' && s.src[s.pos] == '>') {
			s.pos++
		}
		return s.token(op, start), nil
	case strings.IndexByte("+-*/^&=%(){},;:@!", c) >= 0:
		s.pos++
		return s.token(op, start), nil
	}
	if s.wordPart() {
		for s.wordPart() {
		}
		// A word before "!" is a sheet.
		if s.pos < len(s.src) && s.src[s.pos] == '!' {
			t := s.token(sheet, start)
			s.pos++
			return t, nil
		}
		return s.token(word, start), nil
	}
	r, _ := utf8.DecodeRuneInString(s.src[start:])
	return token{}, errorAt(start, "the character "+quoted(string(r))+" has no meaning here")
}

func (s *scanner) token(k kind, start int) token { return token{k, start, s.pos, false} }

// wordPart moves over one character of a word.
func (s *scanner) wordPart() bool {
	if s.pos >= len(s.src) {
		return false
	}
	c := s.src[s.pos]
	if c < utf8.RuneSelf {
		if wordByte[c] {
			s.pos++
			return true
		}
		return false
	}
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
		return false
	}
	s.pos += n
	return true
}

var wordByte = func() (t [utf8.RuneSelf]bool) {
	for c := range t {
		t[c] = c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '.' || c == '$' || c == '\\' || c == '?'
	}
	return t
}()

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads digits, point and exponent. "1:3" are whole rows and "1A" is no number; the parser sees to the first and
// a word that begins with digits is left to the sheets that are called so ("2019!A1").
func (s *scanner) number(start int) (token, *Error) {
	digits := func() {
		for s.pos < len(s.src) && isDigit(s.src[s.pos]) {
			s.pos++
		}
	}
	digits()
	if s.pos < len(s.src) && s.src[s.pos] == '.' {
		s.pos++
		digits()
	}
	if p := s.pos; p < len(s.src) && s.src[p]|0x20 == 'e' {
		q := p + 1
		if q < len(s.src) && (s.src[q] == '+' || s.src[q] == '-') {
			q++
		}
		if q < len(s.src) && isDigit(s.src[q]) {
			s.pos = q
			digits()
		}
	}
	stop := s.pos
	if stop < len(s.src) && (s.src[stop] == '!' || s.src[stop] >= utf8.RuneSelf || wordByte[s.src[stop]]) {
		for s.wordPart() {
		}
		if s.pos < len(s.src) && s.src[s.pos] == '!' {
			t := s.token(sheet, start)
			s.pos++
			return t, nil
		}
		s.pos = stop
	}
	return s.token(number, start), nil
}

func (s *scanner) text(start int) (token, *Error) {
	for i := start + 1; i < len(s.src); i++ {
		if s.src[i] != '"' {
			continue
		}
		if i+1 < len(s.src) && s.src[i+1] == '"' {
			i++
			continue
		}
		s.pos = i + 1
		return s.token(text, start), nil
	}
	return token{}, errorAt(start, "this text has no closing quotation mark")
}

func (s *scanner) quotedSheet(start int) (token, *Error) {
	for i := start + 1; i < len(s.src); i++ {
		if s.src[i] != '\'' {
			continue
		}
		if i+1 < len(s.src) && s.src[i+1] == '\'' {
			i++
			continue
		}
		if i+1 >= len(s.src) || s.src[i+1] != '!' {
			return token{}, errorAt(i, "after the name of a sheet comes !")
		}
		t := token{sheet, start, i + 1, true}
		s.pos = i + 2
		return t, nil
	}
	return token{}, errorAt(start, "this name of a sheet has no closing apostrophe")
}

// hash reads an error value, or the operator # of a spilled array.
func (s *scanner) hash(start int) (token, *Error) {
	for e := cell.ErrNull; e <= cell.ErrCalc; e++ {
		name := e.String()
		if len(s.src) >= start+len(name) && strings.EqualFold(s.src[start:start+len(name)], name) {
			s.pos = start + len(name)
			return s.token(errlit, start), nil
		}
	}
	s.pos++
	return s.token(op, start), nil
}

// bracket reads what stands between brackets: the columns of a table, or the workbook before a sheet's name.
func (s *scanner) bracket(start int) (token, *Error) {
	depth := 0
	for i := start; i < len(s.src); i++ {
		switch s.src[i] {
		case '\'': // takes its meaning from the next character
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth > 0 {
				continue
			}
			s.pos = i + 1
			t := s.token(table, start)
			// [1]Sheet1!A1 and [1]!name
			for s.wordPart() {
			}
			if s.pos < len(s.src) && s.src[s.pos] == ':' && s.pos > i+1 {
				p := s.pos
				s.pos++
				for s.wordPart() {
				}
				if s.pos >= len(s.src) || s.src[s.pos] != '!' {
					s.pos = p
				}
			}
			if s.pos < len(s.src) && s.src[s.pos] == '!' {
				t = s.token(sheet, start)
				s.pos++
				return t, nil
			}
			s.pos = i + 1
			return t, nil
		}
	}
	return token{}, errorAt(start, "this bracket is not closed")
}

func quoted(s string) string { return "\"" + s + "\"" }
