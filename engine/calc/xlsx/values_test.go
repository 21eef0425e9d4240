package xlsx

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestNumbers: what is written reads back as the same bits, by us and by the standard library; and all that the library
// writes is read as it reads it.
func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for i := range 200_000 {
		f := math.Float64frombits(r.Uint64())
		switch i % 6 {
		case 0:
			f = float64(r.IntN(1e9)) / 100
		case 1:
			f = math.Round(r.NormFloat64()*1e6) / 1e3
		case 2:
			f = r.ExpFloat64() * math.Pow10(r.IntN(40)-20)
		case 3: // of at most 15 digits, or a little beside it
			f = float64(r.Int64N(1e15)) / math.Pow10(r.IntN(9)) * float64(1-2*r.IntN(2))
			if r.IntN(3) == 0 {
				f = math.Nextafter(f, 0)
			}
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		for _, s := range [][]byte{appendNumber(nil, f), strconv.AppendFloat(nil, f, 'G', 17, 64), strconv.AppendFloat(nil, f, 'e', r.IntN(20), 64), strconv.AppendFloat(nil, f, 'f', r.IntN(5), 64)} {
			want, err := strconv.ParseFloat(string(s), 64)
			if got, ok := parseFloat(s); err == nil && (!ok || got != want) {
				t.Fatalf("%s is read as %v, want %v", s, got, want)
			}
		}
		if back, err := strconv.ParseFloat(string(appendNumber(nil, f)), 64); err != nil || back != f {
			t.Fatalf("%v is written as %s", f, appendNumber(nil, f))
		}
		if a := math.Abs(f); a >= 1e-5 && a < 1e15 {
			if got, want := string(appendNumber(nil, f)), strconv.FormatFloat(f, 'f', -1, 64); got != want {
				t.Fatalf("%v is written as %s, the shortest is %s", f, got, want)
			}
		}
		if n := len(appendNumber(nil, f)); n > 24 {
			t.Fatalf("%v is written in %d characters", f, n)
		}
	}
	for _, s := range []string{"", "-", ".", "1.2.3", "1e", "e5", "0x10", "1_000", "Inf", "infinity", "nan", "1,5", " 1", "--1", "1e+-2", "1.e", "+"} {
		if f, ok := parseFloat([]byte(s)); ok {
			t.Errorf("%q is read as %v", s, f)
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		text  string
		dates cell.Dates
		want  float64
	}{
		{"1900-01-01", cell.Dates1900, 1},
		{"2024-02-29T18:00:00", cell.Dates1900, 45351.75},
		{"2024-02-29T18:00:00.000Z", cell.Dates1900, 45351.75},
		{"1904-01-02", cell.Dates1904, 1},
		{"06:00:00", cell.Dates1900, 0.25},
	} {
		if got, ok := parseDate(c.text, c.dates); !ok || got != c.want {
			t.Errorf("%s is %v, want %v", c.text, got, c.want)
		}
	}
	for _, s := range []string{"", "1903-12-31x", "24:00:01", "2024-13-01"} {
		if f, ok := parseDate(s, cell.Dates1900); ok {
			t.Errorf("%q is read as %v", s, f)
		}
	}
	if _, ok := parseDate("1903-12-31", cell.Dates1904); ok {
		t.Error("a day before the first of the 1904 system is read")
	}
}
