package xlsx_test

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

func million(b *testing.B, o xlsxtest.Options) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "million.xlsx")
	if err := xlsxtest.Create(path, o); err != nil {
		b.Fatal(err)
	}
	return path
}

// counter is a sink that does nothing but look at each cell.
type counter struct {
	formulas, bytes int64
	sum             float64
}

func (c *counter) Cell(x *xlsx.Cell) error {
	if x.Formula.Kind != xlsx.NoFormula {
		c.formulas++
		c.bytes += int64(len(x.Formula.Text))
	}
	if cell.BoxKind(x.Value) == cell.Number {
		c.sum += x.Value
	}
	return nil
}
func (c *counter) HiddenRow(int32) error      { return nil }
func (c *counter) End(e *xlsx.SheetEnd) error { return nil }

// processorTime is what the process has used of both user and system time.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkRead(b *testing.B) {
	for name, o := range map[string]xlsxtest.Options{
		"Plain":  {Rows: 250_000},
		"Shared": {Rows: 250_000, Shared: true},
	} {
		b.Run(name, func(b *testing.B) {
			path := million(b, o)
			b.ResetTimer()
			cpu := processorTime()
			for range b.N {
				f, err := xlsx.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(f.Bytes())
				var c counter
				if err := f.Read(context.Background(), func(int) xlsx.Sink { return &c }, nil); err != nil {
					b.Fatal(err)
				}
				if c.formulas != 1_000_000 {
					b.Fatal(c.formulas)
				}
				_ = f.Close()
			}
			b.ReportMetric(float64(processorTime()-cpu)/1e9/float64(b.N), "cpu-s/op")
		})
	}
}
