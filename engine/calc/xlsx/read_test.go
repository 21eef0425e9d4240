package xlsx_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// metadata says that cm="1" marks a dynamic array and cm="2" does not, that vm="2" marks #SPILL! and vm="3" an error that is
// not known.
const metadata = `<metadata ` + ns + ` xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">
<metadataTypes count="2"><metadataType name="XLDAPR" minSupportedVersion="120000" cellMeta="1"/><metadataType name="XLRICHVALUE"/></metadataTypes>
<futureMetadata name="XLRICHVALUE" count="3"><bk><extLst><ext uri="{y}"><xda:rvb i="0"/></ext></extLst></bk><bk><extLst><ext uri="{y}"><xda:rvb i="1"/></ext></extLst></bk><bk><extLst><ext uri="{y}"><xda:rvb i="2"/></ext></extLst></bk></futureMetadata>
<futureMetadata name="XLDAPR" count="2"><bk><extLst><ext uri="{x}"><xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk>
<bk><extLst><ext uri="{x}"><xda:dynamicArrayProperties fDynamic="0" fCollapsed="0"/></ext></extLst></bk></futureMetadata>
<cellMetadata count="2"><bk><rc t="1" v="0"/></bk><bk><rc t="1" v="1"/></bk></cellMetadata><valueMetadata count="3"><bk><rc t="2" v="0"/></bk><bk><rc t="2" v="1"/></bk><bk><rc t="2" v="2"/></bk></valueMetadata></metadata>`

// rich are the parts that metadata refers to: a value that is no error, #SPILL!, and #BUSY!.
var rich = []part{{"xl/metadata.xml", metadata},
	{"xl/richData/rdrichvalue.xml", `<rvData count="3"><rv s="1"><v>x</v></rv><rv s="0"><v>1</v><v>8</v></rv><rv s="0"><v>1</v><v>14</v></rv></rvData>`},
	{"xl/richData/rdrichvaluestructure.xml", `<rvStructures count="2"><s t="_error"><k n="subType" t="i"/><k n="errorType" t="i"/></s><s t="_entity"><k n="a"/></s></rvStructures>`}}

func TestCells(t *testing.T) {
	for _, c := range []struct{ name, sheet, want string }{
		{"types", row(`<c r="A1"><v>1.5</v></c><c r="B1" t="n"><v>-2E-3</v></c><c r="C1" t="b"><v>1</v></c><c r="D1" t="e"><v>#N/A</v></c>` +
			`<c r="E1" t="s"><v>1</v></c><c r="F1" t="str"><v>a b</v></c><c r="G1" t="inlineStr"><is><t>in</t></is></c><c r="H1" t="d"><v>2024-01-01</v></c><c r="I1" s="7"/>`),
			`A1: 1.5;B1: -0.002;C1: true;D1: #N/A;E1: "one";F1: "a b";G1: "in";H1: 45292;I1: - style 7`},
		{"no references", data(`<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row><row r="9"><c><v>4</v></c></row><row><c r="C10"><v>5</v></c><c><v>6</v></c></row>`),
			`A1: 1;A2: 3;A9: 4;B1: 2;C10: 5;D10: 6`},
		{"any order", data(`<row r="3"><c r="B3"><v>1</v></c><c r="A3"><v>2</v></c></row><row r="1"><c r="A1"><v>3</v></c></row>`), `A1: 3;A3: 2;B3: 1`},
		{"text of XML", row(`<c r="A1" t="str"><f>"a"&amp;B1&lt;&#62;&#x3e;<![CDATA["<&"]]><!-- no --></f><v><![CDATA[<x>]]>&amp;amp;</v></c>`), `A1: "<x>&amp;" ="a"&B1<>>"<&"`},
		{"line ends", row("<c r=\"A1\" t=\"str\"><f>A2+\r\nA3</f><v>a\r\nb\rc\nd</v></c>"), "A1: \"a\\nb\\nc\\nd\" =A2+\nA3"},
		{"white space", row("<c r=\"A1\" t=\"str\"><v> a </v></c><c r=\"B1\" t=\"str\"><v xml:space=\"preserve\"> a </v></c><c r=\"C1\"><v>\n 5 \n</v></c><c r=\"D1\" t=\"b\"> <v> 0 </v> </c>"),
			`A1: "a";B1: " a ";C1: 5;D1: false`},
		{"escapes", row(`<c r="A1" t="str"><v>_x0041__x000D__x005F_x0041_ _xZZZZ_ _xD83D__xDE00_</v></c>`), "A1: \"A\\r_x0041_ _xZZZZ_ 😀\""},
		{"empty values", row(`<c r="A1"><v></v></c><c r="B1"><v/></c><c r="C1" t="str"><v></v></c><c r="D1" t="s"/><c r="E1"></c>`), `A1: -;B1: -;C1: "";D1: -;E1: -`},
		{"prefix", `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c>` +
			`<x:c r="B1"><x:f>A1</x:f><x:v>2</x:v></x:c><y:c r="C1"><y:v>3</y:v></y:c></x:row></x:sheetData></x:worksheet>`, `A1: "a";B1: 2 =A1`},
		{"extensions", `<?xml version="1.0"?><!-- a --><worksheet ` + ns + `><sheetPr><tabColor rgb="FF00FF00"/></sheetPr><sheetData><row r="1" x14ac:dyDescent="0.25"><c r="A1"><v>1</v><extLst><ext><c r="Z9"><v>9</v></c></ext></extLst></c>` +
			`<?go on?><extLst/></row></sheetData><extLst><ext><sheetData><row><c r="Z9"/></row></sheetData></ext></extLst></worksheet><!-- z -->`, `A1: 1`},
		{"quotes", row(`<c r='A1' t='str' ><f t = 'normal' >B1</f ><v >x</v ></c >`), `A1: "x" =B1`},
		{"rich text", row(`<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> and </t></r><rPh sb="0" eb="1"><t>phonetic</t></rPh><phoneticPr fontId="1"/><r><t>plain</t></r></is></c>`), `A1: "bold and plain"`},
		{"shared", data(`<row r="1"><c r="B1"><f t="shared" ref="B1:B3" si="0">A1*2</f><v>2</v></c></row><row r="2"><c r="B2"><f t="shared" si="0"/><v>4</v></c></row><row r="3"><c r="C3"><f t="shared" si="0"></f></c></row>`),
			`B1: 2 =A1*2 group 0;B2: 4 shared 0+1+0;C3: - shared 0+2+1`},
		{"child first, outside and above", data(`<row r="1"><c r="A1"><f t="shared" si="5"/><v>1</v></c><c r="C1"><f t="shared" ref="C1:C1" si="5">D1</f></c></row>`),
			`A1: 1 shared 0+0-2;C1: - =D1 group 0`},
		{"index given away again", row(`<c r="A1"><f t="shared" ref="A1:B1" si="0">X1</f></c><c r="B1"><f t="shared" si="0"/></c><c r="C1"><f t="shared" ref="C1:D1" si="0">Y1</f></c><c r="D1"><f t="shared" si="0"/></c>`),
			`A1: - =X1 group 0;B1: - shared 0+0+1;C1: - =Y1 group 1;D1: - shared 1+0+1`},
		{"shared without index", row(`<c r="A1"><f t="shared">B1</f></c>`), `A1: - =B1`},
		{"arrays", row(`<c r="A1"><f t="array" ref="A1:A3">B1:B3*2</f><v>1</v></c><c r="C1" cm="1"><f t="array" ref="C1:D9">SEQUENCE(9,2)</f><v>1</v></c><c r="E1" cm="2"><f t="array" ref="E1">F1</f></c><c r="G1" cm="8"><f t="array" ref="G1">F1</f></c>`),
			`A1: 1 {=B1:B3*2} A1:A3;C1: 1 dynamic =SEQUENCE(9,2) C1:D9;E1: - {=F1} E1;G1: - {=F1} G1`},
		{"data tables", row(`<c r="B2"><f t="dataTable" ref="B2:D5" dt2D="1" dtr="1" r1="H1" r2="H2"/><v>3</v></c><c r="J2"><f t="dataTable" ref="J2:J5" dt2D="0" dtr="0" r1="H1" ca="1"/></c>`),
			`B2: 3 table B2:D5 of [H1 H2] by row;J2: - table J2:J5 of [H1] always`},
		{"odd formulas", row(`<c r="A1"><f/><v>1</v></c><c r="B1"><f></f></c><c r="C1"><f>=1+1</f></c><c r="D1"><f ca="1"> NOW() </f></c>`), `A1: 1;B1: -;C1: - =1+1;D1: - =NOW() always`},
		{"numbers", row(`<c r="A1"><v>0.1</v></c><c r="B1"><v>12345678901234567890</v></c><c r="C1"><v>1.7976931348623157E+308</v></c><c r="D1"><v>1E999</v></c><c r="E1"><v>-0</v></c><c r="F1"><v>4.9406564584124654E-324</v></c><c r="G1"><v>1e-999</v></c><c r="H1"><v>+.5</v></c>`),
			`A1: 0.1;B1: 1.2345678901234567e+19;C1: 1.7976931348623157e+308;D1: #NUM!;E1: 0;F1: 5e-324;G1: 0;H1: 0.5`},
		{"a new error", row(`<c r="A1" t="e"><v>#PYTHON!</v></c><c r="B1" t="e"><v>#DIV/0!</v></c>`), `A1: #UNKNOWN!;B1: #DIV/0!`},
		{"errors of rich values", row(`<c r="A1" t="e" vm="2"><v>#VALUE!</v></c><c r="B1" t="e" vm="1"><v>#VALUE!</v></c><c r="C1" t="e" vm="3"><v>#VALUE!</v></c><c r="D1" t="e" vm="9"><v>#VALUE!</v></c><c r="E1" vm="2"><v>1</v></c>`),
			`A1: #SPILL!;B1: #VALUE!;C1: #UNKNOWN!;D1: #VALUE!;E1: 1`},
		{"twice", row(`<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>`), `A1: 2`},
		{"nothing", `<worksheet ` + ns + `><sheetData/></worksheet>`, ``},
		{"no data at all", `<worksheet ` + ns + `/>`, ``},
		{"byte order mark", "\ufeff" + row(`<c r="A1"><v>1</v></c>`), `A1: 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := open(t, pack(t, book(c.sheet, rich...)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := read(f)
			if err != nil {
				t.Fatal(err)
			}
			if g := strings.TrimSuffix(strings.ReplaceAll(lines(got[0].cells), "\n", ";"), ";"); g != strings.ReplaceAll(c.want, "\n", ";") {
				t.Errorf("got  %s\nwant %s", g, c.want)
			}
		})
	}
}

func TestSheetEnd(t *testing.T) {
	sheet := `<worksheet ` + ns + `><dimension ref="A1:Z99"/><sheetData><row r="2" hidden="1"><c r="B2"><v>1</v></c><c r="Y2" s="3"/></row><row r="3" hidden="0"/><row r="4" hidden="true">` +
		`<c r="C4"><f t="array" ref="C4:D7">X</f></c></row></sheetData><autoFilter ref="A1:D9"><filterColumn colId="0"><filters><filter val="x"/></filters></filterColumn><filterColumn colId="1"/></autoFilter></worksheet>`
	f, err := open(t, pack(t, book(sheet)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(f)
	if err != nil {
		t.Fatal(err)
	}
	e := got[0].end
	if len(got[0].hidden) != 2 || got[0].hidden[0] != 1 || got[0].hidden[1] != 3 {
		t.Errorf("hidden rows %v, want 1 and 3", got[0].hidden)
	}
	if !e.Any || e.Used.String() != "B2:D7" || e.Cells != 3 || e.Formulas != 1 {
		t.Errorf("used %v %v, %d cells, %d formulas; want B2:D7, 3, 1", e.Any, e.Used, e.Cells, e.Formulas)
	}
	if len(e.Filters) != 1 || e.Filters[0].String() != "A1:D9" {
		t.Errorf("filters %v, want A1:D9", e.Filters)
	}
}

// TestBadSheets: each fault is a sentence that names sheet, cell and part.
func TestBadSheets(t *testing.T) {
	for _, c := range []struct{ name, sheet, want string }{
		{"shared index unknown", data(`<row r="7"><c r="C7"><f t="shared" si="3"/></c></row>`), "sheet Budget, cell C7 (xl/worksheets/sheet1.xml of test.xlsx): no cell has the text of its shared formula, number 3"},
		{"no such string", row(`<c r="A1" t="s"><v>2</v></c>`), "cell A1 (xl/worksheets/sheet1.xml of test.xlsx): it holds shared string 2, of which there are 2"},
		{"no number", row(`<c r="B1"><v>0x1p3</v></c>`), `cell B1 (xl/worksheets/sheet1.xml of test.xlsx): "0x1p3" is no number`},
		{"nan", row(`<c r="B1"><v>NaN</v></c>`), `"NaN" is no number`},
		{"type", row(`<c r="B1" t="x"/>`), `cell B1 (xl/worksheets/sheet1.xml of test.xlsx): the type "x" is none of a cell`},
		{"place", row(`<c r="1B"/>`), `a cell stands at "1B", where no cell is`},
		{"column beyond the last", row(`<c r="XFE1"/>`), `a cell stands at "XFE1"`},
		{"row beyond the last", data(`<row r="1048577"/>`), `sheet Budget (xl/worksheets/sheet1.xml of test.xlsx): there is no row "1048577"`},
		{"one column too many", row(`<c r="XFD1"/><c/>`), "row 1 has a cell beyond column XFD"},
		{"one row too many", data(`<row r="1048576"/><row/>`), "a row lies beyond row 1048576"},
		{"array without area", row(`<c r="B1"><f t="array">1</f></c>`), "cell B1 (xl/worksheets/sheet1.xml of test.xlsx): its formula fills an area that is not said"},
		{"array elsewhere", row(`<c r="B1"><f t="array" ref="C1:C2">1</f></c>`), "its array formula fills C1:C2, where it is not"},
		{"formula type", row(`<c r="B1"><f t="odd">1</f></c>`), `the type "odd" is none of a formula`},
		{"element in text", row(`<c r="B1"><v>1<b/></v></c>`), "an element stands where text should"},
		{"two values", row(`<c r="B1"><v>1</v><v>2</v></c>`), "it has two elements v"},
		{"cut", `<worksheet ` + ns + `><sheetData><row r="1"><c r="A1"><v>1`, "its XML ends in the middle of an element"},
		{"cut before the end", `<worksheet ` + ns + `><sheetData></sheetData>`, "its XML ends in the middle of an element"},
		{"crossed", row(`<c r="B1"><v>1</c></v>`), "the element v is not closed"},
		{"row closed by another", data(`<row r="1"></sheetData>`), "the element row is not closed"},
		{"entity", row(`<c r="B1" t="str"><v>&xxe;</v></c>`), "cell B1 (xl/worksheets/sheet1.xml of test.xlsx): the entity &xxe; is not declared"},
		{"bare ampersand", row(`<c r="B1" t="str"><v>a & b</v></c>`), "an & that begins no character reference"},
		{"control character", row("<c r=\"B1\" t=\"str\"><v>a\x01</v></c>"), "the text holds a control character"},
		{"not UTF-8", row("<c r=\"B1\" t=\"str\"><v>a\xff</v></c>"), "the text is not UTF-8"},
		{"DTD", `<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + row(`<c r="A1" t="str"><v>&x;</v></c>`), "it has a document type declaration (DTD)"},
		{"UTF-16", "\xff\xfe<\x00w\x00", "it is in UTF-16"},
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + row(``), `it is in the encoding "ISO-8859-1"; only UTF-8 is read`},
		{"no XML", "hello", "it is no XML"},
		{"empty", "", "its XML ends in the middle of an element"},
		{"another root", `<html></html>`, `its root element is "html", not worksheet`},
		{"too deep", `<worksheet ` + ns + `>` + strings.Repeat("<a>", 300), "nested more than 256 deep"},
		{"too deep in a cell", row(`<c r="A1">` + strings.Repeat("<a>", 300)), "nested more than 256 deep"},
		{"behind the end", row(``) + `<c/>`, "something stands behind its root element"},
		{"long element", row(`<c r="A1" t="str"><v>` + strings.Repeat("ab", 9<<20) + `</v></c>`), "an element is longer than 16 MiB"},
		{"broken tag", row(`<c r=A1><v>1</v></c>`), "a tag is broken"},
		{"date", row(`<c r="A1" t="d"><v>yesterday</v></c>`), `its date is "yesterday"`},
		{"boolean", row(`<c r="A1" t="b"><v>2</v></c>`), `its boolean is "2"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := open(t, pack(t, book(c.sheet)))
			if err == nil {
				_, err = read(f)
			}
			if err == nil {
				t.Fatalf("no error, want %q", c.want)
			}
			if got := err.Error(); !strings.Contains(got, c.want) || !strings.Contains(got, "sheet Budget") || !strings.Contains(got, "sheet1.xml") {
				t.Errorf("got %q, want %q with sheet and part", got, c.want)
			}
		})
	}
}

// TestCancel: reading ends soon after the context does, also in the middle of a sheet, and progress adds up before.
func TestCancel(t *testing.T) {
	f, err := open(t, pack(t, book(data(strings.Repeat(`<row><c><v>1</v></c></row>`, 1<<17)))))
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Int64
	if err := f.Read(context.Background(), func(int) xlsx.Sink { return &counter{} }, func(n int64) { done.Add(n) }); err != nil {
		t.Fatal(err)
	}
	if done.Load() != f.Bytes() {
		t.Errorf("progress tells of %d bytes, the file has %d", done.Load(), f.Bytes())
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done.Store(0)
	err = f.Read(ctx, func(int) xlsx.Sink { return &counter{} }, func(n int64) {
		if done.Add(n) > 1<<20 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || done.Load() > 2<<20 {
		t.Errorf("got %v after %d bytes, want to be canceled after about a MiB", err, done.Load())
	}
	stop := errors.New("enough")
	err = f.Read(context.Background(), func(int) xlsx.Sink { return &failing{err: stop} }, nil)
	if !errors.Is(err, stop) || !strings.Contains(err.Error(), "sheet Budget, cell A3") {
		t.Errorf("got %v, want the sink's error with its cell", err)
	}
}

// failing is a sink that fails at its third cell.
type failing struct {
	counter
	n   int
	err error
}

func (s *failing) Cell(*xlsx.Cell) error {
	if s.n++; s.n == 3 {
		return s.err
	}
	return nil
}
