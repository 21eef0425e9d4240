package fn

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/fn/wildcard"
)

// textPartTable are the functions that find, cut out and replace parts of text by their place.
var textPartTable = []*Func{
	{Name: "FIND", Category: "Text", Takes: "t t n?", Doc: "the place of a text in another one, case included", Body: find},
	{Name: "FINDB", Category: "Text", Takes: "t t n?", Doc: "FIND in bytes, which in English are characters", Body: find},
	{Name: "LEFT", Category: "Text", Takes: "t n?", Doc: "the first characters of text", Body: left},
	{Name: "LEFTB", Category: "Text", Takes: "t n?", Doc: "LEFT in bytes, which in English are characters", Body: left},
	{Name: "LEN", Category: "Text", Takes: "t", Doc: "the number of characters in text", Body: length},
	{Name: "LENB", Category: "Text", Takes: "t", Doc: "LEN in bytes, which in English are characters", Body: length},
	{Name: "MID", Category: "Text", Takes: "t n n", Doc: "a number of characters from a place in text on", Body: mid},
	{Name: "MIDB", Category: "Text", Takes: "t n n", Doc: "MID in bytes, which in English are characters", Body: mid},
	{Name: "REPLACE", Category: "Text", Takes: "t n n t", Doc: "text with another text in the place of some of its characters", Body: replace},
	{Name: "REPLACEB", Category: "Text", Takes: "t n n t", Doc: "REPLACE in bytes, which in English are characters", Body: replace},
	{Name: "RIGHT", Category: "Text", Takes: "t n?", Doc: "the last characters of text", Body: right},
	{Name: "RIGHTB", Category: "Text", Takes: "t n?", Doc: "RIGHT in bytes, which in English are characters", Body: right},
	{Name: "SEARCH", Category: "Text", Takes: "t t n?", Doc: "the place of a pattern with ? and * in text, in any case", Body: searchText},
	{Name: "SEARCHB", Category: "Text", Takes: "t t n?", Doc: "SEARCH in bytes, which in English are characters", Body: searchText},
}

func length(c *Call) cell.Value { return cell.Num(float64(units(c.Str(0)))) }

func left(c *Call) cell.Value {
	n := 1
	if c.given(1) {
		n = c.Int(1)
	}
	if n < 0 {
		return cell.Err(cell.ErrValue)
	}
	return cell.Str(slice(c.Str(0), 0, n))
}

func right(c *Call) cell.Value {
	n := 1
	if c.given(1) {
		n = c.Int(1)
	}
	if n < 0 {
		return cell.Err(cell.ErrValue)
	}
	s := c.Str(0)
	all := units(s)
	return cell.Str(slice(s, all-min(n, all), all))
}

func mid(c *Call) cell.Value {
	from, n := c.Int(1), c.Int(2)
	if from < 1 || n < 0 {
		return cell.Err(cell.ErrValue)
	}
	return cell.Str(slice(c.Str(0), from-1, from-1+n))
}

func replace(c *Call) cell.Value {
	s, from, n := c.Str(0), c.Int(1), c.Int(2)
	if from < 1 || n < 0 {
		return cell.Err(cell.ErrValue)
	}
	all := units(s)
	return checked(slice(s, 0, from-1) + c.Str(3) + slice(s, from-1+n, all))
}

func find(c *Call) cell.Value {
	return place(c, units(c.Str(1))+1, func(s string) int { return strings.Index(s, c.Str(0)) })
}

// searchText differs from find in that it begins at a character, so that nothing is found in empty text.
func searchText(c *Call) cell.Value {
	if units(c.Str(0)) > wildcard.MaxLength {
		return cell.Err(cell.ErrValue)
	}
	return place(c, units(c.Str(1)), wildcard.Compile(c.Str(0)).Find)
}

// place finds something in the second argument from the third on, which may be up to last, and returns where, from 1 on.
func place(c *Call, last int, find func(string) int) cell.Value {
	s, from := c.Str(1), 1
	if c.given(2) {
		from = c.Int(2)
	}
	if from < 1 || from > last {
		return cell.Err(cell.ErrValue)
	}
	at := byteOffset(s, from-1)
	i := find(s[at:])
	if i < 0 {
		return cell.Err(cell.ErrValue)
	}
	return cell.Num(float64(units(s[:at+i]) + 1))
}
