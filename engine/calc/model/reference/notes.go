package reference

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Notes says what the outputs leave out of groups, and what inputs left out that were read so far.
func (e *Evaluator) Notes() (notes []string, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(stopped)
			if !ok {
				panic(r)
			}
			err = s.err
		}
	}()
	return e.notes(), nil
}

// notes says what the outputs left out.
func (e *Evaluator) notes() []string {
	notes := append(slices.Clone(e.loaded), result.Missing(e.m)...)
	for _, o := range e.m.Outputs {
		for _, c := range o.Columns {
			notes = append(notes, e.leftOut(c)...)
		}
	}
	return notes
}

// leftOutTo bounds the cells that are added up to say how much a column left out.
const leftOutTo = 1 << 20

// leftOut says how much of a shown sum is in items that belong to no group.
func (e *Evaluator) leftOut(c model.Column) []string {
	r, ok := e.m.Vars[c.View].Expr.(*model.VarRef)
	if !ok || r.Fold != model.Sum || r.Time.Kind != model.Timeless && r.Time.Fold != model.Sum {
		return nil
	}
	v := e.m.Vars[r.Var]
	if v.Random && e.sample >= 0 || v.Cells > leftOutTo {
		return nil
	}
	var notes []string
	for i, d := range r.Dims {
		if d.Kind != model.Group || e.m.Maps[d.Map].Missing == 0 {
			continue
		}
		m := e.m.Maps[d.Map]
		b := &block{r: r, v: v, items: make([]int32, len(v.Dims))}
		for k := range v.Dims {
			b.folded = append(b.folded, k)
			var list []int32
			switch {
			case k == i:
				for item, target := range m.Target {
					if target < 0 {
						list = append(list, int32(item))
					}
				}
			case r.Dims[k].Kind == model.Fixed:
				list = []int32{r.Dims[k].Item}
			}
			b.lists = append(b.lists, list)
		}
		f := model.NewFolder(model.Sum)
		for p := range e.m.Periods(v.Grain) {
			e.walk(b, b.items, 0, p, f)
		}
		notes = append(notes, fmt.Sprintf("%s: %s in all is in items of %s that belong to no %s", c.Title, strconv.FormatFloat(f.Value(), 'g', 10, 64), e.m.Dims[m.From].Name, e.m.Dims[m.To].Name))
	}
	return notes
}
