package reference

import (
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// groups are the cells that data has, gathered by what one reference leaves of their places: one pass over the data in
// place of one over all cells for each group.
type groups struct {
	folders map[int64]*model.Folder
	counts  map[int64]int64
}

// sparse is the aggregate of a block of data: of the cells that are given, and of as many fill values as there are
// other cells.
func (e *Evaluator) sparse(b *block, s *values, period int) float64 {
	agg := b.r.Fold
	switch agg {
	case model.Median, model.First, model.Last:
		panic(stopped{fmt.Errorf("%s: the %s of %d cells: %w", b.v.Name, agg, b.cells, ErrTooLarge)})
	}
	g := e.sums[b.r]
	if g == nil {
		g = e.gather(b, s)
		e.sums[b.r] = g
	}
	key, _ := e.key(b.r, b.v, b.items, period, true)
	f, n := g.folders[key], g.counts[key]
	if f == nil {
		f = model.NewFolder(agg)
	}
	rest := float64(b.cells - n)
	fill := b.v.Fill
	switch agg {
	case model.Sum:
		if rest > 0 && fill != 0 {
			return f.Value() + float64(rest*fill)
		}
		return f.Value()
	case model.Average:
		total := 0.0
		if n > 0 {
			total = float64(f.Value() * float64(n))
		}
		if rest > 0 {
			total += float64(rest * fill)
		}
		return total / float64(b.cells)
	case model.Count:
		if fill != 0 {
			return f.Value() + rest
		}
		return f.Value()
	}
	if rest == 0 {
		return f.Value()
	}
	last := model.NewFolder(agg)
	if n > 0 {
		last.Add(f.Value())
	}
	last.Add(fill)
	return last.Value()
}

// gather makes the groups of a reference, adding in the order of cell numbers.
func (e *Evaluator) gather(b *block, s *values) *groups {
	g := &groups{map[int64]*model.Folder{}, map[int64]int64{}}
	numbers := make([]int64, 0, len(s.given))
	for n := range s.given {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	items := make([]int32, len(b.v.Dims))
	for _, n := range numbers {
		period := e.m.CellAt(b.v, n, items)
		key, ok := e.key(b.r, b.v, items, period, false)
		if !ok {
			continue
		}
		f := g.folders[key]
		if f == nil {
			f = model.NewFolder(b.r.Fold)
			g.folders[key] = f
		}
		f.Add(s.given[n])
		g.counts[key]++
		e.tick(1)
	}
	return g
}

// key numbers the group of a cell: its items without the folded dimensions, and groups in place of grouped items. It
// reports false for cells that the reference does not read. Items that are grouped already are their groups.
func (e *Evaluator) key(r *model.VarRef, v *model.Var, items []int32, period int, grouped bool) (int64, bool) {
	key := int64(period)
	for i, d := range v.Dims {
		switch ref := r.Dims[i]; ref.Kind {
		case model.All:
		case model.Fixed:
			if items[i] != ref.Item {
				return 0, false
			}
		case model.Group:
			m := e.m.Maps[ref.Map]
			to := items[i]
			if !grouped {
				to = m.Target[to]
			}
			if to < 0 {
				return 0, false
			}
			key = key*int64(e.m.Dims[m.To].Len()) + int64(to)
		default:
			key = key*int64(e.m.Dims[d].Len()) + int64(items[i])
		}
	}
	return key, true
}
