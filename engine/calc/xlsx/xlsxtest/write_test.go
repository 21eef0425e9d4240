package xlsxtest_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// grid collects a sheet.
type grid struct {
	strings  *cell.Strings
	values   map[string]cell.Value
	formulas map[string]string
	count    int
}

func (g *grid) Cell(c *xlsx.Cell) error {
	at := cell.Address(c.Row, c.Col)
	g.values[at] = g.strings.Value(c.Value)
	if c.Formula.Kind != xlsx.NoFormula {
		g.count++
		g.formulas[at] = string(c.Formula.Text)
	}
	return nil
}
func (g *grid) HiddenRow(int32) error    { return nil }
func (g *grid) End(*xlsx.SheetEnd) error { return nil }

func build(t *testing.T, o xlsxtest.Options) []*grid {
	t.Helper()
	var b bytes.Buffer
	if err := xlsxtest.Write(&b, o); err != nil {
		t.Fatal(err)
	}
	f, err := xlsx.OpenReader(bytes.NewReader(b.Bytes()), int64(b.Len()), "test.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	var grids []*grid
	err = f.Read(context.Background(), func(int) xlsx.Sink {
		g := &grid{f.Strings(), map[string]cell.Value{}, map[string]string{}, 0}
		grids = append(grids, g)
		return g
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return grids
}

func (g *grid) num(col string, row int) float64 { return g.values[fmt.Sprint(col, row)].Float() }

// TestShapes holds the cached values against the formulas, computed here from the inputs.
func TestShapes(t *testing.T) {
	const rows, data = 300, 200
	for _, shared := range []bool{false, true} {
		for _, c := range []struct {
			shape   xlsxtest.Shape
			count   int
			formula [2]string // a cell and its text
			check   func(g *grid, row int) bool
		}{
			{xlsxtest.Local, 4 * rows, [2]string{"G1", "IF(F1>C1,F1-C1,0.5)"}, func(g *grid, row int) bool {
				d := g.num("A", row) * g.num("B", row)
				e := d + g.num("C", row)
				f := e / g.num("B", row)
				h := 0.5
				if f > g.num("C", row) {
					h = f - g.num("C", row)
				}
				return g.num("D", row) == d && g.num("E", row) == e && g.num("F", row) == f && g.num("G", row) == h
			}},
			{xlsxtest.Chain, rows - 1, [2]string{"A2", "A1+1"}, func(g *grid, row int) bool { return g.num("A", row) == float64(row) }},
			{xlsxtest.Growing, rows, [2]string{"B1", "SUM($A$1:A1)"}, func(g *grid, row int) bool {
				sum := 0.0
				for i := 1; i <= row; i++ {
					sum += g.num("A", i)
				}
				return g.num("B", row) == sum
			}},
			{xlsxtest.Lookup, rows, [2]string{"C1", "VLOOKUP(D1,$A$1:$B$200,2,FALSE)"}, func(g *grid, row int) bool {
				for i := 1; i <= data; i++ {
					if g.num("A", i) == g.num("D", row) {
						return g.num("C", row) == g.num("B", i)
					}
				}
				return false
			}},
			{xlsxtest.SumIfs, rows, [2]string{"D1", "SUMIFS($C$1:$C$200,$A$1:$A$200,E1,$B$1:$B$200,F1)"}, func(g *grid, row int) bool {
				sum := 0.0
				for i := 1; i <= data; i++ {
					if g.values[fmt.Sprint("A", i)].Text() == g.values[fmt.Sprint("E", row)].Text() && g.num("B", i) == g.num("F", row) {
						sum += g.num("C", i)
					}
				}
				return g.num("D", row) == sum
			}},
		} {
			grids := build(t, xlsxtest.Options{Shape: c.shape, Rows: rows, Data: data, Sheets: 2, Shared: shared})
			if len(grids) != 2 {
				t.Fatalf("shape %d: %d sheets", c.shape, len(grids))
			}
			g := grids[1]
			if g.count != c.count || g.formulas[c.formula[0]] != c.formula[1] {
				t.Errorf("shape %d, shared %v: %d formulas, %s is %q; want %d and %q", c.shape, shared, g.count, c.formula[0], g.formulas[c.formula[0]], c.count, c.formula[1])
			}
			for row := 1; row <= rows; row++ {
				if !c.check(g, row) {
					t.Errorf("shape %d, shared %v: row %d has wrong values", c.shape, shared, row)
					break
				}
			}
		}
	}
}

func TestOptions(t *testing.T) {
	g := build(t, xlsxtest.Options{Rows: 3, Formulas: 60, NoValues: true, Stored: true, Shared: true})[0]
	if g.count != 180 || g.values["D2"].Kind() != cell.Empty || g.formulas["AB1"] != "A1*B1" {
		t.Errorf("%d formulas, D2 %v, AB1 %q", g.count, g.values["D2"], g.formulas["AB1"])
	}
	if err := xlsxtest.Write(&bytes.Buffer{}, xlsxtest.Options{Rows: 1<<20 + 1}); err == nil {
		t.Error("more rows than a sheet has: no error")
	}
}
