package result

import (
	"math"
	"slices"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
)

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
	// Grain is that of the last key, or None where the rows are not by time.
	Grain calendar.Grain
	// CutFirst and CutLast are set where the first and the last period lie only in part in the time axis.
	CutFirst, CutLast bool
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

// Figures names the figures of a column: the column alone, or its mean and its percentiles, as in "revenue p95".
func (c *Column) Figures(percentiles []float64) (titles []string, values [][]float64) {
	titles, values = []string{c.Title}, [][]float64{c.Values}
	if !c.Random {
		return titles, values
	}
	for i, p := range percentiles {
		titles = append(titles, c.Title+" "+Percentile(p))
		values = append(values, c.Percentiles[i])
	}
	return titles, values
}

// Percentile is the name of a percentile: "p95".
func Percentile(p float64) string { return "p" + strconv.FormatFloat(p, 'g', -1, 64) }

// RowsOf is how many rows an output has; products above 2^62 stay there.
func RowsOf(m *model.Model, o *model.Output) int64 {
	rows := int64(m.Periods(o.Grain))
	for _, d := range o.By {
		n := int64(m.Dims[d].Len())
		if n != 0 && rows > (1<<62)/n {
			return 1 << 62
		}
		rows *= n
	}
	return rows
}

// cut reports whether a period lies only in part in the axis.
func cut(axis *calendar.Axis, grain calendar.Grain, period int) bool {
	from, to := axis.Days(grain, period)
	first, end := axis.WholeDays(grain, period)
	return from != first || to != end
}

// NewTable makes the labels of an output, without columns.
func NewTable(m *model.Model, o *model.Output) Table {
	t := Table{Title: o.Title, Grain: o.Grain}
	for _, d := range o.By {
		t.Keys = append(t.Keys, m.Dims[d].Name)
	}
	if o.Grain != calendar.None {
		t.Keys = append(t.Keys, o.Grain.String())
	}
	periods := make([]string, m.Periods(o.Grain))
	if o.Grain != calendar.None {
		for p := range periods {
			periods[p] = m.Time.Label(o.Grain, p)
		}
		t.CutFirst, t.CutLast = cut(m.Time, o.Grain, 0), cut(m.Time, o.Grain, len(periods)-1)
	}
	items := make([]string, len(o.By))
	var each func(k int)
	each = func(k int) {
		if k < len(items) {
			d := m.Dims[o.By[k]]
			for i := range d.Len() {
				items[k] = d.Items.Name(int32(i))
				each(k + 1)
			}
			return
		}
		for _, label := range periods {
			row := append(make([]string, 0, len(t.Keys)), items...)
			if o.Grain != calendar.None {
				row = append(row, label)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	each(0)
	return t
}

// Summarise sets the mean and percentiles of each row from its samples. It sorts them.
func (c *Column) Summarise(rows [][]float64, percentiles []float64) {
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
