package fn

import (
	"strings"
	"unicode/utf8"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

// textPartTable are the functions that find, cut out and replace parts of text by their place.
var textPartTable = []*Func{
	{Name: "FIND", Category: "Text", Takes: "t t n?", Doc: "the place of a text in another one, case included", Body: textFind},
	{Name: "FINDB", Category: "Text", Takes: "t t n?", Doc: "FIND in bytes, which in English are characters", Body: textFind},
	{Name: "LEFT", Category: "Text", Takes: "t n?", Doc: "the first characters of text", Body: textLeft},
	{Name: "LEFTB", Category: "Text", Takes: "t n?", Doc: "LEFT in bytes, which in English are characters", Body: textLeft},
	{Name: "LEN", Category: "Text", Takes: "t", Doc: "the number of characters in text", Body: textLength},
	{Name: "LENB", Category: "Text", Takes: "t", Doc: "LEN in bytes, which in English are characters", Body: textLength},
	{Name: "MID", Category: "Text", Takes: "t n n", Doc: "a number of characters from a place in text on", Body: textMid},
	{Name: "MIDB", Category: "Text", Takes: "t n n", Doc: "MID in bytes, which in English are characters", Body: textMid},
	{Name: "REPLACE", Category: "Text", Takes: "t n n t", Doc: "text with another text in the place of some of its characters", Body: textReplace},
	{Name: "REPLACEB", Category: "Text", Takes: "t n n t", Doc: "REPLACE in bytes, which in English are characters", Body: textReplace},
	{Name: "RIGHT", Category: "Text", Takes: "t n?", Doc: "the last characters of text", Body: textRight},
	{Name: "RIGHTB", Category: "Text", Takes: "t n?", Doc: "RIGHT in bytes, which in English are characters", Body: textRight},
	{Name: "SEARCH", Category: "Text", Takes: "t t n?", Doc: "the place of a pattern with ? and * in text, in any case", Body: textSearch},
	{Name: "SEARCHB", Category: "Text", Takes: "t t n?", Doc: "SEARCH in bytes, which in English are characters", Body: textSearch},
}

func textLength(c *Call) cell.Value { return cell.Num(float64(utf16Len(c.Str(0)))) }

// textLeft and textRight count a character beyond U+FFFF as one, in every version of Excel; it is LEN, MID, FIND, SEARCH and
// REPLACE that count its two halves in workbooks of the compatibility version 1.
func textLeft(c *Call) cell.Value {
	n := 1
	if c.given(1) {
		n = c.Int(1)
	}
	if n < 0 {
		return cell.Err(cell.ErrValue)
	}
	s := c.Str(0)
	end := 0
	for ; n > 0 && end < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return cell.Str(s[:end])
}

func textRight(c *Call) cell.Value {
	n := 1
	if c.given(1) {
		n = c.Int(1)
	}
	if n < 0 {
		return cell.Err(cell.ErrValue)
	}
	s := c.Str(0)
	start := len(s)
	for ; n > 0 && start > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	return cell.Str(s[start:])
}

func textMid(c *Call) cell.Value {
	from, n := c.Int(1), c.Int(2)
	if from < 1 || n < 0 {
		return cell.Err(cell.ErrValue)
	}
	return cell.Str(utf16Slice(c.Str(0), from-1, from-1+n))
}

func textReplace(c *Call) cell.Value {
	s, from, n := c.Str(0), c.Int(1), c.Int(2)
	if from < 1 || n < 0 {
		return cell.Err(cell.ErrValue)
	}
	all := utf16Len(s)
	return fitText(utf16Slice(s, 0, from-1) + c.Str(3) + utf16Slice(s, from-1+n, all))
}

func textFind(c *Call) cell.Value {
	return textPlace(c, utf16Len(c.Str(1))+1, func(s string) int { return strings.Index(s, c.Str(0)) })
}

// textSearch differs from textFind in that it begins at a character, so that nothing is found in empty text.
func textSearch(c *Call) cell.Value {
	if utf16Len(c.Str(0)) > wildcard.MaxLength {
		return cell.Err(cell.ErrValue)
	}
	return textPlace(c, utf16Len(c.Str(1)), wildcard.Compile(c.Str(0)).Find)
}

// textPlace finds something in the second argument from the third on, which may be up to last, and returns where, from 1 on.
func textPlace(c *Call, last int, find func(string) int) cell.Value {
	s, from := c.Str(1), 1
	if c.given(2) {
		from = c.Int(2)
	}
	if from < 1 || from > last {
		return cell.Err(cell.ErrValue)
	}
	at := utf16Offset(s, from-1)
	i := find(s[at:])
	if i < 0 {
		return cell.Err(cell.ErrValue)
	}
	return cell.Num(float64(utf16Len(s[:at+i]) + 1))
}
