package search

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Kept is the index of the line of an array that was searched last. Where a function is lifted over many values, it
// searches the same array for each of them. The zero Kept is ready for use, by one goroutine.
type Kept struct {
	grid             *cell.Grid
	first, stride, n int
	index            *Index
	texts            map[string]uint32 // folded texts of the array, which need not be in any cell
}

// find returns the index of a line, and nil at its first search.
func (k *Kept) find(l *Line) *Index {
	if k.grid != l.grid || k.first != l.first || k.stride != l.stride || k.n != l.n {
		*k = Kept{grid: l.grid, first: l.first, stride: l.stride, n: l.n}
		return nil
	}
	if k.index == nil {
		k.texts = map[string]uint32{}
		keys := make([]uint64, l.n)
		for i := range keys {
			v := l.At(i)
			if v.Kind() == cell.Text {
				s := cell.Fold(v.Text())
				if _, ok := k.texts[s]; !ok {
					k.texts[s] = uint32(len(k.texts))
				}
			}
			keys[i], _ = k.key(v)
		}
		k.index = NewIndex(keys)
	}
	return k.index
}

// key is [KeyOf] with the numbers of the array's own texts.
func (k *Kept) key(v cell.Value) (uint64, bool) {
	if v.Kind() == cell.Text {
		id, ok := k.texts[cell.Fold(v.Text())]
		return math.Float64bits(cell.BoxText(id)), ok
	}
	return KeyOf(nil, v)
}
