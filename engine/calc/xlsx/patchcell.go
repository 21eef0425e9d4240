package xlsx

import (
	"slices"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// cell writes a cell anew where it changes.
func (p *patcher) cell(c *rawCell) error {
	var e *Edit
	if len(p.edits) > 0 {
		if err := p.insertCells(c.all.from, p.plan.beforeCell(c.row, c.col)); err != nil {
			return err
		}
		e = p.plan.at(c.row, c.col)
	}
	n := newCell{row: c.row, col: c.col}
	var err error
	n.value, n.setValue = p.source.Value(c.row, c.col)
	if n.setValue {
		same := false
		if same, err = p.same(c, n.value); err != nil {
			return &cellError{c.row, c.col, err}
		}
		n.setValue = !same
	}
	switch {
	case e != nil:
		if (e.Formula != "") == c.formula.none() && p.keepChain {
			return errChain
		}
		n.setFormula = e.Formula != "" || !c.formula.none()
		n.formula, n.array, n.constant = e.Formula, e.Array, e.Formula == "" && !e.Spilled
		n.mark = p.marked(e)
	case c.formula.none():
	case c.f.kind == formulaShared && p.broken[c.f.index]:
		n.setFormula, n.formula = true, p.source.Formula(c.row, c.col)
	case c.f.kind == formulaArray:
		p.array(c, &n)
	}
	if !n.setValue && !n.setFormula && n.ref == "" {
		return nil
	}
	p.buf = p.buf[:0]
	if !n.setFormula && n.ref == "" && c.plainNumber() && cell.BoxKind(n.value) == cell.Number {
		p.buf = appendNumber(p.buf, n.value)
		return p.put(c.valueText, "")
	}
	p.rewrite(c, &n)
	return p.put(c.all, "")
}

// plainNumber reports whether the text in an element v without attributes is all that another number would change.
func (c *rawCell) plainNumber() bool {
	return !c.value.none() && c.valueText.from == c.value.from+len("<v>") && c.valueText.to == c.value.to-len("</v>") &&
		c.typeAttr.none() && c.richAttr.none() && c.inline.none()
}

// newCell is what a cell is to become.
type newCell struct {
	row, col   int32
	setValue   bool
	value      cell.Box
	constant   bool // text is the user's, not a formula's
	setFormula bool
	formula    string
	array      *cell.Area
	mark       string // the attribute of a dynamic array formula
	ref        string // the area of an array formula that stays; "" leaves it
}

// same reports whether the file has this value.
func (p *patcher) same(c *rawCell, now cell.Box) (bool, error) {
	b := p.scan.buf
	if cell.BoxKind(now) == cell.Text && (c.kind == typeString || c.kind == typeInline) {
		text, ok, err := p.values.text(b, c)
		return ok && string(text) == p.file.strings.Text(cell.BoxedText(now)), err
	}
	old := cell.BoxEmpty()
	if c.kind == typeString || c.kind == typeInline {
		if _, ok, err := p.values.text(b, c); ok || err != nil {
			return false, err
		}
	} else if !c.value.none() {
		var err error
		if old, err = p.values.box(b, c); err != nil {
			return false, err
		}
	}
	if cell.BoxKind(now) == cell.Error && cell.BoxKind(old) == cell.Error && c.rich == 0 && p.richIndex(now) == 0 {
		now = cell.BoxError(oldError(cell.BoxedError(now))) // it would be written so
	}
	return sameBox(old, now), nil
}

// marked returns the attribute of a dynamic array formula, with a space before it, and "" where it is none or the workbook has no such mark.
func (p *patcher) marked(e *Edit) string {
	if p.mark > 0 && e.Dynamic && e.Array != nil {
		return ` cm="` + strconv.Itoa(p.mark) + `"`
	}
	return ""
}

// array gives an array formula its new area.
func (p *patcher) array(c *rawCell, n *newCell) {
	area, ok := p.source.Area(c.row, c.col)
	if !ok || c.f.ref.none() {
		return
	}
	old, ok := parseArea(string(p.scan.buf[c.f.ref.from:c.f.ref.to]))
	if old.Sheet = area.Sheet; !ok || old != area {
		n.ref = refText(area)
	}
}

// refText is an area as the attribute ref has it; whole columns are no exception there.
func refText(a cell.Area) string {
	if a.Single() {
		return cell.Address(a.R0, a.C0)
	}
	return cell.Address(a.R0, a.C0) + ":" + cell.Address(a.R1, a.C1)
}

// rewrite appends the cell: its own bytes, except for what is to change.
func (p *patcher) rewrite(c *rawCell, n *newCell) {
	b := p.scan.buf
	hasFormula := !c.formula.none() && !n.setFormula || n.formula != ""
	kind, content := "", []byte(nil)
	if n.setValue {
		kind, content = p.content(n.value, n.constant && !hasFormula)
	}
	p.startTag(c, n, kind)
	var pieces [3]piece
	k := 0
	if n.setFormula {
		at := c.formula
		if at.none() {
			at = span{c.open.to, c.open.to}
		}
		pieces[k] = piece{at, p.formula(n.formula, n.array)}
		k++
	} else if n.ref != "" {
		pieces[k] = piece{c.f.ref, []byte(n.ref)}
		k++
	}
	if n.setValue {
		at := c.value
		switch {
		case !at.none():
			if !c.inline.none() {
				pieces[k] = piece{at: c.inline}
				k++
			}
		case !c.inline.none():
			at = c.inline
		case !c.formula.none():
			at = span{c.formula.to, c.formula.to}
		default:
			at = span{c.open.to, c.open.to}
		}
		pieces[k] = piece{at, content}
		k++
	}
	if c.self {
		p.selfContent(pieces[:k])
		return
	}
	// The children of a cell may stand in any order.
	for i := 1; i < k; i++ {
		for j := i; j > 0 && pieces[j].at.from < pieces[j-1].at.from; j-- {
			pieces[j], pieces[j-1] = pieces[j-1], pieces[j]
		}
	}
	from := c.open.to
	for _, x := range pieces[:k] {
		p.buf = append(append(p.buf, b[from:x.at.from]...), x.text...)
		from = x.at.to
	}
	p.buf = append(p.buf, b[from:c.all.to]...)
}

// piece is a span of a cell and what stands there now.
type piece struct {
	at   span
	text []byte
}

// selfContent ends a cell whose tag was the whole of it.
func (p *patcher) selfContent(pieces []piece) {
	n := 0
	for _, x := range pieces {
		n += len(x.text)
	}
	if n == 0 {
		p.buf = append(p.buf[:len(p.buf)-1], "/>"...)
		return
	}
	for _, x := range pieces {
		p.buf = append(p.buf, x.text...)
	}
	p.buf = append(p.buf, p.closeTag("c")...)
}

// startTag appends the start tag with another type where the value is set, and with the mark of a dynamic array only where the new formula
// is one.
func (p *patcher) startTag(c *rawCell, n *newCell, kind string) {
	b := p.scan.buf
	end := c.open.to - 1
	if c.self {
		end--
	}
	var cuts [3]span
	if n.setFormula {
		cuts[0] = c.metaAttr
	}
	if n.setValue {
		cuts[1], cuts[2] = c.typeAttr, c.richAttr
	}
	slices.SortFunc(cuts[:], func(a, b span) int { return a.from - b.from })
	from := c.open.from
	for _, cut := range cuts {
		if cut.none() {
			continue
		}
		p.buf = append(p.buf, b[from:cut.from]...)
		from = cut.to
		if n.setValue && cut == c.typeAttr {
			p.buf = appendType(p.buf, kind)
			kind = ""
		}
	}
	p.buf = appendType(append(p.buf, b[from:end]...), kind)
	if n.setValue {
		p.buf = appendRichIndex(p.buf, p.richIndex(n.value))
	}
	p.buf = append(append(p.buf, n.mark...), '>')
}

// appendType appends the attribute t; a number has none.
func appendType(b []byte, kind string) []byte {
	if kind == "" {
		return b
	}
	return append(append(append(b, ` t="`...), kind...), '"')
}

// appendRichIndex appends the attribute vm.
func appendRichIndex(b []byte, index int) []byte {
	if index == 0 {
		return b
	}
	return append(strconv.AppendInt(append(b, ` vm="`...), int64(index), 10), '"')
}

// content returns the type of a value and the element that holds it.
func (p *patcher) content(v cell.Box, constant bool) (kind string, element []byte) {
	prefix := p.scan.prefix
	b := p.values.buf[:0]
	open, shut := "<v>", "</v>"
	if prefix != "" {
		open, shut = "<"+prefix+"v>", "</"+prefix+"v>"
	}
	switch cell.BoxKind(v) {
	case cell.Empty:
		return "", nil
	case cell.Bool:
		kind, b = "b", append(append(b, open...), '0')
		if cell.BoxedBool(v) {
			b[len(b)-1] = '1'
		}
	case cell.Error:
		kind, b = "e", append(append(b, open...), oldError(cell.BoxedError(v)).String()...)
	case cell.Text:
		text := p.file.strings.Text(cell.BoxedText(v))
		kind = "str"
		if constant {
			kind, open, shut = "inlineStr", "<"+prefix+"is><"+prefix+"t>", "</"+prefix+"t></"+prefix+"is>"
		}
		if needsSpace(text) {
			open = open[:len(open)-1] + ` xml:space="preserve">`
		}
		b = appendEscaped(append(b, open...), text)
	default:
		b = appendNumber(append(b, open...), v)
	}
	p.values.buf = append(b, shut...)
	return kind, p.values.buf
}

// oldError is an error as programs of 2016 know it. Newer ones are written as #VALUE! with the metadata that tell which,
// if the file has such metadata already.
func oldError(code cell.ErrorCode) cell.ErrorCode {
	if code > cell.ErrGettingData {
		return cell.ErrValue
	}
	return code
}

// richIndex returns the value metadata for a value; 0 for none.
func (p *patcher) richIndex(v cell.Box) int {
	if cell.BoxKind(v) == cell.Error && oldError(cell.BoxedError(v)) != cell.BoxedError(v) {
		return p.file.richIndex(cell.BoxedError(v))
	}
	return 0
}

// needsSpace reports whether a reader would cut something off a text.
func needsSpace(s string) bool {
	return s != "" && (isSpace(s[0]) || isSpace(s[len(s)-1]))
}

// formula returns the element of a formula; nothing for none.
func (p *patcher) formula(text string, array *cell.Area) []byte {
	if text == "" {
		return nil
	}
	b := append([]byte("<"+p.scan.prefix), 'f')
	if array != nil {
		b = append(append(append(b, ` t="array" ref="`...), refText(*array)...), '"')
	}
	if needsSpace(text) {
		b = append(b, ` xml:space="preserve"`...)
	}
	return append(appendEscaped(append(b, '>'), text), p.closeTag("f")...)
}

// rows appends new rows with their cells.
func (p *patcher) rows(edits []Edit) {
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].Row == edits[0].Row {
			n++
		}
		p.buf = append(append(p.buf, '<'), p.scan.prefix...)
		p.buf = strconv.AppendInt(append(p.buf, `row r="`...), int64(edits[0].Row)+1, 10)
		p.buf = append(p.buf, `">`...)
		p.newCells(edits[:n], nil)
		p.buf = append(p.buf, p.closeTag("row")...)
		edits = edits[n:]
	}
}

// cells appends new cells of the present row.
func (p *patcher) cells(edits []Edit) {
	s := p.scan
	p.newCells(edits, s.buf[s.row.style.from:s.row.style.to])
}

func (p *patcher) newCells(edits []Edit, style []byte) {
	for _, e := range edits {
		style := style
		v, ok := p.source.Value(e.Row, e.Col)
		if !ok {
			v = cell.BoxEmpty()
		}
		kind, content := p.content(v, e.Formula == "" && !e.Spilled)
		b := append(append(p.buf, '<'), p.scan.prefix...)
		b = append(append(append(b, `c r="`...), cell.Address(e.Row, e.Col)...), '"')
		if e.Style != 0 {
			style = strconv.AppendUint(nil, uint64(e.Style), 10)
		}
		if len(style) > 0 {
			b = append(append(append(b, ` s="`...), style...), '"')
		}
		b = append(append(appendRichIndex(appendType(b, kind), p.richIndex(v)), p.marked(&e)...), '>')
		b = append(b, p.formula(e.Formula, e.Array)...)
		p.buf = append(append(b, content...), p.closeTag("c")...)
	}
}
