package fn

import (
	"math"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// information are the functions that tell what a value, a cell or the workbook is.
var information = []*Func{
	{Name: "CELL", Category: "Information", Takes: "t r?", Doc: `what a cell is: "address", "col", "color", "contents", "format", "parentheses", "row" or "type"`, Volatile: true, Body: infoCell},
	{Name: "ERROR.TYPE", Category: "Information", Takes: "v", Doc: "the number of an error; #N/A of other values", Errors: true, Body: func(c *Call) cell.Value {
		if code := c.Args[0].Code(); code != 0 {
			return cell.Num(float64(code))
		}
		return cell.Err(cell.ErrNA)
	}},
	{Name: "INFO", Category: "Information", Takes: "t", Doc: `what the workbook runs in: "numfile", "origin", "recalc", "release" or "system"`, Volatile: true, Body: infoWorkbook},
	is("ISBLANK", "whether a cell is empty", func(v cell.Value) bool { return v.Kind() == cell.Empty }),
	is("ISERR", "whether a value is an error other than #N/A", func(v cell.Value) bool { return v.IsError() && v.Code() != cell.ErrNA }),
	is("ISERROR", "whether a value is an error", cell.Value.IsError),
	{Name: "ISEVEN", Category: "Information", Takes: "v", Doc: "whether a number without its fraction is even", Body: strict(1, func(c *Call) cell.Value {
		return cell.Truth(math.Mod(math.Trunc(c.Num(0)), 2) == 0)
	})},
	{Name: "ISFORMULA", Category: "Information", Takes: "r", Doc: "whether a cell holds a formula", Body: infoIsFormula},
	is("ISLOGICAL", "whether a value is TRUE or FALSE", func(v cell.Value) bool { return v.Kind() == cell.Bool }),
	is("ISNA", "whether a value is #N/A", func(v cell.Value) bool { return v.Code() == cell.ErrNA }),
	is("ISNONTEXT", "whether a value is no text; an empty cell is none", func(v cell.Value) bool { return v.Kind() != cell.Text }),
	is("ISNUMBER", "whether a value is a number", func(v cell.Value) bool { return v.Kind() == cell.Number }),
	{Name: "ISODD", Category: "Information", Takes: "v", Doc: "whether a number without its fraction is odd", Body: strict(1, func(c *Call) cell.Value {
		return cell.Truth(math.Mod(math.Trunc(c.Num(0)), 2) != 0)
	})},
	{Name: "ISREF", Category: "Information", Takes: "a", Doc: "whether a value is a reference", Body: func(c *Call) cell.Value { return cell.Truth(c.Args[0].Kind() == cell.Ref) }},
	is("ISTEXT", "whether a value is text", func(v cell.Value) bool { return v.Kind() == cell.Text }),
	{Name: "N", Category: "Information", Takes: "a", Doc: "a number or date as a number, TRUE as 1, an error as it is, all else as 0", Body: infoN},
	{Name: "NA", Category: "Information", Takes: "", Doc: "the error #N/A", Body: func(*Call) cell.Value { return cell.Err(cell.ErrNA) }},
	{Name: "SHEET", Category: "Information", Takes: "a?", Doc: "the number of the sheet of a reference, of that name, or of the formula", Body: infoSheet},
	{Name: "SHEETS", Category: "Information", Takes: "r?", Doc: "the number of sheets in a reference, or in the workbook", Body: infoSheets},
	{Name: "TYPE", Category: "Information", Takes: "a", Doc: "1 for a number, 2 for text, 4 for a boolean, 16 for an error, 64 for an array, 128 for a function", Body: infoType},
}

// is is a test of one value, errors included.
func is(name, doc string, f func(cell.Value) bool) *Func {
	return &Func{Name: name, Category: "Information", Takes: "v", Doc: doc, Errors: true, Body: func(c *Call) cell.Value { return cell.Truth(f(c.Args[0])) }}
}

func infoN(c *Call) cell.Value {
	n := func(v cell.Value) cell.Value {
		if v.IsError() {
			return v
		}
		return cell.Num(v.Float())
	}
	switch v := c.Args[0]; v.Kind() {
	case cell.Ref: // of which the first cell counts
		a := v.Areas()[0]
		return n(c.Cell(a.Sheet, a.R0, a.C0))
	case cell.Array:
		g := v.Grid()
		out := cell.NewGrid(g.Rows, g.Cols)
		for i, e := range g.Cells {
			out.Cells[i] = n(e)
		}
		return cell.Arr(out)
	default:
		return n(v)
	}
}

func infoType(c *Call) cell.Value {
	v := c.Args[0]
	if areas := v.Areas(); areas != nil {
		switch a := areas[0]; {
		case len(areas) > 1:
			v = cell.Err(cell.ErrValue)
		case a.Single():
			v = c.Cell(a.Sheet, a.R0, a.C0)
		default:
			return cell.Num(64)
		}
	}
	switch v.Kind() {
	case cell.Text:
		return cell.Num(2)
	case cell.Bool:
		return cell.Num(4)
	case cell.Error:
		return cell.Num(16)
	case cell.Array:
		return cell.Num(64)
	case cell.Lambda:
		return cell.Num(128)
	}
	return cell.Num(1)
}

func infoIsFormula(c *Call) cell.Value {
	areas := c.Args[0].Areas()
	if len(areas) != 1 {
		return cell.Err(cell.ErrValue)
	}
	is := func(row, col int32) cell.Value {
		_, ok := c.Formula(areas[0].Sheet, row, col)
		return cell.Truth(ok)
	}
	a := areas[0]
	if a.Single() {
		return is(a.R0, a.C0)
	}
	if a.Cells() > MaxGrid {
		return cell.Err(cell.ErrNum)
	}
	g := cell.NewGrid(a.Rows(), a.Cols())
	for i := range g.Cells {
		g.Cells[i] = is(a.R0+int32(i/g.Cols), a.C0+int32(i%g.Cols))
	}
	return cell.Arr(g)
}

func infoSheet(c *Call) cell.Value {
	sheet, _, _ := c.Here()
	if c.Has(0) {
		switch v := c.Args[0]; v.Kind() {
		case cell.Ref:
			sheet = v.Areas()[0].Sheet
		case cell.Error:
			return v
		default:
			i, ok := c.SheetIndex(cell.ToText(v).Text())
			if !ok {
				return cell.Err(cell.ErrNA)
			}
			sheet = i
		}
	}
	return cell.Num(float64(sheet) + 1)
}

func infoSheets(c *Call) cell.Value {
	if !c.Has(0) {
		return cell.Num(float64(c.SheetCount()))
	}
	sheets := map[int32]bool{}
	for _, a := range c.Args[0].Areas() {
		sheets[a.Sheet] = true
	}
	return cell.Num(float64(len(sheets)))
}

// infoWorkbook tells what does not depend on the machine, as Excel for Windows does. What it would have to make up is #N/A, as Excel has it for
// what it no longer knows ("memavail").
func infoWorkbook(c *Call) cell.Value {
	switch strings.ToLower(c.Str(0)) {
	case "numfile":
		return cell.Num(float64(c.SheetCount()))
	case "origin":
		return cell.Str("$A:$A$1")
	case "recalc":
		return cell.Str("Automatic")
	case "release":
		return cell.Str("16.0")
	case "system":
		return cell.Str("pcdos")
	case "directory", "osversion", "memavail", "memused", "totmem":
		return cell.Err(cell.ErrNA)
	}
	return cell.Err(cell.ErrValue)
}
