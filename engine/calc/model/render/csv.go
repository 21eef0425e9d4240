package render

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// CSV writes a table by RFC 4180 in UTF-8: a line of names, then the labels and figures of each row. A figure has all its
// digits; where there is none the field is empty. Of what differs by sample, the mean and a column for each percentile.
func CSV(w io.Writer, t *result.Table, percentiles []float64) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := append([]string{}, t.Keys...)
	var columns [][]float64
	for i := range t.Columns {
		titles, values := t.Columns[i].Figures(percentiles)
		head = append(head, titles...)
		columns = append(columns, values...)
	}
	if err := out.Write(head); err != nil {
		return err
	}
	record := make([]string, len(head))
	for row, labels := range t.Rows {
		copy(record, labels)
		for i, values := range columns {
			record[len(labels)+i] = exact(values[row])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// exact writes all digits of a number, which any reader of numbers takes.
func exact(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	case math.Abs(v) < 1e15 && (v == 0 || math.Abs(v) >= 1e-6):
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
