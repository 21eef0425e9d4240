package unit

import (
	"fmt"
	"strings"
	"time"
)

// Rate is an amount per second. Of names what is counted: "B" for bytes, else a noun such as "row" or
// "request", or nothing for a bare number.
type Rate struct {
	PerSecond float64
	Of        string
}

// ParseRate reads a rate such as "350 MB/s", "10 Gbit/s", "200 requests/s", "1e6 rows/min", "10k/s"
// or "500 rps". Bits become bytes.
func ParseRate(s string) (Rate, error) {
	text := strings.TrimSpace(s)
	value, rest, err := splitNumber(text)
	if err != nil {
		return Rate{}, fmt.Errorf("read rate: %w", err)
	}
	if value < 0 {
		return Rate{}, fmt.Errorf("read rate %q: a rate is not negative", text)
	}
	amount, per, found := strings.Cut(rest, "/")
	if !found {
		amount, per, found = cutPer(rest)
	}
	if !found {
		return Rate{}, fmt.Errorf("read rate %q: say per what time, for example 350 MB/s", text)
	}
	length, ok := durationUnit(strings.TrimSpace(per))
	if !ok {
		return Rate{}, fmt.Errorf("read rate %q: %q is not a unit of time", text, strings.TrimSpace(per))
	}
	factor, of, err := amountUnit(strings.TrimSpace(amount))
	if err != nil {
		return Rate{}, fmt.Errorf("read rate %q: %w", text, err)
	}
	return Rate{PerSecond: value * factor / length.Seconds(), Of: of}, nil
}

// cutPer understands the common forms without a slash: "200 rps", "1 Gbps", "40 MBps".
func cutPer(rest string) (amount, per string, found bool) {
	switch strings.ToLower(rest) {
	case "rps", "req/s", "qps", "tps", "ops":
		noun := map[string]string{"rps": "request", "qps": "query", "tps": "transaction", "ops": "operation"}
		return noun[strings.ToLower(rest)], "s", true
	}
	if amount, ok := strings.CutSuffix(rest, "bps"); ok {
		return amount + "bit", "s", true
	}
	if amount, ok := strings.CutSuffix(rest, "Bps"); ok {
		return amount + "B", "s", true
	}
	return "", "", false
}

// amountUnit reads what stands before the slash: a unit of size, a multiplier, a noun, or a
// multiplier and a noun.
func amountUnit(s string) (factor float64, of string, err error) {
	if s == "" {
		return 1, "", nil
	}
	first, noun, _ := strings.Cut(s, " ")
	noun = strings.TrimSpace(noun)
	if noun == "" && namesSize(first) {
		factor, err := byteFactor(first)
		return factor, "B", err
	}
	if factor, ok := countFactor(first); ok {
		return factor, singular(noun), checkNoun(noun)
	}
	return 1, singular(s), checkNoun(s)
}

// namesSize holds for words that are a unit of size if they are anything: a prefix before B, b, bit or
// byte, in either case, so that "10 mb/s" is refused as ambiguous and "3 jobs/s" counts jobs.
func namesSize(word string) bool {
	for _, unit := range []string{"bytes", "byte", "bits", "bit", "B", "b"} {
		if prefix, ok := strings.CutSuffix(word, unit); ok {
			if _, known := prefixFactor(prefix); known {
				return true
			}
			_, known := prefixFactor(strings.ToUpper(prefix))
			return known
		}
	}
	return false
}

func checkNoun(noun string) error {
	for _, r := range noun {
		part := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == ' ' || r == '-'
		if !part {
			return fmt.Errorf("%q is not the name of something that is counted", noun)
		}
	}
	return nil
}

// singular strips the plural of the regular nouns that rates count: rows, requests, queries.
func singular(noun string) string {
	switch {
	case strings.HasSuffix(noun, "queries") || strings.HasSuffix(noun, "entries"):
		return strings.TrimSuffix(noun, "ies") + "y"
	case strings.HasSuffix(noun, "ss") || len(noun) < 3:
		return noun
	}
	return strings.TrimSuffix(noun, "s")
}

// String prints r per second: "350 MB/s", "10k rows/s", "1.5/s".
func (r Rate) String() string {
	digits, prefix := scaled(r.PerSecond)
	switch r.Of {
	case "B":
		return digits + " " + prefix + "B/s"
	case "":
		return digits + prefix + "/s"
	}
	return digits + prefix + " " + plural(r.Of) + "/s"
}

func plural(noun string) string {
	switch {
	case strings.HasSuffix(noun, "ss") || len(noun) < 3:
		return noun
	case strings.HasSuffix(noun, "query") || strings.HasSuffix(noun, "entry"):
		return strings.TrimSuffix(noun, "y") + "ies"
	}
	return noun + "s"
}

// Time returns how long an amount takes at this rate, and false when the rate is zero or the time does
// not fit a time.Duration.
func (r Rate) Time(amount float64) (time.Duration, bool) {
	if r.PerSecond <= 0 {
		return 0, false
	}
	seconds := amount / r.PerSecond
	if seconds > float64(1<<62)/float64(time.Second) || seconds < 0 {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}
