package reference

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
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

// Result is what a run gives.
type Result struct {
	Tables []Table
	// Samples is how many samples were drawn, or 0.
	Samples     int
	Percentiles []float64
	// Notes are sentences about what was left out: items without a group, rows outside of the time axis.
	Notes []string
}

// Table is one output: rows of labels and figures.
type Table struct {
	Title string
	// Keys are the names of the label columns: dimensions, then the grain.
	Keys []string
	// Rows has the labels of each row. The first dimension changes slowest and the period fastest.
	Rows    [][]string
	Columns []Column
}

// Column is one figure of every row.
type Column struct {
	Title string
	// Values are the figures; of a random variable their means over the samples.
	Values []float64
	// Random is set where the samples differ; then Percentiles has, for each percentile of the Result, one figure a row.
	Random      bool
	Percentiles [][]float64
}

// ErrTooLarge is the error of a model that needs more cells than Options.MaxCells.
var ErrTooLarge = errors.New("too many cells for the evaluator that goes cell by cell")

// stopped carries an error out of the evaluation.
type stopped struct{ err error }

// Run computes the outputs of a model.
func Run(ctx context.Context, m *model.Model, o Options) (result *Result, err error) {
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
			result, err = nil, s.err
		}
	}()
	samples := o.Samples
	if samples == 0 {
		samples = m.Samples
	}
	if samples < 0 || !slices.ContainsFunc(m.Vars, func(v *model.Var) bool { return v.Random }) {
		samples = 0
	}
	result = &Result{Samples: samples, Percentiles: m.Percentiles}
	var random []drawn
	for i := range m.Outputs {
		out := &m.Outputs[i]
		result.Tables = append(result.Tables, e.table(out))
		t := &result.Tables[i]
		for j, c := range out.Columns {
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
		result.Tables[d.table].Columns[d.column].summarise(d.values, m.Percentiles)
	}
	result.Notes = e.notes()
	return result, nil
}

// drawn collects the samples of a column, by row.
type drawn struct {
	table, column int
	v             *model.Var
	values        [][]float64
}

// summarise takes the mean and percentiles of each row.
func (c *Column) summarise(rows [][]float64, percentiles []float64) {
	c.Values = make([]float64, len(rows))
	c.Percentiles = make([][]float64, len(percentiles))
	for i := range c.Percentiles {
		c.Percentiles[i] = make([]float64, len(rows))
	}
	for row, values := range rows {
		c.Values[row] = model.Average.Fold(values)
		slices.Sort(values)
		for i, p := range percentiles {
			c.Percentiles[i][row] = Quantile(values, p/100)
		}
	}
}

// Quantile is the quantile of sorted values by linear interpolation between the two nearest ranks (definition 7 of
// Hyndman and Fan, Sample Quantiles in Statistical Packages, The American Statistician 50, 1996). It is NaN where one
// of the values is.
func Quantile(values []float64, share float64) float64 {
	if len(values) == 0 || math.IsNaN(values[0]) { // NaN is sorted first
		return math.NaN()
	}
	at := share * float64(len(values)-1)
	i := int(at)
	if i+1 >= len(values) || at == float64(i) {
		return values[i]
	}
	return values[i] + float64((at-float64(i))*(values[i+1]-values[i]))
}

// table makes the rows of an output.
func (e *Evaluator) table(o *model.Output) Table {
	m := e.m
	t := Table{Title: o.Title}
	rows := int64(m.Periods(o.Grain))
	for _, d := range o.By {
		t.Keys = append(t.Keys, m.Dims[d].Name)
		rows *= int64(m.Dims[d].Len())
		if rows > e.max {
			panic(stopped{fmt.Errorf("show %s: %w", o.Title, ErrTooLarge)})
		}
	}
	if o.Grain != calendar.None {
		t.Keys = append(t.Keys, o.Grain.String())
	}
	items := make([]int32, len(o.By))
	e.each(o.By, items, func() {
		for p := range m.Periods(o.Grain) {
			row := make([]string, 0, len(t.Keys))
			for i, d := range o.By {
				row = append(row, m.Dims[d].Items.Name(items[i]))
			}
			if o.Grain != calendar.None {
				row = append(row, m.Time.Label(o.Grain, p))
			}
			t.Rows = append(t.Rows, row)
		}
	})
	return t
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
