package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Money is an amount of US dollars.
type Money float64

// ParseMoney reads an amount such as "$12", "12.50 $", "$1.2k", "USD 300" or "$3M".
func ParseMoney(s string) (Money, error) {
	text := strings.TrimSpace(s)
	body, negative, ok := cutDollar(text)
	if !ok {
		return 0, fmt.Errorf("read amount of money %q: write dollars, for example $12", text)
	}
	value, rest, err := splitNumber(body)
	if err != nil {
		return 0, fmt.Errorf("read amount of money %q: %w", text, err)
	}
	factor, ok := countFactor(rest)
	if !ok {
		return 0, fmt.Errorf("read amount of money %q: %q is not a multiplier", text, rest)
	}
	if negative {
		value = -value
	}
	return Money(value * factor), nil
}

func cutDollar(s string) (body string, negative, ok bool) {
	if rest, found := strings.CutPrefix(s, "-"); found {
		s, negative = strings.TrimSpace(rest), true
	}
	for _, mark := range []string{"$", "USD"} {
		if rest, found := strings.CutPrefix(s, mark); found {
			return strings.TrimSpace(rest), negative, true
		}
		if rest, found := strings.CutSuffix(s, mark); found {
			return strings.TrimSpace(rest), negative, true
		}
	}
	return s, negative, false
}

// String prints m with cents below 100 dollars and with more digits below a cent: "$12.50", "$0.0416",
// "$1,234", "$3.2M".
func (m Money) String() string {
	v := float64(m)
	if v < 0 {
		return "-" + Money(-v).String()
	}
	switch {
	case v == 0:
		return "$0"
	case v < 0.995:
		return "$" + Digits(v)
	case v < 99.995:
		return "$" + strings.TrimSuffix(strconv.FormatFloat(v, 'f', 2, 64), ".00")
	case v < 999_999.5:
		return "$" + grouped(math.Round(v))
	}
	digits, prefix := scaled(v)
	return "$" + digits + prefix
}

// grouped prints a whole number below a million with a comma between thousands.
func grouped(v float64) string {
	s := strconv.FormatFloat(v, 'f', 0, 64)
	if len(s) > 3 {
		return s[:len(s)-3] + "," + s[len(s)-3:]
	}
	return s
}

// Price is money per something: a length of time, or a unit of what is bought. Exactly one of Every
// and Per is set.
type Price struct {
	Amount Money
	Every  time.Duration // "$12/month"
	Per    string        // "$0.09/GB", "$5/million requests"
}

// ParsePrice reads a price such as "$12/month", "$0.04/h" or "$0.09/GB".
func ParsePrice(s string) (Price, error) {
	text := strings.TrimSpace(s)
	amount, per, found := strings.Cut(text, "/")
	per = strings.TrimSpace(per)
	if !found || per == "" {
		return Price{}, fmt.Errorf("read price %q: say per what, for example $12/month or $0.09/GB", text)
	}
	money, err := ParseMoney(amount)
	if err != nil {
		return Price{}, fmt.Errorf("read price %q: %w", text, err)
	}
	if length, ok := durationUnit(per); ok {
		return Price{Amount: money, Every: length}, nil
	}
	if len(per) > maxInput || strings.ContainsFunc(per, func(r rune) bool { return r < ' ' || r == '�' }) {
		return Price{}, fmt.Errorf("read price %q: what is bought has no readable name", text)
	}
	return Price{Amount: money, Per: per}, nil
}

// Monthly returns the price of having one for a month, and false for a price that is not per time.
func (p Price) Monthly() (Money, bool) {
	if p.Every <= 0 {
		return 0, false
	}
	return Money(float64(p.Amount) * Month.Hours() / p.Every.Hours()), true
}

// String prints p as "$12/month".
func (p Price) String() string {
	if p.Every <= 0 {
		return p.Amount.String() + "/" + p.Per
	}
	for _, known := range []struct {
		length time.Duration
		name   string
	}{{Year, "year"}, {Month, "month"}, {Week, "week"}, {Day, "day"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if p.Every == known.length {
			return p.Amount.String() + "/" + known.name
		}
	}
	return p.Amount.String() + " every " + Duration(p.Every)
}
