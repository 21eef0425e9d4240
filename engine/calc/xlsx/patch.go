package xlsx

import (
	"context"
	"errors"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// patcher copies the XML of a sheet and puts new values into it.
type patcher struct {
	file      *File
	source    SheetSource
	edits     []Edit
	mark      int  // the metadata, from 1, of dynamic arrays; 0 for none
	keepChain bool // to add or remove a formula is errChain

	scan    *scanner
	values  decoder
	plan    plan
	broken  map[uint32]bool // shared formulas whose text is edited, by their index
	changed bool
	buf     []byte // of the new piece
}

// prepare finds out what must be known of a sheet before cells are edited in it.
func (p *patcher) prepare(ctx context.Context, sheet int) error {
	p.values = p.file.newDecoder()
	p.plan = &orderedPlan{p.edits}
	if len(p.edits) == 0 {
		return nil
	}
	s := &p.file.sheets[sheet]
	if s.shape == nil || !s.shape.ordered {
		if err := p.file.sheetError(sheet, p.survey(ctx, s)); err != nil {
			return err
		}
	}
	edited := make(map[place]bool, len(p.edits))
	for _, e := range p.edits {
		edited[place{e.Row, e.Col}] = true
	}
	for _, m := range s.shape.masters {
		if edited[place{m.row, m.col}] {
			if p.broken == nil {
				p.broken = map[uint32]bool{}
			}
			p.broken[m.index] = true
		}
	}
	return nil
}

// survey goes through the sheet once to see which of the edited cells there are, and whether they are in order.
func (p *patcher) survey(ctx context.Context, s *sheetPart) error {
	w := p.file.newWindow(ctx, s.entry, nil)
	defer w.close()
	scan := newScanner(w)
	cells, rows := map[place]bool{}, map[int32]bool{}
	for _, e := range p.edits {
		cells[place{e.Row, e.Col}], rows[e.Row] = false, false
	}
	for {
		ev, err := scan.next()
		if err != nil {
			return err
		}
		switch ev {
		case evRow:
			if _, ok := rows[scan.row.row]; ok {
				rows[scan.row.row] = true
			}
		case evCell:
			at := place{scan.cell.row, scan.cell.col}
			if _, ok := cells[at]; ok {
				cells[at] = true
			}
		case evEnd:
			shape := scan.shape
			s.shape = &shape
			if !shape.ordered {
				p.plan = newLoosePlan(p.edits, cells, rows)
			}
			return nil
		}
	}
}

// run copies the sheet into part.
func (p *patcher) run(ctx context.Context, sheet int, part *newPart, progress func(int64)) error {
	w := p.file.newWindow(ctx, p.file.sheets[sheet].entry, progress)
	defer w.close()
	w.out = part
	part.reuse(p.file.r, p.file.sheets[sheet].entry)
	p.scan = newScanner(w)
	err := p.copy()
	if err == nil {
		err = w.flush()
	}
	if errors.Is(err, errChain) {
		return err
	}
	return p.file.sheetError(sheet, err)
}

func (p *patcher) copy() error {
	s := p.scan
	for {
		ev, err := s.next()
		if err != nil {
			return err
		}
		switch ev {
		case evCell:
			err = p.cell(&s.cell)
		case evDimension:
			err = p.dimension()
		case evData:
			if s.self && len(p.edits) > 0 {
				p.buf = append(p.openTag(s.tag), '>')
				p.rows(p.plan.rest())
				err = p.put(s.tag, p.closeTag("sheetData"))
			}
		case evDataEnd:
			err = p.insertRows(s.tag.from, p.plan.rest())
		case evRow:
			err = p.row()
		case evRowEnd:
			err = p.insertCells(s.tag.from, p.plan.endRow(s.row.row))
		case evEnd:
			if len(p.plan.rest()) > 0 {
				return errors.New("it has no element sheetData, so that no cell can be put into it")
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// put writes the new piece, with a tail, instead of a span of the sheet.
func (p *patcher) put(at span, tail string) error {
	p.changed = true
	p.buf = append(p.buf, tail...)
	return p.scan.replace(at.from, at.to, p.buf)
}

// openTag begins the new piece with an empty element's tag up to its "/>".
func (p *patcher) openTag(tag span) []byte {
	return append(p.buf[:0], p.scan.buf[tag.from:tag.to-2]...)
}

func (p *patcher) closeTag(name string) string { return "</" + p.scan.prefix + name + ">" }

// dimension widens the area that the sheet says it uses.
func (p *patcher) dimension() error {
	old, ok := parseArea(string(p.scan.text))
	if !ok || len(p.edits) == 0 {
		return nil
	}
	wide := old
	for _, e := range p.edits {
		wide = wide.Union(cell.At(0, e.Row, e.Col))
	}
	if wide == old {
		return nil
	}
	// The attribute's value is a piece of the tag.
	b := p.scan.buf
	from := p.scan.tag.from
	for string(b[from:from+len(p.scan.text)]) != string(p.scan.text) {
		from++
	}
	p.buf = append(p.buf[:0], refText(wide)...)
	return p.put(span{from, from + len(p.scan.text)}, "")
}

// row adds the rows before a row, and to the row itself what its start tag must have.
func (p *patcher) row() error {
	s := p.scan
	if len(p.edits) == 0 {
		return nil
	}
	if err := p.insertRows(s.tag.from, p.plan.beforeRow(s.row.row)); err != nil {
		return err
	}
	p.buf = p.buf[:0]
	if wide, ok := p.widerSpans(); ok {
		p.buf = append(p.buf, wide...)
		if err := p.put(s.row.spans, ""); err != nil {
			return err
		}
	}
	if !s.self {
		return nil
	}
	edits := p.plan.endRow(s.row.row)
	if len(edits) == 0 {
		return nil
	}
	p.buf = append(p.buf[:0], '>')
	p.cells(edits)
	return p.put(span{s.tag.to - 2, s.tag.to}, p.closeTag("row"))
}

// widerSpans returns the row's spans where edits lie outside of them. They are a hint for readers, "1:3 7:9", and are
// made one from the first to the last.
func (p *patcher) widerSpans() (string, bool) {
	s := p.scan
	if s.row.spans.none() {
		return "", false
	}
	first, last, ok := outerSpans(s.buf[s.row.spans.from:s.row.spans.to])
	if !ok {
		return "", false
	}
	wide := false
	for i := p.firstEdit(s.row.row); i < len(p.edits) && p.edits[i].Row == s.row.row; i++ {
		if c := uint32(p.edits[i].Col) + 1; c < first || c > last {
			first, last, wide = min(first, c), max(last, c), true
		}
	}
	return strconv.Itoa(int(first)) + ":" + strconv.Itoa(int(last)), wide
}

// firstEdit finds the first edit of a row or of one below.
func (p *patcher) firstEdit(row int32) int {
	lo, hi := 0, len(p.edits)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if p.edits[mid].Row < row {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func outerSpans(v []byte) (first, last uint32, ok bool) {
	i, j := 0, len(v)
	for i < len(v) && v[i] != ':' {
		i++
	}
	for j > 0 && v[j-1] != ':' {
		j--
	}
	first, ok1 := parseUint(v[:i])
	last, ok2 := parseUint(v[j:])
	return first, last, ok1 && ok2
}

func (p *patcher) insertRows(at int, edits []Edit) error {
	if len(edits) == 0 {
		return nil
	}
	p.buf = p.buf[:0]
	p.rows(edits)
	return p.insert(at)
}

func (p *patcher) insertCells(at int, edits []Edit) error {
	if len(edits) == 0 {
		return nil
	}
	p.buf = p.buf[:0]
	p.cells(edits)
	return p.insert(at)
}

func (p *patcher) insert(at int) error {
	return p.put(span{at, at}, "")
}
