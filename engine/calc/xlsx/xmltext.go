package xlsx

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a byte of character data asks for. Most bytes ask for nothing, so that a loop over them is short.
const (
	isMarkup  = 1 << iota // '<'
	isEntity              // '&'
	isReturn              // '\r', which XML makes a line feed
	isEscape              // '_', which may begin _x000D_
	isBeyond              // of a character beyond ASCII
	isIllegal             // no character of XML
	isNested              // not a byte: the text holds comments, CDATA or instructions
)

var classes = func() (t [256]uint8) {
	for i := range 0x20 {
		t[i] = isIllegal
	}
	t['\t'], t['\n'], t['\r'] = 0, 0, isReturn
	t['<'], t['&'], t['_'] = isMarkup, isEntity, isEscape
	for i := 0x80; i < 0x100; i++ {
		t[i] = isBeyond
	}
	return t
}()

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// trimSpace cuts XML's white space off both ends.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// appendText appends character data as text: references resolved, CDATA unwrapped, comments left out, line ends made
// line feeds. Classes are those found in raw.
func appendText(dst, raw []byte, classes uint8) ([]byte, error) {
	switch {
	case classes&isIllegal != 0:
		return dst, errors.New("the text holds a control character, which XML does not allow")
	case classes&isBeyond != 0 && !utf8.Valid(raw):
		return dst, errors.New("the text is not UTF-8")
	case classes&(isEntity|isReturn|isNested) == 0:
		return append(dst, raw...), nil
	}
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '&':
			r, n, err := reference(raw[i:])
			if err != nil {
				return dst, err
			}
			dst = utf8.AppendRune(dst, r)
			i += n
		case c == '\r':
			dst = append(dst, '\n')
			if i++; i < len(raw) && raw[i] == '\n' {
				i++
			}
		case c == '<':
			n, _, err := aside(raw[i:])
			if err != nil || n == 0 {
				return dst, errors.New("the text holds markup")
			}
			if data, ok := bytes.CutPrefix(raw[i:i+n], []byte("<![CDATA[")); ok {
				dst = append(dst, data[:len(data)-len("]]>")]...)
			}
			i += n
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst, nil
}

// reference reads &amp; &lt; &gt; &quot; &apos; &#10; or &#x0A; and returns its length.
func reference(b []byte) (rune, int, error) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 0 {
		return 0, 0, errors.New("an & that begins no character reference")
	}
	name := string(b[1:end])
	switch name {
	case "amp":
		return '&', end + 1, nil
	case "lt":
		return '<', end + 1, nil
	case "gt":
		return '>', end + 1, nil
	case "quot":
		return '"', end + 1, nil
	case "apos":
		return '\'', end + 1, nil
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, 0, fmt.Errorf("the entity &%s; is not declared", name)
	}
	base := rune(10)
	if d, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = d, 16
	}
	var r rune
	for i := range len(digits) {
		d, ok := hexDigit(digits[i])
		if !ok || d >= base || r > utf8.MaxRune {
			digits = ""
			break
		}
		r = r*base + d
	}
	if digits == "" || r == 0 || !utf8.ValidRune(r) {
		return 0, 0, fmt.Errorf("&%s; is no character", name)
	}
	return r, end + 1, nil
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0'), true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return rune(c|0x20-'a') + 10, true
	}
	return 0, false
}

// aside returns the length of the comment, CDATA section or processing instruction that b begins with, 0 where it
// begins with something else, and more where b ends within it. A DTD is an error.
func aside(b []byte) (n int, more bool, err error) {
	if len(b) < 2 {
		return 0, true, nil
	}
	open, stop := 2, ""
	switch {
	case b[1] == '?':
		stop = "?>"
	case b[1] != '!':
		return 0, false, nil
	case bytes.HasPrefix(b, []byte("<!--")):
		open, stop = 4, "-->"
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		open, stop = 9, "]]>"
	case len(b) < 9 && (bytes.HasPrefix([]byte("<![CDATA["), b) || bytes.HasPrefix([]byte("<!--"), b)):
		return 0, true, nil
	default:
		return 0, false, errDTD
	}
	i := bytes.Index(b[open:], []byte(stop))
	if i < 0 {
		return 0, true, nil
	}
	return open + i + len(stop), false, nil
}

var errDTD = errors.New("it has a document type declaration (DTD), which no workbook has and which is not read")

// unescape resolves the escapes _x000D_ of ST_Xstring (ECMA-376 part 1, 22.9.2.19), each one unit of UTF-16, in place.
func unescape(b []byte) []byte {
	i := bytes.Index(b, []byte("_x"))
	if i < 0 {
		return b
	}
	out := b[:i]
	for i < len(b) {
		u, ok := escapedUnit(b[i:])
		if !ok {
			out = append(out, b[i])
			i++
			continue
		}
		i += 7
		r := rune(u)
		if utf16.IsSurrogate(r) {
			low, ok := escapedUnit(b[i:])
			if pair := utf16.DecodeRune(r, rune(low)); ok && pair != utf8.RuneError {
				r = pair
				i += 7
			} else {
				r = utf8.RuneError
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// escapedUnit reads _xHHHH_ at the beginning of b.
func escapedUnit(b []byte) (uint16, bool) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, false
	}
	var u rune
	for _, c := range b[2:6] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		u = u<<4 | d
	}
	return uint16(u), true
}

// appendEscaped appends text as the content of an element: markup as references, what XML cannot hold as _x0001_.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '<':
			dst = append(dst, "&lt;"...)
		case c == '>':
			dst = append(dst, "&gt;"...)
		case c < ' ' && c != '\n' && c != '\t':
			dst = fmt.Appendf(dst, "_x%04X_", c)
		case c == '_':
			if i+7 <= len(s) {
				if _, ok := escapedUnit([]byte(s[i : i+7])); ok {
					dst = append(dst, "_x005F"...)
				}
			}
			dst = append(dst, c)
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == 0xFFFE || r == 0xFFFF {
				dst = fmt.Appendf(dst, "_x%04X_", r)
			} else {
				dst = utf8.AppendRune(dst, r)
			}
			i += n - 1
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// prolog checks what stands before the root element and returns its length, or more where b ends before it.
func prolog(b []byte) (n int, more bool, err error) {
	if len(b) < 4 {
		return 0, true, nil
	}
	switch {
	case b[0] == 0xFF && b[1] == 0xFE, b[0] == 0xFE && b[1] == 0xFF, b[0] == 0, b[1] == 0:
		return 0, false, errors.New("it is in UTF-16 or UTF-32; save the workbook with a program that writes UTF-8, as all common ones do")
	case b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF:
		n = 3
	}
	for first := true; ; first = false {
		for n < len(b) && isSpace(b[n]) {
			n++
		}
		if n == len(b) {
			return 0, true, nil
		}
		if b[n] != '<' {
			return 0, false, errors.New("it is no XML")
		}
		k, more, err := aside(b[n:])
		if err != nil || more {
			return 0, more, err
		}
		if k == 0 {
			return n, false, nil
		}
		if first && bytes.HasPrefix(b[n:], []byte("<?xml")) {
			if err := checkEncoding(b[n : n+k]); err != nil {
				return 0, false, err
			}
		}
		n += k
	}
}

func checkEncoding(declaration []byte) error {
	_, rest, ok := bytes.Cut(declaration, []byte("encoding"))
	if !ok {
		return nil
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) < 2 {
		return errors.New("its XML declaration is broken")
	}
	name, _, _ := bytes.Cut(rest[1:], rest[:1])
	switch strings.ToUpper(string(name)) {
	case "UTF-8", "UTF8", "US-ASCII", "ASCII":
		return nil
	}
	return fmt.Errorf("it is in the encoding %q; only UTF-8 is read", name)
}
