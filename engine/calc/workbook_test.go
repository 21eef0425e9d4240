package calc_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

// book is a workbook whose cells are addressed as people do.
type book struct {
	*calc.Workbook
	t testing.TB
}

func newBook(t testing.TB, o calc.Options) *book {
	t.Helper()
	b, err := calc.New(o, "Sheet1", "Other")
	if err != nil {
		t.Fatal(err)
	}
	return &book{b, t}
}

// set puts formulas (texts that begin with "=", or "{=" for dynamic arrays) and values into cells of the first sheet.
func (b *book) set(pairs ...any) *book {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		row, col, ok := cell.ParseAddress(pairs[i].(string))
		if !ok {
			b.t.Fatalf("%v is no cell", pairs[i])
		}
		var err error
		switch s, _ := pairs[i+1].(string); {
		case len(s) > 1 && s[0] == '=':
			err = b.SetFormula(0, row, col, s[1:], false)
		case len(s) > 2 && s[:2] == "{=":
			err = b.SetFormula(0, row, col, s[2:], true)
		default:
			err = b.Set(0, row, col, evaltest.Of(pairs[i+1]))
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return b
}

func (b *book) calc() calc.Report {
	b.t.Helper()
	r, err := b.Recalculate(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// want recalculates and compares cells.
func (b *book) want(pairs ...string) calc.Report {
	b.t.Helper()
	r := b.calc()
	for i := 0; i < len(pairs); i += 2 {
		row, col, _ := cell.ParseAddress(pairs[i])
		if got := evaltest.Show(b.Value(0, row, col)); got != pairs[i+1] {
			b.t.Errorf("%s is %s, want %s", pairs[i], got, pairs[i+1])
		}
	}
	return r
}

func TestRecalculate(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 2, "A2", "=A1*10", "A3", "=A2+A1", "B1", "=A3")
	b.want("A2", "20", "A3", "22", "B1", "22")
	if r := b.set("A1", 3).want("A2", "30", "A3", "33", "B1", "33"); r.Cells != 3 {
		t.Errorf("%d cells were computed, want 3", r.Cells)
	}
	if r := b.calc(); r.Cells != 0 || r.Passes != 0 {
		t.Errorf("with nothing to do %d cells were computed", r.Cells)
	}
	b.set("A2", 7).want("A3", "10", "B1", "10")
	b.set("A2", "=A1").want("A3", "6", "B1", "6")
	b.set("A2", nil).want("A2", "empty", "A3", "3")
}

// TestRegions holds that filled-down formulas are one region, that edits cut it, and that it grows together again.
func TestRegions(t *testing.T) {
	b := newBook(t, calc.Options{})
	for i := range 100 {
		row := int32(i)
		b.Set(0, row, 0, cell.Num(float64(i)))
		if err := b.SetFormula(0, row, 1, fmt.Sprintf("A%d*2", i+1), false); err != nil {
			t.Fatal(err)
		}
	}
	regions := func(want int) {
		t.Helper()
		if n, _ := b.Graph(); n != want {
			t.Errorf("there are %d regions, want %d", n, want)
		}
	}
	regions(1)
	b.want("B1", "0", "B100", "198")
	b.set("B50", 1).want("B49", "96", "B50", "1", "B51", "100")
	regions(2)
	b.set("B50", "=A50*2").want("B50", "98")
	regions(1)
	b.set("B10", "=A10*3", "B20", 5)
	regions(4)
	b.set("A10", 1000, "A20", 1000).want("B10", "3000", "B20", "5", "B9", "16", "B21", "40")
}

func TestChains(t *testing.T) {
	for name, fill := range map[string]func(b *book, i int) (col int32, text string){
		"down": func(b *book, i int) (int32, string) { return 0, fmt.Sprintf("A%d+1", i) },
		"pair": func(b *book, i int) (int32, string) { return int32(i % 2), fmt.Sprintf("%c%d+1", 'B'-byte(i%2), i) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t, calc.Options{})
			b.set("A1", 1, "B1", 1)
			for i := 1; i < 5000; i++ {
				col, text := fill(b, i)
				if err := b.SetFormula(0, int32(i), col, text, false); err != nil {
					t.Fatal(err)
				}
			}
			b.calc()
			if name == "down" {
				b.want("A5000", "5000")
				r := b.set("A1", 2).want("A5000", "5001")
				if r.Waves != 4999 {
					t.Errorf("%d cells went in waves", r.Waves)
				}
				r = b.set("A4000", 1).want("A3999", "4000", "A4001", "2", "A5000", "1001")
				if r.Cells != 1000 {
					t.Errorf("%d cells were computed, want 1000", r.Cells)
				}
			}
		})
	}
}

func TestWaves(t *testing.T) {
	b := newBook(t, calc.Options{})
	// Balance, interest and payment read each other: C is of the row above, D and E of the own row.
	b.set("C1", 1000.0)
	for i := 2; i <= 200; i++ {
		b.set(fmt.Sprintf("D%d", i), fmt.Sprintf("=C%d*0.25", i-1), fmt.Sprintf("E%d", i), fmt.Sprintf("=D%d+5", i), fmt.Sprintf("C%d", i), fmt.Sprintf("=C%d+D%d-E%d", i-1, i, i))
	}
	r := b.want("C2", "995", "C200", "5")
	if r.Waves != 3*199 {
		t.Errorf("%d cells went in waves, want %d", r.Waves, 3*199)
	}
	// To the right, and upwards.
	b = newBook(t, calc.Options{})
	b.set("A1", 1)
	for c := int32(1); c < 50; c++ {
		b.set(cell.Address(0, c), "="+cell.Address(0, c-1)+"*2-"+cell.Address(0, c-1)+"+1")
	}
	b.set("A100", 1)
	for i := 99; i > 2; i-- {
		b.set(fmt.Sprintf("A%d", i), fmt.Sprintf("=A%d+1", i+1))
	}
	b.want("AX1", "50", "A3", "98")
}

func TestCircles(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", "=B1+1", "B1", "=A1+1", "C1", "=IF(D1,C1,5)", "D1", false, "E1", "=E1")
	r := b.want("C1", "5")
	if r.Circular != 3 {
		t.Errorf("%d cells in circles: %v", r.Circular, r.Circles)
	}
	r = b.set("D1", true).calc()
	if r.Circular != 1 {
		t.Errorf("C1 reads itself now, but %d cells are in circles: %v", r.Circular, r.Circles)
	}
	// A circle of regions that is none of cells: each half reads the other one's results further away.
	b = newBook(t, calc.Options{})
	for i := 1; i <= 40; i++ {
		b.set(fmt.Sprintf("A%d", i), fmt.Sprintf("=B%d+1", 41-i))
	}
	b.set("B40", 1)
	for i := 1; i < 40; i++ {
		b.set(fmt.Sprintf("B%d", i), fmt.Sprintf("=A%d", 40-i+1))
	}
	b.calc()
	// An iteration that converges: x = x/2 + 1.
	b = newBook(t, calc.Options{Iterations: 100, MaxChange: 1e-9}).set("A1", "=A1/2+1")
	b.calc()
	if v := b.Value(0, 0, 0).Float(); v < 1.99999999 || v > 2 {
		t.Errorf("the iteration gave %v", v)
	}
}

func TestSpill(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1, "A2", 2, "A3", 3, "C1", "{=A1:A3*10", "D1", "=C2+1", "E1", "=C1#*1")
	b.want("C1", "10", "C2", "20", "C3", "30", "D1", "21")
	b.set("C3", "x").want("C1", "#SPILL!", "C2", "empty", "C3", `"x"`, "D1", "1")
	b.set("C3", nil).want("C1", "10", "C3", "30", "D1", "21")
	b.set("C1", nil).want("C1", "empty", "C2", "empty", "C3", "empty", "D1", "1")
	b.set("F1", "{=IF(A1>1,{1;2;3},{1;2})", "G3", "=F3").want("F2", "2", "F3", "empty", "G3", "0")
	b.set("A1", 2).want("F3", "3", "G3", "3")
	b.set("A1", 1).want("F3", "empty")
}

// TestRandomEdits holds that after any edits the values are those of an engine that starts anew.
func TestRandomEdits(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		b := newBook(t, calc.Options{})
		type edit struct {
			row, col int32
			text     string
			num      float64
		}
		last := map[[2]int32]edit{}
		formulas := []func(r, c int32) string{
			func(r, c int32) string { return fmt.Sprintf("%s+1", cell.Address(max(r-1, 0), (c+1)%6)) },
			func(r, c int32) string {
				return fmt.Sprintf("%s*2-%s", cell.Address(r, (c+2)%6), cell.Address(r, (c+3)%6))
			},
			func(r, c int32) string { return fmt.Sprintf("$A$1+%s", cell.Address(max(r-2, 0), c)) },
			func(r, c int32) string {
				return fmt.Sprintf("IF(%s>5,%s,%s)", cell.Address(r, 0), cell.Address(max(r-1, 0), c), cell.Address((r+7)%40, (c+1)%6))
			},
		}
		for round := range 30 {
			for range 20 {
				e := edit{row: random.Int32N(40), col: random.Int32N(6)}
				if random.IntN(3) == 0 {
					e.num = float64(random.IntN(10))
				} else {
					f := formulas[random.IntN(len(formulas))]
					e.text = f(e.row, e.col)
				}
				last[[2]int32{e.row, e.col}] = e
				apply(t, b, e.row, e.col, e.text, e.num)
			}
			b.calc()
			fresh := newBook(t, calc.Options{Tree: true})
			for r := range int32(40) {
				for c := range int32(6) {
					if e, ok := last[[2]int32{r, c}]; ok {
						apply(t, fresh, r, c, e.text, e.num)
					}
				}
			}
			// Circles depend on where one begins, so only workbooks without are compared.
			if r := fresh.calc(); r.Circular > 0 {
				b, last = newBook(t, calc.Options{}), map[[2]int32]edit{}
				continue
			}
			for r := range int32(40) {
				for c := range int32(6) {
					if got, want := evaltest.Show(b.Value(0, r, c)), evaltest.Show(fresh.Value(0, r, c)); got != want {
						t.Fatalf("seed %d, round %d: %s is %s, a fresh engine has %s", seed, round, cell.Address(r, c), got, want)
					}
				}
			}
		}
	}
}

func apply(t testing.TB, b *book, row, col int32, text string, num float64) {
	t.Helper()
	var err error
	if text != "" {
		err = b.SetFormula(0, row, col, text, false)
	} else {
		err = b.Set(0, row, col, cell.Num(num))
	}
	if err != nil {
		t.Fatal(err)
	}
}
