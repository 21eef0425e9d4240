package xlsx_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/xlsx"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// TestKeep writes the same file whether its XML is kept from reading or inflated again.
func TestKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := xlsxtest.Create(path, xlsxtest.Options{Rows: 5000, Sheets: 3}); err != nil {
		t.Fatal(err)
	}
	var want []byte
	for _, c := range []struct {
		name  string
		bytes int64
	}{{"nothing", 0}, {"the first sheet", 2 << 20}, {"all", 64 << 20}} {
		f, err := xlsx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Keep(c.bytes)
		before, err := read(f)
		if err != nil {
			t.Fatal(err)
		}
		after, err := read(f)
		if err != nil || len(after) != len(before) || len(after[2].cells) != len(before[2].cells) || len(after[0].cells) == 0 {
			t.Fatalf("%s: reading again gives something else: %v", c.name, err)
		}
		for range 2 {
			out := path + ".out"
			src := &fixed{strings: f.Strings(), values: values("D4000", 0.25, "E2", 1)}
			if err := f.Write(context.Background(), out, src, nil); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s kept: the file that is written differs", c.name)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
