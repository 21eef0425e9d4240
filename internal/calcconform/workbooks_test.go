package calcconform

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// TestWorkbooks: what cannot be opened is told of, and the rest is counted.
func TestWorkbooks(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "broken.xlsx"), []byte("no zip"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := xlsxtest.Create(filepath.Join(folder, "good.xlsx"), xlsxtest.Options{Rows: 10}); err != nil {
		t.Fatal(err)
	}
	list, err := RunWorkbooks(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 {
		t.Fatalf("there are %d workbooks, want 2", len(list))
	}
	var out strings.Builder
	WriteWorkbooks(&out, list)
	for _, want := range []string{"broken.xlsx: ", "1 of 2 workbooks opened, 1 with formulas: 40 of 40 formulas agree (100.00 %)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, out.String())
		}
	}
}
