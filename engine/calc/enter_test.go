package calc_test

import (
	"archive/zip"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

func typed(t *testing.T, b *calc.Workbook, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		row, col, _ := cell.ParseAddress(pairs[i])
		if err := b.EnterFormula(0, row, col, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEnter: what is entered spills where it has more than one value, and is a plain formula where it cannot.
func TestEnter(t *testing.T) {
	b := newBook(t, calc.Options{}).set("A1", 1, "A2", 5, "A3", 7, "B1", 3, "B2", 1, "B3", 9)
	typed(t, b.Workbook, "D1", "SEQUENCE(3)", "E1", "FILTER(A1:A3,B1:B3>2)", "F1", "A1:A2*10", "G1", "SUM(A1:A3*B1:B3)", "H1", "SUM(A1:A3)", "I2", "@A1:A3",
		"J1", "LET(x,A1:A3,y,2,x*y)", "K1", "A1*2+SUM(B:B)", "L1", "IF(A1:A3>2,A1:A3,0)")
	b.want("D1", "1", "D3", "3", "E1", "1", "E2", "7", "E3", "empty", "F2", "50", "G1", "71", "H1", "13", "I2", "5", "J3", "14", "K1", "15", "L1", "0", "L3", "7")
	typed(t, b.Workbook, "D1", "SEQUENCE(2)")
	b.want("D2", "2", "D3", "empty")
	if err := b.EnterFormula(0, 0, 0, "SUM("); err == nil {
		t.Error("a formula that cannot be read was taken")
	}
	if err := b.EnterFormula(0, -1, 0, "1"); err == nil {
		t.Error("a cell outside of the sheet was taken")
	}
}

// partsOf returns the parts of a file as text.
func partsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

// TestEnterSaved: a file without metadata gets them with the first dynamic array, which is one when it is read again.
func TestEnterSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := xlsxtest.Create(path, xlsxtest.Options{Rows: 3}); err != nil {
		t.Fatal(err)
	}
	before := partsOf(t, path)
	b, x := open(t, path, calc.Options{})
	formulas := []string{"Z2", "SEQUENCE(2,2)", "Y1", "SORT(A1:A3)", "X9", "SUM(A1:A3)", "W1", "LET(n,3,SUM(n,1))", "V1", "Z2#", "U1", "XLOOKUP(1,A1:A3,A1:A3)"}
	typed(t, b, formulas...)
	b.All()
	recalculate(t, b)
	saved := write(t, b, x, filepath.Join(t.TempDir(), "saved.xlsx"))
	parts := partsOf(t, saved)
	for name, wants := range map[string][]string{
		"[Content_Types].xml":        {`<Override PartName="/xl/metadata.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"/></Types>`},
		"xl/_rels/workbook.xml.rels": {`Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sheetMetadata" Target="metadata.xml"/></Relationships>`},
		"xl/metadata.xml":            {`<metadataType name="XLDAPR"`, `fDynamic="1"`},
		"xl/worksheets/sheet1.xml": {`<c r="Z2" cm="1"><f t="array" ref="Z2:AA3">_xlfn.SEQUENCE(2,2)</f><v>1</v></c>`, `<f t="array" ref="Y1:Y3">_xlfn._xlws.SORT(A1:A3)</f>`,
			`<c r="X9"><f>SUM(A1:A3)</f>`, `<c r="W1"><f>_xlfn.LET(_xlpm.n,3,SUM(_xlpm.n,1))</f>`, `<c r="V1" t="e" cm="1"><f t="array" ref="V1">_xlfn.ANCHORARRAY(Z2)</f>`}, // W1 is in its way
	} {
		for _, want := range wants {
			if !strings.Contains(parts[name], want) {
				t.Errorf("%s has no %s", name, want)
			}
		}
		delete(parts, name)
		delete(before, name)
	}
	for name, text := range parts {
		if before[name] != text {
			t.Errorf("%s has changed", name)
		}
	}
	again, y := open(t, saved, calc.Options{})
	for i := 0; i < len(formulas); i += 2 {
		row, col, _ := cell.ParseAddress(formulas[i])
		if got, _ := again.Formula(0, row, col); got != formulas[i+1] {
			t.Errorf("%s is read as %s, want %s", formulas[i], got, formulas[i+1])
		}
	}
	again.All()
	book := &book{again, t}
	book.want("Z2", "1", "AA3", "4", "V1", "#SPILL!")
	book.set("W1", nil).want("V1", "1", "W2", "4")
	// A second save keeps the metadata, and adds none.
	twice := write(t, again, y, filepath.Join(t.TempDir(), "twice.xlsx"))
	if got := partsOf(t, twice); strings.Count(got["[Content_Types].xml"], "sheetMetadata") != 1 || strings.Count(got["xl/_rels/workbook.xml.rels"], "sheetMetadata") != 1 {
		t.Error("the metadata are named twice")
	}
}
