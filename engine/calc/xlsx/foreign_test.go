package xlsx_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// TestForeign reads every workbook below the folder NAPKIN_XLSX_FILES, writes it without a change and with one changed
// value per sheet, and reads that again.
func TestForeign(t *testing.T) {
	root := os.Getenv("NAPKIN_XLSX_FILES")
	if root == "" {
		t.Skip("NAPKIN_XLSX_FILES names no folder of workbooks")
	}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ext := strings.ToLower(filepath.Ext(path)); err != nil || d.IsDir() || ext != ".xlsx" && ext != ".xlsm" {
			return err
		}
		name, _ := filepath.Rel(root, path)
		t.Run(name, func(t *testing.T) { foreign(t, path) })
		return nil
	})
}

func foreign(t *testing.T, path string) {
	f, err := xlsx.Open(path)
	if err != nil {
		refused(t, err)
		return
	}
	defer func() { _ = f.Close() }()
	before, err := read(f)
	if err != nil {
		refused(t, err)
		return
	}
	out := filepath.Join(t.TempDir(), "out.xlsx")
	same := &everything{f: f, strings: f.Strings()}
	same.sheets = append(same.sheets, before...)
	if err := f.Write(context.Background(), out, same, nil); err != nil {
		t.Fatal(err)
	}
	names, parts := readParts(t, path) // of parts that are damaged, what can be read
	newNames, newParts := readParts(t, out)
	if !slices.Equal(names, newNames) {
		t.Fatalf("parts %v, want %v", newNames, names)
	}
	for n := range parts {
		if parts[n] != newParts[n] {
			t.Errorf("%s changed", n)
		}
	}
	same.change = true
	if err := f.Write(context.Background(), out, same, nil); err != nil {
		t.Fatal(err)
	}
	g, err := xlsx.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = g.Close() }()
	after, err := read(g)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range before {
		if c == nil {
			continue
		}
		if at := c.first(); at != "" {
			c.cells[at] = "4711.25" + c.rests[at]
		}
		if got, want := lines(after[i].cells), lines(c.cells); got != want {
			t.Errorf("sheet %d differs after one value was changed: %.300s", i, difference(got, want))
		}
	}
}

// refused accepts a file that has a fault, if it is told well.
func refused(t *testing.T, err error) {
	var e *xlsx.Error
	if !errors.As(err, &e) {
		t.Errorf("refused without a place: %v", err)
	}
	t.Logf("refused: %v", err)
}

// first is the cell whose value is changed.
func (c *collector) first() string {
	if len(c.order) == 0 {
		return ""
	}
	return c.order[0]
}

// everything is a source that has an opinion on all cells: what the file has, and one change per sheet.
type everything struct {
	f       *xlsx.File
	strings *cell.Strings
	sheets  []*collector
	change  bool
}

func (e *everything) Sheet(i int) xlsx.SheetSource {
	return &everySheet{e, e.sheets[i]}
}

type everySheet struct {
	*everything
	c *collector
}

func (s *everySheet) Edits() []xlsx.Edit                    { return nil }
func (s *everySheet) Area(row, col int32) (cell.Area, bool) { return cell.Area{}, false }
func (s *everySheet) Formula(row, col int32) string         { return "" }
func (s *everySheet) Value(row, col int32) (cell.Box, bool) {
	at := cell.Address(row, col)
	if s.change && at == s.c.first() {
		return 4711.25, true
	}
	return s.c.boxes[at], true
}

// difference is the first pair of lines that differ.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i] + "\nwant " + b[i]
		}
	}
	return "one has more cells"
}
