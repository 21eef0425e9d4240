package calcconform

import "testing"

const excelizeSource = `package excelize
func TestSums(t *testing.T) {
	cellData := [][]interface{}{{1, -2.5, "x"}, {nil, true}}
	f := prepareCalcData(cellData)
	formulas := map[string]string{
		"1+A1": "2", "=A1+B1": "-1.5", "A1&C1": "1x", "A1/4": "0.26",
	}
	for formula, expected := range formulas {
		assert.NoError(t, f.SetCellFormula("Sheet1", "C3", formula))
	}
	errors := map[string][]string{"1/0": {"#DIV/0!", "#DIV/0!"}, "PI(1)": {"#VALUE!", "PI accepts no arguments"}}
	assert.NoError(t, f.SetCellFormula("Sheet1", "A1", "10*2"))
	formulas = map[string]string{"A1+1": "21"}
}
func TestUnread(t *testing.T) {
	f := NewFile()
	f.SetCellValue("Sheet1", "A1", time.Now())
	x := map[string]string{"A1+0": "1"}
	f.SetCellFormula("Sheet1", "B1", formula)
}`

func TestExcelizeTables(t *testing.T) {
	cases, err := ReadExcelize([]byte(excelizeSource))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Outcome{"1+A1": Right, "A1+B1": Right, "A1&C1": Right, "A1/4": Wrong, "1/0": Right, "A1+1": Right}
	if len(cases) != len(want)+1 { // PI may not be in the library
		t.Errorf("%d cases, want %d", len(cases), len(want)+1)
	}
	for _, c := range CheckTables(cases) {
		if w, ok := want[c.Subject]; ok && c.Outcome != w {
			t.Errorf("=%s is %d, want %d: %+v", c.Subject, c.Outcome, w, c)
		}
	}
	if _, err := ReadExcelize([]byte("no Go")); err == nil {
		t.Error("a file that is no Go is read")
	}
}

func TestFormulajsTables(t *testing.T) {
	src := `
    expect(mathTrig.ABS(-1)).to.equal(1)
    expect(mathTrig.ABS(undefined)).to.equal(0)
    expect(mathTrig.ABS(x)).to.equal(0)
    expect(mathTrig.ABS(error.na)).to.equal(error.na)
    expect(
      statistical.F.TEST([1, 2], [[3], ['a"b']], true) // a comment
    ).to.approximately(0.25, 1e-3)
    expect(text.CLEAN('a\n')).to.equal('a')
    expect(lookup.MATCH('x', ['a', 'b'])).to.deep.equal([1])`
	var got []TableCase
	for _, c := range ReadFormulajs(src) {
		c.Source, c.Test = "", ""
		got = append(got, c)
	}
	want := []TableCase{
		{Formula: "ABS(-1)", Want: "1"},
		{Formula: "ABS(#N/A)", Want: "#N/A"},
		{Formula: `F.TEST({1,2},{3;"a""b"},TRUE)`, Want: "0.25", Within: 1e-3},
	}
	if len(got) != len(want) {
		t.Fatalf("%d cases, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("case %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func FuzzReadFormulajs(f *testing.F) {
	f.Add("expect(a.B([1,'x'],-2)).to.equal(error.num)")
	f.Fuzz(func(_ *testing.T, s string) { ReadFormulajs(s) })
}
