package calc

import (
	"encoding/binary"
	"strings"
	"sync/atomic"

	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

// kind is what the value of a formula fills.
type kind uint8

const (
	single   kind = iota // its cell
	fixed                // the area of an array formula
	spilling             // as many cells as the array has
)

// template is a formula in its relative form, shared by all cells of a sheet that were filled with it.
type template struct {
	tree      formula.Expr
	formula   *eval.Formula
	kind      kind
	place     eval.Options // the cell that it was compiled for
	key       string       // of the formula, as [formula.AppendKey] makes it; "" where it makes none
	form      atomic.Int32 // whether a file has the formula as it is shown: 0 where nobody has asked yet
	tiles     *tiles       // nil where the formula is not arithmetic
	lowered   bool         // tiles was tried
	scan      *scan        // nil where the formula is not arithmetic
	scanTried bool
	// aggregates: it calls SUBTOTAL or AGGREGATE, which pass over each other's cells.
	aggregates bool
}

// intern returns the number of the template of a formula in a cell, a new one where it is not yet known.
func (b *Workbook) intern(sheet, row, col int32, text string, k kind) (int32, error) {
	var buffer [256]byte
	key, own := b.key(buffer[:0], sheet, row, col, text, k)
	return internIn(&b.templates, b.byKey, key, own, func() (*template, error) { return b.compile(sheet, row, col, text, k) })
}

// internIn returns the number of the template with this key in a list, to which it is added where it is not yet there. The key of the formula by itself is
// the last own bytes of the key.
func internIn(list *[]*template, byKey map[string]int32, key []byte, own int, compile func() (*template, error)) (int32, error) {
	if t, ok := byKey[string(key)]; ok {
		return t, nil
	}
	made, err := compile()
	if err != nil {
		return 0, err
	}
	t := int32(len(*list))
	*list = append(*list, made)
	kept := string(key)
	made.key = kept[len(kept)-own:]
	byKey[kept] = t
	return t, nil
}

// key appends to dst what is equal for formulas that share a template, and tells how much of its end is the key of the formula by itself.
func (b *Workbook) key(dst []byte, sheet, row, col int32, text string, k kind) (key []byte, own int) {
	dst = append(dst, byte(k), byte(sheet), byte(sheet>>8), byte(sheet>>16))
	if strings.Contains(text, "[") {
		// What a structured reference without a table means depends on the table around the cell.
		if t, ok := (resolver{b}).Table("", sheet, row, col); ok {
			dst = append(append(dst, t.Area.String()...), 0)
		}
	}
	before := len(dst)
	key, ok := formula.AppendKey(dst, text, row, col)
	if !ok { // such a formula shares its tree with no other cell
		key = append(append(key[:before], text...), 0)
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(key, uint32(row)), uint32(col)), 0
	}
	return key, len(key) - before
}

// The values of a template's form.
const (
	asShown = 1 + iota
	otherwise
)

// text is the formula of a cell as it was written, or as a function of package formula writes it where files have another form than people see.
func (t *template) text(write func(e formula.Expr, row, col int32) string, row, col int32) string {
	if t.key == "" {
		return write(t.tree, row, col)
	}
	form := t.form.Load()
	if form == 0 {
		form = otherwise
		if formula.Text(t.tree, t.place.Row, t.place.Col) == formula.FileText(t.tree, t.place.Row, t.place.Col) {
			form = asShown
		}
		t.form.Store(form)
	}
	if form == asShown {
		if s, ok := formula.Source(t.key, row, col); ok {
			return s
		}
	}
	return write(t.tree, row, col)
}

func (b *Workbook) compile(sheet, row, col int32, text string, k kind) (*template, error) {
	tree, err := formula.Parse(text, row, col)
	if err != nil {
		return nil, err
	}
	formula.Walk(tree, b.named(sheet, row, col))
	place := eval.Options{Array: k != single, Sheet: sheet, Row: row, Col: col, Plain: b.options.Tree}
	return &template{tree: tree, formula: eval.Compile(tree, resolver{b}, place), kind: k, place: place,
		aggregates: formula.Calls(tree, "SUBTOTAL", "AGGREGATE")}, nil
}

// named gives structured references without a table the name of the one around the cell, as files have it. It is for [formula.Walk].
func (b *Workbook) named(sheet, row, col int32) func(formula.Expr) bool {
	return func(e formula.Expr) bool {
		if s, ok := e.(*formula.Structured); ok && s.Table == "" {
			t, _ := resolver{b}.Table("", sheet, row, col)
			s.Table = t.Name
		}
		return true
	}
}

// Name implements [eval.Resolver].
func (r resolver) Name(sheet int32, name string) (formula.Expr, bool) {
	name = strings.ToLower(name)
	if e, ok := r.b.names[nameKey{sheet, name}]; ok {
		return e, true
	}
	e, ok := r.b.names[nameKey{-1, name}]
	return e, ok
}

// resolver is the workbook as [eval.Resolver] sees it.
type resolver struct{ b *Workbook }

// Sheet implements [eval.Resolver].
func (r resolver) Sheet(name string) (int32, bool) { return r.b.sheetOf(name) }

// Table implements [eval.Resolver].
func (r resolver) Table(name string, sheet, row, col int32) (eval.Table, bool) {
	if name == "" {
		for _, t := range r.b.tables {
			if t.Area.Contains(sheet, row, col) {
				return t, true
			}
		}
	}
	t, ok := r.b.tables[strings.ToLower(name)]
	return t, ok
}
