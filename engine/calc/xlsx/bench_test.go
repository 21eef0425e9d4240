package xlsx_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
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

// doubled gives every formula of one row another value, as a recalculation does.
type doubled struct{ formulas int }

func (d *doubled) Sheet(int) xlsx.SheetSource            { return d }
func (d *doubled) Edits() []xlsx.Edit                    { return nil }
func (d *doubled) Area(row, col int32) (cell.Area, bool) { return cell.Area{}, false }
func (d *doubled) Formula(row, col int32) string         { return "" }
func (d *doubled) Value(row, col int32) (cell.Box, bool) {
	if col < 3 {
		return 0, false
	}
	d.formulas++
	return float64(row) / float64(col+4), true
}

func BenchmarkWrite(b *testing.B) {
	path := million(b, xlsxtest.Options{Rows: 250_000})
	out := filepath.Join(b.TempDir(), "out.xlsx")
	f, err := xlsx.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	b.SetBytes(f.Bytes())
	b.ResetTimer()
	cpu := processorTime()
	for range b.N {
		var d doubled
		if err := f.Write(context.Background(), out, &d, nil); err != nil {
			b.Fatal(err)
		}
		if d.formulas != 1_000_000 {
			b.Fatal(d.formulas)
		}
	}
	b.ReportMetric(float64(processorTime()-cpu)/1e9/float64(b.N), "cpu-s/op")
}

// BenchmarkSharedStrings reads a million different texts.
func BenchmarkSharedStrings(b *testing.B) {
	var sst strings.Builder
	sst.WriteString(`<sst>`)
	for i := range 1_000_000 {
		fmt.Fprintf(&sst, `<si><t>customer %d</t></si>`, i)
	}
	sst.WriteString(`</sst>`)
	file := pack(b, book(row(``), part{"xl/sharedStrings.xml", sst.String()}))
	b.SetBytes(int64(sst.Len()))
	b.ResetTimer()
	cpu := processorTime()
	for range b.N {
		f, err := open(b, file)
		if err == nil {
			_, err = read(f)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime()-cpu)/1e9/float64(b.N), "cpu-s/op")
}
