package exec_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
)

// TestManySpilled holds that a formula which reads more variables from the disk than a worker keeps at hand has their values and not those of each other.
func TestManySpilled(t *testing.T) {
	const n = 20
	text := strings.Builder{}
	text.WriteString("time month 2024-01 to 2025-12\ndimension Product = P1..P3\ndimension Store = S1..S5000\n")
	nested := "0"
	for i := range n {
		fmt.Fprintf(&text, "v%d[Store, month] = hash(%[1]d over Store, time)\n", i)
		nested = fmt.Sprintf("(v%d - %s)", i, nested)
	}
	fmt.Fprintf(&text, "total[month] = sum(v0%s over Store)\n", strings.Repeat(" + v1", 1))
	fmt.Fprintf(&text, "x[Store, month] = total - %s\n", nested)
	fmt.Fprintf(&text, "y[Product, Store, month] = total - %s\n", nested)
	text.WriteString("many[Product, Store, month] = floor(100 * hash(77 over Product, Store, time))\nwhole = sum(many over Product, Store, time)\n")
	text.WriteString("z[Product, Store, month] = many * (v3[previous] - (v4[next] - whole))\nshow z by Store, month\nshow x by Store, month\nshow y by Product, Store, month\n")
	for i := range n {
		fmt.Fprintf(&text, "show v%d by Store, month\n", i)
	}
	m := check(t, text.String(), model.Options{})
	var want []float64
	for i, o := range []exec.Options{{Plain: true}, {Memory: 1, Plain: true}, {Memory: 1}, {Memory: 1, Plain: true, Threads: 1}} {
		o.Sample, o.Folder = -1, t.TempDir()
		r, err := exec.Run(t.Context(), m, o)
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		var rd exec.Reader
		for _, table := range m.Outputs {
			for _, c := range table.Columns {
				v := m.Vars[c.View]
				for period := range m.Periods(v.Grain) {
					for position := 0; position < int(v.Cells)/m.Periods(v.Grain); position += 7 {
						got, err := r.Values(&rd, c.View, period, position)
						if err != nil {
							t.Fatal(err)
						}
						if i == 0 {
							want = append(want, got)
						} else if math.Float64bits(got) != math.Float64bits(want[at]) {
							t.Fatalf("%+v: %s, period %d, position %d is %v, want %v", o, c.Title, period, position, got, want[at])
						}
						at++
					}
				}
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
