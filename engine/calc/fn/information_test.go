package fn_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/eval/evaltest"
	"github.com/napkin-infra/napkin/engine/calc/fn"
)

func TestLogical(t *testing.T) {
	evaltest.New().Fill("A1", []any{true, false, "TRUE", nil, 0, 1, "#N/A", "x"}).Run(t, []evaltest.Case{
		{"TRUE()", "TRUE"},
		{"FALSE()", "FALSE"},
		{"TRUE(1)", "#VALUE!"},
		{"AND(TRUE,1)", "TRUE"},
		{"AND(TRUE,0)", "FALSE"},
		{`AND("",TRUE)`, "TRUE"},
		{`OR("",FALSE)`, "FALSE"},
		{`AND("")`, "#VALUE!"},
		{`AND("TRUE",TRUE)`, "TRUE"},
		{`AND("x",TRUE)`, "#VALUE!"},
		{"AND(TRUE,)", "FALSE"},
		{"AND(A1:D1)", "FALSE"},
		{"AND(A1,C1,D1)", "TRUE"}, // text and empty cells are passed over
		{"AND(C1:D1)", "#VALUE!"},
		{"AND(C1)", "#VALUE!"},
		{"AND(A1,E1)", "FALSE"},
		{"AND(FALSE,G1)", "#N/A"},
		{`AND({1,"x",TRUE})`, "TRUE"},
		{"AND({1,0})", "FALSE"},
		{"AND()", "#VALUE!"},
		{"OR(FALSE,0)", "FALSE"},
		{"OR(A1:F1)", "TRUE"},
		{"OR(B1:E1)", "FALSE"},
		{"OR(TRUE,G1)", "#N/A"},
		{"OR(D1)", "#VALUE!"},
		{`OR("false",1)`, "TRUE"},
		{"XOR(TRUE,TRUE)", "FALSE"},
		{"XOR(TRUE,FALSE)", "TRUE"},
		{"XOR(TRUE,TRUE,TRUE)", "TRUE"},
		{"XOR(A1:F1)", "FALSE"},
		{"XOR(C1:D1)", "#VALUE!"},
		{"NOT(FALSE)", "TRUE"},
		{"NOT(1+1)", "FALSE"},
		{"NOT(D1)", "TRUE"},
		{`NOT("TRUE")`, "FALSE"},
		{"NOT(H1)", "#VALUE!"},
		{"NOT(G1)", "#N/A"},
		{"NOT({TRUE,0})", "{FALSE,TRUE}"},
		{"AND({TRUE,FALSE},TRUE)", "FALSE"},
	})
}

// What the evaluator carries out is in the table for its documentation, with the right numbers of arguments.
func TestSpecialForms(t *testing.T) {
	for _, c := range []struct {
		name   string
		accept []int
		refuse []int
	}{
		{"IF", []int{1, 2, 3}, []int{0, 4}},
		{"IFERROR", []int{2}, []int{1, 3}},
		{"IFNA", []int{2}, []int{1, 3}},
		{"IFS", []int{2, 4, 6}, []int{0, 1, 3}},
		{"SWITCH", []int{3, 4, 5}, []int{1, 2}},
		{"CHOOSE", []int{2, 3}, []int{1}},
		{"LET", []int{3, 5}, []int{1, 2}},
		{"LAMBDA", []int{1, 2}, []int{0}},
		{"ISOMITTED", []int{1}, []int{0, 2}},
	} {
		f := fn.Lookup(c.name)
		if f == nil || f.Body != nil || f.Doc == "" {
			t.Errorf("%s is not in the table as a function without body", c.name)
			continue
		}
		for _, n := range c.accept {
			if !f.Accepts(n) {
				t.Errorf("%s does not take %d arguments", c.name, n)
			}
		}
		for _, n := range c.refuse {
			if f.Accepts(n) {
				t.Errorf("%s takes %d arguments", c.name, n)
			}
		}
	}
}

func TestInformation(t *testing.T) {
	b := styled{
		Book:     evaltest.New().Fill("A1", []any{1, "x", true, nil, "#N/A", "#DIV/0!", 2.5, "7"}, []any{"second"}),
		formulas: map[[2]int32]string{{0, 6}: "=5/2"},
	}
	b.run(t, []evaltest.Case{
		{"ISBLANK(D1)", "TRUE"},
		{"ISBLANK(A1)", "FALSE"},
		{`ISBLANK("")`, "FALSE"},
		{"ISBLANK(E1)", "FALSE"},
		{"ISBLANK(A1:D1)", "{FALSE,FALSE,FALSE,TRUE}"},
		{"ISERR(F1)", "TRUE"},
		{"ISERR(E1)", "FALSE"},
		{"ISERR(1)", "FALSE"},
		{"ISERROR(E1)", "TRUE"},
		{"ISERROR(1/0)", "TRUE"},
		{"ISERROR(LAMBDA(x,x))", "TRUE"},
		{"ISERROR(A1:G1)", "{FALSE,FALSE,FALSE,FALSE,TRUE,TRUE,FALSE}"},
		{"ISERROR(nonsense)", "TRUE"},
		{"ISNA(E1)", "TRUE"},
		{"ISNA(F1)", "FALSE"},
		{"ISLOGICAL(C1)", "TRUE"},
		{`ISLOGICAL("TRUE")`, "FALSE"},
		{"ISNONTEXT(D1)", "TRUE"},
		{"ISNONTEXT(B1)", "FALSE"},
		{"ISNONTEXT(E1)", "TRUE"},
		{"ISNUMBER(A1)", "TRUE"},
		{"ISNUMBER(H1)", "FALSE"},
		{"ISNUMBER(D1)", "FALSE"},
		{"ISNUMBER(C1)", "FALSE"},
		{"ISTEXT(B1)", "TRUE"},
		{"ISTEXT(D1)", "FALSE"},
		{"ISEVEN(-1)", "FALSE"},
		{"ISEVEN(2.5)", "TRUE"},
		{"ISEVEN(5)", "FALSE"},
		{"ISEVEN(D1)", "TRUE"},
		{`ISEVEN("4")`, "TRUE"},
		{"ISEVEN(C1)", "#VALUE!"},
		{"ISEVEN(B1)", "#VALUE!"},
		{"ISEVEN(E1)", "#N/A"},
		{"ISODD(-1)", "TRUE"},
		{"ISODD(2.5)", "FALSE"},
		{"ISODD(TRUE)", "#VALUE!"},
		{"ISODD({1,2})", "{TRUE,FALSE}"},
		{"ISREF(A1)", "TRUE"},
		{"ISREF(A1:B2)", "TRUE"},
		{"ISREF(1)", "FALSE"},
		{"ISREF(A1+1)", "FALSE"},
		{"ISREF(1/0)", "FALSE"},
		{"ISFORMULA(G1)", "TRUE"},
		{"ISFORMULA(A1)", "FALSE"},
		{"ISFORMULA(F1:G1)", "{FALSE,TRUE}"},
		{"ISFORMULA(1)", "#VALUE!"},
		{"N(7)", "7"},
		{"N(C1)", "1"},
		{"N(B1)", "0"},
		{`N("7")`, "0"},
		{"N(E1)", "#N/A"},
		{"N(A1:C1)", "1"},
		{`N({2,"x",TRUE})`, "{2,0,1}"},
		{"NA()", "#N/A"},
		{"ERROR.TYPE(#NULL!)", "1"},
		{"ERROR.TYPE(1/0)", "2"},
		{`ERROR.TYPE(1+"x")`, "3"},
		{"ERROR.TYPE(#REF!)", "4"},
		{"ERROR.TYPE(nonsense)", "5"},
		{"ERROR.TYPE(SQRT(-1))", "6"},
		{"ERROR.TYPE(E1)", "7"},
		{"ERROR.TYPE(#SPILL!)", "9"},
		{"ERROR.TYPE(A1)", "#N/A"},
		{"ERROR.TYPE(E1:G1)", "{7,2,#N/A}"},
		{"TYPE(1)", "1"},
		{"TYPE(D1)", "1"},
		{`TYPE("x")`, "2"},
		{"TYPE(C1)", "4"},
		{"TYPE(E1)", "16"},
		{`TYPE(2+"x")`, "16"},
		{"TYPE({1,2;3,4})", "64"},
		{"TYPE(A1:B2)", "64"},
		{"TYPE(LAMBDA(x,x))", "128"},
		{"SHEET()", "1"},
		{"SHEET(A1)", "1"},
		{"SHEET(Other!A1)", "2"},
		{`SHEET("other")`, "2"},
		{`SHEET("none")`, "#N/A"},
		{"SHEETS()", "2"},
		{"SHEETS(A1:B2)", "1"},
		{"SHEETS(Sheet1:Other!A1)", "2"},
		{`INFO("numfile")`, "2"},
		{`INFO("recalc")`, `"Automatic"`},
		{`INFO("directory")`, "#N/A"},
		{`INFO("x")`, "#VALUE!"},
	})
}

func TestInformationCell(t *testing.T) {
	formats := []string{
		"0", "#,##0", "0.00", "#,##0.00", "$#,##0_);($#,##0)", "$#,##0_);[Red]($#,##0)", `"$"#,##0.00_);("$"#,##0.00)`, "$#,##0.00_);[Red]($#,##0.00)",
		"0%", "0.00%", "0.00E+00", "# ?/?", "m/d/yy h:mm", "mm/dd/yy", "d-mmm-yy", "dd-mmm-yy", "d-mmm", "mmm-yy", "mm/dd",
		"h:mm AM/PM", "h:mm:ss AM/PM", "h:mm", "h:mm:ss", "(0.0)", `[$€-407]#,##0.00`, "@", `0.0" kg; ok"`, "0_);[Color10](0)",
	}
	codes := []string{
		"F0", ",0", "F2", ",2", "C0", "C0-", "C2", "C2-",
		"P0", "P2", "S2", "G", "D4", "D4", "D1", "D1", "D2", "D3", "D5",
		"D7", "D6", "D9", "D8", "F1()", "C2", "G", "F1", "F0-",
	}
	b := styled{
		Book:    evaltest.New().Fill("A1", []any{1, "x", nil, "#N/A", true}),
		formats: map[[2]int32]string{},
	}
	for i, f := range formats {
		b.formats[[2]int32{int32(i), 5}] = f
	}
	for i, code := range codes {
		b.run(t, []evaltest.Case{{`CELL("format",F` + evaltest.Show(evaltest.Of(i+1)) + `)`, `"` + code + `"`}})
	}
	b.run(t, []evaltest.Case{
		{`CELL("format",A1)`, `"G"`},
		{`CELL("address",B7)`, `"$B$7"`},
		{`CELL("Address",B7:C9)`, `"$B$7"`},
		{`CELL("address")`, `"$J$20"`},
		{`CELL("address",Other!A1)`, "#VALUE!"},
		{`CELL("col",C5)`, "3"},
		{`CELL("row",C5)`, "5"},
		{`CELL("row")`, "20"},
		{`CELL("contents",B1)`, `"x"`},
		{`CELL("contents",D1)`, "#N/A"},
		{`CELL("type",A1)`, `"v"`},
		{`CELL("type",B1)`, `"l"`},
		{`CELL("type",C1)`, `"b"`},
		{`CELL("type",D1)`, `"v"`},
		{`CELL("color",F6)`, "1"},
		{`CELL("color",F5)`, "0"},
		{`CELL("color",F28)`, "1"},
		{`CELL("parentheses",F24)`, "1"},
		{`CELL("parentheses",F5)`, "0"},
		{`CELL("width",A1)`, "#VALUE!"},
		{`CELL("x",A1)`, "#VALUE!"},
		{`CELL("row",1)`, "#VALUE!"},
	})
}

// Every function of the manual's categories is there.
func TestCategoriesAreWhole(t *testing.T) {
	for _, category := range []string{
		`ABS ACOS ACOSH ACOT ACOTH AGGREGATE ARABIC ASIN ASINH ATAN ATAN2 ATANH BASE CEILING CEILING.MATH CEILING.PRECISE COMBIN COMBINA
		COS COSH COT COTH CSC CSCH DECIMAL DEGREES EVEN EXP FACT FACTDOUBLE FLOOR FLOOR.MATH FLOOR.PRECISE GCD INT ISO.CEILING LCM LN
		LOG LOG10 MDETERM MINVERSE MMULT MOD MROUND MULTINOMIAL MUNIT ODD PERCENTOF PI POWER PRODUCT QUOTIENT RADIANS RAND RANDARRAY
		RANDBETWEEN ROMAN ROUND ROUNDDOWN ROUNDUP SEC SECH SEQUENCE SERIESSUM SIGN SIN SINH SQRT SQRTPI SUBTOTAL SUM SUMPRODUCT SUMSQ
		SUMX2MY2 SUMX2PY2 SUMXMY2 TAN TANH TRUNC`,
		`BESSELI BESSELJ BESSELK BESSELY BIN2DEC BIN2HEX BIN2OCT BITAND BITLSHIFT BITOR BITRSHIFT BITXOR COMPLEX CONVERT DEC2BIN DEC2HEX
		DEC2OCT DELTA ERF ERF.PRECISE ERFC ERFC.PRECISE GESTEP HEX2BIN HEX2DEC HEX2OCT IMABS IMAGINARY IMARGUMENT IMCONJUGATE IMCOS
		IMCOSH IMCOT IMCSC IMCSCH IMDIV IMEXP IMLN IMLOG10 IMLOG2 IMPOWER IMPRODUCT IMREAL IMSEC IMSECH IMSIN IMSINH IMSQRT IMSUB
		IMSUM IMTAN OCT2BIN OCT2DEC OCT2HEX`,
		`AND OR XOR NOT TRUE FALSE IF IFERROR IFNA IFS SWITCH LET LAMBDA CHOOSE ISOMITTED`,
		`CELL ERROR.TYPE INFO ISBLANK ISERR ISERROR ISEVEN ISFORMULA ISLOGICAL ISNA ISNONTEXT ISNUMBER ISODD ISREF ISTEXT N NA SHEET
		SHEETS TYPE`,
	} {
		for _, name := range strings.Fields(category) {
			f := fn.Lookup(name)
			if f == nil {
				t.Errorf("%s is missing", name)
				continue
			}
			if least, most := f.Arity(); f.Doc == "" || f.Category == "" || least > most {
				t.Errorf("%s has documentation %q, category %q and takes %d to %d arguments", name, f.Doc, f.Category, least, most)
			}
		}
	}
}
