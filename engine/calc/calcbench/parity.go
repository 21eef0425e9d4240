package calcbench

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// The sheet of the random edits: inputs in columns A to C, formulas from D on in all rows, sums on a second sheet.
const (
	parityRows   = 2000
	parityEdits  = 10_000
	parityInputs = 3
	parityNodes  = 30_000 // regions that may be left; each edit of a formula cuts one in three at most
)

// filled are formulas that stand in a column of all rows, with the row in place of %[1]d and the row above in place of %[2]d.
var filled = []string{
	"A%[1]d*B%[1]d",                                    // D: row-local
	"IF(C%[1]d=\"\",D%[1]d,D%[1]d+C%[1]d)",             // E: text and errors among its inputs
	"N(F%[2]d)+A%[1]d",                                 // F: a balance
	"SUM($A$1:A%[1]d)",                                 // G: growing
	"IFERROR(VLOOKUP(B%[1]d,$A$1:$D$2000,4,FALSE),-1)", // H: lookup over inputs and formulas
	"COUNTIFS($B$1:$B$2000,B%[1]d)",                    // I: groups
	"MAX(A%[1]d:C%[1]d)-MIN(D%[1]d:E%[1]d)",            // J: areas
	"SUM(D%[2]d:D%[1]d)/2",                             // K: a window
	"LEN(C%[1]d)&\"-\"&ROUND(A%[1]d,1)",                // L: text
}

// tops are formulas that stand once.
var tops = []string{"SUM(Data!D:D)", "AVERAGE(Data!F1:F2000)", "SUMIFS(Data!G:G,Data!B:B,3)", "INDEX(Data!G:G,MATCH(5,Data!B:B,0))", "SUMPRODUCT(Data!A1:A2000,Data!B1:B2000)", "COUNT(Data!J:J)+MAX(Data!K:K)"}

// overrides are what single cells among the formulas are changed to.
var overrides = []string{"A%[1]d+B%[1]d", "SUM(A%[1]d:B%[1]d)*2", "IF(A%[1]d>50,1/0,7)", "$A$1+%[1]d", "D%[2]d"}

// content is what a cell was given: a value, or a formula.
type content struct {
	value   cell.Value
	formula string
}

type place struct{ sheet, row, col int32 }

// sheetOf is what all cells were given, from which a fresh engine is made.
type sheetOf map[place]content

func (s sheetOf) put(w *calc.Workbook, p place, c content) error {
	s[p] = c
	if c.formula != "" {
		return w.SetFormula(p.sheet, p.row, p.col, c.formula, false)
	}
	return w.Set(p.sheet, p.row, p.col, c.value)
}

func newParity() (*calc.Workbook, error) { return calc.New(calc.Options{}, "Data", "Sums") }

// above is the row over one, from 1; the first row has itself, which is a value there.
func filledAt(text string, row int32) string { return fmt.Sprintf(text, row+1, max(row, 1)) }

// parity makes random edits and overrides with recalculations between them, and compares each cell with those of a fresh engine that was given the
// last contents at once.
func (b *bench) parity(edits int) error {
	row := Row{Bar: "B4", What: fmt.Sprintf("%d random edits and overrides, cells that differ from a fresh engine", edits), Of: "cells", Target: "none"}
	b.say("%s %s", row.Bar, row.What)
	w, err := newParity()
	if err != nil {
		return err
	}
	cells := sheetOf{}
	random := rand.New(rand.NewPCG(4, 10_000))
	for r := range int32(parityRows) {
		for c := range int32(parityInputs) {
			if err := cells.put(w, place{0, r, c}, input(random, c)); err != nil {
				return err
			}
		}
		for i, text := range filled {
			c := content{formula: filledAt(text, r)}
			if r == 0 {
				c = content{value: cell.Num(1)}
			}
			if err := cells.put(w, place{0, r, int32(parityInputs + i)}, c); err != nil {
				return err
			}
		}
	}
	for i, text := range tops {
		if err := cells.put(w, place{1, int32(i), 0}, content{formula: text}); err != nil {
			return err
		}
	}
	began, err := timed(func() error {
		for i := range edits {
			if err := edit(w, cells, random); err != nil {
				return err
			}
			if i%7 == 0 {
				if _, err := w.Recalculate(b.ctx); err != nil {
					return err
				}
			}
		}
		_, err := w.Recalculate(b.ctx)
		return err
	})
	if err != nil {
		return err
	}
	fresh, err := newParity()
	if err != nil {
		return err
	}
	// In the order of the rows, as they would be typed anew.
	for sheet := range int32(2) {
		for r := range int32(parityRows) {
			for c := range int32(parityInputs + len(filled)) {
				if content, ok := cells[place{sheet, r, c}]; ok {
					if err := cells.put(fresh, place{sheet, r, c}, content); err != nil {
						return err
					}
				}
			}
		}
	}
	if _, err := fresh.Recalculate(b.ctx); err != nil {
		return err
	}
	differ, first := 0, ""
	for p := range cells {
		have, want := w.Value(p.sheet, p.row, p.col), fresh.Value(p.sheet, p.row, p.col)
		if !same(have, want) {
			if differ++; first == "" {
				text, _ := w.Formula(p.sheet, p.row, p.col)
				first = fmt.Sprintf("%s!%s =%s is %v, fresh %v", w.Sheets()[p.sheet], cell.Address(p.row, p.col), text, have, want)
			}
		}
	}
	holds := differ == 0
	row.CPU, row.Wall, row.Runs, row.Amount, row.Holds = began.cpu, began.wall, 1, float64(differ), &holds
	if row.Note = first; first == "" {
		row.Note = fmt.Sprintf("%d cells compared", len(cells))
	}
	b.add(row)
	regions, _ := w.Graph()
	bounded := regions <= parityNodes
	b.add(Row{Bar: "B4", What: "regions after these edits", Amount: float64(regions), Of: "regions", Target: fmt.Sprintf("at most %d", parityNodes), Holds: &bounded})
	return nil
}

// same reports whether two values are equal to the bit.
func same(a, b cell.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case cell.Number:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case cell.Text:
		return a.Text() == b.Text()
	case cell.Bool:
		return a.True() == b.True()
	case cell.Error:
		return a.Code() == b.Code()
	}
	return true
}

// input is something for an input cell of a column: mostly numbers.
func input(random *rand.Rand, col int32) content {
	switch n := random.IntN(100); {
	case col == 2 && n < 20:
		return content{}
	case col == 2 && n < 30:
		return content{value: cell.Str(fmt.Sprint("text ", random.IntN(20)))}
	case col == 2 && n < 32:
		return content{value: cell.Err(cell.ErrNA)}
	case col == 1:
		return content{value: cell.Num(float64(random.IntN(40)))}
	case n < 95:
		return content{value: cell.Num(math.Round(random.Float64()*10_000) / 100)}
	case n < 97:
		return content{value: cell.Truth(n == 95)}
	}
	return content{}
}

// edit changes one cell: an input, or a formula to another one, to a number, or back.
func edit(w *calc.Workbook, cells sheetOf, random *rand.Rand) error {
	row := int32(1 + random.IntN(parityRows-1))
	if random.IntN(3) > 0 {
		col := int32(random.IntN(parityInputs))
		return cells.put(w, place{0, row, col}, input(random, col))
	}
	i := int32(random.IntN(len(filled)))
	p := place{0, row, parityInputs + i}
	switch random.IntN(3) {
	case 0:
		return cells.put(w, p, content{value: cell.Num(float64(random.IntN(1000)))})
	case 1:
		return cells.put(w, p, content{formula: filledAt(overrides[random.IntN(len(overrides))], row)})
	}
	return cells.put(w, p, content{formula: filledAt(filled[i], row)})
}
