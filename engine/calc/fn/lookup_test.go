package fn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

// fruit is the table of Microsoft's examples of MATCH and VLOOKUP, or much like them.
func fruit() *evaltest.Book {
	return evaltest.New().Fill("A1",
		[]any{"Product", "Count", "Price"},
		[]any{"Bananas", 25, 0.5},
		[]any{"Oranges", 38, 0.75},
		[]any{"Apples", 40, 1.25},
		[]any{"Pears", 41, 2},
		[]any{nil, nil, nil},
		[]any{"what?", "~", true},
	)
}

func TestMatch(t *testing.T) {
	b := fruit().Fill("D1", []any{strings.Repeat("x", 256)})
	b.Run(t, []evaltest.Case{
		{"MATCH(39,B2:B5,1)", "2"},
		{"MATCH(41,B2:B5,0)", "4"},
		{"MATCH(40,B2:B5,-1)", "#N/A"}, // not in descending order
		{"MATCH(39,B2:B5)", "2"},
		{"MATCH(24,B2:B5)", "#N/A"},
		{"MATCH(99,B2:B5)", "4"},
		{"MATCH(40,{90,70,50,30},-1)", "3"},
		{"MATCH(50,{90,70,50,30},-1)", "3"},
		{"MATCH(91,{90,70,50,30},-1)", "#N/A"},
		{`MATCH("apples",A1:A5,0)`, "4"},
		{`MATCH("*s",A1:A5,0)`, "2"},
		{`MATCH("?????",A1:A5,0)`, "5"},
		{`MATCH("what~?",A1:A7,0)`, "7"},
		{`MATCH("~~",B1:B7,0)`, "7"},
		{`MATCH("x*",A1:A5,0)`, "#N/A"},
		{"MATCH(TRUE,C1:C7,0)", "7"},
		{`MATCH("25",B1:B7,0)`, "#N/A"},
		{"MATCH(25,A2:C2,0)", "2"},
		{"MATCH(25,A1:C2,0)", "#N/A"},
		{"MATCH(A6,{1,0},0)", "2"},
		{"MATCH(38,B2:B5,)", "2"},
		{"MATCH(#N/A,B2:B5,0)", "#N/A"},
		{"MATCH(1/0,B2:B5,0)", "#DIV/0!"},
		{"MATCH(5,5,0)", "1"},
		{"MATCH({25,41},B1:B7,0)", "{2,5}"},
		{"MATCH(D1,A1:A5,0)", "#VALUE!"}, // longer than 255 characters
	})
	// Halves are those of the range as it was written.
	evaltest.New().Fill("A1", []any{9}, []any{5}, []any{5}, []any{5}, []any{5}, []any{2}, []any{2}, []any{2}, []any{2}).Run(t, []evaltest.Case{
		{"MATCH(5,A1:A10,1)", "5"},
		{"MATCH(5,A1:A11,1)", "9"},
		{"MATCH(5,A:A,1)", "5"},
	})
	// Duplicates: exact matches are the first one, approximate ones the last.
	evaltest.New().Run(t, []evaltest.Case{
		{"MATCH(2,{1,2,2,2,3},0)", "2"},
		{"MATCH(2,{1,2,2,2,3},1)", "4"},
		{"MATCH(2.5,{1,2,2,2,3},1)", "4"},
		{"MATCH(5,{9,1,5,2,3},1)", "3"}, // a probe that hits ends the search
		{`MATCH("zz",{1,"a",2,"b",3},1)`, "4"},
		{"MATCH(9E307,{1,\"a\",2,\"b\",#N/A},1)", "3"},
		{"MATCH(0.5,{1,2,3,\"b\",\"c\",\"d\"},1)", "#N/A"},
		{"MATCH(3.5,{1,2,3,\"b\",\"c\",\"d\"},1)", "3"},
		{"MATCH(\"a\",{1,2,3,\"b\",\"c\",\"d\"},1)", "#N/A"},
		{"MATCH(\"dd\",{1,2,3,\"b\",\"c\",\"d\"},1)", "6"},
		{"MATCH(99999,{1,2,3,\"b\",\"c\",\"d\"},1)", "3"},
	})
}

func TestTables(t *testing.T) {
	b := fruit().Fill("E1", []any{"Axles", "Bearings", "Bolts"}, []any{4, 4, 9}, []any{5, 7, 10}, []any{6, 8, 11})
	b.Run(t, []evaltest.Case{
		{`VLOOKUP("Oranges",A1:C5,3,FALSE)`, "0.75"},
		{`VLOOKUP("ORANGES",A:C,2,0)`, "38"},
		{`VLOOKUP("pear?",A1:C5,2,FALSE)`, "41"},
		{`VLOOKUP("Plums",A1:C5,3,FALSE)`, "#N/A"},
		{"VLOOKUP(39,B2:C5,2)", "0.75"},
		{"VLOOKUP(39,B2:C5,2,TRUE)", "0.75"},
		{"VLOOKUP(39,B2:C5,2,)", "#N/A"},
		{"VLOOKUP(10,B2:C5,2)", "#N/A"},
		{"VLOOKUP(39,B2:C5,3)", "#REF!"},
		{"VLOOKUP(39,B2:C5,0)", "#VALUE!"},
		{"VLOOKUP(39,B2:C5,-1)", "#VALUE!"},
		{`VLOOKUP(2,{1,"a";2,"b"},2,FALSE)`, `"b"`},
		{`VLOOKUP({2,1},{1,"a";2,"b"},2,FALSE)`, `{"b","a"}`},
		{"VLOOKUP(5,#REF!,2)", "#REF!"},
		{`HLOOKUP("Axles",E1:G4,2,TRUE)`, "4"},
		{`HLOOKUP("Bearings",E1:G4,3,FALSE)`, "7"},
		{`HLOOKUP("B",E1:G4,3,TRUE)`, "5"},
		{`HLOOKUP("Bolts",E1:G4,4)`, "11"},
		{`HLOOKUP(3,{1,2,3;"a","b","c";"d","e","f"},2,TRUE)`, `"c"`},
		{`HLOOKUP("Bolts",E1:G4,5)`, "#REF!"},
		{`HLOOKUP("Bolts",E1:G4,0)`, "#VALUE!"},
		{"LOOKUP(39,B2:B5,A2:A5)", `"Oranges"`},
		{"LOOKUP(41,B2:B5,A2:A5)", `"Pears"`},
		{"LOOKUP(1,B2:B5,A2:A5)", "#N/A"},
		{`LOOKUP("C",{"a","b","c","d";1,2,3,4})`, "3"},
		{`LOOKUP("bump",{"a",1;"b",2;"c",3})`, "2"},
		{"LOOKUP(2,1/(A2:A5=\"Apples\"),B2:B5)", "40"},
		{"LOOKUP(9E307,B1:B7)", "41"},
	})
}

func TestXlookup(t *testing.T) {
	b := fruit()
	b.Run(t, []evaltest.Case{
		{`XLOOKUP("Apples",A2:A5,C2:C5)`, "1.25"},
		{`XLOOKUP("Plums",A2:A5,C2:C5)`, "#N/A"},
		{`XLOOKUP("Plums",A2:A5,C2:C5,"none")`, `"none"`},
		{`XLOOKUP("Apples",A2:A5,C2:C5,1/0)`, "1.25"},
		{"XLOOKUP(39,B2:B5,A2:A5,,-1)", `"Oranges"`},
		{"XLOOKUP(39,B2:B5,A2:A5,,1)", `"Apples"`},
		{"XLOOKUP(42,B2:B5,A2:A5,,1)", "#N/A"},
		{`XLOOKUP("*an*",A2:A5,B2:B5,,2)`, "25"},
		{`XLOOKUP("*an*",A2:A5,B2:B5,,2,-1)`, "38"},
		{`XLOOKUP("*an*",A2:A5,B2:B5)`, "#N/A"},
		{`XLOOKUP("Apples",A2:A5,B2:C5)`, "{40,1.25}"},
		{`XLOOKUP("Count",A1:C1,A2:C5)`, "{25;38;40;41}"},
		{`ROWS(XLOOKUP("Bananas",A2:A5,B2:B5):XLOOKUP("Apples",A2:A5,B2:B5))`, "3"},
		{"XLOOKUP(3,{1;2;3},{4;5})", "#VALUE!"},
		{`XLOOKUP({"Pears";"Bananas"},A2:A5,B2:B5)`, "{41;25}"},
		{`XLOOKUP("Apples25",A2:A5&25,B2:B5)`, "40"},
		{"XLOOKUP(1,{1;2},{4;5},,4)", "#VALUE!"},
		{`XLOOKUP("^[A-O].*s$",A2:A5,B2:B5,,3)`, "25"}, // a regular expression
		{`XLOOKUP("^[A-O].*s$",A2:A5,B2:B5,,3,-1)`, "40"},
		{"XMATCH(1,A2:A5,3)", "#N/A"},
		{`XMATCH("(",A2:A5,3)`, "#VALUE!"},
		// Behind numbers comes text, and then booleans.
		{`XMATCH(9,{2,5,TRUE,"x"},1)`, "4"},
		{`XMATCH("z",{2,5,TRUE,"x"},1)`, "3"},
		{`XMATCH(FALSE,{2,5,TRUE,"x"},-1)`, "4"},
		{`XMATCH("a",{2,5,TRUE},-1)`, "2"},
		{`XMATCH(1,{2,5},-1)`, "#N/A"},
		{`XMATCH("a",{2,3,4},-1,2)`, "3"},
		{`XMATCH(9,{"a","b"},1,2)`, "1"},
		// By halves the first of equal ones is found, from the end of those in descending order.
		{"XMATCH(5,{1,5,5,5,7},0,2)", "2"},
		{"XMATCH(5,{7,5,5,5,1},0,-2)", "4"},
		{"XMATCH(6,{1,5,5,5,7},-1,2)", "4"},
		{"XMATCH(6,{1,5,5,5,7},1,2)", "5"},
		{"XMATCH(4,{7,5,5,5,1},1,-2)", "4"},
		{"XMATCH(4,{7,5,5,5,1},-1,-2)", "5"},
		{"XLOOKUP(1,{1;2},{4;5},,0,3)", "#VALUE!"},
		{"XLOOKUP(2,{1;2;2;3},{1;2;3;4},,0,-1)", "3"},
		{"XLOOKUP(2.5,{1;2;2;3},{1;2;3;4},,-1,-1)", "3"},
		{"XLOOKUP(2.5,{1;2;2;3},{1;2;3;4},,-1)", "2"},
		{"XLOOKUP(2.5,{1;2;4},{1;2;3},,1,2)", "3"},
		{"XLOOKUP(2.5,{1;2;4},{1;2;3},,0,2)", "#N/A"},
		{"XLOOKUP(2.5,{4;2;1},{1;2;3},,-1,-2)", "2"},
		{"XLOOKUP(2.5,{4;2;1},{1;2;3},,1,-2)", "1"},
		{"XLOOKUP(2,{4;2;1},{1;2;3},,0,-2)", "2"},
		{"XMATCH(40,B2:B5)", "3"},
		{"XMATCH(39,B2:B5,1)", "3"},
		{"XMATCH(39,B2:B5,-1)", "2"},
		{`XMATCH("p*",A2:A5,2)`, "4"},
		{"XMATCH(4,{5,4,3,2,1})", "2"},
		{"XMATCH(4.5,{5,4,3,2,1},1)", "1"},
		{"XMATCH(Z1,B2:B7)", "5"},
		{"XMATCH(1,{1,2;3,4})", "#VALUE!"},
	})
}

func TestIndex(t *testing.T) {
	b := fruit()
	b.Run(t, []evaltest.Case{
		{"INDEX(A2:C5,2,3)", "0.75"},
		{"INDEX((A1:C2,A4:C5),2,2,2)", "41"},
		{"INDEX((A1:C2,A4:C5),2,2,3)", "#REF!"},
		{"INDEX(A2:C5,0,2)", "{25;38;40;41}"},
		{"INDEX(A2:C5,1,0)", `{"Bananas",25,0.5}`},
		{"INDEX(A2:C5,1)", `{"Bananas",25,0.5}`},
		{"INDEX(A2:C2,3)", "0.5"},
		{"INDEX(B2:B5,3)", "40"},
		{"INDEX({1,2;3,4},0,2)", "{2;4}"},
		{"INDEX({1,2;3,4},2,2)", "4"},
		{"INDEX({1,2;3,4},3,2)", "#REF!"},
		{"INDEX({1,2;3,4},1,1,2)", "#REF!"},
		{"INDEX(A2:C5,-1,2)", "#VALUE!"},
		{"INDEX(A2:C5,5,1)", "#REF!"},
		{"INDEX(B2:B5,{1;3})", "{25;40}"},
		{"INDEX(7,1,1)", "7"},
		{"ROWS(INDEX(B:B,2):B5)", "4"},
		{"ROWS(B2:INDEX(B:B,4))", "3"},
		{"COUNTIF(INDEX(B:B,2):B5,\">30\")", "3"},
		{"INDEX(A:A,MATCH(40,B:B,0))", `"Apples"`},
		{"ROW(INDEX(A1:A9,4))", "4"},
		{"OFFSET(A1,2,1)", "38"},
		{"OFFSET(A1,1,1,2,2)", "{25,0.5;38,0.75}"},
		{"ROWS(OFFSET(A5,0,0,-3,1))", "3"},
		{"ROW(OFFSET(A5,0,0,-3))", "{3;4;5}"},
		{"OFFSET(A1,-1,0)", "#REF!"},
		{"OFFSET(A1,0,0,0)", "#REF!"},
		{"COLUMNS(OFFSET(A1:B2,1,1))", "2"},
		{`INDIRECT("B"&3)`, "38"},
		{`ROWS(INDIRECT("A1:A4"))`, "4"},
		{`INDIRECT("no such thing")`, "#REF!"},
		{"ADDRESS(2,3)", `"$C$2"`},
		{"ADDRESS(2,3,2)", `"C$2"`},
		{"ADDRESS(2,3,3)", `"$C2"`},
		{"ADDRESS(2,3,4)", `"C2"`},
		{"ADDRESS(2,3,2,FALSE)", `"R2C[3]"`},
		{`ADDRESS(2,3,1,FALSE,"[Book1]Sheet1")`, `"'[Book1]Sheet1'!R2C3"`},
		{`ADDRESS(2,3,1,FALSE,"EXCEL SHEET")`, `"'EXCEL SHEET'!R2C3"`},
		{`ADDRESS(1,1,,,"Sheet2")`, `"Sheet2!$A$1"`},
		{`ADDRESS(1,1,4,TRUE,"A1")`, `"'A1'!A1"`},
		{"ADDRESS(0,1)", "#VALUE!"},
		{"ADDRESS(1,1,5)", "#VALUE!"},
		{"AREAS(B2:D4)", "1"},
		{"AREAS((B2:D4,E5,F6:I9))", "3"},
		{"ROW()", "20"},
		{"COLUMN()", "10"},
		{"ROW(C10)", "10"},
		{"COLUMN(C10)", "3"},
		{"ROW(A2:B4)", "{2;3;4}"},
		{"COLUMN(A2:B4)", "{1,2}"},
		{"ROW(5)", "#VALUE!"},
		{"ROWS(A:A)", "1048576"},
		{"COLUMNS(1:1)", "16384"},
		{"ROWS({1,2;3,4;5,6})", "3"},
		{"COLUMNS({1,2;3,4;5,6})", "2"},
		{"ROWS(1)", "1"},
		{"ROWS(1/0)", "#DIV/0!"},
		{"FORMULATEXT(A1)", "#N/A"},
		{`HYPERLINK("http://a.example","here")`, `"here"`},
		{`HYPERLINK("http://a.example")`, `"http://a.example"`},
		{"ROWS(TRIMRANGE(A:A))", "7"},
		{"ROWS(TRIMRANGE(E1:E9))", "#REF!"},
		{"TRIMRANGE(A6:B9)", `{"what?","~"}`},
		{"ROWS(TRIMRANGE(A6:B9,1))", "3"},
		{"ROWS(TRIMRANGE(A6:B9,2))", "2"},
		{"TRIMRANGE(A6:B9,4)", "#VALUE!"},
	})
}

// TestLookupLifted holds that a search in an array that is made again and again finds the same as the first time.
func TestLookupLifted(t *testing.T) {
	b := evaltest.New()
	for i := range 40 {
		b.Fill(fmt.Sprintf("A%d", i+1), []any{fmt.Sprintf("k%d", i%30), i})
	}
	b.Run(t, []evaltest.Case{
		{`XLOOKUP({"K7x","k0x","k29x","none"},A1:A40&"x",B1:B40,-1)`, "{7,0,29,-1}"},
		{`XLOOKUP({"K7x","k0x","k29x","none"},A1:A40&"x",B1:B40,-1,0,-1)`, "{37,30,29,-1}"},
		{"MATCH({4,5,41,0},{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35},0)", "{5,6,#N/A,1}"},
		{"XMATCH({50,52,51},B1:B40*2)", "{26,27,#N/A}"},
		{"MAP({1,2,3},LAMBDA(x,XMATCH(x*2,B1:B40*2)))", "{2,3,4}"},
	})
}
