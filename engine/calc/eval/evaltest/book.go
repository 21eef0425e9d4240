// Package evaltest is a workbook of a few cells in memory, for tests of functions and of the evaluator.
package evaltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Book is a workbook of one sheet "Sheet1" and, if names are used that need it, a second one "Other". Formulas are
// computed when they are asked for and are not stored. Its moment is 15 June 2024, noon, and its random numbers are all 0.5.
type Book struct {
	strings *cell.Strings
	boxes   map[[3]int32]cell.Box
	dates   cell.Dates
	names   map[string]string
	tables  map[string]eval.Table
	spills  map[[3]int32]cell.Area
	used    [2]cell.Area
	cache   map[any]any
}

// New returns an empty workbook.
func New() *Book {
	return &Book{strings: cell.NewStrings(), boxes: map[[3]int32]cell.Box{}, names: map[string]string{}, tables: map[string]eval.Table{}, spills: map[[3]int32]cell.Area{}, cache: map[any]any{}}
}

// Date1904 makes the workbook count days from 1904.
func (b *Book) Date1904() *Book {
	b.dates = cell.Dates1904
	return b
}

// Fill sets cells of Sheet1 from an address on, row after row. Elements may be float64, int, string, bool, nil for an empty
// cell, or a [cell.Value].
func (b *Book) Fill(at string, rows ...[]any) *Book {
	row, col, ok := cell.ParseAddress(at)
	if !ok {
		panic("evaltest: no address: " + at)
	}
	for r, values := range rows {
		for c, v := range values {
			b.Set(0, row+int32(r), col+int32(c), Of(v))
		}
	}
	return b
}

// Of makes a value of a constant of Go. Texts that are errors, such as "#N/A", are errors.
func Of(v any) cell.Value {
	switch v := v.(type) {
	case nil:
		return cell.Value{}
	case float64:
		return cell.Num(v)
	case int:
		return cell.Num(float64(v))
	case bool:
		return cell.Truth(v)
	case string:
		if e, ok := cell.ParseError(v); ok {
			return cell.Err(e)
		}
		return cell.Str(v)
	case cell.Value:
		return v
	}
	panic(fmt.Sprintf("evaltest: no value: %T", v))
}

// Set sets a cell.
func (b *Book) Set(sheet, row, col int32, v cell.Value) {
	b.boxes[[3]int32{sheet, row, col}] = b.strings.Box(v)
	clear(b.cache)
	b.used[sheet].R1, b.used[sheet].C1 = max(b.used[sheet].R1, row), max(b.used[sheet].C1, col)
}

// Define makes a name stand for a formula without "=".
func (b *Book) Define(name, text string) *Book {
	b.names[strings.ToLower(name)] = text
	return b
}

// AddTable defines a table with a header on Sheet1.
func (b *Book) AddTable(name, area string, columns ...string) *Book {
	first, last, _ := strings.Cut(area, ":")
	r0, c0, _ := cell.ParseAddress(first)
	r1, c1, _ := cell.ParseAddress(last)
	b.tables[strings.ToLower(name)] = eval.Table{Area: cell.Area{R0: r0, C0: c0, R1: r1, C1: c1}, Header: true, Columns: columns}
	return b
}

// Eval computes a formula, without "=", as if it stood in J20 of Sheet1, in the mode of single values or in array mode.
func (b *Book) Eval(t testing.TB, text string, array bool) cell.Value {
	t.Helper()
	return b.EvalAt(t, text, 19, 9, array)
}

// EvalAt is [Book.Eval] in another cell.
func (b *Book) EvalAt(t testing.TB, text string, row, col int32, array bool) cell.Value {
	t.Helper()
	e, err := formula.Parse(text, row, col)
	if err != nil {
		t.Fatalf("=%s: %v", text, err)
	}
	f := eval.Compile(e, b, eval.Options{Array: array, Row: row, Col: col})
	return f.Value(eval.NewWalker(b), 0, row, col)
}

// Show writes a value as a test states it: 1.5, "text", TRUE, #N/A, {1,2;3,4}.
func Show(v cell.Value) string {
	if g := v.Grid(); g != nil {
		var s strings.Builder
		for i, e := range g.Cells {
			switch {
			case i == 0:
				s.WriteByte('{')
			case i%g.Cols == 0:
				s.WriteByte(';')
			default:
				s.WriteByte(',')
			}
			s.WriteString(Show(e))
		}
		return s.String() + "}"
	}
	switch v.Kind() {
	case cell.Empty:
		return "empty"
	case cell.Text:
		return `"` + strings.ReplaceAll(v.Text(), `"`, `""`) + `"`
	case cell.Error:
		return v.Code().String()
	case cell.Number, cell.Bool:
		return cell.ToText(v).Text()
	}
	return v.Kind().String()
}

// Case is a formula without "=" and its value as [Show] writes it.
type Case [2]string

// Run evaluates cases in the mode of single values; a case whose value is an array, in array mode. A formula of which [eval.Spills] says that it is
// the same in both must be so.
func (b *Book) Run(t *testing.T, cases []Case) {
	t.Helper()
	for _, c := range cases {
		if got := Show(b.Eval(t, c[0], strings.HasPrefix(c[1], "{"))); got != c[1] {
			t.Errorf("=%s is %s, want %s", c[0], got, c[1])
		}
		b.checkSpills(t, c[0])
	}
}

func (b *Book) checkSpills(t *testing.T, text string) {
	t.Helper()
	e, err := formula.Parse(text, 19, 9)
	if err != nil || eval.Spills(e, b, eval.Options{Row: 19, Col: 9}) {
		return
	}
	if one, many := Show(b.Eval(t, text, false)), Show(b.Eval(t, text, true)); one != many {
		t.Errorf("=%s is said not to spill, and is %s as one value and %s as an array", text, one, many)
	}
}
