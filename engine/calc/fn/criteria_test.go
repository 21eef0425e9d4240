package fn_test

import (
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
)

// TestCriteria holds the grammar of conditions: one column of every kind of value, and what each condition counts in it.
func TestCriteria(t *testing.T) {
	b := evaltest.New().Fill("A1",
		[]any{1}, []any{2}, []any{3}, []any{"1"}, []any{"apple"}, []any{"Apple pie"}, []any{true}, []any{"#N/A"}, []any{nil}, []any{""},
		[]any{"a*b"}, []any{0}, []any{-1.5}, []any{0.25}).Fill("C1", []any{nil})
	for _, c := range []evaltest.Case{
		{"1", "2"}, // the number and the text that reads as it
		{`"1"`, "2"},
		{`"=1"`, "2"},
		{`"<>1"`, "13"}, // the text is another than the number
		{`">1"`, "2"},
		{`">=1"`, "3"},
		{`"<1"`, "3"},
		{`"<=1"`, "4"},
		{`">"&1`, "2"},
		{"0", "1"},
		{"C1", "1"}, // an empty cell asks for 0
		{`""`, "2"},
		{`"="`, "1"},
		{`"<>"`, "13"},
		{`"<>"&""`, "13"},
		{`"apple"`, "1"},
		{`"=APPLE"`, "1"},
		{`"<>apple"`, "13"},
		{`"apple*"`, "2"},
		{`"*"`, "5"}, // all texts, the empty one too
		{`"?*"`, "4"},
		{`"<>*"`, "9"},
		{`"<>apple*"`, "12"},
		{`"a~*b"`, "1"},
		{`"<>a~*b"`, "13"},
		{`"?????"`, "1"},
		{`"1*"`, "1"}, // patterns match text only
		{`">apple"`, "1"},
		{`">=apple"`, "2"},
		{`"<apple"`, "3"},
		{"TRUE", "1"},
		{`"true"`, "1"},
		{`"<>TRUE"`, "13"},
		{`">FALSE"`, "1"},
		{"#N/A", "1"},
		{`"#N/A"`, "1"},
		{`"<>#N/A"`, "13"},
		{"#DIV/0!", "0"},
		{`">"`, "0"}, // nothing is behind nothing
		{`">="`, "0"},
		{`"<="`, "0"},
		{`"<"`, "0"},
		{`"=-1.5"`, "1"},
		{`"2.0"`, "1"},
		{`"xyz"`, "0"},
		{`"<>xyz"`, "14"},
	} {
		// The first time the cells are read, later an index is used; the longer range is above the size where that pays.
		for range 7 {
			b.Run(t, []evaltest.Case{{"COUNTIF(A1:A14," + c[0] + ")", c[1]}})
		}
	}
	b.Set(0, 59, 0, cell.Str("end"))
	for range 7 {
		b.Run(t, []evaltest.Case{
			{"COUNTIF(A1:A60,1)", "2"},
			{`COUNTIF(A1:A60,"<>1")`, "59"},
			{`COUNTIF(A1:A60,"")`, "47"},
			{`COUNTIF(A1:A60,"=")`, "46"},
			{`COUNTIF(A1:A60,"<>")`, "14"},
			{`COUNTIF(A:A,"")`, "1048563"},
			{`COUNTIF(A:A,"<>")`, "14"},
			{`COUNTIF(A:A,"<>1")`, "1048575"},
			{`COUNTIF(A1:A60,"*")`, "6"},
			{`COUNTIF(A1:A60,"apple*")`, "2"},
			{`COUNTIF(A1:A60,"<>apple*")`, "58"},
			{`COUNTIF(A1:A60,">0")`, "4"},
			{`COUNTIF(A2:A60,">0")`, "3"},
			{`COUNTIF(A2:A60,"<=0")`, "2"},
			{`COUNTIF(A1:A60,">apple")`, "2"},
			{`COUNTIF(A1:A60,"a~*b")`, "1"},
			{"COUNTIF(A1:A60,TRUE)", "1"},
			{"COUNTIF(A1:A60,#N/A)", "1"},
			{"COUNTIF(A5:A60,1)", "0"},
			{"COUNTIF(A4:A60,1)", "1"},
			{"COUNTIF(A1:A60,C1)", "1"},
			{`COUNTIF(A1:A60,">")`, "0"},
		})
	}
	b.Run(t, []evaltest.Case{
		{`COUNTIF(A1:A14,{1,"apple"})`, "{2,1}"},
		{"COUNTIF(5,5)", "#VALUE!"},
		{"COUNTIF((A1:A3,A5:A6),1)", "#VALUE!"},
		{"COUNTBLANK(A1:A14)", "2"},
		{"COUNTBLANK(A1:B60)", "107"},
		{"COUNTBLANK(A:A)", "1048563"},
	})
}

// sales is the table of Microsoft's examples of SUMIFS, or much like it.
func sales() *evaltest.Book {
	return evaltest.New().Fill("A1",
		[]any{"Sold", "Product", "Person", "Bonus"},
		[]any{5, "Apples", "Tom", 1.5},
		[]any{4, "Apples", "Sarah", "none"},
		[]any{15, "Artichokes", "Tom", 2},
		[]any{3, "Artichokes", "Sarah", "#N/A"},
		[]any{22, "Bananas", "Tom", nil},
		[]any{12, "Bananas", "Sarah", true},
		[]any{10, "Carrots", "Tom", "3"},
		[]any{33, "Carrots", "Sarah", -4})
}

func TestSumIfs(t *testing.T) {
	b := sales()
	b.Run(t, []evaltest.Case{
		{`SUMIFS(A2:A9,B2:B9,"=A*",C2:C9,"Tom")`, "20"},
		{`SUMIFS(A2:A9,B2:B9,"<>Bananas",C2:C9,"Tom")`, "30"},
		{`SUMIFS(A2:A9,A2:A9,">4",A2:A9,"<=12")`, "27"},
		{`SUMIFS(A2:A9,C2:C9,{"Tom";"Sarah"})`, "{52;52}"},
		{`SUMIFS(A:A,C:C,"Tom")`, "52"},
		{`SUMIFS(A2:A9,C2:C9,"nobody")`, "0"},
		{`SUMIFS(A2:A9,C2:C8,"Tom")`, "#VALUE!"},
		{`SUMIFS(A2:A9,C2:D9,"Tom")`, "#VALUE!"},
		{`SUMIF(C2:C9,"tom",A2:A9)`, "52"},
		{`SUMIF(C2:C9,"tom",A2)`, "52"},
		{`SUMIF(C2:C9,"tom",A2:Z99)`, "52"},
		{`SUMIF(A2:A9,">10")`, "82"},
		{`SUMIF(C1:C9,"Sarah",A1:A9)`, "52"},
		{`SUMIF(C2:C9,"Tom",A3)`, "52"}, // one row off: 4+3+12+33
		{`SUMIF(C2:C9,"Tom",D2:D9)`, "3.5"},
		{`SUMIF(C2:C9,"Sarah",D2:D9)`, "#N/A"},
		{`SUMIF(A2:C9,"Tom",A2:C9)`, "0"},
		{`SUMIF(A2:B3,">0",C2)`, "0"},
		{`SUMIF(A1:D1,"Sold",A2:D2)`, "5"},
		{`AVERAGEIF(B2:B9,"Apples",A2:A9)`, "4.5"},
		{`AVERAGEIF(A2:A9,"<5")`, "3.5"},
		{`AVERAGEIF(B2:B9,"Plums",A2:A9)`, "#DIV/0!"},
		{`AVERAGEIFS(A2:A9,C2:C9,"Sarah",A2:A9,">10")`, "22.5"},
		{`AVERAGEIFS(D2:D9,C2:C9,"Tom")`, "1.75"},
		{`AVERAGEIFS(D2:D9,B2:B9,"Bananas")`, "#DIV/0!"},
		{`COUNTIFS(B2:B9,"Apples",C2:C9,"Tom")`, "1"},
		{`COUNTIFS(B2:B9,"*s",A2:A9,">5")`, "5"},
		{`COUNTIFS(A2:A9,">5",B2:B8,"x")`, "#VALUE!"},
		{`MAXIFS(A2:A9,C2:C9,"Tom")`, "22"},
		{`MINIFS(A2:A9,C2:C9,"Tom")`, "5"},
		{`MAXIFS(A2:A9,C2:C9,"nobody")`, "0"},
		{`MAXIFS(D2:D9,B2:B9,"Carrots")`, "-4"},
		{`MINIFS(D2:D9,C2:C9,"Sarah")`, "#N/A"},
		{`COUNTIFS(A1:D1,"Sold",A2:D2,5)`, "1"},
	})
}

func TestDatabase(t *testing.T) {
	// The table of Microsoft's documentation of the database functions.
	b := evaltest.New().Fill("A1",
		[]any{"Tree", "Height", "Age", "Yield", "Profit", "Height"},
		[]any{"=Apple", ">10", nil, nil, nil, "<16"},
		[]any{"=Pear", nil, nil, nil, nil, nil},
		[]any{"Tree", "Height", "Age", "Yield", "Profit"},
		[]any{"Apple", 18, 20, 14, 105},
		[]any{"Pear", 12, 12, 10, 96},
		[]any{"Cherry", 13, 14, 9, 105},
		[]any{"Apple", 14, nil, 10, 75},
		[]any{"Pear", 9, 8, 8, 77},
		[]any{"Apple", 12, 11, 6, 45},
	).Fill("H1", []any{"Tree"}, []any{"App"}).Fill("I1", []any{"Fruit"}, []any{"x"}).Fill("J1", []any{"Tree"}, []any{nil})
	b.Run(t, []evaltest.Case{
		{`DCOUNT(A4:E10,"Age",A1:F2)`, "1"},
		{`DCOUNTA(A4:E10,"Profit",A1:F2)`, "2"},
		{`DCOUNT(A4:E10,,A1:F2)`, "2"},
		{`DMAX(A4:E10,"Profit",A1:A3)`, "105"},
		{`DMIN(A4:E10,"Profit",A1:B2)`, "45"},
		{`DSUM(A4:E10,"Profit",A1:A2)`, "225"},
		{`DSUM(A4:E10,"Profit",A1:F2)`, "120"},
		{`DPRODUCT(A4:E10,"Yield",A1:B2)`, "840"},
		{`DAVERAGE(A4:E10,"Yield",A1:B2)`, "10"},
		{`DAVERAGE(A4:E10,3,A4:E10)`, "13"},
		{`DGET(A4:E10,"Yield",A1:A3)`, "#NUM!"},
		{`DGET(A4:E10,"Yield",A1:F3)`, "#NUM!"},
		{`DSUM(A4:E10,"profit",H1:H2)`, "225"},    // begins with App
		{`DSUM(A4:E10,"Profit",I1:I2)`, "0"},      // a text under no name of a field is no condition that could be met
		{`DSUM(A4:E4,"Profit",A1:A2)`, "#VALUE!"}, // no records
		{`DCOUNTA(A4:E10,TRUE,J1:J2)`, "6"},
		{`DSUM(A4:E10,"Profit",J1:J2)`, "503"},
		{`DSUM(A4:E10,"Loss",A1:A2)`, "#VALUE!"},
		{`DSUM(A4:E10,6,A1:A2)`, "#VALUE!"},
		{`DSUM(A4:E10,,A1:A2)`, "#VALUE!"},
		{`DVARP(A4:E10,"Yield",A1:A3)`, "7.04"},
		{`DVAR(A4:E10,"Yield",A1:A3)`, "8.8"},
		{`DSTDEV(A4:E10,"Yield",A1:A3)`, "2.96647939483827"},
		{`DSTDEVP(A4:E10,"Yield",A1:A3)`, "2.65329983228432"},
	})
}

// TestCriteriaDigits holds that conditions compare 15 digits, where lookups compare all bits.
func TestCriteriaDigits(t *testing.T) {
	tenth, fifth := 0.1, 0.2
	b := evaltest.New().Fill("A1", []any{0.3}, []any{tenth + fifth}, []any{0.3000001}, []any{"0.3"})
	b.Run(t, []evaltest.Case{
		{"COUNTIF(A1:A4,0.3)", "3"},
		{"COUNTIF(A1:A4,0.1+0.2)", "3"},
		{`COUNTIF(A1:A4,"<>"&0.3)`, "2"},
		{`COUNTIF(A1:A4,">"&A1)`, "1"},
		{`COUNTIF(A1:A4,">="&A2)`, "3"},
		{`COUNTIF(A1:A4,"<"&A2)`, "0"},
		{`SUMIFS(A1:A4,A1:A4,"<="&A1)`, "0.6"},
		{"MATCH(0.1+0.2,A1:A4,0)", "2"},
		{"RANK(A1,A1:A3)", "3"},
	})
}
