package explain

// rounding counts, for each number of digits, the pairs that are equal when no more are kept.
type rounding struct {
	equal     [len(powers)]int64 // both rounded to k decimals
	roundedA  [len(powers)]int64 // A is B rounded to k decimals
	roundedB  [len(powers)]int64
	cutA      [len(powers)]int64 // A is B cut after k decimals
	cutB      [len(powers)]int64
	digits    [len(powers)]int64 // floats: both rounded to k significant digits
	inexactly int64              // pairs of floats
}

// decimals compares two numbers of the unit 10^-places.
func (r *rounding) decimals(x, y int64, places int32) {
	d := abs(y - x)
	most := int32(len(powers)) - 1
	for k := max(0, places-most); k < min(places, most+1); k++ {
		unit := powers[places-k]
		if unit < d {
			return // and so are all smaller ones
		}
		fitsX, fitsY := x%unit == 0, y%unit == 0
		near := 2*d <= unit
		if fitsX && near {
			r.roundedA[k]++
		}
		if fitsY && near {
			r.roundedB[k]++
		}
		if cut := x/unit == y/unit && (x < 0) == (y < 0); cut || (x/unit == 0 && y/unit == 0 && (x == 0 || y == 0)) {
			if fitsX {
				r.cutA[k]++
			}
			if fitsY {
				r.cutB[k]++
			}
		}
		if near && (fitsX || fitsY) || nearest(x, unit) == nearest(y, unit) {
			r.equal[k]++
		}
	}
}

// significant compares two floats of one unit by their leading digits.
func (r *rounding) significant(x, y int64) {
	r.inexactly++
	size := 0
	for m := max(abs(x), abs(y)); size < len(powers) && powers[size] <= m; size++ {
	}
	for k := 1; k < size; k++ {
		unit := powers[size-k]
		if unit < abs(y-x) {
			return
		}
		if nearest(x, unit) == nearest(y, unit) {
			r.digits[k]++
		}
	}
}

// nearest is v in units, half of one away from zero.
func nearest(v, unit int64) int64 {
	if v < 0 {
		return -((-v + unit/2) / unit)
	}
	return (v + unit/2) / unit
}

func (r *rounding) merge(other *rounding) {
	for k := range powers {
		r.equal[k] += other.equal[k]
		r.roundedA[k] += other.roundedA[k]
		r.roundedB[k] += other.roundedB[k]
		r.cutA[k] += other.cutA[k]
		r.cutB[k] += other.cutB[k]
		r.digits[k] += other.digits[k]
	}
	r.inexactly += other.inexactly
}

// best returns the number of digits with the highest count, the largest of several.
func best(counts *[len(powers)]int64) (digits int, rows int64) {
	for k, n := range counts {
		if n > 0 && n >= rows {
			digits, rows = k, n
		}
	}
	return digits, rows
}
