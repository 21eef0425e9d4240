package calc_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc"
	"github.com/napkin-infra/napkin/engine/calc/xlsx"
)

// unknownBook has formulas with functions that nobody but the program that saved it knows.
func unknownBook(t *testing.T, calculation string) (*book, *xlsx.File) {
	t.Helper()
	f := &file{names: []string{"Sheet1"}, sheets: []string{
		`<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>GETPIVOTDATA("Sales",$D$1)*A1</f><v>7</v></c><c r="C1"><f>B1+1</f><v>99</v></c></row>` +
			`<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f>GETPIVOTDATA("Sales",$D$1)*A2</f><v>14</v></c><c r="C2"><f>B2+1</f><v>99</v></c></row>` +
			`<row r="3"><c r="A3"><v>3</v></c><c r="B3"><f>myAddIn(A3)</f></c><c r="C3"><f>IF(A3&gt;5,myAddIn(A3),A3*2)</f><v>6</v></c></row>` +
			`<row r="4"><c r="A4"><f>theirs+INDIRECT("A1")</f><v>30</v></c><c r="B4"><f t="array" ref="B4:C4">myAddIn(A1:A2)</f><v>5</v></c><c r="C4"><v>6</v></c></row>`},
		extra: `<definedNames><definedName name="theirs">GET.CELL(38,Sheet1!$A$1)</definedName></definedNames>` + calculation}
	b, x := open(t, f.write(t, filepath.Join(t.TempDir(), "book.xlsx")), calc.Options{})
	return &book{b, t}, x
}

// TestUnknownFunctions: a formula that cannot be computed keeps the value of the file until what it reads is edited.
func TestUnknownFunctions(t *testing.T) {
	b, _ := unknownBook(t, "")
	check := func(what string, kept, computed int64, want ...string) {
		t.Helper()
		b.All()
		b.want(want...)
		u := b.Unknown()
		if names := []string{"GET.CELL", "GETPIVOTDATA", "MYADDIN"}; !slices.Equal(u.Functions, names) || u.Kept != kept || u.Computed != computed {
			t.Errorf("%s: %+v, want %d kept and %d computed of %q", what, u, kept, computed, names)
		}
	}
	opened := []string{"B1", "7", "C1", "8", "B2", "14", "C2", "15", "B3", "#NAME?", "C3", "6", "A4", "30", "B4", "5", "C4", "6"}
	check("opened", 5, 1, opened...)
	check("computed again", 5, 1, opened...)
	b.set("A2", 4, "A3", 4)
	check("edited", 2, 4, "B1", "7", "C1", "8", "B2", "#NAME?", "C2", "#NAME?", "B3", "#NAME?", "C3", "8", "A4", "30", "B4", "#NAME?", "C4", "#NAME?")
	b.set("A3", 6)
	check("in a branch that is taken", 2, 4, "B1", "7", "C3", "#NAME?")
	b.set("A1", 6, "A5", "=nobody(1)", "A6", "=A5")
	b.want("B1", "#NAME?", "A5", "#NAME?", "A6", "#NAME?")
}

// TestUnknownStale: values that the file itself calls stale are not kept.
func TestUnknownStale(t *testing.T) {
	b, _ := unknownBook(t, `<calcPr fullCalcOnLoad="1"/>`)
	b.All()
	b.want("B1", "#NAME?", "C1", "#NAME?", "B2", "#NAME?", "C3", "6", "A4", "#NAME?", "B4", "#NAME?")
	if u := b.Unknown(); u.Kept != 0 || u.Computed != 6 {
		t.Errorf("%+v, want all computed", u)
	}
}

// TestUnknownKept: what is kept is not compared, and saved as it was.
func TestUnknownKept(t *testing.T) {
	b, x := unknownBook(t, "")
	c, err := b.Check(context.Background(), 1e-9, 10)
	if err != nil {
		t.Fatal(err)
	}
	// Different are the two formulas whose saved value is out of date; one has no value in the file.
	if c.Kept != 6 || c.Compared != 2 || c.Different != 2 || c.Unsaved != 1 {
		t.Errorf("%d kept, %d compared, %d different, %d unsaved", c.Kept, c.Compared, c.Different, c.Unsaved)
	}
	again, _ := open(t, write(t, b.Workbook, x, filepath.Join(t.TempDir(), "again.xlsx")), calc.Options{})
	(&book{again, t}).want("B1", "7", "B2", "14", "C1", "8", "B3", "#NAME?", "C3", "6", "A4", "30", "B4", "5", "C4", "6")
}
