package calcconform

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestTranslate(t *testing.T) {
	for _, c := range [][2]string{
		{`SUM([.A1:.B2];3)`, `SUM(A1:B2,3)`},
		{`[$Sheet1.$A$1]+[.B2]`, `'Sheet1'!$A$1+B2`},
		{`['My sheet'.A1:.B2]`, `'My sheet'!A1:B2`},
		{`['It''s'.A1]`, `'It''s'!A1`},
		{`[Sheet1.A1:Sheet3.B2]`, `'Sheet1:Sheet3'!A1:B2`},
		{`SUM([.A:.C])`, `SUM(A:C)`},
		{`[.#REF!]`, `#REF!`},
		{`"a;b""c"&[.A1]`, `"a;b""c"&A1`},
		{`MMULT({1;2|3;"4;|"};[.A1])`, `MMULT({1,2;3,"4;|"},A1)`},
		{`AREAS([.A1]~[.B2])`, `AREAS((A1,B2))`},
		{`AREAS(([.A1]~[.B2]))`, `AREAS((A1,B2))`},
		{`SUM([.A1:.B2]![.B2:.C3])`, `SUM(A1:B2 B2:C3)`},
		{`IF([.A1];;2)`, `IF(A1,,2)`},
		{`PI()*1.5E-3`, `PI()*1.5E-3`},
		{`COM.MICROSOFT.FLOOR(1;2)+FLOOR(1;2)`, `FLOOR(1,2)+FLOOR.MATH(1,2)`},
		{`LEGACY.CHIDIST(1;2)`, `CHIDIST(1,2)`},
		{`CHISQDIST(1;2)`, `CHISQ.DIST(1,2,TRUE)`},
		{`BETADIST(1;2;3;4;5;FALSE())`, `BETA.DIST(1,2,3,FALSE(),4,5)`},
		{`FORMULA([.A1])`, `FORMULATEXT(A1)`},
		{`ISNA(#N/A)`, `ISNA(#N/A)`},
		{`Größe*2`, `Größe*2`},
	} {
		got, err := Translate(c[0])
		if err != nil || got != c[1] {
			t.Errorf("Translate(%s) is %s, %v; want %s", c[0], got, err, c[1])
		}
	}
	for _, src := range []string{
		`ORG.OPENOFFICE.EASTERSUNDAY(2020)`, `['file:///a.ods'#$Sheet1.A1]`, `'Label'`, `SUM(1;2`, `[.A1`, `{1;2`, `"a`, `1;2`, `)`,
		strings.Repeat("(", 10000),
	} {
		if got, err := Translate(src); err == nil {
			t.Errorf("Translate(%.40s) is %.40s, want an error", src, got)
		}
	}
}

// document is a sheet of checks, summed up on the first sheet as LibreOffice's are.
const document = `<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">
<office:body><office:spreadsheet>
<table:table table:name="Sheet1">
 <table:table-row><table:table-cell table:formula="of:=AND([Sheet2.C1:.C9])" office:value-type="boolean" office:boolean-value="true"/></table:table-row>
</table:table>
<table:table table:name="Sheet2">
 <table:table-row>
  <table:table-cell table:formula="of:=1+2" office:value-type="float" office:value="3" calcext:value-type="float"><text:p>3</text:p></table:table-cell>
  <table:table-cell office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell>
  <table:table-cell table:formula="of:=[.A1]=[.B1]" office:value-type="boolean" office:boolean-value="true"/>
  <table:table-cell table:number-columns-repeated="1021"/>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>
  <table:table-cell/>
  <table:table-cell table:formula="of:=[.A2]=[.B2]" office:value-type="boolean" office:boolean-value="false"/>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:=ORG.LIBREOFFICE.COLOR(1)" office:value-type="float" office:value="1"/>
  <table:table-cell office:value-type="float" office:value="1"/>
  <table:table-cell table:formula="of:=[.A3]=[.B3]" office:value-type="boolean" office:boolean-value="true"/>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:=&quot;x&quot;&amp;[.D4]" office:value-type="string" office:string-value="x y"/>
  <table:table-cell office:value-type="string"><text:p>x<text:s text:c="2"/>y</text:p></table:table-cell>
  <table:table-cell table:formula="of:=[.A4]=[.B4]" office:value-type="boolean" office:boolean-value="true"/>
  <table:table-cell office:value-type="string"><text:p>z</text:p></table:table-cell>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:={1;2|3;4}*10" table:number-matrix-rows-spanned="1" table:number-matrix-columns-spanned="2" office:value-type="float" office:value="10"/>
  <table:table-cell office:value-type="float" office:value="20"/>
  <table:table-cell table:formula="of:=[.B5]=20" office:value-type="boolean" office:boolean-value="true"/>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:=half+0" office:value-type="float" office:value="0.5"/>
  <table:table-cell office:value-type="time" office:time-value="PT12H00M00S"/>
  <table:table-cell table:formula="of:=[.A6]=[.B6]" office:value-type="boolean" office:boolean-value="true"/>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:=[.B7]" office:value-type="date" office:date-value="2024-06-15"/>
  <table:table-cell office:value-type="date" office:date-value="2024-06-15"/>
  <table:table-cell table:formula="of:=[.A7]=45458" office:value-type="boolean" office:boolean-value="true"/>
 </table:table-row>
 <table:table-row>
  <table:table-cell table:formula="of:=NO.SUCH(1)" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>Err:502</text:p></table:table-cell>
  <table:table-cell/>
  <table:table-cell table:formula="of:=TRUE" office:value-type="boolean" office:boolean-value="true"/>
 </table:table-row>
</table:table>
<table:named-expressions><table:named-range table:name="half" table:base-cell-address="$Sheet2.$A$1" table:cell-range-address="$Sheet2.$B$6"/></table:named-expressions>
</office:spreadsheet></office:body></office:document>`

func TestChecks(t *testing.T) {
	doc, err := Read(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	checks := Checks(doc, "text/x.fods")
	want := map[string]Outcome{"C1": Right, "C2": Void, "C3": Untranslatable, "C4": Wrong, "C5": Right, "C6": Right, "C7": Right, "C8": Right}
	if len(checks) != len(want) {
		t.Errorf("%d checks, want %d", len(checks), len(want))
	}
	for _, c := range checks {
		if w, ok := want[strings.TrimPrefix(c.Place, "Sheet2!")]; !ok || w != c.Outcome {
			t.Errorf("%s is %d, want %d: %+v", c.Place, c.Outcome, w, c)
		}
	}
	argued, err := ReadArgued(strings.NewReader("# Title\n\n- `text/x.fods Sheet2!C4` =\"x\"&D4: ours \"xz\"\n- `text/x.fods Sheet2!C90:C91` more\n"))
	if err != nil || len(argued) != 3 {
		t.Fatal(argued, err)
	}
	total := Count(checks, argued)
	if got := (Tally{Right: 5, Argued: 1, Untranslated: 1, Void: 1}); total != got {
		t.Errorf("the tally is %+v, want %+v", total, got)
	}
	var out strings.Builder
	Report(&out, checks, argued)
	for _, s := range []string{"7 checks: 5 right, 1 argued, 0 wrong, 1 not translated; 71.43 % of all are right, 83.33 % of the translated ones, with the argued ones 100.00 %", "Sheet2!C90, text/x.fods Sheet2!C91", "COLOR is a function of LibreOffice"} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("the report lacks %q:\n%s", s, &out)
		}
	}
}

func TestBookCircle(t *testing.T) {
	doc := &Document{Sheets: []*Sheet{{Name: "Sheet1", Cells: map[At]*Cell{
		{0, 0}: {Formula: "[.B1]+1"},
		{0, 1}: {Formula: "[.A1]+1"},
	}}}}
	if v := NewBook(doc).Cell(0, 0, 0); v.Kind() != cell.Number {
		t.Errorf("a circle is %v, want a number", v.Kind())
	}
}

func FuzzTranslate(f *testing.F) {
	for _, s := range []string{`SUM([.A1:.B2];{1|2};"x")`, `[$'a b'.A1]~[.B2]`, `COM.MICROSOFT.X(;)`} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { _, _ = Translate(s) })
}

func FuzzRead(f *testing.F) {
	f.Add(document)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<16 {
			t.Skip("no document of the tests is so long")
		}
		doc, err := Read(strings.NewReader(s))
		if err == nil && len(doc.Sheets) > 0 {
			NewBook(doc)
		}
	})
}
