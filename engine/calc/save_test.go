package calc_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
	"github.com/napkin-infra/napkin/engine/calc/internal/calcrandom"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

const (
	spreadsheet   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relationships = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	dynamicMark   = `<metadata ` + spreadsheet + ` xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"><metadataTypes count="1"><metadataType name="XLDAPR" cellMeta="1"/></metadataTypes>` +
		`<futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"><xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>` +
		`<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>`
)

// file is a workbook file for tests.
type file struct {
	names  []string // of the sheets
	sheets []string // the XML of sheetData's content
	extra  string   // in the workbook, behind the sheets
	parts  [][2]string
	before string // in the workbook, before the sheets
	behind []string
	charts []string // names of chart sheets, behind the others
}

func (f *file) write(t testing.TB, path string) string {
	t.Helper()
	if err := os.WriteFile(path, f.bytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (f *file) bytes(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	put := func(name, text string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rels := func(list ...string) string {
		return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + strings.Join(list, "") + `</Relationships>`
	}
	rel := func(id int, kind, target string) string {
		return fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, id, relationships, kind, target)
	}
	put("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`)
	put("_rels/.rels", rels(rel(1, "officeDocument", "xl/workbook.xml")))
	var list, links strings.Builder
	for i, name := range f.names {
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escape(name), i+1, i+1)
		links.WriteString(rel(i+1, "worksheet", fmt.Sprintf("worksheets/sheet%d.xml", i+1)))
		behind := ""
		if i < len(f.behind) {
			behind = f.behind[i]
		}
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<worksheet `+spreadsheet+` xmlns:r="`+relationships+`"><sheetData>`+f.sheets[i]+`</sheetData>`+behind+`</worksheet>`)
	}
	for i, name := range f.charts {
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escape(name), 50+i, 50+i)
		links.WriteString(rel(50+i, "chartsheet", fmt.Sprintf("chartsheets/sheet%d.xml", i+1)))
		put(fmt.Sprintf("xl/chartsheets/sheet%d.xml", i+1), `<chartsheet `+spreadsheet+`/>`)
	}
	put("xl/workbook.xml", `<workbook `+spreadsheet+` xmlns:r="`+relationships+`">`+f.before+`<sheets>`+list.String()+`</sheets>`+f.extra+`</workbook>`)
	links.WriteString(rel(90, "sheetMetadata", "metadata.xml"))
	put("xl/_rels/workbook.xml.rels", rels(links.String()))
	put("xl/metadata.xml", dynamicMark)
	for _, p := range f.parts {
		put(p[0], p[1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// cells writes rows of XML. Edits are in any order.
func cells(edits []calcrandom.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b calcrandom.Edit) int {
		if a.Row != b.Row {
			return int(a.Row - b.Row)
		}
		return int(a.Col - b.Col)
	})
	var s strings.Builder
	row := int32(-1)
	for _, e := range edits {
		if e.Row != row {
			if row >= 0 {
				s.WriteString("</row>")
			}
			row = e.Row
			fmt.Fprintf(&s, `<row r="%d">`, row+1)
		}
		at := cell.Address(e.Row, e.Col)
		switch {
		case e.Array:
			fmt.Fprintf(&s, `<c r="%s" cm="1"><f t="array" ref="%s">%s</f></c>`, at, at, escape(e.Formula))
		case e.Formula != "":
			fmt.Fprintf(&s, `<c r="%s"><f>%s</f></c>`, at, escape(e.Formula))
		case e.Value.Kind() == cell.Number:
			fmt.Fprintf(&s, `<c r="%s"><v>%v</v></c>`, at, e.Value.Float())
		case e.Value.Kind() == cell.Bool:
			fmt.Fprintf(&s, `<c r="%s" t="b"><v>%d</v></c>`, at, map[bool]int{true: 1}[e.Value.True()])
		case e.Value.Kind() == cell.Error:
			fmt.Fprintf(&s, `<c r="%s" t="e"><v>%v</v></c>`, at, e.Value.Code())
		case e.Value.Kind() == cell.Text:
			fmt.Fprintf(&s, `<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, escape(e.Value.Text()))
		}
	}
	if row >= 0 {
		s.WriteString("</row>")
	}
	return s.String()
}

// random is a random workbook as a file.
func random(r *calcrandom.Book, edits []calcrandom.Edit) *file {
	f := &file{names: calcrandom.SheetNames}
	for sheet := range int32(len(f.names)) {
		f.sheets = append(f.sheets, cells(slices.DeleteFunc(slices.Clone(edits), func(e calcrandom.Edit) bool { return e.Sheet != sheet })))
	}
	for name, text := range r.Names {
		f.extra += fmt.Sprintf(`<definedName name="%s">%s</definedName>`, name, escape(text))
	}
	f.extra = `<definedNames>` + f.extra + `</definedNames>`
	if r.Table != (cell.Area{}) {
		f.behind = []string{"", `<tableParts count="1"><tablePart r:id="rId1"/></tableParts>`}
		f.parts = append(f.parts, [2]string{"xl/worksheets/_rels/sheet2.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relationships + `/table" Target="../tables/table1.xml"/></Relationships>`},
			[2]string{"xl/tables/table1.xml", `<table ` + spreadsheet + ` id="1" name="T" displayName="T" ref="` + r.Table.String() + `"><tableColumns count="2"><tableColumn id="1" name="One"/><tableColumn id="2" name="Two"/></tableColumns></table>`})
	}
	return f
}

func open(t testing.TB, path string, o calc.Options) (*calc.Workbook, *xlsx.File) {
	t.Helper()
	f, err := xlsx.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	b, notes, err := calc.Open(context.Background(), f, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(notes.Unread) > 0 {
		t.Fatalf("%+v", notes.Unread)
	}
	return b, f
}

func recalculate(t testing.TB, b *calc.Workbook) calc.Report {
	t.Helper()
	r, err := b.Recalculate(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t testing.TB, b *calc.Workbook, f *xlsx.File, path string) string {
	t.Helper()
	if err := b.Save(context.Background(), f, path, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// sameFormulas fails where two workbooks do not have the same formulas.
func sameFormulas(t testing.TB, what string, a, b *calc.Workbook) {
	t.Helper()
	for s := range int32(2) {
		used, _ := a.Used(s)
		other, _ := b.Used(s)
		used = used.Union(other)
		for col := int32(0); col <= used.C1; col++ {
			for row := int32(0); row <= used.R1; row++ {
				got, _ := a.Formula(s, row, col)
				want, _ := b.Formula(s, row, col)
				if got != want {
					t.Errorf("%s: %v has the formula %q, want %q", what, calcrandom.At{Sheet: s, Row: row, Col: col}, got, want)
					return
				}
			}
		}
	}
}

// TestSave holds that what is written is what the workbook holds: the same values when it is opened again, and the same when all of it is
// computed anew.
func TestSave(t *testing.T) {
	o := calc.Options{Now: moment, Seed: 7, Threads: 2}
	for _, s := range shapes {
		if s.Rows > 1000 {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(books(1 + s.books/3)) {
				seed += first()
				r := calcrandom.New(seed, s.Options)
				draw := rand.New(rand.NewPCG(seed, 3))
				dir := t.TempDir()
				memory, report := computed(t, r, last(r.Edits), calc.Options{Threads: 1})
				if report.Circular > 0 {
					continue
				}
				b, f := open(t, random(r, last(r.Edits)).write(t, filepath.Join(dir, "0.xlsx")), o)
				b.All()
				recalculate(t, b)
				same(t, fmt.Sprintf("seed %d, opened", seed), b, memory)
				circular := false
				for round := range 3 {
					for range draw.IntN(8) {
						e := r.Draw(draw, s.Options)
						enter(t, b, e)
					}
					if circular = recalculate(t, b).Circular > 0; circular {
						break
					}
					path := write(t, b, f, filepath.Join(dir, fmt.Sprint(round+1, ".xlsx")))
					again, g := open(t, path, o)
					compare(t, fmt.Sprintf("seed %d, round %d, written", seed, round), again, b, true)
					sameFormulas(t, fmt.Sprintf("seed %d, round %d", seed, round), again, b)
					again.All()
					recalculate(t, again)
					same(t, fmt.Sprintf("seed %d, round %d, written and recalculated", seed, round), again, b)
					if round == 1 {
						b, f = again, g
					}
					if t.Failed() {
						return
					}
				}
			}
		})
	}
}

// TestSaveArrays holds that array formulas, old and new, and what they have filled are written.
func TestSaveArrays(t *testing.T) {
	dir := t.TempDir()
	source := &file{names: []string{"S", "Z"}, sheets: []string{
		`<row r="1"><c r="A1"><v>3</v></c><c r="C1" cm="1"><f t="array" ref="C1:C2">SEQUENCE(A1)</f><v>1</v></c></row><row r="2"><c r="A2"><v>7</v></c><c r="C2"><v>2</v></c></row>`, ""}}
	b, f := open(t, source.write(t, filepath.Join(dir, "a.xlsx")), calc.Options{})
	b.All()
	recalculate(t, b)
	if got := show(b, 0, 2, 2); got != "3" {
		t.Fatalf("C3 is %s", got)
	}
	if err := b.SetArray(cell.Area{R0: 0, C0: 4, R1: 2, C1: 5}, "A1:A2*10"); err != nil {
		t.Fatal(err)
	}
	if err := b.SetFormula(0, 5, 6, "TRANSPOSE(A1:A2)", true); err != nil {
		t.Fatal(err)
	}
	recalculate(t, b)
	want := map[string]string{"C1": "1", "C3": "3", "E1": "30", "F1": "30", "E2": "70", "F3": "#N/A", "G6": "3", "H6": "7"}
	check := func(b *calc.Workbook) {
		t.Helper()
		for at, v := range want {
			row, col, _ := cell.ParseAddress(at)
			if got := show(b, 0, row, col); got != v {
				t.Errorf("%s is %s, want %s", at, got, v)
			}
		}
	}
	check(b)
	b, f = open(t, write(t, b, f, filepath.Join(dir, "b.xlsx")), calc.Options{})
	check(b)
	b.All()
	recalculate(t, b)
	check(b)
	// Fewer cells than before, then none.
	if err := b.Set(0, 0, 0, cell.Num(1)); err != nil {
		t.Fatal(err)
	}
	if err := b.Clear(cell.Area{R0: 0, C0: 4, R1: 2, C1: 5}); err != nil {
		t.Fatal(err)
	}
	recalculate(t, b)
	want = map[string]string{"C1": "1", "C2": "empty", "C3": "empty", "E1": "empty", "F3": "empty", "G6": "1"}
	check(b)
	b, f = open(t, write(t, b, f, filepath.Join(dir, "c.xlsx")), calc.Options{})
	check(b)
	if text, ok := b.Formula(0, 0, 4); ok {
		t.Errorf("E1 still has the formula %s", text)
	}
	if err := b.Set(0, 0, 2, cell.Str("gone")); err != nil {
		t.Fatal(err)
	}
	recalculate(t, b)
	b, _ = open(t, write(t, b, f, filepath.Join(dir, "d.xlsx")), calc.Options{})
	want = map[string]string{"C1": `"gone"`, "C2": "empty", "G6": "1"}
	check(b)
}

func show(b *calc.Workbook, sheet, row, col int32) string {
	return evaltest.Show(b.Value(sheet, row, col))
}

// TestSaveClears holds that a cell loses its value when the dynamic array that filled it in the file has become smaller, also where the file has
// not all cells of the array.
func TestSaveClears(t *testing.T) {
	f := file{names: []string{"S"}, sheets: []string{`<row r="1"><c r="A1"><v>2</v></c><c r="C1" cm="1"><f t="array" ref="C1:F1">SEQUENCE(1,A1)</f><v>1</v></c><c r="D1"><v>2</v></c><c r="F1" s="0"><v>4</v></c><c r="H1"><v>5.0</v></c></row>`}}
	path := f.write(t, filepath.Join(t.TempDir(), "book.xlsx"))
	b, from := open(t, path, calc.Options{})
	b.All()
	recalculate(t, b)
	got := sheetXML(t, write(t, b, from, path+".out.xlsx"))
	if want := `<c r="D1"><v>2</v></c><c r="F1" s="0"></c><c r="H1"><v>5.0</v></c></row>`; !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s in it", got, want)
	}
}

// sheetXML returns the part of the first sheet.
func sheetXML(t testing.TB, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	part, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
