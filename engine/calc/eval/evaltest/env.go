package evaltest

import (
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

var _ eval.Env = (*Book)(nil)
var _ eval.Resolver = (*Book)(nil)

var sheetNames = []string{"Sheet1", "Other"}

// Cell implements [fn.Cells].
func (b *Book) Cell(sheet, row, col int32) cell.Value {
	if row < 0 || col < 0 || row >= cell.MaxRows || col >= cell.MaxCols {
		return cell.Err(cell.ErrRef)
	}
	if box, ok := b.boxes[[3]int32{sheet, row, col}]; ok {
		return b.strings.Value(box)
	}
	return cell.Value{}
}

// Clip implements [fn.Cells].
func (b *Book) Clip(a cell.Area) (cell.Area, bool) {
	a.R1, a.C1 = min(a.R1, b.used[a.Sheet].R1), min(a.C1, b.used[a.Sheet].C1)
	return a, a.R0 <= a.R1 && a.C0 <= a.C1
}

// Used implements [fn.Cells].
func (b *Book) Used() (rows, cols int32) {
	for _, a := range b.used {
		rows, cols = max(rows, a.R1+1), max(cols, a.C1+1)
	}
	return rows, cols
}

// Boxes implements [fn.Cells], in runs of three to test those who read them.
func (b *Book) Boxes(a cell.Area, f func(row, col int32, run []cell.Box) bool) {
	for c := a.C0; c <= a.C1; c++ {
		for r := a.R0; r <= a.R1; r += 3 {
			var run []cell.Box
			for i := r; i <= min(r+2, a.R1); i++ {
				run = append(run, b.strings.Box(b.Cell(a.Sheet, i, c)))
			}
			if !f(r, c, run) {
				return
			}
		}
	}
}

// Summary implements [fn.Cells].
func (b *Book) Summary(a cell.Area) fn.Summary { return b.SummaryBut(a, nil) }

// SummaryBut implements [fn.Cells].
func (b *Book) SummaryBut(a cell.Area, but []cell.Area) fn.Summary {
	var s fn.Summary
	if a, ok := b.Clip(a); ok {
		a.Without(but, func(part cell.Area) { b.summarize(&s, part) })
	}
	return s
}

func (b *Book) summarize(s *fn.Summary, a cell.Area) {
	b.Boxes(a, func(_, _ int32, run []cell.Box) bool {
		for _, x := range run {
			switch cell.BoxKind(x) {
			case cell.Empty:
				continue
			case cell.Number:
				if s.Numbers == 0 || x < s.Min {
					s.Min = x
				}
				if s.Numbers == 0 || x > s.Max {
					s.Max = x
				}
				s.Numbers++
				s.Sum += x
			case cell.Text:
				if cell.BoxedText(x) == 0 {
					s.Blank++
				}
			case cell.Error:
				if s.Error == 0 {
					s.Error = cell.BoxedError(x)
				}
			}
			s.Filled++
		}
		return true
	})
}

// Strings implements [fn.Cells].
func (b *Book) Strings() *cell.Strings { return b.strings }

// Formula implements [fn.Cells].
func (b *Book) Formula(int32, int32, int32) (string, bool) { return "", false }

// NumberFormat implements [fn.Cells].
func (b *Book) NumberFormat(int32, int32, int32) string { return "General" }

// Passed implements [fn.Cells]: row 8 is hidden by hand, row 9 by a filter.
func (b *Book) Passed(a cell.Area, byHand, byFilter, _ bool) []cell.Area {
	var out []cell.Area
	for row, hidden := range map[int32]bool{7: byHand, 8: byFilter} {
		if hidden {
			out = append(out, cell.Area{Sheet: a.Sheet, R0: row, C0: a.C0, R1: row, C1: a.C1})
		}
	}
	return out
}

// SheetName implements [fn.Cells].
func (b *Book) SheetName(sheet int32) string {
	if int(sheet) < len(sheetNames) {
		return sheetNames[sheet]
	}
	return ""
}

// SheetIndex implements [fn.Cells].
func (b *Book) SheetIndex(name string) (int32, bool) {
	for i, s := range sheetNames {
		if strings.EqualFold(s, name) {
			return int32(i), true
		}
	}
	return 0, false
}

// SheetCount implements [fn.Cells].
func (b *Book) SheetCount() int { return len(sheetNames) }

// Dates implements [eval.Env].
func (b *Book) Dates() cell.Dates { return b.dates }

// Now implements [eval.Env].
func (b *Book) Now() float64 {
	s, _ := b.dates.Serial(2024, 6, 15)
	return s + 0.5
}

// Rand implements [eval.Env].
func (b *Book) Rand() float64 { return 0.5 }

// Cached implements [eval.Env]. Any change of a cell forgets everything.
func (b *Book) Cached(key any, _ []cell.Area, build func() any) any {
	v, ok := b.cache[key]
	if !ok {
		v = build()
		b.cache[key] = v
	}
	return v
}

// Reach implements [eval.Env]: all that is used of the column.
func (b *Book) Reach(a cell.Area) cell.Area {
	a.R0, a.R1 = 0, max(a.R1, b.used[a.Sheet].R1)
	return a
}

// Growing implements [eval.Env].
func (b *Book) Growing(any, func() any) any { return nil }

// Reference implements [eval.Env].
func (b *Book) Reference(text string, r1c1 bool) cell.Value {
	e, err := formula.Parse(text, 0, 0)
	if r, ok := e.(*formula.Ref); ok && err == nil && !r1c1 {
		a := cell.Area{R0: r.R0.At(0), C0: r.C0.At(0), R1: r.R1.At(0), C1: r.C1.At(0)}
		if r.Sheets.Given {
			sheet, ok := b.SheetIndex(r.Sheets.First)
			if !ok {
				return cell.Err(cell.ErrRef)
			}
			a.Sheet = sheet
		}
		return cell.RefTo(a)
	}
	return cell.Err(cell.ErrRef)
}

// Spill implements [eval.Env].
func (b *Book) Spill(sheet, row, col int32) (cell.Area, bool) {
	a, ok := b.spills[[3]int32{sheet, row, col}]
	return a, ok
}

// Sheet implements [eval.Resolver].
func (b *Book) Sheet(name string) (int32, bool) { return b.SheetIndex(name) }

// Table implements [eval.Resolver].
func (b *Book) Table(name string, sheet, row, col int32) (eval.Table, bool) {
	if name == "" {
		for _, t := range b.tables {
			if t.Area.Contains(sheet, row, col) {
				return t, true
			}
		}
	}
	t, ok := b.tables[strings.ToLower(name)]
	return t, ok
}

// Name implements [eval.Resolver].
func (b *Book) Name(_ int32, name string) (formula.Expr, bool) {
	text, ok := b.names[strings.ToLower(name)]
	if !ok {
		return nil, false
	}
	e, err := formula.Parse(text, 0, 0)
	return e, err == nil
}
