package reference_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

// FuzzRun holds that what the checker accepts is computed without a panic and twice the same, also in another order: by
// cells from the last one.
func FuzzRun(f *testing.F) {
	const head = "time month 2024-01 to 2024-06\n    fiscal: March\ndimension P = A, B\ndimension S = S1..S3\ndimension R = N, O\nmap S -> R = S1..S2: N\n" +
		"input u[P, S, month] = others others others: 1, A S2 2024-03..: 7, B S3 2024-02: -2\n    outside: 4\ninput p[P] = A: 2, B: -3\ninput d[day] = 2024-02: 3\ninput w[week] = 2024-W07: 7\n    time: average\n"
	for _, text := range []string{
		"x = u * p\n  rollup: formula\ny[R] = x[by R, final]\nshow x by R, year", "x = x[previous] + sum(u[t-2:t] over P)\nshow x by S", "a[month] = b / 2 + 1\nb[month] = a[next]\nshow a, b", "input n = normal(p[P=A], 1)\nshow n\nsimulate 3",
		"x[S] = y[by S]\ny[R] = 1\nshow x", "x = if(S = S1, hash(3 over P), position(R))\nshow x by R, S", "x = cumulative(u)\n  time: final\nshow x[P=A] by R", "x[week] = u\nshow x by quarter", "x[year] = u[t-1]\n  time: formula\nshow x by quarter",
		"x[month] = w[previous] + d[next] + sum(d[t-1:t+1]) + max(d[2024-02:t])\nshow x\nshow w, d by year", "g = u / u[t-3] - 1\n  rollup: formula\nshow g by quarter\nshow g by R", "x = average(u[first-2:final+1] over all)\nshow x",
		"x[S, month] = y[by S, previous]\ny[R, month] = x[by R] + 1\nshow x, y by R", "m = u / sum(u over S)\n  categories: formula\nshow m by P\nshow m by R, month", "x[day] = fiscal_month() + days_in_period() + w\n  time: min\nshow x by month",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		file, err := lang.Parse(lang.Source{Text: head + text})
		if err != nil {
			return
		}
		m, err := model.Check(context.Background(), file, model.Options{})
		if err != nil {
			return
		}
		o := reference.Options{MaxCells: 20_000, Samples: 3}
		r, err := reference.Run(context.Background(), m, o)
		if err != nil {
			if !errors.Is(err, reference.ErrTooLarge) {
				t.Errorf("%v", err)
			}
			return
		}
		e, err := reference.New(context.Background(), m, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, out := range m.Outputs {
			for j, c := range out.Columns {
				v := m.Vars[c.View]
				if v.Random {
					continue
				}
				n := m.Periods(v.Grain)
				items := make([]int32, len(v.Dims))
				for row := len(r.Tables[i].Rows) - 1; row >= 0; row-- {
					m.CellAt(v, int64(row/n), items)
					got, err := e.Cell(v, items, row%n)
					want := r.Tables[i].Columns[j].Values[row]
					if err != nil || got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
						t.Errorf("%s, row %v: %v, and alone %v, %v", c.Title, r.Tables[i].Rows[row], want, got, err)
					}
				}
			}
		}
	})
}
