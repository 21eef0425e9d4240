package fn

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// textJoinTable are the functions that make one text of many values.
var textJoinTable = []*Func{
	{Name: "ARRAYTOTEXT", Category: "Text", Takes: "a n?", Doc: "the values of an array as text, as a list or (1) as an array is written", Body: arrayToText},
	{Name: "CONCAT", Category: "Text", Takes: "a ...", Doc: "all values one after the other as text", Body: textConcat},
	{Name: "CONCATENATE", Category: "Text", Takes: "t ...", Doc: "its arguments one after the other as text", Body: textConcatenate},
	{Name: "TEXTJOIN", Category: "Text", Takes: "a b a ...", Doc: "all values as text with delimiters between them; the condition tells whether empty ones are left out", Body: textJoin},
	{Name: "VALUETOTEXT", Category: "Text", Takes: "v n?", Doc: "a value as text, as it is or (1) as it is written in a formula", Errors: true, Body: valueToText},
}

// textJoiner collects text up to what a cell can hold.
type textJoiner struct {
	out    strings.Builder
	length int
}

// add reports whether there was room for s.
func (j *textJoiner) add(s string) bool {
	j.length += utf16Len(s)
	if j.length > MaxText {
		return false
	}
	j.out.WriteString(s)
	return true
}

func textConcat(c *Call) cell.Value {
	var j textJoiner
	var failed cell.ErrorCode
	c.Values(0, func(v cell.Value, _ bool) bool {
		t := cell.ToText(v)
		switch {
		case t.IsError():
			failed = t.Code()
		case !j.add(t.Text()):
			failed = cell.ErrValue
		}
		return failed == 0
	})
	if failed != 0 {
		return cell.Err(failed)
	}
	return cell.Str(j.out.String())
}

func textConcatenate(c *Call) cell.Value {
	var j textJoiner
	for i := range c.Args {
		if !j.add(c.Str(i)) {
			return cell.Err(cell.ErrValue)
		}
	}
	return cell.Str(j.out.String())
}

func textJoin(c *Call) cell.Value {
	var delimiters []string
	var failed cell.ErrorCode
	c.ValuesOf(0, func(v cell.Value, _ bool) bool {
		t := cell.ToText(v)
		failed = t.Code()
		delimiters = append(delimiters, t.Text())
		return failed == 0
	})
	if failed != 0 {
		return cell.Err(failed)
	}
	if len(delimiters) == 0 {
		delimiters = []string{""}
	}
	skip := c.Bool(1, true)
	var j textJoiner
	n := 0
	c.Values(2, func(v cell.Value, _ bool) bool {
		t := cell.ToText(v)
		switch {
		case t.IsError():
			failed = t.Code()
		case skip && t.Text() == "":
		default:
			if n > 0 && !j.add(delimiters[(n-1)%len(delimiters)]) || !j.add(t.Text()) {
				failed = cell.ErrValue
			}
			n++
		}
		return failed == 0
	})
	if failed != 0 {
		return cell.Err(failed)
	}
	return cell.Str(j.out.String())
}

// writtenText is v as text, in a strict form as in a formula.
func writtenText(v cell.Value, strict bool) string {
	switch {
	case v.IsError():
		return v.Code().String()
	case strict && v.Kind() == cell.Text:
		return `"` + strings.ReplaceAll(v.Text(), `"`, `""`) + `"`
	}
	return cell.ToText(v).Text()
}

func valueToText(c *Call) cell.Value {
	strict := false
	if c.given(1) {
		if c.Args[1].IsError() {
			return c.Args[1]
		}
		strict = c.Int(1) == 1
		if n := c.Int(1); n != 0 && n != 1 {
			return cell.Err(cell.ErrValue)
		}
	}
	return fitText(writtenText(c.Args[0], strict))
}

func arrayToText(c *Call) cell.Value {
	form := c.Int(1)
	if form != 0 && form != 1 {
		return cell.Err(cell.ErrValue)
	}
	g, failed := c.Grid(0)
	if failed != 0 {
		return cell.Err(failed)
	}
	var j textJoiner
	for i, v := range g.Cells {
		between := ""
		switch {
		case i == 0 && form == 1:
			between = "{"
		case i == 0:
		case form == 0:
			between = ", "
		case i%g.Cols == 0:
			between = ";"
		default:
			between = ","
		}
		if !j.add(between) || !j.add(writtenText(v, form == 1)) {
			return cell.Err(cell.ErrValue)
		}
	}
	if form == 1 && !j.add("}") {
		return cell.Err(cell.ErrValue)
	}
	return cell.Str(j.out.String())
}
