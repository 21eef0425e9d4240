package xlsx

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// piecewise returns a scanner that is given XML in pieces of a size.
func piecewise(xml string, size int) *scanner {
	blocks := make(chan block, len(xml)/size+2)
	for piece := range slices.Chunk([]byte(xml), size) {
		blocks <- block{data: piece}
	}
	blocks <- block{err: io.EOF}
	return newScanner(&window{ctx: context.Background(), pipe: &pipe{blocks: blocks}})
}

// seen tells what a scanner finds in a sheet, with the texts instead of their places.
func seen(s *scanner, next func() (event, error)) string {
	var out strings.Builder
	for {
		ev, err := next()
		if err != nil {
			fmt.Fprintln(&out, err)
			return out.String()
		}
		switch ev {
		case evCell:
			c := &s.cell
			text := func(at span) string { return string(s.buf[at.from:at.to]) }
			fmt.Fprintf(&out, "%d,%d style %d kind %d %t all %q open %q t %q f %q %q %d %+v v %q %q %d is %q\n", c.row, c.col, c.style, c.kind, c.self, text(c.all), text(c.open), text(c.typeAttr),
				text(c.formula), text(c.formulaText), c.formulaHas, fmt.Sprint(c.f.kind, c.f.index, c.f.hasIndex, c.f.always, text(c.f.ref)), text(c.value), text(c.valueText), c.valueHas, text(c.inline))
		case evEnd:
			fmt.Fprintf(&out, "%+v\n", s.shape)
			return out.String()
		default:
			fmt.Fprintln(&out, ev, s.line, s.last)
		}
	}
}

// sameScan compares both ways of reading.
func sameScan(t *testing.T, xml string, size int) {
	t.Helper()
	quick, general := piecewise(xml, size), piecewise(xml, size)
	if got, want := seen(quick, quick.next), seen(general, general.general); got != want {
		t.Errorf("pieces of %d: %.300q\n%s\nwant\n%s", size, xml, got, want)
	}
}

func sheetOf(cells string) string {
	return `<worksheet><sheetData><row r="7">` + cells + `</row><row r="8"><c r="A8"><v>1</v></c><c r="B8"/></row></sheetData></worksheet>`
}

var quickCells = []string{
	`<c r="A7"><v>1</v></c><c r="B7" s="12"><v>2.5</v></c><c r="XFD7" s="1" t="n"><f>A7*B7</f><v>-1E-07</v></c>`,
	`<c r="A7"/><c r="B7" s="3"/><c r="C7" s="3" t="b"/><c r="D7"></c><c r="E7"><v/></c><c r="F7"><f/></c><c r="G7"><v></v></c>`,
	`<c r="A7" t="s"><v>0</v></c><c r="B7" t="str" s="4"><f>"a"&amp;"b_c"</f><v>ab_c</v></c><c r="C7" t="e"><f>1/0</f><v>#DIV/0!</v></c>`,
	`<c r="A7"><f t="shared" ref="A7:B7" si="0">B7+1</f><v>1</v></c><c r="B7"><f t="shared" si="0"/><v>2</v></c><c r="C7"><f ca="1">NOW()</f></c>`,
	`<c r="A7"><f t="array" ref="A7:A9">ROW(1:3)</f><v>1</v></c><c r="B7" cm="1" vm="2"><v>1</v></c><c t="s" r="C7"><v>1</v></c>`,
	`<c r="A7" t="inlineStr"><is><t>x</t></is></c><c r="B7" t="inlineStr"><is><t>y</t></is><v>3</v></c>`,
	`<c r="A7"><!-- k --><v>1</v></c><c r="B7"><v>1<!-- k -->2</v></c><c r="C7"> <v>1</v> </c><c r='D7'><v>1</v></c><c  r="E7"><v>1</v></c>`,
	`<c r="B7"><v>1</v></c><c r="A7"><v>2</v></c><c r="A7"><v>3</v></c><c r="C9"><v>4</v></c><c r="D1234567"><v>5</v></c>`,
	`<c r="A1048576"><v>1</v></c><c r="A7"><v>1</v><f>A1</f></c><c><v>9</v></c><c r="a7"><v>1</v></c>`,
	"<c r=\"A7\"><v>Zürich 0123456789 \U0001F600 end of a long text</v></c><c r=\"B7\"><v>a\rb\tc\nd</v></c>",
	`<c r="A7"><v>1</v><v>2</v></c>`, `<c r="A7"><f>1</f><f>2</f></c>`, `<c r="A0"><v>1</v></c>`, `<c r="A1048577"><v>1</v></c>`, `<c r="A10485760"><v>1</v></c>`,
	`<c r="XFE7"><v>1</v></c>`, `<c r="AAAA7"><v>1</v></c>`, `<c r="7"><v>1</v></c>`, `<c r="A"><v>1</v></c>`, `<c r="A7" s="x"><v>1</v></c>`, `<c r="A7" t="x"><v>1</v></c>`,
	`<c r="A7" s="1" s="2"><v>1</v></c>`, `<c r="A7"r="B7"><v>1</v></c>`, `<c r="A7"><v>1</c></v>`, `<c r="A7"><v>1<x/></v></c>`, `<c r="A7"><w>1</w></c>`, `<c r="A7"/ >`, `<c r="A7"><v>1`,
	`<c r="A7"><v>12345678<`, `<c r="A7"><v>1</v></c`, `<c r="A7" s="1`, `<c r="A`, `<col r="A7"/><c r="A007"><v>1</v></c>`, "<c r=\"A7\"><v>1\x01</v></c>", "<c r=\"A7\"><f>\x00</f></c>",
}

// TestQuickCell holds that the quick way finds in cells what the general one does, wherever a piece of the part ends.
func TestQuickCell(t *testing.T) {
	for _, cells := range quickCells {
		xml := sheetOf(cells)
		for size := 1; size <= len(xml); size++ {
			sameScan(t, xml, size)
		}
	}
}

// TestQuickCellIsUsed holds that the common forms are read the quick way.
func TestQuickCellIsUsed(t *testing.T) {
	s := piecewise(sheetOf(quickCells[0]), 1000)
	for range 2 { // the start tags of sheetData and row
		if _, err := s.next(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		if !s.quickCell() {
			t.Errorf("cell %d is read as any XML", i)
		}
	}
}

func FuzzQuickCell(f *testing.F) {
	for _, cells := range quickCells {
		f.Add(cells, 16)
	}
	f.Fuzz(func(t *testing.T, cells string, size int) {
		if len(cells) <= 1<<12 {
			sameScan(t, sheetOf(cells), max(1, size))
		}
	})
}
