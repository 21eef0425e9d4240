package search

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Key makes the key under which the value of a box is found: equal for values that Excel takes for equal.
func Key(strings *cell.Strings, b cell.Box) uint64 {
	if b == b {
		return math.Float64bits(b + 0)
	}
	if cell.BoxKind(b) == cell.Text {
		return math.Float64bits(cell.BoxText(strings.FoldID(cell.BoxedText(b))))
	}
	return math.Float64bits(b)
}

// KeyOf is [Key] of a single value, and false where no cell can hold it.
func KeyOf(strings *cell.Strings, v cell.Value) (uint64, bool) {
	switch v.Kind() {
	case cell.Number:
		return math.Float64bits(v.Float() + 0), true
	case cell.Text:
		id, ok := strings.FindFold(v.Text())
		return math.Float64bits(cell.BoxText(id)), ok
	case cell.Bool:
		return math.Float64bits(cell.BoxBool(v.True())), true
	case cell.Error:
		return math.Float64bits(cell.BoxError(v.Code())), true
	case cell.Empty, cell.Missing:
		return math.Float64bits(cell.BoxEmpty()), true
	}
	return 0, false
}
