package xlsx_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// values makes the map of a fixed source.
func values(pairs ...any) map[string]cell.Value {
	m := map[string]cell.Value{}
	for i := 0; i < len(pairs); i += 2 {
		var v cell.Value
		switch x := pairs[i+1].(type) {
		case float64:
			v = cell.Num(x)
		case int:
			v = cell.Num(float64(x))
		case string:
			v = cell.Str(x)
		case bool:
			v = cell.Truth(x)
		case cell.ErrorCode:
			v = cell.Err(x)
		}
		m[pairs[i].(string)] = v
	}
	return m
}

// rewrite writes a workbook with a source and returns the path of the copy.
func rewrite(t *testing.T, b []byte, src *fixed) (string, error) {
	t.Helper()
	path := save(t, b)
	f, err := xlsx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	src.strings = f.Strings()
	dst := filepath.Join(filepath.Dir(path), "out.xlsx")
	return dst, f.Write(context.Background(), dst, src, nil)
}

func TestPatch(t *testing.T) {
	for _, c := range []struct {
		name, sheet string
		src         fixed
		want        string
	}{
		{"number", row(`<c r="A1"  s="3" ><f>B1</f><v>1</v></c><c r="B1"><v>2.50</v></c>`), fixed{values: values("A1", 0.1, "B1", 2.5)},
			row(`<c r="A1"  s="3" ><f>B1</f><v>0.1</v></c><c r="B1"><v>2.50</v></c>`)},
		{"kinds", row(`<c r="A1"><f>X</f><v>1</v></c><c r="B1"><f>X</f><v>1</v></c><c r="C1"><f>X</f><v>1</v></c><c r="D1"><f>X</f><v>1</v></c>`),
			fixed{values: values("A1", true, "B1", cell.ErrDiv, "C1", " a<b>&\x01_x0041_ ", "D1", nil)},
			row(`<c r="A1" t="b"><f>X</f><v>1</v></c><c r="B1" t="e"><f>X</f><v>#DIV/0!</v></c><c r="C1" t="str"><f>X</f><v xml:space="preserve"> a&lt;b&gt;&amp;_x0001__x005F_x0041_ </v></c><c r="D1"><f>X</f></c>`)},
		{"type changes", row(`<c r="A1" t="str" s="1"><f>X</f><v>old</v></c><c t="e" r="B1"><f>X</f><v>#N/A</v></c><c r="C1" t="b"><f>X</f><v>0</v></c>`),
			fixed{values: values("A1", 5, "B1", "new", "C1", false)},
			row(`<c r="A1" s="1"><f>X</f><v>5</v></c><c t="str" r="B1"><f>X</f><v>new</v></c><c r="C1" t="b"><f>X</f><v>0</v></c>`)},
		{"no value before", row(`<c r="A1"><f>X</f></c><c r="B1"><f t="shared" si="0"/></c><c r="C1" s="2"/><c r="D1"></c><c r="E1"><v/><f>X</f></c>`),
			fixed{values: values("A1", 1, "B1", 2, "C1", 3, "D1", 4, "E1", 5)},
			row(`<c r="A1"><f>X</f><v>1</v></c><c r="B1"><f t="shared" si="0"/><v>2</v></c><c r="C1" s="2"><v>3</v></c><c r="D1"><v>4</v></c><c r="E1"><v>5</v><f>X</f></c>`)},
		{"same values in other words", row(`<c r="A1"><f>X</f><v>1.0E0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="str"><f>X</f><v>a&#62;</v></c><c r="D1" t="b"><v>true</v></c><c r="E1" t="d"><v>2024-01-01</v></c><c r="F1"><f>X</f><v>-0</v></c><c r="G1" t="str"><f>X</f><v></v></c><c r="H1"/>`),
			fixed{values: values("A1", 1, "B1", "one", "C1", "a>", "D1", true, "E1", 45292, "F1", 0, "G1", "", "H1", nil)},
			row(`<c r="A1"><f>X</f><v>1.0E0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="str"><f>X</f><v>a&#62;</v></c><c r="D1" t="b"><v>true</v></c><c r="E1" t="d"><v>2024-01-01</v></c><c r="F1"><f>X</f><v>-0</v></c><c r="G1" t="str"><f>X</f><v></v></c><c r="H1"/>`)},
		{"strings replaced", row(`<c r="A1" t="s"><v>1</v></c><c r="B1" t="inlineStr"><is><t>x</t></is></c><c r="C1" t="inlineStr"><is><t>x</t></is><extLst/></c>`),
			fixed{values: values("A1", 7, "B1", 8, "C1", "x")},
			row(`<c r="A1"><v>7</v></c><c r="B1"><v>8</v></c><c r="C1" t="inlineStr"><is><t>x</t></is><extLst/></c>`)},
		{"everything else stays", "<?xml version='1.0'?>\r\n<!-- c --><worksheet " + ns + "\n><sheetData >\n <row r='1' >\n  <c r='A1' ><f >B1</f> <!-- k --><v >1</v ></c >\n </row >\n</sheetData ><x/></worksheet>\n",
			fixed{values: values("A1", 2)},
			"<?xml version='1.0'?>\r\n<!-- c --><worksheet " + ns + "\n><sheetData >\n <row r='1' >\n  <c r='A1' ><f >B1</f> <!-- k --><v>2</v></c >\n </row >\n</sheetData ><x/></worksheet>\n"},
		{"prefix", `<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1"/></x:row></x:sheetData></x:worksheet>`,
			fixed{values: values("A1", 1, "B1", "t", "A2", 3), edits: []xlsx.Edit{edit("B1", ""), edit("A2", "A1+2")}},
			`<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="B1" t="inlineStr"><x:is><x:t>t</x:t></x:is></x:c></x:row><x:row r="2"><x:c r="A2"><x:f>A1+2</x:f><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>`},
		{"inserted", `<worksheet><dimension ref="B2:C3"/><sheetData><row r="2" spans="2:3" s="4" customFormat="1"><c r="B2"><v>1</v></c><c r="D2"><v>1</v></c></row><row r="4"/><row r="6"></row></sheetData></worksheet>`,
			fixed{values: values("A1", 1, "A2", 2, "C2", 3, "E2", 4, "A4", 5, "B4", 6, "A5", 7, "A6", 8, "A7", 9, "B7", 10),
				edits: []xlsx.Edit{edit("A1", ""), edit("A2", ""), edit("C2", ""), edit("E2", ""), edit("A4", ""), {Row: 3, Col: 1, Style: 9}, edit("A5", ""), edit("A6", ""), edit("A7", ""), edit("B7", "")}},
			`<worksheet><dimension ref="A1:E7"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2" spans="1:5" s="4" customFormat="1"><c r="A2" s="4"><v>2</v></c><c r="B2"><v>1</v></c><c r="C2" s="4"><v>3</v></c><c r="D2"><v>1</v></c><c r="E2" s="4"><v>4</v></c></row>` +
				`<row r="4"><c r="A4"><v>5</v></c><c r="B4" s="9"><v>6</v></c></row><row r="5"><c r="A5"><v>7</v></c></row><row r="6"><c r="A6"><v>8</v></c></row><row r="7"><c r="A7"><v>9</v></c><c r="B7"><v>10</v></c></row></sheetData></worksheet>`},
		{"inserted into nothing", `<worksheet><sheetData/><x/></worksheet>`, fixed{values: values("B2", 1), edits: []xlsx.Edit{edit("B2", "")}},
			`<worksheet><sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData><x/></worksheet>`},
		{"inserted without order", data(`<row r="3"><c r="C3"/><c r="A3"/></row><row r="1"><c r="A1"><v>1</v></c></row>`),
			fixed{values: values("B3", 1, "A1", 2, "A2", 3, "D3", 4, "B1", 5), edits: []xlsx.Edit{edit("A1", ""), edit("B1", ""), edit("A2", ""), edit("B3", ""), edit("D3", "")}},
			data(`<row r="2"><c r="A2"><v>3</v></c></row><row r="3"><c r="B3"><v>1</v></c><c r="C3"/><c r="A3"/><c r="D3"><v>4</v></c></row><row r="1"><c r="A1"><v>2</v></c><c r="B1"><v>5</v></c></row>`)},
		{"formulas set and removed", row(`<c r="A1"><v>1</v></c><c r="B1" t="str"><f>X</f><v>x</v></c><c r="C1" cm="1" t="str"><f t="array" ref="C1:C2">X</f><v>x</v></c><c r="D1"/>`),
			fixed{values: values("A1", 3, "B1", "typed", "C1", 6, "D1", 7), edits: []xlsx.Edit{edit("A1", "1+2"), edit("B1", ""), edit("C1", `IF(A1<2,"a ",6)`), {Row: 0, Col: 3, Formula: "Y", Array: &cell.Area{C0: 3, C1: 3, R1: 4}}}},
			row(`<c r="A1"><f>1+2</f><v>3</v></c><c r="B1" t="inlineStr"><is><t>typed</t></is></c><c r="C1"><f>IF(A1&lt;2,"a ",6)</f><v>6</v></c><c r="D1"><f t="array" ref="D1:D5">Y</f><v>7</v></c>`)},
		{"the text of a shared formula", row(`<c r="A1"><f t="shared" ref="A1:C1" si="0">X1</f><v>1</v></c><c r="B1"><f t="shared" si="0"/><v>2</v></c><c r="C1"><f t="shared" si="1" ref="C1:D1">W1</f><v>3</v></c><c r="D1"><f t="shared" si="1"/><v>4</v></c>`),
			fixed{values: values("A1", 9, "B1", 2), edits: []xlsx.Edit{edit("A1", "")}, formulas: map[string]string{"B1": "Y1"}},
			row(`<c r="A1"><v>9</v></c><c r="B1"><f>Y1</f><v>2</v></c><c r="C1"><f t="shared" si="1" ref="C1:D1">W1</f><v>3</v></c><c r="D1"><f t="shared" si="1"/><v>4</v></c>`)},
		{"a child of a shared formula", row(`<c r="A1"><f t="shared" ref="A1:B1" si="0">X1</f><v>1</v></c><c r="B1"><f t="shared" si="0"/><v>2</v></c>`),
			fixed{values: values("B1", "z"), edits: []xlsx.Edit{edit("B1", "Z")}},
			row(`<c r="A1"><f t="shared" ref="A1:B1" si="0">X1</f><v>1</v></c><c r="B1" t="str"><f>Z</f><v>z</v></c>`)},
		{"a dynamic array grows", row(`<c r="A1" cm="1"><f t="array" ref="A1:A2">X</f><v>1</v></c>`),
			fixed{values: values("A1", 1, "B1", "b"), areas: map[string]cell.Area{"A1": {C1: 1}}, edits: []xlsx.Edit{{Row: 0, Col: 1, Spilled: true}}},
			row(`<c r="A1" cm="1"><f t="array" ref="A1:B1">X</f><v>1</v></c><c r="B1" t="str"><v>b</v></c>`)},
		{"newer errors", row(`<c r="A1" t="e" vm="2"><f>X</f><v>#VALUE!</v></c><c r="B1" vm="2" t="e"><f>X</f><v>#VALUE!</v></c><c r="C1"><f>X</f><v>1</v></c><c r="D1" t="e"><f>X</f><v>#VALUE!</v></c><c r="E1" t="e" vm="2"><f>X</f><v>#VALUE!</v></c>`),
			fixed{values: values("A1", cell.ErrSpill, "B1", 2, "C1", cell.ErrSpill, "D1", cell.ErrCalc, "E1", cell.ErrCalc)},
			row(`<c r="A1" t="e" vm="2"><f>X</f><v>#VALUE!</v></c><c r="B1"><f>X</f><v>2</v></c><c r="C1" t="e" vm="2"><f>X</f><v>#VALUE!</v></c><c r="D1" t="e"><f>X</f><v>#VALUE!</v></c><c r="E1" t="e"><f>X</f><v>#VALUE!</v></c>`)},
		{"numbers", row(`<c r="A1"/><c r="B1"/><c r="C1"/><c r="D1"/><c r="E1"/><c r="F1"/>`),
			fixed{values: values("A1", 1e15, "B1", math.Nextafter(0.3, 1), "C1", -1e-7, "D1", math.MaxFloat64, "E1", 123456789012345.0, "F1", 0.00012)},
			row(`<c r="A1"><v>1E+15</v></c><c r="B1"><v>0.30000000000000004</v></c><c r="C1"><v>-1E-07</v></c><c r="D1"><v>1.7976931348623157E+308</v></c><c r="E1"><v>123456789012345</v></c><c r="F1"><v>0.00012</v></c>`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst, err := rewrite(t, pack(t, book(c.sheet, rich...)), &c.src)
			if err != nil {
				t.Fatal(err)
			}
			if _, parts := readParts(t, dst); parts["xl/worksheets/sheet1.xml"] != c.want {
				t.Errorf("got  %s\nwant %s", parts["xl/worksheets/sheet1.xml"], c.want)
			}
		})
	}
}

// chained is a workbook with a calculation chain.
func chained(t *testing.T) []byte {
	return pack(t, book(row(`<c r="A1"><f>X</f><v>1</v></c><c r="B1"><v>1</v></c>`),
		part{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/calcChain.xml" ContentType="c"/><Override PartName="/b" ContentType="c"/></Types>`},
		part{"xl/_rels/workbook.xml.rels", pkgRel + rel("rId1", "worksheet", "worksheets/sheet1.xml") + rel("rId2", "calcChain", "calcChain.xml") + rel("rId4", "styles", "styles.xml") + `</Relationships>`},
		part{"xl/calcChain.xml", `<calcChain ` + ns + `><c r="A1" i="1"/></calcChain>`}))
}

func TestCalculationChain(t *testing.T) {
	for _, c := range []struct {
		name string
		src  fixed
		kept bool
	}{
		{"a value of a formula", fixed{values: values("A1", 2)}, true},
		{"a value", fixed{values: values("B1", 2), edits: []xlsx.Edit{edit("B1", "")}}, true},
		{"a formula set", fixed{values: values("B1", 2), edits: []xlsx.Edit{edit("B1", "A1")}}, false},
		{"a formula removed", fixed{values: values("A1", 2), edits: []xlsx.Edit{edit("A1", "")}}, false},
		{"a formula inserted", fixed{values: values("C1", 2), edits: []xlsx.Edit{edit("C1", "A1")}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst, err := rewrite(t, chained(t), &c.src)
			if err != nil {
				t.Fatal(err)
			}
			names, parts := readParts(t, dst)
			kept := slices.Contains(names, "xl/calcChain.xml")
			linked := strings.Contains(parts["xl/_rels/workbook.xml.rels"], "calcChain")
			typed := strings.Contains(parts["[Content_Types].xml"], "calcChain")
			if kept != c.kept || linked != c.kept || typed != c.kept {
				t.Errorf("part %v, link %v, type %v; want all %v", kept, linked, typed, c.kept)
			}
			if !strings.Contains(parts["[Content_Types].xml"], `<Override PartName="/b" ContentType="c"/>`) {
				t.Error("another type is gone")
			}
		})
	}
}

// TestNothingChanged: a source without news leaves every compressed byte of the parts.
func TestNothingChanged(t *testing.T) {
	b := chained(t)
	for _, always := range []bool{false, true} {
		dst, err := rewrite(t, b, &fixed{always: always})
		if err != nil {
			t.Fatal(err)
		}
		names, parts := readParts(t, dst)
		wantNames, want := readParts(t, save(t, b))
		if !slices.Equal(names, wantNames) {
			t.Errorf("parts %v, want %v", names, wantNames)
		}
		for n := range want {
			if parts[n] != want[n] {
				t.Errorf("%s changed", n)
			}
		}
	}
}

func TestInPlace(t *testing.T) {
	path := save(t, chained(t))
	link := filepath.Join(t.TempDir(), "link.xlsx")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	f, err := xlsx.Open(link)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, v := range []int{5, 6} { // the open file is still the old one, and can be written twice
		src := &fixed{values: values("A1", v), strings: f.Strings()}
		if err := f.Write(context.Background(), link, src, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, parts := readParts(t, path); !strings.Contains(parts["xl/worksheets/sheet1.xml"], "<v>6</v>") {
		t.Error("the value is not in the file that the link points to")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v %v, want that of the old file, 0640", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestFaults: after any error the destination is what it was, and nothing lies beside it.
func TestFaults(t *testing.T) {
	big := pack(t, book(data(strings.Repeat(`<row><c><f>X</f><v>1</v></c></row>`, 1<<15))))
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name string
		run  func(f *xlsx.File, path string, src *fixed) error
		want string
	}{
		{"cancel", func(f *xlsx.File, path string, src *fixed) error { return f.Write(canceled, path, src, nil) }, "context canceled"},
		{"changed since", func(f *xlsx.File, path string, src *fixed) error {
			if err := os.WriteFile(path, big[:len(big)-1], 0o600); err != nil {
				return err
			}
			err := f.Write(context.Background(), path, src, nil)
			return errors.Join(err, os.WriteFile(path, big, 0o600))
		}, "another program has changed the file since it was opened"},
		{"no folder", func(f *xlsx.File, path string, src *fixed) error {
			return f.Write(context.Background(), filepath.Join(path+"x", "out.xlsx"), src, nil)
		}, "no such file or directory"},
		{"a folder", func(f *xlsx.File, path string, src *fixed) error {
			return f.Write(context.Background(), filepath.Dir(path), src, nil)
		}, "it is no regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := save(t, big)
			f, err := xlsx.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			err = c.run(f, path, &fixed{values: values("A9", 2), strings: f.Strings()})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, big) {
				t.Error("the file is not what it was")
			}
			if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 1 {
				t.Errorf("left behind: %v", names)
			}
		})
	}
}

// TestNoData: a sheet without the element for cells cannot take one, and says so.
func TestNoData(t *testing.T) {
	_, err := rewrite(t, pack(t, book(`<worksheet/>`)), &fixed{values: values("A1", 2), edits: []xlsx.Edit{edit("A1", "")}})
	if err == nil || !strings.Contains(err.Error(), "sheet Budget (xl/worksheets/sheet1.xml") || !strings.Contains(err.Error(), "it has no element sheetData") {
		t.Errorf("got %v", err)
	}
}
