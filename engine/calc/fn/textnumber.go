package fn

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/format"
)

// textNumberTable are the functions between numbers and text.
var textNumberTable = []*Func{
	{Name: "BAHTTEXT", Category: "Text", Takes: "n", Doc: "a number in words in Thai, as an amount of baht", Body: func(c *Call) cell.Value {
		return fitText(bahtText(c.Num(0)))
	}},
	{Name: "DOLLAR", Category: "Text", Takes: "n n?", Doc: "a number as an amount of dollars, with 2 decimals or as many as told", Body: textDollar},
	{Name: "FIXED", Category: "Text", Takes: "n n? b?", Doc: "a number with 2 decimals or as many as told, with commas between thousands or not (TRUE)", Body: textFixed},
	{Name: "NUMBERVALUE", Category: "Text", Takes: "t t? t?", Doc: "the number in a text with the given decimal and group separators", Body: numberValue},
	{Name: "TEXT", Category: "Text", Takes: "v t", Doc: "a value as a cell with a number format shows it", Body: formatText},
	{Name: "VALUE", Category: "Text", Takes: "v", Doc: "the number, date or time in a text", Body: textValue},
}

// maxDecimals is the limit of FIXED and DOLLAR.
const maxDecimals = 127

// roundedText writes a number with a format, after rounding it to decimals, which may be negative for places before the
// point. Where nothing is left of it, it has no sign.
func roundedText(c *Call, number string, negative string) cell.Value {
	decimals := 2
	if c.given(1) {
		decimals = c.Int(1)
	}
	if decimals > maxDecimals {
		return cell.Err(cell.ErrValue)
	}
	x := c.Num(0)
	if decimals < 0 {
		p := math.Pow(10, float64(-decimals))
		if x = math.Round(x/p) * p; math.IsInf(p, 0) {
			x = 0
		}
	}
	show := func(x float64, code string) string {
		if decimals > 0 {
			code = strings.Replace(code, "0.", "0."+strings.Repeat("0", decimals), 1)
		} else {
			code = strings.Replace(code, "0.", "0", 1)
		}
		f, err := format.Parse(code)
		if err != nil {
			return ""
		}
		return f.Text(cell.Num(x), c.Dates())
	}
	if x < 0 {
		if s := show(x, negative); strings.ContainsAny(s, "123456789") {
			return fitText(s)
		}
	}
	return fitText(show(math.Abs(x), number))
}

func textDollar(c *Call) cell.Value { return roundedText(c, "$#,##0.", ";($#,##0.)") }

func textFixed(c *Call) cell.Value {
	if c.Bool(2, false) {
		return roundedText(c, "0.", "0.")
	}
	return roundedText(c, "#,##0.", "#,##0.")
}

func formatText(c *Call) cell.Value {
	if c.Str(1) == "" && c.Args[0].Kind() == cell.Text { // a format of nothing leaves text as it is, and nothing of a number
		return c.Args[0]
	}
	f, err := format.Parse(c.Str(1))
	if err != nil {
		return cell.Err(cell.ErrValue)
	}
	v := c.Args[0]
	if v.Kind() == cell.Text && !f.IsText() {
		if x, ok := cell.ParseNumber(v.Text(), c.Dates()); ok {
			v = cell.Num(x)
		}
	}
	s, ok := f.Show(v, c.Dates())
	if !ok {
		return cell.Err(cell.ErrValue)
	}
	return fitText(s)
}

// textValue is VALUE. A date without a year is one of the year of the recalculation.
func textValue(c *Call) cell.Value {
	switch v := c.Args[0]; v.Kind() {
	case cell.Number:
		return v
	case cell.Empty, cell.Missing:
		return cell.Num(0)
	case cell.Text:
		if x, ok := cell.ParseNumberIn(v.Text(), c.Dates(), thisYear(c)); ok {
			return cell.Num(x)
		}
	}
	return cell.Err(cell.ErrValue)
}

func thisYear(c *Call) int {
	year, _, _, _ := c.Dates().Civil(c.Now())
	return year
}

func numberValue(c *Call) cell.Value {
	decimal, group := ".", ","
	if c.given(1) {
		decimal = utf16Slice(c.Str(1), 0, 1)
	}
	if c.given(2) {
		group = utf16Slice(c.Str(2), 0, 1)
	}
	if c.given(1) && decimal == "" || c.given(2) && group == "" || decimal == group {
		return cell.Err(cell.ErrValue)
	}
	s := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, c.Str(0))
	if s == "" {
		return cell.Num(0)
	}
	percents := len(s) - len(strings.TrimRight(s, "%"))
	s = s[:len(s)-percents]
	whole, fraction, pointed := strings.Cut(s, decimal)
	if strings.Contains(fraction, group) {
		return cell.Err(cell.ErrValue)
	}
	s = strings.ReplaceAll(whole, group, "")
	if pointed {
		s += "." + fraction
	}
	// What is left must be a number and no date.
	for i := range len(s) {
		if strings.IndexByte("0123456789.+-eE$()", s[i]) < 0 || s[i] == '-' && i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			return cell.Err(cell.ErrValue)
		}
	}
	x, ok := cell.ParseNumber(s, c.Dates())
	if !ok {
		return cell.Err(cell.ErrValue)
	}
	return cell.Num(x / math.Pow(100, float64(percents)))
}
