package format_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
	"github.com/napkin-infra/napkin/engine/calc/format"
)

type numbers []struct {
	code   string
	number float64
	want   string
}

func (cases numbers) run(t *testing.T, dates cell.Dates) {
	t.Helper()
	for _, c := range cases {
		f, err := format.Parse(c.code)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := f.Text(cell.Num(c.number), dates); got != c.want {
			t.Errorf("%v as %s is %q, want %q", c.number, c.code, got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	numbers{
		{"0", 1234.5, "1235"},
		{"0", -0.4, "0"},
		{"0.00%", -2.7e-18, "0.00%"},
		{"#.#", -0.01, "."},
		{"#,##0_);(#,##0)", -0.4, "(0)"},
		{"0.00", 3.14159, "3.14"},
		{"0.00", 2.675, "2.68"},
		{"0.00", 1.005, "1.01"},
		{"0.00", -1.5, "-1.50"},
		{"#", 0, ""},
		{"#.##", 0.5, ".5"},
		{"#.##", 5, "5."},
		{"0.###", 1.25, "1.25"},
		{"000", 7, "007"},
		{"00000", 123456, "123456"},
		{"0.0??", 1.5, "1.5  "},
		{"???", 5, "  5"},
		{".00", 12.5, "12.50"},
		{"#,##0", 1234567, "1,234,567"},
		{"#,##0", 12, "12"},
		{"#,##0.00", 1234.567, "1,234.57"},
		{"0,000", 5, "0,005"},
		{"#,###", 999999.5, "1,000,000"},
		{"?,???", 12, "   12"},
		{"0.0,", 12345, "12.3"},
		{"0,", 1234567, "1235"},
		{"0.0,,", 1234567, "1.2"},
		{"#,##0,", 1234567890, "1,234,568"},
		{"0%", 0.285, "29%"},
		{"0.0%", 0.285, "28.5%"},
		{"0%%", 0.5, "5000%%"},
		{"$#,##0.00", 1234.5, "$1,234.50"},
		{"$#,##0.00", -1234.5, "-$1,234.50"},
		{"(000) 000-0000", 5551234567, "(555) 123-4567"},
		{"000-00-0000", 123456789, "123-45-6789"},
		{`0.0" kg"`, 12, "12.0 kg"},
		{`0\m`, 12, "12m"},
		{"0_)", 5, "5 "},
		{"*-0", 5, "5"},
		{`"x"`, 5, "x"},
		{`"x"`, -5, "-x"},
		{"0.000000000000000000", 0.1, "0.100000000000000000"},
		{"0", 123456789012345678, "123456789012346000"},
		{"0.00", 1e-20, "0.00"},
		{"#,##0.00 [$€-2]", 1234.5, "1,234.50 €"},
		{"[$$-409]#,##0.00", 5, "$5.00"},
		{"[$-409]0.0", 5, "5.0"},
		{"+0;-0", 5, "+5"},
		{"0 a", 5, "5 a"},
	}.run(t, cell.Dates1900)
}

func TestSections(t *testing.T) {
	const money = "#,##0.00_);[Red](#,##0.00);-_);@_)"
	const accounting = `_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)`
	numbers{
		{accounting, 1234.5, " $1,234.50 "},
		{accounting, -1234.5, " $(1,234.50)"},
		{accounting, 0, " $-   "},
		{"0;-0;;@", 0, ""},
		{`[>=1000000]0.0,,"M";[>=1000]0.0,"K";0`, 2500000, "2.5M"},
		{`[>=1000000]0.0,,"M";[>=1000]0.0,"K";0`, 2500, "2.5K"},
		{`[>=1000000]0.0,,"M";[>=1000]0.0,"K";0`, 250, "250"},
		{money, 1234.5, "1,234.50 "},
		{money, -1234.5, "(1,234.50)"},
		{money, 0, "- "},
		{"0;(0)", 0, "0"},
		{"0;(0)", -5, "(5)"},
		{"0;;", -5, ""},
		{";;;", 5, ""},
		{`[>=1000]0.0,"K";0`, 1500, "1.5K"},
		{`[>=1000]0.0,"K";0`, 500, "500"},
		{`[>=1000]0.0,"K";0`, -500, "-500"},
		{`[<0]"less "0;"more "0`, -5, "less 5"},
		{`[<0]"less "0;"more "0`, 5, "more 5"},
		{`[=1]"one";[=2]"two";0`, 1, "one"},
		{`[=1]"one";[=2]"two";0`, 2, "two"},
		{`[=1]"one";[=2]"two";0`, -3, "-3"},
		{`[<>1]0" days";0" day"`, 1, "1 day"},
		{`[<=9999999]###-####;(###) ###-####`, 5551234, "555-1234"},
		{`[<=9999999]###-####;(###) ###-####`, 2125551234, "(212) 555-1234"},
		{"[>10]0", 5, "5"},
		{"[>10]0.0", -5, "-5"},
		{`[Color12][>0]0;0`, 5, "5"},
	}.run(t, cell.Dates1900)
}

func TestScientific(t *testing.T) {
	numbers{
		{"0.00E+00", 12345, "1.23E+04"},
		{"0.00E+00", 0.00012345, "1.23E-04"},
		{"0.00E-00", 12345, "1.23E04"},
		{"0.00E+00", 0, "0.00E+00"},
		{"0.0e+0", 12345, "1.2e+4"},
		{"0%e-0", 12345, "1%e4"}, // a percent sign beside an exponent does not scale
		{"0.0E+0", 9.96, "1.0E+1"},
		{"##0.0E+0", 12345, "12.3E+3"},
		{"##0.0E+0", 123456, "123.5E+3"},
		{"##0.0E+0", 999990, "1.0E+6"},
		{"0E+0", -5e100, "-5E+100"},
		{"#.#|E+|#", 0, "0.|E|+0"},
		{"0.0|E+|0", 123456.789, "1.2|E|+5"},
		{"0E+0", 5, "5E+0"},
	}.run(t, cell.Dates1900)
}

// The fractions of 123.456 are those of Microsoft's list of fraction formats.
func TestFractions(t *testing.T) {
	numbers{
		{"# ?/?", 123.456, "123 1/2"},
		{"# ??/??", 123.456, "123 26/57"},
		{"# ???/???", 123.456, "123  57/125"},
		{"# ?/2", 123.456, "123 1/2"},
		{"# ?/4", 123.456, "123 2/4"},
		{"# ?/8", 123.456, "123 4/8"},
		{"# ??/16", 123.456, "123  7/16"},
		{"# ?/10", 123.456, "123 5/10"},
		{"# ??/100", 123.456, "123 46/100"},
		{"# ??/??", 0.23, "  3/13"},
		{"# ?/?", 0.5, " 1/2"},
		{"# ?/?", 5, "5    "},
		{"# ?/?", 0, "0    "},
		{"# ??/??", 1.5, "1  1/2 "},
		{"?/?", 1.5, "3/2"},
		{"# ?/?", -1.25, "-1 1/4"},
		{"# ?/?", 1.99, "2    "},
		{"0 0/0", 0.25, "0 1/4"},
		{"# #/#", 0.5, "1/2"},
		{"# #/#", 5, "5"},
		{"# ?/000", 1.75, "1 3/004"},
		{"# 0/0", 0, "0/1"},
		{`#\:? ?=/=#`, 23.75, "2:3 3=/=4"},
		{"# ?/?", 0.3, " 2/7"},
		{"# ??/??", -0.93, "- 40/43"},
		{`0 "and" ?/?`, 2.5, "2 and 1/2"},
	}.run(t, cell.Dates1900)
}

// 15 June 2024 is day 45458, a Saturday.
func TestDates(t *testing.T) {
	const afternoon = 45458 + (13*3600+5*60+9.25)/86400
	numbers{
		{"yyyy-mm-dd", 45458, "2024-06-15"},
		{"m/d/yy", 45458, "6/15/24"},
		{`yyyy"年"m"月"d"日"`, 45458, "2024年6月15日"},
		{`[$-F400]h:mm:ss\ AM/PM;@`, 45458.75, "6:00:00 PM"},
		{"d mmm yyyy", 45458, "15 Jun 2024"},
		{"mmmm d, yyyy", 45458, "June 15, 2024"},
		{"mmmmm", 45458, "J"},
		{"ddd dddd", 45458, "Sat Saturday"},
		{"y yyy e", 45458, "24 2024 2024"},
		{"DD/MM/YYYY", 45458, "15/06/2024"},
		{"[$-409]dddd, mmmm dd, yyyy", 45458, "Saturday, June 15, 2024"},
		{"h:mm", afternoon, "13:05"},
		{"h:mm AM/PM", afternoon, "1:05 PM"},
		{"h:mm a/p", afternoon, "1:05 p"},
		{"hh:mm:ss", afternoon, "13:05:09"},
		{"h:mm:ss.00", afternoon, "13:05:09.25"},
		{"mm:ss.0", afternoon, "05:09.3"},
		{"yyyy-mm-dd hh:mm:ss", afternoon, "2024-06-15 13:05:09"},
		{`yyyy\-mm\-dd"T"hh:mm:ss.000`, afternoon, "2024-06-15T13:05:09.250"},
		{"m", afternoon, "6"},
		{"h m", afternoon, "13 5"},
		{"m s", afternoon, "5 9"},
		{"h AM/PM", 0, "12 AM"},
		{"h AM/PM", 0.5, "12 PM"},
		{"[h]:mm", 1.5, "36:00"},
		{"[hh]:mm:ss", 0.25, "06:00:00"},
		{"[mm]", 0.5, "720"},
		{"[m]:ss", 0.5, "720:00"},
		{"[ss]", 1, "86400"},
		{`"It was "[h]" [yes, "h"] hours and "mm:ss`, 3.14159, "It was 75 [yes, 75] hours and 23:53"},
		{"s:m", 3.14159, "53:23"},
		{"h:mm:ss", 0.999999, "0:00:00"},
		{"yyyy-mm-dd hh:mm", 45458.9999999, "2024-06-16 00:00"},
		{"yyyy-mm-dd", 45458.99999, "2024-06-15"},
		{"yyyy-mm-dd", 0, "1900-01-00"},
		{"yyyy-mm-dd", 60, "1900-02-29"},
		{"dddd", 1, "Sunday"},
		{"yyyy-mm-dd", 2958465, "9999-12-31"},
		{"yyyy-mm-dd", -1, "########"},
		{"yyyy-mm-dd", 2958466, "########"},
	}.run(t, cell.Dates1900)
	numbers{
		{"yyyy-mm-dd dddd", 0, "1904-01-01 Friday"},
		{"yyyy-mm-dd", 45458 - 1462, "2024-06-15"},
		{"h:mm", -0.5, "-12:00"},
	}.run(t, cell.Dates1904)
}

func TestGeneral(t *testing.T) {
	numbers{
		{"General", 0, "0"},
		{"General", -1.5, "-1.5"},
		{"general", 1.0 / 3, "0.333333333"},
		{"General", 3.14159265358979, "3.141592654"},
		{"General", 12345678901, "12345678901"},
		{"General", 123456789012, "1.23457E+11"},
		{"General", 99999999999.9, "1E+11"},
		{"General", 1234567.891234, "1234567.891"},
		{"General", 0.00001, "0.00001"},
		{"General", 0.0000123456789, "1.23457E-05"},
		{"General", 0.000123456789, "0.000123457"},
		{"General", 1e-10, "1E-10"},
		{"General", 1e100, "1E+100"},
		{`General" units"`, -5, "-5 units"},
		{`General;"minus "General`, -5, "minus 5"},
	}.run(t, cell.Dates1900)
}

func TestOtherKinds(t *testing.T) {
	for _, c := range []struct {
		code string
		v    cell.Value
		want string
	}{
		{"0.00", cell.Str("abc"), "abc"},
		{"@", cell.Str("abc"), "abc"},
		{`"<"@">"`, cell.Str("abc"), "<abc>"},
		{`0;-0;0;"text: "@`, cell.Str("abc"), "text: abc"},
		{";;;", cell.Str("abc"), ""},
		{"0;@", cell.Str("abc"), "abc"},
		{"@@", cell.Num(5), "55"},
		{"0.0", cell.Value{}, "0.0"},
		{"0.0", cell.Truth(true), "TRUE"},
		{"-@-", cell.Truth(true), "-TRUE-"},
		{`"hi"`, cell.Str("abc"), "hi"},
		{"", cell.Str("abc"), ""},
		{"0.0", cell.Err(cell.ErrNA), "#N/A"},
	} {
		f, err := format.Parse(c.code)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := f.Text(c.v, cell.Dates1900); got != c.want {
			t.Errorf("%v as %s is %q, want %q", c.v.Kind(), c.code, got, c.want)
		}
	}
}

func TestIsDate(t *testing.T) {
	for code, want := range map[string]bool{
		"General": false, "0.00": false, "@": false, "": false, `"day"0`: false, "[Red]0": false,
		"m/d/yy": true, "[h]:mm": true, "h AM/PM": true, "[$-409]d": true, "yyyy;@": true,
	} {
		f, err := format.Parse(code)
		if err != nil || f.IsDate() != want {
			t.Errorf("%q: %v, want %v", code, err, want)
		}
	}
}

func TestRejects(t *testing.T) {
	for _, code := range []string{
		`"open`, "0;0;0;0;0", "[open", "[what]0", "[>x]0", `0\`, "0_", "E+0", "0E+", "General0", "0@", "@;0", "dd 0", "nn", "[$",
		"# ?/? 0", "ss.0000", strings.Repeat("0", 256),
	} {
		if _, err := format.Parse(code); err == nil {
			t.Errorf("%q is a format", code)
		}
	}
}

func TestConcurrent(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 200 {
				f, err := format.Parse(strings.Repeat("0", 1+(n+i)%50))
				if err != nil || f.Text(cell.Num(1), cell.Dates1900) != strings.Repeat("0", (n+i)%50)+"1" {
					t.Error("wrong format from the cache")
				}
			}
		})
	}
	wg.Wait()
}

// FuzzFormat looks for panics and for codes that mean something else the second time.
func FuzzFormat(f *testing.F) {
	for _, code := range []string{
		"#,##0.00_);[Red](#,##0.00);-_);@_)", `[>=1000]0.0,"K";0`, "# ??/16", "##0.0E+0", "yyyy-mm-dd hh:mm:ss.000", "[h]:mm AM/PM",
		"[$€-2] General", `\x*-0`, "?,??0.??%",
	} {
		f.Add(code, 1234.5)
		f.Add(code, -0.001)
	}
	f.Fuzz(func(t *testing.T, code string, x float64) {
		p, err := format.Parse(code)
		if err != nil {
			return
		}
		for _, v := range []cell.Value{cell.Num(x), cell.Str("text"), cell.Truth(true)} {
			for _, dates := range []cell.Dates{cell.Dates1900, cell.Dates1904} {
				p.Text(v, dates)
			}
		}
	})
}
