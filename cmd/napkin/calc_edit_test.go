package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCalcTyped holds that --set reads what people type into a cell.
func TestCalcTyped(t *testing.T) {
	s := newSession(t)
	path := budgetBook(t)
	for value, want := range map[string]string{
		"2026-11-28T12:00": "46354.5", "2026-11-28 06:00:00": "46354.25", "28-Nov-2026": "46354", "1,000.5": "1000.5", "-5": "-5", "$3": "3", " x": "x",
		"2026-11-28Tnoon": "2026-11-28Tnoon", "0,05": "0,05",
	} {
		code, stdout, stderr := s.run(t, "calc", "run", path, "--set", "A1="+value, "--show", "A1")
		if code != exitOK || strings.TrimSpace(stdout) != want {
			t.Errorf("%q: exit %d, %s, want %s\n%s", value, code, stdout, want, stderr)
		}
	}
	// Who writes a comma for the point, or a date that is none, should hear of it.
	_, _, stderr := s.run(t, "calc", "run", path, "--set", "A1=0,05", "--show", "A1")
	if want := `A1 held a number; "0,05" is none, and makes it a text`; !strings.Contains(strings.Join(strings.Fields(stderr), " "), want) {
		t.Errorf("without %q: %s", want, stderr)
	}
	for _, quiet := range []string{"B1=0,05", `A1="5"`} { // a text before, and one that is meant
		if _, _, stderr := s.run(t, "calc", "run", path, "--set", quiet, "--show", "A1"); strings.Contains(stderr, "held a number") {
			t.Errorf("%s: %s", quiet, stderr)
		}
	}
}

// TestCalcSetArea holds that an area is filled as one fills it in Excel.
func TestCalcSetArea(t *testing.T) {
	s := newSession(t)
	path := budgetBook(t)
	code, stdout, stderr := s.run(t, "calc", "run", path, "--set", "A1:B2=7", "--set", "C1:D2==A1*$A1+ROW()", "--set", "E1:E2=x", "--show", "A1:E2")
	if want := "7  7  50  50  x\n7  7  51  51  x\n"; code != exitOK || stdout != want {
		t.Errorf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	if _, _, stderr := s.run(t, "calc", "run", path, "--set", "A1:A2=0,05", "--show", "A1"); !strings.Contains(strings.Join(strings.Fields(stderr), " "), `2 cells of A1:A2 held numbers; "0,05" is none, and makes them texts`) {
		t.Error(stderr)
	}
	other := filepath.Join(t.TempDir(), "b.xlsx")
	if code, _, stderr := s.run(t, "calc", "run", path, "--set", "Inputs!C1:C3==A1&\"!\"", "-o", other); code != exitOK {
		t.Fatal(stderr)
	}
	if _, stdout, _ := s.run(t, "calc", "run", other, "--trust", "--show", "C1:C3"); stdout != "10!\n0.5!\n!\n" {
		t.Errorf("written: %s", stdout)
	}
}

// TestCalcRefused holds that errors say what was meant, and that nothing is written.
func TestCalcRefused(t *testing.T) {
	s := newSession(t)
	dir := t.TempDir()
	path := workbook(t, filepath.Join(dir, "a.xlsx"), "", `<definedNames><definedName name="TaxRate">S!$A$1</definedName><definedName name="Third">1/3</definedName>`+
		`<definedName name="Both">S!$A$1:$A$2</definedName></definedNames>`, sheet{"S", `<row r="1"><c r="A1"><v>1</v></c></row>`}, sheet{"Inputs", ""})
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run", path, "--set", "Inptus!A1=5"}, `there is no sheet "Inptus"; did you mean "Inputs"?`},
		{[]string{"run", path, "--set", "TaxRat=5"}, "TaxRat is no cell, area or name of one; did you mean TaxRate?"},
		{[]string{"run", path, "--set", "Third=5"}, "Third is a name of =1/3 and not of cells"},
		{[]string{"explain", path, "Both"}, "Both is S!A1:A2, which is not one cell"},
		{[]string{"run", path, "--set", "A1==1" + strings.Repeat("+1", 5000)}, "--set A1==1" + strings.Repeat("+1", 26) + "...: S!A1: a formula has at most 8,192 characters"},
		{[]string{"run", path, "-o", filepath.Join(dir, "b.csv")}, "a workbook is written as the kind of file that it is; name a file that ends with .xlsx"},
		{[]string{"run", path, "-o", filepath.Join(dir, "b.xlsm")}, "name a file that ends with .xlsx"},
		{[]string{"run", path, "-o", filepath.Join(dir, "b")}, "name a file that ends with .xlsx"},
		{[]string{"run", path, "-o", "-"}, "a workbook is written to a file only; name one"},
		{[]string{"run", path, "-o", ""}, "-o: name a file"},
		{[]string{"run", path, "-o", filepath.Join(dir, "b.xlsx"), "--show", "Inptus!A1"}, `there is no sheet "Inptus"`},
		{[]string{"chekc", path}, "did you mean check?"},
	} {
		code, stdout, stderr := s.run(t, append([]string{"calc"}, c.args...)...)
		if code != exitError || !strings.Contains(strings.Join(strings.Fields(stderr), " "), c.want) || stdout != "" {
			t.Errorf("%.80v: exit %d, without %q\n%s\n%s", c.args, code, c.want, stdout, stderr)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("written: %v", left)
	}
}

// TestCalcCheckWithoutValues holds that a file without values is not told to have the right ones.
func TestCalcCheckWithoutValues(t *testing.T) {
	s := newSession(t)
	s.columns = 80
	dir := t.TempDir()
	path := workbook(t, filepath.Join(dir, "a.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>A1+1</f><v></v></c></row>`})
	code, stdout, _ := s.run(t, "calc", "check", path)
	if code != exitError || !strings.Contains(stdout, "no formula could be compared") || !strings.Contains(stdout, "2 were not compared") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	other := filepath.Join(dir, "b.xlsx")
	if code, _, stderr := s.run(t, "calc", "run", path, "-o", other); code != exitOK {
		t.Fatal(stderr)
	}
	if code, stdout, _ := s.run(t, "calc", "check", other); code != exitOK || !strings.Contains(stdout, "all 2 formulas have the value that the file says") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	// A workbook without formulas has nothing to compare, and is right.
	plain := workbook(t, filepath.Join(dir, "c.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1"><v>1</v></c></row>`})
	if code, stdout, _ := s.run(t, "calc", "check", plain); code != exitOK {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

// styled adds number formats to a workbook: style 1 is a date, 2 a share, 3 has thousands and two places.
func styled(t *testing.T, path string) string {
	t.Helper()
	from, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	put := func(name, text string) {
		w, err := to.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, part := range from.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == "xl/_rels/workbook.xml.rels" {
			text = bytes.Replace(text, []byte("</Relationships>"), []byte(`<Relationship Id="rId90" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`), 1)
		}
		put(part.Name, string(text))
	}
	put("xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="170" formatCode="yyyy\-mm\-dd"/></numFmts>`+
		`<cellXfs count="4"><xf/><xf numFmtId="170"/><xf numFmtId="9"/><xf numFmtId="4"/></cellXfs></styleSheet>`)
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCalcFormatted holds that --formatted prints what a cell shows.
func TestCalcFormatted(t *testing.T) {
	s := newSession(t)
	path := styled(t, workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1" s="1"><f>DATE(2024,2,29)</f></c><c r="B1" s="2"><v>0.07</v></c>` +
		`<c r="C1" s="3"><f>1234567.891</f></c><c r="D1"><v>0.5</v></c><c r="E1" s="1"><f>1/0</f></c></row>`}))
	for flag, want := range map[string]string{"": "45351 0.07 1234567.891 0.5 #DIV/0!", "--formatted": "2024-02-29 7% 1,234,567.89 0.5 #DIV/0!"} {
		args := []string{"calc", "run", path, "--show", "A1:F1"}
		if flag != "" {
			args = append(args, flag)
		}
		if code, stdout, stderr := s.run(t, args...); code != exitOK || strings.Join(strings.Fields(stdout), " ") != want {
			t.Errorf("%s: exit %d, %s, want %s\n%s", flag, code, stdout, want, stderr)
		}
	}
	if code, _, stderr := s.run(t, "calc", "run", path, "--show", "A1", "--formatted", "--json"); code != exitError || !strings.Contains(stderr, "--json has the values") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// TestCalcTrust holds that --trust takes no missing value for 0, and tells where a file says that its values are old.
func TestCalcTrust(t *testing.T) {
	s := newSession(t)
	path := workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), "", `<calcPr fullCalcOnLoad="1"/>`, sheet{"S", `<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>4</v></c><c r="C1"><f>B1*2</f></c><c r="D1"><f>C1+A1</f><v>7</v></c>` +
		`<c r="E1"><f>B1+1</f><v>50</v></c></row>`})
	code, stdout, stderr := s.run(t, "calc", "run", path, "--trust", "--set", "A1=2", "--show", "A1:E1")
	if code != exitOK || strings.Join(strings.Fields(stdout), " ") != "2 4 8 10 50" {
		t.Errorf("exit %d, %s", code, stdout)
	}
	for _, want := range []string{"its values are not fresh", "1 region of formulas has cells without a value in the file, and is computed"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("without %q: %s", want, stderr)
		}
	}
}

// TestCalcCheckSpilled holds that a cell that an array fills is listed with the array's formula.
func TestCalcCheckSpilled(t *testing.T) {
	s := newSession(t)
	s.columns = 80
	path := workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f><v>2</v></c><c r="B1"><v>1</v></c></row>` +
		`<row r="2"><c r="A2"><v>5</v></c><c r="B2"><v>2</v></c></row>`})
	code, stdout, _ := s.run(t, "calc", "check", path)
	if code != exitFindings || !strings.Contains(strings.Join(strings.Fields(stdout), " "), "S!A2 5 4 =B1:B2*2") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

// TestCalcCheckApart holds that two values that differ are not shown as the same one.
func TestCalcCheckApart(t *testing.T) {
	s := newSession(t)
	s.columns = 100
	path := workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1"><f>0.1+0.2</f><v>0.3</v></c><c r="B1" t="str"><f>REPT("x",50)&amp;"11"</f><v>` + strings.Repeat("x", 50) + `2</v></c></row>`})
	_, stdout, _ := s.run(t, "calc", "check", path, "--tolerance", "0")
	for _, want := range []string{"S!A1  0.3          0.30000000000000004  =0.1+0.2", `S!B1  ...xxxxx2"   ...xxxxx11"          =REPT("x",50)&"11"`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("without %q:\n%s", want, stdout)
		}
	}
}

// TestCalcExplainKinds holds that explain tells what a value depends on besides the cells that it reads.
func TestCalcExplainKinds(t *testing.T) {
	s := newSession(t)
	s.columns = 80
	path := workbook(t, filepath.Join(t.TempDir(), "a.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1"><f>B1+1</f></c><c r="B1"><f>A1*2</f></c><c r="C1"><f>RAND()</f></c><c r="D1"><f>B1+1</f></c></row>`})
	const circle, volatile = "it depends on itself, so it is 0", "it depends on the moment or on random numbers"
	for _, c := range []struct{ cell, has, not string }{
		{"A1", circle, volatile}, {"C1", volatile, circle}, {"D1", "=B1+1", circle}, {"E9", "an empty cell", "a constant"},
	} {
		code, stdout, stderr := s.run(t, "calc", "explain", path, c.cell)
		if code != exitOK || !strings.Contains(stdout, c.has) || strings.Contains(stdout, c.not) {
			t.Errorf("%s: exit %d\n%s\n%s", c.cell, code, stdout, stderr)
		}
	}
	// Readers that only values tell, and formulas that read very many areas.
	many := workbook(t, filepath.Join(t.TempDir(), "b.xlsx"), "", "", sheet{"S", `<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>INDIRECT("A1")</f></c><c r="C1"><f>OFFSET(A1,0,0)</f></c><c r="D1"><f>SUM(A1,A3,A5,A7,A9,A11,A13,A15,A17,A19,A21,A23,A25,A27,A29,A31,A33,A35,A37,A39,A41,A43)</f></c></row>`})
	for cell, want := range map[string]string{"A1": "1 region reads what only values tell (OFFSET, INDIRECT), perhaps this cell", "Z9": "no formula names it\n2 regions read", "D1": "and 2 more areas; -v lists them"} {
		if code, stdout, _ := s.run(t, "calc", "explain", many, cell); code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("%s: exit %d, without %q\n%s", cell, code, want, stdout)
		}
	}
	_, stdout, _ := s.run(t, "calc", "explain", path, "A1", "--json")
	var doc explainJSON
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || !doc.Circular || doc.Volatile {
		t.Errorf("%v\n%s", err, stdout)
	}
}
