package fn_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

func TestStatOrder(t *testing.T) {
	b := evaltest.New().
		Fill("A1", []any{7, 3, 4, "x"}, []any{3.5, 5, 2, "#N/A"}, []any{3.5, 3, 4}, []any{1, 5, 6}, []any{2, 4, 7}).
		Fill("H1", []any{89}, []any{88}, []any{92}, []any{101}, []any{94}, []any{97}, []any{95})
	figures(t, b, []evaltest.Case{
		{"PERCENTRANK.INC({13,12,11,8,4,3,2,1,1,1},2)", "0.333"},
		{"PERCENTRANK.INC({13,12,11,8,4,3,2,1,1,1},4)", "0.555"},
		{"PERCENTRANK({13,12,11,8,4,3,2,1,1,1},8)", "0.666"},
		{"PERCENTRANK({13,12,11,8,4,3,2,1,1,1},5)", "0.583"},
		{"PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9},7)", "0.7"},
		{"PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9},5.43)", "0.381"},
		{"TRIMMEAN({4,5,6,7,2,3,4,5,1,2,3},0.2)", "3.778"},
	})
	b.Run(t, []evaltest.Case{
		{"LARGE(B1:C5,3)", "5"},
		{"LARGE(B1:C5,7)", "4"},
		{"LARGE(B1:C5,2.1)", "5"},
		{"LARGE(B1:C5,10)", "2"},
		{"LARGE(B1:C5,11)", "#NUM!"},
		{"LARGE(B1:C5,0)", "#NUM!"},
		{"LARGE(B1:C5,{1,2,3})", "{7,6,5}"},
		{"LARGE(D1:D2,1)", "#N/A"},
		{"LARGE(D1,1)", "#NUM!"},
		{`LARGE(A1:A3,"x")`, "#VALUE!"},
		{"SMALL({3,4,5,2,3,4,6,4,7},4)", "4"},
		{"SMALL({1,4,8,3,7,12,54,8,23},2)", "3"},
		{"SMALL({1,4,8,3,7,12,54,8,23},2.9)", "3"},
		{"SMALL({1,4},0.5)", "#NUM!"},
		{"SMALL({1;4},{2;1;3})", "{4;1;#NUM!}"},
		{"MEDIAN(1,2,3,4,5)", "3"},
		{"MEDIAN({1,2,3,4,5,6})", "3.5"},
		{"MEDIAN(A1:A5)", "3.5"},
		{"MEDIAN(A1:A5,100,TRUE)", "3.5"},
		{"MEDIAN(D1)", "#NUM!"},
		{"MEDIAN(A1:D5)", "#N/A"},
		{"MODE({5.6,4,4,3,2,4})", "4"},
		{"MODE.SNGL(2,1,2,1)", "2"},
		{"MODE(A1:A5)", "3.5"},
		{"MODE(B1:C5)", "4"}, // 3, 4, 5, 2, 3, 4: three times 4
		{"MODE(1,2,3)", "#N/A"},
		{"MODE(A1:D5)", "#N/A"},
		{"MODE.MULT({1,2,3,4,3,2,1,2,3,5,6,1})", "{1;2;3}"},
		{"MODE.MULT(B1:B5)", "{3;5}"},
		{"MODE.MULT(1,2)", "#N/A"},
		{"PERCENTILE({1,3,2,4},0.3)", "1.9"},
		{"PERCENTILE.INC({1,3,2,4},0)", "1"},
		{"PERCENTILE.INC({1,3,2,4},1)", "4"},
		{"PERCENTILE.INC({1,3,2,4},1.01)", "#NUM!"},
		{"PERCENTILE.INC({5},0.7)", "5"},
		{"PERCENTILE.INC(A1:A5,{0,0.5,1})", "{1,3.5,7}"},
		{"PERCENTILE.EXC({1,2,3,6,6,6,7,8,9},0.25)", "2.5"},
		{"PERCENTILE.EXC({1,2,3,6,6,6,7,8,9},0)", "#NUM!"},
		{"PERCENTILE.EXC({1,2,3,6,6,6,7,8,9},0.01)", "#NUM!"},
		{"PERCENTILE.EXC({1,2,3,6,6,6,7,8,9},2)", "#NUM!"},
		{"PERCENTILE.EXC({1,2,3,4,5},1/6)", "1"},
		{"PERCENTILE.EXC({1,2,3,4,5},5/6)", "5"},
		{"QUARTILE({1,2,4,7,8,9,10,12},1)", "3.5"},
		{"QUARTILE.INC({1,2,4,7,8,9,10,12},4.9)", "12"},
		{"QUARTILE.INC({1,2,4,7,8,9,10,12},5)", "#NUM!"},
		{"QUARTILE.INC({1,2,4,7,8,9,10,12},-1)", "#NUM!"},
		{"QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49},1)", "15"},
		{"QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49},3)", "43"},
		{"QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49},0)", "#NUM!"},
		{"QUARTILE.EXC({6,7,15,36,39,40,41,42,43,47,49},4)", "#NUM!"},
		{"PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9},5.43,1)", "0.3"},
		{"PERCENTRANK.INC({1,2,3,4},0)", "#N/A"},
		{"PERCENTRANK.INC({1,2,3,4},5)", "#N/A"},
		{"PERCENTRANK.INC({1,2,3,4},2,0)", "#NUM!"},
		{"PERCENTRANK.INC({5},5)", "1"},
		{"PERCENTRANK.EXC({5},5)", "0.5"},
		{"PERCENTRANK.INC(D1,1)", "#NUM!"},
		{"PERCENTRANK.INC({1,2,3,4,5},{2,4})", "{0.25,0.75}"},
		{"RANK(A2,A1:A5,1)", "3"},
		{"RANK(A1,A1:A5,1)", "5"},
		{"RANK(A1,A1:A5)", "1"},
		{"RANK.EQ(3.5,A1:A5)", "2"},
		{"RANK.AVG(3.5,A1:A5)", "2.5"},
		{"RANK.AVG(3.5,A1:A5,1)", "3.5"},
		{"RANK.AVG(94,H1:H7)", "4"},
		{"RANK(3,A1:A5)", "#N/A"},
		{"RANK(1,D1:D2)", "#N/A"},
		{"RANK(5,(A1:A5,B1:B2))", "2"},
		{"RANK(1,{1,2})", "#VALUE!"},
		{"RANK(A1:A5,A1:A5)", "{1;2;2;5;4}"},
		{"TRIMMEAN({1,2,3},0)", "2"},
		{"TRIMMEAN({1,2,3},1)", "#NUM!"},
		{"TRIMMEAN({1,2,3},-0.1)", "#NUM!"},
		{"FREQUENCY({79,85,78,85,50,81,95,88,97},{70,79,89})", "{1;2;4;2}"},
		{"FREQUENCY({1,2,3,4},{3,1,3})", "{2;1;0;1}"},
		{"FREQUENCY({1,4,2,5,3,0},{100,4;50,2})", "{0;2;1;3;0}"},
		{"FREQUENCY(A1:D1,{5})", "{2;1}"},
		{"FREQUENCY({1,2},D1)", "{2}"},
		{"FREQUENCY({1,2},D2)", "#N/A"},
	})
}

// caching is a workbook that keeps what is cached, and counts how often something is built.
type caching struct {
	*evaltest.Book
	kept   map[any]any
	builds int
}

func (c *caching) Cached(key any, _ []cell.Area, build func() any) any {
	v, ok := c.kept[key]
	if !ok {
		c.builds++
		v = build()
		c.kept[key] = v
	}
	return v
}

// A range that a whole column of formulas asks about is sorted once.
func TestStatOrderOnce(t *testing.T) {
	c := &caching{Book: evaltest.New(), kept: map[any]any{}}
	for i := range 1000 {
		c.Set(0, int32(i), 0, cell.Num(float64((i*37)%1000)))
	}
	for _, test := range []struct {
		text   string
		builds int
	}{
		{"RANK(A1,$A$1:$A$1000)", 1},
		{"LARGE($A$1:$A$1000,5)", 1},
		{"MEDIAN($A$1:$A$1000)", 1},
		{"PERCENTILE($A$1:$A$1000,0.5)", 1},
		{"SMALL(($A$1:$A$500,$A$501:$A$1000),5)", 2},
		{"RANK(A1,$A$1:$A$999)", 3},
		{"MODE($A$1:$A$1000)", 4},
		{"SUM", 4},
	} {
		e, err := formula.Parse(test.text, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		f := eval.Compile(e, c, eval.Options{Row: 0, Col: 1})
		w := eval.NewWalker(c)
		for row := range int32(900) {
			f.Value(w, 0, row, 1)
		}
		if c.builds != test.builds {
			t.Errorf("=%s over a column: %d builds so far, want %d", test.text, c.builds, test.builds)
		}
	}
}
