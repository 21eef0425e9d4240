package exec

import (
	"context"
	"math"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// BenchmarkRollUps sweeps units times price, by product, store and day at once, again and again over inputs that stay in memory: 89 million cells
// on one thread, CPU seconds of the best sweep.
func BenchmarkRollUps(b *testing.B) {
	const text = `model bench
time day 2024-01-01 to 2024-12-21
dimension Product = P1..P250
dimension Store = S1..S1000
input units[Product, Store, day] from csv "units"
input price[Product, day] from csv "price"
revenue = units * price
show revenue by Product
show revenue by Store
show revenue by day`
	for name, plain := range map[string]bool{"coded": false, "float64": true} {
		b.Run(name, func(b *testing.B) {
			f, err := lang.Parse(lang.Source{Name: "bench", Text: text})
			if err != nil {
				b.Fatal(err)
			}
			m, err := model.Check(b.Context(), f, model.Options{})
			if err != nil {
				b.Fatal(err)
			}
			p, err := newPlan(m)
			if err != nil {
				b.Fatal(err)
			}
			needed := p.needed()
			x := &executor{m: m, p: p, o: Options{Threads: 1, Data: pattern}, pool: &pool{free: map[int][][]float64{}, budget: 4 << 30, coded: !plain}}
			if err := x.load(b.Context(), needed); err != nil {
				b.Fatal(err)
			}
			least := math.Inf(1)
			for b.Loop() {
				before := cpu()
				if err := x.sweep(b.Context(), p.sweeps[0], needed); err != nil {
					b.Fatal(err)
				}
				least = min(least, (cpu() - before).Seconds())
			}
			b.ReportMetric(least/(250*1000*356)*1e9, "ns/cell")
		})
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pattern fills an input with small whole numbers.
func pattern(_ context.Context, v *model.Var, cell func(period, position int) *float64) error {
	positions := int(v.Cells) / 356
	for period := range 356 {
		for position := range positions {
			*cell(period, position) = float64((period*31 + position*17) % 20)
		}
	}
	return nil
}
