package calc_test

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// openParts opens a workbook whose one sheet has this data, with more parts beside it.
func openParts(t *testing.T, workbook, data string, more map[string]string) *calc.Workbook {
	t.Helper()
	const ns = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	rels := func(list string) string {
		return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + list + `</Relationships>`
	}
	parts := map[string]string{
		"_rels/.rels":     rels(`<Relationship Id="rId1" Type="` + kind + `officeDocument" Target="xl/workbook.xml"/>`),
		"xl/workbook.xml": `<workbook` + ns + `><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>` + workbook + `</workbook>`,
		"xl/_rels/workbook.xml.rels": rels(`<Relationship Id="rId1" Type="` + kind + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + kind + `externalLink" Target="externalLinks/externalLink1.xml"/>`),
		"xl/worksheets/sheet1.xml":                      `<worksheet` + ns + `><sheetData>` + data + `</sheetData></worksheet>`,
		"xl/externalLinks/_rels/externalLink1.xml.rels": rels(`<Relationship Id="rId1" Type="` + kind + `externalLinkPath" Target="prices.xlsx" TargetMode="External"/>`),
	}
	for name, text := range more {
		parts[name] = text
	}
	path := filepath.Join(t.TempDir(), "book.xlsx")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := xlsx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	b, _, err := calc.Open(context.Background(), f, calc.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.All()
	if _, err := b.Recalculate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestExternals: of other workbooks the values count that the file remembers.
func TestExternals(t *testing.T) {
	const link = `<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook>` +
		`<sheetNames><sheetName val="Prices"/><sheetName val="Lost"/></sheetNames>` +
		`<definedNames><definedName name="rate" refersTo="='Prices'!$B$2"/><definedName name="own" refersTo="='Prices'!$A$2" sheetId="0"/></definedNames>` +
		`<sheetDataSet><sheetData sheetId="0"><row r="2"><cell r="A2" t="str"><v>apple</v></cell><cell r="B2"><v>1.5</v></cell></row>` +
		`<row r="3"><cell r="A3" t="b"><v>1</v></cell><cell r="B3"><v>2</v></cell><cell r="C3" t="e"><v>#N/A</v></cell></row></sheetData>` +
		`<sheetData sheetId="1" refreshError="1"/></sheetDataSet></externalBook></externalLink>`
	data := `<row r="1">`
	cases := []evaltest.Case{
		{"[1]Prices!$B$2*2", "3"},
		{"SUM([1]Prices!B2:B9)", "3.5"},
		{`VLOOKUP("apple",[1]Prices!$A:$B,2,FALSE)`, "1.5"},
		{"[1]Prices!A3", "TRUE"},
		{"[1]Prices!C3", "#N/A"},
		{"[1]Prices!D9", "0"},
		{"[1]Lost!A1", "#REF!"},
		{"[2]Prices!A1", "#REF!"},
		{"[1]!rate", "1.5"},
		{"[1]Prices!own", `"apple"`},
		{"[1]!lost", "#NAME?"},
		{"[0]!here+1", "8"},
		{"SHEETS()", "1"},
	}
	for i, c := range cases {
		data += `<c r="` + cell.Address(0, int32(i)) + `"><f>` + c[0] + `</f></c>`
	}
	b := openParts(t, `<externalReferences><externalReference r:id="rId2"/></externalReferences><definedNames><definedName name="here">7</definedName></definedNames>`,
		data+`</row>`, map[string]string{"xl/externalLinks/externalLink1.xml": link})
	for i, c := range cases {
		if got := evaltest.Show(b.Value(0, 0, int32(i))); got != c[1] {
			t.Errorf("=%s is %s, want %s", c[0], got, c[1])
		}
	}
	if got := b.Sheets(); len(got) != 1 {
		t.Errorf("the sheets are %q, want one", got)
	}
	if _, ok := b.Sheet("[1]Prices"); ok {
		t.Error("a sheet of another workbook can be edited")
	}
}

// TestRelativeNames: a name of the cell above is the last row, as seen from A1.
func TestRelativeNames(t *testing.T) {
	b := newBook(t, calc.Options{})
	for name, text := range map[string]string{"above": "Sheet1!A1048576", "before": "Sheet1!XFD1", "far": "Sheet1!A500000"} {
		if err := b.Define(-1, name, text); err != nil {
			t.Fatal(err)
		}
	}
	b.set("A1", 5, "B2", "=before", "A2", "=above+1", "C1", "=far", "C500000", 9)
	if _, err := b.Recalculate(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		row, col int32
		want     float64
	}{{1, 0, 6}, {1, 1, 6}, {0, 2, 9}} {
		if got := b.Value(0, c.row, c.col); got.Float() != c.want {
			t.Errorf("%s is %s, want %g", cell.Address(c.row, c.col), evaltest.Show(got), c.want)
		}
	}
}
