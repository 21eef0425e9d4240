package calc_test

import (
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestComputed compares growing sums and lookups, which tiles compute by themselves, with the tree walk, over cells of all kinds.
func TestComputed(t *testing.T) {
	const rows = 3000
	formulas := []string{
		"SUM($A$1:A%d)",
		"SUM($A$5:A%d)",
		"SUM($A$1:A%d)/2+1",
		"VLOOKUP(D%d,$E$1:$G$2500,3,FALSE)",
		"VLOOKUP(D%d,$E$1:$G$2500,2,0)",
		"MATCH(D%d,$E$7:$E$2000,0)",
		"IF(VLOOKUP(D%d,$E$1:$G$2500,3,FALSE)>50,1,0)",
		"VLOOKUP(D%d,$E$1:$G$2500,4,FALSE)",
		"VLOOKUP(D%d,$E$1:$G$20,2,FALSE)",
		"MAX(SUM($A$1:A%d),100)",
		"MATCH(D%d,$E$1:E%[1]d,0)",
		"MATCH(A%d,$A$40:A%[1]d,0)",
		"VLOOKUP(E%d,$E$3:F%[1]d,2,FALSE)",
		"IFERROR(VLOOKUP(D%d,$E$1:$G$2500,3,FALSE),\"none\")",
		"IFERROR(VLOOKUP(H%d,$H$1:$I$2500,2,FALSE),-1)",
		"IFNA(MATCH(D%d,$E$7:$E$2000,0),TRUE)",
		"IFNA(VLOOKUP(H%d,$F$1:$H$2500,3,FALSE),0)+1",
		"XLOOKUP(D%d,$E$1:$E$2500,$G$1:$G$2500)",
		"XLOOKUP(H%d,$H$1:$H$2500,$F$1:$F$2500,\"-\")",
		"XLOOKUP(H%d,H:H,G:G,7)",
		"INDEX($G$1:$G$2500,MATCH(D%d,$E$1:$E$2500,0))",
		"IFERROR(INDEX(H:H,MATCH(D%d,E:E,0)),0)",
		"VLOOKUP(H%d,$H$500:$H$2500,1,FALSE)",
		"MATCH(H%d,$H$2:H%[1]d,0)",
		"IFERROR(MATCH(F%d,$F$1:F%[1]d,0),0)",
		"COUNTIF($A$1:A%d,A%[1]d)",
		"IF(COUNTIF($F$5:F%d,F%[1]d)=1,1,0)",
		"COUNTIF($F$1:$F$3000,F%d)",
		"COUNTIF(A:A,D%d)",
		"COUNTIFS($F$2:F%d,F%[1]d,$A$2:A%[1]d,A%[1]d)",
		"COUNTIFS($F$1:$F$2000,F%d,$A$1:$A$2000,\">3\")",
		"SUMIFS($G$1:G%d,$F$1:F%[1]d,F%[1]d)",
		"SUMIFS($G$1:$G$3000,$F$1:$F$3000,F%d,$A$1:$A$3000,A%[1]d)",
		"SUMIFS($G$20:$G$2000,$F$20:$F$2000,F%d,$H$20:$H$2000,H%[1]d)",
		"SUMIF($D$1:D%d,D%[1]d,$G$1:G%[1]d)",
		"SUMIF($E$1:$E$3000,E%d)",
		"AVERAGEIF($F$9:F%d,F%[1]d,$G$9:G%[1]d)",
		"AVERAGEIFS($A$1:$A$3000,$F$1:$F$3000,F%d)",
		"MINIFS($G$1:G%d,$F$1:F%[1]d,F%[1]d)",
		"MAXIFS($A$1:$A$3000,$H$1:$H$3000,H%d,$F$1:$F$3000,\"t7\")",
		"COUNTIF($H$1:H%d,H%[1]d)",
		"COUNTIFS($F$1:$F$3000,$F$7,$H$1:$H$3000,H%d)",
		"SUMIFS($H$1:$H$3000,$F$1:$F$3000,F%d)",
	}
	mixed := []cell.Value{cell.Num(5), cell.Str("5"), cell.Str("5.0"), cell.Str("x"), cell.Str("X"), cell.Str("x*"), cell.Str("<3"), cell.Str("=x"), cell.Str(""), {},
		cell.Truth(true), cell.Str("TRUE"), cell.Num(0), cell.Num(-2.5), cell.Str("<>"), cell.Str("~*"), cell.Num(1), cell.Str("1%"), cell.Num(0.01)}
	fill := func(o calc.Options) *book {
		w := newBook(t, o)
		for i := range int32(rows) {
			w.Set(0, i, 0, cell.Num(float64(i%97)/8))
			w.Set(0, i, 3, cell.Num(float64(i*7%2600)))
			w.Set(0, i, 4, cell.Num(float64(i*11%2600)))
			w.Set(0, i, 5, cell.Str(fmt.Sprint("t", i%40)))
			w.Set(0, i, 6, cell.Num(float64(i%101)))
			w.Set(0, i, 7, mixed[int(i)*7%len(mixed)])
		}
		for k, text := range formulas {
			for i := range int32(rows) {
				if err := w.SetFormula(0, i, int32(9+k), fmt.Sprintf(text, i+1), false); err != nil {
					t.Fatal(err)
				}
			}
		}
		// Among them texts, booleans, empty cells, patterns and, far below, an error.
		w.Set(0, 100, 0, cell.Str("text"))
		w.Set(0, 101, 0, cell.Truth(true))
		w.Set(0, 2900, 0, cell.Err(cell.ErrNA))
		w.Set(0, 2400, 7, cell.Err(cell.ErrDiv))
		for i, v := range []cell.Value{cell.Str("Apple"), cell.Str("app*"), cell.Str("a?ple"), cell.Truth(true), {}, cell.Err(cell.ErrDiv), cell.Str("pear"), cell.Str("5")} {
			w.Set(0, int32(200+i), 3, v)
		}
		for i, v := range []cell.Value{cell.Str("APPLE"), cell.Truth(true), cell.Err(cell.ErrDiv), {}, cell.Str("pear"), cell.Num(5)} {
			w.Set(0, int32(300+i), 4, v)
		}
		w.Set(0, 304, 5, cell.Value{})
		w.Set(0, 304, 6, cell.Truth(false))
		w.calc()
		return w
	}
	fast, slow := fill(calc.Options{}), fill(calc.Options{Tree: true})
	compare := func(when string) {
		t.Helper()
		for i := range int32(rows) {
			for k := range formulas {
				a, b := fast.Value(0, i, int32(9+k)), slow.Value(0, i, int32(9+k))
				if fmt.Sprintf("%#v", a) != fmt.Sprintf("%#v", b) && (a.Kind() != b.Kind() || a.Text() != b.Text() || a.Code() != b.Code() || a.Float() != b.Float()) {
					t.Fatalf("%s: %s is %v by tiles, %v by the tree walk", when, fmt.Sprintf(formulas[k], i+1), a, b)
				}
			}
		}
	}
	compare("first")
	for _, w := range []*book{fast, slow} {
		w.Set(0, 1500, 0, cell.Num(1e9))
		w.Set(0, 40, 4, cell.Str("plum"))
		w.Set(0, 41, 3, cell.Str("PLUM"))
		w.Set(0, 2900, 0, cell.Num(3))
		w.calc()
	}
	compare("after edits")
	if v := fast.Value(0, 3, 10); v.Float() != fast.Value(0, 3, 0).Float()+fast.Value(0, 4, 0).Float() {
		t.Errorf("SUM($A$5:A4) is %v", v) // ends are put in order
	}
}
