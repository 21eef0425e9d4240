package calc_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// oneSheet is a workbook of one sheet, Budget, with these rows.
func oneSheet(rows string) *file { return &file{names: []string{"Budget"}, sheets: []string{rows}} }

// formulaIn is a row with one formula in C7, whose value in the file is 42.
func formulaIn(text string) string {
	return `<row r="7"><c r="C7"><f>` + escape(text) + `</f><v>42</v></c></row>`
}

// opened opens a workbook from memory.
func opened(t testing.TB, b []byte) (*calc.Workbook, calc.Notes, *xlsx.File, error) {
	t.Helper()
	f, err := xlsx.OpenReader(bytes.NewReader(b), int64(len(b)), "model.xlsx")
	if err != nil {
		return nil, calc.Notes{}, nil, err
	}
	book, notes, err := calc.Open(context.Background(), f, calc.Options{}, nil)
	return book, notes, f, err
}

// TestUnreadFormulas holds that a formula which cannot be read is told of with its sheet, cell and reason, and keeps the file's value.
func TestUnreadFormulas(t *testing.T) {
	for _, c := range []struct{ name, formula, want string }{
		{"too long", "1" + strings.Repeat("+1", 4096), "a formula has at most 8,192 characters"},
		{"too deep", strings.Repeat("ABS(", 66) + "1" + strings.Repeat(")", 66), "functions are nested in more than 64 levels"},
		{"parentheses", strings.Repeat("(", 4000) + "1" + strings.Repeat(")", 4000), "nested too deeply"},
		{"ten thousand parentheses", strings.Repeat("(", 10000) + "1" + strings.Repeat(")", 10000), "a formula has at most 8,192 characters"},
		{"minus signs", strings.Repeat("-", 8000) + "1", "nested too deeply"},
		{"not closed", "SUM(A1", "at character"},
		{"no formula", "1 2 3 $$", "at character"},
		{"braces", "{1,2", "at character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, notes, _, err := opened(t, oneSheet(formulaIn(c.formula)).bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			if len(notes.Unread) != 1 || notes.Unread[0].Sheet != "Budget" || notes.Unread[0].Cell != "C7" || !strings.Contains(notes.Unread[0].Err.Error(), c.want) {
				if len(notes.Unread) == 1 {
					t.Fatalf("%v", notes.Unread[0].Err)
				}
				t.Fatalf("%d unread", len(notes.Unread))
			}
			b.All()
			recalculate(t, b)
			if got := show(b, 0, 6, 2); got != "42" {
				t.Errorf("the cell is %s, want the file's 42", got)
			}
			if err := b.SetFormula(0, 6, 2, c.formula, false); err == nil || !strings.HasPrefix(err.Error(), "Budget!C7: ") {
				t.Errorf("setting it gives %v", err)
			}
		})
	}
}

// TestLimits holds what just may be.
func TestLimits(t *testing.T) {
	for _, c := range []struct{ name, formula, want string }{
		{"long", "1" + strings.Repeat("+1", 4095), "4096"},
		{"deep", strings.Repeat("ABS(", 64) + "1" + strings.Repeat(")", 64), "1"},
		{"whole sheet", "SUM(Other!A:XFD)+COUNTA(Other!1:1048576)", "0"},
		{"deleted sheet", "#REF!A1+1", "#REF!"},
		{"deleted area", "SUM(#REF!$A$1:B2)", "#REF!"},
		{"deleted cells", "SUM(#REF!)+Other!#REF!", "#REF!"},
		{"no such sheet", "Gone!A1", "#REF!"},
		{"no such name", "gone+1", "#NAME?"},
		{"no such function", "GONE(1)", "42"}, // the file's: see TestUnknownFunctions
		{"no such table", "Gone[One]", "#REF!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := oneSheet(formulaIn(c.formula))
			f.names, f.sheets = append(f.names, "Other"), append(f.sheets, "")
			b, notes, _, err := opened(t, f.bytes(t))
			if err != nil || len(notes.Unread) > 0 {
				t.Fatal(err, notes.Unread)
			}
			b.All()
			recalculate(t, b)
			if got := show(b, 0, 6, 2); got != c.want {
				t.Errorf("it is %s, want %s", got, c.want)
			}
		})
	}
}

// TestLostLink holds that a link which leads nowhere is no workbook, and its cells are errors.
func TestLostLink(t *testing.T) {
	f := oneSheet(formulaIn("[1]Prices!$B$2*2"))
	f.extra = `<externalReferences><externalReference r:id="rId91"/></externalReferences>`
	b, notes, _, err := opened(t, f.bytes(t))
	if err != nil {
		t.Logf("a link that leads nowhere: %v", err)
	} else {
		b.All()
		recalculate(t, b)
		if got := show(b, 0, 6, 2); got != "#REF!" {
			t.Errorf("it is %s; %+v", got, notes)
		}
	}
}

// TestDates1904 holds that a workbook which counts from 1904 does so.
func TestDates1904(t *testing.T) {
	for before, want := range map[string]string{"": "45292", `<workbookPr date1904="1"/>`: "43830"} {
		f := oneSheet(formulaIn("DATE(2024,1,1)"))
		f.before = before
		b, _, _, err := opened(t, f.bytes(t))
		if err != nil {
			t.Fatal(err)
		}
		b.All()
		recalculate(t, b)
		if got := show(b, 0, 6, 2); got != want {
			t.Errorf("with %q it is %s, want %s", before, got, want)
		}
	}
}

// TestCirclesByName holds that circles are found through ranges and names, and not where IF, CHOOSE or IFERROR does not go.
func TestCirclesByName(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []any
		want  int64
	}{
		{"direct", []any{"A1", "=A1+1"}, 1},
		{"two", []any{"A1", "=B1", "B1", "=A1"}, 2},
		{"range", []any{"A1", "=SUM(A1:A5)"}, 1},
		{"range of another", []any{"A1", "=SUM(B1:B5)", "B3", "=A1*2"}, 2},
		{"whole column", []any{"A1", "=SUM(A:A)"}, 1},
		{"whole row", []any{"C4", "=COUNT(4:4)"}, 1},
		{"name", []any{"A1", "=Me+1"}, 1},
		{"sheets", []any{"A1", "=SUM(Sheet1:Other!A1)"}, 1},
		{"array", []any{"A1", "{=A1:A3*2"}, 1},
		{"IF", []any{"A1", "=IF(TRUE,1,A1)", "A2", "=IF(FALSE,A2,1)"}, 0},
		{"IF of two", []any{"A1", "=IF(C1=1,5,B1)", "B1", "=IF(C1=1,A1,6)", "C1", 1}, 0},
		{"CHOOSE", []any{"A1", "=CHOOSE(2,A1,7)"}, 0},
		{"IFERROR", []any{"A1", "=IFERROR(1,A1)"}, 0},
		{"IFS", []any{"A1", "=IFS(TRUE,1,TRUE,A1)"}, 0},
		{"SWITCH", []any{"A1", "=SWITCH(1,1,2,A1)"}, 0},
		{"ROW", []any{"A1", "=ROW(A1)+COLUMNS(A1:C1)"}, 0},
		{"reads beside", []any{"A1", "=SUM(A2:A5)", "A2", "=SUM(A3:A5)"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t, calc.Options{})
			if err := b.Define(-1, "Me", "Sheet1!$A$1"); err != nil {
				t.Fatal(err)
			}
			if r := b.set(c.cells...).calc(); r.Circular != c.want {
				t.Errorf("%d cells in circles %v, want %d", r.Circular, r.Circles, c.want)
			}
		})
	}
}

// TestLongNames holds that names which stand for names are computed as far as functions may call each other, and are an error beyond, however many there are.
func TestLongNames(t *testing.T) {
	b := newBook(t, calc.Options{})
	if err := b.Define(-1, "n0_", "1"); err != nil {
		t.Fatal(err)
	}
	defer debug.SetMaxStack(debug.SetMaxStack(128 << 20))
	const most = 200_000 // all of them would use up that
	for i := range most {
		if err := b.Define(-1, fmt.Sprintf("n%d_", i+1), fmt.Sprintf("n%d_+1", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 { // enough for a program
		b.set(fmt.Sprintf("C%d", i+1), fmt.Sprintf("=n%d_+D%d", most, i+1), fmt.Sprintf("E%d", i+1), fmt.Sprintf("=n100_+D%d", i+1))
	}
	b.set("A1", fmt.Sprintf("=n%d_", most), "A2", "=n500_", "A3", "=n600_").want("A1", "#NUM!", "A2", "501", "A3", "#NUM!", "C7", "#NUM!", "E7", "101")
}

// TestDamagedFiles holds that a damaged file is an error that says what and where.
func TestDamagedFiles(t *testing.T) {
	rows := strings.Builder{}
	for i := range 3000 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><f>B%[1]d*2</f><v>%d</v></c></row>`, i+1, i*i)
	}
	good := oneSheet(rows.String()).bytes(t)
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	for _, p := range []struct{ name, text string }{{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relationships + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + spreadsheet + ` xmlns:r="` + relationships + `"><sheets><sheet name="Budget" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relationships + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`}} {
		w, _ := z.Create(p.name)
		_, _ = io.WriteString(w, p.text)
	}
	w, _ := z.Create("xl/worksheets/sheet1.xml")
	_, _ = io.WriteString(w, `<worksheet `+spreadsheet+`><sheetData><row>`)
	for range 64 {
		_, _ = io.WriteString(w, strings.Repeat("<c/>", 1<<18))
	}
	_, _ = io.WriteString(w, `</row></sheetData></worksheet>`)
	_ = z.Close()
	crc := bytes.Clone(good)
	for at := 0; ; { // the checksum of the sheet in the directory, which counts
		i := bytes.Index(crc[at:], []byte("PK\x01\x02"))
		if i < 0 {
			t.Fatal("no sheet in the directory")
		}
		at += i
		name := crc[at+46 : at+46+int(binary.LittleEndian.Uint16(crc[at+28:]))]
		if string(name) == "xl/worksheets/sheet1.xml" {
			crc[at+16] ^= 1
			break
		}
		at += 4
	}
	for _, c := range []struct {
		name string
		file []byte
		want []string
	}{
		{"empty", nil, []string{"model.xlsx"}},
		{"cut in the directory", good[:len(good)-10], []string{"model.xlsx"}},
		{"cut in a sheet", good[:len(good)/2], []string{"model.xlsx"}},
		{"no zip", []byte("a,b,c\n1,2,3\n"), []string{"model.xlsx"}},
		{"bomb", bomb.Bytes(), []string{"zip bomb", "xl/worksheets/sheet1.xml"}},
		{"checksum", crc, []string{"checksum", "Budget"}},
		{"DTD", oneSheet(`<!DOCTYPE x [<!ENTITY e "e">]>` + formulaIn("1")).bytes(t), []string{"Budget"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, _, err := opened(t, c.file)
			if err == nil {
				t.Fatal("no error")
			}
			t.Log(err)
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, without %q", err, want)
				}
			}
		})
	}
	// Any one byte that is other than it was is an error or does no harm.
	for at := 7; at < len(good); at += 1 + len(good)/400 {
		bad := bytes.Clone(good)
		bad[at] ^= 0x41
		if b, _, _, err := opened(t, bad); err == nil {
			b.All()
			recalculate(t, b)
		}
	}
}

// TestOverlaps holds that of formulas which claim the same cell one is computed: the last one that is in the cell itself.
func TestOverlaps(t *testing.T) {
	for name, c := range map[string]struct{ want, rows string }{
		"shared":         {"1 2 1 2", `<row r="1"><c r="A1"><f t="shared" ref="A1:A4" si="0">B1+1</f></c></row><row r="2"><c r="A2"><f t="shared" ref="A2:A4" si="1">B2+2</f></c></row><row r="3"><c r="A3"><f t="shared" si="0"/></c></row><row r="4"><c r="A4"><f t="shared" si="1"/></c></row>`},
		"array":          {"empty 0 1 empty", `<row r="1"><c r="A1"><f t="array" ref="A1:A3">B1:B3*2</f></c></row><row r="2"><c r="A2"><f>B2*5</f></c></row><row r="3"><c r="A3"><v>1</v></c></row>`},
		"two arrays":     {"empty empty empty empty", `<row r="1"><c r="A1"><f t="array" ref="A1:B2">C1:D2*2</f></c><c r="B1"><f t="array" ref="B1:B2">C1:C2</f></c></row>`},
		"dynamic":        {"#SPILL! 0 empty empty", `<row r="1"><c r="A1" cm="1"><f t="array" ref="A1:A3">SEQUENCE(3)</f></c></row><row r="2"><c r="A2"><f>B2*5</f></c></row>`},
		"dynamic on two": {"#SPILL! 1 2 3", `<row r="1"><c r="A1" cm="1"><f t="array" ref="A1:A3">SEQUENCE(3)</f></c></row><row r="2"><c r="A2" cm="1"><f t="array" ref="A2:A4">SEQUENCE(3)</f></c></row>`},
		"cell twice":     {"3 empty empty empty", `<row r="1"><c r="A1"><f>1</f></c><c r="A1"><f>2</f></c></row><row r="1"><c r="A1"><f>3</f></c></row>`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f, err := xlsx.Open(oneSheet(c.rows).write(t, filepath.Join(dir, "a.xlsx")))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			b, notes, err := calc.Open(context.Background(), f, calc.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if unread := strings.HasPrefix(c.want, "empty"); unread != (len(notes.Unread) == 1) {
				t.Errorf("unread: %v", notes.Unread)
			}
			b.All()
			recalculate(t, b)
			if got := strings.Join([]string{show(b, 0, 0, 0), show(b, 0, 1, 0), show(b, 0, 2, 0), show(b, 0, 3, 0)}, " "); got != c.want {
				t.Errorf("A1:A4 are %s, want %s", got, c.want)
			}
			for _, at := range []string{"A1", "A2", "A3"} {
				row, col, _ := cell.ParseAddress(at)
				_ = b.Set(0, row, col, cell.Num(9))
				recalculate(t, b)
			}
			again, _ := open(t, write(t, b, f, filepath.Join(dir, "b.xlsx")), calc.Options{})
			for row := range int32(4) {
				if got, want := show(again, 0, row, 0), show(b, 0, row, 0); got != want {
					t.Errorf("A%d is written as %s, want %s", row+1, got, want)
				}
			}
		})
	}
}

// TestFarCorner holds that cells far away from all others cost little.
func TestFarCorner(t *testing.T) {
	var before, after runtime.MemStats
	rows := `<row r="1"><c r="A1"><f>SUM(A2:XFD1048576)</f></c><c r="B1"><f>COUNTA(2:1048576)</f></c></row>`
	for _, r := range []int{5, 1000, 500_000, 1_048_576} {
		rows += fmt.Sprintf(`<row r="%d" s="1" customFormat="1"><c r="XFD%[1]d"><v>1</v></c></row>`, r)
	}
	b := oneSheet(rows).bytes(t)
	runtime.GC()
	runtime.ReadMemStats(&before)
	book, _, f, err := opened(t, b)
	if err != nil {
		t.Fatal(err)
	}
	book.All()
	recalculate(t, book)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := show(book, 0, 0, 0) + " " + show(book, 0, 0, 1); got != "4 4" {
		t.Errorf("sum and count are %s", got)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("four cells take %d bytes", grown)
	}
	if err := book.Set(0, cell.MaxRows-1, 0, cell.Num(7)); err != nil {
		t.Fatal(err)
	}
	recalculate(t, book)
	again, _ := open(t, write(t, book, f, filepath.Join(t.TempDir(), "b.xlsx")), calc.Options{})
	if got := show(again, 0, cell.MaxRows-1, 0) + " " + show(again, 0, 0, 0); got != "7 11" {
		t.Errorf("A1048576 and the sum are %s", got)
	}
}

// TestFormatsOnly holds that cells which have a style and nothing else are opened quickly and cost next to nothing.
func TestFormatsOnly(t *testing.T) {
	var rows strings.Builder
	for r := range 20_000 {
		fmt.Fprintf(&rows, `<row r="%d">`, r*50+1)
		for range 20 {
			rows.WriteString(`<c s="1"/>`)
		}
		fmt.Fprintf(&rows, `<c r="XFD%d" s="1"/></row>`, r*50+1)
	}
	rows.WriteString(`<row r="1048000"><c r="A1048000"><f>COUNTA(A1:Z9)</f></c></row>`)
	b := oneSheet(rows.String()).bytes(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	book, _, _, err := opened(t, b)
	if err != nil {
		t.Fatal(err)
	}
	book.All()
	recalculate(t, book)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("420,000 styled cells take %d bytes", grown)
	}
	if got := show(book, 0, 1_047_999, 0); got != "0" {
		t.Errorf("it is %s", got)
	}
}

// TestFullDisk holds that a disk without space is an error that says so, and that the workbook is as it was.
func TestFullDisk(t *testing.T) {
	full := "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("there is no /dev/full")
	}
	dir := t.TempDir()
	source := oneSheet(formulaIn("1+1"))
	b, f := open(t, source.write(t, filepath.Join(dir, "a.xlsx")), calc.Options{})
	b.All()
	recalculate(t, b)
	if err := b.Save(context.Background(), f, full, nil); err == nil || !strings.Contains(err.Error(), "it is no regular file") {
		t.Errorf("to a device: %v", err)
	}
	small := smallDisk(t)
	path := filepath.Join(small, "a.xlsx")
	old := source.bytes(t)
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><f>RAND()</f><v>%d.123%[2]d</v></c></row>`, i+1, i*7919)
	}
	b, f = open(t, oneSheet(rows.String()).write(t, filepath.Join(dir, "b.xlsx")), calc.Options{})
	b.All()
	recalculate(t, b)
	err := b.Save(context.Background(), f, path, nil)
	if err == nil || !strings.Contains(err.Error(), "no space left on the disk, the original file is as it was") {
		t.Errorf("on a full disk: %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Error("the file is not what it was")
	}
	if names, _ := os.ReadDir(small); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

// TestCancel holds that opening, recalculating and writing end soon after they are told to, and that a recalculation that was
// stopped is finished by the next one.
func TestCancel(t *testing.T) {
	var rows strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><v>%d</v></c><c r="B%[1]d"><f>A%[1]d*2+SUM(A$1:A$50)</f></c><c r="C%[1]d"><f>LEN(B%[1]d&amp;"x")+MATCH(A%[1]d,A$1:A$60000,0)</f></c><c r="D%[1]d"><f>IF(ROW()=1,1,D%d+C%[1]d)</f></c></row>`, i+1, i%977, max(i, 1))
	}
	dir := t.TempDir()
	path := oneSheet(rows.String()).write(t, filepath.Join(dir, "a.xlsx"))
	soon := func(what string, f func(context.Context) error) {
		t.Helper()
		for _, after := range []time.Duration{0, 2 * time.Millisecond, 8 * time.Millisecond} {
			ctx, cancel := context.WithCancel(context.Background())
			stopped := make(chan time.Time, 1)
			time.AfterFunc(after, func() { stopped <- time.Now(); cancel() })
			err := f(ctx)
			if err == nil {
				continue // it was quicker
			}
			took := time.Since(<-stopped)
			t.Logf("%s: %v after the cancel", what, took)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", what, err)
			}
			if took > 5*time.Second { // 0.1 s on a machine of one's own
				t.Errorf("%s ended %v after it was told to", what, took)
			}
		}
	}
	soon("open", func(ctx context.Context) error {
		f, err := xlsx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		_, _, err = calc.Open(ctx, f, calc.Options{}, nil)
		return err
	})
	b, f := open(t, path, calc.Options{})
	soon("recalculation", func(ctx context.Context) error {
		b.All()
		_, err := b.Recalculate(ctx)
		return err
	})
	recalculate(t, b)
	whole, _ := open(t, path, calc.Options{Tree: true, Threads: 1})
	whole.All()
	recalculate(t, whole)
	for _, at := range [][2]int32{{0, 1}, {59_999, 1}, {59_999, 2}, {59_999, 3}, {30_000, 3}} {
		if got, want := show(b, 0, at[0], at[1]), show(whole, 0, at[0], at[1]); got != want {
			t.Errorf("%s is %s, want %s", cell.Address(at[0], at[1]), got, want)
		}
	}
	slow := newBook(t, calc.Options{Threads: 2})
	for row := range int32(5000) {
		slow.Set(0, row, 0, cell.Num(float64(row*7919%5000)))
		for col, text := range []string{"SUMPRODUCT((A$1:A$5000>A%[1]d)*1)", "SUMPRODUCT((A$1:A$5000>A%[1]d)*1)+C%[2]d", "SUM(OFFSET(A%[1]d,0,0,2,1))+SUMPRODUCT((A$1:A$5000>A%[1]d)*1)"} {
			if err := slow.SetFormula(0, row, int32(col)+1, fmt.Sprintf(text, row+1, max(row, 1)), false); err != nil {
				t.Fatal(err)
			}
		}
	}
	soon("slow recalculation", func(ctx context.Context) error {
		_, err := slow.Recalculate(ctx)
		return err
	})
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	soon("write", func(ctx context.Context) error { return b.Save(ctx, f, filepath.Join(dir, "a2.xlsx"), nil) })
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Error("the file is not what it was")
	}
}
