package eval_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

func TestOperators(t *testing.T) {
	b := evaltest.New().Fill("A1", []any{1, 2.5, "x", true, nil, "#N/A", "3"}, []any{10, 20, 30, 40})
	b.Run(t, []evaltest.Case{
		{"1+2*3", "7"},
		{"-2^2", "4"},
		{"2^3^2", "64"},
		{"2^-1", "0.5"},
		{"50%", "0.5"},
		{"-50%*2", "-1"},
		{"1&2+3", `"15"`},
		{"1=1", "TRUE"},
		{`"a"="A"`, "TRUE"},
		{`"a"<1`, "FALSE"},
		{`TRUE>"z"`, "TRUE"},
		{"A1+B1", "3.5"},
		{"A1+D1", "2"},
		{"A1+E1", "1"},
		{"A1+G1", "4"},
		{"A1+C1", "#VALUE!"},
		{"C1&E1&D1", `"xTRUE"`},
		{"E1=0", "TRUE"},
		{`E1=""`, "TRUE"},
		{"A1/0", "#DIV/0!"},
		{"0^0", "#NUM!"},
		{"1E308*10", "#NUM!"},
		{"F1+1/0", "#N/A"},
		{"1/0+F1", "#DIV/0!"},
		{"XFD1:XFD2 A1", "#NULL!"},
		{"{1,2}*{10;20}", "{10,20;20,40}"},
		{"{1,2,3}+{1,2}", "{2,4,#N/A}"},
		{"A1:B1*2", "{2,5}"},
		{"nonsense", "#NAME?"},
		{"NO.SUCH.FUNCTION(1)", "#NAME?"},
		{"Sheet9!A1", "#REF!"},
		{"+C1", `"x"`},
		{"--G1", "3"},
	})
}

// TestLastDigits holds where the last digits of numbers do not count: in comparisons, and in an addition or subtraction that stands last in a formula.
func TestLastDigits(t *testing.T) {
	b := evaltest.New().Fill("A1", []any{0.5, 0.4, 0.1, 0.3, 0.2}).Define("rest", "0.5-0.4-0.1")
	b.Run(t, []evaltest.Case{
		{"0.5-0.4-0.1", "0"},
		{"(0.5-0.4-0.1)", "-2.77555756156289E-17"},
		{"((0.5-0.4-0.1))", "-2.77555756156289E-17"},
		{"1*(0.5-0.4-0.1)", "-2.77555756156289E-17"},
		{"A1-B1-C1", "0"},
		{"-B1+A1-C1", "0"},
		{"+A1-B1-C1", "0"},
		{"(A1-B1)-C1", "0"},
		{"A1-B1-C1-0", "-2.77555756156289E-17"},
		{"A1-B1-C1+0", "-2.77555756156289E-17"},
		{"SUM(A1,-B1,-C1)<>0", "TRUE"},
		{"IF(TRUE,A1-B1-C1)", "-2.77555756156289E-17"},
		{"{0.5,1}-0.4-{0.1,0.1}", "{0,0.5}"},
		{"rest", "-2.77555756156289E-17"},
		{"A1-B1-C1=0", "FALSE"},
		{"C1+E1=D1", "TRUE"},
		{"C1+E1<>D1", "FALSE"},
		{"C1+E1>D1", "FALSE"},
		{"C1+E1<=D1", "TRUE"},
		{"C1+E1<D1", "FALSE"},
		{"C1+E1>=D1", "TRUE"},
		{"10.1-10=0.1", "FALSE"},
		{"MATCH(C1+E1,D1:D1,0)", "#N/A"},
		{"{0.3,1}=C1+E1", "{TRUE,FALSE}"},
	})
}

func TestIntersection(t *testing.T) {
	b := evaltest.New().Fill("A1", []any{1, 2, 3}, []any{4, 5, 6}, []any{7, 8, 9})
	for _, c := range []struct {
		formula  string
		row, col int32
		want     string
	}{
		{"A1:A3*10", 1, 5, "40"},
		{"A1:C1*10", 9, 2, "30"},
		{"A1:A3*10", 5, 5, "#VALUE!"},
		{"A1:C3", 1, 1, "#VALUE!"},
		{"@A1:A3", 2, 5, "7"},
		{"A1:A3", 1, 5, "4"},
		{"A1:C1", 7, 2, "3"},
		{"A1:A3 A2:C2", 8, 8, "4"},
	} {
		if got := evaltest.Show(b.EvalAt(t, c.formula, c.row, c.col, false)); got != c.want {
			t.Errorf("=%s in row %d column %d is %s, want %s", c.formula, c.row, c.col, got, c.want)
		}
	}
}

func TestBranches(t *testing.T) {
	b := evaltest.New().Fill("A1", []any{1, "#N/A", 0})
	b.Run(t, []evaltest.Case{
		{"IF(A1,2,B1)", "2"},
		{"IF(C1,B1,3)", "3"},
		{"IF(FALSE,1)", "FALSE"},
		{"IF(TRUE,,1)", "0"},
		{"IF(B1,1,2)", "#N/A"},
		{`IF("x",1,2)`, "#VALUE!"},
		{"IF({1,0,1},{10,20,30},B1)", "{10,#N/A,30}"},
		{"IFERROR(1/0,7)", "7"},
		{"IFERROR(5,1/0)", "5"},
		{"IFERROR({1,#N/A},0)", "{1,0}"},
		{"IFNA(B1,1)", "1"},
		{"IFNA(1/0,1)", "#DIV/0!"},
		{"IFS(A1=2,1,A1=1,2)", "2"},
		{"IFS(FALSE,1)", "#N/A"},
		{`SWITCH(2,1,"a",2,"b")`, `"b"`},
		{`SWITCH(3,1,"a",2,"b","c")`, `"c"`},
		{`SWITCH(3,1,"a")`, "#N/A"},
		{"CHOOSE(2,1/0,5)", "5"},
		{"CHOOSE(3,1,2)", "#VALUE!"},
		{"CHOOSE(2.9,1,2)", "2"},
	})
}

func TestLet(t *testing.T) {
	b := evaltest.New().Define("double", "LAMBDA(x,x*2)").Define("fact", "LAMBDA(n,IF(n<2,1,n*fact(n-1)))").Define("forever", "LAMBDA(n,forever(n))").Define("rate", "0.25")
	b.Run(t, []evaltest.Case{
		{"LET(x,2,y,x*3,x+y)", "8"},
		{"LET(x,1,LET(x,2,x)+x)", "3"},
		{"LAMBDA(x,y,x-y)(5,3)", "2"},
		{"LET(_xlpm.f,LAMBDA(_xlpm.x,_xlpm.x+1),_xlpm.f(2))", "3"},
		{"LAMBDA(_xlpm.x,_xlop.y,IF(ISOMITTED(_xlpm.y),_xlpm.x,_xlpm.y))(5)", "5"},
		{"LET(k,10,f,LAMBDA(x,x*k),f(2)+f(3))", "50"},
		{"LET(a,1,f,LAMBDA(x,LAMBDA(y,a+x*y)),f(2)(3))", "7"},
		{"double(21)", "42"},
		{"fact(5)", "120"},
		{"forever(1)", "#NUM!"},
		{"rate*100", "25"},
		{"LAMBDA(x,x)", "#CALC!"},
		{"LAMBDA(x,ISOMITTED(x))()", "TRUE"},
		{"LET(f,LAMBDA(x,LET(y,x+1,y*x)),f(f(2)))", "42"},
	})
}
