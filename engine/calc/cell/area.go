package cell

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// The greatest sheet that the format .xlsx can hold.
const (
	MaxRows = 1 << 20
	MaxCols = 1 << 14
)

// Area is a rectangle of cells of one sheet, both ends included. Rows and columns count from 0, sheets in the order
// of the workbook's own list.
type Area struct {
	Sheet          int32
	R0, C0, R1, C1 int32
}

// At is the area of one cell.
func At(sheet, row, col int32) Area { return Area{sheet, row, col, row, col} }

// Rows returns the number of rows.
func (a Area) Rows() int { return int(a.R1-a.R0) + 1 }

// Cols returns the number of columns.
func (a Area) Cols() int { return int(a.C1-a.C0) + 1 }

// Cells returns the number of cells.
func (a Area) Cells() int64 { return int64(a.Rows()) * int64(a.Cols()) }

// Single reports whether the area is one cell.
func (a Area) Single() bool { return a.R0 == a.R1 && a.C0 == a.C1 }

// Contains reports whether the cell lies in a.
func (a Area) Contains(sheet, row, col int32) bool {
	return sheet == a.Sheet && a.R0 <= row && row <= a.R1 && a.C0 <= col && col <= a.C1
}

// Covers reports whether all of b lies in a.
func (a Area) Covers(b Area) bool {
	return a.Sheet == b.Sheet && a.R0 <= b.R0 && b.R1 <= a.R1 && a.C0 <= b.C0 && b.C1 <= a.C1
}

// Intersect returns the cells that a and b share, and false where there are none.
func (a Area) Intersect(b Area) (Area, bool) {
	out := Area{a.Sheet, max(a.R0, b.R0), max(a.C0, b.C0), min(a.R1, b.R1), min(a.C1, b.C1)}
	return out, a.Sheet == b.Sheet && out.R0 <= out.R1 && out.C0 <= out.C1
}

// Union returns the smallest area that covers a and b, which are of one sheet.
func (a Area) Union(b Area) Area {
	return Area{a.Sheet, min(a.R0, b.R0), min(a.C0, b.C0), max(a.R1, b.R1), max(a.C1, b.C1)}
}

// String prints the area without its sheet, as "B2" or "B2:C9".
func (a Area) String() string {
	if a.Single() {
		return Address(a.R0, a.C0)
	}
	switch {
	case a.R0 == 0 && a.R1 == MaxRows-1:
		return ColumnName(a.C0) + ":" + ColumnName(a.C1)
	case a.C0 == 0 && a.C1 == MaxCols-1:
		return fmt.Sprintf("%d:%d", a.R0+1, a.R1+1)
	}
	return Address(a.R0, a.C0) + ":" + Address(a.R1, a.C1)
}

// Address prints a cell as "B2".
func Address(row, col int32) string { return ColumnName(col) + strconv.Itoa(int(row)+1) }

// ColumnName prints a column: A, Z, AA, XFD.
func ColumnName(col int32) string {
	var b [8]byte
	i := len(b)
	for n := col + 1; n > 0; n = (n - 1) / 26 {
		i--
		b[i] = byte('A' + (n-1)%26)
	}
	return string(b[i:])
}

// ParseColumn reads a column's letters in any case, and reports whether there is such a column.
func ParseColumn(s string) (int32, bool) {
	if len(s) == 0 || len(s) > 3 {
		return 0, false
	}
	n := int32(0)
	for i := range len(s) {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' {
			return 0, false
		}
		n = n*26 + int32(c-'a') + 1
	}
	return n - 1, n <= MaxCols
}

// ParseAddress reads a cell as "B2" or "$B$2", and reports whether there is such a cell.
func ParseAddress(s string) (row, col int32, ok bool) {
	if len(s) > 0 && s[0] == '$' {
		s = s[1:]
	}
	i := 0
	for i < len(s) && (s[i]|0x20) >= 'a' && (s[i]|0x20) <= 'z' {
		i++
	}
	col, ok = ParseColumn(s[:i])
	if !ok {
		return 0, 0, false
	}
	if i < len(s) && s[i] == '$' {
		i++
	}
	n := 0
	for j := i; j < len(s); j++ {
		if s[j] < '0' || s[j] > '9' || j-i >= 7 {
			return 0, 0, false
		}
		n = n*10 + int(s[j]-'0')
	}
	if n < 1 || n > MaxRows || s[i] == '0' {
		return 0, 0, false
	}
	return int32(n - 1), col, true
}

// Without calls f with the parts of a that lie in none of the areas but, column by column from the top; with all of a at once where there are no such areas.
func (a Area) Without(but []Area, f func(Area)) {
	if len(but) == 0 {
		f(a)
		return
	}
	but = slices.Clone(but)
	slices.SortFunc(but, func(x, y Area) int { return cmp.Compare(x.R0, y.R0) })
	for col := a.C0; col <= a.C1; col++ {
		part := Area{a.Sheet, a.R0, col, a.R1, col}
		for _, b := range but {
			if b.Sheet != a.Sheet || col < b.C0 || b.C1 < col || b.R1 < part.R0 {
				continue
			}
			if b.R0 > a.R1 {
				break
			}
			if part.R1 = b.R0 - 1; part.R0 <= part.R1 {
				f(part)
			}
			part.R0 = b.R1 + 1
		}
		if part.R1 = a.R1; part.R0 <= part.R1 {
			f(part)
		}
	}
}
