package formula

import (
	"bytes"
	"strings"
	"testing"
)

// TestText holds that a formula that is read and written is the same, but for what does not matter.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"1+2*3": "", "(1+2)*3": "", "-2^2": "", "2^-1": "", "-(2^2)": "", "1-(2-3)": "", "1-2-3": "",
		`"a ""b"""&A1`: "", "SUM(A1:B2,$C$3,A:A,3:7,$B:$C)": "", "Sheet2!A1": "", "'My sheet'!A1:B2": "", "'2019'!A1": "",
		"[1]Sheet1!A1": "", "Jan:Mar!B2": "", "'It''s'!A1": "", "{1,2;3,4}": "", `{"a",TRUE;-1,#N/A}`: "", "IF(A1,,2)": "",
		"A1#": "", "@A1:A3": "", "SUM((A1:B2,C3))": "", "A1:B2 B1:C9": "", "50%": "", "LAMBDA(x,x+1)(2)": "",
		"Sales[Price]": "", "Sales[[Price]]": "Sales[Price]", "Sales[[#This Row],[Price]]": "Sales[@Price]", "Sales[@Price]": "", "Sales[@[a b]]": "", "Sales[@]": "", "[1]!Sales[Price]": "", "[2]!Fetch(A1,2)": "[2]!FETCH(A1,2)",
		"Sales[@[A]:[C]]": "", "Sales[a b]": "", "Sales[[a-b]]": "", "Sales[#All]": "", "_xlfn.SINGLE(A1:A3)": "@A1:A3", "SUM(_xlfn.ANCHORARRAY(A1))": "SUM(A1#)",
		"_xlfn.LAMBDA(_xlpm.x,_xlop.y,_xlpm.x+_xlpm.y)(1)": "LAMBDA(x,[y],x+y)(1)", "LAMBDA(x,[y],x+y)(1)": "",
		"Sales[#Totals]": "", "Sales[[#Headers],[A]:[C]]": "", "Sales[]": "", "T[a'[b]": "T[[a'[b]]",
		"_xlfn.XLOOKUP(A1,B:B,C:C)": "XLOOKUP(A1,B:B,C:C)", "_xlfn._xlws.SORT(A1:A3)": "SORT(A1:A3)",
		"SUM( A1 , 2 )": "SUM(A1,2)", "#REF!+1": "", "#REF!A1+1": "#REF!+1", "SUM(#REF!$A$1:B2)": "SUM(#REF!)", "#REF!A:A": "#REF!", "Sheet1!#REF!": "", "my.name+ä": "", "A1:INDEX(B:B,3)": "",
		"1e3": "1000", "1.5E-7": "0.00000015", "2958466": "", "1e21": "1E+21", "TRUE": "", "true": "TRUE", "SUM(sheet2!A:A)": "", "a.b!C1": "",
		"-A1%": "", "+A1": "", "A1=-1": "", "1<>2": "", "NOT(A1>=B1)": "", "Sheet1!name": "", "R1C1": "", "(A1+B1)": "", "((A1-B1))": "(A1-B1)", "(A1*B1)": "A1*B1", "(A1)-B1": "A1-B1", "(A1-B1)-C1": "A1-B1-C1", "(A1-B1)*2": "", "( A1 - B1 )": "(A1-B1)",
	} {
		if want == "" {
			want = in
		}
		e, err := Parse(in, 4, 3)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := Text(e, 4, 3); got != want {
			t.Errorf("%s is written as %s, want %s", in, got, want)
		}
	}
}

func TestMove(t *testing.T) {
	for in, want := range map[string]string{
		"A1*$B1+ (C$1)": "B3*$B3+ (D$1)", "SUM(A:A,$A:B)": "SUM(B:B,$A:C)", "SUM(1:2)": "SUM(3:4)", `"A1"&'A1'!A1`: `"A1"&'A1'!B3`, "XFD1": "#REF!", "T[A1]": "T[A1]",
	} {
		if got, err := Move(in, 0, 3, 2, 4); err != nil || got != want {
			t.Errorf("%s becomes %s, want %s (%v)", in, got, want, err)
		}
	}
	if _, err := Move("SUM(", 0, 0, 1, 1); err == nil {
		t.Error("what cannot be read was moved")
	}
}

func TestErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":           "an empty formula (at character 1)",
		"1+":         "the formula ends where a value was expected (at character 3)",
		"SUM(1,2":    "this parenthesis is not closed (at character 4)",
		"(1":         "this parenthesis is not closed (at character 1)",
		`"abc`:       "this text has no closing quotation mark (at character 1)",
		"{1,2;3}":    "the rows of this array are not equally long (at character 7)",
		"{A1}":       "an array holds numbers, text, TRUE, FALSE and errors, not \"A1\" (at character 2)",
		"A1 (0)":     "a space between two values intersects references only (at character 4)",
		"''!A1":      "the name of a sheet is empty (at character 1)",
		"[]!A1":      "the name of a sheet is empty (at character 1)",
		"'[1]:B'!A1": "the name of a sheet is empty (at character 1)",
		"(0):A1":     "a colon joins references only (at character 4)",
		"A1:(2)":     "a colon joins references only (at character 3)",
		"1 2":        "expected an operator or the end, not \"2\" (at character 3)",
		"A1)":        "expected an operator or the end, not \")\" (at character 3)",
		"'Sheet'A1":  "after the name of a sheet comes ! (at character 7)",
		"1e999":      "\"1e999\" is no number that a cell can hold (at character 1)",
		"$A":         "\"$A\" is no cell (at character 1)",
		"T[[A],[B]]": "a structured reference has one column, or a first and a last one with : between them (at character 2)",
		"=1":         "expected a value, not \"=\" (at character 1)",
		"SUM(1;2)":   "expected a comma or a closing parenthesis, not \";\" (at character 6)",
		"A1 ~ 2":     "the character \"~\" has no meaning here (at character 4)",
		"Sheet1!":    "after the name of a sheet comes a reference or a name (at character 8)",
	} {
		e, err := Parse(in, 0, 0)
		if err == nil {
			t.Errorf("%s is read as %s", in, Text(e, 0, 0))
		} else if err.Error() != want {
			t.Errorf("%s: %v, want %s", in, err, want)
		}
	}
}

// TestKey holds that formulas have one key exactly if they have one tree.
func TestKey(t *testing.T) {
	type at struct {
		text     string
		row, col int32
	}
	key := func(a at) []byte {
		k, ok := AppendKey(nil, a.text, a.row, a.col)
		if !ok {
			return nil
		}
		return k
	}
	for _, same := range [][2]at{
		{{"A1*B1", 0, 2}, {"A7*B7", 6, 2}},
		{{"SUM($A$1:A5)", 5, 2}, {"SUM($A$1:A9)", 9, 2}},
		{{`IF(A1>"A1",B1,"")`, 0, 2}, {`IF(A2>"A1",B2,"")`, 1, 2}},
		{{"VLOOKUP(A1,Data!$A:$C,2,0)", 0, 3}, {"VLOOKUP(A2,Data!$A:$C,2,0)", 1, 3}},
		{{"SUM(A:A)", 0, 3}, {"SUM(B:B)", 0, 4}},
		{{"'A1'!B2+Sheet1!B2", 0, 0}, {"'A1'!B3+Sheet1!B3", 1, 0}},
		{{"T[A1]+A1", 0, 2}, {"T[A1]+A2", 1, 2}},
	} {
		a, b := key(same[0]), key(same[1])
		if a == nil || !bytes.Equal(a, b) {
			t.Errorf("%v and %v have the keys %q and %q", same[0], same[1], a, b)
		}
	}
	for _, other := range [][2]at{
		{{"A1*B1", 0, 2}, {"A1*B1", 1, 2}},
		{{"$A1", 0, 0}, {"A1", 0, 0}},
		{{`"A1"`, 0, 0}, {`"A2"`, 1, 0}},
		{{"LOG10(A1)", 0, 0}, {"LOG11(A2)", 1, 0}},
		{{"A1!B2", 0, 0}, {"A2!B3", 1, 0}},
	} {
		if a, b := key(other[0]), key(other[1]); bytes.Equal(a, b) {
			t.Errorf("%v and %v have the same key %q", other[0], other[1], a)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"SUM(A1:B2,{1,2;3,4})*-2%", "'a b'!A1:INDEX(B:B,3)", "T[[#This Row],[x]]", "LAMBDA(x,x)(1)", "(A1,B2) C:C", "[1]S!A1#", "LET(a,1,LAMBDA(b,[c],a+b))(@A1#)", "[@[a b]]"} {
		f.Add(s, int32(3), int32(2))
	}
	f.Add("''!A", int32(0), int32(0)) // a sheet without a name
	f.Add("A :a", int32(0), int32(0))
	f.Add("'\xca'!A", int32(0), int32(0))
	f.Add("A (0):0", int32(0), int32(0))
	f.Add("(A1#:A2)#", int32(0), int32(0))
	f.Add("[]!A", int32(0), int32(0))
	f.Add("A (0)", int32(0), int32(0))
	f.Fuzz(func(t *testing.T, s string, row, col int32) {
		row, col = row&0xFFFF, col&0xFFF
		e, err := Parse(s, row, col)
		key, ok := AppendKey(nil, s, row, col)
		if err != nil {
			return
		}
		text := Text(e, row, col)
		again, err := Parse(text, row, col)
		if err != nil {
			t.Fatalf("%q is written as %q, which cannot be read: %v", s, text, err)
		}
		if twice := Text(again, row, col); twice != text {
			t.Fatalf("%q is written as %q and then as %q", s, text, twice)
		}
		if back, inside := Source(string(key), row, col); ok && inside && !strings.EqualFold(back, s) {
			t.Fatalf("%q comes back from its key as %q", s, back)
		}
		file := FileText(e, row, col)
		again, err = Parse(file, row, col)
		if err != nil && strings.Count(file, "_xlfn.") <= MaxNesting { // operators are calls there, whose nesting has a bound
			t.Fatalf("%q is in a file %q, which cannot be read: %v", s, file, err)
		}
		if twice := FileText(again, row, col); err == nil && twice != file {
			t.Fatalf("%q is in a file %q and then %q", s, file, twice)
		}
		// The same text one row below has the same key exactly if it has the same tree there.
		if below, ok2 := AppendKey(nil, s, row+1, col); ok && ok2 && bytes.Equal(key, below) {
			e2, err := Parse(s, row+1, col)
			if err != nil || Text(e2, row, col) != text {
				t.Fatalf("%q has one key in two rows, but %q there", s, Text(e2, row, col))
			}
		}
	})
}

// TestFileText holds that formulas are written into files with the prefixes that files need, and read from there as they were.
func TestFileText(t *testing.T) {
	for in, want := range map[string]string{
		"SUM(A1:B2)":                              "",
		"XLOOKUP(A1,B:B,C:C)":                     "_xlfn.XLOOKUP(A1,B:B,C:C)",
		"SORT(FILTER(A1:A9,B1:B9>2))":             "_xlfn._xlws.SORT(_xlfn._xlws.FILTER(A1:A9,B1:B9>2))",
		"LET(x,1,y,x+1,x*y)+x":                    "_xlfn.LET(_xlpm.x,1,_xlpm.y,_xlpm.x+1,_xlpm.x*_xlpm.y)+x",
		"LET(x,x+1,X*2)":                          "_xlfn.LET(_xlpm.x,x+1,_xlpm.X*2)",
		"LET(F,LAMBDA(a,b,a+b+c),F(1,2))":         "_xlfn.LET(_xlpm.F,_xlfn.LAMBDA(_xlpm.a,_xlpm.b,_xlpm.a+_xlpm.b+c),_xlpm.F(1,2))",
		"LAMBDA(x,x+1)(2)":                        "_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(2)",
		"MAP(A1:A3,LAMBDA(v,v*2))&v":              "_xlfn.MAP(A1:A3,_xlfn.LAMBDA(_xlpm.v,_xlpm.v*2))&v",
		"A1#+@B1:B3":                              "_xlfn.ANCHORARRAY(A1)+_xlfn.SINGLE(B1:B3)",
		"LAMBDA(x,[y],IF(ISOMITTED(y),x,x+Y))(1)": "_xlfn.LAMBDA(_xlpm.x,_xlop.y,IF(_xlfn.ISOMITTED(_xlpm.y),_xlpm.x,_xlpm.x+_xlpm.Y))(1)",
		"Sales[@Price]*Sales[a-b]":                "Sales[[#This Row],[Price]]*Sales[a-b]",
		"SUM(Sales[#Totals],Sales[@])":            "SUM(Sales[#Totals],Sales[#This Row])",
		"SUM(T['#a @b],T['[c']''d])":              "",
		"_xlfn.LAMBDA(_xlpm.x,_xlop.y,IF(_xlfn.ISOMITTED(_xlop.y),_xlpm.x,_xlop.y))": "",
		"_xlfn.NEWER(1)+_xlfn.SUM(1)+_xludf.OWN(2)":                                  "",
		"ISO.CEILING(1)+NETWORKDAYS.INTL(1)":                                         "",
		"STDEV.S(A1:A3)+STDEV(A1:A3)":                                                "_xlfn.STDEV.S(A1:A3)+STDEV(A1:A3)",
	} {
		if want == "" {
			want = in
		}
		e, err := Parse(in, 4, 3)
		if err != nil {
			t.Fatal(err)
		}
		text := FileText(e, 4, 3)
		if text != want {
			t.Errorf("%s is written as %s, want %s", in, text, want)
		}
		back, err := Parse(text, 4, 3)
		if err != nil {
			t.Fatal(err)
		}
		if again := FileText(back, 4, 3); again != want {
			t.Errorf("%s is read and written as %s", want, again)
		}
	}
}
