package calc_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// FuzzSheet holds that whatever stands in a sheet, a workbook is opened, recalculated and written, or refused, and that what was written is opened
// with the same values.
func FuzzSheet(f *testing.F) {
	for _, rows := range []string{
		formulaIn("SUM(A1:C3)+1"),
		`<row r="1"><c r="A1"><f t="shared" ref="A1:A4" si="0">B1+1</f></c><c r="A2"><f t="shared" si="0"/></c></row>`,
		`<row r="2"><c r="B2" cm="1"><f t="array" ref="B2:B4">SEQUENCE(3)</f><v>1</v></c></row><row><c t="inlineStr"><is><t>x</t></is></c></row>`,
		`<row r="1"><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c><v>1e308</v></c><c><f>A1*C1*10</f></c></row>`,
		`<row r="1048576"><c r="XFD1048576"><f t="array" ref="A1:XFD1048576">1</f></c></row>`,
	} {
		f.Add(rows)
	}
	f.Fuzz(func(t *testing.T, rows string) {
		if len(rows) > 1<<16 {
			return
		}
		b, _, file, err := opened(t, oneSheet(rows).bytes(t))
		if err != nil {
			return
		}
		defer file.Close()
		b.All()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := b.Recalculate(ctx); err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "a.xlsx")
		if err := b.Save(ctx, file, path, nil); err != nil {
			t.Fatal(err)
		}
		written, err := xlsx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer written.Close()
		again, _, err := calc.Open(ctx, written, calc.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		used, ok := b.Used(0)
		if !ok || used.Cells() > 1<<16 {
			return
		}
		for row := range used.R1 + 1 {
			for col := range used.C1 + 1 {
				if got, want := show(again, 0, row, col), show(b, 0, row, col); got != want && want != `""` {
					t.Fatalf("row %d, column %d is written as %s, want %s", row, col, got, want)
				}
			}
		}
	})
}

// FuzzFile holds that no file makes the reader crash.
func FuzzFile(f *testing.F) {
	f.Add(oneSheet(formulaIn("1+1")).bytes(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, _, _, err := opened(t, file)
		if err != nil {
			return
		}
		b.All()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = b.Recalculate(ctx)
	})
}
