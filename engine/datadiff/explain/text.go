package explain

import (
	"bytes"
	"html"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/napkin-infra/napkin/engine/datadiff/canon"
)

func (c *Column) addTexts(a, b []byte) {
	x, y := canon.Content(a), canon.Content(b)
	switch {
	case len(x) == 0:
		c.hit(emptyA, a, b)
		return
	case len(y) == 0:
		c.hit(emptyB, a, b)
		return
	}
	if c.addTrimmed(a, b, x, y) {
		return
	}
	c.addTruncated(a, b, x, y)
	if len(x) > examinedMax || len(y) > examinedMax {
		return
	}
	if bytes.EqualFold(x, y) {
		c.hit(equalFold, a, b)
	}
	if !ascii(x) || !ascii(y) {
		c.addEncoded(a, b, x, y)
	}
	if canon.Tag(a[0]) == canon.Text {
		c.addMoments(a, b)
	}
	if numberlike(x) && numberlike(y) {
		c.addWrittenNumbers(a, b, x, y)
	}
	switch {
	case escaped(x, y):
		c.hit(escapedB, a, b)
	case escaped(y, x):
		c.hit(escapedA, a, b)
	}
}

// addTrimmed tests blanks at the ends and the ends of lines. Where it explains a pair, a cut is no
// explanation of its own.
func (c *Column) addTrimmed(a, b, x, y []byte) bool {
	switch {
	case bytes.Equal(bytes.TrimRight(x, blanks), bytes.TrimRight(y, blanks)):
		c.hit(trailingBlanks, a, b)
	case bytes.Equal(bytes.TrimLeft(x, blanks), bytes.TrimLeft(y, blanks)):
		c.hit(leadingBlanks, a, b)
	case bytes.Equal(bytes.Trim(x, blanks), bytes.Trim(y, blanks)):
		c.hit(blanksAround, a, b)
	case equalLines(x, y):
		c.hit(lineEnds, a, b)
	default:
		return false
	}
	return true
}

const blanks = " \t\r\n\v\f"

// equalLines compares with CR LF and a lone CR taken as LF.
func equalLines(x, y []byte) bool {
	for len(x) > 0 && len(y) > 0 {
		cx, nx := lineByte(x)
		cy, ny := lineByte(y)
		if cx != cy {
			return false
		}
		x, y = x[nx:], y[ny:]
	}
	return len(x) == len(y)
}

func lineByte(s []byte) (c byte, n int) {
	if s[0] != '\r' {
		return s[0], 1
	}
	if len(s) > 1 && s[1] == '\n' {
		return '\n', 2
	}
	return '\n', 1
}

// lengths are the least and greatest length of the shorter text of cut pairs.
type lengths struct {
	rows, minBytes, maxBytes, minChars, maxChars int64
}

func (c *Column) addTruncated(a, b, x, y []byte) {
	switch {
	case bytes.HasPrefix(x, y):
		c.hit(cutB, a, b)
		c.prefixB.add(y)
	case bytes.HasPrefix(y, x):
		c.hit(cutA, a, b)
		c.prefixA.add(x)
	}
}

func (l *lengths) add(s []byte) {
	n, chars := int64(len(s)), int64(utf8.RuneCount(s))
	l.merge(lengths{1, n, n, chars, chars})
}

func (l *lengths) merge(o lengths) {
	switch {
	case o.rows == 0:
	case l.rows == 0:
		*l = o
	default:
		*l = lengths{l.rows + o.rows, min(l.minBytes, o.minBytes), max(l.maxBytes, o.maxBytes), min(l.minChars, o.minChars), max(l.maxChars, o.maxChars)}
	}
}

func ascii(s []byte) bool {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// addEncoded tests the rules about characters beyond ASCII.
func (c *Column) addEncoded(a, b, x, y []byte) {
	c.bufA = norm.NFC.Append(c.bufA[:0], x...)
	c.bufB = norm.NFC.Append(c.bufB[:0], y...)
	if bytes.Equal(c.bufA, c.bufB) {
		c.hit(equalNFC, a, b)
	}
	switch {
	case encodedTwice(x, y):
		c.hit(mojibakeB, a, b)
	case encodedTwice(y, x):
		c.hit(mojibakeA, a, b)
	}
	switch {
	case replaced(x, y, 1) || replaced(x, y, utf8.UTFMax):
		c.hit(replacedB, a, b)
	case replaced(y, x, 1) || replaced(y, x, utf8.UTFMax):
		c.hit(replacedA, a, b)
	}
}

// windows1252 are the characters of the bytes 0x80 to 0x9f in Windows-1252, which is what MySQL calls
// latin1; 0 where it has none, and readers put the control character of ISO 8859-1 there (Encoding
// Standard of the WHATWG, index-windows-1252).
var windows1252 = [32]rune{
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
}

// encodedTwice says whether y holds the bytes of x, read as ISO 8859-1 or Windows-1252 and encoded in
// UTF-8 once more.
func encodedTwice(x, y []byte) bool {
	if len(y) <= len(x) || !utf8.Valid(x) {
		return false
	}
	for _, c := range x {
		if len(y) == 0 {
			return false
		}
		r, n := utf8.DecodeRune(y)
		if r == utf8.RuneError || r != rune(c) && (c < 0x80 || c > 0x9f || r != windows1252[c-0x80]) {
			return false
		}
		y = y[n:]
	}
	return len(y) == 0
}

// replaced says whether y is x with at least one character beyond ASCII, or a byte that is no UTF-8,
// replaced by '?' or U+FFFD: by one, or by one for each byte if marks allows so many.
func replaced(x, y []byte, marks int) bool {
	some := false
	for len(x) > 0 {
		rx, nx := utf8.DecodeRune(x)
		if len(y) == 0 {
			return false
		}
		ry, ny := utf8.DecodeRune(y)
		switch {
		case bytes.Equal(x[:nx], y[:ny]):
		case (rx >= utf8.RuneSelf) && (ry == '?' || ry == utf8.RuneError && ny > 1):
			some = true
			for range min(nx, marks) - 1 {
				y = y[ny:]
				var next rune
				if next, ny = utf8.DecodeRune(y); next != ry || len(y) == 0 {
					return false
				}
			}
		default:
			return false
		}
		x, y = x[nx:], y[ny:]
	}
	return some && len(y) == 0
}

func numberlike(s []byte) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	c := s[len(s)-1]
	return c >= '0' && c <= '9' || c == '.'
}

// addWrittenNumbers tests texts that are one number, written differently: "007" and "7".
func (c *Column) addWrittenNumbers(a, b, x, y []byte) {
	// The text is looked through first: the error of a text that is no number costs more than all else.
	if !plainNumber(x) || !plainNumber(y) {
		return
	}
	var err error
	if c.bufA, err = canon.AppendDecimal(c.bufA[:0], x); err != nil {
		return
	}
	if c.bufB, err = canon.AppendDecimal(c.bufB[:0], y); err == nil && bytes.Equal(c.bufA, c.bufB) {
		c.hit(equalNumber, a, b)
	}
}

func plainNumber(s []byte) bool {
	digits, points := 0, 0
	for i, c := range s {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case i == 0 && (c == '-' || c == '+'):
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

// escaped says whether y is x written in quotes, with HTML's entities, or with backslashes.
func escaped(x, y []byte) bool {
	if len(y) <= len(x) {
		return false
	}
	if bytes.IndexByte(y, '&') >= 0 && html.UnescapeString(string(y)) == string(x) {
		return true
	}
	inner, quote := y, byte(0)
	if n := len(y); n >= 2 && y[0] == y[n-1] && (y[0] == '"' || y[0] == '\'') {
		inner, quote = y[1:n-1], y[0]
		if bytes.Equal(inner, x) {
			return true
		}
		if equalDoubled(x, inner, quote) {
			return true
		}
	}
	if bytes.IndexByte(y, '\\') < 0 {
		return quote == 0 && (equalDoubled(x, y, '\'') || equalDoubled(x, y, '"'))
	}
	return equalBackslashed(x, inner) || equalBackslashed(x, y)
}

// equalDoubled says whether y is x with each quote written twice.
func equalDoubled(x, y []byte, quote byte) bool {
	for _, c := range x {
		if len(y) == 0 || y[0] != c {
			return false
		}
		y = y[1:]
		if c == quote {
			if len(y) == 0 || y[0] != quote {
				return false
			}
			y = y[1:]
		}
	}
	return len(y) == 0
}

// equalBackslashed says whether y is x with backslash escapes of C, JSON and MySQL.
func equalBackslashed(x, y []byte) bool {
	var one [utf8.UTFMax]byte
	for len(y) > 0 {
		literal, n := y[:1], 1
		if y[0] == '\\' && len(y) > 1 {
			literal, n = one[:1], 2
			switch y[1] {
			case 'n':
				one[0] = '\n'
			case 'r':
				one[0] = '\r'
			case 't':
				one[0] = '\t'
			case 'b':
				one[0] = '\b'
			case 'f':
				one[0] = '\f'
			case '0':
				one[0] = 0
			case 'u':
				r, ok := hexRune(y[2:])
				if !ok {
					return false
				}
				literal, n = one[:utf8.EncodeRune(one[:], r)], 6
			default:
				one[0] = y[1]
			}
		}
		if !bytes.HasPrefix(x, literal) {
			return false
		}
		x, y = x[len(literal):], y[n:]
	}
	return len(x) == 0
}

func hexRune(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
