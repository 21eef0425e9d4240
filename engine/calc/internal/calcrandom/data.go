package calcrandom

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Value draws a value of a kind: "int", "number", "wide" (huge, tiny and negative zero), "text", "numeric" (text that is a number), "bool",
// "date", "sorted" (grows with the row), or "mixed", which is any of them, an error or nothing.
func Value(r *rand.Rand, kind string, row int32) cell.Value {
	switch kind {
	case "int":
		return cell.Num(float64(r.IntN(21) - 7))
	case "number":
		return cell.Num(math.Round(r.NormFloat64()*1e4) / 100)
	case "wide":
		wide := []float64{1e308, -1e308, 1e-308, 5e-324, math.Copysign(0, -1), 0, 1, -1, 1e15 + 0.3, 0.1, 0.2, 0.3, -0.3, 123456789.123456789, 1e200, 1e-200}
		return cell.Num(wide[r.IntN(len(wide))])
	case "near": // numbers that are the same but for their last digits
		near := []float64{0.3, math.Nextafter(0.3, 1), 0.1, math.Nextafter(0.1, 1), 1, 1 - 0x1p-50, 1 + 0x1p-49, 1 + 7*0x1p-52, 1e15, 1e15 + 1, -0.3, 0.2}
		return cell.Num(near[r.IntN(len(near))])
	case "text":
		words := []string{"ab", "Ab", "b", "", "x y", "zürich", "*", "a?c", "TRUE", "N/A", "ab "}
		return cell.Str(words[r.IntN(len(words))])
	case "numeric":
		words := []string{"12", " 7 ", "1e3", "-0.5", "5%", "2020-03-04", "1:30", "12a"}
		return cell.Str(words[r.IntN(len(words))])
	case "bool":
		return cell.Truth(r.IntN(2) == 0)
	case "date":
		return cell.Num(float64(43000 + r.IntN(2000)))
	case "sorted":
		return cell.Num(float64(row/2) * 1.5)
	case "empty":
		return cell.Value{}
	case "error":
		errors := []cell.ErrorCode{cell.ErrDiv, cell.ErrNA, cell.ErrValue, cell.ErrNum, cell.ErrRef, cell.ErrName}
		return cell.Err(errors[r.IntN(len(errors))])
	}
	kinds := []string{"int", "number", "wide", "text", "numeric", "bool", "date", "sorted", "empty", "empty", "error", "int", "number", "near"}
	return Value(r, kinds[r.IntN(len(kinds))], row)
}

// Kinds are the kinds of columns of data, the more usual ones more often.
var Kinds = []string{"int", "number", "int", "near", "wide", "text", "numeric", "bool", "date", "sorted", "mixed", "mixed", "empty"}

// Cell is one cell of a workbook: a value, or a formula without "=".
type Cell struct {
	Value   cell.Value
	Formula string
	// Array: the formula is a dynamic array formula.
	Array bool
}

// At is the place of a cell.
type At struct{ Sheet, Row, Col int32 }

func (a At) String() string {
	return fmt.Sprintf("%s!%s", SheetNames[a.Sheet], cell.Address(a.Row, a.Col))
}

// SheetNames are the sheets of all workbooks.
var SheetNames = []string{"Data", "Other sheet"}

// Edit puts a cell in a place.
type Edit struct {
	At
	Cell
}

// Book is a workbook as the edits that make it. Names and tables come first.
type Book struct {
	Names map[string]string
	Table cell.Area // of the name T, with a header; the zero Area for none
	Seed  uint64
	Rows  int32
	Edits []Edit
	// Next is the first column without anything, on the first sheet.
	Next int32
	// data is the number of columns of values, below that of rows filled to the right.
	data, below int32
}
