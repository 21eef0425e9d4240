package kernel

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// The boxes that are not numbers but have one meaning each.
var (
	empty = math.Float64bits(cell.BoxEmpty())
	yes   = math.Float64bits(cell.BoxBool(true))
	no    = math.Float64bits(cell.BoxBool(false))
)

// LoadNumber sets dst to the numbers that arithmetic makes of the boxes in src: numbers are themselves, empty boxes
// are 0, booleans 0 or 1. All others are 0 and marked in bad. At most [Tile] elements; marks are added.
func LoadNumber(dst []float64, src []cell.Box, bad *Mask) {
	src = src[:len(dst)]
	for i := vecLoadNumber(dst, src, bad); i < len(dst); i++ {
		x := src[i]
		if x != x {
			switch math.Float64bits(x) {
			case empty, no:
				x = 0
			case yes:
				x = 1
			default:
				x = 0
				bad.Set(i)
			}
		}
		dst[i] = x
	}
}

// LoadStrict is [LoadNumber] where a boolean must not pass for a number, as in comparisons: booleans are marked too.
func LoadStrict(dst []float64, src []cell.Box, bad *Mask) {
	src = src[:len(dst)]
	for i := vecLoadStrict(dst, src, bad); i < len(dst); i++ {
		x := src[i]
		if x != x {
			if math.Float64bits(x) != empty {
				bad.Set(i)
			}
			x = 0
		}
		dst[i] = x
	}
}

// LoadBool sets dst to 0 and 1 for the booleans in src, and to 0 for empty boxes. All others are 0 and marked in bad. At most
// [Tile] elements; marks are added.
func LoadBool(dst []float64, src []cell.Box, bad *Mask) {
	for i, b := range src[:len(dst)] {
		u := math.Float64bits(b)
		dst[i] = truth(u == yes)
		if u != yes && u != no && u != empty {
			bad.Set(i)
		}
	}
}

// AllNumbers reports whether all boxes are numbers.
func AllNumbers(src []cell.Box) bool {
	i, all := vecAllNumbers(src)
	for ; all && i+8 <= len(src); i += 8 {
		b := (*[8]float64)(src[i:])
		all = b[0] == b[0] && b[1] == b[1] && b[2] == b[2] && b[3] == b[3] &&
			b[4] == b[4] && b[5] == b[5] && b[6] == b[6] && b[7] == b[7]
	}
	for ; all && i < len(src); i++ {
		all = src[i] == src[i]
	}
	return all
}

// NotFinite marks the elements that are NaN or infinite. At most [Tile] elements; marks are added.
func NotFinite(a []float64, bad *Mask) {
	for i := vecNotFinite(a, bad); i < len(a); i++ {
		if a[i]-a[i] != 0 {
			bad.Set(i)
		}
	}
}

// NotDivisor marks the elements by which one cannot divide, or not without losing sight of an error: zeros, NaNs and
// infinite ones, by which everything is 0. At most [Tile] elements; marks are added.
func NotDivisor(a []float64, bad *Mask) {
	for i := vecNotDivisor(a, bad); i < len(a); i++ {
		if a[i] == 0 || a[i]-a[i] != 0 {
			bad.Set(i)
		}
	}
}

const (
	// nearShare is by which share of one of them two numbers that [cell.CompareNumbers] calls equal differ at most.
	nearShare = 0x1p-46
	// cancelledShare is the greatest share of an operand of a sum that [cell.Settle] may make 0.
	cancelledShare = 0x1p-48
)

// NearlyEqual marks the elements of a that differ from those of b by so little that [cell.CompareNumbers] must say whether they are equal. At most
// [Tile] elements; marks are added.
func NearlyEqual(a, b []float64, bad *Mask) {
	b = b[:len(a)]
	for i := vecNearlyEqual(a, b, bad); i < len(a); i++ {
		if x, y := a[i], b[i]; x != y && math.Abs(x-y) <= math.Abs(x)*nearShare {
			bad.Set(i)
		}
	}
}

// Cancelled marks the elements of a, sums or differences, that are so small beside the element of b, one of the two operands, that [cell.Settle] must
// say whether they are 0. At most [Tile] elements; marks are added.
func Cancelled(a, b []float64, bad *Mask) {
	b = b[:len(a)]
	for i := vecCancelled(a, b, bad); i < len(a); i++ {
		if x := a[i]; x != 0 && math.Abs(x) <= math.Abs(b[i])*cancelledShare {
			bad.Set(i)
		}
	}
}

// BoxNumbers sets dst to the numbers src as cells hold them, negative zeros as zeros, and marks those that are NaN or
// infinite. At most [Tile] elements; marks are added.
func BoxNumbers(dst []cell.Box, src []float64, bad *Mask) {
	src = src[:len(dst)]
	for i := vecBoxNumbers(dst, src, bad); i < len(dst); i++ {
		x := src[i] + 0
		if x-x != 0 {
			bad.Set(i)
		}
		dst[i] = x
	}
}

// BoxBools sets dst to the booleans that src is as 0 and 1.
func BoxBools(dst []cell.Box, src []float64) {
	src = src[:len(dst)]
	for i := vecBoxBools(dst, src); i < len(dst); i++ {
		dst[i] = cell.BoxBool(src[i] != 0)
	}
}

// Tally counts what cells hold. It begins as [NewTally] returns it.
type Tally struct {
	Numbers, Texts, Bools, Errors int64
	Filled                        int64          // cells that are not empty
	Min, Max                      float64        // of the numbers; +Inf and -Inf where there are none
	Error                         cell.ErrorCode // the first one; 0 for none
}

// NewTally returns the tally of no cells.
func NewTally() Tally { return Tally{Min: math.Inf(1), Max: math.Inf(-1)} }

// Add counts the cells of run, which follow those that were added before.
func (t *Tally) Add(run []cell.Box) {
	for i := vecTally(run, t); i < len(run); i++ {
		x := run[i]
		if x == x {
			t.Numbers++
			t.Filled++
			t.Min, t.Max = lesser(x, t.Min), greater(x, t.Max)
		} else if u := math.Float64bits(x); u != empty {
			t.Filled++
			t.other(u)
		}
	}
}

// AddTally counts the cells of u, which follow those of t.
func (t *Tally) AddTally(u *Tally) {
	t.Numbers += u.Numbers
	t.Texts += u.Texts
	t.Bools += u.Bools
	t.Errors += u.Errors
	t.Filled += u.Filled
	t.Min, t.Max = lesser(u.Min, t.Min), greater(u.Max, t.Max)
	if t.Error == 0 {
		t.Error = u.Error
	}
}

// other counts a box that is neither a number nor empty.
func (t *Tally) other(u uint64) {
	b := math.Float64frombits(u)
	switch cell.BoxKind(b) {
	case cell.Text:
		t.Texts++
	case cell.Bool:
		t.Bools++
	default:
		t.Errors++
		if t.Error == 0 {
			t.Error = cell.BoxedError(b)
		}
	}
}
