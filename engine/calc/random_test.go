package calc_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
	"github.com/napkin-infra/napkin/engine/calc/internal/calcrandom"
)

// moment is what NOW tells in the tests: 1 January 2026.
const moment = 46023

// empty makes a workbook with the names and the table of a random one.
func empty(t testing.TB, r *calcrandom.Book, o calc.Options) *calc.Workbook {
	t.Helper()
	o.Now, o.Seed = moment, 7
	b, err := calc.New(o, calcrandom.SheetNames...)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range r.Names {
		if err := b.Define(-1, name, text); err != nil {
			t.Fatal(err)
		}
	}
	if r.Table != (cell.Area{}) {
		b.AddTable("T", eval.Table{Area: r.Table, Header: true, Columns: []string{"One", "Two"}})
	}
	return b
}

func enter(t testing.TB, b *calc.Workbook, e calcrandom.Edit) {
	t.Helper()
	var err error
	if e.Formula != "" {
		err = b.SetFormula(e.Sheet, e.Row, e.Col, e.Formula, e.Array)
	} else {
		err = b.Set(e.Sheet, e.Row, e.Col, e.Value)
	}
	if err != nil {
		t.Fatalf("%v: =%s: %v", e.At, e.Formula, err)
	}
}

// last keeps of edits the last of each cell, in the order in which the cells were first set.
func last(edits []calcrandom.Edit) []calcrandom.Edit {
	at := map[calcrandom.At]int{}
	var out []calcrandom.Edit
	for _, e := range edits {
		if i, ok := at[e.At]; ok {
			out[i] = e
			continue
		}
		at[e.At] = len(out)
		out = append(out, e)
	}
	return out
}

func computed(t testing.TB, r *calcrandom.Book, edits []calcrandom.Edit, o calc.Options) (*calc.Workbook, calc.Report) {
	t.Helper()
	b := empty(t, r, o)
	for _, e := range edits {
		enter(t, b, e)
	}
	report, err := b.Recalculate(context.Background())
	if err != nil {
		t.Fatalf("seed %d: %v", r.Seed, err)
	}
	return b, report
}

// differ returns the first cell in which two workbooks differ, by bits, and false where there is none. Of values from a file the errors that came with
// dynamic arrays may be #VALUE!: a file without the metadata for them has no other way to say it.
func differ(a, b *calc.Workbook, fromFile bool) (at calcrandom.At, got, want cell.Value, ok bool) {
	for s := range int32(2) {
		used, _ := a.Used(s)
		other, _ := b.Used(s)
		used = used.Union(other)
		for col := int32(0); col <= used.C1; col++ {
			for row := int32(0); row <= used.R1; row++ {
				x, y := a.Value(s, row, col), b.Value(s, row, col)
				if fromFile && x.Code() == cell.ErrValue && y.Code() >= cell.ErrSpill {
					continue
				}
				if x.Kind() != y.Kind() || x.Text() != y.Text() || math.Float64bits(x.Float()) != math.Float64bits(y.Float()) || x.Code() != y.Code() || x.True() != y.True() {
					return calcrandom.At{Sheet: s, Row: row, Col: col}, x, y, true
				}
			}
		}
	}
	return at, got, want, false
}

// same fails where two workbooks differ.
func same(t testing.TB, what string, a, b *calc.Workbook) {
	t.Helper()
	compare(t, what, a, b, false)
}

func compare(t testing.TB, what string, a, b *calc.Workbook, fromFile bool) {
	t.Helper()
	if at, got, want, ok := differ(a, b, fromFile); ok {
		text, _ := a.Formula(at.Sheet, at.Row, at.Col)
		t.Errorf("%s: %v =%s is %s (%v), want %s (%v)", what, at, text, evaltest.Show(got), got.Float(), evaltest.Show(want), want.Float())
	}
}

var shapes = []struct {
	name string
	calcrandom.Options
	books int
}{
	{"small", calcrandom.Options{Rows: 12, Columns: 14}, 30},
	{"rows", calcrandom.Options{Rows: 90, Columns: 12}, 15},
	{"tiles", calcrandom.Options{Rows: 1300, Columns: 12, Tiles: true}, 8},
	{"long", calcrandom.Options{Rows: 3000, Columns: 6}, 2},
	{"dynamic", calcrandom.Options{Rows: 20, Columns: 10, Dynamic: true}, 30},
	{"backward", calcrandom.Options{Rows: 20, Columns: 6, Backward: true}, 25},
	{"all", calcrandom.Options{Rows: 14, Columns: 8, Dynamic: true, Arrays: true, Backward: true}, 25},
	{"arrays", calcrandom.Options{Rows: 12, Columns: 10, Arrays: true}, 25},
}

// TestExecutors holds that tiles, waves and any number of workers give the bits of the tree walk.
func TestExecutors(t *testing.T) {
	defer calc.SetParallel(64, 1)()
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(books(s.books)) {
				r := calcrandom.New(seed+first(), s.Options)
				edits := last(r.Edits)
				tree, report := computed(t, r, edits, calc.Options{Tree: true, Threads: 1})
				if report.Circular > 0 {
					continue
				}
				one, _ := computed(t, r, edits, calc.Options{Threads: 1})
				same(t, fmt.Sprintf("seed %d, one worker", seed+first()), one, tree)
				two, _ := computed(t, r, edits, calc.Options{Threads: 2})
				same(t, fmt.Sprintf("seed %d, two workers", seed+first()), two, tree)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestEdits holds that after edits in any order the values are those of an engine that begins with the result.
func TestEdits(t *testing.T) {
	for _, s := range shapes {
		if s.Rows > 1000 {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(books(s.books)) {
				seed += first()
				r := calcrandom.New(seed, s.Options)
				random := rand.New(rand.NewPCG(seed, 2))
				edits := last(r.Edits)
				random.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
				b, report := computed(t, r, edits, calc.Options{Threads: 1})
				if report.Circular > 0 {
					continue
				}
				for round := range 8 {
					for range 1 + random.IntN(6) {
						e := r.Draw(random, s.Options)
						edits = append(edits, e)
						enter(t, b, e)
					}
					report, err := b.Recalculate(context.Background())
					if err != nil {
						t.Fatalf("seed %d, round %d: %v", seed, round, err)
					}
					edits = last(edits)
					random.Shuffle(len(edits), func(i, j int) { edits[i], edits[j] = edits[j], edits[i] })
					fresh, again := computed(t, r, edits, calc.Options{Tree: true, Threads: 1})
					if again.Circular > 0 {
						break
					}
					if report.Circular > 0 {
						t.Errorf("seed %d, round %d: circles %v that a fresh engine does not see", seed, round, report.Circles)
					}
					same(t, fmt.Sprintf("seed %d, round %d", seed, round), b, fresh)
					if t.Failed() {
						return
					}
				}
			}
		})
	}
}

// TestFarCell holds that the values of formulas without whole columns do not depend on how far the sheet is used.
func TestFarCell(t *testing.T) {
	for _, s := range shapes[:2] {
		for seed := range uint64(books(s.books)) {
			seed += first()
			r := calcrandom.New(seed, s.Options)
			edits := last(r.Edits)
			for i := range edits {
				edits[i].Formula = wholeColumns.ReplaceAllString(edits[i].Formula, "${1}1:${2}99")
			}
			near, report := computed(t, r, edits, calc.Options{Threads: 1})
			if report.Circular > 0 {
				continue
			}
			for _, sheet := range []int32{0, 1} {
				far := calcrandom.Edit{At: calcrandom.At{Sheet: sheet, Row: 3000, Col: 60}, Cell: calcrandom.Cell{Value: cell.Num(0)}}
				edits = append([]calcrandom.Edit{far}, edits...)
				for col := range int32(30) { // used once, and empty again
					edits = append(edits, calcrandom.Edit{At: calcrandom.At{Sheet: sheet, Row: 200, Col: col}, Cell: calcrandom.Cell{Value: cell.Num(0)}},
						calcrandom.Edit{At: calcrandom.At{Sheet: sheet, Row: 200, Col: col}})
				}
			}
			b, _ := computed(t, r, edits, calc.Options{Threads: 1})
			for _, e := range near.Sheets() {
				sheet, _ := near.Sheet(e)
				used, _ := near.Used(sheet)
				for col := int32(0); col <= used.C1; col++ {
					for row := int32(0); row <= used.R1; row++ {
						if got, want := evaltest.Show(near.Value(sheet, row, col)), evaltest.Show(b.Value(sheet, row, col)); got != want {
							text, _ := near.Formula(sheet, row, col)
							t.Fatalf("seed %d: %s!%s =%s is %s, with more of the sheet used %s", seed, e, cell.Address(row, col), text, got, want)
						}
					}
				}
			}
		}
	}
}

var wholeColumns = regexp.MustCompile(`(\$[A-Z]+):(\$[A-Z]+)\b`)

// TestBuilds is for two builds with the same seeds: the first writes the bits of all results into the file that CALC_BITS names, the next
// one compares with it.
//
//	CALC_BITS=/tmp/bits go test -run TestBuilds ./engine/calc
//	CALC_BITS=/tmp/bits GOEXPERIMENT=simd go test -run TestBuilds ./engine/calc
func TestBuilds(t *testing.T) {
	path := os.Getenv("CALC_BITS")
	if path == "" {
		t.Skip("CALC_BITS names no file")
	}
	var out strings.Builder
	for _, s := range shapes {
		for seed := range uint64(books(s.books)) {
			r := calcrandom.New(seed+first(), s.Options)
			b, _ := computed(t, r, last(r.Edits), calc.Options{Threads: 2})
			h := fnv.New64a()
			for sheet := range int32(2) {
				used, _ := b.Used(sheet)
				for col := int32(0); col <= used.C1; col++ {
					for row := int32(0); row <= used.R1; row++ {
						v := b.Value(sheet, row, col)
						fmt.Fprintf(h, "%d %x %q\n", v.Kind(), math.Float64bits(v.Float()), v.Text())
					}
				}
			}
			fmt.Fprintf(&out, "%s %d %016x\n", s.name, seed+first(), h.Sum64())
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Skip("wrote " + path)
	}
	got := strings.Split(out.String(), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("the other build has %q", line)
		}
	}
}

// TestManyEdits holds that ten thousand edits of a filled-down sheet, values over formulas and formulas back again, end where a fresh engine
// does, and leave as many regions as there are formulas.
func TestManyEdits(t *testing.T) {
	const rows = 2000
	texts := []string{"A%[1]d*2+B%[1]d", "IF(C%[1]d>100,C%[1]d-A%[1]d,D%[2]d+1)", "SUM(C$1:C%[1]d)", "SUM(C:C)-D%[1]d", "VLOOKUP(A%[1]d,$A$1:$B$2000,2,FALSE)", "SUMIFS($B$1:$B$2000,$A$1:$A$2000,A%[1]d)+E%[1]d", "MAX(D%[1]d:D%[3]d)"}
	formula := func(col int, row int32) string { return fmt.Sprintf(texts[col], row+1, row, min(row+4, rows)) }
	enter := func(b *calc.Workbook, row int32, col int, value float64, isFormula bool) {
		t.Helper()
		var err error
		if isFormula {
			err = b.SetFormula(0, row, int32(col), formula(col-2, row), false)
		} else {
			err = b.Set(0, row, int32(col), cell.Num(value))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	type content struct {
		value     float64
		isFormula bool
	}
	cells := map[[2]int32]content{}
	put := func(b *calc.Workbook, row int32, col int, c content) {
		cells[[2]int32{row, int32(col)}] = c
		enter(b, row, col, c.value, c.isFormula)
	}
	random := rand.New(rand.NewPCG(4, first()))
	b := newBook(t, calc.Options{Threads: 2}).Workbook
	for row := range int32(rows) {
		for col := range 2 {
			put(b, row, col, content{value: float64(random.IntN(300))})
		}
		for col := 2; col < 2+len(texts); col++ {
			put(b, row, col, content{value: 5, isFormula: row > 0})
		}
	}
	recalculate(t, b)
	clean, _ := b.Graph()
	edits := 10_000
	if testing.Short() {
		edits = 1000
	}
	for i := range edits {
		row, col := 1+random.Int32N(rows-1), random.IntN(2+len(texts))
		put(b, row, col, content{float64(random.IntN(300)), col >= 2 && random.IntN(2) == 0})
		if random.IntN(100) == 0 || i == edits-1 {
			recalculate(t, b)
		}
	}
	compare := func() {
		t.Helper()
		fresh := newBook(t, calc.Options{Tree: true, Threads: 1}).Workbook
		for at, c := range cells {
			enter(fresh, at[0], int(at[1]), c.value, c.isFormula)
		}
		recalculate(t, fresh)
		for at := range cells {
			if got, want := show(b, 0, at[0], at[1]), show(fresh, 0, at[0], at[1]); got != want {
				t.Fatalf("%s is %s, want %s", cell.Address(at[0], at[1]), got, want)
			}
		}
	}
	compare()
	for at := range cells { // in any order
		if at[1] >= 2 && at[0] > 0 {
			put(b, at[0], int(at[1]), content{isFormula: true})
		}
	}
	recalculate(t, b)
	compare()
	if n, _ := b.Graph(); n != clean {
		t.Errorf("%d regions are left, %d there were", n, clean)
	}
}
