package estimate_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// TestRatesFollowTheLawOfUnits divides keys by keys a second, and multiplies rows by the bytes of one.
func TestRatesFollowTheLawOfUnits(t *testing.T) {
	for text, want := range map[string]string{
		"1M keys / redis.scan.keys": "seconds", "postgres.row.bytes * 1M rows": "bytes", "postgres.backend.bytes * 100 connections": "bytes", "1M rows / postgres.seqscan.rows": "seconds", "orm.row.bytes * 5 rows": "bytes",
	} {
		if got := evaluate(t, parse(t, text), estimate.Options{}).Outcomes[0].Dim.String(); got != want {
			t.Errorf("%s is in %s, want %s", text, got, want)
		}
	}
}

func TestNoteSaysWhatTheResultIsOf(t *testing.T) {
	for text, want := range map[string]string{
		"orm.row.python * 1000 rows in ms": "of all of them together", "1k..10k req/s * 2 kB in MB/s": "of all of them together", "2 kB/req in B": "per req",
	} {
		if got := strings.Join(evaluate(t, parse(t, text), estimate.Options{}).Notes, "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestSharesStayBelowOne refuses ranges in percent that end at 100 %, of which one case of twenty would lie beyond.
func TestSharesStayBelowOne(t *testing.T) {
	for _, text := range []string{"50 % to 100 %", "95 % ± 10 %", "95 % ± 5 %"} {
		if _, err := estimate.Parse(lang.Source{Text: text}, rate.Embedded()); err == nil || !strings.Contains(err.Error(), "100 %") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"50 % to 99.9 %", "100 % ± 20 %", "80 % to 150 %", "80 % ± 5 %"} {
		evaluate(t, parse(t, text), estimate.Options{})
	}
}

// TestEvenDensityIsDrawnEven holds the axis of a histogram to the shape.
func TestEvenDensityIsDrawnEven(t *testing.T) {
	for text, log := range map[string]bool{"uniform(0, 1)": false, "beta(1, 1)": false, "1 - uniform(0, 1)": false, "1 to 100": true, "exponential(5 ms)": true} {
		if got := evaluate(t, parse(t, text), estimate.Options{}).Outcomes[0].Histogram(20).Log; got != log {
			t.Errorf("%s: logarithmic %v", text, got)
		}
	}
}

func TestPriceIsPrintedAsWritten(t *testing.T) {
	for text, want := range map[string]string{"$0.023/GB-month * 1": "$0.023/GB-month", "100k to 1000k users": "316k users, 90 % between 100k users and 1M users"} {
		if got := evaluate(t, parse(t, text), estimate.Options{}).Outcomes[0].String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
