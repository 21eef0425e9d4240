package calc

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unsafe"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/graph"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// loader collects what the sheets of a file hold. Sheets are read in parallel, and put together in their order, so that a file is always
// opened in the same way.
type loader struct {
	b      *Workbook
	notes  *Notes
	nodes  []graph.Node
	sheets []*sheetLoader
	// tables are those of all sheets; the filters of some hide rows.
	tables []xlsx.Table
}

// sheetLoader builds the columns and regions of one sheet.
type sheetLoader struct {
	b         *Workbook
	sheet     *Sheet
	index     int32
	byKey     map[string]int32
	templates []*template
	groups    []int32 // templates of shared formulas
	open      []strip // by column: the run of one formula that may go on
	last      []known // by column: the template that was found last
	buffer    []byte  // for keys
	closed    []strip
	arrays    []graph.Node
	unsorted  bool // a row came again, or earlier than one before it
	dataTable []cell.Area
	unread    []Unread
	regions   []rectangle
	tables    []xlsx.Table // of all sheets
}

// known is a template and its key. Formulas in the rows of a column are mostly one, and have a pattern from the second row on.
type known struct {
	key      []byte
	template int32
	kind     kind
	pattern  formula.Pattern
}

// strip is cells of one column with one formula.
type strip struct {
	template int32 // its number plus one; 0 for none
	col      int32
	r0, r1   int32
}

func (l *loader) sheet(i int32) xlsx.Sink {
	s := &sheetLoader{b: l.b, tables: l.tables, sheet: l.b.sheets[i], index: i, byKey: map[string]int32{}}
	l.sheets[i] = s
	return s
}

// HiddenRow implements [xlsx.Sink].
func (s *sheetLoader) HiddenRow(row int32) error {
	if s.sheet.hidden == nil {
		s.sheet.hidden = map[int32]uint8{}
	}
	s.sheet.hidden[row] |= hiddenByHand
	return nil
}

// Cell implements [xlsx.Sink].
func (s *sheetLoader) Cell(c *xlsx.Cell) error {
	for int(c.Col) >= len(s.open) {
		s.open = append(s.open, strip{r1: -1})
	}
	s.sheet.widen(c.Col, s.b.arena)
	col := &s.sheet.columns[c.Col]
	col.styles.set(c.Row, c.Style)
	if cell.BoxKind(c.Value) != cell.Empty || col.Height() > int(c.Row) {
		if int(c.Row) == col.Height() {
			col.Append(c.Value)
		} else {
			col.Set(int(c.Row), c.Value)
		}
	}
	o := &s.open[c.Col]
	if c.Row <= o.r1 {
		s.unsorted = true
	}
	t, err := s.template(c)
	if err != nil {
		s.unread = append(s.unread, Unread{s.sheet.name, cell.Address(c.Row, c.Col), string(c.Formula.Text), err})
	}
	if t == o.template && c.Row == o.r1+1 {
		o.r1 = c.Row
		return nil
	}
	if o.template != 0 || s.unsorted && o.r1 >= 0 {
		s.closed = append(s.closed, *o)
	}
	*o = strip{t, c.Col, c.Row, c.Row}
	return nil
}

// template returns the number of the cell's formula among those of the sheet, plus one, and 0 for none.
func (s *sheetLoader) template(c *xlsx.Cell) (int32, error) {
	f := &c.Formula
	switch f.Kind {
	case xlsx.NoFormula:
		return 0, nil
	case xlsx.Shared:
		if int(f.Group) < len(s.groups) {
			return s.groups[f.Group], nil
		}
		return 0, nil
	case xlsx.DataTable:
		s.dataTable = append(s.dataTable, f.Area)
		return 0, nil
	case xlsx.Array, xlsx.Dynamic:
		k := fixed
		if f.Kind == xlsx.Dynamic {
			k = spilling
		}
		if k == fixed && f.Area.Cells() > mostFilled {
			return 0, tooMany(f.Area)
		}
		t, err := s.intern(c, k)
		if err == nil {
			area := f.Area
			if k == spilling {
				area = cell.At(s.index, c.Row, c.Col)
			}
			s.arrays = append(s.arrays, graph.Node{Area: area, Whole: true, Formula: t})
			if k == spilling && f.Area != area && f.Area.Cells() <= mostFilled {
				s.arrays[len(s.arrays)-1].SetExtent(f.Area)
			}
		}
		return 0, err
	}
	t, err := s.intern(c, single)
	if f.Group >= 0 {
		for int(f.Group) >= len(s.groups) {
			s.groups = append(s.groups, 0)
		}
		if err == nil {
			s.groups[f.Group] = t + 1
		}
	}
	if err != nil {
		return 0, err
	}
	return t + 1, nil
}

// intern returns the number of a template among those of the sheet.
func (s *sheetLoader) intern(c *xlsx.Cell, k kind) (int32, error) {
	for int(c.Col) >= len(s.last) {
		s.last = append(s.last, known{})
	}
	last := &s.last[c.Col]
	text := unsafe.String(unsafe.SliceData(c.Formula.Text), len(c.Formula.Text)) // it is not kept
	if k == last.kind && last.pattern.Matches(text, c.Row) {
		return last.template, nil
	}
	key, own := s.b.key(s.buffer[:0], s.index, c.Row, c.Col, text, k)
	s.buffer = key
	if len(last.key) > 0 && bytes.Equal(key, last.key) {
		if !strings.Contains(text, "[") { // such a formula may depend on the table around its cell
			last.kind = k
			last.pattern.Set(text, c.Row, c.Col)
		}
		return last.template, nil
	}
	last.pattern.Clear()
	t, err := internIn(&s.templates, s.byKey, key, own, func() (*template, error) {
		return s.b.compile(s.index, c.Row, c.Col, string(c.Formula.Text), k)
	})
	if err != nil {
		return 0, err
	}
	last.key, last.template = append(last.key[:0], key...), t
	return t, nil
}

// End implements [xlsx.Sink].
func (s *sheetLoader) End(e *xlsx.SheetEnd) error {
	for _, o := range s.open {
		if o.template != 0 {
			s.closed = append(s.closed, o)
		}
	}
	if s.unsorted {
		s.closed = lastWins(append(s.closed, s.open...))
	}
	strips := slices.DeleteFunc(s.closed, func(o strip) bool { return o.template == 0 })
	filters := e.Filters
	for _, t := range s.tables {
		if t.Filter && t.Area.Sheet == s.index {
			filters = append(filters, t.Area)
		}
	}
	for _, a := range filters {
		for row := a.R0 + 1; row <= a.R1; row++ {
			if s.sheet.hidden[row] != 0 {
				s.sheet.hidden[row] |= hiddenByFilter
			}
		}
	}
	for i := range s.sheet.columns {
		s.sheet.rows = max(s.sheet.rows, int32(s.sheet.columns[i].Height()))
	}
	s.regions = rectangles(strips)
	s.open, s.closed, s.groups = nil, nil, nil
	return nil
}

// join puts the sheets together.
func (l *loader) join() {
	for _, s := range l.sheets {
		if s == nil {
			continue
		}
		offset := int32(len(l.b.templates))
		l.b.templates = append(l.b.templates, s.templates...)
		for key, t := range s.byKey {
			l.b.byKey[key] = t + offset
		}
		for _, a := range s.regions {
			t := a.template - 1
			l.nodes = append(l.nodes, graph.Node{Area: cell.Area{Sheet: s.index, R0: a.r0, C0: a.col, R1: a.r1, C1: a.last},
				Reads: s.templates[t].formula.Refs, Formula: t + offset})
		}
		for _, n := range s.arrays {
			n.Reads = s.templates[n.Formula].formula.Refs
			n.Formula += offset
			l.nodes = append(l.nodes, n)
		}
		for _, a := range s.dataTable {
			l.notes.DataTables += a.Cells()
		}
		for _, u := range s.unread {
			l.notes.add(u)
		}
	}
}

// lastWins makes strips of which each cell is in one only, the one that came last.
func lastWins(strips []strip) []strip {
	type place struct{ row, col int32 }
	last := map[place]int32{}
	for _, s := range strips {
		for row := s.r0; row <= s.r1; row++ {
			last[place{row, s.col}] = s.template
		}
	}
	places := make([]place, 0, len(last))
	for p := range last {
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.col, b.col), cmp.Compare(a.row, b.row)) })
	var out []strip
	for _, p := range places {
		t := last[p]
		if n := len(out) - 1; n >= 0 && out[n].col == p.col && out[n].template == t && out[n].r1+1 == p.row {
			out[n].r1++
		} else {
			out = append(out, strip{t, p.col, p.row, p.row})
		}
	}
	return out
}

// rectangle is strips of one formula side by side.
type rectangle struct {
	strip
	last int32 // column
}

// rectangles joins strips of the same rows and formula in columns side by side, as rows that were filled to the right have them.
func rectangles(strips []strip) []rectangle {
	slices.SortFunc(strips, func(a, b strip) int {
		return cmp.Or(cmp.Compare(a.r0, b.r0), cmp.Compare(a.r1, b.r1), cmp.Compare(a.col, b.col))
	})
	var out []rectangle
	for _, s := range strips {
		if n := len(out) - 1; n >= 0 && out[n].template == s.template && out[n].r0 == s.r0 && out[n].r1 == s.r1 && out[n].last+1 == s.col {
			out[n].last = s.col
		} else {
			out = append(out, rectangle{s, s.col})
		}
	}
	return out
}

// styles is the style of each cell of a column, as runs.
type styles struct {
	from  []int32
	style []uint32
}

// set gives a cell a style. Rows come mostly in order.
func (s *styles) set(row int32, style uint32) {
	n := len(s.from)
	switch {
	case n == 0 && style == 0, n > 0 && s.style[n-1] == style && s.from[n-1] <= row:
	case n == 0 || s.from[n-1] < row:
		s.from, s.style = append(s.from, row), append(s.style, style)
	}
}

// at returns the style of a cell.
func (s *styles) at(row int32) uint32 {
	i, ok := slices.BinarySearch(s.from, row)
	if !ok {
		i--
	}
	if i < 0 {
		return 0
	}
	return s.style[i]
}
