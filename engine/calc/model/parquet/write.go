package parquet

import (
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/napkin-infra/napkin/engine/calc/model/result"
)

// groupRows is how many rows a row group has at most.
const groupRows = 1 << 20

// Write writes a table: labels as text, and each figure as a double, which is null where there is no value. Of what differs by
// sample, the mean and a column for each percentile. It does not close w.
func Write(w io.Writer, t *result.Table, percentiles []float64) (err error) {
	var fields schema.FieldList
	names := map[string]bool{}
	add := func(node schema.Node, err error) error {
		if err != nil {
			return err
		}
		if names[node.Name()] {
			return fmt.Errorf("two columns are called %s", node.Name())
		}
		names[node.Name()] = true
		fields = append(fields, node)
		return nil
	}
	for _, key := range t.Keys {
		if err := add(schema.NewPrimitiveNodeLogical(key, parquet.Repetitions.Required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)); err != nil {
			return err
		}
	}
	var columns [][]float64
	for i := range t.Columns {
		titles, values := t.Columns[i].Figures(percentiles)
		columns = append(columns, values...)
		for _, title := range titles {
			if err := add(schema.NewPrimitiveNode(title, parquet.Repetitions.Optional, parquet.Types.Double, -1, -1)); err != nil {
				return err
			}
		}
	}
	root, err := schema.NewGroupNode("table", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return err
	}
	out := file.NewParquetWriter(unclosed{w}, root, file.WithWriterProps(parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))))
	for from := 0; from < len(t.Rows) || from == 0; from += groupRows {
		to := min(from+groupRows, len(t.Rows))
		if err := group(out.AppendRowGroup(), t, columns, from, to); err != nil {
			return err
		}
	}
	return out.Close()
}

// unclosed hides that a writer can be closed.
type unclosed struct{ io.Writer }

// group writes the rows of a row group, a column after the other.
func group(g file.SerialRowGroupWriter, t *result.Table, columns [][]float64, from, to int) error {
	for i := range t.Keys {
		column, err := g.NextColumn()
		if err != nil {
			return err
		}
		labels := make([]parquet.ByteArray, 0, to-from)
		for _, row := range t.Rows[from:to] {
			labels = append(labels, parquet.ByteArray(row[i]))
		}
		if _, err := column.(*file.ByteArrayColumnChunkWriter).WriteBatch(labels, nil, nil); err != nil {
			return err
		}
		if err := column.Close(); err != nil {
			return err
		}
	}
	for _, all := range columns {
		column, err := g.NextColumn()
		if err != nil {
			return err
		}
		values, there := make([]float64, 0, to-from), make([]int16, to-from)
		for i, v := range all[from:to] {
			if !math.IsNaN(v) {
				values = append(values, v)
				there[i] = 1
			}
		}
		if _, err := column.(*file.Float64ColumnChunkWriter).WriteBatch(values, there, nil); err != nil {
			return err
		}
		if err := column.Close(); err != nil {
			return err
		}
	}
	return g.Close()
}
