package cell

import "math"

// Kind is the kind of a value.
type Kind uint8

// The kinds that a cell can hold come first, the rest live only while a formula is evaluated.
const (
	Empty  Kind = iota // nothing: 0, "" or FALSE, whatever is asked for
	Number             // never NaN, never infinite
	Text
	Bool
	Error
	Array   // of values of the kinds above
	Ref     // one or more areas of cells, not yet read
	Lambda  // a function
	Missing // an argument left out between two commas; [Empty] for who does not ask
)

// String names the kind as messages do.
func (k Kind) String() string {
	return [...]string{"nothing", "number", "text", "boolean", "error", "array", "reference", "function", "missing argument"}[k]
}

// Value is one value. The zero Value is an empty cell. Values are never changed once made; a [Grid] that a value
// holds must not be either.
type Value struct {
	kind Kind
	num  float64 // Number; Bool: 0 or 1; Error: its ErrorCode
	str  string
	ptr  *compound
}

// compound is what only a few values have, behind one pointer so that the others stay small.
type compound struct {
	grid   *Grid
	areas  []Area
	lambda any
}

// Num is the number f, or #NUM! where f is NaN or infinite. Negative zero becomes zero, as Excel has none.
func Num(f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Err(ErrNum)
	}
	return Value{kind: Number, num: float64(f) + 0} // converted, so that a product is not fused with the addition
}

// Str is the text s.
func Str(s string) Value { return Value{kind: Text, str: s} }

// Truth is TRUE or FALSE.
func Truth(b bool) Value {
	if b {
		return Value{kind: Bool, num: 1}
	}
	return Value{kind: Bool}
}

// Err is an error value.
func Err(e ErrorCode) Value { return Value{kind: Error, num: float64(e)} }

// Arr is an array. A grid of one cell stays an array.
func Arr(g *Grid) Value { return Value{kind: Array, ptr: &compound{grid: g}} }

// RefTo is a reference to areas, in their order. No area at all is #REF!.
func RefTo(areas ...Area) Value {
	if len(areas) == 0 {
		return Err(ErrRef)
	}
	return Value{kind: Ref, ptr: &compound{areas: areas}}
}

// Func is a function value; only the evaluator knows what f is.
func Func(f any) Value { return Value{kind: Lambda, ptr: &compound{lambda: f}} }

// Omitted is an argument left out.
func Omitted() Value { return Value{kind: Missing} }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsError reports whether v is an error.
func (v Value) IsError() bool { return v.kind == Error }

// IsBlank reports whether v is an empty cell or an argument left out.
func (v Value) IsBlank() bool { return v.kind == Empty || v.kind == Missing }

// Float returns the number of a Number, 0 or 1 of a Bool, and 0 of everything else. It coerces nothing; see [ToNumber].
func (v Value) Float() float64 {
	if v.kind == Number || v.kind == Bool {
		return v.num
	}
	return 0
}

// Text returns the text of a Text and "" of everything else. It coerces nothing; see [ToText].
func (v Value) Text() string { return v.str }

// True reports whether v is the boolean TRUE.
func (v Value) True() bool { return v.kind == Bool && v.num != 0 }

// Code returns the code of an Error, and 0 of everything else.
func (v Value) Code() ErrorCode {
	if v.kind == Error {
		return ErrorCode(v.num)
	}
	return 0
}

// Grid returns the array of an Array, and nil of everything else.
func (v Value) Grid() *Grid {
	if v.kind == Array {
		return v.ptr.grid
	}
	return nil
}

// Areas returns the areas of a Ref, and nil of everything else.
func (v Value) Areas() []Area {
	if v.kind == Ref {
		return v.ptr.areas
	}
	return nil
}

// Lambda returns the function of a Lambda, and nil of everything else.
func (v Value) Lambda() any {
	if v.kind == Lambda {
		return v.ptr.lambda
	}
	return nil
}

// Grid is a rectangular array of values, row after row. It has at least one row and one column.
type Grid struct {
	Rows, Cols int
	Cells      []Value // Rows*Cols of them
}

// NewGrid returns a grid of empty cells.
func NewGrid(rows, cols int) *Grid {
	return &Grid{Rows: rows, Cols: cols, Cells: make([]Value, rows*cols)}
}

// At returns the value in row r and column c. A grid of one row stands for all rows, one of one column for all
// columns; outside of it is #N/A, as where Excel lays arrays of different shapes over each other.
func (g *Grid) At(r, c int) Value {
	if g.Rows == 1 {
		r = 0
	}
	if g.Cols == 1 {
		c = 0
	}
	if r >= g.Rows || c >= g.Cols {
		return Err(ErrNA)
	}
	return g.Cells[r*g.Cols+c]
}

// Set puts v in row r and column c.
func (g *Grid) Set(r, c int, v Value) { g.Cells[r*g.Cols+c] = v }
