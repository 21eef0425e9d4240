package calc

import "math/bits"

// cellSet is a set of cells, as a bit for each row of the columns that have any.
type cellSet map[sheetColumn][]uint64

type sheetColumn struct{ sheet, col int32 }

func (s cellSet) has(c at) bool {
	words := s[sheetColumn{c.sheet, c.col}]
	return int(c.row>>6) < len(words) && words[c.row>>6]>>(c.row&63)&1 != 0
}

func (s cellSet) add(c at) {
	key := sheetColumn{c.sheet, c.col}
	words := s[key]
	if need := int(c.row>>6) + 1; need > len(words) {
		words = append(words, make([]uint64, need-len(words))...)
		s[key] = words
	}
	words[c.row>>6] |= 1 << (c.row & 63)
}

// missing calls f with the rows from first to last of a column that are not in the set, until it returns false, and reports whether it never did.
func (s cellSet) missing(sheet, col, first, last int32, f func(row int32) bool) bool {
	words := s[sheetColumn{sheet, col}]
	for row := first; row <= last; row = row&^63 + 64 {
		absent := ^uint64(0) << (row & 63)
		if int(row>>6) < len(words) {
			absent &^= words[row>>6]
		}
		for ; absent != 0; absent &= absent - 1 {
			at := row&^63 + int32(bits.TrailingZeros64(absent))
			if at > last {
				break
			}
			if !f(at) {
				return false
			}
		}
	}
	return true
}
