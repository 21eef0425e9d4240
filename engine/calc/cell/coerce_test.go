package cell_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

var (
	num   = cell.Num
	str   = cell.Str
	yes   = cell.Truth(true)
	no    = cell.Truth(false)
	empty = cell.Value{}
	array = cell.Arr(cell.NewGrid(1, 1))
	ref   = cell.RefTo(cell.At(0, 0, 0))
	value = cell.Err(cell.ErrValue)
)

// same compares values of the kinds that a cell can hold.
func same(a, b cell.Value) bool {
	return a.Kind() == b.Kind() && a.Float() == b.Float() && a.Text() == b.Text() && a.Code() == b.Code()
}

func TestCoercions(t *testing.T) {
	toNumber := func(v cell.Value) cell.Value { return cell.ToNumber(v, cell.Dates1900) }
	for _, c := range []struct {
		name   string
		coerce func(cell.Value) cell.Value
		from   cell.Value
		want   cell.Value
	}{
		{"number of a number", toNumber, num(2.5), num(2.5)},
		{"number of TRUE", toNumber, yes, num(1)},
		{"number of FALSE", toNumber, no, num(0)},
		{"number of nothing", toNumber, empty, num(0)},
		{"number of a missing argument", toNumber, cell.Omitted(), num(0)},
		{"number of digits", toNumber, str(" 3 "), num(3)},
		{"number of a percentage", toNumber, str("50%"), num(0.5)},
		{"number of empty text", toNumber, str(""), value},
		{"number of words", toNumber, str("TRUE"), value},
		{"number of an error", toNumber, cell.Err(cell.ErrNA), cell.Err(cell.ErrNA)},
		{"number of an array", toNumber, array, value},
		{"number of a reference", toNumber, ref, value},

		{"text of text", cell.ToText, str("x"), str("x")},
		{"text of a number", cell.ToText, num(0.1), str("0.1")},
		{"text of TRUE", cell.ToText, yes, str("TRUE")},
		{"text of FALSE", cell.ToText, no, str("FALSE")},
		{"text of nothing", cell.ToText, empty, str("")},
		{"text of a missing argument", cell.ToText, cell.Omitted(), str("")},
		{"text of an error", cell.ToText, cell.Err(cell.ErrDiv), cell.Err(cell.ErrDiv)},
		{"text of a function", cell.ToText, cell.Func(1), cell.Err(cell.ErrCalc)},
		{"text of an array", cell.ToText, array, value},

		{"condition of a boolean", cell.ToBool, yes, yes},
		{"condition of 0", cell.ToBool, num(0), no},
		{"condition of -1", cell.ToBool, num(-1), yes},
		{"condition of nothing", cell.ToBool, empty, no},
		{"condition of the text true", cell.ToBool, str("true"), yes},
		{"condition of the text False", cell.ToBool, str("False"), no},
		{"condition of other text", cell.ToBool, str("1"), value},
		{"condition of an error", cell.ToBool, cell.Err(cell.ErrNum), cell.Err(cell.ErrNum)},
	} {
		if got := c.coerce(c.from); !same(got, c.want) {
			t.Errorf("%s: %v %v %q %v", c.name, got.Kind(), got.Float(), got.Text(), got.Code())
		}
	}
}

func TestCompare(t *testing.T) {
	// Each is less than the one after it.
	ascending := []cell.Value{num(-1), num(0.5), num(2), str(""), str("10"), str("a"), str("B"), str("é"), no, yes}
	for i, a := range ascending {
		for j, b := range ascending {
			got := cell.Compare(a, b)
			if got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("values %d and %d compare as %d", i, j, got)
			}
		}
	}
	for _, c := range []struct {
		name string
		a, b cell.Value
		want bool
	}{
		{"nothing and nothing", empty, cell.Omitted(), true},
		{"nothing and 0", empty, num(0), true},
		{"0 and nothing", num(0), empty, true},
		{"nothing and empty text", empty, str(""), true},
		{"FALSE and nothing", no, empty, true},
		{"TRUE and nothing", yes, empty, false},
		{"upper and lower case", str("ÀB"), str("àb"), true},
		{"a text and the text before it", str("ab"), str("a"), false},
		{"a number and its text", num(1), str("1"), false},
		{"Greek sigmas", str("ΣΟΦΟΣ"), str("σοφος"), true},
	} {
		if got := cell.Compare(c.a, c.b) == 0; got != c.want {
			t.Errorf("%s: equal is %v", c.name, got)
		}
	}
}

func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"abc", "ABC"}, {"straße", "STRAßE"}, {"ςίσυφος", "ΣΊΣΥΦΟΣ"}, {"", ""}} {
		a, b := cell.Fold(pair[0]), cell.Fold(pair[1])
		if a != b || cell.CompareText(pair[0], pair[1]) != 0 {
			t.Errorf("%q and %q fold to %q and %q", pair[0], pair[1], a, b)
		}
	}
	if cell.Fold("abc") != "abc" {
		t.Error("lower case changed")
	}
}
