package data

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/calendar"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
)

// Report says what became of the rows of an input.
type Report struct {
	Rows    int64 // all
	Empty   int64 // without a value
	Outside int64 // before or after the time axis
	Unknown int64 // of unknown items, which the model said to skip
}

// String names what was left out, and is empty where nothing was.
func (r Report) String() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		one  string
		more string
	}{{r.Outside, "lies outside of the time axis", "lie outside of the time axis"}, {r.Unknown, "is of an unknown item", "are of unknown items"}, {r.Empty, "has no value", "have no value"}} {
		switch {
		case p.n == 1:
			parts = append(parts, "1 "+p.one)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.more))
		}
	}
	if parts == nil {
		return ""
	}
	left := "they are left out"
	if r.Outside+r.Unknown+r.Empty == 1 {
		left = "it is left out"
	}
	return fmt.Sprintf("of %s, %s; %s", counted(int(r.Rows), "row"), strings.Join(parts, ", "), left)
}

// Stream reads the rows of an input and calls cell for each with the number of its cell, in the order of the rows: a
// cell comes as often as there are rows of it.
func Stream(ctx context.Context, m *model.Model, v *model.Var, rows model.Rows, cell func(number int64, value float64) error) (Report, error) {
	x := v.Data.External
	columns := append([]string{}, x.Items...)
	if x.Date != "" {
		columns = append(columns, x.Date)
	}
	columns = append(columns, x.Value)
	var report Report
	items := make([]int32, len(v.Dims))
	dates := map[string]int{}
	err := rows.Rows(ctx, &x.Source, columns, func(fields []string) error {
		report.Rows++
		text := strings.TrimSpace(fields[len(fields)-1])
		if text == "" {
			report.Empty++
			return nil
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return &fieldError{len(fields) - 1, fmt.Errorf("%q in column %s is no number such as 1234.5", text, x.Value)}
		}
		if math.IsNaN(value) { // as other programs write what is missing
			report.Empty++
			return nil
		}
		for i, d := range v.Dims {
			name := strings.TrimSpace(fields[i])
			item, ok := m.Dims[d].Index(name)
			switch {
			case !ok && m.Dims[d].CutOff(name):
				return nil
			case !ok && x.SkipUnknown:
				report.Unknown++
				return nil
			case !ok:
				return &fieldError{i, unknown(m.Dims[d], x.Items[i], name)}
			}
			items[i] = item
		}
		period := 0
		if x.Date != "" {
			if period, err = periodOf(m.Time, v.Grain, strings.TrimSpace(fields[len(v.Dims)]), dates); err != nil {
				return &fieldError{len(v.Dims), err}
			}
			if period < 0 || period >= m.Time.Len(v.Grain) {
				report.Outside++
				return nil
			}
		}
		return cell(m.CellNumber(v, items, period), value)
	})
	if err != nil {
		return report, fmt.Errorf("read %s: %w", v.Name, err)
	}
	return report, nil
}

func unknown(d *model.Dim, column, name string) error {
	hint := "add it to the dimension, or set `unknown: skip`"
	if d.Len() <= 10_000 {
		names := make([]string, d.Len())
		for i := range names {
			names[i] = d.Items.Name(int32(i))
		}
		if near := lang.Nearest(name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
	}
	return fmt.Errorf("%q in column %s is no item of %s; %s", name, column, d.Name, hint)
}

// periodOf reads a date. seen keeps the dates that came before: there are few different ones.
func periodOf(axis *calendar.Axis, grain calendar.Grain, text string, seen map[string]int) (int, error) {
	if p, ok := seen[text]; ok {
		return p, nil
	}
	day, _, _ := strings.Cut(text, "T") // a moment counts for its day
	day, _, _ = strings.Cut(day, " ")
	d, ok := calendar.ParseDate(day)
	if !ok {
		return 0, fmt.Errorf("%q is no date such as %s or %s", text, axis.Label(grain, 0), axis.Label(calendar.Day, 0))
	}
	from, to, err := axis.Range(grain, d)
	if err != nil {
		return 0, err
	}
	if from != to {
		return 0, fmt.Errorf("%s is a %s, and a %s is expected, such as %s", text, d.Grain, grain, axis.Label(grain, 0))
	}
	// A day outside of the axis may lie in a week that begins or ends in it: its row does not belong there all the same.
	if first, end, err := axis.Range(calendar.Day, d); err == nil && (end < 0 || first >= axis.Len(calendar.Day)) {
		from = -1
	}
	if len(seen) < 1<<20 {
		seen[strings.Clone(text)] = from
	}
	return from, nil
}

// Collect reads an input into a map of its cells, by what the model says of repeated rows. It ends with an error when
// there are more than limit cells.
func Collect(ctx context.Context, m *model.Model, v *model.Var, rows model.Rows, limit int64) (map[int64]float64, Report, error) {
	cells := map[int64]float64{}
	counts := map[int64]int64{}
	repeated := v.Data.External.Repeated
	report, err := Stream(ctx, m, v, rows, func(number int64, value float64) error {
		old, have := cells[number]
		switch {
		case !have:
			if int64(len(cells)) >= limit {
				return fmt.Errorf("more than %d cells", limit)
			}
		case repeated == model.RepeatedError:
			return Repeated(m, v, number)
		case repeated == model.RepeatedSum:
			value += old
		case repeated == model.RepeatedAverage:
			// The mean of n values and one more.
			n := max(1, counts[number])
			counts[number] = n + 1
			value = old + (value-old)/float64(n+1)
		}
		if math.IsInf(value, 0) {
			return NotFinite(m, v, number)
		}
		cells[number] = value
		return nil
	})
	return cells, report, err
}

// Repeated is the error of a second row of a cell where the model does not say what that means.
func Repeated(m *model.Model, v *model.Var, number int64) error {
	return fmt.Errorf("a second row of %s; say what that means: `repeated: sum`, average or last", Place(m, v, number))
}

// NotFinite is the error of a cell whose value is infinite.
func NotFinite(m *model.Model, v *model.Var, number int64) error {
	return fmt.Errorf("the value of %s is not finite", Place(m, v, number))
}

// Place names a cell: "North, Basic, 2024-03".
func Place(m *model.Model, v *model.Var, number int64) string {
	items := make([]int32, len(v.Dims))
	period := m.CellAt(v, number, items)
	var names []string
	for i, d := range v.Dims {
		names = append(names, m.Dims[d].Items.Name(items[i]))
	}
	if v.Grain != calendar.None {
		names = append(names, m.Time.Label(v.Grain, period))
	}
	if names == nil {
		return v.Name
	}
	return strings.Join(names, ", ")
}
