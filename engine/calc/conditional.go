package calc

import (
	"sync"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/fn/criteria"
	"github.com/napkin-infra/napkin/engine/calc/formula"
	"github.com/napkin-infra/napkin/engine/calc/store"
)

// conditionalInput is COUNTIFS or one of its family over areas of one column each, which begin with a fixed row and end with one that is fixed
// too or goes along.
type conditionalInput struct {
	of     criteria.Total
	tests  []conditionInput
	values eval.Ref // of no use for [criteria.Places]
}

// conditionInput is the area of a condition and what is compared with: a cell that goes along with the row, or what is the same in all rows.
type conditionInput struct {
	area, cell eval.Ref
	sub        *eval.Formula // nil for a cell
}

// conditionals are the functions of the family. Those that take the values first take any number of conditions.
var conditionals = map[string]struct {
	of          criteria.Total
	valuesFirst bool
	most        int // arguments; 0 for any number
}{
	"COUNTIF": {criteria.Places, false, 2}, "COUNTIFS": {criteria.Places, false, 0},
	"SUMIF": {criteria.Sum, false, 3}, "SUMIFS": {criteria.Sum, true, 0},
	"AVERAGEIF": {criteria.Average, false, 3}, "AVERAGEIFS": {criteria.Average, true, 0},
	"MINIFS": {criteria.Min, true, 0}, "MAXIFS": {criteria.Max, true, 0},
}

// conditional is a call of the family.
func (l *lowering) conditional(e *formula.Call) (tileInput, bool) {
	f, ok := conditionals[e.Name]
	if !ok || len(e.Args) < 2 || f.most > 0 && len(e.Args) > f.most {
		return tileInput{}, false
	}
	args, values := e.Args, formula.Expr(nil)
	switch {
	case f.valuesFirst:
		args, values = args[1:], args[0]
	case f.most == 3 && len(args) == 3:
		args, values = args[:2], args[2]
	case f.of != criteria.Places:
		values = args[0]
	}
	if len(args) < 2 || len(args)%2 != 0 {
		return tileInput{}, false
	}
	in := &conditionalInput{of: f.of}
	for i := 0; i < len(args); i += 2 {
		var c conditionInput
		if c.area, ok = l.column(args[i]); !ok {
			return tileInput{}, false
		}
		if i > 0 && (c.area.R0 != in.tests[0].area.R0 || c.area.R1 != in.tests[0].area.R1) || !l.compared(args[i+1], &c) {
			return tileInput{}, false
		}
		in.tests = append(in.tests, c)
	}
	if values != nil {
		if in.values, ok = l.column(values); !ok || in.values.R0 != in.tests[0].area.R0 || in.values.R1 != in.tests[0].area.R1 {
			return tileInput{}, false
		}
	}
	return tileInput{conditional: in}, true
}

// compared reads what the cells of a condition's area are compared with.
func (l *lowering) compared(e formula.Expr, c *conditionInput) bool {
	r, ok := l.area(e)
	switch {
	case ok && (r.R0 != r.R1 || r.C0 != r.C1):
		return false
	case ok && !r.R0.Fixed:
		c.cell = r
		return true
	case !ok && !l.invariant(e, true):
		return false
	}
	c.sub = eval.Compile(e, resolver{l.b}, l.place)
	return !c.sub.Volatile && !c.sub.Dynamic
}

// column returns an area from a fixed row on. Whether it is of one column hangs on that of the formula: $A$1:A2 may be.
func (l *lowering) column(e formula.Expr) (eval.Ref, bool) {
	r, ok := l.area(e)
	return r, ok && r.R0.Fixed
}

// conditionalColumn is a call of the family bound to the column of a job.
type conditionalColumn struct {
	once      sync.Once
	batch     *criteria.Batch // nil where the tree walk must search
	constants []cell.Box      // by the condition
}

// bindConditional makes the batch of a call when the first tile needs it.
func (j *columnJob) bindConditional(e *env, i, row int) *conditionalColumn {
	c := &j.conditionals[i]
	c.once.Do(func() {
		in := j.tiles.inputs[i].conditional
		c.constants = make([]cell.Box, len(in.tests))
		areas := make([]cell.Area, len(in.tests))
		for k, t := range in.tests {
			var ok bool
			if areas[k], ok = j.reads(e, t.area); !ok || areas[k].C0 != areas[k].C1 {
				return
			}
			if t.sub == nil {
				continue
			}
			// An error may be a condition like any other, but also what is no single value.
			if c.constants[k] = e.operand(t.sub, j.sheet, int32(row), j.col); cell.BoxKind(c.constants[k]) == cell.Error {
				return
			}
		}
		var values cell.Area
		if in.of != criteria.Places {
			var ok bool
			if values, ok = j.reads(e, in.values); !ok || values.C0 != values.C1 {
				return
			}
		}
		c.batch = criteria.NewBatch(e, in.of, areas, values)
	})
	return c
}

// askers are what a worker asks the batches by, by input.
type askers struct {
	of   []*conditionalColumn
	list []*criteria.Asker
}

func (a *askers) asker(e *env, i int, c *conditionalColumn) *criteria.Asker {
	for len(a.list) <= i {
		a.list, a.of = append(a.list, nil), append(a.of, nil)
	}
	if a.of[i] != c {
		a.list[i], a.of[i] = c.batch.Asker(e), c
	}
	return a.list[i]
}

// answer sets dst to the results for the rows from row on.
func (j *columnJob) answer(e *env, i, row int, dst []cell.Box) {
	in := j.tiles.inputs[i].conditional
	c := j.bindConditional(e, i, row)
	end := in.tests[0].area.R1
	rows := int(end.At(int32(row))-in.tests[0].area.R0.N) + 1
	skip := 0
	if !end.Fixed {
		skip = min(max(1-rows, 0), len(dst)) // the ends of these are the other way round
	}
	if c.batch == nil {
		skip = len(dst)
	}
	for k := range dst[:skip] {
		dst[k] = criteria.Unknown
	}
	if dst = dst[skip:]; len(dst) == 0 {
		return
	}
	row += skip
	rows += skip
	a := e.askers.asker(e, i, c)
	a.Begin(len(dst))
	keys := e.buffer(len(dst))
	for k, t := range in.tests {
		if t.sub != nil {
			a.Condition(k, c.constants[k:k+1])
			continue
		}
		sheet, col, at := t.cell.First, t.cell.C0.At(j.col), int(t.cell.R0.At(int32(row)))
		if sheet < 0 {
			sheet = j.sheet
		}
		if col < 0 || col >= cell.MaxCols || at < 0 || at+len(dst) > cell.MaxRows {
			for k := range dst {
				dst[k] = criteria.Unknown
			}
			return
		}
		if columns := e.b.sheets[sheet].columns; int(col) < len(columns) {
			columns[col].Read(at, keys)
		} else {
			copy(keys, store.Empties(len(keys)))
		}
		a.Condition(k, keys)
	}
	a.Answer(dst, rows, !end.Fixed)
}
