package quantity_test

import (
	"math"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
)

func TestUnitsAreDistinct(t *testing.T) {
	for text, want := range map[string]float64{
		"kB": 1e3, "KB": 1e3, "KiB": 1024, "b": 0.125, "Mb": 125e3, "MB": 1e6, "Gbit": 125e6, "kilobytes": 1e3, "day": 86400, "month": 2629800, "year": 31557600,
		"rps": 1, "rpm": 1.0 / 60, "Mbps": 125e3, "MBps": 1e6, "%": 0.01, "million requests": 1e6, "k req/s": 1e3, "GB-month": 1e9 * 2629800, "$/million requests": 1e-6, "req/(s core)": 1,
	} {
		u, err := quantity.ParseUnit(text)
		if err != nil || math.Abs(u.Factor/want-1) > 1e-15 {
			t.Errorf("ParseUnit(%q) = %v, %v; want the factor %v", text, u.Factor, err, want)
		}
	}
}

func TestParseUnitRefuses(t *testing.T) {
	for text, why := range map[string]string{
		"mb": "bits or bytes", "gbps": "bits or bytes a second", "mbit": "write Mbit", "m": "could be", "€": "currencies", "requsts": "did you mean requests?", "s^x": "whole number",
		"s^99": "whole number", "(s": "closing", "s)": "left over", "/": "missing", "GB^8*GB": "too large", strings.Repeat("(", 50) + "s": "nested", strings.Repeat("s ", 100): "too long", "s/": "missing", "5": "expected",
	} {
		if _, err := quantity.ParseUnit(text); err == nil || !strings.Contains(err.Error(), why) && !strings.Contains(err.Error(), "expected") {
			t.Errorf("ParseUnit(%q): %v, want a word on %q", text, err, why)
		}
	}
}

func TestEveryWordIsReadBack(t *testing.T) {
	words := quantity.Words()
	if len(words) < 300 {
		t.Errorf("only %d words", len(words))
	}
	for _, word := range words {
		u, err := quantity.Lookup(word)
		if err != nil || !(u.Factor > 0) {
			t.Fatalf("Lookup(%q) = %+v, %v", word, u, err)
		}
		back, err := quantity.ParseUnit(u.Symbol)
		if err != nil || back.Factor != u.Factor || back.Dim != u.Dim {
			t.Errorf("%s prints as %q, which is read as %+v, %v", word, u.Symbol, back, err)
		}
	}
}

func TestDim(t *testing.T) {
	s, data := quantity.Of(quantity.Time), quantity.Of(quantity.Data)
	rate, _ := data.Div(s)
	if got := rate.String(); got != "bytes/second" {
		t.Error(got)
	}
	if got := (quantity.Dim{}).String(); got != "a plain number" {
		t.Error(got)
	}
	if _, ok := s.Pow(1, 2); ok {
		t.Error("a second has a square root")
	}
	square, ok := rate.Pow(2, 1)
	if back, also := square.Pow(1, 2); !ok || !also || back != rate {
		t.Error("the square root of a square is another")
	}
	if _, ok := s.Pow(9, 1); ok {
		t.Error("a ninth power")
	}
	if b, x, ok := quantity.Of(quantity.Request).Single(); !ok || x != 1 || b != quantity.Request || !b.Counted() || quantity.Time.Counted() {
		t.Error("a request is not a counted thing")
	}
}

func TestFormat(t *testing.T) {
	unit := func(text string) quantity.Unit {
		u, err := quantity.ParseUnit(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	for _, c := range []struct {
		v    float64
		dim  string
		near string
		want string
	}{
		{6.32e6, "B/s", "", "6.32 MB/s"}, {0.00035, "s", "", "350 µs"}, {240, "s", "", "4 min"}, {8e8, "s", "", "25.4 years"}, {12300, "req/s", "req/s", "12.3k req/s"}, {3162, "req/s", "", "3162 req/s"},
		{0.5e-3, "$/s", "", "$1315/month"}, {2e-11, "$/B", "", "$0.02/GB"}, {1.73e6, "user", "user", "1.73M users"}, {1, "user", "user", "1 user"}, {16, "core", "core", "16 cores"},
		{5 * (1 << 30), "B", "GiB", "5 GiB"}, {5e3 * (1 << 30), "B", "MiB", "4.88 TiB"}, {1e9, "B", "kB", "1 GB"}, {0.83, "", "", "0.83"}, {0.83, "", "%", "83 %"}, {-3, "$", "", "-$3"}, {0, "s", "", "0 s"},
		{3.6e6, "J", "", "1 kWh"}, {2500, "J/s", "", "2500 W"}, {3e8, "metre/s", "", "300M metres/s"}, {math.Inf(1), "s", "", "unbounded"}, {2e-6, "1/s", "", "0.000002/s"},
		{5e9, "B/server", "", "5 GB/server"}, {20, "core/server", "", "20 cores/server"},
	} {
		var near quantity.Unit
		if c.near != "" {
			near = unit(c.near)
		}
		if got := quantity.Choose(c.v, unit(c.dim).Dim, near).Format(c.v); got != c.want {
			t.Errorf("%v %s prints as %q, want %q", c.v, c.dim, got, c.want)
		}
	}
}

func FuzzParseUnit(f *testing.F) {
	for _, text := range []string{"MB/s", "$/GB-month", "(k req)/(s core)^2", "%", "µs·s", "1/s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := quantity.ParseUnit(text)
		if err == nil && !(u.Factor > 0 && !math.IsInf(u.Factor, 0)) {
			t.Errorf("%q has the factor %v", text, u.Factor)
		}
	})
}
