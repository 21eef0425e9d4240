package reference

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// block is what a reference reads at one period of its variable: one cell, or the cells of folded dimensions.
type block struct {
	r      *model.VarRef
	v      *model.Var
	items  []int32
	folded []int     // places of folded dimensions in v.Dims
	lists  [][]int32 // their items; nil of an All dimension
	cells  int64
}

// block resolves the items that a reference reads. It reports false where a mapping has no item to look up.
func (e *Evaluator) block(r *model.VarRef, v *model.Var, at *place) (*block, bool) {
	b := &block{r: r, v: v, items: make([]int32, len(v.Dims)), cells: 1}
	for i, d := range v.Dims {
		switch ref := r.Dims[i]; ref.Kind {
		case model.Same:
			b.items[i] = at.items[d]
		case model.Fixed:
			b.items[i] = ref.Item
		case model.Lookup:
			m := e.m.Maps[ref.Map]
			b.items[i] = m.Target[at.items[m.From]]
			if b.items[i] < 0 {
				return nil, false
			}
		case model.All:
			b.folded, b.lists = append(b.folded, i), append(b.lists, nil)
			b.cells = times(b.cells, int64(e.m.Dims[d].Len()))
		case model.Group:
			m := e.m.Maps[ref.Map]
			list := e.group(m, at.items[m.To])
			b.folded, b.lists = append(b.folded, i), append(b.lists, list)
			b.cells = times(b.cells, int64(len(list)))
			b.items[i] = at.items[m.To] // for the sums of sparse data
		}
	}
	return b, true
}

// group lists the items that a mapping leads to one item. The list of each item is made once.
func (e *Evaluator) group(m *model.Map, to int32) []int32 {
	lists := e.groups[m.ID]
	if lists == nil {
		lists = make([][]int32, e.m.Dims[m.To].Len())
		for i := range lists {
			lists[i] = []int32{}
		}
		for item, target := range m.Target {
			if target >= 0 {
				lists[target] = append(lists[target], int32(item))
			}
		}
		e.groups[m.ID] = lists
	}
	return lists[to]
}

// times multiplies counts below 2^62; products above stay there.
func times(a, b int64) int64 {
	if a != 0 && b > (1<<62)/a {
		return 1 << 62
	}
	return a * b
}

// sparseFrom is the number of cells from which data is added up by what it has, not cell by cell.
const sparseFrom = 4096

// categories is the value of a block at one period.
func (e *Evaluator) categories(b *block, period int) float64 {
	if len(b.folded) == 0 {
		return e.cell(b.v, b.items, period)
	}
	if b.cells >= sparseFrom && b.v.Data != nil {
		if s := e.values(b.v); s.given != nil {
			return e.sparse(b, s, period)
		}
	}
	if b.cells > e.max {
		panic(stopped{fmt.Errorf("%s: %d cells to aggregate: %w", b.v.Name, b.cells, ErrTooLarge)})
	}
	f := model.NewFolder(b.r.Fold)
	items := append([]int32(nil), b.items...)
	e.walk(b, items, 0, period, f)
	return f.Value()
}

// walk adds the cells of a block, the last dimension fastest.
func (e *Evaluator) walk(b *block, items []int32, k, period int, f *model.Folder) {
	if k == len(b.folded) {
		f.Add(e.cell(b.v, items, period))
		e.tick(1)
		return
	}
	i := b.folded[k]
	if list := b.lists[k]; list != nil {
		for _, item := range list {
			items[i] = item
			e.walk(b, items, k+1, period, f)
		}
		return
	}
	for item := range e.m.Dims[b.v.Dims[i]].Len() {
		items[i] = int32(item)
		e.walk(b, items, k+1, period, f)
	}
}
