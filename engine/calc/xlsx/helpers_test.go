package xlsx_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

const (
	ns     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	nsRel  = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	pkgRel = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relURI = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// part is one part of a workbook made for a test.
type part struct{ name, text string }

// rel is a relationship as XML.
func rel(id, kind, target string) string {
	return fmt.Sprintf(`<Relationship Id="%s" Type="%s%s" Target="%s"/>`, id, relURI, kind, target)
}

// book is a workbook of one sheet, Budget, with this XML; more parts replace those of the same name.
func book(sheet string, more ...part) []part {
	parts := []part{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`},
		{"_rels/.rels", pkgRel + rel("rId1", "officeDocument", "xl/workbook.xml") + `</Relationships>`},
		{"xl/workbook.xml", `<workbook ` + ns + ` ` + nsRel + `><sheets><sheet name="Budget" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", pkgRel + rel("rId1", "worksheet", "worksheets/sheet1.xml") + rel("rId2", "sharedStrings", "sharedStrings.xml") +
			rel("rId3", "sheetMetadata", "metadata.xml") + rel("rId4", "styles", "styles.xml") +
			rel("rId5", "rdRichValue", "richData/rdrichvalue.xml") + rel("rId6", "rdRichValueStructure", "richData/rdrichvaluestructure.xml") + `</Relationships>`},
		{"xl/sharedStrings.xml", `<sst ` + ns + `><si><t>zero</t></si><si><t>one</t></si></sst>`},
		{"xl/worksheets/sheet1.xml", sheet},
	}
	for _, m := range more {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == m.name })
		if i < 0 {
			parts = append(parts, m)
		} else {
			parts[i] = m
		}
	}
	return parts
}

// data wraps rows into a sheet.
func data(rows string) string {
	return `<worksheet ` + ns + `><sheetData>` + rows + `</sheetData></worksheet>`
}

// row wraps cells into the first row of a sheet.
func row(cells string) string { return data(`<row r="1">` + cells + `</row>`) }

// pack makes the file.
func pack(t testing.TB, parts []part) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.Create(p.name)
		if err == nil {
			_, err = io.WriteString(w, p.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, b []byte) (*xlsx.File, error) {
	t.Helper()
	return xlsx.OpenReader(bytes.NewReader(b), int64(len(b)), "test.xlsx")
}

// collector is a sink that keeps everything, each cell as one line of text.
type collector struct {
	strings *cell.Strings
	cells   map[string]string
	boxes   map[string]cell.Box
	rests   map[string]string // what describe says after the value
	order   []string
	hidden  []int32
	end     *xlsx.SheetEnd
}

func newCollector(f *xlsx.File) *collector {
	return &collector{strings: f.Strings(), cells: map[string]string{}, boxes: map[string]cell.Box{}, rests: map[string]string{}}
}

func (c *collector) Cell(x *xlsx.Cell) error {
	at := cell.Address(x.Row, x.Col)
	c.order = append(c.order, at)
	c.rests[at] = describeRest(x)
	c.cells[at] = describeValue(c.strings, x) + c.rests[at]
	c.boxes[at] = x.Value
	return nil
}

func (c *collector) HiddenRow(row int32) error { c.hidden = append(c.hidden, row); return nil }

func (c *collector) End(e *xlsx.SheetEnd) error {
	end := *e
	c.end = &end
	return nil
}

func describeValue(s *cell.Strings, x *xlsx.Cell) string {
	switch v := s.Value(x.Value); v.Kind() {
	case cell.Text:
		return strconv.Quote(v.Text())
	case cell.Error:
		return v.Code().String()
	case cell.Bool:
		return strconv.FormatBool(v.True())
	case cell.Number:
		return fmt.Sprint(v.Float())
	}
	return "-"
}

// describeRest prints the formula of a cell, then its style.
func describeRest(x *xlsx.Cell) string {
	var b strings.Builder
	f := x.Formula
	switch f.Kind {
	case xlsx.Normal:
		fmt.Fprintf(&b, " =%s", f.Text)
	case xlsx.Shared:
		fmt.Fprintf(&b, " shared %d%+d%+d", f.Group, f.RowShift, f.ColShift)
	case xlsx.Array:
		fmt.Fprintf(&b, " {=%s} %v", f.Text, f.Area)
	case xlsx.Dynamic:
		fmt.Fprintf(&b, " dynamic =%s %v", f.Text, f.Area)
	case xlsx.DataTable:
		fmt.Fprintf(&b, " table %v of %v", f.Area, f.Inputs.Cells)
		if f.Inputs.ByRow {
			b.WriteString(" by row")
		}
	}
	if f.Kind == xlsx.Normal && f.Group >= 0 {
		fmt.Fprintf(&b, " group %d", f.Group)
	}
	if f.Always {
		b.WriteString(" always")
	}
	if x.Style != 0 {
		fmt.Fprintf(&b, " style %d", x.Style)
	}
	return b.String()
}

// read returns what the sheets of a workbook hold.
func read(f *xlsx.File) ([]*collector, error) {
	out := make([]*collector, len(f.Workbook().Sheets))
	err := f.Read(context.Background(), func(i int) xlsx.Sink {
		out[i] = newCollector(f)
		return out[i]
	}, nil)
	return out, err
}

// readParts returns the inflated parts of a file, in order, by another reader than ours.
func readParts(t testing.TB, path string) ([]string, map[string]string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var names []string
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			b = append(b, err.Error()...)
		}
		names = append(names, f.Name)
		parts[f.Name] = string(b)
	}
	return names, parts
}

// fixed is a source with given values of one sheet.
type fixed struct {
	sheet    int
	values   map[string]cell.Value
	strings  *cell.Strings
	edits    []xlsx.Edit
	areas    map[string]cell.Area
	formulas map[string]string
	always   bool // the sheet counts as changed though no value is given
}

func (s *fixed) Sheet(i int) xlsx.SheetSource {
	if i != s.sheet || len(s.values) == 0 && len(s.edits) == 0 && !s.always {
		return nil
	}
	return s
}
func (s *fixed) Edits() []xlsx.Edit { return s.edits }
func (s *fixed) Value(row, col int32) (cell.Box, bool) {
	v, ok := s.values[cell.Address(row, col)]
	if !ok {
		return 0, false
	}
	return s.strings.Box(v), true
}
func (s *fixed) Area(row, col int32) (cell.Area, bool) {
	a, ok := s.areas[cell.Address(row, col)]
	return a, ok
}
func (s *fixed) Formula(row, col int32) string { return s.formulas[cell.Address(row, col)] }

// edit is an edit at an address.
func edit(at, formula string) xlsx.Edit {
	row, col, ok := cell.ParseAddress(at)
	if !ok {
		panic(at)
	}
	return xlsx.Edit{Row: row, Col: col, Formula: formula}
}

// save puts a file into a folder of the test.
func save(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.xlsx")
	if err := os.WriteFile(path, b, 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

// lines prints a map in the order of its keys.
func lines(m map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s: %s\n", k, m[k])
	}
	return b.String()
}
