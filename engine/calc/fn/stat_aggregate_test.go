package fn_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

// figures checks numbers against others of as many digits as are written: what is right differs by less than the last.
// Several numbers are the elements of an array, with errors as they are; "…" stands for one that does not matter.
func figures(t *testing.T, b *evaltest.Book, cases []evaltest.Case) {
	t.Helper()
	for _, c := range cases {
		wants := strings.Fields(c[1])
		v := b.Eval(t, c[0], len(wants) > 1)
		got := []cell.Value{v}
		if g := v.Grid(); g != nil {
			got = g.Cells
		}
		if len(got) != len(wants) {
			t.Errorf("=%s is %s, want %s", c[0], evaltest.Show(v), c[1])
			continue
		}
		for i, want := range wants {
			f, err := strconv.ParseFloat(want, 64)
			if err != nil {
				if want != "…" && evaltest.Show(got[i]) != want {
					t.Errorf("=%s has %s in place %d, want %s", c[0], evaltest.Show(got[i]), i, want)
				}
				continue
			}
			digits, exponent, _ := strings.Cut(strings.ToLower(want), "e")
			e, _ := strconv.Atoi(exponent)
			if _, after, ok := strings.Cut(digits, "."); ok {
				e -= len(after)
			}
			bar := 0.51 * math.Pow10(e)
			if exact := 1e-12 * math.Abs(f); len(digits) > 15 && bar < exact {
				bar = exact
			}
			if got[i].Kind() != cell.Number || !(math.Abs(got[i].Float()-f) <= bar) {
				t.Errorf("=%s has %s in place %d, want %s", c[0], evaltest.Show(got[i]), i, want)
			}
		}
	}
}

// The examples are those of the functions' pages in Excel's help, where they have no other source.
func TestStatAggregates(t *testing.T) {
	b := evaltest.New().
		Fill("A1", []any{10, "text", true, nil, "#DIV/0!", "7"}).
		Fill("A2", []any{7, false}, []any{9, nil}, []any{27, 5}, []any{2, "n/a"}).
		Fill("H1", []any{1345}, []any{1301}, []any{1368}, []any{1322}, []any{1310}, []any{1370}, []any{1318}, []any{1350}, []any{1303}, []any{1299})
	figures(t, b, []evaltest.Case{
		{"AVEDEV(4,5,6,7,5,4,3)", "1.020408"},
		{"DEVSQ(4,5,8,7,11,4,3)", "48"},
		{"GEOMEAN(4,5,8,7,11,4,3)", "5.476987"},
		{"HARMEAN(4,5,8,7,11,4,3)", "5.028376"},
		{"KURT(3,4,5,2,3,4,5,6,4,7)", "-0.151799637"},
		{"SKEW(3,4,5,2,3,4,5,6,4,7)", "0.359543"},
		{"SKEW.P(3,4,5,2,3,4,5,6,4,7)", "0.303193"},
		{"STDEV(H1:H10)", "27.46392"},
		{"STDEV.S(H1:H10)", "27.46391572"},
		{"STDEVP(H1:H10)", "26.05456"},
		{"STDEV.P(H1:H10)", "26.05455814"},
		{"STDEVA(H1:H10)", "27.46391572"},
		{"STDEVPA(H1:H10)", "26.05455814"},
		{"VAR(H1:H10)", "754.2667"},
		{"VAR.S(H1:H10)", "754.26667"},
		{"VARP(H1:H10)", "678.84"},
		{"VAR.P(H1:H10)", "678.84"},
		{"VARA(H1:H10)", "754.26667"},
		{"VARPA(H1:H10)", "678.84"},
	})
	b.Run(t, []evaltest.Case{
		{"AVERAGE(A1:A5)", "11"},
		{"AVERAGE(A1:A5,5)", "10"},
		{"AVERAGE(A1:B5)", "10"},
		{"AVERAGE((A1:A2,B4))", "7.33333333333333"},
		{"AVERAGE(B1:B3)", "#DIV/0!"},
		{"AVERAGE(A:A)", "11"},
		{"AVERAGE(A1:E1)", "#DIV/0!"},
		{`AVERAGE("3",TRUE)`, "2"},
		{`AVERAGE("x")`, "#VALUE!"},
		{"AVERAGE({1,2,TRUE})", "1.5"},
		{"AVERAGEA(A1:D1)", "3.66666666666667"},
		{"AVERAGEA(B1:B5)", "1.25"},
		{`AVERAGEA({1,"x",TRUE})`, "0.666666666666667"},
		{`AVERAGEA("x")`, "#VALUE!"},
		{"AVERAGEA(D1:D2)", "#DIV/0!"},
		{"AVERAGEA(A1:E1)", "#DIV/0!"},
		{"COUNT(A1:F1)", "1"},
		{`COUNT(A1:F1,"3",TRUE,"x",1/0)`, "3"},
		{"COUNT(1,)", "2"},
		{`COUNT({1,"2",TRUE,#N/A})`, "1"},
		{"COUNTA(A1:F1)", "5"},
		{`COUNTA(A1:F1,"",)`, "7"},
		{"COUNTA(A:B)", "9"},
		{"MAX(A1:A5)", "27"},
		{"MAX(A1:A5,30)", "30"},
		{"MAX(B1:B3)", "0"},
		{"MAX(-5,-3)", "-3"},
		{"MAX(-5,)", "0"},
		{`MAX("7",TRUE)`, "7"},
		{`MAX("x")`, "#VALUE!"},
		{"MAX(A1:F1)", "#DIV/0!"},
		{"MAX({-2,-1})", "-1"},
		{"MIN(A1:A5)", "2"},
		{"MIN(A1:A5,0)", "0"},
		{"MIN(D1:D2)", "0"},
		{"MIN(3,{4,5})", "3"},
		{"MAXA(C1,B2)", "1"},
		{"MAXA(B1:B2)", "0"},
		{"MINA(A1:C1)", "0"},
		{"MINA(A1,C1)", "1"},
		{"MINA(5,{7,8})", "5"},
		{"MAXA(E1)", "#DIV/0!"},
		{"VAR(1)", "#DIV/0!"},
		{"VAR.P(1)", "0"},
		{"VAR.P(D1)", "#DIV/0!"},
		{"STDEV.S(1000000001,1000000002,1000000003)", "1"},
		{"VARA(A1:C1)", "30.3333333333333"},
		{`VARPA({1,"x",TRUE})`, "0.222222222222222"},
		{"VAR(A1:F1)", "#DIV/0!"},
		{"DEVSQ(D1)", "#NUM!"},
		{"AVEDEV(D1)", "#NUM!"},
		{"GEOMEAN(2,8)", "4"},
		{"GEOMEAN(1E300,1E300,1E300)", "1E+300"},
		{"GEOMEAN(1E-300,1E-300)", "1E-300"},
		{"GEOMEAN(2,0)", "#NUM!"},
		{"GEOMEAN(D1)", "#NUM!"},
		{"HARMEAN(1,0)", "#NUM!"},
		{"SKEW(1,2)", "#DIV/0!"},
		{"SKEW(3,3,3)", "#DIV/0!"},
		{"SKEW.P(1,2,3)", "0"},
		{"KURT(1,2,3)", "#DIV/0!"},
		{"KURT(2,2,2,2)", "#DIV/0!"},
	})
}
