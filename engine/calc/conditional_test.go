package calc_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// filledDown makes random formulas of the kinds that tiles search and count by: exact searches, and counts and totals under conditions.
type filledDown struct {
	*rand.Rand
	rows int32
}

func (f *filledDown) pick(of ...string) string { return of[f.IntN(len(of))] }

// areas returns one area for each of some columns, all of the same rows. %[1]d stands for the row, %[2]d for the one above, %[3]d for one three above.
func (f *filledDown) areas(columns ...string) []string {
	first := 1 + f.IntN(4)
	end := f.pick("%[1]d", "%[1]d", "%[2]d", "%[3]d", fmt.Sprint("$", f.rows), fmt.Sprint("$", f.rows/2), fmt.Sprint("$", f.rows+50))
	whole := f.IntN(6) == 0
	for i, c := range columns {
		if whole {
			columns[i] = c + ":" + c
			continue
		}
		columns[i] = fmt.Sprintf("$%s$%d:%s%s", c, first, c, end)
	}
	return columns
}

func (f *filledDown) column() string { return f.pick("A", "B", "C", "D") }

// key is a cell that goes along, mostly.
func (f *filledDown) key() string {
	switch f.IntN(12) {
	case 0:
		return "$A$3"
	case 1:
		return f.pick("5", "\"x\"", "\">2\"", "\"<>x\"", "\"\"", "\"x*\"", "TRUE", "B$7", "\"<\"&%[1]d")
	}
	return f.column() + f.pick("%[1]d", "%[1]d", "%[1]d", "%[2]d")
}

func (f *filledDown) formula() string {
	text := ""
	switch f.IntN(9) {
	case 0:
		text = "COUNTIF(" + f.areas(f.column())[0] + "," + f.key() + ")"
	case 1, 2:
		a := f.areas(f.column(), f.column(), f.column())
		text = f.pick("SUMIFS", "AVERAGEIFS", "MINIFS", "MAXIFS") + "(" + a[0] + "," + a[1] + "," + f.key() + "," + a[2] + "," + f.key() + ")"
	case 3:
		a := f.areas(f.column(), f.column())
		text = "COUNTIFS(" + a[0] + "," + f.key() + "," + a[1] + "," + f.key() + ")"
	case 4:
		a := f.areas(f.column(), f.column())
		text = f.pick("SUMIF", "AVERAGEIF") + "(" + a[0] + "," + f.key() + "," + a[1] + ")"
	case 5:
		a := f.areas(f.column(), f.column())
		text = "XLOOKUP(" + f.key() + "," + a[0] + "," + a[1] + f.pick("", ",\"none\"", ",0") + ")"
	case 6:
		a := f.areas(f.column(), f.column())
		text = "INDEX(" + a[0] + ",MATCH(" + f.key() + "," + a[1] + ",0))"
	case 7:
		text = "MATCH(" + f.key() + "," + f.areas(f.column())[0] + ",0)"
	case 8:
		text = "VLOOKUP(" + f.key() + "," + strings.Replace(f.areas("A")[0], ":A", ":D", 1) + "," + f.pick("1", "2", "4") + ",FALSE)"
	}
	switch f.IntN(6) {
	case 0:
		return "IFERROR(" + text + "," + f.pick("\"\"", "-1", "FALSE") + ")"
	case 1:
		return "IFNA(" + text + ",0)"
	case 2:
		return "IF(" + text + "=1,2,3)"
	case 3:
		return text + "+A%[1]d"
	}
	return text
}

// value is of few different ones, or of many.
func (f *filledDown) value(kind int) cell.Value {
	switch kind {
	case 0:
		return cell.Num(float64(f.IntN(8)))
	case 1:
		return cell.Num(float64(f.IntN(1 << 30)))
	case 2:
		return cell.Str(f.pick("x", "X", "y", "item 5", "Item 5", "xyz", "é", "É"))
	case 3:
		return cell.Num(float64(f.IntN(40)) / 8)
	}
	switch f.IntN(10) {
	case 0:
		return cell.Value{}
	case 1:
		return cell.Str(f.pick("x", "X", "5", "5.0", "<3", "=x", "x*", "~", "", "TRUE", "1%", ">", "<>", "#N/A", "=", "1/2/1902"))
	case 2:
		return cell.Truth(f.IntN(2) == 0)
	case 3:
		if f.IntN(20) == 0 {
			return cell.Err(cell.ErrDiv)
		}
	case 4:
		return cell.Num(math.Copysign(0, -1))
	}
	return cell.Num(float64(f.IntN(7)))
}

// TestFilledDown compares random searches and counts by tiles, by one worker and two, with the tree walk, over random columns that are edited
// between recalculations.
func TestFilledDown(t *testing.T) {
	defer calc.SetParallel(64, 1)()
	cells := int64(0)
	for seed := range uint64(36) {
		f := &filledDown{rand.New(rand.NewPCG(seed, 5)), 0}
		f.rows = int32([]int{40, 200, 900}[seed%3])
		var formulas []string
		for range 8 {
			formulas = append(formulas, f.formula())
		}
		kinds := []int{f.IntN(5), f.IntN(5), f.IntN(5), f.IntN(5)}
		books := []*book{newBook(t, calc.Options{Tree: true, Threads: 1}), newBook(t, calc.Options{Threads: 1}), newBook(t, calc.Options{Threads: 2})}
		set := func(row, col int32, v cell.Value) {
			for _, w := range books {
				if err := w.Set(0, row, col, v); err != nil {
					t.Fatal(err)
				}
			}
		}
		for row := range f.rows {
			for col := range int32(4) {
				if kind := kinds[col]; kind < 4 || f.IntN(30) > 0 {
					set(row, col, f.value(kind))
				}
			}
		}
		for k, text := range formulas {
			for row := range f.rows {
				if row < 3 {
					continue // what is above would be no row
				}
				filled := strings.NewReplacer("%[1]d", fmt.Sprint(row+1), "%[2]d", fmt.Sprint(row), "%[3]d", fmt.Sprint(row-2)).Replace(text)
				for _, w := range books {
					if err := w.SetFormula(0, row, int32(6+k), filled, false); err != nil {
						t.Fatalf("seed %d: %s: %v", seed, filled, err)
					}
				}
			}
		}
		for turn := range 3 {
			for i, w := range books {
				if r := w.calc(); i > 0 {
					cells += r.Tiles
				}
			}
			for k, text := range formulas {
				for row := range f.rows {
					want := books[0].Value(0, row, int32(6+k))
					for i, w := range books[1:] {
						if got := w.Value(0, row, int32(6+k)); got != want || math.Signbit(got.Float()) != math.Signbit(want.Float()) {
							t.Fatalf("seed %d, turn %d, workers %d, row %d: %s is %v, by the tree walk %v", seed, turn, i+1, row+1, text, got, want)
						}
					}
				}
			}
			for range 1 + f.IntN(5) {
				set(f.Int32N(f.rows+3), f.Int32N(4), f.value(4))
			}
		}
	}
	if cells < 50_000 {
		t.Errorf("only %d cells were computed by tiles", cells)
	}
}

// TestOwnColumn holds that formulas which count and add up under conditions in the column that they are filled down see what is above them, also where
// only a part of them is computed again.
func TestOwnColumn(t *testing.T) {
	const rows = 400
	r := rand.New(rand.NewPCG(3, 14))
	accounts := []cell.Value{cell.Num(1), cell.Num(2), cell.Str("Cash"), cell.Str("cash"), cell.Str("bank"), cell.Truth(true), cell.Num(0.5)}
	for _, tree := range []bool{false, true} {
		w := newBook(t, calc.Options{Tree: tree})
		account, amount := make([]int, rows), make([]float64, rows)
		set := func(row int) {
			account[row], amount[row] = r.IntN(len(accounts)), float64(r.IntN(5))
			w.Set(0, int32(row), 0, accounts[account[row]])
			w.Set(0, int32(row), 1, cell.Num(amount[row]))
		}
		for row := range rows {
			set(row)
			for col, text := range []string{"SUMIFS(C$1:C%[2]d,$A$1:$A%[2]d,A%[1]d)/2+B%[1]d", "COUNTIFS(D$1:D%[2]d,B%[1]d,$A$1:$A%[2]d,$A%[1]d)+B%[1]d", "COUNTIF($A$1:A%[1]d,A%[1]d)+0*E%[2]d"} {
				if text = fmt.Sprintf(text, row+1, row); row == 0 {
					text = "B1"
				}
				if err := w.SetFormula(0, int32(row), int32(2+col), text, false); err != nil {
					t.Fatal(err)
				}
			}
		}
		for turn := range 6 {
			w.calc()
			sums, counts, nth := make([]float64, rows), make([]float64, rows), make([]float64, rows)
			for row := range rows {
				sums[row], counts[row], nth[row] = amount[row], amount[row], amount[row]
				if row > 0 {
					sum, count, n := 0.0, 0, 1
					for above := range row {
						if accounts[account[above]].Kind() != accounts[account[row]].Kind() || cell.Compare(accounts[account[above]], accounts[account[row]]) != 0 {
							continue
						}
						n++
						sum += sums[above]
						if counts[above] == amount[row] {
							count++
						}
					}
					sums[row], counts[row], nth[row] = sum/2+amount[row], float64(count)+amount[row], float64(n)
				}
				for col, want := range []float64{sums[row], counts[row], nth[row]} {
					if got := w.Value(0, int32(row), int32(2+col)); got != cell.Num(want) {
						t.Fatalf("tree walk %v, turn %d, row %d: column %d is %v, want %v", tree, turn, row+1, col, got, want)
					}
				}
			}
			for range 1 + r.IntN(3) {
				set(r.IntN(rows))
			}
		}
	}
}

// TestWrongArguments holds that calls with too few or too many arguments, or with values that are no areas, are what the tree walk says.
func TestWrongArguments(t *testing.T) {
	var formulas []string
	for _, name := range []string{"COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGEIF", "AVERAGEIFS", "MINIFS", "MAXIFS", "XLOOKUP", "MATCH", "VLOOKUP", "INDEX", "IFERROR", "IFNA"} {
		for _, args := range []string{"", "A#", "A:A", "A:A,", "A:A,A#", "A#,A:A", "A:A,B:B,A#", "A:A,B:B,A#,", "A:A,A#,B:B", "A:A,B:B,A#,1,2", "A:B,A#", "A#:A@,A#", "Nowhere!A:A,A#", "A:A,NoName", "5,A#", "A#,A:A,B:B,1/0"} {
			formulas = append(formulas, name+"("+args+")")
		}
	}
	fast, slow := newBook(t, calc.Options{}), newBook(t, calc.Options{Tree: true})
	const rows = 40
	for _, w := range []*book{fast, slow} {
		for row := range int32(rows) {
			w.Set(0, row, 0, cell.Num(float64(row%7)))
			w.Set(0, row, 1, cell.Num(float64(row)))
			for k, text := range formulas {
				// What the parser refuses is no formula.
				_ = w.SetFormula(0, row, int32(3+k), strings.NewReplacer("#", fmt.Sprint(row+1), "@", fmt.Sprint(row+5)).Replace(text), false)
			}
		}
		w.calc()
	}
	for k, text := range formulas {
		for row := range int32(rows) {
			if a, b := fast.Value(0, row, int32(3+k)), slow.Value(0, row, int32(3+k)); a != b {
				t.Errorf("row %d: %s is %v by tiles, %v by the tree walk", row+1, text, a, b)
				break
			}
		}
	}
}
