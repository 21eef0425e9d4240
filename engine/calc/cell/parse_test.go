package cell_test

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"12", 12},
		{" 12 ", 12},
		{"12\n", 12},
		{"-1.5", -1.5},
		{"+1.5", 1.5},
		{"- 5", -5},
		{".5", 0.5},
		{"5.", 5},
		{"-0", 0},
		{"1E3", 1000},
		{"1e+3", 1000},
		{"1.5E-2", 0.015},
		{"1,234", 1234},
		{"1,234.5", 1234.5},
		{"1,234,567", 1234567},
		{"1,0000,000", 10000000},
		{"1,2345", 12345},
		{"(3)", -3},
		{"(1,234.50)", -1234.5},
		{"$5", 5},
		{"$ 5", 5},
		{"-$5", -5},
		{"$-5", -5},
		{"($5)", -5},
		{"$(5)", -5},
		{"$1,000", 1000},
		{"12%", 0.12},
		{"12 %", 0.12},
		{"%12", 0.12},
		{"-12.5%", -0.125},
		{"(5%)", -0.05},
		{"1 1/2", 1.5},
		{"-1 1/2", -1.5},
		{"0 3/4", 0.75},
		{"1 5/2", 3.5},
		{"(1 1/2)", -1.5},
		{"0 1/32767", 1.0 / 32767},
		{"1 00100/025", 5},
		{" (  1,000.54 ) ", -1000.54},
		{"(1.5e3)%", -15},
		{"1,000 1/4", 1000.25},
		{"12345678901234567890", 12345678901234567890},
		{"0.1", 0.1},
	} {
		if got, ok := cell.ParseNumber(c.text, cell.Dates1900); !ok || got != c.want {
			t.Errorf("%q is %v, %v, want %v", c.text, got, ok, c.want)
		}
	}
}

func TestParseNumberRejects(t *testing.T) {
	for _, text := range []string{
		"", " ", "x", "TRUE", "-", "+", "$", "%", ".", "()", "(-5)", "-(5)", "--5", "5%%", "%5%", "$$5", "1,23", ",123", "1,,234",
		"1,234,56", "1.2,345", "1.2.3", "1E", "E1", "1E309", "0x10", "1_000", "inf", "NaN", "1 1/0", "1 1/-2", "1 /2", "1 2", "1 1/2 3",
		"\u00a05", "５", "1/2", "2-Jan", "5 apples",
		"1,00,000", "12,34,567", "$100%", "-($1)", "100 . 5%", "1  1/2", "1 1 /2", "1.5 1/2", "0 1/32768", "0 32768/1", "1 32767/032767",
		"$1 1/2", "1 1/2%",
	} {
		if got, ok := cell.ParseNumber(text, cell.Dates1900); ok {
			t.Errorf("%q is %v, want no number", text, got)
		}
	}
}

// 1 January 2024 is day 45292.
func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"1/2/2024", 45293},
		{"01/02/2024", 45293},
		{"1-2-2024", 45293},
		{"1/2/24", 45293},
		{"1/1/1930", 10959},
		{"1/1/30", 10959},
		{"12/31/29", 47483},
		{"2024-01-02", 45293},
		{"2024/1/2", 45293},
		{"2-Jan-2024", 45293},
		{"2-jan-24", 45293},
		{"2 January 2024", 45293},
		{"2/Jan/2024", 45293},
		{"Jan 2, 2024", 45293},
		{"January 2, 2024", 45293},
		{"JANUARY 2,2024", 45293},
		{"Jan 2024", 45292},
		{"Jan-2024", 45292},
		{"1 - jan - 2024  ", 45292},
		{"1jan2024", 45292},
		{"Jan1, 2024", 45292},
		{"Sept 2024", 45536},
		{"1-marc-2024", 45352},
		{"feb-30", 10990},
		{"MaR-42", 15401},
		{"2/30", 10990},
		{"2024 Jan", 45292},
		{"1/2024", 45292},
		{"2024-01", 45292},
		{"Jan-50", 18264},
		{"1/50", 18264},
		{"1/1/1900", 1},
		{"2/28/1900", 59},
		{"2/29/1900", 60},
		{"3/1/1900", 61},
		{"2/29/2024", 45351},
		{"12/31/9999", 2958465},
	} {
		if got, ok := cell.ParseNumber(c.text, cell.Dates1900); !ok || got != c.want {
			t.Errorf("%q is %v, %v, want %v", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{
		"13/1/2024", "2/30/2024", "2/29/2023", "0/1/2024", "1/0/2024", "1/2/123", "1/2/20245", "1/1/1899", "1//2024", "1/2/2024/3", "/1/2024",
		"1/2/", "1/2-2024", "1.2.2024", "Foo 2024", "Jan Feb", "Jan 32, 2024", "2024-13", "Ja 2, 2024", "January, 2024", "Jan 2-2024", "002/28/20", "02/028/20", "feb-003", "31-apr", " 1/2/2024", " 1-jan-2024", " aug-55", " 1/2/2024 12:00", "32-Jan", "Feb-29", "1st", "2024-01-02T10:00",
	} {
		if got, ok := cell.ParseNumber(text, cell.Dates1900); ok {
			t.Errorf("%q is %v, want no date", text, got)
		}
	}
	if got, ok := cell.ParseNumber("1/2/2024", cell.Dates1904); !ok || got != 45293-1462 {
		t.Errorf("counted from 1904: %v, %v", got, ok)
	}
	if got, ok := cell.ParseNumber("1/2/1903", cell.Dates1904); ok {
		t.Errorf("before 1904: %v, want no date", got)
	}
}

func TestParseDateOfYear(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"1/2", 45293},
		{"1-2", 45293},
		{"2-Jan", 45293},
		{"Jan 2", 45293},
		{"2 january", 45293},
		{"2/29", 45351},
		{"Feb-29", 45351},
		{"DEC1", 45627},
		{" 2 - jan  ", 45293},
		{"Sept2", 45537},
		{"feb-31", 11355},
	} {
		if got, ok := cell.ParseNumberIn(c.text, cell.Dates1900, 2024); !ok || got != c.want {
			t.Errorf("%q in 2024 is %v, %v, want %v", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{"29-Feb", "13/1", "0/1", "Jan 0", "31-apr"} {
		if got, ok := cell.ParseNumberIn(text, cell.Dates1900, 2023); ok {
			t.Errorf("%q in 2023 is %v, want no date", text, got)
		}
	}
	// 1 February 2029: there is no 29 February 2023.
	if got, ok := cell.ParseNumberIn("2/29", cell.Dates1900, 2023); !ok || got != 47150 {
		t.Errorf("2/29 in 2023 is %v, %v", got, ok)
	}
}

func TestParseTime(t *testing.T) {
	const second = 1.0 / 86400
	for _, c := range []struct {
		text string
		want float64
	}{
		{"13:45", (13*3600 + 45*60) * second},
		{"1:30 PM", 13.5 / 24},
		{"1:30 p", 13.5 / 24},
		{"1 PM", 13.0 / 24},
		{"12:00 AM", 0},
		{"12:30 am", 0.5 / 24},
		{"12:00 PM", 0.5},
		{"0:00", 0},
		{"6:00:36", 0.25 + 36*second},
		{"26:00:10.5", (26*3600 + 10.5) * second},
		{"45:30.5", (45*60 + 30.5) * second},
		{"45:30.0", (45*60 + 30) * second},
		{"14:300.0", (14*60 + 300) * second},
		{"140:30.0", (140*60 + 30) * second},
		{"10:", 10.0 / 24},
		{"24:0:", 1},
		{"23:300", (23*60 + 300) * 60 * second},
		{"23:60:06", (24*3600 + 6) * second},
		{"  24   :  00  :   59  ", (24*3600 + 59) * second},
		{"9999:59", (9999*60 + 59) * 60 * second},
		{"0:0:0.0015", 0.002 * second},
		{"0:0:0.0024", 0.002 * second},
		{"1:9 aM", 69 * 60 * second},
		{"1/2/2024 24:59", 45294 + 59*60*second},
		{"aug 10, 2022 14:10", 44783 + 850*60*second},
		{"1/2/2024 12:00", 45293.5},
		{"2024-01-02 6:00 PM", 45293.75},
		{"2 Jan 2024 6 AM", 45293.25},
		{"Jan 2, 2024 18:00:00", 45293.75},
		{"January 2024 12:00", 45292.5},
	} {
		if got, ok := cell.ParseNumber(c.text, cell.Dates1900); !ok || math.Abs(got-c.want) > 1e-12*max(1, c.want) {
			t.Errorf("%q is %v, %v, want %v", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{
		"1:30PM", "13:00 PM", "1:60 AM", "00:00: AM", "00:00:60 AM", "24:60", "24:00:60", "00:60:60", "140:60.0", "60:000.0",
		"000:01:01", "0:01:001", "0::0", ":0:0", "10000:", "14:30.", ":30", "1:2:3:4", "1.5 PM", "10000:00", "PM", "1:30 XM", "-1:30", "12/31/9999 24:00",
		"1:30.5 PM",
	} {
		if got, ok := cell.ParseNumber(text, cell.Dates1900); ok {
			t.Errorf("%q is %v, want no time", text, got)
		}
	}
}

func TestParseDateTimeTells(t *testing.T) {
	for _, c := range []struct {
		text       string
		date, time bool
	}{
		{"1/2/2024", true, false},
		{"13:45", false, true},
		{"1/2/2024 13:45", true, true},
	} {
		d, ok := cell.ParseDateTime(c.text, cell.Dates1900, 0)
		if !ok || d.HasDate != c.date || d.HasTime != c.time {
			t.Errorf("%q: %+v, %v", c.text, d, ok)
		}
	}
}

// FuzzParseNumber looks for panics, for what no cell can hold, and for numbers that are not read as they are written.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"-$1,234.5%", "(1 1/2)", "1/2/2024 1:30 PM", "2-Jan-2024", "26:00:10.5", "Jan 2024", "1E+3", "1,2,3"} {
		f.Add(s, 1.5)
	}
	f.Fuzz(func(t *testing.T, s string, x float64) {
		for _, dates := range []cell.Dates{cell.Dates1900, cell.Dates1904} {
			got, ok := cell.ParseNumberIn(s, dates, 2024)
			if math.IsNaN(got) || math.IsInf(got, 0) || math.Signbit(got) && got == 0 {
				t.Fatalf("%q is %v", s, got)
			}
			if again, same := cell.ParseNumberIn(s+" ", dates, 2024); again != got || same != ok {
				t.Fatalf("%q is %v, %v, with a space after it %v, %v", s, got, ok, again, same)
			}
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		text := cell.FormatGeneral(x)
		got, ok := cell.ParseNumber(text, cell.Dates1900)
		if !ok && math.Abs(x) < 1e308 || ok && math.Abs(got-x) > math.Abs(x)*1e-14 && math.Abs(x) > 1e-300 {
			t.Fatalf("%v is written %q and read %v, %v", x, text, got, ok)
		}
	})
}
