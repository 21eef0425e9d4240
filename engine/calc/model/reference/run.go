package reference

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// Options of a run. The zero value computes the model as it is, without data from outside.
type Options struct {
	// Rows reads the inputs that come from files and databases.
	Rows model.Rows
	// Samples is how many samples are drawn. 0 takes the model's number; below 0 there are none.
	Samples int
	// MaxCells bounds how many cells are kept and how many are added up; 0 means 100 million.
	MaxCells int64
}

const defaultMaxCells = 100_000_000

// What a run gives is in the form of package result.
type (
	Result = result.Result
	Table  = result.Table
	Column = result.Column
)

// ErrTooLarge is the error of a model that needs more cells than Options.MaxCells.
var ErrTooLarge = errors.New("too many cells for the evaluator that goes cell by cell")

// stopped carries an error out of the evaluation.
type stopped struct{ err error }

// Run computes the outputs of a model.
func Run(ctx context.Context, m *model.Model, o Options) (out *Result, err error) {
	e, err := New(ctx, m, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(stopped)
			if !ok {
				panic(r)
			}
			out, err = nil, s.err
		}
	}()
	samples := o.Samples
	if samples == 0 {
		samples = m.Samples
	}
	if samples < 0 || !slices.ContainsFunc(m.Vars, func(v *model.Var) bool { return v.Random }) {
		samples = 0
	}
	out = &Result{Samples: samples, Percentiles: m.Percentiles}
	var random []drawn
	for i := range m.Outputs {
		shown := &m.Outputs[i]
		out.Tables = append(out.Tables, e.table(shown))
		t := &out.Tables[i]
		for j, c := range shown.Columns {
			v := m.Vars[c.View]
			column := Column{Title: c.Title, Random: v.Random && samples > 0}
			t.Columns = append(t.Columns, column)
			if column.Random {
				if int64(samples) > e.max/max(1, v.Cells) {
					return nil, fmt.Errorf("%s: %d samples of %d figures: %w", c.Title, samples, v.Cells, ErrTooLarge)
				}
				random = append(random, drawn{i, j, v, make([][]float64, len(t.Rows))})
				continue
			}
			t.Columns[j].Values = e.figures(v)
		}
	}
	for s := range samples {
		e.Sample(s)
		for _, d := range random {
			for row, x := range e.figures(d.v) {
				d.values[row] = append(d.values[row], x)
			}
		}
	}
	for _, d := range random {
		out.Tables[d.table].Columns[d.column].Summarise(d.values, m.Percentiles)
	}
	out.Notes = e.notes()
	return out, nil
}

// drawn collects the samples of a column, by row.
type drawn struct {
	table, column int
	v             *model.Var
	values        [][]float64
}

// table makes the rows of an output.
func (e *Evaluator) table(o *model.Output) Table {
	if result.RowsOf(e.m, o) > e.max {
		panic(stopped{fmt.Errorf("show %s: %w", o.Title, ErrTooLarge)})
	}
	return result.NewTable(e.m, o)
}

// figures computes all cells of a view in the order of rows.
func (e *Evaluator) figures(v *model.Var) []float64 {
	values := make([]float64, 0, v.Cells)
	items := make([]int32, len(v.Dims))
	e.each(v.Dims, items, func() {
		for p := range e.m.Periods(v.Grain) {
			values = append(values, e.cell(v, items, p)+0) // no negative zero
		}
	})
	return values
}

// each goes over all items of dimensions, the last one fastest, with items set to them.
func (e *Evaluator) each(dims []model.DimID, items []int32, visit func()) {
	if len(dims) == 0 {
		visit()
		return
	}
	for i := range e.m.Dims[dims[0]].Len() {
		items[0] = int32(i)
		e.each(dims[1:], items[1:], visit)
	}
}

// load reads an input from outside.
func (e *Evaluator) load(v *model.Var) map[int64]float64 {
	if e.o.Rows == nil {
		panic(stopped{fmt.Errorf("%s is read from a %s, and there is nothing to read it with", v.Name, v.Data.External.Source.Kind)})
	}
	cells, report, err := data.Collect(e.ctx, e.m, v, e.o.Rows, e.max)
	if err != nil {
		panic(stopped{err})
	}
	if s := report.String(); s != "" {
		e.loaded = append(e.loaded, v.Name+": "+s)
	}
	return cells
}
