package calcconform

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// Outcome is how a check came out.
type Outcome uint8

// The outcomes. A check that the document itself was saved with as not TRUE is void and not counted.
const (
	Right Outcome = iota
	Wrong
	Untranslatable
	Void
)

// Check is one check cell of a document and the formula that it is about.
type Check struct {
	Document string // the folder and the name of the file
	Place    string // of the check: Sheet2!C7
	Text     string // of the check, translated
	Subject  string // the formula that is checked, translated where that was possible
	Function string // the outermost function of the subject
	Outcome  Outcome
	Ours     string // the value of the subject
	Theirs   string
	Why      string // of what is not translated
	// Same tells that the subject has the very value that the document has, beyond what the check asks: of errors the
	// same one, of numbers 12 digits.
	Same bool
}

// Checks computes the checks of a document: the cells that the formulas of its first sheet sum up.
func Checks(doc *Document, name string) []Check {
	b := NewBook(doc)
	var out []Check
	for _, p := range b.checkCells() {
		if c, ok := b.check(p); ok {
			c.Document = name
			out = append(out, c)
		}
	}
	return out
}

// place is a cell of the book.
type place struct {
	sheet int32
	at    At
}

// checkCells finds the formulas in the areas of other sheets that the first sheet refers to, in their order. Where such a formula sums up
// others itself, those are the checks.
func (b *Book) checkCells() []place {
	seen := map[place]bool{}
	var out []place
	var collect func(a cell.Area)
	collect = func(a cell.Area) {
		for p, e := range b.sheets[a.Sheet].cells {
			c := place{a.Sheet, p}
			if !a.Contains(a.Sheet, p.Row, p.Col) || e.source.Formula == "" || seen[c] {
				continue
			}
			seen[c] = true
			if of, ok := b.sum(c, e); ok {
				for _, a := range of {
					collect(a)
				}
				continue
			}
			out = append(out, c)
		}
	}
	for at, e := range b.sheets[0].cells {
		if e.text == "" || e.failed != nil {
			continue
		}
		tree, err := formula.Parse(e.text, at.Row, at.Col)
		if err != nil {
			continue
		}
		for _, a := range b.areas(tree, 0, at) {
			if a.Sheet != 0 {
				collect(a)
			}
		}
	}
	slices.SortFunc(out, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.sheet, y.sheet), cmp.Compare(x.at.Row, y.at.Row), cmp.Compare(x.at.Col, y.at.Col))
	})
	return out
}

// sum returns the areas of a formula such as AND(F3:F24), and false for all others.
func (b *Book) sum(p place, e *entry) ([]cell.Area, bool) {
	if e.text == "" || e.failed != nil {
		return nil, false
	}
	tree, err := formula.Parse(e.text, p.at.Row, p.at.Col)
	if c, ok := tree.(*formula.Call); err != nil || !ok || c.Name != "AND" {
		return nil, false
	}
	areas := b.areas(tree, p.sheet, p.at)
	for _, a := range areas {
		if a.Single() {
			return nil, false
		}
	}
	return areas, len(areas) > 0
}

// areas returns the areas that a formula refers to by their places.
func (b *Book) areas(tree formula.Expr, on int32, at At) []cell.Area {
	var out []cell.Area
	formula.Walk(tree, func(e formula.Expr) bool {
		r, ok := e.(*formula.Ref)
		if !ok {
			return true
		}
		s := on
		if r.Sheets.Given {
			if s, ok = b.SheetIndex(r.Sheets.First); !ok {
				return true
			}
		}
		out = append(out, cell.Area{Sheet: s, R0: r.R0.At(at.Row), C0: r.C0.At(at.Col), R1: r.R1.At(at.Row), C1: r.C1.At(at.Col)})
		return true
	})
	return out
}

// check computes one check. It is none where it refers to no formula.
func (b *Book) check(p place) (c Check, ok bool) {
	e := b.sheets[p.sheet].cells[p.at]
	c = Check{Place: b.sheets[p.sheet].name + "!" + cell.Address(p.at.Row, p.at.Col), Text: e.text}
	if !holds(e.source.Value) {
		c.Outcome = Void
		return c, true
	}
	if e.failed != nil {
		c.Outcome, c.Why, c.Subject, c.Function = Untranslatable, e.failed.Error(), e.source.Formula, "(the check)"
		return c, true
	}
	tree, err := formula.Parse(e.text, p.at.Row, p.at.Col)
	if err != nil {
		c.Outcome, c.Why, c.Subject, c.Function = Untranslatable, err.Error(), e.text, "(the check)"
		return c, true
	}
	var subject *entry
	var at place
	for _, a := range b.areas(tree, p.sheet, p.at) {
		if a.Single() {
			if s := b.sheets[a.Sheet].cells[At{a.R0, a.C0}]; s != nil && (s.source.Formula != "" || s.anchor != nil) {
				subject, at = s, place{a.Sheet, At{a.R0, a.C0}}
				break
			}
		}
	}
	if subject == nil {
		// The check itself is all there is.
		subject, at = e, p
	}
	b.judge(&c, p, e, at, subject)
	return c, true
}

// judge compares. What panics is wrong, and says so.
func (b *Book) judge(c *Check, p place, e *entry, at place, subject *entry) {
	defer func() {
		if r := recover(); r != nil {
			c.Outcome, c.Ours = Wrong, fmt.Sprintf("a panic: %v", r)
		}
	}()
	source := subject
	if subject.anchor != nil {
		source = subject.anchor
	}
	c.Subject, c.Function = source.text, outermost(source.text)
	if strings.HasPrefix(source.source.Formula, "ORG.LIBREOFFICE.ROUNDSIG(") && source != e {
		c.Outcome, c.Why = Untranslatable, "ROUNDSIG is a function of LibreOffice"
		return
	}
	if source.text == "" {
		c.Subject = source.source.Formula
	}
	theirs := subject.source
	c.Theirs = show(theirs.Value)
	if theirs.Error {
		c.Theirs = theirs.Shown
	}
	b.compute(at.sheet, at.at, subject)
	if subject.failed != nil {
		c.Outcome, c.Why = Untranslatable, subject.failed.Error()
		return
	}
	ours := subject.value
	if g := ours.Grid(); g != nil {
		ours = g.Cells[0]
	}
	c.Ours = show(ours)
	c.Same = same(ours, theirs.Value)
	held := b.holds(p, e)
	// A check such as ISERROR would hold for a function that we do not have.
	if known := theirs.Error || !theirs.Value.IsError(); known && ours.IsError() != theirs.Error || ours.Code() == cell.ErrName && theirs.Value.Code() != cell.ErrName {
		held = false
	}
	if !held {
		c.Outcome = Wrong
	}
}

// holds computes a check. Where it is an equation, numbers are equal as LibreOffice has it, by which the documents were written: their
// expected values have 15 digits, and booleans are numbers with a format.
func (b *Book) holds(p place, e *entry) bool {
	tree, err := formula.Parse(e.text, p.at.Row, p.at.Col)
	if err != nil {
		return false
	}
	if eq, ok := tree.(*formula.Binary); ok && eq.Op == "=" {
		x, y := b.side(eq.X, p, e), b.side(eq.Y, p, e)
		if numeric(x) && numeric(y) {
			return near(x.Float(), y.Float())
		}
	}
	b.compute(p.sheet, p.at, e)
	return holds(e.value)
}

func numeric(v cell.Value) bool { return v.Kind() == cell.Number || v.Kind() == cell.Bool }

func (b *Book) side(x formula.Expr, p place, e *entry) cell.Value {
	f := eval.Compile(x, b, eval.Options{Array: e.source.Rows > 0, Sheet: p.sheet, Row: p.at.Row, Col: p.at.Col})
	return f.Value(b.walker, p.sheet, p.at.Row, p.at.Col)
}

// near is the equality of numbers in LibreOffice: they differ by less than 2^-48 of them.
func near(x, y float64) bool {
	const part = 1.0 / (1 << 48)
	return x == y || math.Abs(x-y) < part*min(math.Abs(x), math.Abs(y))
}

func holds(v cell.Value) bool {
	if g := v.Grid(); g != nil {
		v = g.Cells[0]
	}
	return v.True() || v.Kind() == cell.Number && v.Float() != 0
}

// outermost returns the first function of a formula, "" where there is none.
func outermost(text string) string {
	tree, err := formula.Parse(text, 0, 0)
	if err != nil {
		return ""
	}
	name := ""
	formula.Walk(tree, func(e formula.Expr) bool {
		if c, ok := e.(*formula.Call); ok && name == "" {
			name = c.Name
		}
		return name == ""
	})
	return name
}

func same(a, b cell.Value) bool {
	if a.Kind() == cell.Number && b.Kind() == cell.Number {
		x, y := a.Float(), b.Float()
		return math.Abs(x-y) <= 1e-12*max(math.Abs(x), math.Abs(y))
	}
	return a.Kind() == b.Kind() && a.Float() == b.Float() && a.Code() == b.Code() && a.Text() == b.Text()
}

func show(v cell.Value) string {
	switch v.Kind() {
	case cell.Text:
		return fmt.Sprintf("%q", v.Text())
	case cell.Error:
		return v.Code().String()
	case cell.Number:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return cell.ToText(v).Text()
}
