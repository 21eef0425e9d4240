package cell_test

import (
	"math"
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

// TestCompareNumbers holds what Excel was observed to do, in the places where it goes from one number of 15 digits to the next: of the numbers one bit
// before, at, one and two bits behind, only the middle pair is different (examples of bug 47198 of Apache POI).
func TestCompareNumbers(t *testing.T) {
	for _, at := range []uint64{0x4010000000000005, 0x4010000000000010, 0x401000000000001C, 0x403CE0FFFFFFFFF1, 0x5010000000000006, 0x5010000000000010,
		0x501000000000001A, 0x544CE6345CF32018, 0x544CE6345CF3205A, 0x544CE6345CF3209C, 0x544CE6345CF320DE, 0x54B250001000101D, 0x54B2500010001050,
		0x54B2500010001083, 0x6230100010001000, 0x6230100010001005, 0x623010001000100A, 0x7F50300020001011, 0x7F5030002000102B, 0x7F50300020001044,
		0x2B2BFFFF1000102A, 0x2B2BFFFF10001079, 0x2B2BFFFF100010C8, 0x2B2BFF001000102D, 0x2B2BFF0010001035, 0x2B2BFF001000103D, 0x2B61800040002024,
		0x2B61800040002055, 0x2B61800040002086, 0x008000000000000B, 0x0010000000000007, 0x001000000000001B, 0x001000000000002F} {
		for i, want := range []int{0, -1, 0} {
			a, b := math.Float64frombits(at+uint64(i)-1), math.Float64frombits(at+uint64(i))
			for _, c := range []struct {
				a, b float64
				want int
			}{{a, b, want}, {b, a, -want}, {-a, -b, -want}, {a, -b, 1}} {
				if got := cell.CompareNumbers(c.a, c.b); got != c.want {
					t.Errorf("%x: %v and %v: %d, want %d", at, c.a, c.b, got, c.want)
				}
			}
		}
	}
	tenth, fifth := 0.1, 0.2
	for _, c := range []struct {
		a, b float64
		want int
	}{
		{tenth + fifth, 0.3, 0}, {10.1 - float64(10), 0.1, -1}, {tenth + 0x1p-56, tenth, 0}, {6.4583333333333348, 6.4583333333333339, 0}, {0, 5e-324, -1}, {0, 1e-300, -1},
		{1e15, 1e15 + 1, 0}, {123456789012345, 123456789012346, -1}, {0x1p-1023, 0x1p-1023 + 0x1p-1074, -1},
	} {
		if got := cell.CompareNumbers(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestSettle holds what Excel was observed to make of the last subtraction of a formula.
func TestSettle(t *testing.T) {
	half, tenth := 0.5, 0.1
	settled := func(x, y float64) bool { return cell.Settle(x, x-y) == 0 && x != y }
	for n := 50; n <= 53; n++ {
		if y := 1 - math.Ldexp(1, -n); !settled(1, y) {
			t.Errorf("1-(1-2^-%d) is not 0", n)
		}
	}
	if y := 1 - 0x1p-49; settled(1, y) {
		t.Error("1-(1-2^-49) is 0")
	}
	for _, x := range []float64{1e-7, 1e25, 1e100, -3, 0x1.fffffffffffffp1023} {
		for n := range uint64(12) {
			y := math.Float64frombits(math.Float64bits(x) - n)
			if got, want := settled(x, y), 1 <= n && n <= 7; got != want {
				t.Errorf("%v less a number %d units away is 0: %v", x, n, got)
			}
		}
	}
	if !settled(half-0.4, tenth) {
		t.Error("0.5-0.4-0.1 is not 0")
	}
	if x := float64(39795) - 13530.90 - 11895 - 14369.10; settled(x, 0) || x == 0 {
		t.Errorf("%v-0 is 0", x)
	}
	if got := cell.Settle(0, 5e-324); got != 5e-324 {
		t.Errorf("what is added to 0 becomes %v", got)
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
