package calc_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// TestOutOfMemory computes and edits workbooks with memory for none of their cells beside ones that have all of it: every bit is the same.
func TestOutOfMemory(t *testing.T) {
	for name, shape := range map[string]xlsxtest.Shape{"local": xlsxtest.Local, "growing": xlsxtest.Growing, "lookup": xlsxtest.Lookup, "sums": xlsxtest.SumIfs} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "book.xlsx")
			if err := xlsxtest.Create(path, xlsxtest.Options{Shape: shape, Rows: 90_000, NoValues: true}); err != nil {
				t.Fatal(err)
			}
			var books []*calc.Workbook
			for _, memory := range []int64{0, 1, 1 << 20} {
				f, err := xlsx.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				b, _, err := calc.Open(t.Context(), f, calc.Options{Memory: memory, Folder: t.TempDir()}, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer b.Close()
				b.All()
				if _, err := b.Recalculate(t.Context()); err != nil {
					t.Fatal(err)
				}
				if (b.Spilled() > 0) != (memory > 0) {
					t.Errorf("with %d bytes of memory %d are in the file", memory, b.Spilled())
				}
				books = append(books, b)
			}
			agree(t, books)
			random := rand.New(rand.NewPCG(1, 1))
			for range 20 {
				row, v := random.Int32N(100_000), cell.Num(float64(random.IntN(1000)))
				for _, b := range books {
					if err := b.Set(0, row, 0, v); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, b := range books {
				if _, err := b.Recalculate(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			agree(t, books)
			// A check keeps the values from before beside those from after.
			for _, b := range books {
				if c, err := b.Check(t.Context(), 1e-9, 10); err != nil || c.Different != 0 {
					t.Errorf("%d cells differ: %v", c.Different, err)
				}
			}
		})
	}
}

// agree compares the cells of workbooks with those of the first.
func agree(t *testing.T, books []*calc.Workbook) {
	t.Helper()
	for _, b := range books[1:] {
		for col := range int32(12) {
			for row := range int32(100_001) {
				got, want := b.Value(0, row, col), books[0].Value(0, row, col)
				if got.Kind() != want.Kind() || math.Float64bits(got.Float()) != math.Float64bits(want.Float()) || got.Text() != want.Text() {
					t.Fatalf("%s is %v, and %v with all the memory", cell.Address(row, col), got, want)
				}
			}
		}
	}
}

// TestNoRoomForCells has no folder for what does not fit: the computation ends with an error and the values are there.
func TestNoRoomForCells(t *testing.T) {
	b := newBook(t, calc.Options{Memory: 1, Folder: filepath.Join(t.TempDir(), "missing")})
	for row := range int32(20_000) {
		if err := b.Set(0, row, 0, cell.Num(float64(row))); err != nil {
			t.Fatal(err)
		}
	}
	b.set("B1", "=SUM(A:A)")
	if _, err := b.Recalculate(t.Context()); err == nil || !strings.Contains(err.Error(), "memory allowed is used up") {
		t.Errorf("the error is %v", err)
	}
	if got := b.Value(0, 0, 1).Float(); got != 199990000 {
		t.Errorf("the sum is %v", got)
	}
}
