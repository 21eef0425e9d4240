package calc

import (
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// Explanation is where the value of a cell comes from and where it goes.
type Explanation struct {
	Sheet   string
	At      cell.Area
	Value   cell.Value
	Formula string // without "="; "" for a constant
	// Region is the cells that share the formula; the cell itself where it has none.
	Region cell.Area
	How    string // the executor of the region: "tiles", "tree", "array"; "" for a constant
	Took   time.Duration
	// Reads are the areas that the cell itself reads.
	Reads []Read
	// Volatile and Dynamic: the value depends on the moment or on random numbers; which cells are read depends on values.
	Volatile, Dynamic bool
	// ReadBy are the regions that read the cell, up to 100 of them, and Readers how many there are.
	ReadBy  []Region
	Readers int
	// Perhaps is how many other regions read what only values tell (INDIRECT, OFFSET): they may read the cell, too.
	Perhaps int
	// Stale is how many cells an edit of this one makes stale, itself not counted.
	Stale int64
}

// Read is an area that a formula reads.
type Read struct {
	Sheet    string
	Area     cell.Area
	Value    cell.Value // of one cell
	Filled   int64      // cells that hold something
	Sum      float64    // of the numbers
	Formulas int        // regions in it
}

// Explain tells where the value of a cell comes from.
func (b *Workbook) Explain(sheet, row, col int32) Explanation {
	own := cell.At(sheet, row, col)
	x := Explanation{Sheet: b.sheets[sheet].name, At: own, Region: own, Value: b.Value(sheet, row, col)}
	e := b.newEnv()
	if id, ok := b.graph.At(sheet, row, col); ok {
		n := b.graph.Node(id)
		t := b.templates[n.Formula]
		x.Formula = t.text(formula.Text, row, col)
		from := own
		if n.Whole {
			from = cell.At(sheet, n.Area.R0, n.Area.C0)
			x.Formula = t.text(formula.Text, n.Area.R0, n.Area.C0)
		}
		x.Region, x.How = n.Extent(), b.how(t)
		x.Volatile, x.Dynamic = t.formula.Volatile, t.formula.Dynamic
		if c := b.stats[n.Formula]; c != nil {
			x.Took = c.took
		}
		for _, r := range n.Reads {
			first, last := r.First, r.Last
			if first < 0 {
				first, last = sheet, sheet
			}
			for s := first; s <= last; s++ {
				a, ok := r.At(s, from.R0, from.C0)
				if !ok {
					continue
				}
				read := Read{Sheet: b.sheets[s].name, Area: a, Formulas: len(b.graph.In(a))}
				if a.Single() {
					read.Value = b.Value(s, a.R0, a.C0)
				}
				if clipped, ok := e.Clip(a); ok {
					sum := e.Summary(clipped)
					read.Filled, read.Sum = sum.Filled, sum.Sum
				}
				x.Reads = append(x.Reads, read)
			}
		}
	}
	d := b.graph.NewDirty()
	d.Changed(own)
	for _, id := range d.IDs() {
		for _, a := range d.Of(id) {
			x.Stale += a.Cells()
		}
	}
	x.Perhaps = len(b.dynamic)
	if x.Dynamic {
		x.Perhaps-- // the cell's own
	}
	for _, id := range b.graph.Readers(own) {
		x.Readers++
		if _, ok := b.dynamic[id]; ok {
			x.Perhaps--
		}
		if len(x.ReadBy) < 100 {
			x.ReadBy = append(x.ReadBy, b.region(b.graph.Node(id)))
		}
	}
	return x
}

func (b *Workbook) how(t *template) string {
	switch {
	case t.kind != single:
		return "array"
	case b.lower(t) != nil:
		return "tiles"
	}
	return "tree"
}

func (b *Workbook) region(n *graph.Node) Region {
	t := b.templates[n.Formula]
	return Region{Area: n.Area, Sheet: b.sheets[n.Area.Sheet].name, Formula: t.text(formula.Text, n.Area.R0, n.Area.C0), Cells: n.Area.Cells(), How: b.how(t)}
}
