package reference

import (
	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

// values keeps the cells of one variable.
type values struct {
	given map[int64]float64 // of data
	boxes []model.Box       // of tables with too many cells for a map
	dense []float64
	known []bool
	other map[int64]float64
	count int64
}

const (
	// denseTo is the number of cells up to which they are kept in an array.
	denseTo = 1 << 22
	// boxesTo is the number of cells up to which a table is laid out in a map.
	boxesTo = 1 << 22
)

// values finds or makes the store of a variable, and loads its data.
func (e *Evaluator) values(v *model.Var) *values {
	s := e.vars[v.ID]
	if s != nil {
		return s
	}
	s = &values{}
	e.vars[v.ID] = s
	switch {
	case v.Data == nil && v.Cells <= denseTo:
		s.dense, s.known = make([]float64, v.Cells), make([]bool, v.Cells)
	case v.Data == nil:
		s.other = map[int64]float64{}
	case v.Data.External != nil:
		s.given = e.load(v)
		e.kept += int64(len(s.given))
	default:
		s.boxes = v.Data.Boxes
		total := int64(0)
		for _, b := range s.boxes {
			cells := int64(1)
			for i := range b.Low {
				cells = times(cells, int64(b.High[i]-b.Low[i])+1)
			}
			total = min(total+cells, 1<<62)
		}
		if total <= boxesTo {
			s.given = map[int64]float64{}
			for _, b := range s.boxes {
				e.lay(v, b, s.given)
			}
		}
	}
	return s
}

// lay puts the cells of a box into a map.
func (e *Evaluator) lay(v *model.Var, b model.Box, cells map[int64]float64) {
	at := append([]int32(nil), b.Low...)
	for {
		period := int32(0)
		if v.Grain != calendar.None {
			period = at[len(at)-1]
		}
		cells[e.m.CellNumber(v, at, int(period))] = b.Value
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] <= b.High[i] {
				break
			}
			at[i] = b.Low[i]
		}
		if i < 0 {
			return
		}
	}
}

// data reads a cell of data.
func (s *values) data(m *model.Model, v *model.Var, items []int32, period int) float64 {
	if s.given != nil {
		if x, ok := s.given[m.CellNumber(v, items, period)]; ok {
			return x
		}
		return v.Fill
	}
	for i := len(s.boxes) - 1; i >= 0; i-- {
		if s.within(s.boxes[i], v, items, period) {
			return s.boxes[i].Value
		}
	}
	return v.Fill
}

func (s *values) within(b model.Box, v *model.Var, items []int32, period int) bool {
	for i := range v.Dims {
		if items[i] < b.Low[i] || items[i] > b.High[i] {
			return false
		}
	}
	if v.Grain == calendar.None {
		return true
	}
	last := len(b.Low) - 1
	return int(b.Low[last]) <= period && period <= int(b.High[last])
}

func (s *values) get(number int64) (float64, bool) {
	if s.dense != nil {
		return s.dense[number], s.known[number]
	}
	x, ok := s.other[number]
	return x, ok
}

func (s *values) has(number int64) bool {
	_, ok := s.get(number)
	return ok
}

func (s *values) set(number int64, x float64) {
	s.count++
	if s.dense != nil {
		s.dense[number], s.known[number] = x, true
		return
	}
	s.other[number] = x
}
