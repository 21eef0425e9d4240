package lang_test

import (
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate/lang"
)

// TestSentencesSayWhatToWrite holds mistakes to a hint that leads somewhere.
func TestSentencesSayWhatToWrite(t *testing.T) {
	for text, want := range map[string]string{
		"5 krps": "write k rps", "5 Mrps": "write M rps", "5 kreq": "write k req", "5 MM": "write M for a million", "50% of 10": "share of an amount", "1h30m": "1 h + 30 min",
		"0x10": "decimal", "5...10": "two dots", "1 h 30 min": "to add, write +", "x = 3 GB\n1 GB in x": "divide by it",
		"100 - 20 %": "100 * (1 - 20 %)", "10 + 5%": "multiply", "price = 100\nprice - 20 %": "multiply", "日本 = 5\n日本 + 3 s": "     |      ^",
	} {
		_, err := lang.Parse(lang.Source{Text: text}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"3 nines", "10 to 100 rq/s"} {
		if _, err := lang.Parse(lang.Source{Text: text}, nil); err == nil || strings.Contains(err.Error(), "did you mean") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"1 - 20 %", "20 % + 0.1", "x = 0.3 to 0.5\nx + 5 %", "a = 3\nz = 7\na/z - 5 %", "50 % + 20 %", "p = 5 %\n1 - p"} {
		if _, err := lang.Parse(lang.Source{Text: text}, nil); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
