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

// TestLastDigits holds that all executors agree on numbers that are the same but for their last digits.
func TestLastDigits(t *testing.T) {
	const rows = 700
	defer calc.SetParallel(64, 1)()
	// Row for row, and in a chain: # is the cell above.
	byRow := []string{"A-B", "A+B", "(A-B)", "A*B-C", "C-A*B", "A*B-C*D", "A*3-B", "A-B*3", "0.3-A", "A-0.3", "-A+0.1", "A-B-C", "A-B+0", "1-A*0.1", "A*0.1-0.03", "A*B+C*D", "A=B", "A<>B", "A<B",
		"A<=0.3", "0.3<=A", "A>B", "A>=B", "IF(A=0.3,1,2)", "IF(AND(A>B,A>C),A-B,B-A)", "A*3=B", "MAX(A*1,B*1)-A", "A+B=C+D", "IF(A,A-B,1)", "ABS(A-B)-A"}
	chains := []string{"#-A", "#+A", "A-#", "(A-#)", "IF(A=#,A-#,#)", "IF(A<#,#-A,A)", "MAX(A*1,#*1)-A", "#*0.5-A", "#*0.5+A*B"}
	at := func(formula string, row int) string {
		var s strings.Builder
		for i := range len(formula) {
			c := formula[i]
			alone := (i == 0 || !letter(formula[i-1])) && (i == len(formula)-1 || !letter(formula[i+1]))
			if 'A' <= c && c <= 'D' && alone {
				fmt.Fprintf(&s, "%c%d", c, row+1)
			} else {
				s.WriteByte(c)
			}
		}
		return s.String()
	}
	fill := func(o calc.Options) (*calc.Workbook, calc.Report) {
		b, err := calc.New(o, "Sheet1", "Other")
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		near := []float64{0.3, 0.1, 1, 0.03, 0.01, 0.09}
		for row := range int32(rows) {
			for col := range int32(4) {
				x := near[r.IntN(len(near))]
				x = math.Float64frombits(math.Float64bits(x) + uint64(r.IntN(24)) - 12)
				if r.IntN(3) == 0 {
					x = -x
				}
				if err := b.Set(0, row, col, cell.Num(x)); err != nil {
					t.Fatal(err)
				}
			}
			for i, f := range byRow {
				if err := b.SetFormula(0, row, int32(5+i), at(f, int(row)), false); err != nil {
					t.Fatal(err)
				}
			}
			for i, f := range chains {
				col := int32(5 + len(byRow) + i)
				if row == 0 {
					err = b.Set(0, row, col, cell.Num(0.3))
				} else {
					err = b.SetFormula(0, row, col, strings.ReplaceAll(at(f, int(row)), "#", cell.Address(row-1, col)), false)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		return b, recalculate(t, b)
	}
	tree, _ := fill(calc.Options{Tree: true})
	fast, report := fill(calc.Options{})
	same(t, "tiles and waves", fast, tree)
	if report.Tiles < rows*int64(len(byRow))/2 || report.Waves < (rows-1)*int64(len(chains)) {
		t.Errorf("only %d cells by tiles and %d by waves", report.Tiles, report.Waves)
	}
	// The data are such that the rules matter.
	zeros, equal := 0, 0
	for row := range int32(rows) {
		a, b := tree.Value(0, row, 0).Float(), tree.Value(0, row, 1).Float()
		if a != b && tree.Value(0, row, 5).Float() == 0 {
			zeros++
		}
		if a != b && tree.Value(0, row, 21).True() {
			equal++
		}
	}
	if zeros < 20 || equal < 20 {
		t.Errorf("%d differences were made 0, and %d pairs are equal", zeros, equal)
	}
}

func letter(c byte) bool { return 'A' <= c && c <= 'Z' }
