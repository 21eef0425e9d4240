package xlsx_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// FuzzSheet reads any bytes as the XML of a sheet. What can be read can be written with another value in every cell and
// one more cell, and then read again.
func FuzzSheet(f *testing.F) {
	for _, s := range []string{
		row(`<c r="A1" t="str" s="1"><f>B1&amp;"x"</f><v>a_x000D_</v></c><c t="s"><v>1</v></c><c r="C1"/>`),
		data(`<row r="3" spans="1:2" hidden="1" s="1" customFormat="1"><c r="B3"><f t="shared" ref="B3:B4" si="0">A1</f></c></row><row/><row><c><f t="shared" si="0"/></c></row>`),
		row(`<c r="A1" cm="1"><f t="array" ref="A1:B2">X</f><v>1</v></c><c r="D1"><f t="dataTable" ref="D1:D2" r1="A1"/></c><c t="inlineStr"><is><r><t> a</t></r></is></c>`),
		`<x:worksheet xmlns:x="m"><x:dimension ref="A1"/><x:sheetData/><x:autoFilter ref="A1:B2"><x:filterColumn/></x:autoFilter></x:worksheet>`,
	} {
		f.Add(s)
	}
	dir := fastDir(f)
	f.Fuzz(func(t *testing.T, sheet string) { checkSheet(t, sheet, dir) })
}

func checkSheet(t *testing.T, sheet, dir string) {
	t.Helper()
	b := pack(t, book(sheet, part{"xl/metadata.xml", metadata}))
	w, err := open(t, b)
	if err != nil {
		return // a size that no sheet has
	}
	if _, err := read(w); err != nil {
		var e *xlsx.Error
		if !errors.As(err, &e) || e.Part != "xl/worksheets/sheet1.xml" || e.Sheet != "Budget" {
			t.Fatalf("an error without a place: %v", err)
		}
		return
	}
	out := filepath.Join(dir, "out.xlsx")
	src := &fuzzed{edits: []xlsx.Edit{edit("C3", "A1+1"), edit("D9", "")}}
	if err := w.Write(context.Background(), out, src, nil); err != nil {
		if strings.Contains(err.Error(), "it has no element sheetData") {
			return
		}
		t.Fatal(err)
	}
	again, err := xlsx.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	got, err := read(again)
	if err != nil {
		t.Fatalf("%v\n%s", err, sheet)
	}
	for at, v := range got[0].boxes {
		if v != 0.5 {
			t.Fatalf("%s is %v after all cells were set\n%s", at, got[0].cells[at], sheet)
		}
	}
	if got[0].cells["C3"] != "0.5 =A1+1"+got[0].style("C3") || got[0].boxes["D9"] != 0.5 {
		t.Fatalf("C3 is %s, D9 %s\n%s", got[0].cells["C3"], got[0].cells["D9"], sheet)
	}
}

// TestMutations is the fuzz test with pieces of sheets put together at random, which finds more in less time than single
// bytes do. NAPKIN_XLSX_MUTATIONS is their number.
func TestMutations(t *testing.T) {
	n := 200
	if s := os.Getenv("NAPKIN_XLSX_MUTATIONS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	pieces := strings.Split(`<worksheet>|</worksheet>|<sheetData>|</sheetData>|<sheetData/>|<row>|</row>|<row r="2">|<row r="5" spans="1:2" s="1" customFormat="1">|<row r="3"/>|<row/>|<row r="9"  hidden="1" />|`+
		`<c>|</c>|<c/>|<c r="A1">|<c r="B3" s="2"/>|<c r="C3" t="str">|<c t="s">|<c r="B2" t="inlineStr">|<c cm="1" r="D9">|<c r="C3" t="e" vm="2">|<c t="b"/>|<v>|</v>|<v/>|<v xml:space="preserve">|1|0| |1.5e3|#N/A|text|&amp;|_x000D_|`+
		`<f>|</f>|<f/>|<f t="shared" si="0">|<f t="shared" si="0"/>|<f t="shared" ref="A1:A9" si="1">B1</f>|<f t="shared" si="1"/>|<f t="array" ref="D9:E9">X</f>|<f t="dataTable" ref="A1:B2" r1="C1"/>|`+
		`<is>|</is>|<t>|</t>|<r>|</r>|<rPh>|</rPh>|<!-- c -->|<![CDATA[1]]>|<?p?>|<extLst>|</extLst>|<dimension ref="A1:B2"/>|<autoFilter ref="A1:B2"><filterColumn/></autoFilter>|<c><v>1</v></c>|<c r="A2"><f>X</f><v>2</v></c>|<c t="str"><v>a</v></c>|<c t="inlineStr"><is><t>a</t></is></c>`, "|")
	r := rand.New(rand.NewPCG(5, 6))
	dir, err := os.MkdirTemp("/dev/shm", "xlsx-mutations-")
	if err != nil {
		dir = t.TempDir()
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for range n {
		var b strings.Builder
		b.WriteString("<worksheet><sheetData>")
		inRow := false
		for range r.IntN(12) {
			// Mostly what may stand here, sometimes anything.
			switch p := pieces[r.IntN(len(pieces))]; {
			case r.IntN(20) == 0:
				b.WriteString(p)
			case !inRow:
				b.WriteString(pieces[7+2*r.IntN(2)])
				inRow = true
			case r.IntN(4) == 0:
				b.WriteString("</row>")
				inRow = false
			default:
				b.WriteString(pieces[len(pieces)-1-r.IntN(4)])
				if r.IntN(3) == 0 {
					b.WriteString("<c>" + pieces[40+r.IntN(8)] + pieces[26+r.IntN(10)] + "</c>")
				}
			}
		}
		if inRow {
			b.WriteString("</row>")
		}
		b.WriteString("</sheetData></worksheet>")
		checkSheet(t, b.String(), dir)
		if t.Failed() {
			return
		}
	}
}

// style is the end of a cell's description.
func (c *collector) style(at string) string {
	if i := bytes.LastIndex([]byte(c.rests[at]), []byte(" style ")); i >= 0 {
		return c.rests[at][i:]
	}
	return ""
}

// fuzzed gives every cell the value 0.5.
type fuzzed struct{ edits []xlsx.Edit }

func (s *fuzzed) Sheet(int) xlsx.SheetSource            { return s }
func (s *fuzzed) Edits() []xlsx.Edit                    { return s.edits }
func (s *fuzzed) Value(row, col int32) (cell.Box, bool) { return 0.5, true }
func (s *fuzzed) Area(row, col int32) (cell.Area, bool) { return cell.Area{}, false }
func (s *fuzzed) Formula(row, col int32) string         { return "X" }

// FuzzFile reads any bytes as a workbook, and writes what can be read.
func FuzzFile(f *testing.F) {
	f.Add(simple(f))
	f.Add(pack(f, book(row(`<c r="A1" t="s"><v>0</v></c>`), part{"xl/metadata.xml", metadata}, part{"xl/styles.xml", `<styleSheet/>`})))
	dir := fastDir(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := open(t, b)
		if err == nil {
			_, err = read(w)
		}
		if err != nil {
			var e *xlsx.Error
			if !errors.As(err, &e) {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		out := filepath.Join(dir, "out.xlsx")
		if err := w.Write(context.Background(), out, &fuzzed{}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(out); err != nil {
			t.Fatal(err)
		}
	})
}

// fastDir is a folder in memory where the system has one, because each copy waits for the disk.
func fastDir(f *testing.F) string {
	dir, err := os.MkdirTemp("/dev/shm", "xlsx-fuzz-")
	if err != nil {
		return f.TempDir()
	}
	f.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
