package criteria

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestBoxes holds that a test of boxes is the test of what they hold.
func TestBoxes(t *testing.T) {
	values := []cell.Value{{}, cell.Num(0), cell.Num(1), cell.Num(-2.5), cell.Str(""), cell.Str("1"), cell.Str("a"), cell.Str("AB"), cell.Str("?"),
		cell.Truth(true), cell.Truth(false), cell.Err(cell.ErrNA), cell.Err(cell.ErrDiv), cell.Str("50%"), cell.Num(0.5)}
	strings := cell.NewStrings()
	conditions := values
	for _, operator := range []string{"=", "<>", "<", "<=", ">", ">="} {
		for _, operand := range []string{"", "0", "1", "a", "a*", "~?", "TRUE", "#N/A", "50%", "?"} {
			conditions = append(conditions, cell.Str(operator+operand))
		}
	}
	for _, c := range conditions {
		k := Parse(c, cell.Dates1900)
		test := k.test(strings)
		for range 2 {
			for _, v := range values {
				if got, want := test(strings.Box(v)), k.Match(v); got != want {
					t.Errorf("condition %v of %v: %v as a box, %v as a value", c, v, got, want)
				}
			}
		}
	}
}

// TestAdd holds what a total makes of values that are no numbers.
func TestAdd(t *testing.T) {
	na, div, empty, text := cell.BoxError(cell.ErrNA), cell.BoxError(cell.ErrDiv), cell.BoxEmpty(), cell.BoxText(3)
	for _, c := range []struct {
		name  string
		of    Total
		boxes []cell.Box
		want  cell.Value
	}{
		{"sum of nothing", Sum, nil, cell.Num(0)},
		{"sum", Sum, []cell.Box{1, empty, 2, text, cell.BoxBool(true)}, cell.Num(3)},
		{"first error", Sum, []cell.Box{1, na, div, 2}, cell.Err(cell.ErrNA)},
		{"count", Count, []cell.Box{1, text, 5}, cell.Num(2)},
		{"count with an error", Count, []cell.Box{div, 1}, cell.Err(cell.ErrDiv)},
		{"least of nothing", Min, []cell.Box{text}, cell.Value{}},
		{"least", Min, []cell.Box{3, -1, 2}, cell.Num(-1)},
		{"greatest below zero", Max, []cell.Box{-3, -1, empty}, cell.Num(-1)},
		{"greatest with an error", Max, []cell.Box{1, na, 5}, cell.Err(cell.ErrNA)},
		{"beyond the greatest number", Sum, []cell.Box{1e308, 1e308, -1e308}, cell.Err(cell.ErrNum)},
		{"infinity less infinity", Sum, []cell.Box{1e308, 1e308, -1e308, -1e308, -1e308, -1e308}, cell.Err(cell.ErrNum)},
	} {
		total := c.of.start()
		for _, b := range c.boxes {
			total = c.of.add(total, b)
		}
		if got := value(total); got != c.want {
			t.Errorf("%s is %v, want %v", c.name, got, c.want)
		}
	}
}
