package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var sink float64

// measure runs f again and again and reports the time of one element in the best run, which other work on the machine disturbs
// least, and the traffic where bytes is not 0. times is how often f runs between two looks at the clock.
func measure(b *testing.B, n, bytes, times int, f func()) {
	b.Helper()
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		start := time.Now()
		for range times {
			f()
		}
		best = min(best, time.Since(start))
	}
	ns := float64(best.Nanoseconds()) / float64(n) / float64(times)
	b.ReportMetric(ns, "ns/element")
	b.ReportMetric(float64(bytes)/ns, "GB/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTile runs the kernels over a tile that stays in the first-level cache.
func BenchmarkTile(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	column := func() []float64 {
		out := make([]float64, Tile)
		for i := range out {
			out[i] = 1 + r.Float64()
		}
		return out
	}
	x, y, z, w, dst := column(), column(), column(), column(), column()
	mixed := boxes(r, Tile, 80)
	i8, i16, i32, f32 := make([]int8, Tile), make([]int16, Tile), make([]int32, Tile), make([]float32, Tile)
	var bad Mask
	var s Summer
	cases := []struct {
		name  string
		bytes int // read and written for each element
		run   func()
	}{
		{"Add", 24, func() { Add(dst, x, y) }},
		{"Mul", 24, func() { Mul(dst, x, y) }},
		{"MulC", 16, func() { MulC(dst, x, 3) }},
		{"Div", 24, func() { Div(dst, x, y) }},
		{"Sqrt", 16, func() { Sqrt(dst, x) }},
		{"Max", 24, func() { Max(dst, x, y) }},
		{"Floor", 16, func() { Floor(dst, x) }},
		{"Round", 16, func() { Round(dst, x) }},
		{"Less", 24, func() { Less(dst, x, y) }},
		{"Select", 32, func() { Select(dst, x, y, z) }},
		{"MulAdd", 32, func() { MulAdd(dst, x, y, z) }},
		{"MulMulSub", 40, func() { MulMulSub(dst, x, y, z, w) }},
		{"Exp", 16, func() { Exp(dst, x) }},
		{"Log", 16, func() { Log(dst, x) }},
		{"LoadNumber/numbers", 16, func() { LoadNumber(dst, x, &bad) }},
		{"LoadNumber/mixed", 16, func() { LoadNumber(dst, mixed, &bad) }},
		{"AllNumbers", 8, func() { AllNumbers(x) }},
		{"BoxNumbers", 16, func() { BoxNumbers(dst, x, &bad) }},
		{"BoxBools", 16, func() { BoxBools(dst, x) }},
		{"NotDivisor", 8, func() { NotDivisor(x, &bad) }},
		{"NearlyEqual", 16, func() { NearlyEqual(x, y, &bad) }},
		{"Cancelled", 16, func() { Cancelled(x, y, &bad) }},
		{"Sum", 8, func() { sink += Sum(x) }},
		{"Dot", 16, func() { sink += Dot(x, y) }},
		{"Summer/numbers", 8, func() { s.Start(0); s.Add(x); sink += s.Sum() }},
		{"Summer/mixed", 8, func() { s.Start(0); s.Add(mixed); sink += s.Sum() }},
		{"Tally/numbers", 8, func() { t := NewTally(); t.Add(x); sink += t.Min }},
		{"Tally/mixed", 8, func() { t := NewTally(); t.Add(mixed); sink += t.Min }},
		{"MulRoll", 32, func() { sink += MulRoll(z, x, y) }},
		{"MulCRoll", 24, func() { sink += MulCRoll(z, x, 1.5) }},
		{"MulRollFloat32", 28, func() { sink += MulRollFloat32(z, f32, y) }},
		{"MulCRollFloat32", 20, func() { sink += MulCRollFloat32(z, f32, 1.5) }},
		{"MulRollInt8", 25, func() { sink += MulRollInt8(z, i8, 0, 1, y) }},
		{"MulCRollInt8", 17, func() { sink += MulCRollInt8(z, i8, 0, 1, 1.5) }},
		{"MulRollInt16", 26, func() { sink += MulRollInt16(z, i16, 0, 1, y) }},
		{"MulCRollInt16", 18, func() { sink += MulCRollInt16(z, i16, 0, 1, 1.5) }},
		{"MulRollInt32", 28, func() { sink += MulRollInt32(z, i32, 0, 1, y) }},
		{"MulCRollInt32", 20, func() { sink += MulCRollInt32(z, i32, 0, 1, 1.5) }},
		{"DecodeInt16", 10, func() { DecodeInt16(dst, i16, 0, 0.01) }},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			measure(b, Tile, c.bytes, 64, c.run)
		})
	}
}

// BenchmarkPrefix is all sums of a growing range.
func BenchmarkPrefix(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	cells := boxes(r, Chunk, 100)
	out := make([]cell.Box, Chunk)
	measure(b, Chunk, 16, 1, func() {
		var s Summer
		s.Prefix(out, cells)
	})
}

// BenchmarkMemory runs over columns that are far larger than the caches.
func BenchmarkMemory(b *testing.B) {
	const n = 1 << 23
	x, y := make([]float64, n), make([]float64, n)
	units := make([]int16, n)
	Fill(x, 1.5)
	Fill(y, 2.5)
	for i := range units {
		units[i] = int16(i)
	}
	acc, price := make([]float64, Tile), make([]float64, Tile)
	each := func(f func(from, to int)) {
		for i := 0; i < n; i += Tile {
			f(i, i+Tile)
		}
	}
	cases := []struct {
		name  string
		bytes int
		run   func()
	}{
		{"Mul", 24, func() { each(func(i, j int) { Mul(x[i:j], x[i:j], y[i:j]) }) }},
		{"Sum", 8, func() { each(func(i, j int) { sink += Sum(y[i:j]) }) }},
		{"Summer", 8, func() { var s Summer; s.Add(y); sink += s.Sum() }},
		{"Scan", 24, func() { each(func(i, j int) { MulCAdd(x[i:j], x[i:j], y[i:j], 0.5) }) }},
		{"MulRoll", 8, func() { each(func(i, j int) { sink += MulRoll(acc, y[i:j], price) }) }},
		{"MulRollInt16", 2, func() { each(func(i, j int) { sink += MulRollInt16(acc, units[i:j], 0, 1, price) }) }},
		{"MulCRoll", 8, func() { each(func(i, j int) { sink += MulCRoll(acc, y[i:j], 1.5) }) }},
		{"MulCRollInt16", 2, func() { each(func(i, j int) { sink += MulCRollInt16(acc, units[i:j], 0, 1, 1.5) }) }},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			measure(b, n, c.bytes, 1, c.run)
		})
	}
}

// BenchmarkScalarAfter is plain Go right behind a kernel: it shows whether the kernel cleared the upper halves of the registers.
func BenchmarkScalarAfter(b *testing.B) {
	x := make([]float64, 4096)
	measure(b, len(x), 16, 8, func() {
		Mul(x[:8], x[:8], x[:8])
		for i := range x {
			x[i] = x[i]*0.5 + 1
		}
	})
}

// BenchmarkRow is a roll-up of a row of another length than whole steps have.
func BenchmarkRow(b *testing.B) {
	acc, units := make([]float64, 1000), make([]float64, 1000)
	codes := make([]int8, 1000)
	b.Run("MulCRoll", func(b *testing.B) { measure(b, 1000, 24, 64, func() { sink += MulCRoll(acc, units, 1.5) }) })
	b.Run("MulCRollInt8", func(b *testing.B) {
		measure(b, 1000, 17, 64, func() { sink += MulCRollInt8(acc, codes, 0, 1, 1.5) })
	})
}
