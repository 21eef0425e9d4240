package parquet_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	read "github.com/napkin-infra/napkin/engine/calc/model/parquet"
	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// TestWrite reads back what was written.
func TestWrite(t *testing.T) {
	table := &result.Table{Title: "sales by Store, month", Keys: []string{"Store", "month"},
		Rows: [][]string{{"A \u2764", "2024-01"}, {"A \u2764", "2024-02"}, {"B", "2024-01"}},
		Columns: []result.Column{
			{Title: "sales", Values: []float64{1.5, math.NaN(), -0.1}},
			{Title: "risk", Values: []float64{1, 2, 3}, Random: true, Percentiles: [][]float64{{0, 1, 2}, {math.Inf(1), 3, 4}}},
		}}
	var b bytes.Buffer
	if err := read.Write(&b, table, []float64{5, 97.5}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sales.parquet")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := read.Read(t.Context(), path, []string{"Store", "month", "sales", "risk", "risk p5", "risk p97.5"}, func(fields []string) error {
		got = append(got, strings.Join(fields, "|"))
		return nil
	})
	want := []string{"A \u2764|2024-01|1.5|1|0|+Inf", "A \u2764|2024-02||2|1|3", "B|2024-01|-0.1|3|2|4"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
	table.Rows, table.Columns = nil, []result.Column{{Title: "sales"}}
	b.Reset()
	if err := read.Write(&b, table, nil); err != nil {
		t.Errorf("a table without rows: %v", err)
	}
	table.Columns[0].Title = "Store"
	if err := read.Write(&b, table, nil); err == nil {
		t.Error("two columns of one name are written")
	}
}
