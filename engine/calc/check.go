package calc

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// Difference is a cell whose computed value is not the one that the file holds.
type Difference struct {
	Sheet    string
	At       cell.Area
	Formula  string // without "="; of a cell that an array fills, the array's
	File     cell.Value
	Computed cell.Value
}

// Checked is what a check found.
type Checked struct {
	Report
	Compared int64 // cells with formulas
	// Moment is how many cells were not compared because they depend on the moment or on random numbers (NOW, RAND).
	Moment int64
	// Kept is how many cells were not compared because their functions are not known: they have the values of the file.
	Kept int64
	// Unsaved is how many cells were not compared because the file holds no value for them: who wrote it did not calculate.
	Unsaved int64
	// Differences are those that differ, by sheets, columns and rows, up to the number asked for: some of each region before more of
	// one. Different is how many there are.
	Differences []Difference
	Different   int64
}

// Check recalculates the whole workbook and compares each formula's value with the one that the file held. Numbers are the same if they differ by
// at most tolerance as a share of the greater one, or by 1e-12 of what one of them was made from where both are next to nothing. Most
// bounds the list.
func (b *Workbook) Check(ctx context.Context, tolerance float64, most int) (Checked, error) {
	type copied struct{ sheet, col int32 }
	before := map[copied]*column{}
	b.graph.All(func(_ graph.ID, n *graph.Node) bool {
		a := n.Extent()
		for col := a.C0; col <= a.C1; col++ {
			key := copied{a.Sheet, col}
			if before[key] == nil && int(col) < len(b.sheets[a.Sheet].columns) {
				before[key] = &column{Column: *b.sheets[a.Sheet].columns[col].Clone()}
			}
		}
		return true
	})
	defer func() {
		for _, c := range before {
			c.Clear()
		}
	}()
	b.All()
	var out Checked
	var err error
	if out.Report, err = b.Recalculate(ctx); err != nil {
		return out, err
	}
	moment := b.graph.NewDirty()
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		if b.templates[n.Formula].formula.Volatile {
			moment.Node(id, n.Area)
		}
		return true
	})
	moment.Empty() // finds what reads them

	var lists [3][]Difference // the first of each region, a few more, the rest
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		a, listed := n.Extent(), 0
		skip := moment.Of(id)
		if n.Whole && len(skip) > 0 {
			skip = []cell.Area{a}
		}
		if n.Whole && b.keeps(b.templates[n.Formula], a.Sheet, a.R0, a.C0) {
			out.Kept += a.Cells()
			return true
		}
		for row := a.R0; row <= a.R1; row++ {
			for col := a.C0; col <= a.C1; col++ {
				if !n.Whole && b.keeps(b.templates[n.Formula], a.Sheet, row, col) {
					out.Kept++
					continue
				}
				if within(skip, a.Sheet, row, col) {
					out.Moment++
					continue
				}
				old := cell.BoxEmpty()
				if c := before[copied{a.Sheet, col}]; c != nil {
					old = c.Get(int(row))
				}
				box := b.box(a.Sheet, row, col)
				if cell.BoxKind(old) == cell.Empty && !b.blank(box) {
					out.Unsaved++
					continue
				}
				out.Compared++
				if b.agree(old, box, tolerance) {
					continue
				}
				out.Different++
				list := &lists[0]
				switch {
				case listed >= fewDifferences:
					list = &lists[2]
				case listed > 0:
					list = &lists[1]
				}
				if len(*list) < most {
					listed++
					text, ok := b.Formula(a.Sheet, row, col)
					if !ok {
						text, _ = b.Formula(a.Sheet, n.Area.R0, n.Area.C0)
					}
					*list = append(*list, Difference{Sheet: b.sheets[a.Sheet].name, At: cell.At(a.Sheet, row, col),
						Formula: text, File: b.strings.Value(old), Computed: b.strings.Value(box)})
				}
			}
		}
		return true
	})
	for _, list := range lists {
		out.Differences = append(out.Differences, list[:min(len(list), most-len(out.Differences))]...)
	}
	slices.SortFunc(out.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.At.Sheet, b.At.Sheet), cmp.Compare(a.At.C0, b.At.C0), cmp.Compare(a.At.R0, b.At.R0))
	})
	return out, nil
}

// fewDifferences is how many of a region go before the rest of other regions.
const fewDifferences = 3

func within(areas []cell.Area, sheet, row, col int32) bool {
	for _, a := range areas {
		if a.Contains(sheet, row, col) {
			return true
		}
	}
	return false
}

func (b *Workbook) agree(old, now cell.Box, tolerance float64) bool {
	if sameBox(old, now) {
		return true
	}
	kind, other := cell.BoxKind(old), cell.BoxKind(now)
	if kind == cell.Number && other == cell.Number {
		greater := max(math.Abs(old), math.Abs(now))
		return math.Abs(old-now) <= tolerance*greater || greater < 1e-12
	}
	// Errors that came after Excel 2007 stand in files as #VALUE!, for older programs.
	if kind == cell.Error && other == cell.Error {
		return b.strings.Value(old).Code() == cell.ErrValue && b.strings.Value(now).Code() > cell.ErrNA
	}
	return b.blank(old) && b.blank(now)
}

// blank reports whether a cell holds nothing or an empty text, which some writers keep as no value at all.
func (b *Workbook) blank(box cell.Box) bool {
	kind := cell.BoxKind(box)
	return kind == cell.Empty || kind == cell.Text && b.strings.Value(box).Text() == ""
}
