package xlsx

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// Read gives the cells of the sheets to the sinks that sink makes, by the index of the sheet in [Workbook]; a nil sink
// leaves the sheet out. Sinks are made one after the other before any is used. As many sheets are read at once as there
// are processors. Progress, where not nil, is called by several goroutines with the bytes of XML done since the last
// call. Read may be called again, and reads again.
func (f *File) Read(ctx context.Context, sink func(sheet int) Sink, progress func(bytes int64)) error {
	if err := f.loadStrings(ctx, progress); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	sinks := make([]Sink, len(f.sheets))
	for i, s := range f.sheets {
		if s.entry != nil {
			sinks[i] = sink(i)
		}
	}
	for i, s := range sinks {
		if s != nil {
			group.Go(func() error { return f.sheetError(i, f.readSheet(ctx, i, s, progress)) })
		}
	}
	return group.Wait()
}

// sheetError puts the place to an error of a sheet.
func (f *File) sheetError(sheet int, err error) error {
	s := f.workbook.Sheets[sheet]
	at := Error{Part: s.Part, Sheet: s.Name}
	var c *cellError
	if errors.As(err, &c) {
		at.Cell, err = cell.Address(c.row, c.col), c.err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return f.place(err, at)
}

// sheetReader reads one sheet.
type sheetReader struct {
	file   *File
	sheet  int32
	scan   *scanner
	sink   Sink
	values decoder
	end    SheetEnd

	cell    Cell
	groups  map[uint32]group  // shared formulas by their index in the file
	count   int32             // of groups
	waiting map[uint32][]Cell // cells whose formula has not come yet, with its index
}

// group is a shared formula.
type group struct {
	number   int32
	row, col int32
}

func (f *File) newDecoder() decoder {
	return decoder{dates: f.workbook.Dates, strings: f.strings, ids: f.ids, rich: f.rich}
}

func (f *File) readSheet(ctx context.Context, sheet int, sink Sink, progress func(int64)) error {
	w := f.newWindow(ctx, f.sheets[sheet].entry, progress)
	defer w.close()
	r := &sheetReader{file: f, sheet: int32(sheet), scan: newScanner(w), sink: sink, values: f.newDecoder(), groups: map[uint32]group{}}
	for {
		ev, err := r.scan.next()
		if err != nil {
			return err
		}
		switch ev {
		case evCell:
			err = r.readCell(&r.scan.cell)
		case evRow:
			if r.scan.row.hidden {
				err = sink.HiddenRow(r.scan.row.row)
			}
		case evFilter:
			if a, ok := parseArea(string(r.scan.text)); ok {
				a.Sheet = r.sheet
				r.end.Filters = append(r.end.Filters, a)
			}
		case evEnd:
			return r.finish()
		}
		if err != nil {
			return err
		}
	}
}

// finish ends the sheet.
func (r *sheetReader) finish() error {
	first := &cellError{row: cell.MaxRows}
	for index, cells := range r.waiting {
		if c := cells[0]; c.Row < first.row || c.Row == first.row && c.Col < first.col {
			*first = cellError{c.Row, c.Col, fmt.Errorf("no cell has the text of its shared formula, number %d", index)}
		}
	}
	if first.err != nil {
		return first
	}
	shape := r.scan.shape
	r.file.sheets[r.sheet].shape = &shape
	return r.sink.End(&r.end)
}

// readCell gives a cell to the sink.
func (r *sheetReader) readCell(raw *rawCell) error {
	c := &r.cell
	*c = Cell{Row: raw.row, Col: raw.col, Style: raw.style, Value: cell.BoxEmpty(), Formula: Formula{Group: -1}}
	var err error
	if !raw.value.none() || !raw.inline.none() {
		c.Value, err = r.values.box(r.scan.buf, raw)
	}
	if err == nil && !raw.formula.none() {
		wait := false
		if wait, err = r.formula(raw); wait && err == nil {
			r.waiting[raw.f.index] = append(r.waiting[raw.f.index], *c)
			return nil
		}
	}
	if err == nil {
		err = r.give(c)
	}
	if err == nil && c.Formula.Kind == Normal && c.Formula.Group >= 0 && r.waiting != nil {
		err = r.giveWaiting(raw.f.index, group{c.Formula.Group, c.Row, c.Col})
	}
	if err != nil {
		return &cellError{raw.row, raw.col, err}
	}
	return nil
}

func (r *sheetReader) give(c *Cell) error {
	e := &r.end
	e.Cells++
	kind := c.Formula.Kind
	if kind != NoFormula {
		e.Formulas++
	}
	if kind != NoFormula || cell.BoxKind(c.Value) != cell.Empty {
		at := cell.At(r.sheet, c.Row, c.Col)
		if kind >= Array {
			at = at.Union(c.Formula.Area)
		}
		if !e.Any {
			e.Any, e.Used = true, at
		} else if !e.Used.Covers(at) {
			e.Used = e.Used.Union(at)
		}
	}
	return r.sink.Cell(c)
}

// giveWaiting gives the cells that came before the text of their formula.
func (r *sheetReader) giveWaiting(index uint32, g group) error {
	cells := r.waiting[index]
	delete(r.waiting, index)
	for i := range cells {
		c := &cells[i]
		c.Formula.Group, c.Formula.RowShift, c.Formula.ColShift = g.number, c.Row-g.row, c.Col-g.col
		if err := r.give(c); err != nil {
			return err
		}
	}
	return nil
}

// formula fills in the formula of the cell. It reports that the cell must wait for the text of its shared formula.
func (r *sheetReader) formula(raw *rawCell) (wait bool, err error) {
	b, f := r.scan.buf, &r.cell.Formula
	f.Always = raw.f.always
	text, err := r.values.formula(b, raw)
	if err != nil {
		return false, err
	}
	switch raw.f.kind {
	case formulaTable:
		return false, r.dataTable(raw)
	case formulaArray:
		area, ok := parseArea(string(b[raw.f.ref.from:raw.f.ref.to]))
		if !ok || len(text) == 0 {
			return false, errNoRef
		}
		area.Sheet = r.sheet
		if !area.Contains(r.sheet, raw.row, raw.col) {
			return false, fmt.Errorf("its array formula fills %s, where it is not", area)
		}
		f.Kind, f.Text, f.Area = Array, text, area
		if m := int64(raw.meta); m > 0 && m <= int64(len(r.file.dynamic)) && r.file.dynamic[m-1] {
			f.Kind = Dynamic
		}
		return false, nil
	case formulaShared:
		if !raw.f.hasIndex {
			if len(text) == 0 {
				return false, errors.New("its shared formula has no index and no text")
			}
			break
		}
		return r.shared(raw, text)
	}
	if len(text) > 0 {
		f.Kind, f.Text = Normal, text
	}
	return false, nil
}

// shared fills in a formula that several cells share.
func (r *sheetReader) shared(raw *rawCell, text []byte) (wait bool, err error) {
	f := &r.cell.Formula
	if len(text) > 0 {
		// An index may be given away again: those that come later mean the new text.
		f.Kind, f.Text, f.Group = Normal, text, r.count
		r.groups[raw.f.index] = group{r.count, raw.row, raw.col}
		r.count++
		return false, nil
	}
	f.Kind = Shared
	g, ok := r.groups[raw.f.index]
	if !ok {
		if r.waiting == nil {
			r.waiting = map[uint32][]Cell{}
		}
		return true, nil
	}
	f.Group, f.RowShift, f.ColShift = g.number, raw.row-g.row, raw.col-g.col
	return false, nil
}

// dataTable fills in a what-if table.
func (r *sheetReader) dataTable(raw *rawCell) error {
	b, f := r.scan.buf, &r.cell.Formula
	area, ok := parseArea(string(b[raw.f.ref.from:raw.f.ref.to]))
	if !ok {
		return errNoRef
	}
	area.Sheet = r.sheet
	in := &Inputs{ByRow: raw.f.rowInput, Deleted: raw.f.gone1 || raw.f.twoD && raw.f.gone2}
	refs := []span{raw.f.r1}
	if raw.f.twoD {
		refs = append(refs, raw.f.r2)
	}
	for _, ref := range refs {
		row, col, ok := parseRef(b[ref.from:ref.to])
		if !ok && !in.Deleted {
			return fmt.Errorf("an input cell of its what-if table is %q", b[ref.from:ref.to])
		}
		if ok {
			in.Cells = append(in.Cells, cell.At(r.sheet, row, col))
		}
	}
	f.Kind, f.Area, f.Inputs = DataTable, area, in
	return nil
}
