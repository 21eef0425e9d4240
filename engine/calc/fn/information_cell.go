package fn

import (
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// infoCell is CELL of the first cell of a reference, or of the formula's own cell. What depends on the place of the file or on more
// of a style than its number format ("filename", "prefix", "protect", "width") is #VALUE!, and so is the address of a cell on
// another sheet, before which Excel puts the name of the file.
func infoCell(c *Call) cell.Value {
	own, row, col := c.Here()
	sheet := own
	if c.Has(1) {
		a := c.Args[1].Areas()[0]
		sheet, row, col = a.Sheet, a.R0, a.C0
	}
	what := strings.ToLower(c.Str(0))
	if !c.Has(1) && (what == "contents" || what == "type") {
		return cell.Num(0) // its own value is about to be computed
	}
	switch what {
	case "address":
		if sheet == own {
			return cell.Str("$" + cell.ColumnName(col) + "$" + strconv.Itoa(int(row)+1))
		}
	case "col":
		return cell.Num(float64(col) + 1)
	case "row":
		return cell.Num(float64(row) + 1)
	case "contents":
		return c.Cell(sheet, row, col)
	case "type":
		switch c.Cell(sheet, row, col).Kind() {
		case cell.Empty:
			return cell.Str("b")
		case cell.Text:
			return cell.Str("l")
		}
		return cell.Str("v")
	case "format":
		return cell.Str(formatCode(c.NumberFormat(sheet, row, col)))
	case "color":
		return oneIf(negativeColored(c.NumberFormat(sheet, row, col)))
	case "parentheses":
		return oneIf(parenthesized(c.NumberFormat(sheet, row, col)))
	}
	return cell.Err(cell.ErrValue)
}

// sections splits a number format at its semicolons: positive, negative, zero, text.
func sections(format string) []string {
	var out []string
	start := 0
	for i := 0; i < len(format); i++ {
		switch format[i] {
		case '"':
			if end := strings.IndexByte(format[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '\\', '_', '*':
			i++
		case ';':
			out = append(out, format[start:i])
			start = i + 1
		}
	}
	return append(out, format[start:])
}

// bare returns a section of a number format without texts, spaces left for alignment and conditions. The sign of a
// currency stays.
func bare(section string) string {
	var b strings.Builder
	for i := 0; i < len(section); i++ {
		switch ch := section[i]; ch {
		case '"':
			end := strings.IndexByte(section[i+1:], '"')
			if end < 0 {
				return b.String()
			}
			if text := section[i+1 : i+1+end]; isCurrency(text) {
				b.WriteByte('$')
			}
			i += end + 1
		case '\\':
			i++
		case '_', '*':
			i++
		case '[':
			end := strings.IndexByte(section[i:], ']')
			if end < 0 {
				return b.String()
			}
			inside := section[i+1 : i+end]
			switch {
			case strings.HasPrefix(inside, "$"):
				if symbol, _, _ := strings.Cut(inside[1:], "-"); symbol != "" {
					b.WriteByte('$')
				}
			case strings.Trim(strings.ToLower(inside), "hms") == "":
				b.WriteString(inside) // elapsed time
			}
			i += end
		default:
			if strings.HasPrefix(section[i:], "€") || strings.HasPrefix(section[i:], "£") || strings.HasPrefix(section[i:], "¥") {
				b.WriteByte('$')
			} else if ch < 0x80 {
				b.WriteByte(ch)
			}
		}
	}
	return b.String()
}

func isCurrency(s string) bool { return s == "$" || s == "€" || s == "£" || s == "¥" }

// negativeColored reports whether a number format gives negative numbers a color.
func negativeColored(format string) bool {
	s := sections(format)
	if len(s) < 2 {
		return false
	}
	low := strings.ToLower(s[1])
	for _, color := range []string{"black", "blue", "cyan", "green", "magenta", "red", "white", "yellow", "color"} {
		if strings.Contains(low, "["+color) {
			return true
		}
	}
	return false
}

// parenthesized reports whether a number format puts positive numbers, or all, between parentheses.
func parenthesized(format string) bool { return strings.Contains(bare(sections(format)[0]), "(") }

// dateCodes are the formats of dates and times that have a code of their own, without separators.
var dateCodes = map[string]string{
	"dmmmyy": "D1", "dmmm": "D2", "mmmyy": "D3", "mdyy": "D4", "mdyyhmm": "D4", "mmdd": "D5",
	"hmmssam/pm": "D6", "hmmam/pm": "D7", "hmmss": "D8", "hmm": "D9",
}

// formatCode returns the code of a number format as Lotus 1-2-3 had them: "G", "F2" (two decimals), ",0", "C2-" (currency,
// negative in color), "P0", "S2", "D1" to "D9".
func formatCode(format string) string {
	parts := sections(format)
	s := strings.ToLower(bare(parts[0]))
	if s == "general" || s == "@" || s == "" || strings.Contains(s, "?/") {
		return "G"
	}
	tail := ""
	if negativeColored(format) {
		tail = "-"
	}
	if parenthesized(format) {
		tail += "()"
	}
	if !strings.ContainsAny(s, "0#?") {
		return dateCode(s) + tail
	}
	kind := "F"
	digits := s
	switch mantissa, _, scientific := strings.Cut(s, "e+"); {
	case scientific:
		kind, digits = "S", mantissa
	case strings.Contains(s, "%"):
		kind = "P"
	case strings.Contains(s, "$"):
		kind = "C"
	case strings.Contains(s, ","):
		kind = ","
	}
	_, decimals, _ := strings.Cut(digits, ".")
	return kind + strconv.Itoa(strings.Count(decimals, "0")) + tail
}

func dateCode(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("dmyhsap/", r) {
			return r
		}
		return -1
	}, s)
	half := strings.HasSuffix(s, "am/pm")
	s = strings.ReplaceAll(strings.TrimSuffix(s, "am/pm"), "/", "")
	for _, pair := range [][2]string{{"yyyy", "yy"}, {"hh", "h"}} {
		s = strings.ReplaceAll(s, pair[0], pair[1])
	}
	if half {
		s += "am/pm"
	}
	// A leading zero of the day, or of a month before it, changes nothing.
	for _, try := range []string{s, strings.ReplaceAll(s, "dd", "d"), strings.ReplaceAll(strings.ReplaceAll(s, "dd", "d"), "mmd", "md")} {
		if code, ok := dateCodes[try]; ok {
			return code
		}
	}
	return "G"
}
