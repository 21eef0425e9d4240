package reference_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// TestFormulaIsAppliedToRollUps draws formulas, and holds their roll-up by "formula" against the same formula written
// over inputs that were rolled up first.
func TestFormulaIsAppliedToRollUps(t *testing.T) {
	const axis = `
time month 2024-01 to 2024-12
dimension P = A, B
dimension S = S1..S5
dimension R = N, O
map S -> R = S1..S2: N, S3..S4: O
input a[P, S, month] = %s
input b[S, month] = %s
    categories: average
    time: final
input c[P] = A: 3, B: 5
    categories: max
input d[month] = %s
    time: average
input e = 7
`
	random := rand.New(rand.NewPCG(1, 2))
	table := func(keys ...[]string) string {
		rows := []string{""}
		for _, k := range keys {
			var next []string
			for _, r := range rows {
				for _, item := range k {
					next = append(next, strings.TrimSpace(r+" "+item))
				}
			}
			rows = next
		}
		for i := range rows {
			rows[i] += fmt.Sprintf(": %d", random.IntN(20)-5)
		}
		return strings.Join(rows, ", ")
	}
	var months, stores []string
	for m := range 12 {
		months = append(months, fmt.Sprintf("2024-%02d", m+1))
	}
	for s := range 5 {
		stores = append(stores, fmt.Sprintf("S%d", s+1))
	}
	products := []string{"A", "B"}
	head := fmt.Sprintf(axis, table(products, stores, months), table(stores, months), table(months))

	// An expression with a mark before each variable, to write the other form in its place.
	var draw func(depth int) string
	draw = func(depth int) string {
		if depth == 0 {
			return []string{"~a", "~b", "~c", "~d", "~e", "2", "~a[t-3]", "sum(~a over P)", "~a[P=B]", "~d[previous]", "~a / sum(~a over P)"}[random.IntN(11)]
		}
		l, r := draw(depth-1), draw(depth-1)
		switch random.IntN(7) {
		case 0:
			return "if(" + l + " > " + r + ", " + r + ", " + l + ")"
		case 1:
			return "max(" + l + ", -" + r + ")"
		case 2:
			return "(" + l + ") / (" + r + ")"
		default:
			return "(" + l + " " + []string{"+", "-", "*", "*"}[random.IntN(4)] + " " + r + ")"
		}
	}
	for range 150 {
		formula := draw(1 + random.IntN(3))
		// [t-3] of months is one quarter, and [previous] stays the previous period.
		plain := strings.ReplaceAll(formula, "~", "")
		rolled := strings.ReplaceAll(strings.ReplaceAll(formula, "~", "r"), "t-3", "t-1")
		text := head + "half = " + plain + "\n    rollup: formula\nv[P, S, month] = half * 2 + a * 0\n    rollup: formula\n" +
			"ra[P, R, quarter] = a[by R]\nrb[R, quarter] = b[by R]\nrc[P] = c\nrd[quarter] = d\nre = e\nw[P, R, quarter] = 2 * (" + rolled + ") + ra * 0\n    rollup: formula\n"
		r := run(t, text, model.Options{Show: []string{"v by P, R, quarter", "w by P, R, quarter"}})
		for i, x := range r.Tables[0].Columns[0].Values {
			y := r.Tables[1].Columns[0].Values[i]
			if x != y && !(math.IsNaN(x) && math.IsNaN(y)) && !(math.Abs(x-y) <= 1e-9*math.Abs(x)) {
				t.Fatalf("%s, %v: %v by formula, %v over roll-ups", formula, r.Tables[0].Rows[i], x, y)
			}
		}
	}
}
