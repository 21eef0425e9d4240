package search

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestIndex holds that an index tells the positions of each key, in whole and in any part, whatever the number of keys.
func TestIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, distinct := range []uint64{1, 2, 31, 32, 33, 1000, 1 << 60} {
		list := make([]uint64, 3000)
		want := map[uint64][]int32{}
		for i := range list {
			list[i] = r.Uint64N(distinct)
			want[list[i]] = append(want[list[i]], int32(i))
		}
		x := NewIndex(list)
		if x.Groups() != len(want) || x.Len() != len(list) {
			t.Fatalf("%d keys: %d groups of %d positions", len(want), x.Groups(), x.Len())
		}
		if x.Group(1<<61) != -1 {
			t.Errorf("%d keys: one that is not there is found", len(want))
		}
		for key, positions := range want {
			g := x.Group(key)
			if g < 0 || x.Key(g) != key || x.At(int(positions[0])) != g {
				t.Fatalf("key %d has group %d", key, g)
			}
			lo := r.IntN(len(list))
			hi := lo + r.IntN(len(list)-lo)
			var part []int32
			for _, p := range positions {
				if int(p) >= lo && int(p) < hi {
					part = append(part, p)
				}
			}
			got, at := x.Positions(g, lo, hi)
			if !slices.Equal(got, part) || len(got) > 0 && x.All()[at] != got[0] {
				t.Fatalf("key %d from %d to %d: %v, want %v", key, lo, hi, got, part)
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
