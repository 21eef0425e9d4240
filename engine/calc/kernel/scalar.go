package kernel

import "math"

// truth is 1 or 0. It has no branch, as comparisons of data are hard to foretell.
func truth(b bool) float64 {
	var v uint64
	if b {
		v = 1
	}
	return math.Float64frombits(-v & oneBits)
}

const oneBits = 0x3FF0000000000000 // 1.0

func lesser(x, y float64) float64 {
	if x < y {
		return x
	}
	return y
}

func greater(x, y float64) float64 {
	if x > y {
		return x
	}
	return y
}

func both(x, y float64) float64 {
	return math.Float64frombits(math.Float64bits(x) & math.Float64bits(y))
}

func either(x, y float64) float64 {
	return math.Float64frombits(math.Float64bits(x) | math.Float64bits(y))
}

func choose(x, y, z float64) float64 {
	if x != 0 {
		return y
	}
	return z
}

// Map sets dst to f of a, and marks in bad where an operand or the result is no finite number: functions such as
// [math.Exp] make a finite number of an infinite one, which must not go unseen. f is given no negative zero.
func Map(dst, a []float64, f func(float64) float64, bad *Mask) {
	for i, x := range a[:len(dst)] {
		y := f(x + 0)
		if x-x != 0 || y-y != 0 {
			bad.Set(i)
		}
		dst[i] = y
	}
}

// Map2 is [Map] for a function of two numbers.
func Map2(dst, a, b []float64, f func(x, y float64) float64, bad *Mask) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i, x := range a {
		y := b[i]
		z := f(x+0, y+0)
		if x-x != 0 || y-y != 0 || z-z != 0 {
			bad.Set(i)
		}
		dst[i] = z
	}
}

// AddInto adds a to acc.
func AddInto(acc, a []float64) { Add(acc, acc, a) }

// MulAddInto adds the products of a and b to acc.
func MulAddInto(acc, a, b []float64) { MulAdd(acc, a, b, acc) }

// Scan takes many series one step further: acc = acc*g + y, rounded twice, each element a series of its own. With time outermost
// a recurrence x(t) = x(t-1)*g(t) + y(t) is one call for each period. [MulCAdd], [MulAddC] and
// [MulCAddC] are the same for constants in place of g or y.
func Scan(acc, g, y []float64) { MulAdd(acc, acc, g, y) }
