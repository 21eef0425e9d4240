package unit

import (
	"math"
	"testing"
)

// FuzzParse holds that no input makes a parser panic or return a value that cannot be used, and that
// what a String method prints is read back to within its three digits.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"1.5 GiB", "10M", "350 MB/s", "$12/month", "0.5 ms", "1 h 30 min", "1,000,000", "1e7", "8Gb", "200 rps", "-$5",
		"µs", "1e308 k", "9e18 B", "�/s", "1 /s", "$1/\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ParseBytes(text); err == nil {
			if v < 0 {
				t.Fatalf("ParseBytes(%q) = %d, negative", text, v)
			}
			if v < math.MaxInt64/101*100 { // printing rounds to three digits, which may overflow at the very top
				readBack(t, float64(v), v.String(), func(s string) (float64, error) { b, err := ParseBytes(s); return float64(b), err })
				readBack(t, float64(v), v.Binary(), func(s string) (float64, error) { b, err := ParseBytes(s); return float64(b), err })
			}
		}
		if v, err := ParseCount(text); err == nil && usable(float64(v)) {
			readBack(t, float64(v), v.String(), func(s string) (float64, error) { c, err := ParseCount(s); return float64(c), err })
		}
		if v, err := ParseRate(text); err == nil && usable(v.PerSecond) {
			readBack(t, v.PerSecond, v.String(), func(s string) (float64, error) { r, err := ParseRate(s); return r.PerSecond, err })
		}
		if v, err := ParseDuration(text); err == nil {
			if v < 0 {
				t.Fatalf("ParseDuration(%q) = %v, negative", text, v)
			}
			if v < 200*Year {
				readBack(t, float64(v), Duration(v), func(s string) (float64, error) { d, err := ParseDuration(s); return float64(d), err })
			}
		}
		if v, err := ParsePrice(text); err == nil && usable(math.Abs(float64(v.Amount))) {
			again, err := ParsePrice(v.String())
			if err != nil || again.Per != v.Per || again.Every != v.Every {
				t.Fatalf("ParsePrice(%q) prints %q, which reads back as %+v, %v", text, v.String(), again, err)
			}
		}
	})
}

// usable holds for the range in which values are printed without running out of exponent.
func usable(v float64) bool { return v == 0 || v > 1e-300 && v < 1e300 }

func readBack(t *testing.T, v float64, printed string, parse func(string) (float64, error)) {
	t.Helper()
	got, err := parse(printed)
	if err != nil {
		t.Fatalf("%v prints as %q, which is not read back: %v", v, printed, err)
	}
	if math.Abs(got-v) > 0.0051*v { // three digits
		t.Fatalf("%v prints as %q, which reads back as %v", v, printed, got)
	}
}
