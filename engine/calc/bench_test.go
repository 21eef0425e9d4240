package calc_test

import (
	"fmt"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func BenchmarkChain(b *testing.B) {
	w := newBook(b, calc.Options{})
	w.set("A1", 1)
	const n = 100_000
	for i := 1; i < n; i++ {
		if err := w.SetFormula(0, int32(i), 0, fmt.Sprintf("A%d+1", i), false); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		w.Set(0, 0, 0, cell.Num(2))
		w.calc()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/cell")
}

func BenchmarkRowLocal(b *testing.B) {
	w := newBook(b, calc.Options{})
	const n = 250_000
	for i := range int32(n) {
		w.Set(0, i, 0, cell.Num(float64(i)))
		w.Set(0, i, 1, cell.Num(0.5))
		for k, text := range []string{"A%[1]d*B%[1]d", "C%[1]d*(1-B%[1]d)", "D%[1]d+C%[1]d/2", "IF(A%[1]d>1000,C%[1]d,D%[1]d)"} {
			if err := w.SetFormula(0, i, int32(2+k), fmt.Sprintf(text, i+1), false); err != nil {
				b.Fatal(err)
			}
		}
	}
	for b.Loop() {
		w.All()
		w.calc()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(4*n), "ns/cell")
}

// BenchmarkEdit is one edit of a sheet with a million formulas, with and without sums over whole columns on top, and a recalculation with
// nothing to do.
func BenchmarkEdit(b *testing.B) {
	w := newBook(b, calc.Options{})
	const n = 250_000
	for i := range int32(n) {
		w.Set(0, i, 0, cell.Num(float64(i)))
		w.Set(0, i, 1, cell.Num(0.5))
		for k, text := range []string{"A%[1]d*B%[1]d", "C%[1]d*(1-B%[1]d)", "D%[1]d+C%[1]d/2", "IF(A%[1]d>1000,C%[1]d,D%[1]d)"} {
			if err := w.SetFormula(0, i, int32(2+k), fmt.Sprintf(text, i+1), false); err != nil {
				b.Fatal(err)
			}
		}
	}
	w.calc()
	at := int32(0)
	edit := func(b *testing.B) {
		for b.Loop() {
			at = (at + 77_777) % n
			w.Set(0, at, 0, cell.Num(float64(at+1)))
			w.calc()
		}
	}
	b.Run("local", edit)
	for i, text := range []string{"SUM(F:F)", "AVERAGE(E:E)", "COUNTIF(F:F,\">5\")", "H1+H2"} {
		if err := w.SetFormula(0, int32(i), 7, text, false); err != nil {
			b.Fatal(err)
		}
	}
	w.calc()
	b.Run("sums", edit)
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			w.calc()
		}
	})
}
