package cell_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestAddress(t *testing.T) {
	for _, c := range []struct {
		row, col int32
		want     string
	}{
		{0, 0, "A1"},
		{8, 25, "Z9"},
		{9, 26, "AA10"},
		{0, 701, "ZZ1"},
		{0, 702, "AAA1"},
		{cell.MaxRows - 1, cell.MaxCols - 1, "XFD1048576"},
	} {
		if got := cell.Address(c.row, c.col); got != c.want {
			t.Errorf("row %d column %d is %s, want %s", c.row, c.col, got, c.want)
		}
		row, col, ok := cell.ParseAddress(c.want)
		if !ok || row != c.row || col != c.col {
			t.Errorf("%s is row %d column %d, %v", c.want, row, col, ok)
		}
	}
	if row, col, ok := cell.ParseAddress("$b$12"); !ok || row != 11 || col != 1 {
		t.Errorf("$b$12 is row %d column %d, %v", row, col, ok)
	}
	for _, s := range []string{"", "A", "1", "A0", "A01", "XFE1", "A1048577", "AAAA1", "A1B", "$A$", "A99999999", "A-1", "$$A1"} {
		if _, _, ok := cell.ParseAddress(s); ok {
			t.Errorf("%q is an address", s)
		}
	}
}

func TestColumns(t *testing.T) {
	for col := int32(0); col < cell.MaxCols; col++ {
		if got, ok := cell.ParseColumn(cell.ColumnName(col)); !ok || got != col {
			t.Fatalf("column %d is %s, which is %d, %v", col, cell.ColumnName(col), got, ok)
		}
	}
	if _, ok := cell.ParseColumn("XFE"); ok {
		t.Error("XFE is a column")
	}
}

func TestArea(t *testing.T) {
	a := cell.Area{Sheet: 0, R0: 1, C0: 1, R1: 4, C1: 3} // B2:D5
	b := cell.Area{Sheet: 0, R0: 3, C0: 2, R1: 9, C1: 2} // C4:C10
	if a.Rows() != 4 || a.Cols() != 3 || a.Cells() != 12 || a.Single() || !cell.At(0, 1, 1).Single() {
		t.Error("size")
	}
	if got, ok := a.Intersect(b); !ok || got.String() != "C4:C5" {
		t.Errorf("shared: %v, %v", got, ok)
	}
	if _, ok := a.Intersect(cell.At(0, 0, 0)); ok {
		t.Error("B2:D5 and A1 share cells")
	}
	if _, ok := a.Intersect(cell.At(1, 2, 2)); ok {
		t.Error("areas of two sheets share cells")
	}
	if got := a.Union(b); got.String() != "B2:D10" {
		t.Errorf("both: %v", got)
	}
	if !a.Contains(0, 4, 3) || a.Contains(0, 5, 3) || a.Contains(1, 4, 3) {
		t.Error("contains")
	}
	if !a.Covers(cell.Area{R0: 2, C0: 1, R1: 3, C1: 2}) || a.Covers(b) {
		t.Error("covers")
	}
	for _, c := range []struct {
		area cell.Area
		want string
	}{
		{cell.At(0, 1, 1), "B2"},
		{a, "B2:D5"},
		{cell.Area{C0: 1, C1: 2, R1: cell.MaxRows - 1}, "B:C"},
		{cell.Area{R0: 2, R1: 3, C1: cell.MaxCols - 1}, "3:4"},
	} {
		if got := c.area.String(); got != c.want {
			t.Errorf("%+v is %s, want %s", c.area, got, c.want)
		}
	}
	if whole := (cell.Area{R1: cell.MaxRows - 1, C1: cell.MaxCols - 1}); whole.Cells() != 1<<34 {
		t.Errorf("a sheet has %d cells", whole.Cells())
	}
}
