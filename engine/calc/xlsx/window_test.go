package xlsx_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// TestWindows: a sheet is read and written alike however its elements lie across the pieces in which it is inflated.
func TestWindows(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var rows strings.Builder
	want := map[string]string{}
	for i := range 1500 {
		fmt.Fprintf(&rows, `<row r="%d" spans="1:6">`, i+1)
		text := strings.Repeat("t", r.IntN(60))
		fmt.Fprintf(&rows, `<c r="A%d"><v>%d</v></c><c r="B%d" t="str" s="4"><f>A%d&amp;"%s"</f><v>%s&lt;</v></c>`, i+1, i, i+1, i+1, text, text)
		fmt.Fprintf(&rows, `<!-- %s --><c r="C%d" t="inlineStr"><is><r><t xml:space="preserve"> %s</t></r></is></c><c t='s'><v>1</v></c><c r="E%d"/></row>`, text, i+1, text, i+1)
		want[fmt.Sprint("A", i+1)] = fmt.Sprint(i)
		want[fmt.Sprint("B", i+1)] = fmt.Sprintf(`"%s<" =A%d&"%s" style 4`, text, i+1, text)
		want[fmt.Sprint("C", i+1)] = fmt.Sprintf(`" %s"`, text)
		want[fmt.Sprint("D", i+1)] = `"one"`
		want[fmt.Sprint("E", i+1)] = `-`
	}
	dir := t.TempDir()
	for shift := 0; shift < 400; shift += 1 + r.IntN(30) {
		sheet := `<worksheet><cols>` + strings.Repeat(" ", shift) + `</cols><sheetData>` + rows.String() + `</sheetData></worksheet>`
		f, err := open(t, pack(t, book(sheet)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(f)
		if err != nil {
			t.Fatal(err)
		}
		if lines(got[0].cells) != lines(want) {
			t.Fatalf("shift %d: %s", shift, difference(lines(got[0].cells), lines(want)))
		}
		out := filepath.Join(dir, "out.xlsx")
		if err := f.Write(context.Background(), out, &fuzzed{}, nil); err != nil {
			t.Fatal(err)
		}
		// Written by hand: what the XML must be after all values became 0.5.
		_, parts := readParts(t, out)
		if got, want := parts["xl/worksheets/sheet1.xml"], halves(sheet); got != want {
			t.Fatalf("shift %d: the copy has other XML", shift)
		}
	}
}

// halves replaces the values of the sheet of TestWindows by means of text alone.
func halves(sheet string) string {
	var b strings.Builder
	for _, c := range strings.SplitAfter(sheet, "</c>") {
		switch {
		case strings.Contains(c, `<is>`):
			c = strings.Replace(c[:strings.Index(c, "<is>")]+`<v>0.5</v></c>`, ` t="inlineStr"`, "", 1)
		case strings.Contains(c, "<v>"):
			c = c[:strings.LastIndex(c, "<v>")] + `<v>0.5</v></c>`
			c = strings.Replace(strings.Replace(c, ` t="str"`, "", 1), ` t='s'`, "", 1)
		}
		b.WriteString(c)
	}
	return closeEmpty(b.String())
}

// closeEmpty gives the empty cells of column E their value.
func closeEmpty(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, `<c r="E`)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		j := i + strings.Index(s[i:], "/>")
		b.WriteString(s[:j] + `><v>0.5</v></c>`)
		s = s[j+2:]
	}
}
