package xlsx

import "sort"

// plan says where the edits of a sheet go, as the sheet passes by. Each edit is given out once, except that a cell
// which the file has twice is edited twice.
type plan interface {
	// beforeRow returns the edits for rows that are to stand before this row element.
	beforeRow(row int32) []Edit
	// beforeCell returns the edits for cells that are to stand before this one, in its row.
	beforeCell(row, col int32) []Edit
	// at returns the edit of a cell, nil where there is none.
	at(row, col int32) *Edit
	// endRow returns the edits for cells behind the last one of a row.
	endRow(row int32) []Edit
	// rest returns the edits for rows behind the last one.
	rest() []Edit
}

// orderedPlan is for sheets whose cells stand in order: what was passed by is missing.
type orderedPlan struct{ edits []Edit }

func (p *orderedPlan) take(while func(*Edit) bool) []Edit {
	n := 0
	for n < len(p.edits) && while(&p.edits[n]) {
		n++
	}
	out := p.edits[:n]
	p.edits = p.edits[n:]
	return out
}

func (p *orderedPlan) beforeRow(row int32) []Edit {
	return p.take(func(e *Edit) bool { return e.Row < row })
}

func (p *orderedPlan) beforeCell(row, col int32) []Edit {
	return p.take(func(e *Edit) bool { return e.before(row, col) })
}

func (p *orderedPlan) at(row, col int32) *Edit {
	if len(p.edits) > 0 && p.edits[0].Row == row && p.edits[0].Col == col {
		e := &p.edits[0]
		p.edits = p.edits[1:]
		return e
	}
	return nil
}

func (p *orderedPlan) endRow(row int32) []Edit {
	return p.take(func(e *Edit) bool { return e.Row <= row })
}

func (p *orderedPlan) rest() []Edit { return p.take(func(*Edit) bool { return true }) }

// place is a cell as a key.
type place struct{ row, col int32 }

// loosePlan is for sheets whose cells stand in any order. It is told first which cells and rows there are.
type loosePlan struct {
	present map[place]*Edit
	inRow   map[int32][]Edit // missing cells of rows that there are
	newRows []Edit
}

// newLoosePlan sorts the edits by whether the sheet has their cell, or at least their row.
func newLoosePlan(edits []Edit, cells map[place]bool, rows map[int32]bool) *loosePlan {
	p := &loosePlan{present: map[place]*Edit{}, inRow: map[int32][]Edit{}}
	for i := range edits {
		e := &edits[i]
		switch {
		case cells[place{e.Row, e.Col}]:
			p.present[place{e.Row, e.Col}] = e
		case rows[e.Row]:
			p.inRow[e.Row] = append(p.inRow[e.Row], *e)
		default:
			p.newRows = append(p.newRows, *e)
		}
	}
	return p
}

func (p *loosePlan) beforeRow(row int32) []Edit {
	n := sort.Search(len(p.newRows), func(i int) bool { return p.newRows[i].Row >= row })
	out := p.newRows[:n]
	p.newRows = p.newRows[n:]
	return out
}

func (p *loosePlan) beforeCell(row, col int32) []Edit {
	waiting := p.inRow[row]
	n := sort.Search(len(waiting), func(i int) bool { return waiting[i].Col >= col })
	if n > 0 {
		p.inRow[row] = waiting[n:]
	}
	return waiting[:n]
}

func (p *loosePlan) at(row, col int32) *Edit { return p.present[place{row, col}] }

func (p *loosePlan) endRow(row int32) []Edit {
	out := p.inRow[row]
	delete(p.inRow, row)
	return out
}

func (p *loosePlan) rest() []Edit {
	out := p.newRows
	p.newRows = nil
	return out
}
