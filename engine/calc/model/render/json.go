package render

import (
	"math"
	"strconv"
)

// SchemaVersion is the version of the JSON form. It grows when a field is removed or changes meaning.
const SchemaVersion = 1

// Number is a figure in JSON: null where there is no value, and the texts "Infinity" and "-Infinity".
type Number float64

// MarshalJSON implements the interface of encoding/json.
func (n Number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	switch {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 0):
		return []byte(`"` + exact(v) + `"`), nil
	}
	return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
}

// JSON is a document as data.
type JSON struct {
	Schema      int         `json:"schema_version"`
	Model       string      `json:"model"`
	Scenarios   []string    `json:"scenarios"`
	Set         []string    `json:"set"`
	Cut         []string    `json:"cut"`
	Samples     int         `json:"samples"`
	Seed        uint64      `json:"seed"`
	Percentiles []float64   `json:"percentiles,omitempty"`
	Tables      []TableJSON `json:"tables"`
	Notes       []string    `json:"notes"`
}

// TableJSON is a table: the labels of its rows, and columns of a figure a row.
type TableJSON struct {
	Title   string       `json:"title"`
	Keys    []string     `json:"keys"`
	Rows    [][]string   `json:"rows"`
	Columns []ColumnJSON `json:"columns"`
}

// ColumnJSON is a column. Of what differs by sample, values are means, and percentiles has a list for each percentile of
// the document.
type ColumnJSON struct {
	Title       string     `json:"title"`
	Values      []Number   `json:"values"`
	Random      bool       `json:"random,omitempty"`
	Percentiles [][]Number `json:"percentiles,omitempty"`
}

// NewJSON makes the data of a document.
func NewJSON(d *Document) JSON {
	j := JSON{Schema: SchemaVersion, Model: d.Model, Scenarios: orEmpty(d.Scenarios), Set: orEmpty(d.Set), Cut: orEmpty(d.Cut), Samples: d.Samples, Seed: d.Seed, Notes: orEmpty(d.Notes)}
	if d.Samples > 0 {
		j.Percentiles = d.Percentiles
	}
	for _, t := range d.Tables {
		table := TableJSON{Title: t.Title, Keys: orEmpty(t.Keys), Rows: orEmpty(t.Rows)}
		for _, c := range t.Columns {
			column := ColumnJSON{Title: c.Title, Values: numbers(c.Values), Random: c.Random}
			for _, p := range c.Percentiles {
				column.Percentiles = append(column.Percentiles, numbers(p))
			}
			table.Columns = append(table.Columns, column)
		}
		j.Tables = append(j.Tables, table)
	}
	return j
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func numbers(values []float64) []Number {
	out := make([]Number, len(values))
	for i, v := range values {
		out[i] = Number(v)
	}
	return out
}
