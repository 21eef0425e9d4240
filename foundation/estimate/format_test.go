package estimate_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate"
)

// TestFixedAmountsKeepTheirDigits prints what has no uncertainty with the digits that it has.
func TestFixedAmountsKeepTheirDigits(t *testing.T) {
	for text, want := range map[string]string{
		"99.99 %": "99.99 %", "0.99999": "0.99999", "123456+1": "123.457k", "1 GB + 1 B": "1.000000001 GB", "1 year in s": "31557600 s", "1 Gibit in B": "134217728 B",
		"0.1 + 0.2": "0.3", "1/3": "0.333", "1 - 1/30000": "0.999967", "0 * -1": "0", "5 * $0.045/h in $/month": "$164.3625/month", "1234567 + 1": "1234568", "1/8": "0.125",
		"100k users": "100k users", "0.045 req": "0.045 req", "80 rows/s": "80 rows/s", "7 TB / 3": "2.33 TB",
	} {
		r := evaluate(t, parse(t, text), estimate.Options{})
		if got := r.Outcomes[0].String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestEndsThatDifferArePrintedApart prints intervals that three digits, or one multiplier, would make wrong.
func TestEndsThatDifferArePrintedApart(t *testing.T) {
	for text, want := range map[string]string{
		"1 to 1.0000001":    "1.00000005, 90 % between 1 and 1.0000001",
		"1 to 1000000000":   "31.6k, 90 % between 1 and 1G",
		"99.9 % to 99.99 %": "99.9684 %, 90 % between 99.9 % and 99.99 %",
		"$1 to 1000000":     "$1000, 90 % between $1 and $1M",
	} {
		r := evaluate(t, parse(t, strings.ReplaceAll(text, "; ", "\n")), estimate.Options{})
		if got := r.Outcomes[0].String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
