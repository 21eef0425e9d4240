package calc

import "github.com/napkin-infra/napkin/engine/calc/cell"

// tried is what the formulas of a region with INDIRECT or OFFSET have read when they were tried last. As long as none of it changes they need not be tried
// again.
type tried struct {
	version uint64 // of the workbook
	columns map[sheetColumn]bool
	extents map[int32]extent
	// all: they have read what is not known by columns.
	all bool
}

// extent is how far a sheet is used, where whole columns and rows end.
type extent struct {
	rows    int32
	columns int
}

// mostTried is how many columns are kept in mind for a region.
const mostTried = 256

// read takes note of an area that is read.
func (t *tried) read(b *Workbook, a cell.Area) {
	if t.all || a.C1-a.C0 >= mostTried || len(t.columns) > mostTried {
		t.all = true
		return
	}
	t.extents[a.Sheet] = b.sheets[a.Sheet].extent()
	for col := a.C0; col <= a.C1; col++ {
		t.columns[sheetColumn{a.Sheet, col}] = true
	}
}

func (s *Sheet) extent() extent { return extent{s.rows, len(s.columns)} }

// stands reports whether nothing has changed of what was read.
func (t *tried) stands(b *Workbook) bool {
	if t == nil || t.all {
		return false
	}
	for sheet, e := range t.extents {
		if b.sheets[sheet].extent() != e {
			return false
		}
	}
	for c := range t.columns {
		if columns := b.sheets[c.sheet].columns; int(c.col) < len(columns) && columns[c.col].version > t.version {
			return false
		}
	}
	return true
}
