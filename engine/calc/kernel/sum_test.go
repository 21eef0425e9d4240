package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// byTheRule is the sum of the cells as the rule of [Summer] says it, word for word.
func byTheRule(row int, cells []cell.Box) float64 {
	add := func(sum, lost, x float64) (float64, float64) {
		t := sum + x
		if math.Abs(sum) >= math.Abs(x) {
			return t, lost + ((sum - t) + x)
		}
		return t, lost + ((x - t) + sum)
	}
	var total, totalLost, chunk, chunkLost float64
	for at := 0; at < len(cells); {
		var l [8]float64
		for first := true; at < len(cells) && (first || (row+at)%512 != 0); at++ {
			first = false
			if cell.BoxKind(cells[at]) == cell.Number {
				l[(row+at)%8] += cells[at]
			}
		}
		chunk, chunkLost = add(chunk, chunkLost, ((l[0]+l[4])+(l[2]+l[6]))+((l[1]+l[5])+(l[3]+l[7])))
		if at == len(cells) || (row+at)%65536 == 0 {
			total, totalLost = add(total, totalLost, chunk)
			totalLost += chunkLost
			chunk, chunkLost = 0, 0
		}
	}
	return total + totalLost
}

func TestSummer(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for round := range 25 {
			row := r.IntN(3 * Chunk / 2)
			n := r.IntN(3 * Chunk)
			if round < 15 {
				n = r.IntN(1500)
			}
			cells := boxes(r, n, []int{60, 100, 3}[round%3])
			want := byTheRule(row, cells)

			var s Summer
			s.Start(row)
			s.Add(cells)
			if got := s.Sum(); !same(got, want) {
				t.Fatalf("%d cells from row %d: %v, want %v", n, row, got, want)
			}

			s.Start(row) // in runs
			for at := 0; at < n; {
				k := min(n-at, r.IntN(700))
				s.Add(cells[at : at+k])
				at += k
			}
			if got := s.Sum(); !same(got, want) || s.Row() != row+n {
				t.Fatalf("%d cells from row %d in runs: %v, want %v", n, row, got, want)
			}

			s.Start(row) // growing ranges
			for at := range n {
				s.Add(cells[at : at+1])
				if got := s.Sum(); at%997 == 0 && !same(got, byTheRule(row, cells[:at+1])) {
					t.Fatalf("%d cells from row %d: growing range of %d: %v", n, row, at+1, got)
				}
			}
			if got := s.Sum(); !same(got, want) {
				t.Fatalf("%d cells from row %d one by one: %v, want %v", n, row, got, want)
			}

			s.Start(row) // growing ranges at once
			sums := make([]float64, n)
			var one Summer
			one.Start(row)
			for at := 0; at < n; {
				k := min(n-at, r.IntN(2000))
				s.Prefix(sums[at:at+k], cells[at:at+k])
				at += k
			}
			for at := range sums {
				one.Add(cells[at : at+1])
				if !same(sums[at], one.Sum()) {
					t.Fatalf("%d cells from row %d: growing range of %d: %v, want %v", n, row, at+1, sums[at], one.Sum())
				}
			}
			if got := s.Sum(); !same(got, want) || s.Row() != row+n {
				t.Fatalf("%d cells from row %d after all growing ranges: %v, want %v", n, row, got, want)
			}

			s.Start(row) // by chunks
			for at := 0; at < n; {
				k := min(n-at, Chunk-(row+at)%Chunk)
				if k == Chunk {
					s.AddChunk(ChunkSum(cells[at : at+k]))
				} else {
					s.Add(cells[at : at+k])
				}
				at += k
			}
			if got := s.Sum(); !same(got, want) {
				t.Fatalf("%d cells from row %d by chunks: %v, want %v", n, row, got, want)
			}

			s.Start(row) // by tiles
			for at := 0; at < n; {
				k := min(n-at, Tile-(row+at)%Tile)
				if k == Tile {
					s.AddTile(TileSum(cells[at : at+k]))
				} else {
					s.Add(cells[at : at+k])
				}
				at += k
			}
			if got := s.Sum(); !same(got, want) || s.Row() != row+n {
				t.Fatalf("%d cells from row %d by tiles: %v, want %v", n, row, got, want)
			}

			s.Start(0) // empty rows around do not matter
			s.Skip(row)
			s.Add(cells)
			s.Skip(r.IntN(2 * Chunk))
			if got := s.Sum(); !same(got, want) {
				t.Fatalf("%d cells from row %d after a skip: %v, want %v", n, row, got, want)
			}
		}
	})
}

func TestChunkSumOfPart(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	cells := boxes(r, 1000, 80)
	var s Summer
	s.AddChunk(ChunkSum(cells))
	if got, want := s.Sum(), byTheRule(0, cells); !same(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// The sum of a million numbers of mixed sizes is right to the last bit or its neighbour.
func TestSummerAccuracy(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	cells := make([]cell.Box, 1<<20)
	exact := new(big.Float).SetPrec(2000)
	for i := range cells {
		cells[i] = r.Float64() * 1e6
		exact.Add(exact, big.NewFloat(cells[i]))
	}
	var s Summer
	s.Add(cells)
	want, _ := exact.Float64()
	if got := s.Sum(); math.Abs(got-want) > 2*(math.Nextafter(want, math.Inf(1))-want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSums(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	lanes := func(v []float64) float64 {
		var l [8]float64
		i := 0
		for ; i+32 <= len(v); i += 32 {
			for j := range l {
				l[j] += (v[i+j] + v[i+j+8]) + (v[i+j+16] + v[i+j+24])
			}
		}
		for ; i < len(v); i++ {
			l[i%8] += v[i]
		}
		return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
	}
	eachLevel(t, func(t *testing.T) {
		for _, n := range lengths {
			a, b := boxes(r, n, 100), boxes(r, n, 100)
			p := make([]float64, n)
			for i := range p {
				p[i] = float64(a[i] * b[i])
			}
			if got := Sum(a); !same(got, lanes(a)) {
				t.Errorf("sum of %d: %v, want %v", n, got, lanes(a))
			}
			if got := Dot(a, b); !same(got, lanes(p)) {
				t.Errorf("sum of %d products: %v, want %v", n, got, lanes(p))
			}
			values := make([]float64, n)
			one := r.NormFloat64()
			ones := make([]float64, n)
			Fill(ones, one)
			check := func(name string, price []float64, got float64, acc []float64) {
				t.Helper()
				for i := range values {
					p[i] = float64(values[i] * price[i])
					if want := a[i] + p[i]; !same(acc[i], want) {
						t.Fatalf("%s: element %d of %d: %v, want %v", name, i, n, acc[i], want)
					}
				}
				if want := lanes(p); !same(got, want) {
					t.Fatalf("%s: sum of %d: %v, want %v", name, n, got, want)
				}
			}
			acc := func() []float64 { return append([]float64(nil), a...) }
			x, y := acc(), boxes(r, n, 100)
			copy(values, y)
			check("float64", b, MulRoll(x, y, b), x)
			x = acc()
			check("float64 by one price", ones, MulCRoll(x, y, one), x)
			f32, i8, i16, i32 := make([]float32, n), make([]int8, n), make([]int16, n), make([]int32, n)
			for i := range n {
				u := r.Uint32()
				f32[i], i8[i], i16[i], i32[i] = r.Float32(), int8(u), int16(u), int32(u)
			}
			out := make([]float64, n)
			decoded := func(name string) {
				t.Helper()
				for i := range out {
					if !same(out[i], values[i]) {
						t.Fatalf("decode %s: element %d of %d: %v, want %v", name, i, n, out[i], values[i])
					}
				}
			}
			base, scale := r.NormFloat64(), 0.01
			for i := range n {
				values[i] = float64(f32[i])
			}
			x = acc()
			check("float32", b, MulRollFloat32(x, f32, b), x)
			x = acc()
			check("float32 by one price", ones, MulCRollFloat32(x, f32, one), x)
			DecodeFloat32(out, f32)
			decoded("float32")
			for i := range n {
				values[i] = base + float64(scale*float64(i8[i]))
			}
			x = acc()
			check("int8", b, MulRollInt8(x, i8, base, scale, b), x)
			x = acc()
			check("int8 by one price", ones, MulCRollInt8(x, i8, base, scale, one), x)
			DecodeInt8(out, i8, base, scale)
			decoded("int8")
			for i := range n {
				values[i] = base + float64(scale*float64(i16[i]))
			}
			x = acc()
			check("int16", b, MulRollInt16(x, i16, base, scale, b), x)
			x = acc()
			check("int16 by one price", ones, MulCRollInt16(x, i16, base, scale, one), x)
			DecodeInt16(out, i16, base, scale)
			decoded("int16")
			for i := range n {
				values[i] = float64(i16[i])
			}
			x = acc()
			check("plain int16", b, MulRollInt16(x, i16, 0, 1, b), x)
			x = acc()
			check("plain int16 by one price", ones, MulCRollInt16(x, i16, 0, 1, one), x)
			for i := range n {
				values[i] = base + float64(scale*float64(i32[i]))
			}
			x = acc()
			check("int32", b, MulRollInt32(x, i32, base, scale, b), x)
			x = acc()
			check("int32 by one price", ones, MulCRollInt32(x, i32, base, scale, one), x)
			DecodeInt32(out, i32, base, scale)
			decoded("int32")
		}
	})
}

// TestPrefetch asks for codes up to the end of their memory, and for none.
func TestPrefetch(t *testing.T) {
	codes := make([]int8, 1000)
	for from := range codes {
		Prefetch(codes[from:])
	}
	Prefetch(nil)
	for i, c := range codes {
		if c != 0 {
			t.Fatalf("code %d is %d", i, c)
		}
	}
}
