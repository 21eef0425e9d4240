package cell_test

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestBox(t *testing.T) {
	table := cell.NewStrings()
	values := []cell.Value{empty, num(0), num(-1.5), num(math.MaxFloat64), num(math.SmallestNonzeroFloat64), str(""), str("x"), yes, no}
	for e := cell.ErrNull; e <= cell.ErrCalc; e++ {
		values = append(values, cell.Err(e))
	}
	for _, v := range values {
		b := table.Box(v)
		if cell.BoxKind(b) != v.Kind() {
			t.Errorf("box of a %v is a %v", v.Kind(), cell.BoxKind(b))
		}
		if got := table.Value(b); !same(got, v) {
			t.Errorf("box of a %v, %v %q: %v %v %q", v.Kind(), v.Float(), v.Text(), got.Kind(), got.Float(), got.Text())
		}
	}
	if !cell.BoxedBool(cell.BoxBool(true)) || cell.BoxedBool(cell.BoxBool(false)) {
		t.Error("booleans")
	}
	if cell.BoxedError(cell.BoxError(cell.ErrRef)) != cell.ErrRef || cell.BoxedText(cell.BoxText(77)) != 77 {
		t.Error("payloads")
	}
}

func TestBoxOfCompounds(t *testing.T) {
	table := cell.NewStrings()
	for _, c := range []struct {
		name    string
		v, want cell.Value
	}{
		{"array", cell.Arr(&cell.Grid{Rows: 1, Cols: 2, Cells: []cell.Value{num(3), num(4)}}), num(3)},
		{"reference", ref, value},
		{"function", cell.Func(1), cell.Err(cell.ErrCalc)},
		{"missing argument", cell.Omitted(), empty},
	} {
		if got := table.Value(table.Box(c.v)); !same(got, c.want) {
			t.Errorf("%s: %v %v", c.name, got.Kind(), got.Float())
		}
	}
}

// The NaN that arithmetic makes is no box.
func TestNaN(t *testing.T) {
	zero := 0.0
	for _, nan := range []float64{math.NaN(), zero / zero, math.Inf(1) - math.Inf(1)} {
		if got := cell.NewStrings().Value(nan); got.Code() != cell.ErrNum {
			t.Errorf("%x is a %v", math.Float64bits(nan), got.Kind())
		}
	}
}

func TestStrings(t *testing.T) {
	table := cell.NewStrings()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 200 {
				s := string(rune('a' + i))
				if table.Text(table.ID(s)) != s {
					t.Errorf("%q is lost", s)
				}
			}
		})
	}
	wg.Wait()
	if table.Len() != 201 {
		t.Errorf("%d texts, want 201", table.Len())
	}
	if id, ok := table.Find(""); id != 0 || !ok {
		t.Error("empty text is not number 0")
	}
	if _, ok := table.Find("none"); ok {
		t.Error("found what is not there")
	}
}

// TestFoldKeys holds that folding many keys is folding each, which texts are no literals, and which are not plain.
func TestFoldKeys(t *testing.T) {
	table := cell.NewStrings()
	long := strings.Repeat("x", 256)
	texts := []string{"Apple", "APPLE", "apple", "é", "É", "", "a*b", "a?", "~", long, long[1:], "Apple", "=a", "<3", "12%", "1/2/1902", "false", "#n/a", "5th"}
	boxes := []cell.Box{1, cell.BoxEmpty(), cell.BoxBool(true), cell.BoxError(cell.ErrNA)}
	for _, s := range texts {
		boxes = append(boxes, cell.BoxText(table.ID(s)), 2)
	}
	for round := range 2 { // the first one folds, the second finds
		keys := make([]uint64, len(boxes))
		for i, b := range boxes {
			keys[i] = math.Float64bits(b)
		}
		var others []string
		table.FoldKeys(keys, cell.Literal, func(i int) { others = append(others, table.Text(cell.BoxedText(boxes[i]))) })
		if want := []string{"a*b", "a?", "~", long}; !slices.Equal(others, want) {
			t.Errorf("round %d: no literals are %q, want %q", round, others, want)
		}
		others = nil
		table.FoldKeys(slices.Clone(keys), cell.Plain, func(i int) { others = append(others, table.Text(cell.BoxedText(boxes[i]))) })
		if want := []string{"", "a*b", "a?", "~", long, "=a", "<3", "12%", "1/2/1902", "false", "#n/a"}; !slices.Equal(others, want) {
			t.Errorf("round %d: not plain are %q, want %q", round, others, want)
		}
		for i, b := range boxes {
			want := math.Float64bits(b)
			if cell.BoxKind(b) == cell.Text {
				want = math.Float64bits(cell.BoxText(table.FoldID(cell.BoxedText(b))))
			}
			if keys[i] != want {
				t.Errorf("round %d: key %d is %x, want %x", round, i, keys[i], want)
			}
		}
	}
}
