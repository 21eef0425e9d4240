package search

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestIndex holds that an index tells the positions of each key, in whole and in any part, whatever the keys are and however many.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	number := func(f float64) uint64 { return math.Float64bits(f) }
	text := func(id int) uint64 { return math.Float64bits(cell.BoxText(uint32(id))) }
	for _, c := range []struct {
		name string
		n    int
		key  func() uint64
	}{
		{"one key", 3000, func() uint64 { return 7 }},
		{"few bits", 3000, func() uint64 { return r.Uint64N(33) }},
		{"any bits", 3000, func() uint64 { return r.Uint64N(1 << 60) }},
		{"close numbers", 3000, func() uint64 { return number(float64(r.IntN(2000) - 700)) }},
		{"scattered numbers", 3000, func() uint64 { return number(float64(r.IntN(1 << 40))) }},
		{"the ends of whole numbers", 300, func() uint64 {
			return number([]float64{math.MinInt64, math.MaxInt64, 0, 1 << 62, 1e300, -1e300, math.Inf(1)}[r.IntN(7)])
		}},
		{"fractions", 3000, func() uint64 { return number(float64(r.IntN(2000)) / 4) }},
		{"close texts", 3000, func() uint64 { return text(r.IntN(2000) + 50_000) }},
		{"scattered texts", 3000, func() uint64 { return text(r.IntN(1 << 32)) }},
		{"many scattered", 70_000, func() uint64 { return number(float64(r.IntN(60_000)) / 64) }},
		{"everything", 40_000, func() uint64 {
			switch r.IntN(6) {
			case 0:
				return text(r.IntN(500))
			case 1:
				return number(r.Float64())
			case 2:
				return math.Float64bits(cell.BoxBool(r.IntN(2) == 0))
			case 3:
				return math.Float64bits(cell.BoxEmpty())
			case 4:
				return math.Float64bits(cell.BoxError(cell.ErrorCode(1 + r.IntN(4))))
			}
			return number(float64(r.IntN(30_000)))
		}},
		{"new ones at the end", 9000, func() func() uint64 {
			i := 0
			return func() uint64 {
				i++
				if i < 4000 {
					return number(float64(i%200) / 8)
				}
				return number(float64(i) / 8)
			}
		}()},
	} {
		list := make([]uint64, c.n)
		want := map[uint64][]int32{}
		for i := range list {
			list[i] = c.key()
			want[list[i]] = append(want[list[i]], int32(i))
		}
		x := NewIndex(list)
		if x.Groups() != len(want) || x.Len() != len(list) {
			t.Fatalf("%s: %d groups of %d positions, want %d", c.name, x.Groups(), x.Len(), len(want))
		}
		for _, key := range []uint64{number(0.3), number(1e9 + 0.5), number(-1), text(49_999), text(1 << 20), 1 << 61, math.Float64bits(math.NaN())} {
			if want[key] == nil && x.Group(key) != -1 {
				t.Errorf("%s: %x, which is not there, is found", c.name, key)
			}
		}
		groups := make([]int32, len(list))
		x.GroupsOf(groups, list)
		if !slices.Equal(groups, x.Each()) {
			t.Errorf("%s: groups asked for together differ", c.name)
		}
		lo := r.IntN(len(list))
		hi := lo + r.IntN(len(list)-lo)
		x.FirstsOf(groups, lo, hi)
		for key, positions := range want {
			g := x.Group(key)
			if g < 0 || x.Key(g) != key || x.At(int(positions[0])) != g {
				t.Fatalf("%s: key %x has group %d", c.name, key, g)
			}
			part := slices.DeleteFunc(slices.Clone(positions), func(p int32) bool { return int(p) < lo || int(p) >= hi })
			got, at := x.Positions(g, lo, hi)
			if !slices.Equal(got, part) || len(got) > 0 && x.All()[at] != got[0] {
				t.Fatalf("%s: key %x from %d to %d: %v, want %v", c.name, key, lo, hi, got, part)
			}
			first := int32(-1)
			if len(part) > 0 {
				first = part[0]
			}
			if f := x.First(g, lo, hi); f != int(first) || groups[positions[0]] != first {
				t.Fatalf("%s: key %x from %d to %d is first at %d and %d, want %d", c.name, key, lo, hi, f, groups[positions[0]], first)
			}
			if n := x.Count(g, lo, hi); n != len(part) {
				t.Fatalf("%s: key %x from %d to %d stands %d times, want %d", c.name, key, lo, hi, n, len(part))
			}
			if x.Whole(g, lo, len(list)) != (int(positions[0]) >= lo) || x.Count(g, lo, len(list)) != len(positions)-len(slices.DeleteFunc(slices.Clone(positions), func(p int32) bool { return int(p) >= lo })) {
				t.Fatalf("%s: key %x from %d on", c.name, key, lo)
			}
		}
	}
	if x := NewIndex(nil); x.Group(0) != -1 || x.Groups() != 0 {
		t.Error("an empty list has a group")
	}
}

// TestOrder holds that counting by the order of numbers is the same as counting.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{0, 1, 2, 63, 64, 65, 127, 128, 500} {
		boxes := make([]cell.Box, n)
		var places []int32
		for i := range boxes {
			boxes[i] = cell.BoxEmpty()
			if r.IntN(4) > 0 {
				boxes[i] = float64(r.IntN(20) - 10)
				places = append(places, int32(i))
			}
		}
		o := newOrder(boxes, places)
		for range 200 {
			x, orEqual := float64(r.IntN(24)-12)+float64(r.IntN(2))/2, r.IntN(2) == 0
			lo := r.IntN(n + 1)
			hi := lo + r.IntN(n+1-lo)
			want := 0
			for _, b := range boxes[lo:hi] {
				if b < x || orEqual && b == x {
					want++
				}
			}
			if got := o.Ranked(lo, hi, o.Rank(x, orEqual)); got != want {
				t.Fatalf("of %d, from %d to %d below %v (or equal: %v): %d, want %d", n, lo, hi, x, orEqual, got, want)
			}
			var part []float64
			for _, b := range boxes[lo:hi] {
				if b == b {
					part = append(part, b)
				}
			}
			slices.Sort(part)
			for k, f := range part {
				if got := o.values[o.Nth(lo, hi, k)]; got != f {
					t.Fatalf("of %d, from %d to %d number %d is %v, want %v", n, lo, hi, k, got, f)
				}
			}
		}
	}
}
