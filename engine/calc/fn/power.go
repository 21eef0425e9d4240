package fn

import (
	"math"
	"unicode/utf16"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Power is x^y as Excel has it: 0^0 and roots of negative numbers are #NUM!, 0 to a negative power is #DIV/0!.
func Power(x, y float64) cell.Value {
	if x == 0 {
		switch {
		case y == 0:
			return cell.Err(cell.ErrNum)
		case y < 0:
			return cell.Err(cell.ErrDiv)
		}
		return cell.Num(0)
	}
	return cell.Num(math.Pow(x, y))
}

// MaxText is the greatest length of a text in a cell, in UTF-16 code units as Excel counts them.
const MaxText = 32767

// TooLong reports whether a cell cannot hold s.
func TooLong(s string) bool {
	if len(s) <= MaxText {
		return false
	}
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n > MaxText
}
