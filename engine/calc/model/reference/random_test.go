package reference_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

const draws = `
dimension Product = A, B, C
input x[Product] = normal(100, 10) independent over Product
input y[Product] = normal(100, 10)
input z = uniform(0, 1)
sx = sum(x over Product)
sy = sum(y over Product)
known = 5
simulate 4000
    seed: 11
    percentiles: 5, 50, 95
show sx, sy, z, known
show x by Product
`

// TestSamples has three draws that are independent, whose sum has a deviation of 10*sqrt(3), and three that are one,
// whose sum has 30.
func TestSamples(t *testing.T) {
	m := check(t, draws, model.Options{})
	r, err := reference.Run(context.Background(), m, reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Samples != 4000 || !slices.Equal(r.Percentiles, []float64{5, 50, 95}) {
		t.Errorf("%d samples, %v", r.Samples, r.Percentiles)
	}
	const z95 = 1.6448536269514722
	for i, c := range []struct {
		mean, low, high, tolerance float64
	}{{300, 300 - z95*10*math.Sqrt(3), 300 + z95*10*math.Sqrt(3), 2}, {300, 300 - z95*30, 300 + z95*30, 3}, {0.5, 0.05, 0.95, 0.03}} {
		column := r.Tables[0].Columns[i]
		if !column.Random || math.Abs(column.Values[0]-c.mean) > c.tolerance || math.Abs(column.Percentiles[0][0]-c.low) > c.tolerance || math.Abs(column.Percentiles[2][0]-c.high) > c.tolerance {
			t.Errorf("%s: %v, %v; want %v between %v and %v", column.Title, column.Values, column.Percentiles, c.mean, c.low, c.high)
		}
	}
	if c := r.Tables[0].Columns[3]; c.Random || c.Values[0] != 5 || c.Percentiles != nil {
		t.Errorf("what is not random: %+v", c)
	}

	again, err := reference.Run(context.Background(), m, reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := r.Tables[0].Columns[0].Percentiles[1][0], again.Tables[0].Columns[0].Percentiles[1][0]; a != b {
		t.Errorf("a second run gives %v and not %v", b, a)
	}
	want(t, run(t, draws, model.Options{}), 0, map[string]float64{"/sx": 300, "/z": 0.5})
}

// TestDrawsStand holds that a cell's draw does not depend on other variables, on other cells or on the order of samples.
func TestDrawsStand(t *testing.T) {
	ctx := context.Background()
	m := check(t, draws, model.Options{})
	more := check(t, "input before = normal(1, 1)\n"+draws+"input behind = normal(1, 1)\n", model.Options{})
	e, err := reference.New(ctx, m, reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := reference.New(ctx, more, reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var forward []float64
	for s := range 20 {
		e.Sample(s)
		x, err := e.Cell(m.Var("x"), []int32{2}, 0)
		if err != nil {
			t.Fatal(err)
		}
		forward = append(forward, x)
	}
	for s := 19; s >= 0; s-- {
		f.Sample(s)
		x, err := f.Cell(more.Var("x"), []int32{2}, 0)
		if err != nil || x != forward[s] {
			t.Errorf("sample %d: %v, and %v alone; %v", s, forward[s], x, err)
		}
	}
	slices.Sort(forward)
	if len(slices.Compact(forward)) != 20 {
		t.Error("samples repeat")
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	m := check(t, "dimension A = I1..I2000\ndimension B = I1..I2000\nx[A, B] = position(A) * position(B)\nshow x", model.Options{})
	cancel()
	if _, err := reference.Run(ctx, m, reference.Options{}); err == nil {
		t.Error("an ended context is not told")
	}
}
