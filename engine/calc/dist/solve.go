package dist

import "math"

// solve finds the u where the smaller tail is min(p, q), by Newton's method on its logarithm, within bounds that every step
// narrows. tail returns the lower tail where p <= q, otherwise the upper one, and its slope. What is still missing to u,
// and is too little to be added to it, is returned as the second result.
func solve(tail func(u float64) (t, slope float64), p, q, u float64) (root, rest float64) {
	const most = 745 // e^-745 is the smallest number there is
	lo, hi := -float64(most), float64(most)
	value := min(p, q)
	goal := math.Log(value)
	for range 200 {
		t, slope := tail(u)
		if math.IsNaN(t) {
			return t, t
		}
		if t == value {
			return u, 0
		}
		if (t < value) == (p <= q) {
			lo = u
		} else {
			hi = u
		}
		step := (goal - math.Log(t)) * t / slope
		if math.Abs(step) <= 1e-14*max(math.Abs(u), 1) {
			return u, (value - t) / slope
		}
		next := u + step
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
			if next == lo || next == hi {
				return next, 0
			}
		}
		u = next
	}
	return u, 0
}
