package calc

import (
	"slices"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// cost is what a formula took.
type cost struct {
	took  time.Duration
	times int64
}

// Profile begins to take the time of each formula.
func (b *Workbook) Profile() { b.stats = map[int32]*cost{} }

func (b *Workbook) charge(id graph.ID, took time.Duration, among int) {
	if b.stats == nil {
		return
	}
	t := b.graph.Node(id).Formula
	c := b.stats[t]
	if c == nil {
		c = &cost{}
		b.stats[t] = c
	}
	c.took += took / time.Duration(among)
	c.times++
}

// Region is the cells of one formula, for who asks where the time goes.
type Region struct {
	Area    cell.Area
	Sheet   string
	Formula string // as in its first cell, without "="
	Cells   int64
	Took    time.Duration // all cells of the formula; for regions computed together the same share each
	How     string        // the executor: "tiles", "tree", "array"
}

// Regions returns the regions of a workbook, those that took longest first where [Workbook.Profile] was called, else in the order of the
// sheets.
func (b *Workbook) Regions() []Region {
	cells := map[int32]int64{}
	b.graph.All(func(_ graph.ID, n *graph.Node) bool {
		cells[n.Formula] += n.Area.Cells()
		return true
	})
	var out []Region
	b.graph.All(func(_ graph.ID, n *graph.Node) bool {
		r := b.region(n)
		if c := b.stats[n.Formula]; c != nil {
			r.Took = time.Duration(float64(c.took) * float64(r.Cells) / float64(cells[n.Formula]))
		}
		out = append(out, r)
		return true
	})
	slices.SortStableFunc(out, func(a, b Region) int {
		switch {
		case a.Took != b.Took:
			return int(min(max(b.Took-a.Took, -1), 1))
		case a.Area.Sheet != b.Area.Sheet:
			return int(a.Area.Sheet - b.Area.Sheet)
		case a.Area.R0 != b.Area.R0:
			return int(a.Area.R0 - b.Area.R0)
		}
		return int(a.Area.C0 - b.Area.C0)
	})
	return out
}

// Graph returns the number of regions and how much memory they and their edges take.
func (b *Workbook) Graph() (regions int, bytes int64) { return b.graph.Len(), b.graph.Bytes() }

// Bytes returns how much memory the cells take.
func (b *Workbook) Bytes() int64 {
	n := int64(0)
	for _, s := range b.sheets {
		for c := range s.columns {
			n += s.columns[c].Bytes()
		}
	}
	return n
}
