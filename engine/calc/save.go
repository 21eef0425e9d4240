package calc

import (
	"cmp"
	"context"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/graph"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// Save writes a copy of the file that the workbook was opened from, with the values that its cells hold now and the formulas that were set. All
// else in the file stays as it is, byte for byte. The destination may be the file itself, which is replaced only when the copy is
// whole. Progress may be nil; it is told how many bytes of XML were written.
func (b *Workbook) Save(ctx context.Context, f *xlsx.File, destination string, progress func(bytes int64)) error {
	s := source{b: b, edits: make([][]xlsx.Edit, b.own), formulas: make([]bool, b.own)}
	for c := range b.edited {
		s.edits[c.sheet] = append(s.edits[c.sheet], b.edit(c))
	}
	b.graph.All(func(id graph.ID, n *graph.Node) bool {
		s.formulas[n.Area.Sheet] = true
		if b.templates[n.Formula].kind != spilling {
			return true
		}
		// Cells that the array has come to fill, or that the file may not have.
		a, before := n.Extent(), b.saved[at{n.Area.Sheet, n.Area.R0, n.Area.C0}]
		for row := a.R0; row <= a.R1; row++ {
			for col := a.C0; col <= a.C1; col++ {
				c := at{a.Sheet, row, col}
				if !before.Contains(a.Sheet, row, col) && !n.Area.Contains(a.Sheet, row, col) && !b.edited[c] {
					s.edits[a.Sheet] = append(s.edits[a.Sheet], xlsx.Edit{Row: row, Col: col, Spilled: true})
				}
			}
		}
		return true
	})
	for _, edits := range s.edits {
		slices.SortFunc(edits, func(a, b xlsx.Edit) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Col, b.Col)) })
	}
	return f.Write(ctx, destination, s, progress)
}

// edit is what became of a cell that was set.
func (b *Workbook) edit(c at) xlsx.Edit {
	e := xlsx.Edit{Row: c.row, Col: c.col}
	id, ok := b.graph.At(c.sheet, c.row, c.col)
	if !ok {
		return e
	}
	n := b.graph.Node(id)
	if !n.Area.Contains(c.sheet, c.row, c.col) || n.Whole && (c.row != n.Area.R0 || c.col != n.Area.C0) {
		e.Spilled = true
		return e
	}
	e.Formula, _ = b.formula(c.sheet, c.row, c.col, formula.FileText)
	if n.Whole {
		a := n.Extent()
		e.Array, e.Dynamic = &a, b.templates[n.Formula].kind == spilling
	}
	return e
}

// source is a workbook as [xlsx.Source].
type source struct {
	b        *Workbook
	edits    [][]xlsx.Edit
	formulas []bool // sheets that have any
}

// Sheet implements [xlsx.Source].
func (s source) Sheet(sheet int) xlsx.SheetSource {
	if !s.formulas[sheet] && len(s.edits[sheet]) == 0 {
		return nil
	}
	return sheetSource{s.b, int32(sheet), s.edits[sheet]}
}

type sheetSource struct {
	b     *Workbook
	sheet int32
	edits []xlsx.Edit
}

// Edits implements [xlsx.SheetSource].
func (s sheetSource) Edits() []xlsx.Edit { return s.edits }

// Value implements [xlsx.SheetSource].
func (s sheetSource) Value(row, col int32) (cell.Box, bool) { return s.b.box(s.sheet, row, col), true }

// Area implements [xlsx.SheetSource].
func (s sheetSource) Area(row, col int32) (cell.Area, bool) {
	id, ok := s.b.graph.At(s.sheet, row, col)
	if !ok {
		return cell.Area{}, false
	}
	return s.b.graph.Node(id).Extent(), true
}

// Formula implements [xlsx.SheetSource].
func (s sheetSource) Formula(row, col int32) string {
	text, _ := s.b.formula(s.sheet, row, col, formula.FileText)
	return text
}
