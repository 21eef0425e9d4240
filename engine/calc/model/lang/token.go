package lang

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota // of a logical line
	tokenNumber
	tokenName
	tokenText // in quotes
	tokenDate // 2024-03, FY2025-Q1; a year alone is a number
	tokenSign
)

type token struct {
	kind  tokenKind
	text  string // of texts without quotes; of signs in the canonical spelling
	value float64
	Span
	spaced bool // white space stands before it
}

// line is a logical line: lines within parentheses or brackets belong together. Its last token is a tokenEnd.
type line struct {
	indent int
	tokens []token
}

// fault is an error before its place in the text is worked out.
type fault struct {
	Span
	message, hint string
}

func faultf(at Span, format string, args ...any) *fault {
	return &fault{Span: at, message: fmt.Sprintf(format, args...)}
}

func (f *fault) with(hint string) *fault { f.hint = hint; return f }

// signs in the order in which they are tried, with their canonical spelling.
var signs = []struct{ text, means string }{
	{"->", "->"}, {"→", "->"}, {"..", ".."}, {"<=", "<="}, {">=", ">="}, {"==", "="}, {"!=", "!="}, {"<>", "!="}, {"≤", "<="}, {"≥", ">="}, {"≠", "!="},
	{"−", "-"}, {"×", "*"}, {"·", "*"}, {"÷", "/"}, {"+", "+"}, {"-", "-"}, {"*", "*"}, {"/", "/"}, {"^", "^"}, {"(", "("}, {")", ")"}, {"[", "["}, {"]", "]"},
	{",", ","}, {":", ":"}, {"=", "="}, {"<", "<"}, {">", ">"},
}

// strangers are signs of other languages, with what to write here.
var strangers = map[rune]string{
	'%': "a percent sign stands at its number, without a space: 5%", '\'': "texts stand in double quotes", '“': "texts stand in straight double quotes", '”': "texts stand in straight double quotes",
	'&': "write and", '|': "write or", '!': "write not, or != for different", '$': "amounts are plain numbers", '€': "amounts are plain numbers", '£': "amounts are plain numbers",
	';': "each statement has a line of its own", '{': "what belongs to a statement is indented below it", '}': "what belongs to a statement is indented below it",
}

// lexer cuts a text into logical lines.
type lexer struct {
	text   string
	lines  []line
	open   int // parentheses and brackets that are open
	spaced bool
	tokens int
	fault  *fault
}

func lex(text string) ([]line, *fault) {
	l := &lexer{text: text}
	for i := 0; i < len(text) && l.fault == nil; {
		i = l.physicalLine(i)
	}
	if l.fault != nil {
		return nil, l.fault
	}
	if n := len(l.lines); n > 0 {
		l.end(&l.lines[n-1])
	}
	return l.lines, nil
}

// end closes a logical line with a token behind its last one.
func (l *lexer) end(at *line) {
	last := at.tokens[len(at.tokens)-1].End
	at.tokens = append(at.tokens, token{kind: tokenEnd, Span: Span{Start: last, End: last}, spaced: true})
}

// physicalLine reads one line and returns where the next one starts.
func (l *lexer) physicalLine(i int) int {
	start := i
	l.spaced = true
	started := false
	for i < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[i:])
		switch {
		case r == '\n':
			return i + 1
		case r == ' ' || r == '\t' || r == '\r' || r == '\u00a0' || r == '\u202f' || r == '\ufeff':
			i += size
			l.spaced = true
			continue
		case r == '#':
			if end := strings.IndexByte(l.text[i:], '\n'); end >= 0 {
				return i + end + 1
			}
			return len(l.text)
		}
		t, f := l.token(i)
		if f != nil {
			l.fault = f
			return i
		}
		if !started && l.open == 0 {
			if n := len(l.lines); n > 0 {
				l.end(&l.lines[n-1])
			}
			l.lines = append(l.lines, line{indent: utf8.RuneCountInString(strings.TrimPrefix(l.text[start:i], "\ufeff"))})
		}
		started = true
		if l.tokens++; l.tokens > maxTokens {
			l.fault = faultf(t.Span, "the text has more than %d words and signs", maxTokens)
			return i
		}
		if t.kind == tokenSign {
			switch t.text {
			case "(", "[":
				l.open++
			case ")", "]":
				l.open = max(0, l.open-1)
			}
		}
		t.spaced, l.spaced = l.spaced, false
		at := &l.lines[len(l.lines)-1]
		at.tokens = append(at.tokens, t)
		i = t.End
	}
	return i
}

func (l *lexer) token(i int) (token, *fault) {
	text := l.text
	r, size := utf8.DecodeRuneInString(text[i:])
	switch {
	case isDigit(text[i]):
		if end := dateEnd(text, i); end > 0 {
			if _, ok := calendar.ParseDate(text[i:end]); !ok {
				return token{}, faultf(Span{Start: i, End: end}, "there is no such date").with("dates are written 2024-03-31, 2024-03, 2024-Q1, 2024-W09; to subtract, put spaces around the minus")
			}
			return token{kind: tokenDate, text: text[i:end], Span: Span{Start: i, End: end}}, nil
		}
		return number(text, i)
	case r == '.' && i+1 < len(text) && isDigit(text[i+1]):
		return number(text, i)
	case letter(r):
		end := nameEnd(text, i)
		if name := text[i:end]; strings.HasPrefix(name, "FY") {
			if strings.HasPrefix(text[end:], "-Q") {
				if _, ok := calendar.ParseDate(text[i:min(end+3, len(text))]); ok {
					return token{kind: tokenDate, text: text[i : end+3], Span: Span{Start: i, End: end + 3}}, nil
				}
			}
			if _, ok := calendar.ParseDate(name); ok {
				return token{kind: tokenDate, text: name, Span: Span{Start: i, End: end}}, nil
			}
		}
		return token{kind: tokenName, text: text[i:end], Span: Span{Start: i, End: end}}, nil
	case r == '"':
		return quoted(text, i)
	}
	for _, s := range signs {
		if strings.HasPrefix(text[i:], s.text) {
			return token{kind: tokenSign, text: s.means, Span: Span{Start: i, End: i + len(s.text)}}, nil
		}
	}
	f := faultf(Span{Start: i, End: i + size}, "%s has no meaning here", strconv.QuoteRune(r))
	f.hint = strangers[r]
	return token{}, f
}

// quoted reads a text in double quotes, in which a doubled quote stands for one.
func quoted(text string, start int) (token, *fault) {
	var b strings.Builder
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\n':
			return token{}, faultf(Span{Start: start, End: i}, "this text has no closing quote on its line")
		case '"':
			if i+1 < len(text) && text[i+1] == '"' {
				b.WriteByte('"')
				i++
				continue
			}
			s := b.String()
			if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				return token{}, faultf(Span{Start: start, End: i + 1}, "a text has no control characters")
			}
			return token{kind: tokenText, text: s, Span: Span{Start: start, End: i + 1}}, nil
		default:
			b.WriteByte(text[i])
		}
	}
	return token{}, faultf(Span{Start: start, End: len(text)}, "this text has no closing quote on its line")
}

// dateEnd returns where a date ends that begins with four digits and a minus without spaces, or 0 where none begins.
func dateEnd(text string, i int) int {
	j := i
	for j < len(text) && isDigit(text[j]) {
		j++
	}
	if j-i != 4 || j+1 >= len(text) || text[j] != '-' {
		return 0
	}
	next := text[j+1]
	if !isDigit(next) && next != 'Q' && next != 'W' {
		return 0
	}
	j += 2
	for j < len(text) && (isDigit(text[j]) || text[j] == '-' && j+1 < len(text) && isDigit(text[j+1])) {
		j++
	}
	return j
}

// suffixes of numbers, as powers of ten.
var suffixes = map[string]int{"": 0, "%": -2, "k": 3, "M": 6, "bn": 9}

// number reads digits with underscores between them, a fraction, an exponent and a suffix. Two dots begin the rest of a
// range and are not part of the number.
func number(text string, start int) (token, *fault) {
	i := start
	digits := func() {
		for i < len(text) && (isDigit(text[i]) || text[i] == '_' && i > start && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1])) {
			i++
		}
	}
	digits()
	if i+1 < len(text) && text[i] == '.' && isDigit(text[i+1]) {
		i++
		digits()
	}
	exponent := 0
	mantissa := strings.ReplaceAll(text[start:i], "_", "")
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		j := i + 1
		if j < len(text) && (text[j] == '+' || text[j] == '-') {
			j++
		}
		if k := j; k < len(text) && isDigit(text[k]) {
			for k < len(text) && isDigit(text[k]) {
				k++
			}
			n, err := strconv.Atoi(text[i+1 : k])
			if err != nil || n > 400 || n < -400 {
				return token{}, faultf(Span{Start: start, End: k}, "this number does not fit")
			}
			exponent, i = n, k
		}
	}
	end := i
	if i < len(text) && text[i] == '%' {
		end++
	} else if r, _ := utf8.DecodeRuneInString(text[i:]); i < len(text) && letter(r) {
		end = nameEnd(text, i)
	}
	power, known := suffixes[text[i:end]]
	if !known {
		hint := "the suffixes of numbers are % k M bn; to multiply, write *"
		switch text[i:end] {
		case "m", "mn", "mio", "million":
			hint = "write M for a million"
		case "b", "B", "G", "billion":
			hint = "write bn for a billion"
		case "K", "T":
			hint = "write k for a thousand, or 1_000"
		}
		return token{}, faultf(Span{Start: i, End: end}, "%q is no suffix of a number", text[i:end]).with(hint)
	}
	// The suffix is put into the exponent, so that 0.1% is the double nearest to 0.001.
	v, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(exponent+power), 64)
	if err != nil || v == 0 && strings.ContainsAny(mantissa, "123456789") {
		return token{}, faultf(Span{Start: start, End: end}, "this number does not fit")
	}
	if end+1 < len(text) && text[end] == '.' && text[end+1] != '.' {
		return token{}, faultf(Span{Start: start, End: end + 1}, "a number has one decimal point, and digits behind it").with("write 1000 or 1_000 for a thousand")
	}
	return token{kind: tokenNumber, text: text[start:end], value: v, Span: Span{Start: start, End: end}}, nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func letter(r rune) bool { return r == '_' || r != utf8.RuneError && unicode.IsLetter(r) }

// nameEnd returns where a word ends: letters, digits and underscores, and dots before one of them.
func nameEnd(text string, i int) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if letter(r) || unicode.IsDigit(r) {
			i += size
			continue
		}
		if r == '.' {
			if next, _ := utf8.DecodeRuneInString(text[i+1:]); letter(next) || unicode.IsDigit(next) {
				i++
				continue
			}
		}
		break
	}
	return i
}

// bare reports whether a name can be written without quotes.
func bare(name string) bool {
	if name == "" || reserved[name] {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(name); !letter(r) || nameEnd(name, 0) != len(name) {
		return false
	}
	_, date := calendar.ParseDate(name)
	return !date
}
