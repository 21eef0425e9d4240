package unit

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "4096": 4096, "1.5 GiB": 3 << 29, "1kB": 1000, "1 KB": 1000, "1KiB": 1024, "350MB": 350e6,
		"8 Gbit": 1e9, "8Gb": 1e9, "1 MiB": 1 << 20, "2Gi": 2 << 30, "10M": 10e6, "1_000 B": 1000,
		"1,024 bytes": 1024, "5 EB": 5e18, "16 bits": 2, "1e3 B": 1000, "+2 kB": 2000,
	} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseBytesRefuses(t *testing.T) {
	for text, say := range map[string]string{
		"":                       "number is missing",
		"GB":                     "does not begin with a number",
		"10mb":                   "write MB for bytes or Mbit for bits",
		"10 gb":                  "write GB for bytes or Gbit for bits",
		"-1 MB":                  "between 0 and 8 EiB",
		"9 EiB":                  "between 0 and 8 EiB",
		"1 parsec":               "not a unit of size",
		"1,5 GB":                 "decimal point",
		"1_ GB":                  "between digits",
		"1e999 B":                "not a number that fits",
		"NaN":                    "does not begin with a number",
		"1.2.3 MB":               "not a number that fits",
		strings.Repeat("9", 400): "too long",
	} {
		if got, err := ParseBytes(text); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("ParseBytes(%q) = %d, %v; want an error saying %q", text, got, err, say)
		}
	}
}

func TestBytesPrint(t *testing.T) {
	for size, want := range map[Bytes][2]string{
		0: {"0 B", "0 B"}, 999: {"999 B", "999 B"}, 1000: {"1 kB", "1000 B"}, 1024: {"1.02 kB", "1 KiB"},
		3 << 29: {"1.61 GB", "1.5 GiB"}, 999_999: {"1 MB", "977 KiB"}, 350e6: {"350 MB", "334 MiB"},
	} {
		if got := size.String(); got != want[0] {
			t.Errorf("Bytes(%d).String() = %q, want %q", size, got, want[0])
		}
		if got := size.Binary(); got != want[1] {
			t.Errorf("Bytes(%d).Binary() = %q, want %q", size, got, want[1])
		}
	}
}

func TestParseCount(t *testing.T) {
	for text, want := range map[string]Count{
		"1e7": 1e7, "10M": 1e7, "10m": 1e7, "300k": 3e5, "2.5 million": 2.5e6, "1,000,000": 1e6, "3B": 3e9,
		"1 bn": 1e9, "0": 0, ".5": 0.5, "2Ki": 2048, "1_000": 1000,
	} {
		if got, err := ParseCount(text); err != nil || got != want {
			t.Errorf("ParseCount(%q) = %v, %v; want %v", text, float64(got), err, float64(want))
		}
	}
	for _, text := range []string{"", "many", "-3", "10 MB", "1,00", "--1", "1e", "0x10"} {
		if got, err := ParseCount(text); err == nil {
			t.Errorf("ParseCount(%q) = %v, want an error", text, float64(got))
		}
	}
	for count, want := range map[Count]string{1e7: "10M", 1250: "1.25k", 350: "350", 0: "0", 2.5: "2.5", 999_999: "1M"} {
		if got := count.String(); got != want {
			t.Errorf("Count(%v).String() = %q, want %q", float64(count), got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0.5 ms": 500 * time.Microsecond, "1h30m": 90 * time.Minute, "1 h 30 min": 90 * time.Minute,
		"3 days": 3 * Day, "250us": 250 * time.Microsecond, "250µs": 250 * time.Microsecond,
		"250 μs": 250 * time.Microsecond, "2 weeks": 2 * Week, "1 month": Month, "7d": 7 * Day, "1s": time.Second,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "ms", "-1s", "1 fortnight", "400 years", "1s 2", "1s;2s"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
	for length, want := range map[time.Duration]string{
		0: "0 s", 85: "85 ns", 500 * time.Microsecond: "500 µs", 3200 * time.Millisecond: "3.2 s",
		125 * time.Second: "2 min 5 s", 72 * time.Minute: "1 h 12 min", 72 * time.Hour: "3 days",
		3599600 * time.Millisecond: "1 h", 999_900 * time.Nanosecond: "1 ms", -time.Second: "-1 s",
		1460 * Day: "4 years",
	} {
		if got := Duration(length); got != want {
			t.Errorf("Duration(%v) = %q, want %q", length, got, want)
		}
	}
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]Rate{
		"350 MB/s": {350e6, "B"}, "8 Gbit/s": {1e9, "B"}, "1 Gbps": {125e6, "B"}, "200 requests/s": {200, "request"},
		"200 rps": {200, "request"}, "6e6 rows/min": {1e5, "row"}, "10k/s": {1e4, ""}, "10k rows/s": {1e4, "row"},
		"3 queries / s": {3, "query"}, "1 GiB/s": {1 << 30, "B"}, "5/h": {5.0 / 3600, ""},
	} {
		got, err := ParseRate(text)
		if err != nil || got.Of != want.Of || math.Abs(got.PerSecond-want.PerSecond) > 1e-9*want.PerSecond {
			t.Errorf("ParseRate(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "350 MB", "350 MB/furlong", "-1/s", "10 mb/s", "MB/s", "3 r0ws/s"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", text, got)
		}
	}
	for rate, want := range map[Rate]string{
		{350e6, "B"}: "350 MB/s", {1e4, "row"}: "10k rows/s", {1.5, ""}: "1.5/s", {20, "query"}: "20 queries/s",
	} {
		if got := rate.String(); got != want {
			t.Errorf("%#v.String() = %q, want %q", rate, got, want)
		}
	}
	if d, ok := (Rate{PerSecond: 350e6, Of: "B"}).Time(1.1e9); !ok || d.Round(time.Millisecond) != 3143*time.Millisecond {
		t.Errorf("1.1 GB at 350 MB/s takes %v, %v; want 3.143 s", d, ok)
	}
	if _, ok := (Rate{}).Time(1); ok {
		t.Error("an amount at rate zero has a time")
	}
}

func TestMoney(t *testing.T) {
	for text, want := range map[string]Price{
		"$12/month": {Amount: 12, Every: Month}, "$0.04/h": {Amount: 0.04, Every: time.Hour},
		"$0.09/GB": {Amount: 0.09, Per: "GB"}, "$1.2k/year": {Amount: 1200, Every: Year},
		"USD 5/million requests": {Amount: 5, Per: "million requests"},
	} {
		if got, err := ParsePrice(text); err != nil || got != want {
			t.Errorf("ParsePrice(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"12/month", "$12", "$/month", "$x/month", "$12/", "€3/h"} {
		if got, err := ParsePrice(text); err == nil {
			t.Errorf("ParsePrice(%q) = %v, want an error", text, got)
		}
	}
	for amount, want := range map[Money]string{
		0: "$0", 12: "$12", 12.5: "$12.50", 0.0416: "$0.0416", 1234: "$1,234", 3.2e6: "$3.2M", -5: "-$5", 99.999: "$100",
	} {
		if got := amount.String(); got != want {
			t.Errorf("Money(%v).String() = %q, want %q", float64(amount), got, want)
		}
	}
	if monthly, ok := (Price{Amount: 0.1, Every: time.Hour}).Monthly(); !ok || math.Abs(float64(monthly)-73) > 1e-9 {
		t.Errorf("$0.1/h is %v a month, want $73", monthly)
	}
	if _, ok := (Price{Amount: 1, Per: "GB"}).Monthly(); ok {
		t.Error("a price per GB has a monthly price")
	}
	if got := (Price{Amount: 12, Every: Month}).String(); got != "$12/month" {
		t.Errorf("price prints as %q", got)
	}
}
