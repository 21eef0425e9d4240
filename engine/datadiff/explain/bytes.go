package explain

import "bytes"

// addBytes tests byte strings and UUIDs for another order of their bytes.
func (c *Column) addBytes(a, b, x, y []byte) {
	if len(x) == 0 && len(y) > 0 {
		c.hit(emptyA, a, b)
		return
	}
	if len(y) == 0 {
		c.hit(emptyB, a, b)
		return
	}
	c.addTruncated(a, b, x, y)
	if len(x) != len(y) {
		return
	}
	if reversed(x, y) {
		c.hit(bytesReversed, a, b)
	}
	if len(x) != 16 || !bytes.Equal(x[8:], y[8:]) {
		return
	}
	switch {
	case permuted(x, y, &guidOrder):
		c.hit(guidSwapped, a, b)
	case permuted(x, y, &timeFirst):
		c.hit(timeSwappedB, a, b)
	case permuted(y, x, &timeFirst):
		c.hit(timeSwappedA, a, b)
	}
}

// Orders of the first eight bytes of a UUID. In the structure GUID of Windows the first three fields are
// little-endian; MySQL's UUID_TO_BIN(u, 1) puts time_hi and time_mid before time_low.
var (
	guidOrder = [8]int{3, 2, 1, 0, 5, 4, 7, 6}
	timeFirst = [8]int{6, 7, 4, 5, 0, 1, 2, 3}
)

// permuted says whether y is x in another order.
func permuted(x, y []byte, order *[8]int) bool {
	for i, from := range order {
		if y[i] != x[from] {
			return false
		}
	}
	return true
}

func reversed(x, y []byte) bool {
	for i := range x {
		if x[i] != y[len(y)-1-i] {
			return false
		}
	}
	return true
}
