package unit

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Month is the month of price lists and capacity plans: 730 hours.
const Month = 730 * time.Hour

// Day and Week are calendar lengths without daylight saving.
const (
	Day  = 24 * time.Hour
	Week = 7 * Day
	Year = 12 * Month
)

// ParseDuration reads a length of time such as "0.5 ms", "1h30m", "1 h 30 min", "3 days" or "250us".
// A bare number is refused except for zero, because its unit cannot be known.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	rest := text
	total := 0.0
	for first := true; first || rest != ""; first = false {
		value, tail, err := splitNumber(rest)
		if err != nil {
			return 0, fmt.Errorf("read duration: %w", err)
		}
		word := leadingWord(tail)
		if word == "" && tail == "" && value == 0 && first {
			return 0, nil
		}
		length, ok := durationUnit(word)
		if !ok {
			return 0, fmt.Errorf("read duration %q: write a unit such as ms, s, min, h or days after the number", text)
		}
		if value < 0 {
			return 0, fmt.Errorf("read duration %q: a length of time is not negative", text)
		}
		total += value * float64(length)
		rest = strings.TrimSpace(tail[len(word):])
	}
	if total >= math.MaxInt64 {
		return 0, fmt.Errorf("read duration %q: longer than 292 years", text)
	}
	return time.Duration(math.Round(total)), nil
}

func leadingWord(s string) string {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == 'µ' || r == 'μ'
		if !letter {
			return s[:i]
		}
	}
	return s
}

func durationUnit(word string) (time.Duration, bool) {
	switch word {
	case "ns":
		return time.Nanosecond, true
	case "us", "µs", "μs": // micro sign and Greek mu look alike and are both typed
		return time.Microsecond, true
	case "ms":
		return time.Millisecond, true
	case "s", "sec", "second", "seconds":
		return time.Second, true
	case "m", "min", "mins", "minute", "minutes":
		return time.Minute, true
	case "h", "hr", "hour", "hours":
		return time.Hour, true
	case "d", "day", "days":
		return Day, true
	case "w", "week", "weeks":
		return Week, true
	case "mo", "month", "months":
		return Month, true
	case "y", "yr", "year", "years":
		return Year, true
	}
	return 0, false
}

// Duration prints d with three digits in the unit that a reader expects: "85 ns", "0.5 ms" as
// "500 µs", "3.2 s", "2 min 5 s", "1 h 12 min", "3 days".
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	return Seconds(d.Seconds())
}

// Seconds prints a length of time given in seconds, which may be far below a nanosecond or above
// what time.Duration holds.
func Seconds(s float64) string {
	switch abs := math.Abs(s); {
	case abs == 0:
		return "0 s"
	case abs < 0.9995e-6:
		return Digits(s*1e9) + " ns"
	case abs < 0.9995e-3:
		return Digits(s*1e6) + " µs"
	case abs < 0.9995:
		return Digits(s*1e3) + " ms"
	case abs < 119.5:
		return Digits(s) + " s"
	case abs < 3599.5:
		return pair(s, 60, "min", 1, "s")
	case abs < 48*3600-30:
		return pair(s, 3600, "h", 60, "min")
	case abs < 2*365*86400:
		return Digits(s/86400) + " days"
	}
	return Digits(s/Year.Seconds()) + " years"
}

// pair prints s as a whole number of large units and a whole number of small ones.
func pair(s, large float64, largeName string, small float64, smallName string) string {
	sign := ""
	if s < 0 {
		sign, s = "-", -s
	}
	steps := math.Round(s / small)
	per := large / small
	whole, part := math.Floor(steps/per), math.Mod(steps, per)
	if part == 0 {
		return fmt.Sprintf("%s%.0f %s", sign, whole, largeName)
	}
	return fmt.Sprintf("%s%.0f %s %.0f %s", sign, whole, largeName, part, smallName)
}
