package calc_test

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"archive/zip"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
)

const tableSheet = `<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c><c r="B1" t="inlineStr"><is><t>Price</t></is></c></row>` +
	`<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>3</v></c></row><row r="3"><c r="A3"><v>2</v></c><c r="B3"><v>5</v></c></row>`

// tabled is a workbook with a table, Sold, in A1:B3 of its first sheet, and a chart sheet.
func tabled(t *testing.T) string {
	t.Helper()
	rel := `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relationships + `/table" Target="../tables/table1.xml"/></Relationships>`
	f := &file{names: []string{"Data", "Other"}, sheets: []string{tableSheet, `<row r="1"><c r="A1"><f>SUM(Sold[Price])</f></c><c r="B1"><f>SUM([1]!Sold[Price])</f></c></row>`}, behind: []string{`<tableParts count="1"><tablePart r:id="rId1"/></tableParts>`},
		charts: []string{"Graph"},
		parts: [][2]string{{"xl/worksheets/_rels/sheet1.xml.rels", rel},
			{"xl/tables/table1.xml", `<table ` + spreadsheet + ` id="1" name="Sold" displayName="Sold" ref="A1:B3"><tableColumns count="2"><tableColumn id="1" name="Item"/><tableColumn id="2" name="Price"/></tableColumns></table>`}}}
	return f.write(t, filepath.Join(t.TempDir(), "tabled.xlsx"))
}

// TestEditsThatDamage holds that edits are refused that no file can hold, or that would leave one which Excel repairs.
func TestEditsThatDamage(t *testing.T) {
	b, _ := open(t, tabled(t), calc.Options{})
	graph, ok := b.Sheet("Graph")
	if !ok {
		t.Fatalf("the sheets are %q", b.Sheets())
	}
	long := strings.Repeat("x", 32768)
	for _, c := range []struct {
		what string
		err  error
		want string
	}{
		{"a chart sheet", b.Set(graph, 0, 0, cell.Num(1)), `the sheet "Graph" has no cells: it is a chart or a dialog`},
		{"a formula on a chart sheet", b.SetFormula(graph, 0, 0, "1", false), `the sheet "Graph" has no cells: it is a chart or a dialog`},
		{"a header", b.Set(0, 0, 1, cell.Str("Cost")), "Data!B1 is a header of the table Sold, whose columns have their names there; rename it in Excel"},
		{"a header emptied", b.Set(0, 0, 0, cell.Value{}), "Data!A1 is a header of the table Sold, whose columns have their names there; rename it in Excel"},
		{"a formula in a header", b.SetFormula(0, 0, 0, "1+1", false), "Data!A1 is a header of the table Sold, whose columns have their names there; rename it in Excel"},
		{"headers cleared", b.Clear(cell.Area{R1: 5, C1: 5}), "Data!A1 is a header of the table Sold, whose columns have their names there; rename it in Excel"},
		{"an array over headers", b.SetArray(cell.Area{R1: 5, C1: 5}, "1"), "Data!A1 is a header of the table Sold, whose columns have their names there; rename it in Excel"},
		{"a sheet that is not there", b.SetFormula(0, 8, 0, "SUM(Dta!A1:A3)", false), `Data!A9: there is no sheet "Dta"; did you mean "Data"?`},
		{"sheets that are not there", b.SetFormula(0, 8, 0, "SUM(Data:X!A1)", false), `Data!A9: there is no sheet "X"; there are "Data", "Other", "Graph"`},
		{"a link that is not there", b.SetFormula(0, 8, 0, "[1]S!A1", false), "Data!A9: there is no link to a workbook [1]"},
		{"a workbook by its name", b.SetFormula(0, 8, 0, "'[book.xlsx]S'!A1", false), "Data!A9: there is no link to a workbook [book.xlsx]"},
		{"a table that is not there", b.SetFormula(0, 8, 0, "SUM(Soldd[Price])", false), `Data!A9: there is no table "Soldd"`},
		{"no table around", b.SetFormula(0, 8, 0, "[@Price]", false), "Data!A9: the cell is in no table whose columns it could name"},
		{"a long text", b.Set(0, 8, 0, cell.Str(long)), "a cell holds at most 32,767 characters, and this text has 32768"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.what, c.err, c.want)
		}
	}
	for what, err := range map[string]error{
		"the header as it is":     b.Set(0, 0, 1, cell.Str("Price")),
		"a cell below the header": b.Set(0, 1, 1, cell.Num(7)),
		"a text that just fits":   b.Set(0, 8, 0, cell.Str(long[1:])),
		"what is there":           b.SetFormula(0, 9, 0, "SUM(Sold[Price],Other!A1,data:OTHER!B2)+nobody+Graph!A1", false),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSaveNewFunctions holds that formulas reach the file as Excel reads them there, those that were set and those that shared the text of a cell which
// was set to something else.
func TestSaveNewFunctions(t *testing.T) {
	dir := t.TempDir()
	path := (&file{names: []string{"S"}, sheets: []string{`<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">_xlfn.IFNA(_xlfn.LET(_xlpm.a,B1,_xlpm.a*2),0)</f><v>0</v></c></row>` +
		`<row r="2"><c r="A2"><f t="shared" si="0"/><v>0</v></c></row>`}}).write(t, filepath.Join(dir, "a.xlsx"))
	b, f := open(t, path, calc.Options{})
	if err := b.Set(0, 0, 0, cell.Num(1)); err != nil {
		t.Fatal(err)
	}
	if err := b.SetFormula(0, 2, 0, "XLOOKUP(1,B1:B2,B1:B2)+STDEV.S(B1:B2)+@B1:B9", false); err != nil {
		t.Fatal(err)
	}
	recalculate(t, b)
	sheet := part(t, write(t, b, f, filepath.Join(dir, "b.xlsx")), "xl/worksheets/sheet1.xml")
	for _, want := range []string{
		"<f>_xlfn.IFNA(_xlfn.LET(_xlpm.a,B2,_xlpm.a*2),0)</f>",
		"<f>_xlfn.XLOOKUP(1,B1:B2,B1:B2)+_xlfn.STDEV.S(B1:B2)+_xlfn.SINGLE(B1:B9)</f>",
	} {
		if !strings.Contains(sheet, want) {
			t.Errorf("there is no %s in %s", want, sheet)
		}
	}
	if got, _ := b.Formula(0, 1, 0); got != "IFNA(LET(a,B2,a*2),0)" {
		t.Errorf("A2 has the formula %s", got)
	}
	// Inside of a table a person need not name it.
	b, f = open(t, tabled(t), calc.Options{})
	if err := b.SetFormula(0, 2, 0, "[@Price]*2", false); err != nil {
		t.Fatal(err)
	}
	recalculate(t, b)
	if got := show(b, 0, 2, 0); got != "10" {
		t.Errorf("A3 is %s", got)
	}
	sheet = part(t, write(t, b, f, filepath.Join(dir, "c.xlsx")), "xl/worksheets/sheet1.xml")
	if want := "<f>Sold[[#This Row],[Price]]*2</f>"; !strings.Contains(sheet, want) {
		t.Errorf("there is no %s in %s", want, sheet)
	}
}

// TestFormulaAsWritten holds that a formula that moves to another cell keeps the spaces and parentheses that its author gave it, in the file and as FORMULATEXT
// tells it.
func TestFormulaAsWritten(t *testing.T) {
	dir := t.TempDir()
	b, f := open(t, (&file{names: []string{"S"}, sheets: []string{`<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">IF( (B1*$C$1) &gt; 0, "a  b", (B:B)+1 )</f><v>0</v></c></row>` +
		`<row r="2"><c r="A2"><f t="shared" si="0"/><v>0</v></c><c r="D2"><f>FORMULATEXT(A2)</f></c></row><row r="3"><c r="A3"><f t="shared" si="0"/><v>0</v></c></row>`}}).write(t, filepath.Join(dir, "a.xlsx")), calc.Options{})
	if err := b.Set(0, 0, 0, cell.Num(1)); err != nil {
		t.Fatal(err)
	}
	b.All()
	recalculate(t, b)
	const want = `IF( (B2*$C$1) > 0, "a  b", (B:B)+1 )`
	if got := b.Value(0, 1, 3).Text(); got != "="+want {
		t.Errorf("FORMULATEXT tells %s", got)
	}
	sheet := part(t, write(t, b, f, filepath.Join(dir, "b.xlsx")), "xl/worksheets/sheet1.xml")
	for _, want := range []string{want, strings.Replace(want, "B2", "B3", 1)} {
		if !strings.Contains(sheet, "<f>"+strings.NewReplacer(">", "&gt;").Replace(want)+"</f>") {
			t.Errorf("there is no %s in %s", want, sheet)
		}
	}
	// Formulas with whole rows have no key and are written from the tree.
	for text, want := range map[string]string{"SUM( 1:2 )": "SUM(1:2)", "( A1 )": "( A1 )"} {
		if err := b.SetFormula(0, 4, 5, text, false); err != nil {
			t.Fatal(err)
		}
		if got, _ := b.Formula(0, 4, 5); got != want {
			t.Errorf("%s is told as %s, want %s", text, got, want)
		}
	}
}

// TestForeignTable holds that the table of another workbook is not taken for the own one of this name.
func TestForeignTable(t *testing.T) {
	b, _ := open(t, tabled(t), calc.Options{})
	b.All()
	recalculate(t, b)
	if own, other := show(b, 1, 0, 0), show(b, 1, 0, 1); own != "8" || other != "#REF!" {
		t.Errorf("the sums are %s of the own table and %s of the other", own, other)
	}
}

// part returns a part of a file.
func part(t *testing.T, path, name string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	r, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestNameOfAreas holds that a name may stand for several areas, as the titles to print do in most workbooks that have them.
func TestNameOfAreas(t *testing.T) {
	b, _ := open(t, (&file{names: []string{"S"}, sheets: []string{`<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>`},
		extra: `<definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">S!$A:$A,S!$1:$1</definedName><definedName name="Ends">S!$A$1,S!$B$1</definedName></definedNames>`}).
		write(t, filepath.Join(t.TempDir(), "a.xlsx")), calc.Options{})
	if err := b.SetFormula(0, 4, 4, "SUM(Ends)", false); err != nil {
		t.Fatal(err)
	}
	recalculate(t, b)
	if got := show(b, 0, 4, 4); got != "3" {
		t.Errorf("the sum is %s", got)
	}
	if err := b.Define(-1, "Bad", "S!$A$1,"); err == nil || !strings.Contains(err.Error(), "(at character 7)") {
		t.Errorf("a name that ends with a comma: %v", err)
	}
}
