package exec_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/exec"
)

// figures are all that a model shows, and what the run did.
func figures(t *testing.T, m *model.Model, o exec.Options) ([]float64, exec.Stats) {
	t.Helper()
	o.Sample, o.Folder = -1, t.TempDir()
	r, err := exec.Run(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []float64
	var rd exec.Reader
	for _, table := range m.Outputs {
		for _, c := range table.Columns {
			v := m.Vars[c.View]
			for period := range m.Periods(v.Grain) {
				for position := range int(v.Cells) / m.Periods(v.Grain) {
					x, err := r.Values(&rd, c.View, period, position)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, x)
				}
			}
		}
	}
	return out, r.Stats
}

func sameBits(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Fatalf("%s: figure %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// TestInputsInAnyOrder holds that the cells of an input may come in any order and more than once where not all of it fits into memory, and that cells for
// which nothing comes take none.
func TestInputsInAnyOrder(t *testing.T) {
	const chunk = 16 * 4096 * 8
	m := check(t, `time month 2024-01 to 2025-12
dimension Store = S1..S100000
input units[Store, month] from csv "units.csv"
    fill: 3
input few[Store, month] from csv "few.csv"
    fill: empty
x[month] = sum(units over Store)
y[month] = count(few over Store)
show units, few by Store, month
show x, y`, model.Options{})
	draw := func(_ context.Context, v *model.Var, cell func(period, position int) *float64) error {
		r := rand.New(rand.NewPCG(7, uint64(len(v.Name))))
		if v.Name == "few" {
			*cell(3, 77) = 5
			*cell(20, 99_999) = 6
			return nil
		}
		for range 20 {
			block, period := r.IntN(90_000), r.IntN(24)
			for range 500 {
				*cell(period, block+r.IntN(10_000)) += float64(r.IntN(1000)) / 8
			}
		}
		return nil
	}
	want, _ := figures(t, m, exec.Options{Data: draw, Plain: true})
	if few := want[24*100_000:]; few[0] == few[0] || few[3*100_000+77] != 5 || few[21*100_000-1] != 6 {
		t.Errorf("cells of few are %v, %v and %v", few[0], few[3*100_000+77], few[21*100_000-1])
	}
	for _, o := range []exec.Options{{Memory: 1}, {Memory: 1, Plain: true, Threads: 1}, {Memory: 4 * chunk}} {
		o.Data = draw
		got, stats := figures(t, m, o)
		sameBits(t, "units and few", got, want)
		if stats.Spilled == 0 {
			t.Errorf("%d bytes went to the disk", stats.Spilled)
		}
		if most := int64(40 * chunk); stats.Touched > most { // 98 chunks lie in the two inputs
			t.Errorf("%d bytes of memory were used, more than %d", stats.Touched, most)
		}
	}
}

// TestMemoryOfRecurrences holds that variables which read each other's roll-ups keep to the memory that they are given.
func TestMemoryOfRecurrences(t *testing.T) {
	for name, text := range map[string]string{
		"forward":  "load[Store, month] = load[previous] * 0.8 + hash(1 over Store, time) + whole[t-17] / 1000\nwhole[month] = sum(load over Store) / 1e4 + load[Store=S7, t-2]",
		"backward": "load[Store, month] = load[next] * 0.8 + hash(1 over Store, time) + whole[t+17] / 1000\nwhole[month] = sum(load over Store) / 1e4 + load[Store=S7, t+2]",
	} {
		t.Run(name, func(t *testing.T) {
			m := check(t, "time month 2024-01 to 2028-07\ndimension Store = S1..S20000\n"+text+"\nshow load by Store, month\nshow whole", model.Options{})
			want, all := figures(t, m, exec.Options{})
			for _, o := range []exec.Options{{Memory: 1}, {Memory: 1, Plain: true, Threads: 1}} {
				got, stats := figures(t, m, o)
				sameBits(t, strings.TrimSpace(text), got, want)
				if stats.Spilled == 0 || stats.Touched > all.Touched*2/3 {
					t.Errorf("%d bytes went to the disk and %d of memory were used, of %d without a bound", stats.Spilled, stats.Touched, all.Touched)
				}
			}
		})
	}
}
