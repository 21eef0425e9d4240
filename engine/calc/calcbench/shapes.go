package calcbench

import (
	"fmt"
	"os"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
	"github.com/napkin-infra/napkin/foundation/limit"
)

// mostDoubling is how much longer twice as many cells may take, over so many doublings.
const (
	mostDoubling = 2.3
	doublings    = 4
)

// shape is a kind of workbook on which engines differ much.
type shape struct {
	name   string
	kind   xlsxtest.Shape
	rows   int   // formulas of the bar
	data   int   // rows that they search; 0 for none
	column int32 // of the formulas
	first  int   // row of the first formula, from 1
	inputs int32 // columns of inputs, the first ones
	// edit is an input that every formula depends on, and a new number for it.
	editRow, editCol int32
	edit             float64
	least            float64 // how many times faster than each other engine
	every            int     // excelize computes each so manyth formula, where all would take minutes
	limit            func(b *bench, rows, data int64) limit.Item
}

var shapes = []shape{
	{name: "chain of A1+1", kind: xlsxtest.Chain, rows: 100_000, first: 2, inputs: 1, edit: 2, least: 100, every: 1,
		limit: func(b *bench, rows, _ int64) limit.Item { return b.cellsLimit(rows, rows) }},
	{name: "growing SUM($A$1:A1)", kind: xlsxtest.Growing, rows: 10_000, column: 1, first: 1, inputs: 1, edit: 2, least: 1000, every: 10,
		limit: func(b *bench, rows, _ int64) limit.Item { return b.cellsLimit(rows, rows) }},
	{name: "exact VLOOKUP", kind: xlsxtest.Lookup, rows: 20_000, data: 20_000, column: 2, first: 1, inputs: 2, editCol: 1, edit: 2, least: 1000, every: 100,
		limit: func(b *bench, rows, data int64) limit.Item { return b.lookupLimit(data, rows) }},
	{name: "SUMIFS of two criteria", kind: xlsxtest.SumIfs, rows: 1000, data: 100_000, column: 3, first: 1, inputs: 3, editCol: 2, edit: 2, least: 1000, every: 50,
		limit: func(b *bench, rows, data int64) limit.Item { return b.cellsLimit(3*data+2*rows, rows) }},
}

// title says how much of a shape there is.
func (s *shape) title(rows, data int) string {
	switch {
	case data == 0:
		return fmt.Sprintf("%s, %d", s.name, rows)
	case data == rows:
		return fmt.Sprintf("%s, %d over %d unsorted rows", s.name, rows, data)
	}
	return fmt.Sprintf("%s, %d over %d rows", s.name, rows, data)
}

// book makes a workbook of the shape. Its formulas have no values: a program that takes those of the file would compute nothing.
func (s *shape) book(b *bench, rows, data int) (string, error) {
	return b.make(s.file(rows, data), xlsxtest.Options{Shape: s.kind, Rows: rows, Data: data, NoValues: true})
}

// valued makes the same with values.
func (s *shape) valued(b *bench, rows, data int) (string, error) {
	return b.make(s.file(rows, data)+"-values", xlsxtest.Options{Shape: s.kind, Rows: rows, Data: data})
}

func (s *shape) file(rows, data int) string {
	name := strings.ToLower(strings.FieldsFunc(s.name, func(r rune) bool { return r == ' ' || r == '(' })[0])
	return fmt.Sprintf("%s-%d-%d", name, rows, data)
}

// formulas is how many formulas there are.
func (s *shape) formulas(rows int) int64 { return int64(rows - s.first + 1) }

// shapes is B3.
func (b *bench) shapes() error {
	for i := range shapes {
		s := &shapes[i]
		if err := b.doubling(s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := b.shape(s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// turns is how often each size of a doubling is computed. They take turns, so that what else runs on the machine meets all alike, and
// are quick, so that there can be many.
const turns = 15

// doubling measures a shape at 1, 2, 4, 8 and 16 times a quarter of the size of its bar. Each time all inputs count as changed, so that every index is
// built anew.
func (b *bench) doubling(s *shape) error {
	var books [doublings + 1]*book
	var rows [doublings + 1]Row
	defer func() {
		for _, k := range books {
			if k != nil {
				k.file.Close()
			}
		}
	}()
	size := func(i int) (int, int) { return s.rows / 4 << i, s.data / 4 << i }
	for i := range books {
		n, data := size(i)
		path, err := s.book(b, n, data)
		if err != nil {
			return err
		}
		if books[i], err = b.open(path); err != nil {
			return err
		}
		if n != s.rows {
			defer os.Remove(path)
		}
		rows[i] = Row{Bar: "B3", What: "recalculate " + s.title(n, data), Runs: turns}
		b.announce(&rows[i], s.limit(b, int64(n), int64(data)))
	}
	for turn := range turns {
		for i, k := range books {
			n, _ := size(i)
			for col := range s.inputs {
				if err := k.Set(0, 0, col, k.Value(0, 0, col)); err != nil {
					return err
				}
			}
			c, err := best(b.ctx, 1, nil, func() error { return k.recalculate(b, s.formulas(n)) })
			if err != nil {
				return err
			}
			if turn == 0 || c.cpu < rows[i].CPU {
				rows[i].CPU, rows[i].Wall = c.cpu, c.wall
			}
		}
	}
	worst := 0.0
	var times []string
	for i := range rows {
		b.add(rows[i])
		if i > 0 {
			times = append(times, fmt.Sprintf("%.2f", rows[i].CPU/rows[i-1].CPU))
			worst = max(worst, rows[i].CPU/rows[i-1].CPU)
		}
	}
	holds := worst <= mostDoubling
	b.add(Row{Bar: "B3", What: "twice the cells, the worst of four: " + s.name, Amount: worst, Of: "times", Target: fmt.Sprintf("at most %v times", mostDoubling), Holds: &holds,
		Note: strings.Join(times, ", ")})
	return nil
}

// shape compares a shape with the engines of others.
func (b *bench) shape(s *shape) error {
	path, err := s.book(b, s.rows, s.data)
	if err != nil {
		return err
	}
	var k *book
	reopen := func() (err error) {
		if k != nil {
			k.file.Close()
		}
		k, err = b.open(path)
		return err
	}
	opening, err := best(b.ctx, b.Runs, nil, reopen)
	if err != nil {
		return err
	}
	defer func() { k.file.Close() }()
	computing, err := best(b.ctx, 3*b.Runs, reopen, func() error { return k.recalculate(b, s.formulas(s.rows)) })
	if err != nil {
		return err
	}
	out := b.path("out.xlsx")
	defer os.Remove(out)
	saving, err := best(b.ctx, b.Runs, nil, func() error { return k.Save(b.ctx, k.file, out, nil) })
	if err != nil {
		return err
	}
	value := k.Value(0, int32(s.rows-1), s.column)
	if value.Kind() != cell.Number {
		return fmt.Errorf("the last formula is %v", value)
	}
	t := task{bar: "B3", what: s.title(s.rows, s.data), path: path, least: s.least, every: s.every, shape: s, value: value.Float(),
		firstRow: s.first, lastRow: s.rows, data: s.data, firstCol: s.column, lastCol: s.column,
		open: opening.cpu, recalculate: computing.cpu, save: saving.cpu}
	if err := k.Set(0, s.editRow, s.editCol, cell.Num(s.edit)); err != nil {
		return err
	}
	if _, err := k.Recalculate(b.ctx); err != nil {
		return err
	}
	t.edited = k.Value(0, int32(s.rows-1), s.column).Float()
	return b.beside(t)
}
