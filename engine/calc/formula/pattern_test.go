package formula

import (
	"bytes"
	"testing"
)

// TestPattern holds that a pattern recognises the formula in other rows, and nothing that has another key.
func TestPattern(t *testing.T) {
	for _, text := range []string{"A5*B5", "SUM($A$1:A5)", "A4+1", "IF(A5>$B$3,A5-C6,\"A5\")", "LOG10(A5)+Sheet1!B5", "'A5'!B5&\"x\"", "A5", "1+2", "$A5+A$5", "Sales[Price]*A5", "A5:B9", "x.A5+A5"} {
		e, err := Parse(text, 4, 7)
		if err != nil {
			t.Fatal(err)
		}
		var p Pattern
		if p.Matches(text, 4) {
			t.Errorf("the zero pattern recognises %s", text)
		}
		p.Set(text, 4, 7)
		if !p.Matches(text, 4) {
			t.Errorf("%s is not recognised in its own row", text)
		}
		want, _ := AppendKey(nil, text, 4, 7)
		printed := Text(e, 4, 7) == text // the printer has its own words for some
		for _, row := range []int32{1, 3, 4, 5, 8, 94, 95, 9994, 1<<20 - 6} {
			moved := Text(e, row, 7)
			if printed && !p.Matches(moved, row) {
				t.Errorf("%s in row %d is not recognised as %s", moved, row, text)
			}
			for _, other := range []string{moved, text, moved + "1", moved + "0", moved + " ", "0" + moved, moved[:len(moved)-1], "B5*B5", ""} {
				for _, at := range []int32{row, row + 1, 0} {
					key, ok := AppendKey(nil, other, at, 7)
					if p.Matches(other, at) && !(ok && bytes.Equal(key, want)) {
						t.Errorf("%s in row %d is taken for %s", other, at, text)
					}
				}
			}
		}
		p.Clear()
		if p.Matches(text, 4) {
			t.Errorf("a pattern that was cleared recognises %s", text)
		}
	}
	var p Pattern
	p.Set("SUM(3:5)+A1", 0, 0) // a text that has no key
	if p.Matches("SUM(3:5)+A1", 0) {
		t.Error("a text without a key has a pattern")
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("A5*B5", "A6*B6", int32(4), int32(5))
	f.Add("SUM($A$1:A5)&\"A5\"", "SUM($A$1:A105)&\"A5\"", int32(4), int32(104))
	f.Add("'A1'!A1+LOG10(A1)", "'A1'!A2+LOG10(A2)", int32(0), int32(1))
	f.Fuzz(func(t *testing.T, a, b string, row, other int32) {
		row, other = row&(1<<20-1), other&(1<<20-1)
		var p Pattern
		p.Set(a, row, 9)
		key, ok := AppendKey(nil, a, row, 9)
		if ok != p.Matches(a, row) {
			t.Fatalf("%q has a key: %t, but is recognised: %t", a, ok, !ok)
		}
		if p.Matches(b, other) {
			if again, ok := AppendKey(nil, b, other, 9); !ok || !bytes.Equal(key, again) {
				t.Fatalf("%q in row %d is taken for %q in row %d", b, other, a, row)
			}
		}
	})
}
