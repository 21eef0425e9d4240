package format

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// token is a piece of a section.
type token struct {
	kind  tokenKind
	text  string // of a literal; the digits of a fixed denominator; AM/PM as it is written
	char  byte   // digit: 0 # or ?; date: one of y m d h s, M for minutes; exponent: its sign
	count int    // date: how many letters
}

type tokenKind uint8

const (
	literal tokenKind = iota
	digit
	point
	comma
	percent
	exponent
	slash
	denominator // a fixed one, in digits
	generalNumber
	at
	date
	elapsed
	halfDay // AM/PM or A/P
	decimals
)

// longest is Excel's limit of a format code.
const longest = 255

func parse(code string) (*Format, error) {
	if utf8.RuneCountInString(code) > longest {
		return nil, fmt.Errorf("number format: longer than %d characters", longest)
	}
	var sections []*section
	rest := code
	for more := true; more; {
		s := &section{}
		var err error
		if rest, more, err = s.lex(rest); err == nil {
			err = s.resolve()
		}
		if err != nil {
			return nil, fmt.Errorf("number format %q, section %d: %w", code, len(sections)+1, err)
		}
		sections = append(sections, s)
	}
	f := &Format{sections: sections}
	n := len(sections)
	switch {
	case n > 4:
		return nil, fmt.Errorf("number format %q: more than four sections", code)
	case n == 4 || sections[n-1].text:
		f.sections, f.text = sections[:n-1], sections[n-1]
	case n == 1 && sections[0].literal():
		f.text = sections[0]
	}
	for _, s := range f.sections {
		if s.text {
			return nil, fmt.Errorf("number format %q: @ in a section for numbers", code)
		}
	}
	return f, nil
}

// lex reads a section, and returns what follows the semicolon after it.
func (s *section) lex(code string) (rest string, more bool, err error) {
	add := func(t token) { s.tokens = append(s.tokens, t) }
	for i := 0; i < len(code); {
		c := code[i]
		_, size := utf8.DecodeRuneInString(code[i:])
		switch {
		case c == ';':
			return code[i+1:], true, nil
		case c == '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return "", false, fmt.Errorf("a quotation mark is not closed")
			}
			add(token{kind: literal, text: code[i+1 : i+1+end]})
			size = end + 2
		case c == '\\', c == '_', c == '*':
			if i+1 == len(code) {
				return "", false, fmt.Errorf("nothing follows %q", string(c))
			}
			_, n := utf8.DecodeRuneInString(code[i+1:])
			size += n
			switch c {
			case '\\':
				add(token{kind: literal, text: code[i+1 : i+1+n]})
			case '_':
				add(token{kind: literal, text: " "})
			}
		case c == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return "", false, fmt.Errorf("a bracket is not closed")
			}
			if err := s.bracket(code[i+1 : i+end]); err != nil {
				return "", false, err
			}
			size = end + 1
		case c == '0', c == '#', c == '?':
			add(token{kind: digit, char: c})
		case c == '.':
			add(token{kind: point})
		case c == ',':
			add(token{kind: comma})
		case c == '%':
			add(token{kind: percent})
		case c == '/':
			add(token{kind: slash})
			for i+size < len(code) && code[i+size] >= '0' && code[i+size] <= '9' {
				size++
			}
			// After a slash "16" is a denominator, while "00" is room for one.
			if digits := code[i+1 : i+size]; strings.Trim(digits, "0") != "" {
				add(token{kind: denominator, text: digits})
			} else {
				size = 1
			}
		case c == '@':
			add(token{kind: at})
			s.text = true
		case hasPrefixFold(code[i:], "General"):
			add(token{kind: generalNumber})
			size = len("General")
		case hasPrefixFold(code[i:], "AM/PM"):
			add(token{kind: halfDay, text: code[i : i+5]})
			size = 5
		case hasPrefixFold(code[i:], "A/P"):
			add(token{kind: halfDay, text: code[i : i+3]})
			size = 3
		case c|0x20 == 'e' && i+1 < len(code) && (code[i+1] == '+' || code[i+1] == '-'):
			add(token{kind: exponent, char: code[i+1], text: code[i : i+1]})
			size = 2
		case strings.IndexByte("ymdhseYMDHSE", c) >= 0:
			for i+size < len(code) && code[i+size]|0x20 == c|0x20 {
				size++
			}
			t := token{kind: date, char: c | 0x20, count: size}
			if t.char == 'e' {
				t.char, t.count = 'y', 4
			}
			add(t)
		case strings.IndexByte("bgnBGN", c) >= 0:
			return "", false, fmt.Errorf("the letter %q must be in quotation marks", string(c))
		default:
			add(token{kind: literal, text: code[i : i+size]})
		}
		i += size
	}
	return "", false, nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

var colours = []string{"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow"}

// bracket reads what stands in brackets: a colour, a condition, a currency and language, or a total of hours, minutes or
// seconds.
func (s *section) bracket(text string) error {
	lower := strings.ToLower(text)
	for _, c := range colours {
		if lower == c {
			return nil
		}
	}
	if n, ok := strings.CutPrefix(lower, "color"); ok {
		if i, err := strconv.Atoi(strings.TrimSpace(n)); err == nil && i >= 1 && i <= 56 {
			return nil
		}
	}
	if symbol, ok := strings.CutPrefix(text, "$"); ok {
		if symbol, _, _ = strings.Cut(symbol, "-"); symbol != "" {
			s.tokens = append(s.tokens, token{kind: literal, text: symbol})
		}
		return nil
	}
	if lower != "" && strings.Trim(lower, lower[:1]) == "" && strings.Contains("hms", lower[:1]) {
		s.tokens = append(s.tokens, token{kind: elapsed, char: lower[0], count: len(lower)})
		return nil
	}
	for _, op := range []string{"<=", ">=", "<>", "<", ">", "="} {
		if limit, ok := strings.CutPrefix(text, op); ok {
			f, err := strconv.ParseFloat(strings.TrimSpace(limit), 64)
			if err != nil || f-f != 0 {
				break
			}
			s.condition, s.when = condition{op, f}, true
			return nil
		}
	}
	return fmt.Errorf("[%s] is not known", text)
}

// resolve finds out what kind of section this is, and what its ambiguous characters mean there.
func (s *section) resolve() error {
	digits, generals, calendar := 0, 0, false
	for _, t := range s.tokens {
		switch t.kind {
		case digit:
			digits++
		case generalNumber:
			generals++
		case date, elapsed, halfDay:
			calendar = true
		}
	}
	switch {
	case generals > 0 && (digits > 0 || calendar || generals > 1):
		return fmt.Errorf("the word General beside other placeholders")
	case s.text && (digits > 0 || generals > 0 || calendar):
		return fmt.Errorf("@ beside placeholders for numbers")
	case generals > 0 || s.text:
		s.kind = general
		s.literally(point, comma, percent, slash, denominator, exponent)
		return nil
	case calendar:
		s.kind = dates
		return s.resolveDate()
	}
	return s.resolveNumber()
}

// literal reports whether the section shows the same whatever the value is, text included.
func (s *section) literal() bool {
	for _, t := range s.tokens {
		if t.kind != literal {
			return false
		}
	}
	return !s.when
}

// literally makes literals of the tokens of these kinds.
func (s *section) literally(kinds ...tokenKind) {
	for i, t := range s.tokens {
		for _, k := range kinds {
			if t.kind != k {
				continue
			}
			switch k {
			case point:
				t.text = "."
			case comma:
				t.text = ","
			case percent:
				t.text = "%"
			case slash:
				t.text = "/"
			case exponent:
				t.text += string(t.char)
			}
			s.tokens[i] = token{kind: literal, text: t.text}
			break
		}
	}
}
