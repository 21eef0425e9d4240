package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/engine/calc/xlsx/xlsxtest"
)

// sheet is the name of a sheet and the XML of its rows.
type sheet struct{ name, rows string }

// workbook writes a workbook with these sheets and, between them and the end, more XML.
func workbook(t *testing.T, path, before, behind string, sheets ...sheet) string {
	t.Helper()
	const main = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rels = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
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
	links := func(list string) string {
		return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + list + `</Relationships>`
	}
	list, linked := "", ""
	for i, s := range sheets {
		list += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, s.name, i+1, i+1)
		linked += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, rels, i+1)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<worksheet `+main+`><sheetData>`+s.rows+`</sheetData></worksheet>`)
	}
	put("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`)
	put("_rels/.rels", links(`<Relationship Id="rId1" Type="`+rels+`/officeDocument" Target="xl/workbook.xml"/>`))
	put("xl/workbook.xml", `<workbook `+main+` xmlns:r="`+rels+`">`+before+`<sheets>`+list+`</sheets>`+behind+`</workbook>`)
	put("xl/_rels/workbook.xml.rels", links(linked))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// budgetBook is a workbook of two sheets and a name; the value of one of its formulas is out of date.
func budgetBook(t *testing.T) string {
	t.Helper()
	return workbook(t, filepath.Join(t.TempDir(), "budget.xlsx"), "", `<definedNames><definedName name="Total">'My plan'!$B$4</definedName></definedNames>`,
		sheet{"Inputs", `<row r="1"><c r="A1"><v>10</v></c><c r="B1" t="inlineStr"><is><t>rate</t></is></c></row><row r="2"><c r="A2"><v>0.5</v></c></row>`},
		sheet{"My plan", `<row r="1"><c r="B1"><f>Inputs!A1*2</f><v>20</v></c></row><row r="2"><c r="B2"><f>B1*Inputs!A2</f><v>11</v></c></row>` +
			`<row r="3"><c r="B3"><f>IF(B2&gt;100,"much","little")</f><v>0</v></c></row><row r="4"><c r="B4"><f>SUM(B1:B2)</f><v>30</v></c><c r="C4"><f>1/(Inputs!A1-10)</f><v>1</v></c></row>`})
}

func TestCalcRun(t *testing.T) {
	s := newSession(t)
	path := budgetBook(t)
	for _, c := range []struct {
		name string
		args []string
		want string // all of stdout
	}{
		{"show a cell", []string{"--show", "B2"}, "\n"},
		{"show a name", []string{"--show", "Total"}, "30\n"},
		{"quoted sheet", []string{"--show", "'My plan'!B1:C4"}, "20\n10\nlittle\n30      #DIV/0!\n"},
		{"sheet without apostrophes", []string{"--show", "my plan!B1"}, "20\n"},
		{"two areas", []string{"--show", "A1", "--show", "A2"}, "Inputs!A1\n10\n\nInputs!A2\n0.5\n"},
		{"whole columns", []string{"--show", "Inputs!A:XFD"}, " 10  rate\n0.5\n"},
		{"number", []string{"--set", "A1=5", "--show", "Total"}, "15\n"},
		{"sheet", []string{"--set", "Inputs!$A$1=1e3", "--show", "'My plan'!B3"}, "much\n"},
		{"name", []string{"--set", "Total=1", "--show", "Total"}, "1\n"},
		{"percent", []string{"--set", "A2=50%", "--show", "A2"}, "0.5\n"},
		{"date", []string{"--set", "A1=2024-01-01", "--show", "A1"}, "45292\n"},
		{"boolean", []string{"--set", "A1=true", "--show", "'My plan'!B1"}, "2\n"},
		{"error", []string{"--set", "A1=#N/A", "--show", "Total"}, "#N/A\n"},
		{"text", []string{"--set", "A1=a b", "--show", "A1:A1", "--show", "'My plan'!B1"}, "Inputs!A1\na b\n\nMy plan!B1\n#VALUE!\n"},
		{"quoted text", []string{"--set", `A1="5"`, "--show", "'My plan'!B1", "--set", `A3==ISTEXT(A1)`, "--show", "A3"}, "My plan!B1\n10\n\nInputs!A3\nTRUE\n"},
		{"text with a quotation mark", []string{"--set", `A1="5"""`, "--show", "A1"}, "5\"\n"},
		{"empty", []string{"--set", "A1=", "--set", "A3==ISBLANK(A1)", "--show", "A3"}, "TRUE\n"},
		{"formula", []string{"--set", "'My plan'!B1==Inputs!A1*3+1", "--show", "Total"}, "46.5\n"},
		{"spilling formula", []string{"--set", "D1==SEQUENCE(2,2)*A1", "--show", "D1:E2"}, "10  20\n30  40\n"},
		{"the last one counts", []string{"--set", "A1=1", "--set", "A1=2", "--show", "A1"}, "2\n"},
		{"trusted", []string{"--trust", "--set", "A2=0.5", "--show", "'My plan'!B1:B4"}, "20\n10\nlittle\n30\n"},
		{"trusted and untouched", []string{"--trust", "--show", "'My plan'!B2"}, "11\n"},
		{"moment", []string{"--set", "A3==NOW()-TODAY()", "--set", "A4==TODAY()", "--now", "2026-11-28T18:00:00", "--show", "A3:A4"}, " 0.75\n46354\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := s.run(t, append([]string{"calc", "run", path}, c.args...)...)
			if code != exitOK || stdout != c.want {
				t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
			}
		})
	}
}

// TestCalcFrozen holds that the same seed gives the same random numbers, and the same moment the same NOW.
func TestCalcFrozen(t *testing.T) {
	s := newSession(t)
	path := workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), `<workbookPr date1904="1"/>`, "", sheet{"S", `<row r="1"><c r="A1"><f>RAND()</f></c><c r="B1"><f>RANDBETWEEN(1,1000000)</f></c><c r="C1"><f>TODAY()</f></c></row>`})
	show := func(args ...string) string {
		code, stdout, stderr := s.run(t, append([]string{"calc", "run", path, "--show", "A1:C1", "--now", "2026-11-28"}, args...)...)
		if code != exitOK {
			t.Fatal(stderr)
		}
		return stdout
	}
	one, two, again := show("--seed", "a"), show("--seed", "b"), show("--seed", "a", "--threads", "2")
	if one != again || one == two || !strings.Contains(one, " 44892\n") { // 46354 less 1462
		t.Errorf("%q %q %q", one, two, again)
	}
}

func TestCalcErrors(t *testing.T) {
	s := newSession(t)
	path := budgetBook(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run"}, "say which workbook or model: napkin calc run FILE.xlsx"},
		{[]string{"run", path, path}, "napkin calc run takes one workbook or model, and "},
		{[]string{"run", path + "x"}, "there is no file "},
		{[]string{"run", filepath.Dir(path)}, "it is no regular file"},
		{[]string{"run", "a.xls"}, "only .xlsx and .xlsm workbooks are read; save it as one of these"},
		{[]string{"run", path, "--set", "A1"}, "write CELL=VALUE, as in 'Inputs!B2=0.05'"},
		{[]string{"run", path, "--set", "A:A=5"}, "A:A is 1.05M cells; at most a million are set at once"},
		{[]string{"run", path, "--set", "Nowhere!A1=5"}, `there is no sheet "Nowhere"; there are "Inputs", "My plan"`},
		{[]string{"run", path, "--set", "Price=5"}, "Price is no cell, area or name of one"},
		{[]string{"run", path, "--set", "A1==SUM("}, "Inputs!A1: the formula ends where a value was expected (at character 5)"},
		{[]string{"run", path, "--show", "B:"}, "B: is no reference: "},
		{[]string{"run", path, "--show", "1+1"}, "1+1 is no cell, area or name of one"},
		{[]string{"run", path, "-o", filepath.Join(path, "b.xlsx")}, "write "},
		{[]string{"run", path, "-o", filepath.Join(filepath.Dir(path), "none", "b.xlsx")}, "there is no folder "},
		{[]string{"run", path, "--now", "soon"}, "write a moment as 2026-11-28 or 2026-11-28T14:30:00"},
		{[]string{"run", path, "--threads", "-2"}, "give 0 for all, or a number"},
		{[]string{"check", path, "--tolerance", "1"}, "give a share from 0 to below 1"},
		{[]string{"check", path, "--max", "-1"}, "give a number from 0 on"},
		{[]string{"profile", path, "--max", "-1"}, "give a number from 0 on"},
		{[]string{"explain", path}, "say which cell of which workbook: napkin calc explain FILE.xlsx 'Sheet1!C7'"},
		{[]string{"explain", path, "A1:A2"}, "A1:A2 is not one cell"},
	} {
		code, stdout, stderr := s.run(t, append([]string{"calc"}, c.args...)...)
		if code != exitError || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("%v: exit %d\n%s\n%s", c.args, code, stdout, stderr)
		}
	}
	// A damaged file, by its name and what is wrong.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(filepath.Dir(path), "cut.xlsx")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"run", "check", "profile"} {
		if code, _, stderr := s.run(t, "calc", verb, cut); code != exitError || !strings.Contains(stderr, cut+": the zip file is cut off: its list of parts, which stands at the end, is missing") {
			t.Errorf("%s: exit %d, %s", verb, code, stderr)
		}
	}
	// What was asked for before the workbook is read must not touch it.
	if _, stdout, _ := s.run(t, "calc", "run", path, "--show", "Total"); stdout != "30\n" {
		t.Errorf("the workbook has changed: %s", stdout)
	}
}

func TestCalcWrite(t *testing.T) {
	s := newSession(t)
	path := budgetBook(t)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(filepath.Dir(path), "what-if.xlsx")
	code, stdout, stderr := s.run(t, "calc", "run", path, "--set", "A1=100", "--set", "'My plan'!D1==B1/4", "-o", other, "--show", "Total")
	if code != exitOK || stdout != "300\n" || !strings.Contains(stderr, "wrote "+other) {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if now, _ := os.ReadFile(path); !bytes.Equal(now, old) {
		t.Error("the workbook was changed, and another file was to be written")
	}
	if code, stdout, stderr := s.run(t, "calc", "check", other); code != exitOK || !strings.Contains(stdout, "all 6 formulas have the value that the file says") {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if _, stdout, _ := s.run(t, "calc", "run", other, "--trust", "--show", "'My plan'!D1"); stdout != "50\n" {
		t.Errorf("D1 is %s", stdout)
	}
	// Over itself.
	if code, _, stderr := s.run(t, "calc", "run", path, "--set", "A1=1", "-o", path); code != exitOK {
		t.Fatal(stderr)
	}
	if _, stdout, _ := s.run(t, "calc", "run", path, "--trust", "--show", "Total"); stdout != "3\n" {
		t.Errorf("the total is %s", stdout)
	}
	if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
}

func TestCalcCheck(t *testing.T) {
	s := newSession(t)
	s.columns = 80
	path := budgetBook(t)
	code, stdout, stderr := s.run(t, "calc", "check", path)
	if code != exitFindings {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	want := `CELL        IN THE FILE  COMPUTED  FORMULA
My plan!B2  11           10        =B1*Inputs!A2
My plan!B3  0            "little"  =IF(B2>100,"much","little")
My plan!C4  1            #DIV/0!   =1/(Inputs!A1-10)

3 of 5 formulas have another value than the file says
`
	if !strings.HasPrefix(stdout, want) {
		t.Errorf("got\n%s\nwant\n%s", stdout, want)
	}
	var doc checkJSON
	code, stdout, _ = s.run(t, "calc", "check", path, "--json", "--max", "2")
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || code != exitFindings {
		t.Fatal(code, err)
	}
	if doc.Schema != 1 || doc.File != path || doc.Compared != 5 || doc.Different != 3 || len(doc.Differences) != 2 || doc.Differences[0] != (differenceJSON{"My plan!B2", "B1*Inputs!A2", 11.0, 10.0}) {
		t.Errorf("%+v", doc)
	}
	// A tolerance that lets 11 pass for 10, and one difference that stays.
	code, stdout, _ = s.run(t, "calc", "check", path, "--tolerance", "0.1")
	if code != exitFindings || strings.Contains(stdout, "B1*Inputs") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	// Each region has a place in a short list.
	rows := strings.Builder{}
	for i := 1; i <= 50; i++ {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><f>ROW()*2</f><v>1</v></c><c r="B%[1]d"><f>ROW()*3</f><v>1</v></c></row>`, i)
	}
	many := workbook(t, filepath.Join(t.TempDir(), "many.xlsx"), "", "", sheet{"S", rows.String()}, sheet{"Z", `<row r="9"><c r="A9"><f>1+1</f><v>3</v></c></row>`})
	code, stdout, _ = s.run(t, "calc", "check", many, "--max", "8")
	for _, want := range []string{"S!A1 ", "S!B1 ", "Z!A9 ", "and 93 more; --max lists them", "101 of 101 formulas"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("without %q:\n%s", want, stdout)
		}
	}
	if code != exitFindings {
		t.Errorf("exit %d", code)
	}
}

func TestCalcJSON(t *testing.T) {
	s := newSession(t)
	path := budgetBook(t)
	fields := func(stdout string) map[string]any {
		t.Helper()
		var doc map[string]any
		if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
			t.Fatalf("%v\n%s", err, stdout)
		}
		return doc
	}
	has := func(doc map[string]any, names ...string) {
		t.Helper()
		for _, n := range names {
			if _, ok := doc[n]; !ok {
				t.Errorf("there is no field %s", n)
			}
		}
	}
	_, stdout, _ := s.run(t, "calc", "run", path, "--json", "--show", "'My plan'!B3:C4", "--show", "B2")
	doc := fields(stdout)
	has(doc, "schema_version", "file", "cells", "regions", "circular", "open_seconds", "recalculate_seconds", "shown", "limit")
	shown, _ := json.Marshal(doc["shown"])
	if want := `[{"area":"My plan!B3:C4","values":[["little",null],[30,{"error":"#DIV/0!"}]]},{"area":"Inputs!B2","values":[[null]]}]`; string(shown) != want {
		t.Errorf("shown is %s, want %s", shown, want)
	}
	_, stdout, _ = s.run(t, "calc", "explain", path, "'My plan'!B1", "--json")
	doc = fields(stdout)
	has(doc, "schema_version", "cell", "value", "formula", "region", "how", "region_seconds", "reads", "read_by", "readers", "stale_after_edit", "limit")
	if doc["cell"] != "My plan!B1" || doc["value"] != 20.0 || doc["readers"] != 2.0 || doc["stale_after_edit"] != 3.0 {
		t.Errorf("%v", doc)
	}
	_, stdout, _ = s.run(t, "calc", "profile", path, "--json", "--max", "2")
	doc = fields(stdout)
	has(doc, "schema_version", "file", "cells", "recalculate_seconds", "regions", "limit")
	if list, _ := doc["regions"].([]any); len(list) != 2 {
		t.Errorf("%v", doc["regions"])
	}
}

func TestCalcExplain(t *testing.T) {
	s := newSession(t)
	s.columns = 80
	path := budgetBook(t)
	for cell, want := range map[string][]string{
		"'My plan'!B2": {"My plan!B2  10\n", "=B1*Inputs!A2\n", "no other cell shares this formula", "My plan!B1  20     1 formula region\n", "Inputs!A2   0.5    constants\n", "an edit makes 2 cells stale"},
		"Inputs!A1":    {"Inputs!A1  10\n", "a constant", "My plan!B1", "=1/(Inputs!A1-10)"},
		"Inputs!B1":    {`Inputs!B1  "rate"`, "nothing reads it"},
		"Inputs!Q99":   {"Inputs!Q99  (empty)", "nothing reads it"},
		"Total":        {"My plan!B4  30", "2 filled, sum 30"},
	} {
		code, stdout, stderr := s.run(t, "calc", "explain", path, cell)
		for _, w := range want {
			if code != exitOK || !strings.Contains(stdout, w) {
				t.Errorf("%s: exit %d, without %q\n%s\n%s", cell, code, w, stdout, stderr)
			}
		}
	}
}

// TestCalcNotes holds that what is not calculated is told of with its place, on stderr.
func TestCalcNotes(t *testing.T) {
	s := newSession(t)
	path := workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), "", "", sheet{"S", `<row r="3"><c r="B3"><f>SUM(A1</f><v>7</v></c><c r="C3"><f>C3+1</f><v>7</v></c><c r="D3"><f>E3</f></c><c r="E3"><f>D3</f></c><c r="F3"><f>` +
		"1" + strings.Repeat("+1", 4096) + `</f><v>8</v></c><c r="G3"><f>GONE(1)</f></c><c r="H3"><f>GONE(A1)</f><v>9</v></c></row>`})
	code, stdout, stderr := s.run(t, "calc", "run", path, "--show", "B3:H3")
	if code != exitOK || strings.TrimSpace(stdout) != "7  0  0  0  8  #NAME?  9" {
		t.Errorf("exit %d, %s", code, stdout)
	}
	for _, want := range []string{"S!B3 keeps the value of the file: its formula cannot be read: this parenthesis is not closed (at character 4)",
		"S!F3 keeps the value of the file: its formula cannot be read: a formula has at most 8,192 characters", "3 cells depend on themselves: S!C3, S!D3, S!E3",
		"functions that napkin does not know (GONE): 1 formula keeps the value of the file",
		"functions that napkin does not know (GONE) are #NAME? in 1 formula that reads what was set, or that has no fresh value in the file"} {
		if !strings.Contains(strings.Join(strings.Fields(stderr), " "), want) {
			t.Errorf("without %q:\n%s", want, stderr)
		}
	}
}

// TestCalcWidth holds that tables fit into 80 columns where what they show can be cut.
func TestCalcWidth(t *testing.T) {
	s := newSession(t)
	s.columns = 80
	path := filepath.Join(t.TempDir(), "big.xlsx")
	if err := xlsxtest.Create(path, xlsxtest.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"run", path}, {"profile", path}, {"check", path}} {
		code, stdout, stderr := s.run(t, append([]string{"calc"}, args...)...)
		if code != exitOK {
			t.Errorf("%v: exit %d\n%s\n%s", args, code, stdout, stderr)
		}
		for _, line := range strings.Split(stdout, "\n") {
			if len([]rune(line)) > 80 && !strings.HasPrefix(line, "took") && !strings.HasPrefix(line, "opened") {
				t.Errorf("%v: %d characters: %s", args, len([]rune(line)), line)
			}
		}
	}
}

// TestCalcKilled holds that a workbook which is written over itself is the old one or the new one, whenever the program is killed.
func TestCalcKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the command and kills it many times")
	}
	u := newTool(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.xlsx")
	if err := xlsxtest.Create(path, xlsxtest.Options{Rows: 20_000}); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if a := u.run(t, "calc", "run", path, "--set", "A2=7", "-o", path); a.code != exitOK {
		t.Fatal(a)
	}
	took := time.Since(began)
	done, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	survived := 0
	for i := range 25 {
		if err := os.WriteFile(path, source, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := u.command("calc", "run", path, "--set", "A2=7", "-o", path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took/4 + rand.N(took))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		now, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(now, source) {
			survived++
		} else if !bytes.Equal(now, done) {
			t.Fatalf("round %d: the file is neither the old one nor the new one", i)
		}
	}
	t.Logf("killed 25 times in %v: %d times the old file is left", took.Round(time.Millisecond), survived)
	left, _ := os.ReadDir(dir)
	left = slices.DeleteFunc(left, func(e os.DirEntry) bool { return e.Name() == "a.xlsx" || strings.HasSuffix(e.Name(), ".tmp") })
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
