package calc

import (
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/graph"
)

// wavePart is the cells of one node in a wave.
type wavePart struct {
	a     cell.Area
	t     *template
	scan  *scan
	loads [][]load // of scan, by column of a; nil where they are not bound yet
	stack scanStack
}

// loadsOf returns the loads of a column. Lines go through all columns again and again.
func (p *wavePart) loadsOf(b *Workbook, col int32) ([]load, bool) {
	if p.loads == nil {
		p.loads = make([][]load, p.a.Cols())
	}
	at := &p.loads[col-p.a.C0]
	if *at != nil {
		return *at, true
	}
	ok := false
	*at, ok = p.scan.bind(b, p.a.Sheet, col, make([]load, 0, len(p.scan.loads)))
	return *at, ok
}

// scanned computes a cell by small code, and reports false where the tree walk must.
func (p *wavePart) scanned(b *Workbook, row, col int32) (float64, bool) {
	if p.scan == nil {
		return 0, false
	}
	loads, ok := p.loadsOf(b, col)
	if !ok {
		p.scan = nil
		return 0, false
	}
	return p.scan.value(&p.stack, loads, row)
}

// wave computes nodes that read each other row by row or column by column.
func (r *run) wave(s graph.Step) error {
	b := r.b
	e := r.env(0)
	e.forget()
	e.pending = nil
	e.writes()
	defer e.writes()
	var parts []wavePart
	first, last := int32(cell.MaxRows), int32(-1)
	byRow := s.Wave == graph.Down || s.Wave == graph.Up
	for _, id := range s.Nodes {
		n := b.graph.Node(id)
		a := b.dirty.Of(id)[0]
		for _, more := range b.dirty.Of(id)[1:] {
			a = a.Union(more)
		}
		t := b.templates[n.Formula]
		e.writing = append(e.writing, a)
		parts = append(parts, wavePart{a: a, t: t, scan: b.scanned(t)})
		if byRow {
			first, last = min(first, a.R0), max(last, a.R1)
		} else {
			first, last = min(first, a.C0), max(last, a.C1)
		}
		r.Cells += a.Cells()
		r.Waves += a.Cells()
		for col := a.C0; col <= a.C1; col++ {
			b.column(a.Sheet, col, a.R1).Open(int(a.R0), int(a.R1))
		}
	}
	from, step := first, int32(1)
	if s.Wave == graph.Up || s.Wave == graph.Left {
		from, step = last, -1
	}
	for line := from; line >= first && line <= last; line += step {
		if line%stopRows == 0 {
			if err := r.ended(); err != nil {
				return err
			}
		}
		for i := range parts {
			p := &parts[i]
			a := p.a
			if byRow {
				if line < a.R0 || line > a.R1 {
					continue
				}
				a.R0, a.R1 = line, line
			} else {
				if line < a.C0 || line > a.C1 {
					continue
				}
				a.C0, a.C1 = line, line
			}
			r.waveCells(e, p, a)
		}
	}
	return nil
}

// waveCells computes cells of one line.
func (r *run) waveCells(e *env, p *wavePart, a cell.Area) {
	b := r.b
	for col := a.C0; col <= a.C1; col++ {
		c := &b.sheets[a.Sheet].columns[col]
		for row := a.R0; row <= a.R1; row++ {
			box, ok := p.scanned(b, row, col)
			if !ok {
				box = b.strings.Box(e.value(p.t.formula, a.Sheet, row, col))
			}
			c.Slot(int(row), 1)[0] = box
			if c.indexed { // an index over the column is old with every cell
				b.version++
				c.version = b.version
			}
		}
	}
}
