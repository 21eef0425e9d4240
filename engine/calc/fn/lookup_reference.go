package fn

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// references are the functions that make references or tell about them.
var references = []*Func{
	{Name: "ADDRESS", Category: "Lookup", Takes: "n n n? b? t?", Doc: "the text of a reference to the cell in a row and column", Body: referenceAddress},
	{Name: "AREAS", Category: "Lookup", Takes: "r", Doc: "the number of areas of a reference", Body: func(c *Call) cell.Value { return cell.Num(float64(len(c.Args[0].Areas()))) }},
	{Name: "COLUMN", Category: "Lookup", Takes: "r?", Doc: "the column number of a reference, or of the formula's own cell", Body: func(c *Call) cell.Value { return referencePlace(c, true) }},
	{Name: "COLUMNS", Category: "Lookup", Takes: "A", Doc: "the number of columns of a reference or array", Body: func(c *Call) cell.Value { return referenceSize(c, true) }},
	{Name: "FORMULATEXT", Category: "Lookup", Takes: "r", Doc: "the formula of a cell as text", Body: referenceFormula},
	{Name: "HYPERLINK", Category: "Lookup", Takes: "t v?", Doc: "the text that a link shows", Body: referenceHyperlink},
	{Name: "INDEX", Category: "Lookup", Takes: "A n? n? n?", Doc: "the cell, row or column at a place of a reference or array", Body: referenceIndex},
	{Name: "INDIRECT", Category: "Lookup", Takes: "t b?", Doc: "the reference that a text says", Dynamic: true, Body: referenceIndirect},
	{Name: "OFFSET", Category: "Lookup", Takes: "r n n n? n?", Doc: "a reference moved by rows and columns, in another size if wanted", Dynamic: true, Body: referenceOffset},
	{Name: "ROW", Category: "Lookup", Takes: "r?", Doc: "the row number of a reference, or of the formula's own cell", Body: func(c *Call) cell.Value { return referencePlace(c, false) }},
	{Name: "ROWS", Category: "Lookup", Takes: "A", Doc: "the number of rows of a reference or array", Body: func(c *Call) cell.Value { return referenceSize(c, false) }},
	{Name: "TRIMRANGE", Category: "Lookup", Takes: "A n? n?", Doc: "a reference or array without the empty rows and columns around it", Body: referenceTrim},
}

func referenceAddress(c *Call) cell.Value {
	row, col, kind := c.Int(0), c.Int(1), c.IntOr(2, 1)
	a1 := c.Bool(3, true) // also where it is left empty: ADDRESS(1,1,,,"Sheet2") is Sheet2!$A$1
	if kind < 1 || kind > 4 {
		return cell.Err(cell.ErrValue)
	}
	rowFixed, colFixed := kind <= 2, kind == 1 || kind == 3
	var s string
	if a1 {
		if row < 1 || row > cell.MaxRows || col < 1 || col > cell.MaxCols {
			return cell.Err(cell.ErrValue)
		}
		s = mark(colFixed) + cell.ColumnName(int32(col-1)) + mark(rowFixed) + strconv.Itoa(row)
	} else {
		if rowFixed && (row < 1 || row > cell.MaxRows) || colFixed && (col < 1 || col > cell.MaxCols) ||
			row <= -cell.MaxRows || row > cell.MaxRows || col <= -cell.MaxCols || col > cell.MaxCols {
			return cell.Err(cell.ErrValue)
		}
		s = "R" + end1(row, rowFixed) + "C" + end1(col, colFixed)
	}
	if c.Has(4) {
		s = sheetPrefix(c.Str(4)) + s
	}
	return cell.Str(s)
}

func mark(fixed bool) string {
	if fixed {
		return "$"
	}
	return ""
}

// end1 is one end of a reference in R1C1 notation. A distance of 0 is written as nothing.
func end1(n int, fixed bool) string {
	switch {
	case fixed:
		return strconv.Itoa(n)
	case n == 0:
		return ""
	}
	return "[" + strconv.Itoa(n) + "]"
}

// sheetPrefix writes the name of a sheet before a reference, between apostrophes where it could be read as something
// else.
func sheetPrefix(name string) string {
	plain := true
	for i, r := range name {
		plain = plain && (unicode.IsLetter(r) || r == '_' || i > 0 && (unicode.IsDigit(r) || r == '.'))
	}
	if _, _, ok := cell.ParseAddress(name); ok || strings.EqualFold(name, "R") || strings.EqualFold(name, "C") {
		plain = false
	}
	if plain {
		return name + "!"
	}
	return "'" + strings.ReplaceAll(name, "'", "''") + "'!"
}

// referencePlace is ROW and COLUMN. Of an area of several rows (or columns) it is all their numbers.
func referencePlace(c *Call, column bool) cell.Value {
	_, first, col := c.Here()
	if column {
		first = col
	}
	n := 1
	if c.Has(0) {
		areas := c.Args[0].Areas()
		if len(areas) != 1 {
			return cell.Err(cell.ErrRef)
		}
		first, n = areas[0].R0, areas[0].Rows()
		if column {
			first, n = areas[0].C0, areas[0].Cols()
		}
	}
	if n == 1 {
		return cell.Num(float64(first + 1))
	}
	g := cell.NewGrid(n, 1)
	if column {
		g.Rows, g.Cols = 1, n
	}
	for i := range g.Cells {
		g.Cells[i] = cell.Num(float64(int(first) + i + 1))
	}
	return cell.Arr(g)
}

func referenceSize(c *Call, column bool) cell.Value {
	t, code := tableOf(c.Args[0])
	switch {
	case code != 0:
		return cell.Err(code)
	case column:
		return cell.Num(float64(t.cols))
	}
	return cell.Num(float64(t.rows))
}

func referenceFormula(c *Call) cell.Value {
	a := c.Args[0].Areas()[0]
	text, ok := c.Formula(a.Sheet, a.R0, a.C0)
	if !ok || TooLong(text) {
		return cell.Err(cell.ErrNA)
	}
	return cell.Str(text)
}

func referenceHyperlink(c *Call) cell.Value {
	if c.Has(1) {
		return c.Args[1]
	}
	return c.Args[0]
}

// referenceIndex is INDEX. It reads no cell: of a reference it returns one.
func referenceIndex(c *Call) cell.Value {
	v := c.Args[0]
	if areas := v.Areas(); areas != nil {
		n := c.IntOr(3, 1)
		switch {
		case n < 1:
			return cell.Err(cell.ErrValue)
		case n > len(areas):
			return cell.Err(cell.ErrRef)
		}
		v = cell.RefTo(areas[n-1])
	} else if c.IntOr(3, 1) > 1 {
		return cell.Err(cell.ErrRef)
	}
	t, code := tableOf(v)
	if code != 0 {
		return cell.Err(code)
	}
	row, col := c.Int(1), c.Int(2)
	if len(c.Args) == 2 && t.rows == 1 && t.cols > 1 {
		row, col = 1, row
	}
	switch {
	case row < 0 || col < 0:
		return cell.Err(cell.ErrValue)
	case row > t.rows || col > t.cols:
		return cell.Err(cell.ErrRef)
	}
	rows, cols := 1, 1
	if row == 0 {
		row, rows = 1, t.rows
	}
	if col == 0 {
		col, cols = 1, t.cols
	}
	return t.part(row-1, col-1, rows, cols)
}

func referenceIndirect(c *Call) cell.Value {
	return c.Reference(strings.TrimSpace(c.Str(0)), len(c.Args) > 1 && !c.Bool(1, false))
}

func referenceOffset(c *Call) cell.Value {
	areas := c.Args[0].Areas()
	if len(areas) != 1 {
		return cell.Err(cell.ErrValue)
	}
	a := areas[0]
	row, col := int(a.R0)+c.Int(1), int(a.C0)+c.Int(2)
	rows, cols := c.IntOr(3, a.Rows()), c.IntOr(4, a.Cols())
	if rows < 0 {
		row, rows = row+rows+1, -rows
	}
	if cols < 0 {
		col, cols = col+cols+1, -cols
	}
	if rows == 0 || cols == 0 || row < 0 || col < 0 || row+rows > cell.MaxRows || col+cols > cell.MaxCols {
		return cell.Err(cell.ErrRef)
	}
	return cell.RefTo(cell.Area{Sheet: a.Sheet, R0: int32(row), C0: int32(col), R1: int32(row + rows - 1), C1: int32(col + cols - 1)})
}

// The sides from which TRIMRANGE takes empty rows or columns.
const (
	trimLeading  = 1
	trimTrailing = 2
	trimBoth     = trimLeading | trimTrailing
)

func referenceTrim(c *Call) cell.Value {
	t, code := tableOf(c.Args[0])
	if code != 0 {
		return cell.Err(code)
	}
	rows, cols := c.IntOr(1, trimBoth), c.IntOr(2, trimBoth)
	if rows < 0 || rows > trimBoth || cols < 0 || cols > trimBoth {
		return cell.Err(cell.ErrValue)
	}
	top, left, bottom, right := t.rows, t.cols, -1, -1
	filled := func(r, col int) {
		top, left, bottom, right = min(top, r), min(left, col), max(bottom, r), max(right, col)
	}
	if t.grid != nil {
		for i, v := range t.grid.Cells {
			if !v.IsBlank() {
				filled(i/t.cols, i%t.cols)
			}
		}
	} else if a, ok := c.Clip(t.area); ok {
		c.Boxes(a, func(row, col int32, run []cell.Box) bool {
			for i, b := range run {
				if cell.BoxKind(b) != cell.Empty {
					filled(int(row-a.R0)+i, int(col-a.C0))
				}
			}
			return true
		})
	}
	if bottom < 0 {
		return cell.Err(cell.ErrRef)
	}
	if rows&trimLeading == 0 {
		top = 0
	}
	if rows&trimTrailing == 0 {
		bottom = t.rows - 1
	}
	if cols&trimLeading == 0 {
		left = 0
	}
	if cols&trimTrailing == 0 {
		right = t.cols - 1
	}
	return t.part(top, left, bottom-top+1, right-left+1)
}
