package calcconform

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Book is a document whose formulas are computed when they are asked for, and once. It is for one goroutine.
type Book struct {
	doc     *Document
	strings *cell.Strings
	walker  *eval.Walker
	sheets  []*sheet
	now     float64
}

type sheet struct {
	name           string
	cells          map[At]*entry
	lastRow, lastC int32
	hidden         map[int32]bool
}

// entry is a cell in the making.
type entry struct {
	source *Cell
	text   string // translated
	failed error  // of the translation or the parser
	state  state
	value  cell.Value
	// Of a cell inside the area of an array formula: where the formula stands.
	anchor   *entry
	anchorAt At
}

type state uint8

const (
	waiting state = iota
	computing
	done
)

// NewBook prepares a document. Its moment is a fixed one.
func NewBook(doc *Document) *Book {
	b := &Book{doc: doc, strings: cell.NewStrings()}
	now, _ := cell.Dates1900.Serial(2024, 6, 15)
	b.now = now + 0.5
	for _, s := range doc.Sheets {
		out := &sheet{name: s.Name, cells: map[At]*entry{}, hidden: s.Hidden}
		for at, c := range s.Cells {
			e := &entry{source: c}
			switch {
			case c.Excel != "":
				e.text = c.Excel
			case c.Formula != "":
				e.text, e.failed = Translate(c.Formula)
			default:
				e.state, e.value = done, c.Value
			}
			out.cells[at] = e
			out.lastRow, out.lastC = max(out.lastRow, at.Row), max(out.lastC, at.Col)
		}
		for at, c := range s.Cells {
			if c.Rows == 0 {
				continue
			}
			anchor := out.cells[at]
			for r := range c.Rows {
				for k := range c.Cols {
					place := At{at.Row + r, at.Col + k}
					if place == at {
						continue
					}
					source := s.Cells[place]
					if source == nil {
						source = &Cell{}
					}
					out.cells[place] = &entry{source: source, anchor: anchor, anchorAt: at}
					out.lastRow, out.lastC = max(out.lastRow, place.Row), max(out.lastC, place.Col)
				}
			}
		}
		b.sheets = append(b.sheets, out)
	}
	b.walker = eval.NewWalker(b)
	return b
}

// compute brings a cell up to date. A cell that needs itself is 0, as in Excel where iteration is off.
func (b *Book) compute(s int32, at At, e *entry) {
	switch e.state {
	case done:
		return
	case computing:
		e.value = cell.Num(0)
		return
	}
	e.state = computing
	if e.anchor != nil {
		b.compute(s, e.anchorAt, e.anchor)
		e.value = cell.Err(cell.ErrNA)
		if e.failed = e.anchor.failed; e.failed != nil {
			e.value = e.source.Value
		} else if g := e.anchor.value.Grid(); g != nil {
			e.value = g.At(int(at.Row-e.anchorAt.Row), int(at.Col-e.anchorAt.Col))
		} else {
			e.value = e.anchor.value
		}
	} else {
		e.value = b.evaluate(s, at, e)
	}
	if e.value.IsBlank() {
		e.value = cell.Num(0)
	}
	e.state = done
}

// evaluate computes a formula. What is not translated has the value that the document was saved with, so that only the
// cells themselves are left out and not all that rest on them.
func (b *Book) evaluate(s int32, at At, e *entry) cell.Value {
	if e.failed != nil {
		return e.source.Value
	}
	tree, err := formula.Parse(e.text, at.Row, at.Col)
	if err != nil {
		e.failed = err
		return e.source.Value
	}
	f := eval.Compile(tree, b, eval.Options{Array: e.source.Rows > 0, Sheet: s, Row: at.Row, Col: at.Col})
	return f.Value(b.walker, s, at.Row, at.Col)
}

// Entry returns the entry of a cell, computed, or nil.
func (b *Book) entry(s int32, at At) *entry {
	e := b.sheets[s].cells[at]
	if e != nil {
		b.compute(s, at, e)
	}
	return e
}

// Cell implements [fn.Cells].
func (b *Book) Cell(s, row, col int32) cell.Value {
	if row < 0 || col < 0 || row >= cell.MaxRows || col >= cell.MaxCols || int(s) >= len(b.sheets) {
		return cell.Err(cell.ErrRef)
	}
	e := b.entry(s, At{row, col})
	if e == nil {
		return cell.Value{}
	}
	if g := e.value.Grid(); g != nil {
		return g.Cells[0]
	}
	return e.value
}

// Clip implements [fn.Cells].
func (b *Book) Clip(a cell.Area) (cell.Area, bool) {
	s := b.sheets[a.Sheet]
	a.R1, a.C1 = min(a.R1, s.lastRow), min(a.C1, s.lastC)
	return a, a.R0 <= a.R1 && a.C0 <= a.C1
}

// Boxes implements [fn.Cells].
func (b *Book) Boxes(a cell.Area, f func(row, col int32, run []cell.Box) bool) {
	const most = 512
	for c := a.C0; c <= a.C1; c++ {
		for r := a.R0; r <= a.R1; r += most {
			var run []cell.Box
			for i := r; i <= min(r+most-1, a.R1); i++ {
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
				if s.Numbers == 0 {
					s.Min, s.Max = x, x
				}
				s.Min, s.Max = min(s.Min, x), max(s.Max, x)
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
func (b *Book) Formula(s, row, col int32) (string, bool) {
	e := b.sheets[s].cells[At{row, col}]
	if e == nil || e.text == "" {
		return "", false
	}
	return "=" + e.text, true
}

// NumberFormat implements [fn.Cells]. Formats are not read.
func (b *Book) NumberFormat(int32, int32, int32) string { return "General" }

// Passed implements [fn.Cells].
func (b *Book) Passed(a cell.Area, byHand, byFilter, nested bool) []cell.Area {
	var out []cell.Area
	s := b.sheets[a.Sheet]
	for row, filter := range s.hidden {
		if filter && byFilter || !filter && byHand {
			out = append(out, cell.Area{Sheet: a.Sheet, R0: row, C0: a.C0, R1: row, C1: a.C1})
		}
	}
	if nested {
		for at, e := range s.cells {
			tree, err := formula.Parse(e.text, at.Row, at.Col)
			if e.text != "" && err == nil && formula.Calls(tree, "SUBTOTAL", "AGGREGATE") {
				out = append(out, cell.At(a.Sheet, at.Row, at.Col))
			}
		}
	}
	return out
}

// SheetName implements [fn.Cells].
func (b *Book) SheetName(s int32) string {
	if s >= 0 && int(s) < len(b.sheets) {
		return b.sheets[s].name
	}
	return ""
}

// SheetIndex implements [fn.Cells].
func (b *Book) SheetIndex(name string) (int32, bool) {
	for i, s := range b.sheets {
		if strings.EqualFold(s.name, name) {
			return int32(i), true
		}
	}
	return 0, false
}

// SheetCount implements [fn.Cells].
func (b *Book) SheetCount() int { return len(b.sheets) }

// Dates implements [eval.Env].
func (b *Book) Dates() cell.Dates { return cell.Dates1900 }

// Now implements [eval.Env].
func (b *Book) Now() float64 { return b.now }

// Rand implements [eval.Env].
func (b *Book) Rand() float64 { return 0.5 }

// Cached implements [eval.Env] without a cache.
func (b *Book) Cached(_ any, _ []cell.Area, build func() any) any { return build() }

// Reach implements [eval.Env]. Nothing more than the area is known to be computed.
func (b *Book) Reach(a cell.Area) cell.Area { return a }

// Growing implements [eval.Env].
func (b *Book) Growing(any, func() any) any { return nil }

// Reference implements [eval.Env].
func (b *Book) Reference(text string, r1c1 bool) cell.Value {
	if r1c1 {
		return b.r1c1(text)
	}
	e, err := formula.Parse(text, 0, 0)
	if err != nil {
		return cell.Err(cell.ErrRef)
	}
	if n, ok := e.(*formula.Name); ok {
		if e, ok = b.Name(0, n.Text); !ok {
			return cell.Err(cell.ErrRef)
		}
	}
	r, ok := e.(*formula.Ref)
	if !ok {
		return cell.Err(cell.ErrRef)
	}
	on, _, _ := b.walker.Here()
	if r.Sheets.Given {
		if on, ok = b.SheetIndex(r.Sheets.First); !ok {
			return cell.Err(cell.ErrRef)
		}
	}
	ends := eval.Ref{First: on, Last: on, R0: r.R0, C0: r.C0, R1: r.R1, C1: r.C1}
	a, ok := ends.At(on, 0, 0)
	if !ok {
		return cell.Err(cell.ErrRef)
	}
	return cell.RefTo(a)
}

var r1c1Cell = regexp.MustCompile(`^(?i)R(\d+|\[-?\d+\])?C(\d+|\[-?\d+\])?$`)

// r1c1 reads a cell or an area on the sheet of the formula, such as R1C2:R[3]C.
func (b *Book) r1c1(text string) cell.Value {
	on, row, col := b.walker.Here()
	end := func(s string) (at At, ok bool) {
		m := r1c1Cell.FindStringSubmatch(s)
		if m == nil {
			return at, false
		}
		axis := func(s string, own int32) int32 {
			n, _ := strconv.Atoi(strings.Trim(s, "[]"))
			if s == "" || s[0] == '[' {
				return own + int32(n)
			}
			return int32(n) - 1
		}
		at = At{axis(m[1], row), axis(m[2], col)}
		return at, at.Row >= 0 && at.Col >= 0 && at.Row < cell.MaxRows && at.Col < cell.MaxCols
	}
	first, last, area := strings.Cut(text, ":")
	if !area {
		last = first
	}
	a, ok1 := end(first)
	z, ok2 := end(last)
	if !ok1 || !ok2 {
		return cell.Err(cell.ErrRef)
	}
	return cell.RefTo(cell.At(on, a.Row, a.Col).Union(cell.At(on, z.Row, z.Col)))
}

// Spill implements [eval.Env].
func (b *Book) Spill(int32, int32, int32) (cell.Area, bool) { return cell.Area{}, false }

// Sheet implements [eval.Resolver].
func (b *Book) Sheet(name string) (int32, bool) { return b.SheetIndex(name) }

// Table implements [eval.Resolver]. OpenDocument has none.
func (b *Book) Table(string, int32, int32, int32) (eval.Table, bool) { return eval.Table{}, false }

// Name implements [eval.Resolver].
func (b *Book) Name(_ int32, name string) (formula.Expr, bool) {
	for _, n := range b.doc.Names {
		if !strings.EqualFold(n.Name, name) {
			continue
		}
		text, err := Translate(n.Expression)
		if err != nil {
			return nil, false
		}
		e, err := formula.Parse(text, n.Base.Row, n.Base.Col)
		return e, err == nil
	}
	return nil, false
}

// Used implements [fn.Cells].
func (b *Book) Used() (rows, cols int32) {
	for _, s := range b.sheets {
		rows, cols = max(rows, s.lastRow+1), max(cols, s.lastC+1)
	}
	return rows, cols
}

var _ eval.Env = (*Book)(nil)
var _ eval.Resolver = (*Book)(nil)
