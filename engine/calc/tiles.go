package calc

import (
	"math/bits"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/kernel"
	"github.com/napkin-infra/napkin/engine/calc/store"
	"github.com/napkin-infra/napkin/engine/calc/vm"
)

// tiles is a formula as a program over tiles. It computes what it can; the cells that it marks are left to the tree walk.
type tiles struct {
	program *vm.Program // nil where the result is the one input, which is computed
	inputs  []tileInput
}

// tileInput is a cell that goes along with the row, a value that is the same in all rows, or one that is computed for each.
type tileInput struct {
	ref     eval.Ref
	sub     *eval.Formula // what is the same in all rows
	growing bool          // the sum of the rows of ref
	lookup  *lookupInput

	conditional *conditionalInput
}

// plain reports whether the input is ref or its sum, and nothing else.
func (in *tileInput) plain() bool { return in.sub == nil && in.lookup == nil && in.conditional == nil }

// computed reports whether the input is made for each row, and not read.
func (in *tileInput) computed() bool { return in.growing || in.lookup != nil || in.conditional != nil }

// leastTiles is how many rows make a program worth its start.
const leastTiles = 8

// lower returns the program of a formula, or nil where there is none.
func (b *Workbook) lower(t *template) *tiles {
	if !t.lowered {
		t.lowered = true
		if t.kind == single && !b.options.Tree && !t.formula.Volatile && !t.formula.Dynamic {
			t.tiles = b.lowered(t)
		}
	}
	return t.tiles
}

// begin computes what is the same in all rows.
func (j *columnJob) begin(e *env, row int32) {
	j.constants = make([]cell.Box, len(j.tiles.inputs))
	j.lookups = make([]lookupColumn, len(j.tiles.inputs))
	j.conditionals = make([]conditionalColumn, len(j.tiles.inputs))
	e.forget()
	for i, in := range j.tiles.inputs {
		if in.sub != nil {
			j.constants[i] = e.operand(in.sub, j.sheet, row, j.col)
		}
	}
}

// operand computes a part of a formula. A cell that it refers to stays what it is, also empty. What is no single value is an
// error, which leaves all rows to the tree walk.
func (e *env) operand(f *eval.Formula, sheet, row, col int32) cell.Box {
	e.draws = 0
	v := f.Raw(e.walker, sheet, row, col)
	if areas := v.Areas(); len(areas) == 1 && areas[0].Single() {
		v = e.Cell(areas[0].Sheet, areas[0].R0, areas[0].C0)
	}
	switch v.Kind() {
	case cell.Empty, cell.Number, cell.Text, cell.Bool, cell.Error:
		return e.b.strings.Box(v)
	}
	return cell.BoxError(cell.ErrValue)
}

// tileRows computes rows by the program.
func (j *columnJob) tileRows(e *env, first, last int32) {
	if last-first < leastTiles {
		j.treeRows(e, first, last)
		return
	}
	for row := int(first); row <= int(last); {
		slot := j.c.Slot(row, int(last)-row+1)
		n := j.gather(e, row, len(slot))
		slot = slot[:n]
		tiles := (n + kernel.Tile - 1) / kernel.Tile
		for len(e.bad) < tiles {
			e.bad = append(e.bad, kernel.Mask{})
		}
		marked := 0
		if j.tiles.program != nil {
			marked = j.tiles.program.Run(&e.frame, e.inputs, slot, e.bad)
		} else {
			marked = take(slot, e.inputs[0], e.bad, j.tiles.inputs[0].growing)
		}
		if marked > 0 {
			for t := range tiles {
				for w, word := range e.bad[t] {
					for ; word != 0; word &= word - 1 {
						i := t*kernel.Tile + w*64 + bits.TrailingZeros64(word)
						slot[i] = j.r.b.strings.Box(e.value(j.t.formula, j.sheet, int32(row+i), j.col))
					}
				}
			}
		}
		e.tiles += int64(n - marked)
		e.trees += int64(marked)
		row += n
	}
}

// take sets dst to an input, and marks what is left to the tree walk, and all errors if that is set.
func take(dst []cell.Box, in vm.Input, bad []kernel.Mask, errors bool) int {
	for t := range (len(dst) + kernel.Tile - 1) / kernel.Tile {
		bad[t] = kernel.Mask{}
	}
	marked := 0
	copy(dst, in.Boxes)
	for i, b := range dst {
		if b != b && cell.BoxKind(b) == cell.Error && (errors || cell.BoxedError(b) == 0) {
			bad[i/kernel.Tile].Set(i % kernel.Tile)
			marked++
		}
	}
	return marked
}

// gather sets the inputs for rows from one on, and returns for how many: as many as all columns have side by side in memory, or a tile that is
// copied together.
func (j *columnJob) gather(e *env, row, n int) int {
	b := j.r.b
	inputs := e.inputs[:0]
	for len(e.buffers) < len(j.tiles.inputs) {
		e.buffers = append(e.buffers, make([]cell.Box, store.TileRows))
	}
	least := n
	for i, in := range j.tiles.inputs {
		if in.sub != nil {
			inputs = append(inputs, vm.Input{One: j.constants[i]})
			continue
		}
		if in.computed() {
			run := j.compute(e, i, row, n)
			least = min(least, len(run))
			inputs = append(inputs, vm.Input{Boxes: run})
			continue
		}
		sheet, col, at := in.ref.First, in.ref.C0.At(j.col), int(in.ref.R0.At(int32(row)))
		if sheet < 0 {
			sheet = j.sheet
		}
		switch columns := b.sheets[sheet].columns; {
		case col < 0 || col >= cell.MaxCols || at < 0 || at+n > cell.MaxRows:
			// A part of the rows may lie outside of the sheet: those few are for the tree walk.
			inputs = append(inputs, vm.Input{One: cell.BoxError(cell.ErrRef)})
		case int(col) >= len(columns):
			inputs = append(inputs, vm.Input{One: cell.BoxEmpty()})
		default:
			c := &columns[col]
			run := c.View(at, n, e.buffers[i])
			if c == j.c { // it is written to meanwhile
				run = run[:min(len(run), store.TileRows)]
				copy(e.buffers[i], run)
				run = e.buffers[i][:len(run)]
			}
			least = min(least, len(run))
			inputs = append(inputs, vm.Input{Boxes: run})
		}
	}
	e.inputs = inputs
	if want := min(n, store.TileRows); least < want {
		least = want
		for i, in := range j.tiles.inputs {
			if in.sub != nil || inputs[i].Boxes == nil || len(inputs[i].Boxes) >= want {
				continue
			}
			sheet := in.ref.First
			if sheet < 0 {
				sheet = j.sheet
			}
			inputs[i].Boxes = e.buffers[i][:want]
			b.sheets[sheet].columns[in.ref.C0.At(j.col)].Read(int(in.ref.R0.At(int32(row))), inputs[i].Boxes)
		}
	}
	return least
}
