package calcrandom

import (
	"math/rand/v2"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Options say what a workbook is like.
type Options struct {
	// Rows is the number of rows of data, at least 4.
	Rows int32
	// Columns is the number of formulas that are filled.
	Columns int
	// Tiles keeps to formulas that the tiles compute.
	Tiles bool
	// Dynamic has formulas that read what only values tell.
	Dynamic bool
	// Backward has formulas that read columns to their right, also further down, so that regions read each other. There
	// may be circles then.
	Backward bool
	// Arrays has dynamic array formulas.
	Arrays bool
}

// dataColumns is how many columns of values there are.
const dataColumns = 7

// New draws a workbook.
func New(seed uint64, o Options) *Book {
	r := rand.New(rand.NewPCG(seed, 0xCA1C))
	b := &Book{Seed: seed, Rows: o.Rows, data: dataColumns, Next: dataColumns, Names: map[string]string{
		"Rate": "0.25", "Fixed": "Data!$A$1:$A$9", "Left1": "Data!$B1", "Twice": "Data!$A1*2"}}
	if r.IntN(2) == 0 {
		b.Table = cell.Area{Sheet: 1, R0: 0, C0: 0, R1: o.Rows - 1, C1: 1}
	}
	for c := range int32(dataColumns) {
		kind := Kinds[r.IntN(len(Kinds))]
		for row := range o.Rows {
			k := kind
			if r.IntN(40) == 0 {
				k = "mixed"
			}
			b.put(At{0, row, c}, Cell{Value: Value(r, k, row)})
		}
	}
	for c := range int32(4) {
		kind := Kinds[r.IntN(len(Kinds))]
		for row := range o.Rows {
			v := Value(r, kind, row)
			if row == 0 && c < 2 {
				v = cell.Str([]string{"One", "Two"}[c])
			}
			b.put(At{1, row, c}, Cell{Value: v})
		}
	}
	for range o.Columns {
		b.fill(r, o)
	}
	return b
}

func (b *Book) put(at At, c Cell) { b.Edits = append(b.Edits, Edit{at, c}) }

func (b *Book) maker(r *rand.Rand, o Options) *maker {
	m := &maker{Rand: r, cols: b.Next, rows: b.Rows, own: b.Next, rowwise: o.Tiles, dynamic: o.Dynamic, table: b.Table != cell.Area{}}
	m.chain = r.IntN(3) == 0
	if o.Backward {
		m.cols += 2
	}
	return m
}

// fill fills a formula down a column, or over some columns; a few of its cells may hold something else.
func (b *Book) fill(r *rand.Rand, o Options) {
	m := b.maker(r, o)
	if o.Arrays && r.IntN(3) == 0 {
		b.array(m)
		b.Next++
		return
	}
	if r.IntN(8) == 0 {
		b.right(m)
	}
	f := m.any(1 + r.IntN(3))
	wide := int32(1)
	if !m.chain && !o.Backward && r.IntN(5) == 0 {
		wide = 1 + r.Int32N(3)
	}
	first, last := int32(0), b.Rows-1
	if m.chain || r.IntN(4) == 0 {
		first = min(3+r.Int32N(3), b.Rows-1)
		for row := range first {
			b.put(At{0, row, b.Next}, Cell{Value: Value(r, "int", row)})
		}
	}
	for col := b.Next; col < b.Next+wide; col++ {
		for row := first; row <= last; row++ {
			if r.IntN(200) == 0 {
				b.put(At{0, row, col}, Cell{Value: Value(r, "mixed", row)})
				continue
			}
			b.put(At{0, row, col}, Cell{Formula: f(row, col)})
		}
	}
	b.Next += wide
}

// right fills a formula to the right, along a row of the second sheet below its data.
func (b *Book) right(m *maker) {
	b.below++
	row := b.Rows + b.below
	up, n := 1+m.Int32N(3), int32(40)
	left := func(k int32) text { return func(r, c int32) string { return address(r, c-k, false, false) } }
	above := func(r, c int32) string { return address(r-up, c, false, false) }
	grown := func(r, c int32) string {
		return address(r, 0, false, true) + ":" + address(r, c-1, false, false)
	}
	forms := []text{join("%s*1.01+%s", left(1), above), join("SUM(%s)-%s", grown, left(2)), join("IF(%s>5,%s/2,%s+1)", left(1), left(1), left(2)),
		join("COUNT(%s)+%s", grown, above), join("MATCH(%s,%s,0)", left(1), grown), join("%s+SUM(Data!$A$1:$A$4)", above), join("HLOOKUP(%s,$A$1:$Z$9,2,FALSE)", above)}
	f := forms[m.IntN(len(forms))]
	for c := range int32(3) {
		b.put(At{1, row, c}, Cell{Value: Value(m.Rand, m.pick("int", "number", "mixed"), row)})
	}
	for c := int32(3); c < n; c++ {
		if m.IntN(50) == 0 {
			b.put(At{1, row, c}, Cell{Value: Value(m.Rand, "mixed", row)})
			continue
		}
		b.put(At{1, row, c}, Cell{Formula: f(row, c)})
	}
}

// arrayColumns is how many columns an array may fill, so that arrays do not compete for cells.
const arrayColumns = 3

// array puts a dynamic array formula on top of columns of its own.
func (b *Book) array(m *maker) {
	c := m.Int32N(m.cols)
	a := address(0, c, true, true) + ":" + address(m.Int32N(b.Rows), min(c+m.Int32N(arrayColumns), m.cols-1), true, true)
	forms := []string{a + "*2", "SORT(" + a + ")", "UNIQUE(" + a + ")", "FILTER(" + a + ",ISNUMBER(" + a + "))", "SEQUENCE(MOD(ABS(N(A1)),5)+1)", "TRANSPOSE($A$1:$A$3)", "IF(" + a + ">3,1,0)"}
	b.put(At{0, m.Int32N(2), b.Next}, Cell{Formula: forms[m.IntN(len(forms))], Array: true})
	b.Next += arrayColumns - 1
}

// Draw draws a further edit: a new value, a formula in place of something else, or one cell emptied.
func (b *Book) Draw(r *rand.Rand, o Options) Edit {
	at := At{0, r.Int32N(b.Rows), r.Int32N(b.Next)}
	if r.IntN(12) == 0 {
		at = At{1, r.Int32N(b.Rows), r.Int32N(4)}
	}
	switch r.IntN(8) {
	case 0:
		if at.Sheet == 0 && at.Col >= b.data {
			m := b.maker(r, o)
			m.own, m.cols, m.chain = at.Col, at.Col, m.chain && at.Row > 5
			return Edit{at, Cell{Formula: m.any(2)(at.Row, at.Col)}}
		}
	case 1:
		return Edit{at, Cell{}}
	case 2, 3:
		// The formula of the neighbour, as who repairs a column does.
		for i := len(b.Edits) - 1; i >= 0; i-- {
			if e := b.Edits[i]; e.At == at && e.Formula != "" {
				return e
			}
		}
	}
	if b.below > 0 && r.IntN(8) == 0 {
		at = At{1, b.Rows + 1 + r.Int32N(b.below), r.Int32N(40)}
	}
	return Edit{at, Cell{Value: Value(r, Kinds[r.IntN(len(Kinds))], at.Row)}}
}
