package exec

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// TestFused holds that roll-ups of a product have the same bits whether it is computed in one pass or, because it is shown too, in steps; from
// codes or float64, in memory or on disk, on one thread or two.
func TestFused(t *testing.T) {
	const days = 130
	values := map[string]func(*rand.Rand) float64{
		"small":  func(r *rand.Rand) float64 { return float64(r.IntN(20)) },
		"around": func(r *rand.Rand) float64 { return float64(900 + r.IntN(200)) },
		"wide":   func(r *rand.Rand) float64 { return float64(r.IntN(30000)) },
		"cents":  func(r *rand.Rand) float64 { return float64(r.IntN(5000)) / 100 },
		"any":    func(r *rand.Rand) float64 { return r.NormFloat64() },
	}
	for kind, value := range values {
		data := func(_ context.Context, v *model.Var, cell func(period, position int) *float64) error {
			r := rand.New(rand.NewPCG(uint64(v.ID), 7))
			for period := range days {
				for position := range int(v.Cells) / days {
					if v.Name == "units" {
						*cell(period, position) = value(r)
					} else {
						*cell(period, position) = float64(500+r.IntN(4500)) / 100
					}
				}
			}
			return nil
		}
		for product, stores := range map[string]int{"units * price": 1000, "fee * units": 1000, "units * 1.5": 300} {
			text := fmt.Sprintf(`model fused
time day 2024-01-01 to 2024-05-09
dimension Product = P1..P6
dimension Store = S1..S%d
input units[Product, Store, day] from csv "units"
input price[Product, day] from csv "price"
input fee[Store, day] from csv "fee"
revenue = %s
show revenue by Product, day
show revenue by Store, day
show revenue by day
`, stores, product)
			var want []uint64
			for i, o := range []Options{{Threads: 1}, {Threads: 2, Plain: true}, {Threads: 2, Memory: 1 << 16, Folder: t.TempDir()}} {
				for _, shown := range []string{"", "show revenue by Product, Store, day\n"} {
					o.Sample, o.Data = -1, data
					got := figures(t, text+shown, 3, o)
					if want == nil {
						want = got
					}
					for k := range want {
						if got[k] != want[k] {
							t.Fatalf("%s, %s, %d stores, case %d, shown %t: figure %d is %v, and was %v", kind, product, stores, i, shown != "", k, math.Float64frombits(got[k]), math.Float64frombits(want[k]))
						}
					}
				}
			}
		}
	}
}

// figures returns the bits of the first outputs of a model.
func figures(t *testing.T, text string, outputs int, o Options) []uint64 {
	t.Helper()
	f, err := lang.Parse(lang.Source{Name: "test.nap", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Check(t.Context(), f, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []uint64
	var rd Reader
	for _, output := range m.Outputs[:outputs] {
		v := m.Vars[output.Columns[0].View]
		for period := range m.Periods(v.Grain) {
			for position := range int(v.Cells) / m.Periods(v.Grain) {
				x, err := r.Values(&rd, v.ID, period, position)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, math.Float64bits(x))
			}
		}
	}
	return out
}
