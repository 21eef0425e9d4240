package fn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// textTable are the functions of text. Those whose name ends in B count bytes where the language of Excel writes with
// double-byte characters; in English they are the ones without the B.
var textTable = []*Func{
	{Name: "CHAR", Category: "Text", Takes: "n", Doc: "the character with a number from 1 to 255, in Windows' Western code page", Body: textChar},
	{Name: "CLEAN", Category: "Text", Takes: "t", Doc: "text without the control characters 0 to 31", Body: func(c *Call) cell.Value {
		return cell.Str(strings.Map(func(r rune) rune {
			if r < 32 {
				return -1
			}
			return r
		}, c.Str(0)))
	}},
	{Name: "CODE", Category: "Text", Takes: "t", Doc: "the number of the first character, in Windows' Western code page", Body: textCode},
	{Name: "ENCODEURL", Category: "Web", Takes: "t", Doc: "text with all that has a meaning in an address written as %XX", Body: encodeURL},
	{Name: "EXACT", Category: "Text", Takes: "t t", Doc: "whether two texts are the same, case included", Body: func(c *Call) cell.Value {
		return cell.Truth(c.Str(0) == c.Str(1))
	}},
	{Name: "LOWER", Category: "Text", Takes: "t", Doc: "text in lower case", Body: func(c *Call) cell.Value {
		return fitText(strings.ToLower(c.Str(0)))
	}},
	{Name: "PROPER", Category: "Text", Takes: "t", Doc: "text with the first letter of each word in upper case, the others in lower case", Body: textProper},
	{Name: "REPT", Category: "Text", Takes: "t n", Doc: "text repeated a number of times", Body: textRept},
	{Name: "SUBSTITUTE", Category: "Text", Takes: "t t t n?", Doc: "text with another text in the place of all or one of the occurrences of an old one", Body: textSubstitute},
	{Name: "T", Category: "Text", Takes: "a", Doc: "its argument where that is text, else empty text", Body: onlyText},
	{Name: "TRIM", Category: "Text", Takes: "t", Doc: "text without spaces around it and with single spaces inside", Body: func(c *Call) cell.Value {
		return cell.Str(trimSpaces(c.Str(0)))
	}},
	{Name: "UNICHAR", Category: "Text", Takes: "n", Doc: "the character with a number in Unicode", Body: func(c *Call) cell.Value {
		n := c.Int(0)
		switch {
		case n < 1 || n > unicode.MaxRune:
			return cell.Err(cell.ErrValue)
		case !utf8.ValidRune(rune(n)):
			return cell.Err(cell.ErrNA)
		}
		return cell.Str(string(rune(n)))
	}},
	{Name: "UNICODE", Category: "Text", Takes: "t", Doc: "the number of the first character in Unicode", Body: func(c *Call) cell.Value {
		for _, r := range c.Str(0) {
			return cell.Num(float64(r))
		}
		return cell.Err(cell.ErrValue)
	}},
	{Name: "UPPER", Category: "Text", Takes: "t", Doc: "text in upper case", Body: func(c *Call) cell.Value {
		return fitText(strings.ToUpper(c.Str(0)))
	}},
}

// fitText is the text s, or #VALUE! where a cell cannot hold it.
func fitText(s string) cell.Value {
	if TooLong(s) {
		return cell.Err(cell.ErrValue)
	}
	return cell.Str(s)
}

// given reports whether argument i is there, if only as an empty place between commas. The older functions take such a place for
// 0 and not for the default.
func (c *Call) given(i int) bool { return i < len(c.Args) }

// upperLeft returns the first value of argument i, uncoerced: of a reference or an array that at its upper left.
func (c *Call) upperLeft(i int) cell.Value {
	if !c.given(i) {
		return cell.Omitted()
	}
	switch v := c.Args[i]; v.Kind() {
	case cell.Ref:
		a := v.Areas()[0]
		return c.Cell(a.Sheet, a.R0, a.C0)
	case cell.Array:
		return v.Grid().Cells[0]
	default:
		return v
	}
}

// western are the characters 128 to 159 of Windows' code page 1252. Five of them are not assigned and stand for
// themselves.
var western = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8D, 'Ž', 0x8F,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9D, 'ž', 'Ÿ',
}

func textChar(c *Call) cell.Value {
	n := c.Int(0)
	switch {
	case n < 1 || n > 255:
		return cell.Err(cell.ErrValue)
	case n >= 128 && n < 160:
		return cell.Str(string(western[n-128]))
	}
	return cell.Str(string(rune(n)))
}

func textCode(c *Call) cell.Value {
	s := c.Str(0)
	if s == "" {
		return cell.Err(cell.ErrValue)
	}
	r, _ := utf8.DecodeRuneInString(s)
	if r < 128 || r >= 160 && r < 256 {
		return cell.Num(float64(r))
	}
	for i, w := range western {
		if w == r {
			return cell.Num(float64(128 + i))
		}
	}
	return cell.Num('?') // as Windows writes what the code page does not have
}

func encodeURL(c *Call) cell.Value {
	const hex = "0123456789ABCDEF"
	s := c.Str(0)
	var out strings.Builder
	for i := range len(s) {
		b := s[i]
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.', b == '~':
			out.WriteByte(b)
		default:
			out.WriteByte('%')
			out.WriteByte(hex[b>>4])
			out.WriteByte(hex[b&15])
		}
	}
	return fitText(out.String())
}

func textProper(c *Call) cell.Value {
	inside := false
	return fitText(strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) {
			inside = unicode.IsMark(r) && inside
			return r
		}
		if inside {
			return unicode.ToLower(r)
		}
		inside = true
		return unicode.ToTitle(r)
	}, c.Str(0)))
}

func textRept(c *Call) cell.Value {
	s, n := c.Str(0), c.Int(1)
	if n < 0 {
		return cell.Err(cell.ErrValue)
	}
	if s == "" || n == 0 {
		return cell.Str("")
	}
	if n > MaxText || utf16Len(s)*n > MaxText {
		return cell.Err(cell.ErrValue)
	}
	return cell.Str(strings.Repeat(s, n))
}

func textSubstitute(c *Call) cell.Value {
	s, old, instead := c.Str(0), c.Str(1), c.Str(2)
	if !c.given(3) {
		if old == "" {
			return cell.Str(s)
		}
		if grown := len(s) + strings.Count(s, old)*(len(instead)-len(old)); grown > 3*MaxText {
			return cell.Err(cell.ErrValue) // a character takes at most 3 bytes
		}
		return fitText(strings.ReplaceAll(s, old, instead))
	}
	which := c.Int(3)
	if which < 1 {
		return cell.Err(cell.ErrValue)
	}
	if old == "" {
		return cell.Str(s)
	}
	for at := 0; ; {
		i := strings.Index(s[at:], old)
		if i < 0 {
			return cell.Str(s)
		}
		at += i
		if which--; which == 0 {
			return fitText(s[:at] + instead + s[at+len(old):])
		}
		at += len(old)
	}
}

func onlyText(c *Call) cell.Value {
	only := func(v cell.Value) cell.Value {
		if v.Kind() == cell.Text || v.IsError() {
			return v
		}
		return cell.Str("")
	}
	if g := c.Args[0].Grid(); g != nil {
		out := cell.NewGrid(g.Rows, g.Cols)
		for i, v := range g.Cells {
			out.Cells[i] = only(v)
		}
		return cell.Arr(out)
	}
	return only(c.upperLeft(0))
}

// trimSpaces takes away the spaces around s and all but one of those between words. Other white space stays.
func trimSpaces(s string) string {
	s = strings.Trim(s, " ")
	if !strings.Contains(s, "  ") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}
