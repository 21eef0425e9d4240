package xlsx_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

func TestWorkbook(t *testing.T) {
	parts := book(row(``),
		part{"xl/workbook.xml", `<workbook ` + ns + ` ` + nsRel + `><workbookPr date1904="1"/><sheets><sheet name="Budget &amp; plan" sheetId="4" r:id="rId1"/><sheet name="Chart" sheetId="2" state="hidden" r:id="rId9"/>` +
			`<sheet name="Module1" sheetId="3" state="veryHidden" r:id=""/></sheets><externalReferences><externalReference r:id="rId8"/></externalReferences>` +
			`<definedNames><definedName name="Rate">Budget!$A$1</definedName><definedName name="_xlnm.Print_Area" localSheetId="0" hidden="1">A1:B2</definedName></definedNames>` +
			`<calcPr calcId="1" calcMode="manual" iterate="1" iterateCount="7" iterateDelta="0.5" fullCalcOnLoad="true"/></workbook>`},
		part{"xl/_rels/workbook.xml.rels", pkgRel + rel("rId1", "worksheet", "/xl/worksheets/sheet1.xml") + rel("rId9", "chartsheet", "chartsheets/sheet1.xml") + rel("rId4", "styles", "styles.xml") +
			rel("rId8", "externalLink", "externalLinks/externalLink1.xml") + `</Relationships>`},
		part{"xl/externalLinks/_rels/externalLink1.xml.rels", pkgRel + `<Relationship Id="rId1" Type="x/externalLinkPath" Target="other.xlsx" TargetMode="External"/></Relationships>`},
		part{"xl/styles.xml", `<styleSheet ` + ns + `><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm&quot;x&quot;"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="77"/></cellXfs></styleSheet>`},
		part{"xl/worksheets/_rels/sheet1.xml.rels", pkgRel + rel("rId1", "table", "../tables/table1.xml") + `</Relationships>`},
		part{"xl/tables/table1.xml", `<table ` + ns + ` id="1" name="T1" displayName="Sales" ref="B2:C5" totalsRowCount="1"><autoFilter ref="B2:C4"><filterColumn colId="0"/></autoFilter>` +
			`<tableColumns count="2"><tableColumn id="1" name="Unit_x000A_price"/><tableColumn id="2" name="Sum"><calculatedColumnFormula>Sales[Unit price]*2</calculatedColumnFormula></tableColumn></tableColumns></table>`})
	f, err := open(t, pack(t, parts))
	if err != nil {
		t.Fatal(err)
	}
	want := &xlsx.Workbook{
		Sheets: []xlsx.Sheet{{Name: "Budget & plan", Part: "xl/worksheets/sheet1.xml"}, {Name: "Chart", Visibility: xlsx.Hidden, Kind: xlsx.ChartSheet, Part: "xl/chartsheets/sheet1.xml"},
			{Name: "Module1", Visibility: xlsx.VeryHidden, Kind: xlsx.NoSheet}},
		Names: []xlsx.Name{{Name: "Rate", Sheet: -1, Formula: "Budget!$A$1"}, {Name: "_xlnm.Print_Area", Sheet: 0, Formula: "A1:B2", Hidden: true}},
		Tables: []xlsx.Table{{Sheet: 0, Name: "Sales", Area: cell.Area{R0: 1, C0: 1, R1: 4, C1: 2}, HeaderRows: 1, TotalsRows: 1, Filter: true,
			Columns: []xlsx.Column{{Name: "Unit\nprice"}, {Name: "Sum", Formula: "Sales[Unit price]*2"}}}},
		Externals: []xlsx.External{{Target: "other.xlsx"}},
		Dates:     cell.Dates1904,
		Calc:      xlsx.Calc{Mode: "manual", FullOnLoad: true, Iterate: true, Count: 7, Delta: 0.5},
		Formats:   []string{"General", `yyyy\-mm"x"`, "m/d/yyyy", "General"},
	}
	if got := f.Workbook(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := f.Workbook().Format(99); got != "General" {
		t.Errorf("format of no style: %q", got)
	}
}

// TestStrict: the strict form has other namespaces and dates as text.
func TestStrict(t *testing.T) {
	const pur = "http://purl.oclc.org/ooxml/"
	f, err := open(t, pack(t, book(`<worksheet xmlns="`+pur+`spreadsheetml/main"><sheetData><row r="1"><c r="A1" t="d"><v>1900-03-01T12:00:00</v></c></row></sheetData></worksheet>`,
		part{"_rels/.rels", strings.ReplaceAll(pkgRel+rel("rId1", "officeDocument", "xl/workbook.xml")+`</Relationships>`, relURI, pur+"officeDocument/relationships/")},
		part{"xl/workbook.xml", `<workbook xmlns="` + pur + `spreadsheetml/main" xmlns:r="` + pur + `officeDocument/relationships"><sheets><sheet name="Budget" sheetId="1" r:id="rId1"/></sheets></workbook>`})))
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].cells["A1"] != "61.5" {
		t.Errorf("got %s, want 61.5: 1 March 1900 at noon", got[0].cells["A1"])
	}
}

func TestSharedStrings(t *testing.T) {
	sst := `<sst ` + ns + ` count="9"><si><t>a</t></si><si><t xml:space="preserve"> b </t></si><si><r><rPr/><t>c</t></r><r><t>d</t></r></si><si><t>e</t><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></si>` +
		`<si/><si><t/></si><!-- c --><si><t>a</t></si><si><t>_x000D_&lt;</t></si><extLst><ext/></extLst></sst>`
	var cells strings.Builder
	for i := range 8 {
		fmt.Fprintf(&cells, `<c t="s"><v>%d</v></c>`, i)
	}
	f, err := open(t, pack(t, book(row(cells.String()), part{"xl/sharedStrings.xml", sst})))
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	want := "A1: \"a\"\nB1: \" b \"\nC1: \"cd\"\nD1: \"e\"\nE1: \"\"\nF1: \"\"\nG1: \"a\"\nH1: \"\\r<\"\n"
	if g := lines(got[0].cells); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

func TestBadParts(t *testing.T) {
	for _, c := range []struct {
		name string
		part part
		want string
	}{
		{"strings", part{"xl/sharedStrings.xml", `<sst><si><t>a</t></si><si><t>&b;</t></si></sst>`}, "part xl/sharedStrings.xml of test.xlsx: shared string 1: the entity &b; is not declared"},
		{"strings cut", part{"xl/sharedStrings.xml", `<sst><si><t>a</t></si><si><t>`}, "part xl/sharedStrings.xml of test.xlsx: its XML ends in the middle of an element"},
		{"strings with DTD", part{"xl/sharedStrings.xml", `<!DOCTYPE sst><sst/>`}, "part xl/sharedStrings.xml of test.xlsx: it has a document type declaration"},
		{"workbook", part{"xl/workbook.xml", `<workbook><sheets>`}, "part xl/workbook.xml of test.xlsx: its XML is broken"},
		{"workbook in UTF-16", part{"xl/workbook.xml", "\xfe\xff\x00<"}, "part xl/workbook.xml of test.xlsx: it is in UTF-16"},
		{"no sheets", part{"xl/workbook.xml", `<workbook/>`}, "the workbook has no sheets"},
		{"sheet without part", part{"xl/workbook.xml", `<workbook ` + nsRel + `><sheets><sheet name="A" r:id="rId7"/></sheets></workbook>`}, `sheet A is linked to no part (relationship "rId7")`},
		{"one part for two sheets", part{"xl/workbook.xml", `<workbook ` + nsRel + `><sheets><sheet name="A" r:id="rId1"/><sheet name="B" r:id="rId1"/></sheets></workbook>`}, "sheet B (xl/worksheets/sheet1.xml of test.xlsx): sheet A is the same part"},
		{"one name for two sheets", part{"xl/workbook.xml", `<workbook ` + nsRel + `><sheets><sheet name="A" r:id="rId1"/><sheet name="a" r:id="rId2"/></sheets></workbook>`}, "two sheets have the name a"},
		{"name of no sheet", part{"xl/workbook.xml", `<workbook ` + nsRel + `><sheets><sheet name="A" r:id="rId1"/></sheets><definedNames><definedName name="N" localSheetId="3">1</definedName></definedNames></workbook>`}, "the name N belongs to sheet number 3 of 1"},
		{"binary", part{"_rels/.rels", pkgRel + rel("rId1", "officeDocument", "xl/workbook.bin") + `</Relationships>`}, "the workbook is in the binary format .xlsb"},
		{"no document", part{"_rels/.rels", pkgRel + `</Relationships>`}, "the zip file holds no office document"},
		{"no workbook", part{"_rels/.rels", pkgRel + rel("rId1", "officeDocument", "xl/none.xml") + `</Relationships>`}, "part xl/none.xml of test.xlsx: the part is missing"},
		{"no strings", part{"xl/_rels/workbook.xml.rels", pkgRel + rel("rId1", "worksheet", "worksheets/sheet1.xml") + rel("rId2", "sharedStrings", "none.xml") + `</Relationships>`}, "part xl/none.xml of test.xlsx: the part is missing"},
		{"deep", part{"xl/workbook.xml", strings.Repeat("<a>", 1000)}, "elements are nested more than 256 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := open(t, pack(t, book(row(``), c.part)))
			if err == nil {
				_, err = read(f)
			}
			var e *xlsx.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
