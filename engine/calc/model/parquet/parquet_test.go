package parquet_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/napkin-infra/napkin/engine/calc/model"
	"github.com/napkin-infra/napkin/engine/calc/model/data"
	"github.com/napkin-infra/napkin/engine/calc/model/lang"
	read "github.com/napkin-infra/napkin/engine/calc/model/parquet"
	"github.com/napkin-infra/napkin/engine/calc/model/reference"
)

// must stops a test at an error.
func must[T any](x T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

// sales writes a file of three rows in two row groups: store, day, at, pieces, price (a decimal) and amount, of which
// the second is null.
func sales(t *testing.T, path string) {
	t.Helper()
	required, optional := parquet.Repetitions.Required, parquet.Repetitions.Optional
	logical := func(name string, of schema.LogicalType, physical parquet.Type, length int) schema.Node {
		return must(schema.NewPrimitiveNodeLogical(name, required, of, physical, length, -1))(t)
	}
	root := must(schema.NewGroupNode("sales", required, schema.FieldList{
		logical("store", schema.StringLogicalType{}, parquet.Types.ByteArray, -1),
		logical("day", schema.DateLogicalType{}, parquet.Types.Int32, -1),
		logical("at", schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, -1),
		schema.NewInt32Node("pieces", required, -1),
		logical("price", schema.NewDecimalLogicalType(9, 2), parquet.Types.FixedLenByteArray, 4),
		schema.NewFloat64Node("amount", optional, -1),
	}, -1))(t)
	out := must(os.Create(path))(t)
	w := file.NewParquetWriter(out, root, file.WithWriterProps(parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))))
	day := func(text string) time.Time { return must(time.Parse(time.DateOnly, text))(t) }
	for _, group := range [][]struct {
		store, day string
		pieces     int32
		cents      int32
		amount     []float64
	}{{{"A", "2024-01-05", 3, 199, []float64{1.1}}, {"B", "2024-01-31", 4, -5, nil}}, {{"A", "2024-02-29", 5, 100000, []float64{1e21}}}} {
		g := must(w.AppendRowGroupChecked())(t)
		for range 6 {
			c := must(g.NextColumn())(t)
			for _, r := range group {
				var err error
				switch c := c.(type) {
				case *file.ByteArrayColumnChunkWriter:
					_, err = c.WriteBatch([]parquet.ByteArray{parquet.ByteArray(r.store)}, nil, nil)
				case *file.Int32ColumnChunkWriter:
					n := r.pieces
					if c.Descr().Name() == "day" {
						n = int32(day(r.day).Unix() / 86400)
					}
					_, err = c.WriteBatch([]int32{n}, nil, nil)
				case *file.Int64ColumnChunkWriter:
					_, err = c.WriteBatch([]int64{day(r.day).Add(20 * time.Hour).UnixMicro()}, nil, nil)
				case *file.FixedLenByteArrayColumnChunkWriter:
					_, err = c.WriteBatch([]parquet.FixedLenByteArray{{byte(r.cents >> 24), byte(r.cents >> 16), byte(r.cents >> 8), byte(r.cents)}}, nil, nil)
				case *file.Float64ColumnChunkWriter:
					_, err = c.WriteBatch(r.amount, []int16{int16(len(r.amount))}, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sales.parquet")
	sales(t, path)
	var rows []string
	err := read.Read(context.Background(), path, []string{"price", "store", "amount", "day", "at", "pieces"}, func(fields []string) error {
		rows = append(rows, strings.Join(fields, " "))
		return nil
	})
	want := "1.99 A 1.1 2024-01-05 2024-01-05T20:00:00Z 3|-0.05 B  2024-01-31 2024-01-31T20:00:00Z 4|1000.00 A 1e+21 2024-02-29 2024-02-29T20:00:00Z 5"
	if got := strings.Join(rows, "|"); err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
}

func TestModelFromParquet(t *testing.T) {
	dir := t.TempDir()
	sales(t, filepath.Join(dir, "sales.parquet"))
	f := must(lang.Parse(lang.Source{Text: `
time month 2024-01 to 2024-03
dimension Store from parquet "sales.parquet" columns Store = store
input amount[Store, month] from parquet "sales.parquet" columns Store = store, date = day
input pieces[Store, month] from parquet "sales.parquet" columns date = at, Store = store
show amount, pieces by Store, month
`}))(t)
	rows := read.With(data.Files{Dir: dir})
	m := must(model.Check(context.Background(), f, model.Options{Rows: rows}))(t)
	r := must(reference.Run(context.Background(), m, reference.Options{Rows: rows}))(t)
	amount, pieces := r.Tables[0].Columns[0].Values, r.Tables[0].Columns[1].Values
	for i, want := range [][2]float64{{1.1, 3}, {1e21, 5}, {0, 0}, {0, 4}, {0, 0}, {0, 0}} {
		if amount[i] != want[0] || pieces[i] != want[1] {
			t.Errorf("%v: %v and %v, want %v", r.Tables[0].Rows[i], amount[i], pieces[i], want)
		}
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "amount: of 3 rows, 1 has no value; it is left out") {
		t.Errorf("%q", r.Notes)
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.parquet")
	sales(t, good)
	whole := must(os.ReadFile(good))(t)
	none := func([]string) error { return nil }
	if err := read.Read(context.Background(), good, []string{"shop"}, none); err == nil || !strings.Contains(err.Error(), "has no column shop; it has store, day") {
		t.Errorf("a column that is not there: %v", err)
	}
	all := []string{"store", "day", "at", "pieces", "amount"}
	for name, content := range map[string][]byte{"empty": nil, "text": []byte("store,day\nA,B\n"), "cut": whole[:len(whole)/2]} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := read.Read(context.Background(), path, all, none); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	// A byte that flips anywhere gives an error or other values, and never a panic.
	path := filepath.Join(dir, "flipped")
	for i := 0; i < len(whole); i += 3 {
		broken := append([]byte{}, whole...)
		broken[i] ^= 0x55
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = read.Read(context.Background(), path, all, none)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := read.Read(ctx, good, []string{"store"}, none); err == nil {
		t.Error("an ended context is not told")
	}
}
