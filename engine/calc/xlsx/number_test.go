package xlsx

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/napkin-infra/napkin/engine/calc/cell"
)

// TestParseFloat compares the reading of numbers with strconv, whose results are exact.
func TestParseFloat(t *testing.T) {
	check := func(s string) {
		t.Helper()
		want, _ := strconv.ParseFloat(s, 64)
		if math.IsInf(want, 0) {
			want = cell.BoxError(cell.ErrNum)
		}
		if got, ok := parseFloat([]byte(s)); !ok || math.Float64bits(got) != math.Float64bits(want+0) {
			t.Fatalf("%s is %v (%v), want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"0", "-0", "0.1", "9007199254740993", "9007199254740992.5", "9007199254740993.5", "18446744073709551615", "1844674407370955161.5",
		"9999999999999999999", "0.9999999999999999999", "0.0000000000000000001", "4503599627370496.5", "4503599627370497.5", "1.7976931348623157", "0.30000000000000004",
		"9007199254740992.999999", "-123.45600000000000", "00000000000000000012.5"} {
		check(s)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300_000 {
		f := math.Float64frombits(random.Uint64())
		if f-f == 0 {
			check(strconv.FormatFloat(f, 'g', 1+random.IntN(20), 64))
		}
		// Numbers as workbooks have them, and such as lie in the middle of two.
		f = (random.Float64() - 0.5) * math.Pow(10, float64(random.IntN(16)))
		check(strconv.FormatFloat(f, 'f', random.IntN(18), 64))
		check(strconv.FormatFloat(f, 'G', 17, 64))
		m := random.Uint64() >> random.IntN(11)
		check(strconv.FormatUint(m/10, 10) + "." + strconv.FormatUint(m%10, 10) + "5")
		check(strconv.FormatFloat(float64(uint64(1)<<53+random.Uint64()>>12)/2, 'f', 1, 64))
	}
}
