package fn_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

func TestShapes(t *testing.T) {
	b := evaltest.New().Fill("A1", []any{1, 2, 3}, []any{4, nil, "x"}, []any{7, "#N/A", 9})
	b.Run(t, []evaltest.Case{
		{"TRANSPOSE(A1:C2)", `{1,4;2,empty;3,"x"}`},
		{"TRANSPOSE({1,2,3})", "{1;2;3}"},
		{"ROWS(TRANSPOSE(A1:C9))", "3"},
		{"COLUMNS(TRANSPOSE(A1:C9))", "9"},
		{"CHOOSECOLS({1,2,3;4,5,6},1,3,1)", "{1,3,1;4,6,4}"},
		{"CHOOSECOLS({1,2,3;4,5,6},-1)", "{3;6}"},
		{"CHOOSECOLS({1,2,3;4,5,6},{2,1})", "{2,1;5,4}"},
		{"CHOOSECOLS({1,2,3},0)", "#VALUE!"},
		{"CHOOSECOLS({1,2,3},4)", "#VALUE!"},
		{"CHOOSEROWS({1,2;3,4;5,6},-1,1)", "{5,6;1,2}"},
		{"CHOOSEROWS({1,2},-2)", "#VALUE!"},
		{"TAKE({1,2,3;4,5,6;7,8,9},2)", "{1,2,3;4,5,6}"},
		{"TAKE({1,2,3;4,5,6;7,8,9},,-1)", "{3;6;9}"},
		{"TAKE({1,2,3;4,5,6;7,8,9},-1,2)", "{7,8}"},
		{"TAKE({1,2,3},9,9)", "{1,2,3}"},
		{"TAKE({1,2,3},0)", "#CALC!"},
		{"DROP({1,2,3;4,5,6;7,8,9},1)", "{4,5,6;7,8,9}"},
		{"DROP({1,2,3;4,5,6;7,8,9},,-2)", "{1;4;7}"},
		{"DROP({1,2,3;4,5,6;7,8,9},1,1)", "{5,6;8,9}"},
		{"DROP({1,2,3},1)", "#CALC!"},
		{"ROW(TAKE(A1:A3,-1))", "3"},
		{"ROWS(A1:DROP(A1:A3,2))", "3"},
		{"EXPAND({1,2;3,4},3,3)", "{1,2,#N/A;3,4,#N/A;#N/A,#N/A,#N/A}"},
		{`EXPAND({1,2},2,,"-")`, `{1,2;"-","-"}`},
		{"EXPAND({1,2;3,4},1)", "#VALUE!"},
		{"HSTACK({1;2},3)", "{1,3;2,#N/A}"},
		{`HSTACK({1,2},{"a";"b"})`, `{1,2,"a";#N/A,#N/A,"b"}`},
		{"VSTACK({1,2},3,{4,5})", "{1,2;3,#N/A;4,5}"},
		{"VSTACK(1,1/0)", "{1;#DIV/0!}"},
		{"TOCOL(A1:C3)", `{1;2;3;4;empty;"x";7;#N/A;9}`},
		{"TOCOL(A1:C3,1)", `{1;2;3;4;"x";7;#N/A;9}`},
		{"TOCOL(A1:C3,3,TRUE)", `{1;4;7;2;3;"x";9}`},
		{"TOROW(A1:C3,2)", `{1,2,3,4,empty,"x",7,9}`},
		{"TOROW(B2,1)", "#CALC!"},
		{"TOROW(A1,4)", "#VALUE!"},
		{"WRAPROWS({1,2,3,4,5},2)", "{1,2;3,4;5,#N/A}"},
		{`WRAPROWS({1,2,3},2,"x")`, `{1,2;3,"x"}`},
		{"WRAPCOLS({1,2,3,4,5},2)", "{1,3,5;2,4,#N/A}"},
		{"WRAPCOLS({1,2;3,4},2)", "#VALUE!"},
		{"WRAPROWS({1,2,3},0)", "#NUM!"},
		{"WRAPROWS({1,2,3},9)", "{1,2,3}"},
	})
}

func TestSorts(t *testing.T) {
	b := evaltest.New().Fill("A1",
		[]any{"b", 2, 10}, []any{"A", 1, 20}, []any{true, 2, 30}, []any{nil, 1, 40}, []any{3, 2, 50}, []any{"#N/A", 1, 60}, []any{"a", 2, 70})
	b.Run(t, []evaltest.Case{
		{"SORT({3;1;2})", "{1;2;3}"},
		{"SORT({3;1;2},1,-1)", "{3;2;1}"},
		{"SORT({3,1,2},1,1,TRUE)", "{1,2,3}"},
		{"SORT({#N/A;#DIV/0!;#NAME?})", "{#DIV/0!;#NAME?;#N/A}"},
		{"SORT({#N/A;#DIV/0!;1},1,-1)", "{#N/A;#DIV/0!;1}"},
		{"SORT({3,1,2},1,-1,TRUE)", "{3,2,1}"},
		{"SORT(A1:A7)", `{3;"A";"a";"b";TRUE;#N/A;empty}`},
		{"SORT(A1:A7,,-1)", `{#N/A;TRUE;"b";"A";"a";3;empty}`},
		{"TAKE(SORT(B1:C7,1,-1),,-1)", "{10;30;50;70;20;40;60}"},
		{"TAKE(SORT(B1:C7,1),,-1)", "{20;40;60;10;30;50;70}"},
		{"TAKE(SORT(B1:C7,{1,2},{1,-1}),,-1)", "{60;40;20;70;50;30;10}"},
		{"SORT({1,2},3)", "#VALUE!"},
		{"SORT({1,2},1,0)", "#VALUE!"},
		{"SORTBY(C1:C7,B1:B7)", "{20;40;60;10;30;50;70}"},
		{"SORTBY(C1:C7,B1:B7,-1,C1:C7,-1)", "{70;50;30;10;60;40;20}"},
		{`SORTBY({"x","y","z"},{3,1,2})`, `{"y","z","x"}`},
		{"SORTBY(C1:C7,B1:B6)", "#VALUE!"},
		{"SORTBY(C1:C7,B1:B7,2)", "#VALUE!"},
		{"UNIQUE({1;2;1;3;2})", "{1;2;3}"},
		{"UNIQUE({1;2;1;3;2},FALSE,TRUE)", "{3}"},
		{"UNIQUE({1,2,1},TRUE)", "{1,2}"},
		{"UNIQUE({1,2,1})", "{1,2,1}"},
		{"UNIQUE({1,2;1,2;2,1})", "{1,2;2,1}"},
		{`UNIQUE({"a";"A";"b"})`, `{"a";"b"}`},
		{`UNIQUE({1;"1"})`, `{1;"1"}`},
		{"UNIQUE({1;1},,TRUE)", "#CALC!"},
		{"FILTER(C1:C7,B1:B7=1)", "{20;40;60}"},
		{"FILTER(C1:C7,B1:B7)", "{10;20;30;40;50;60;70}"},
		{"FILTER({1,2,3},{1,0,1})", "{1,3}"},
		{"FILTER(C1:C7,B1:B7=3)", "#CALC!"},
		{`FILTER(C1:C7,B1:B7=3,"none")`, `"none"`},
		{"FILTER(C1:C7,(B1:B7=2)*(C1:C7>20))", "{30;50;70}"},
		{"FILTER(C1:C9,B1:B9=1)", "{20;40;60}"},
		{"FILTER(C:C,B:B=1)", "{20;40;60}"},
		{"FILTER({1;2;3},{TRUE;FALSE})", "#VALUE!"},
		{"FILTER({1;2},{1;#N/A})", "#N/A"},
		{`FILTER({1;2},{1;"a"})`, "#VALUE!"},
	})
}

func TestLambdaHelpers(t *testing.T) {
	b := evaltest.New().Fill("A1", []any{1, 2}, []any{3, 4}, []any{5, 6})
	b.Run(t, []evaltest.Case{
		{"MAP({1,2,3},LAMBDA(x,x*x))", "{1,4,9}"},
		{"MAP(A1:B2,LAMBDA(x,IF(x>2,0,x)))", "{1,2;0,0}"},
		{"MAP({1,2},{10,20},LAMBDA(x,y,x+y))", "{11,22}"},
		{"MAP({1,2},{10,20,30},LAMBDA(x,y,x+y))", "{11,22,#N/A}"},
		{"MAP(A1:A3,LAMBDA(x,ROW(x)))", "{1;2;3}"},
		{"MAP({1,2},LAMBDA(x,{1,2}))", "{#CALC!,#CALC!}"},
		{"MAP({1,2},3)", "#VALUE!"},
		{"BYROW(A1:B3,LAMBDA(r,COUNTIF(r,\">2\")))", "{0;2;2}"},
		{"BYROW(A1:B3*10,LAMBDA(r,INDEX(r,2)))", "{20;40;60}"},
		{"BYCOL(A1:B3,LAMBDA(c,INDEX(c,3)))", "{5,6}"},
		{"BYCOL(A1:B3,LAMBDA(c,c))", "{#CALC!,#CALC!}"},
		{"MAKEARRAY(2,3,LAMBDA(r,c,r*c))", "{1,2,3;2,4,6}"},
		{"MAKEARRAY(0,3,LAMBDA(r,c,r*c))", "#VALUE!"},
		{"REDUCE(0,A1:B3,LAMBDA(a,v,a+v))", "21"},
		{"REDUCE(10,{1,2,3},LAMBDA(a,v,a+v*v))", "24"},
		{"REDUCE(,{5,2,3},LAMBDA(a,v,a-v))", "0"},
		{"REDUCE(0,{1,2},LAMBDA(a,v,VSTACK(a,v)))", "{0;1;2}"},
		{"SCAN(1,{1,2,3},LAMBDA(a,v,a*v))", "{1,2,6}"},
		{`SCAN("",{"a","b","c"},LAMBDA(a,v,a&v))`, `{"a","ab","abc"}`},
		{"SCAN(,{5,2,3},LAMBDA(a,v,a-v))", "{5,3,0}"},
		{"REDUCE(0,1/0,LAMBDA(a,v,a+v))", "#DIV/0!"},
	})
}
