package compute

import (
	"math"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Work is the least that a run of a model does, known before it starts. Amounts stay at the greatest int64 where they
// would be more.
type Work struct {
	// Given is how many cells inputs have whose values are data: each is put into memory and read at least once.
	Given int64
	// Sources are where those of them come from that are not in the text.
	Sources []*lang.DataSource
	// Computed is how many cells are computed: of what does not depend on a draw once, and of the rest for each sample.
	Computed int64
	// Figures is how many figures are kept for the tables, those of every sample included.
	Figures int64
}

// Fresh is how many bytes of memory are used for the first time at the least: data and figures, 8 bytes each. What is
// computed in between may never leave the caches.
func (w Work) Fresh() int64 { return times(8, plus(w.Given, w.Figures)) }

// Least finds the work of a run from what its outputs rest on. Of a model that is evaluated cell by cell because it has
// few values among many cells, it has the figures alone.
func Least(m *model.Model, o Options) Work {
	samples := o.Samples
	if samples == 0 {
		samples = m.Samples
	}
	memory := o.Memory
	if memory <= 0 {
		memory = defaultMemory
	}
	few := scattered(m, memory) != nil
	var w Work
	seen := map[model.VarID]bool{}
	var visit func(id model.VarID)
	visit = func(id model.VarID) {
		v := m.Vars[id]
		if seen[id] {
			return
		}
		seen[id] = true
		for _, r := range v.Reads {
			visit(r)
		}
		if v.Data != nil && v.Data.External != nil {
			w.Sources = append(w.Sources, &v.Data.External.Source)
		}
		if few {
			return
		}
		switch {
		case v.Data != nil:
			w.Given = plus(w.Given, v.Cells)
		case v.Random && samples > 0:
			w.Computed = plus(w.Computed, times(v.Cells, int64(samples)))
		default:
			w.Computed = plus(w.Computed, v.Cells)
		}
	}
	for i := range m.Outputs {
		out := &m.Outputs[i]
		rows := result.RowsOf(m, out)
		for _, c := range out.Columns {
			visit(c.View)
			n := rows
			if m.Vars[c.View].Random && samples > 0 {
				n = times(rows, int64(samples))
			}
			w.Figures = plus(w.Figures, n)
		}
	}
	return w
}

func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func times(a, b int64) int64 {
	if a != 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}
