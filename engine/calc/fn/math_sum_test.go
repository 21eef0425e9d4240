package fn_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
	"github.com/napkin-infra/napkin/engine/calc/formula"
)

func TestMathSums(t *testing.T) {
	mathBook().Define("both", "($A$1:$A$3,$D$1:$D$2)").Run(t, []evaltest.Case{
		{"SUM(3,2)", "5"},
		{`SUM("5",15,TRUE)`, "21"},
		{"SUM(A1:A4,2)", "3.5"},
		{"SUM(B1:B4)", "0"},
		{"SUM(B4)", "0"},
		{`SUM("x")`, "#VALUE!"},
		{"SUM(C1:C3)", "#N/A"},
		{"SUM(C3:C4,C1)", "#DIV/0!"},
		{"SUM(A:A)", "1.5"},
		{"SUM(XA1:XA9)", "0"},
		{`SUM({1,"2",TRUE,3})`, "4"},
		{"SUM(1,)", "1"},
		{"SUM(both)", "36"},
		{"SUM((A1:A2,A1:A2))", "6"},
		{"SUM(A1:A3*2)", "#VALUE!"}, // in the mode of single values one cell is meant, and row 20 has none
		{"SUM(Other!A1:A3)", "0"},
		{"PRODUCT(A1:A3)", "6"},
		{"PRODUCT(A1:A3,2)", "12"},
		{`PRODUCT("2",TRUE,3)`, "6"},
		{"PRODUCT(B1:B3)", "0"},
		{"PRODUCT(2,)", "0"},
		{"PRODUCT(C1:C4)", "#N/A"},
		{"SUMSQ(3,4)", "25"},
		{"SUMSQ(A1:A4)", "34.25"},
		{"SUMSQ(B1:B4)", "0"},
		{"SUMSQ(C2:C3)", "#DIV/0!"},
		{"SUMPRODUCT(A1:A3,D1:D3)", "140"},
		{"SUMPRODUCT(A1:A3*D1:D3)", "140"},
		{"SUMPRODUCT((A1:A4>1)*1)", "2"},
		{"SUMPRODUCT((A1:A4>1)*(D1:D4<30),D1:D4)", "20"},
		{"SUMPRODUCT(A1:A4>1)", "0"}, // booleans are no numbers
		{"SUMPRODUCT(A1:A4,B1:B4)", "0"},
		{"SUMPRODUCT(A1:A3,D1:D4)", "#VALUE!"},
		{"SUMPRODUCT(A:A,D:D)", "-40"},
		{"SUMPRODUCT(A1:A9,D1:D9,D1:D9)", "-3600"},
		{"SUMPRODUCT(A1:A2,C1:C2)", "#N/A"},
		{"SUMPRODUCT(3,4)", "12"},
		{"SUMPRODUCT({1,2;3,4},{1,1;1,2})", "14"},
		{"SUMX2MY2({2,3,9,1,8,7,5},{6,5,11,7,5,4,4})", "-55"},
		{"SUMX2PY2({2,3,9,1,8,7,5},{6,5,11,7,5,4,4})", "521"},
		{"SUMXMY2({2,3,9,1,8,7,5},{6,5,11,7,5,4,4})", "79"},
		{"SUMXMY2(A1:A4,B1:B4)", "#DIV/0!"},
		{"SUMXMY2(A1:A3,D1:D2)", "#N/A"},
		{"SUMXMY2(A1:A3,D1:D3)", "1134"},
		{"SUMXMY2(A1:A3,{10,20,30})", "1134"},
		{"SUMX2PY2(A1:A3,C1:C3)", "#N/A"},
		{"SUMXMY2(2,5)", "9"},
		{"ROUND(SERIESSUM(PI()/4,0,2,{1,-0.5,0.0416666666666667,-0.0013888888888889}),6)", "0.707103"},
		{"SERIESSUM(0,0,1,{1,2})", "#NUM!"},
		{"SERIESSUM(0,1,1,{1,2})", "0"},
		{"SERIESSUM(2,0,1,A1:A3)", "17"},
		{"SERIESSUM(0,0,1,A1:A3)", "#NUM!"},
		{`SUMPRODUCT("2",3)`, "#VALUE!"},
		{`SUMPRODUCT({2;"2"},{3;3})`, "6"},
		{"SUMXMY2(Z98,Z99)", "#DIV/0!"},
		{"SERIESSUM(2,0,1,B1)", "#VALUE!"},
		{"SERIESSUM(TRUE,0,1,A1:A3)", "#VALUE!"},
		{"PERCENTOF(A1:A2,A1:A3)", "0.5"},
		{"PERCENTOF(A1,B1:B3)", "#DIV/0!"},
		{"PERCENTOF(C1,A1)", "#N/A"},
	})
}

func TestMathMatrices(t *testing.T) {
	mathBook().Run(t, []evaltest.Case{
		{"MDETERM({1,3,8,5;1,3,6,1;1,1,1,0;7,3,10,2})", "88"},
		{"MDETERM({3,6,1;1,1,0;3,10,2})", "1"},
		{"MDETERM({3,6;1,1})", "-3"},
		{"MDETERM({1,3,8,5;1,3,6,1})", "#VALUE!"},
		{"MDETERM(5)", "5"},
		{"MDETERM({0,1;0,2})", "0"},
		{"MDETERM(A1:B2)", "#VALUE!"},
		{"MDETERM(C1:D2)", "#N/A"},
		{"MINVERSE({4,-1;2,0})", "{0,0.5;-1,2}"},
		{"MINVERSE({0,1;2,0})", "{0,0.5;1,0}"},
		{"MINVERSE({1,2;2,4})", "#NUM!"},
		{"MINVERSE({1,2,3;4,5,6})", "#VALUE!"},
		{"MINVERSE(B1)", "#VALUE!"},
		{"MMULT({1,3;7,2},{2,0;0,2})", "{2,6;14,4}"},
		{"MMULT({1,2,3},{1;2;3})", "{14}"},
		{"MMULT(A1:A2,{1,10})", "{1,10;2,20}"},
		{"MMULT({1E+200,1},{1E+200,1;1,1})", "#NUM!"},
		{"MMULT({1,2},{1,2})", "#VALUE!"},
		{"MMULT(A1:B2,A1:B2)", "#VALUE!"},
		{"MMULT(XA1:XB2,{1,2;3,4})", "#VALUE!"},
		{"MUNIT(2)", "{1,0;0,1}"},
		{"MUNIT(0)", "#VALUE!"},
		{"MUNIT(5000)", "#NUM!"},
		{"SEQUENCE(2,3)", "{1,2,3;4,5,6}"},
		{"SEQUENCE(3)", "{1;2;3}"},
		{"SEQUENCE(,3)", "{1,2,3}"},
		{"SEQUENCE(2,2,10,-5)", "{10,5;0,-5}"},
		{"SEQUENCE(2,1,0)", "{0;1}"},
		{"SEQUENCE(0)", "#CALC!"},
		{"SEQUENCE(-1)", "#VALUE!"},
		{"SEQUENCE(2000000)", "#VALUE!"},
		{"SEQUENCE(1000000,1000)", "#NUM!"},
		{"SEQUENCE(B1)", "#VALUE!"},
		// The random numbers of the workbook of these tests are all 0.5.
		{"RAND()", "0.5"},
		{"RANDARRAY(1,2)", "{0.5,0.5}"},
		{"RANDARRAY(2,1,1,10,TRUE)", "{6;6}"},
		{"RANDARRAY(1,1,10,20)", "{15}"},
		{"RANDARRAY(1,1,2,1)", "#VALUE!"},
		{"RANDARRAY(1,1,0.5,3,TRUE)", "#VALUE!"},
		{"RANDBETWEEN(1,10)", "6"},
		{"RANDBETWEEN(-1,1)", "0"},
		{"RANDBETWEEN(1.1,1.9)", "#NUM!"},
		{"RANDBETWEEN(2,1)", "#NUM!"},
		{"RANDBETWEEN(TRUE,2)", "#VALUE!"},
	})
}

// styled is a workbook some cells of which have formulas and number formats, by row and column.
type styled struct {
	*evaltest.Book
	formulas, formats map[[2]int32]string
}

func (b styled) Formula(sheet, row, col int32) (string, bool) {
	s, ok := b.formulas[[2]int32{row, col}]
	return s, ok && sheet == 0
}

func (b styled) Passed(a cell.Area, byHand, byFilter, nested bool) []cell.Area {
	out := b.Book.Passed(a, byHand, byFilter, nested)
	for at, text := range b.formulas {
		tree, err := formula.Parse(text[1:], at[0], at[1])
		if nested && err == nil && formula.Calls(tree, "SUBTOTAL", "AGGREGATE") {
			out = append(out, cell.At(a.Sheet, at[0], at[1]))
		}
	}
	return out
}

func (b styled) NumberFormat(sheet, row, col int32) string {
	if s, ok := b.formats[[2]int32{row, col}]; ok && sheet == 0 {
		return s
	}
	return "General"
}

// run evaluates cases in J20, those with an array in array mode.
func (b styled) run(t *testing.T, cases []evaltest.Case) {
	t.Helper()
	for _, c := range cases {
		e, err := formula.Parse(c[0], 19, 9)
		if err != nil {
			t.Errorf("=%s: %v", c[0], err)
			continue
		}
		f := eval.Compile(e, b.Book, eval.Options{Array: c[1][0] == '{', Row: 19, Col: 9})
		if got := evaltest.Show(f.Value(eval.NewWalker(b), 0, 19, 9)); got != c[1] {
			t.Errorf("=%s is %s, want %s", c[0], got, c[1])
		}
	}
}

func TestMathSubtotal(t *testing.T) {
	// Row 8 of the workbook is hidden by hand, row 9 by a filter.
	b := styled{
		Book: evaltest.New().Fill("A6", []any{120, 1}, []any{10, "x"}, []any{150, "#N/A"}, []any{23, 4}, []any{303, 9}),
		formulas: map[[2]int32]string{
			{9, 0}: `=subtotal(9,A6:A9)`,
			{5, 0}: `=100+20`,
			{6, 0}: `=LEN("SUBTOTAL(")+1`,
			{9, 1}: `=ROUND(_xlfn.AGGREGATE(9,6,B6:B9),0)`,
			{8, 1}: `=MYSUBTOTAL(1)`,
		},
	}
	b.run(t, []evaltest.Case{
		{"SUBTOTAL(9,A6:A10)", "280"},   // without row 9 and the subtotal
		{"SUBTOTAL(109,A6:A10)", "130"}, // without row 8 too
		{"SUBTOTAL(9,A6:A7,A8)", "280"},
		{"SUBTOTAL(1,A6:A7)", "65"},
		{"SUBTOTAL(2,A6:B7)", "3"},
		{"SUBTOTAL(3,A6:B8)", "6"},
		{"SUBTOTAL(2,B6:B10)", "1"},
		{"SUBTOTAL(103,B6:B10)", "2"},
		{"SUBTOTAL(4,A6:A10)", "150"},
		{"SUBTOTAL(105,A6:A10)", "10"},
		{"SUBTOTAL(6,A6:A7)", "1200"},
		{"SUBTOTAL(7,A6:A7)^2", "6050"},
		{"SUBTOTAL(8,A6:A7)", "55"},
		{"SUBTOTAL(10,A6:A7)", "6050"},
		{"SUBTOTAL(11,A6:A7)", "3025"},
		{"SUBTOTAL(7,A6)", "#DIV/0!"},
		{"SUBTOTAL(1,A9)", "#DIV/0!"},
		{"SUBTOTAL(4,A9)", "0"},
		{"SUBTOTAL(9,B6:B10)", "#N/A"},
		{"SUBTOTAL(109,B6:B10)", "1"},
		{"SUBTOTAL(12,A6)", "#VALUE!"},
		{"SUBTOTAL(0,A6)", "#VALUE!"},
		{"SUBTOTAL(112,A6)", "#VALUE!"},
		{"SUBTOTAL(9,{1,2})", "#VALUE!"},
		{"SUBTOTAL(9,Sheet1:Other!A6)", "#VALUE!"},
		{"SUBTOTAL({1,9},A6:A7)", "{65,130}"},
		{`SUBTOTAL("9",A6:A7)`, "130"},
	})
	b.run(t, []evaltest.Case{
		{"AGGREGATE(9,4,A6:A10)", "606"},
		{"AGGREGATE(9,0,A6:A10)", "303"},
		{"AGGREGATE(9,,A6:A10)", "303"},
		{"AGGREGATE(9,1,A6:A10)", "130"},
		{"AGGREGATE(9,5,A6:A10)", "433"},
		{"AGGREGATE(9,2,B6:B10)", "5"},
		{"AGGREGATE(9,6,B6:B10)", "14"},
		{"AGGREGATE(9,3,B6:B10)", "1"},
		{"AGGREGATE(9,7,B6:B10)", "10"},
		{"AGGREGATE(9,4,B6:B10)", "#N/A"},
		{"AGGREGATE(2,6,A6:A10,B6:B10)", "8"},
		{"AGGREGATE(3,6,B6:B10)", "4"},
		{"AGGREGATE(9,8,A6)", "#VALUE!"},
		{"AGGREGATE(20,4,A6)", "#VALUE!"},
		{"AGGREGATE(9,4,{1,2})", "#VALUE!"},
		{"AGGREGATE(9,4)", "#VALUE!"},
	})
}

// The example of the manual.
func TestMathAggregate(t *testing.T) {
	evaltest.New().Fill("A11",
		[]any{"#DIV/0!", 82}, []any{72, 65}, []any{30, 95}, []any{"#NUM!", 63}, []any{31, 53}, []any{96, 71},
		[]any{32, 55}, []any{81, 83}, []any{33, 100}, []any{53, 91}, []any{34, 89},
	).Fill("D1", []any{1, 2, 2, 3, 3}).Run(t, []evaltest.Case{
		{"AGGREGATE(4,6,A11:A21)", "96"},
		{"AGGREGATE(14,6,A11:A21,3)", "72"},
		{"AGGREGATE(15,6,A11:A21)", "#VALUE!"},
		{"AGGREGATE(12,6,A11:A21,B11:B21)", "68"},
		{"AGGREGATE(15,6,A11:A21,1)", "30"},
		{"AGGREGATE(15,6,A11:A21,{1,2})", "{30,31}"},
		{"AGGREGATE(14,6,A11:A21,12)", "#NUM!"},
		{"AGGREGATE(14,6,A11:A21,0)", "#NUM!"},
		{"AGGREGATE(14,4,A11:A21,1)", "#DIV/0!"},
		{"AGGREGATE(14,6,A11:A21/(B11:B21>80),1)", "81"},
		{"AGGREGATE(14,6,1/0,1)", "#NUM!"},
		{"AGGREGATE(13,4,D1:H1)", "2"},
		{"AGGREGATE(13,4,B11:B21)", "#N/A"},
		{"AGGREGATE(1,6,A11:A13)", "51"},
		{"AGGREGATE(5,6,A11:A21)", "30"},
		{"AGGREGATE(6,4,D1:H1)", "36"},
		{"AGGREGATE(10,4,D1:G1)*3", "2"},
		{"AGGREGATE(11,4,D1:G1)", "0.5"},
		{"AGGREGATE(8,4,D1:G1)^2", "0.5"},
		{"AGGREGATE(12,4,D1:G1)", "2"},
		{"AGGREGATE(12,4,Z1:Z9)", "#NUM!"},
		{"AGGREGATE(16,4,{1,2,3,4},0.3)", "1.9"},
		{"AGGREGATE(16,4,{1,2,3,4},1.1)", "#NUM!"},
		{"AGGREGATE(17,4,{1,2,4,7,8,9,10,12},1)", "3.5"},
		{"AGGREGATE(17,4,{1,2,4,7,8,9,10,12},5)", "#NUM!"},
		{"AGGREGATE(18,4,{1,2,3,6,6,6,7,8,9},0.25)", "2.5"},
		{"AGGREGATE(18,4,{1,2,3,6,6,6,7,8,9},0.01)", "#NUM!"},
		{"AGGREGATE(19,4,{6,7,15,36,39,40,41,42,43,47,49},1)", "15"},
		{"AGGREGATE(19,4,{6,7,15,36,39,40,41,42,43,47,49},3)", "43"},
		{"AGGREGATE(19,4,{1,2,3},4)", "#NUM!"},
		{`AGGREGATE(14,4,"x",1)`, "#VALUE!"},
	})
}
