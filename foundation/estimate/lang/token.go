package lang

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a part of the text: byte offsets, from the first to one past the last.
type Span struct{ Start, End int }

func (s Span) to(t Span) Span { return Span{s.Start, t.End} }

type tokenKind uint8

const (
	tokenEnd  tokenKind = iota
	tokenLine           // end of a line, or a semicolon
	tokenNumber
	tokenName // a word, perhaps dotted
	tokenSign // an operator or a mark
)

type token struct {
	kind  tokenKind
	text  string // of signs in the canonical spelling: "·" is "*"
	value float64
	Span
	spaced bool // white space stands before it
}

// signs in the order in which they are tried, with their canonical spelling.
var signs = []struct{ text, means string }{
	{"<=", "<="}, {">=", ">="}, {"==", "=="}, {"->", "->"}, {"..", ".."}, {"**", "^"}, {"+/-", "±"}, {"+-", "±"},
	{"≤", "<="}, {"≥", ">="}, {"±", "±"}, {"·", "*"}, {"×", "*"}, {"÷", "/"}, {"−", "-"}, {"–", ".."}, {"→", "->"},
	{"+", "+"}, {"-", "-"}, {"*", "*"}, {"/", "/"}, {"^", "^"}, {"(", "("}, {")", ")"}, {"{", "{"}, {"}", "}"},
	{",", ","}, {"=", "="}, {"<", "<"}, {">", ">"}, {"%", "%"}, {":", ":"},
}

// lex cuts text into tokens. The error is that of the first byte that begins none.
func lex(text string) ([]token, *fault) {
	var tokens []token
	spaced := true
	for i := 0; i < len(text); {
		start := i
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n' || r == ';':
			tokens = append(tokens, token{kind: tokenLine, text: "\n", Span: Span{i, i + 1}, spaced: spaced})
			i++
			spaced = true
			continue
		case r == ' ' || r == '\t' || r == '\r' || r == '\u00a0' || r == '\u202f' || r == '\ufeff':
			i += size
			spaced = true
			continue
		case r == '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
			spaced = true
			continue
		case strings.HasPrefix(text[i:], "..."):
			return nil, faultf(Span{i, i + 3}, "a range is written with two dots, or with `to`")
		case r >= '0' && r <= '9' || r == '.' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9':
			t, err := number(text, i)
			if err != nil {
				return nil, err
			}
			t.spaced = spaced
			tokens = append(tokens, t)
			i = t.End
		case letter(r) || strings.ContainsRune("$¢€£", r):
			i = nameEnd(text, i)
			tokens = append(tokens, token{kind: tokenName, text: text[start:i], Span: Span{start, i}, spaced: spaced})
		default:
			found := false
			for _, s := range signs {
				if strings.HasPrefix(text[i:], s.text) {
					i += len(s.text)
					tokens = append(tokens, token{kind: tokenSign, text: s.means, Span: Span{start, i}, spaced: spaced})
					found = true
					break
				}
			}
			if !found {
				return nil, faultf(Span{i, i + size}, "%s has no meaning here", strconv.QuoteRune(r))
			}
		}
		spaced = false
	}
	return append(tokens, token{kind: tokenEnd, Span: Span{len(text), len(text)}, spaced: spaced}), nil
}

func letter(r rune) bool { return r == '_' || r != utf8.RuneError && unicode.IsLetter(r) }

// nameEnd returns where a word ends: letters, digits and underscores, and dots before one of them. The signs
// of currencies stand alone.
func nameEnd(text string, i int) int {
	if r, size := utf8.DecodeRuneInString(text[i:]); !letter(r) {
		return i + size
	}
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if letter(r) || unicode.IsDigit(r) {
			i += size
			continue
		}
		if r == '.' {
			// A digit may follow: prices are named after machines, such as m7i.24xlarge.
			if next, _ := utf8.DecodeRuneInString(text[i+1:]); letter(next) || unicode.IsDigit(next) {
				i++
				continue
			}
		}
		break
	}
	return i
}

// number reads digits with underscores between them, a fraction and an exponent. Two dots begin the rest of a
// range and are not part of the number.
func number(text string, start int) (token, *fault) {
	i := start
	digits := func() {
		for i < len(text) && (isDigit(text[i]) || text[i] == '_' && i > start && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1])) {
			i++
		}
	}
	digits()
	if i < len(text) && text[i] == '.' && !strings.HasPrefix(text[i:], "..") {
		i++
		digits()
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		j := i + 1
		if j < len(text) && (text[j] == '+' || text[j] == '-') {
			j++
		}
		if j < len(text) && isDigit(text[j]) {
			i = j
			digits()
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(text[start:i], "_", ""), 64)
	if err != nil || v == 0 && strings.ContainsAny(mantissa(text[start:i]), "123456789") {
		return token{}, faultf(Span{start, i}, "this number does not fit")
	}
	if i < len(text) && text[i] == '.' && !strings.HasPrefix(text[i:], "..") {
		return token{}, faultf(Span{start, i + 1}, "a number has one decimal point; write a range with two dots or with `to`")
	}
	return token{kind: tokenNumber, text: text[start:i], value: v, Span: Span{start, i}}, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// mantissa is a number without its exponent.
func mantissa(text string) string {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i]
	}
	return text
}
