package calc_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

// TestIndexOfOwnColumn holds that an index over a column that was built while its formulas were computed is not taken for one of the results.
func TestIndexOfOwnColumn(t *testing.T) {
	defer calc.SetParallel(64, 1)()
	for _, f := range []struct{ text, want, then string }{
		{"MATCH(B%d,A$1:A$400,0)", "7", "11"},
		{"XMATCH(B%d,A$1:A$400,0,-1)", "7", "11"},
		{"COUNTIF(A$1:A$400,B%d)*COUNTIF(A$1:A$400,\"<=\"&B%[1]d)", "7", "11"},
	} {
		b := newBook(t, calc.Options{Threads: 2})
		for i := 1; i <= 400; i++ {
			b.set(fmt.Sprintf("A%d", i), 1000+i)
		}
		for i := 401; i <= 900; i++ { // each is the place of a number above, from 1 to 400 and over again
			b.set(fmt.Sprintf("A%d", i), "="+fmt.Sprintf(f.text, i), fmt.Sprintf("B%d", i), 1001+(i-401)%400)
		}
		b.set("C1", "=MATCH(7,A401:A900,0)", "C2", "=MATCH(7,A$1:A$900,0)", "C3", "=COUNTIF(A1:A900,3)", "C4", "=XLOOKUP(390,A1:A900,A1:A900)", "C5", "=MATCH(7,A401:A900,0)")
		b.want("A407", "7", "C1", "7", "C2", "407", "C3", "2", "C4", "390", "C5", "7")
		if f.text[0] != 'C' {
			b.set("A11", 1007, "A7", 1011).want("A407", "11", "A411", "7", "C1", "11", "C2", "411", "C5", "11")
		}
	}
	// The same along a row: the index of row 1 has cells of the column that two workers write.
	b := newBook(t, calc.Options{Threads: 2})
	for c := range int32(60) {
		b.Set(0, 0, c, cell.Num(float64(1000+c)))
	}
	for row := range int32(2000) {
		b.Set(0, row, 63, cell.Num(float64(1000+row%60)))
		if err := b.SetFormula(0, row, 60, fmt.Sprintf("HLOOKUP(BL%d,$A$1:$BH$1,1,FALSE)-MATCH(BL%d,$A$1:$BH$1,0)", row+1, row+1), false); err != nil {
			t.Fatal(err)
		}
	}
	b.set("BK1", "=MATCH(999,A1:BI1,0)", "BK2", "=MATCH(999,B1:BI1,0)", "BK3", "=MATCH(999,C1:BI1,0)")
	b.want("BI1", "999", "BI1999", "999", "BK1", "61", "BK2", "60", "BK3", "59")
}

// TestNamesInTiles holds that names and tables mean in tiles what they mean elsewhere.
func TestNamesInTiles(t *testing.T) {
	b := newBook(t, calc.Options{})
	for _, d := range []struct {
		sheet      int32
		name, text string
	}{{-1, "rate", "2"}, {0, "rate", "3"}, {1, "rate", "5"}, {-1, "beside", "Sheet1!$B1+1"}, {1, "own", "$B1"}, {-1, "loop", "loop+1"}} {
		if err := b.Define(d.sheet, d.name, d.text); err != nil {
			t.Fatal(err)
		}
	}
	b.AddTable("T", eval.Table{Area: cell.Area{Sheet: 0, R0: 0, C0: 0, R1: 20, C1: 1}, Header: true, Columns: []string{"One", "Two"}})
	b.AddTable("U", eval.Table{Area: cell.Area{Sheet: 1, R0: 0, C0: 0, R1: 20, C1: 2}, Header: true, Columns: []string{"One", "Two", "Three"}})
	for row := int32(1); row <= 20; row++ {
		for sheet := range int32(2) {
			b.Set(sheet, row, 1, cell.Num(float64(10*(sheet+1))+float64(row)))
		}
		for _, f := range []struct {
			sheet, col int32
			text       string
		}{{0, 4, fmt.Sprintf("rate*B%d", row+1)}, {1, 4, fmt.Sprintf("rate*B%d", row+1)}, {1, 5, "beside*2"}, {1, 6, "own*2"}, {0, 7, "T[@Two]*2"},
			{1, 8, "U[@Two]*2"}, {1, 2, "[@Two]*2"}, {1, 9, "loop*2"}} {
			if err := b.SetFormula(f.sheet, row, f.col, f.text, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.calc()
	for _, c := range []struct {
		sheet, col int32
		want       string // in the third row, whose B is 12 and 22
	}{{0, 4, "36"}, {1, 4, "110"}, {1, 5, "26"}, {1, 6, "44"}, {0, 7, "24"}, {1, 8, "44"}, {1, 2, "44"}, {1, 9, "#NUM!"}} {
		if got := evaltest.Show(b.Value(c.sheet, 2, c.col)); got != c.want {
			t.Errorf("%s in column %d is %s, want %s", b.Sheets()[c.sheet], c.col, got, c.want)
		}
	}
}

// TestEmptyInTiles holds that an empty cell is passed over by MIN and MAX, and is 0 to arithmetic.
func TestEmptyInTiles(t *testing.T) {
	b := newBook(t, calc.Options{})
	for i := 1; i <= 20; i++ {
		b.set(fmt.Sprintf("A%d", i), i, fmt.Sprintf("B%d", i), fmt.Sprintf("=MIN($D$4,A%d)", i), fmt.Sprintf("C%d", i), fmt.Sprintf("=MAX(XLOOKUP(1,$A$1:$A$20,$E$1:$E$20),-A%d)", i),
			fmt.Sprintf("F%d", i), fmt.Sprintf("=$D$4-A%d", i), fmt.Sprintf("G%d", i), fmt.Sprintf(`=IF($D$4="",A%d,0)`, i))
	}
	b.want("B7", "7", "C7", "-7", "F7", "-7", "G7", "7")
	b.set("D4", 3, "E1", -5).want("B7", "3", "C7", "-5", "F7", "-4", "G7", "0")
}

// TestBeyondRange holds that what is too great for a number is an error, also where it would vanish.
func TestBeyondRange(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1e300)
	for i := 2; i <= 20; i++ {
		b.set(fmt.Sprintf("A%d", i), fmt.Sprintf("=1/(A%d*1E300)", i-1), fmt.Sprintf("B%d", i), fmt.Sprintf("=1/(A$1*1E300+B%d*0)", i-1),
			fmt.Sprintf("C%d", i), fmt.Sprintf("=MIN(A$1*1E300,ABS(C%d))", i-1), fmt.Sprintf("D%d", i), fmt.Sprintf("=2^-(A$1*1E300)+D%d", i-1))
	}
	b.want("A2", "#NUM!", "A3", "#NUM!", "B2", "#NUM!", "C2", "#NUM!", "D2", "#NUM!")
}

// TestDynamicCircle holds that a formula which reads itself through INDIRECT is told of as any other circle.
func TestDynamicCircle(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", `=INDIRECT("A1")+1`, "B1", "=A1*2", "C1", `=INDIRECT("D1")+1`, "D1", "=C1+1", "E1", `{=OFFSET(E1,0,0)+1`)
	if r := b.calc(); r.Circular != 4 {
		t.Errorf("%d cells in circles: %v", r.Circular, r.Circles)
	}
	if r := b.set("G1", 1).calc(); r.Circular < 1 {
		t.Errorf("after an edit elsewhere %d cells in circles: %v", r.Circular, r.Circles)
	}
	if r := b.set("A1", `=INDIRECT("G1")+1`, "C1", 1, "E1", 1).want("A1", "2", "B1", "4", "D1", "2"); r.Circular != 0 {
		t.Errorf("no circle is left, but %d cells are told of: %v", r.Circular, r.Circles)
	}
}

// TestDynamicReads holds that a formula sees edits of cells which it does not name.
func TestDynamicReads(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", "B5", "B5", 7, "C1", "=INDIRECT(A1)", "D1", "=C1*2", "E1", "=SUM(OFFSET(B5,0,0,2,1))")
	b.want("C1", "7", "D1", "14", "E1", "7")
	b.set("B5", 8).want("C1", "8", "D1", "16", "E1", "8")
	b.set("B6", 2).want("E1", "10", "D1", "16")
	b.set("A1", "B6").want("C1", "2", "D1", "4")
	b.set("B6", "=B5*2").want("C1", "16", "D1", "32", "E1", "24")
	b.set("B5", 1).want("C1", "2", "D1", "4", "E1", "3")
	if r := b.calc(); r.Passes != 0 {
		t.Errorf("with nothing to do %d passes", r.Passes)
	}
}

// TestTangledPasses holds that cells in no simple order are computed again where an array grows in the same recalculation.
func TestTangledPasses(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1, "C1", "{=SEQUENCE(A1)", "E1", "=G1+C3", "G2", "=E1*2", "E2", "=G2+1", "G1", "=IF(A1>100,E2,1)")
	b.want("E1", "1", "G2", "2", "E2", "3")
	b.set("A1", 3).want("C3", "3", "E1", "4", "G2", "8", "E2", "9")
	b.set("A1", 2).want("C3", "empty", "E1", "1", "E2", "3")
}

// TestArraysCompete holds that of two arrays the one that comes first in the sheet has the cells, and that the other has them when it goes.
func TestArraysCompete(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A2", "{=SEQUENCE(1,3)", "D1", "=B2", "E1", "=A2")
	b.want("A2", "1", "B2", "2", "C2", "3", "D1", "2", "E1", "1")
	b.set("B1", "{=SEQUENCE(3)*10").want("A2", "#SPILL!", "B1", "10", "B2", "20", "B3", "30", "C2", "empty", "D1", "20", "E1", "#SPILL!")
	b.set("B1", nil).want("A2", "1", "B2", "2", "C2", "3", "B3", "empty", "D1", "2", "E1", "1")
	b.set("B1", "{=SEQUENCE(3)*10").want("A2", "#SPILL!", "B2", "20")
	b.set("B1", "{=SEQUENCE(1,2)").want("A2", "1", "B2", "2", "B1", "1", "C1", "2", "B3", "empty", "D1", "2")
	// The one that gives way makes room for a third, and a formula is in the way of all.
	b = newBook(t, calc.Options{}).set("A1", "{=SEQUENCE(H1)", "A3", "{=SEQUENCE(1,3)", "C2", "{=SEQUENCE(3)", "H1", 2)
	b.want("A2", "2", "A3", "#SPILL!", "C2", "1", "C3", "2")
	b.set("C2", "{=SEQUENCE(1,2)").want("A3", "1", "C3", "3", "D2", "2")
	b.set("H1", 4).want("A1", "#SPILL!", "A2", "empty", "A3", "1")
	b.set("A3", nil).want("A1", "1", "A4", "4", "C3", "empty")
	// An array that reads what it takes from the other would come and go: it waits.
	b = newBook(t, calc.Options{}).set("A2", "{=SEQUENCE(1,3)", "B1", "{=IF(ISERROR(A2),5,SEQUENCE(3))", "D5", "=A2")
	b.want("A2", "1", "C2", "3", "B1", "#SPILL!", "D5", "1")
	if r := b.calc(); r.Passes != 0 {
		t.Errorf("with nothing to do %d passes", r.Passes)
	}
	b.set("A2", "{=SEQUENCE(1,1)").want("B1", "1", "B3", "3", "A2", "1")
	// An array that blocks itself: where it has room, its size is another.
	b = newBook(t, calc.Options{}).set("A1", `{=IF(A3="",SEQUENCE(3),1)`)
	if _, err := b.Recalculate(t.Context()); err == nil {
		if r := b.calc(); r.Cells != 0 {
			t.Errorf("%d cells are still stale", r.Cells)
		}
	}
	// A value that comes to stand where an array has spilled, and goes.
	b = newBook(t, calc.Options{}).set("A1", "{=SEQUENCE(4)", "B1", "=SUM(A1:A9)", "C1", "=A1#+0", "D1", "=IFERROR(A1,-1)")
	b.want("B1", "10", "D1", "1")
	b.set("A3", "=B9").want("A1", "#SPILL!", "A2", "empty", "A3", "0", "B1", "#SPILL!", "D1", "-1")
	b.set("A3", nil).want("A1", "1", "A4", "4", "B1", "10", "D1", "1")
}

// TestArraysCompeteEdits holds that edits of arrays which compete for cells end where an engine does that begins with the result, whatever came first.
func TestArraysCompeteEdits(t *testing.T) {
	const size = 7
	type place struct{ row, col int32 }
	for seed := range uint64(books(60)) {
		r := rand.New(rand.NewPCG(seed+first(), 5))
		b := newBook(t, calc.Options{})
		content := map[place]any{}
		put := func(b *book, p place, v any) { b.set(cell.Address(p.row, p.col), v) }
		draw := func() any {
			switch rows, cols := 1+r.IntN(4), 1+r.IntN(4); r.IntN(9) {
			case 0, 1:
				return nil
			case 2:
				return r.IntN(9)
			case 3:
				return fmt.Sprintf("=%s+1", cell.Address(r.Int32N(size), r.Int32N(size)))
			case 4:
				return fmt.Sprintf("{=SEQUENCE($Z$1,%d)", cols)
			case 5:
				return "{=SUM($A$20:$A$22)+SEQUENCE($Z$2)"
			default:
				return fmt.Sprintf("{=SEQUENCE(%d,%d)", rows, cols)
			}
		}
		for round := range 12 {
			for range 1 + r.IntN(5) {
				p, v := place{r.Int32N(size), r.Int32N(size)}, draw()
				if r.IntN(6) == 0 {
					p, v = place{r.Int32N(2), 25}, 1+r.IntN(4)
				}
				content[p] = v
				put(b, p, v)
			}
			report := b.calc()
			fresh := newBook(t, calc.Options{Tree: true})
			places := slices.SortedFunc(maps.Keys(content), func(a, b place) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.col, b.col)) })
			r.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
			for _, p := range places {
				put(fresh, p, content[p])
			}
			if again := fresh.calc(); report.Circular > 0 || again.Circular > 0 {
				break
			}
			same(t, fmt.Sprintf("seed %d, round %d", seed+first(), round), b.Workbook, fresh.Workbook)
			if again := b.calc(); again.Cells != 0 {
				t.Errorf("seed %d, round %d: %d cells were still stale", seed, round, again.Cells)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// TestSheetSpans holds that references over several sheets and to whole rows follow edits.
func TestSheetSpans(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1, "B1", 2, "D5", "=SUM(Sheet1:Other!A1:B2)", "D6", "=SUM(1:2)", "D7", "=SUM(Other!1:1)", "D8", "=COUNTA(1:1)", "E5", "=D5*2")
	b.want("D5", "3", "D6", "3", "D7", "0", "D8", "2", "E5", "6")
	b.Set(1, 0, 1, cell.Num(10))
	b.want("D5", "13", "D7", "10", "E5", "26")
	b.set("XFD2", 5).want("D6", "8", "D5", "13")
	b.set("B1", nil).want("D5", "11", "D6", "6", "D8", "1", "E5", "22")
}

// TestFixedArray holds that an array formula over an area is changed as a whole only.
func TestFixedArray(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1, "A2", 2)
	if err := b.SetArray(cell.Area{R0: 0, C0: 2, R1: 3, C1: 2}, "A1:A2*10"); err != nil {
		t.Fatal(err)
	}
	b.set("D1", "=SUM(C1:C2)").want("C1", "10", "C2", "20", "C3", "#N/A", "D1", "30")
	b.set("A2", 5).want("C2", "50", "D1", "60")
	for _, row := range []int32{0, 2} {
		if err := b.Set(0, row, 2, cell.Num(1)); err == nil {
			t.Error("a cell of an array formula was set")
		} else if want := fmt.Sprintf("Sheet1!C%d is part of the array formula in C1:C4; change or clear all of it", row+1); err.Error() != want {
			t.Errorf("the error is %q, want %q", err, want)
		}
	}
	if err := b.SetArray(cell.Area{R0: 0, C0: 5, R1: cell.MaxRows, C1: 5}, "1"); err == nil {
		t.Error("an array formula lies outside of the sheet")
	}
}

// TestClearAll holds that a whole sheet is cleared in the time that its cells take, formulas that were not computed yet and arrays among them.
func TestClearAll(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1, "B2", "=A1+1", "C3", "{=SEQUENCE(4)", "Z9", "x")
	if err := b.SetArray(cell.Area{R0: 0, C0: 5, R1: 2, C1: 5}, "A1*2"); err != nil {
		t.Fatal(err)
	}
	b.calc()
	b.set("AB50", "=A1", "D1", "=SUM(Other!A1)")
	b.Set(1, 0, 0, cell.Num(5))
	if err := b.Clear(cell.Area{R1: cell.MaxRows - 1, C1: cell.MaxCols - 1}); err != nil {
		t.Fatal(err)
	}
	b.want("A1", "empty", "B2", "empty", "C5", "empty", "F2", "empty", "Z9", "empty", "AB50", "empty", "D1", "empty")
	if n := b.Stale(); n != 0 || len(b.Regions()) != 0 {
		t.Errorf("%d regions are stale, %d are left", n, len(b.Regions()))
	}
	if b.set("B1", "=SUM(Other!A:A)").want("B1", "5"); show(b.Workbook, 1, 0, 0) != "5" {
		t.Error("the other sheet was cleared, too")
	}
}

// TestMoment holds that what is volatile follows the moment, with what reads it, and that the rest is not computed.
func TestMoment(t *testing.T) {
	b := newBook(t, calc.Options{Now: 46000.25, Seed: 1}).set("A1", "=NOW()", "A2", "=TODAY()+1", "A3", "=RAND()", "B1", "=A1*2", "C1", "=B9+1", "D1", `=IF(C1>100,RAND(),5)`)
	b.want("A1", "46000.25", "A2", "46001", "B1", "92000.5", "D1", "5")
	random := b.Value(0, 2, 0).Float()
	b.SetMoment(46001, 1)
	if r := b.want("A1", "46001", "A2", "46002", "B1", "92002"); r.Cells != 5 || b.Value(0, 2, 0).Float() != random {
		t.Errorf("%d cells were computed, want 5; RAND went from %v to %v with the same seed", r.Cells, random, b.Value(0, 2, 0).Float())
	}
	if b.SetMoment(46001, 2); b.calc().Cells == 0 || b.Value(0, 2, 0).Float() == random {
		t.Error("another seed gives the same number")
	}
}

// TestIterate holds that circles are computed as often as the workbook asks for.
func TestIterate(t *testing.T) {
	b := newBook(t, calc.Options{Iterations: 3, MaxChange: 0.001}).set("A1", "=A1+1", "B1", "=A1*10", "C1", "=D1+1", "D1", "=C1*0+E1", "E1", 4)
	b.want("A1", "3", "B1", "30", "C1", "5", "D1", "4")
	b = newBook(t, calc.Options{Iterations: 1000, MaxChange: 1e-12}).set("A1", 10000, "A2", "=A1*0.1-A3", "A3", "=A2*0.5")
	b.calc() // x = 1000 - x/2
	if got := b.Value(0, 1, 0).Float(); got < 666.66666 || got > 666.66667 {
		t.Errorf("the iteration gives %v, want 2000/3", got)
	}
}

// TestSheetEdges holds that references of names which leave the sheet are errors in those cells only, and that names may look up and to
// the left.
func TestSheetEdges(t *testing.T) {
	b := newBook(t, calc.Options{})
	for name, text := range map[string]string{"below": "Sheet1!$A2", "above": "Sheet1!$A1048576", "beside": "Sheet1!XFD1", "around": "SUM(Sheet1!XFD1048576:XFD2)"} {
		if err := b.Define(-1, name, text); err != nil {
			t.Fatal(err)
		}
	}
	for row := int32(cell.MaxRows - 20); row < cell.MaxRows; row++ {
		b.Set(0, row, 0, cell.Num(float64(row-cell.MaxRows+21))) // 1 to 20
		for col, text := range map[int32]string{2: "below*2", 3: "above*2", 4: "beside+1", 5: "IFERROR(below,-1)+0"} {
			if err := b.SetFormula(0, row, col, text, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	for row := range int32(20) {
		b.Set(0, row, 0, cell.Num(float64(row+1)))
		for col, text := range map[int32]string{2: "below*2", 3: "above*2", 4: "beside+1"} {
			if err := b.SetFormula(0, row, col, text, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.set("A50", 1, "B50", 2, "A51", 8, "B51", 16, "A52", 32, "B52", 64, "B60", "=around", "C51", "=around", "A70", "=beside")
	b.want("C1048576", "#REF!", "F1048576", "-1", "C1048575", "40", "F1048575", "20", "D1048576", "38", "D1048558", "2", "E1048576", "39",
		"C1", "4", "D1", "#REF!", "D2", "2", "D20", "38", "E1", "#REF!", "E2", "3", "A70", "#REF!", "C51", "82", "B60", "0")
	b.set("B52", 65).want("C51", "83")
}

// TestSpillChains holds that arrays which read arrays grow, shrink and make room for each other in one recalculation.
func TestSpillChains(t *testing.T) {
	b := newBook(t, calc.Options{}).set("C1", 3, "A1", "{=SEQUENCE(C1)", "B1", "{=A1#*2", "D1", "=SUM(B1#)", "E1", "=COUNT(A:A)")
	b.want("D1", "12", "E1", "3")
	b.set("C1", 5).want("D1", "30", "E1", "5", "B5", "10")
	b.set("B4", "x").want("B1", "#SPILL!", "D1", "#SPILL!", "A5", "5")
	b.set("C1", 3).want("B1", "2", "D1", "12")
	b.set("C1", 4).want("B1", "#SPILL!")
	b.set("B4", nil).want("B1", "2", "B4", "8", "D1", "20")
	// A formula that stands in the way goes.
	b.set("A5", "=1+1", "C1", 6).want("A1", "#SPILL!")
	b.set("A5", nil).want("A6", "6", "D1", "42")
	// Its size is the count of a column.
	b = newBook(t, calc.Options{}).set("A1", "{=SEQUENCE(COUNT(B:B)+1)", "C1", "=SUM(A:A)")
	b.want("C1", "1")
	for i := 1; i < 20; i++ {
		b.set(fmt.Sprintf("B%d", i), i)
	}
	b.want("C1", "210")
	// It reads a cell that it fills, but only where it fills it.
	b = newBook(t, calc.Options{}).set("A1", `{=IF(ISNUMBER(A3),SEQUENCE(2),SEQUENCE(3))`)
	r := b.calc()
	b.want("A1", "0", "A2", "empty", "A3", "empty")
	if r.Circular != 1 {
		t.Errorf("%d cells in circles", r.Circular)
	}
	// INDIRECT to an array.
	b = newBook(t, calc.Options{}).set("A1", "{=SEQUENCE(B1)", "B1", 2, "C1", `=SUM(INDIRECT("A1#"))`, "D1", `=SUM(INDIRECT("A1:A9"))`, "E1", `{=INDIRECT("A1:A"&B1)*1`, "F1", "=SUM(E1#)")
	b.want("C1", "3", "D1", "3", "F1", "3")
	b.set("B1", 4).want("D1", "10", "C1", "10", "F1", "10", "E4", "4")
	b.set("B1", 1).want("D1", "1", "C1", "1", "F1", "1", "E2", "empty")
}

// TestDynamicChain holds that formulas which read each other through INDIRECT are computed in their order, whichever that is.
func TestDynamicChain(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1)
	for i := 2; i <= 60; i++ {
		b.set(fmt.Sprintf("A%d", i), fmt.Sprintf(`=INDIRECT("A%d")+1`, i-1))
	}
	b.want("A60", "60")
	b.set("A1", 5)
	r := b.want("A60", "64")
	if r.Passes > 6 {
		t.Errorf("%d passes", r.Passes)
	}
	b = newBook(t, calc.Options{}).set("A300", 1)
	for i := 1; i < 300; i++ {
		b.set(fmt.Sprintf("A%d", i), fmt.Sprintf(`=INDIRECT("A%d")+1`, i+1))
	}
	b.want("A1", "300")
	b.set("A300", 5)
	r = b.want("A1", "304")
	if r.Passes > 6 {
		t.Errorf("%d passes", r.Passes)
	}
}

// TestWaveOrder holds that regions are computed upwards or downwards only where no cell of them is read too early, also where few of
// them read each other.
func TestWaveOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []any
		want  []string
	}{
		// L11 reads M8, which reads L12.
		{"up", []any{"M8", "=L12*1", "A1", 3}, []string{"M8", "6", "L11", "9", "L12", "6"}},
		// L8 reads M5, which reads L7, so that it is down.
		{"down", []any{"M5", "=L7*1", "A1", 3}, []string{"M5", "6", "L8", "9", "L7", "6"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t, calc.Options{}).set("A1", 1)
			for row := 1; row <= 14; row++ {
				b.set(fmt.Sprintf("M%d", row), "=A$1")
				if row > 3 {
					b.set(fmt.Sprintf("L%d", row), fmt.Sprintf("=M%d+$A$1", row-3))
				}
			}
			b.calc()
			b.set(c.cells...).want(c.want...)
			b.set("A1", 1).calc()
			b.set("A1", 3).want(c.want...)
		})
	}
}

// TestIntersection holds that an area where one value is meant is the cell in the formula's own row or column.
func TestIntersection(t *testing.T) {
	for _, tree := range []bool{false, true} {
		b := newBook(t, calc.Options{Tree: tree})
		for i := 1; i <= 20; i++ {
			b.set(fmt.Sprintf("A%d", i), i, fmt.Sprintf("C%d", i), "=A$1:A$20", fmt.Sprintf("D%d", i), "=INDEX(A$1:A$15,0)", fmt.Sprintf("E%d", i), "=A$1:A$20*2", fmt.Sprintf("F%d", i), `=OFFSET(A$1,0,0,20)`,
				fmt.Sprintf("G%d", i), "=IF(TRUE,A:A)")
		}
		b.set("H5", "=A3:H3", "C3", 7, "C30", "=A3:H3").want("C5", "5", "C20", "20", "D7", "7", "D16", "#VALUE!", "E9", "18", "F6", "6", "G4", "4", "H5", "0", "C30", "7")
	}
}

// TestWholeColumns holds that arrays made of whole columns fit each other, however far each column is filled, and in whatever sheet.
func TestWholeColumns(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", "x", "A2", "y", "A3", "x", "B1", 10, "B2", 12,
		"D1", `=SUMPRODUCT((A:A="x")*(B:B))`, "D2", `=SUMPRODUCT((A:A="x")*1,B:B)`, "D3", `=SUMPRODUCT(--(A:A="x"),--(B:B>0))`, "D4", `=SUMPRODUCT((Other!A:A="z")*(B:B))`,
		"D5", `{=SUM(IF(A:A="x",B:B,0))`, "D6", `{=INDEX(B:B,MATCH(1,(A:A="y")*(B:B=12),0))`, "D7", `=XLOOKUP(1,(A:A="y")*1,B:B)`, "D8", `{=SUM(FILTER(B:B,A:A="x"))`, "D9", `=SUMPRODUCT((1:1="x")*(2:2="y"))`,
		"D10", `=LOOKUP(2,1/(A:A="y"),B:B)`, "D11", "=SUMX2MY2((A:A=\"x\")*1,B:B)", "D12", "=SUMPRODUCT((A2:A1048576=\"x\")*(B2:B1048576+1))", "D13", `=SUMPRODUCT((A5:A6="")*1)`)
	b.Set(1, 40, 0, cell.Str("z"))
	b.want("D1", "10", "D2", "10", "D3", "1", "D4", "0", "D5", "10", "D6", "12", "D7", "12", "D8", "10", "D9", "1", "D10", "12", "D11", "-243", "D12", "1", "D13", "2")
	b.Set(1, 1, 0, cell.Str("z"))
	b.set("B40", 5).want("D1", "10", "D2", "10", "D4", "12", "D5", "10", "D7", "12")
}

// TestCheckOfTheMoment holds that a check compares no cell that depends on the moment, however far behind it stands.
func TestCheckOfTheMoment(t *testing.T) {
	b := newBook(t, calc.Options{Now: 46000}).set("A1", "=TODAY()", "B1", "=A1+1", "C1", "=B1*2", "D1", "=SUM(C1:C9)", "E1", "=5+F1", "E2", "=E1+1")
	b.calc()
	b.SetMoment(46001, 0)
	c, err := b.Check(t.Context(), 1e-9, 10)
	if err != nil || c.Moment != 4 || c.Compared != 2 || c.Different != 0 {
		t.Errorf("%d of the moment, %d compared, %d differ: %v", c.Moment, c.Compared, c.Different, err)
	}
}
