package estimate

import (
	"fmt"
	"math"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// UsedRate is a base rate that a text uses, with where it comes from.
type UsedRate struct {
	rate.Rate
	// Provenance says where the figure comes from: "measured 2026-11-22, this machine".
	Provenance string
	// Stale is a remark on a price or a measurement that is older than 180 days, or empty.
	Stale string
}

// Unit returns the unit in which the value of a rate is given: seconds for a latency, bytes for a size or
// bytes for each of what has it, what is counted per second for a throughput, dollars per what is bought for a price. Something that is
// counted and that the language has no unit for counts as a plain number.
func Unit(r rate.Rate) quantity.Unit {
	of, err := quantity.ParseUnit(r.Of)
	if err != nil {
		of = quantity.One
	}
	second, _ := quantity.Lookup("s")
	dollar, _ := quantity.Lookup("$")
	byteUnit, _ := quantity.Lookup("B")
	u := of
	switch r.Kind {
	case rate.Latency:
		return second
	case rate.Size:
		u, _ = byteUnit.Div(of)
	case rate.Throughput:
		u, _ = of.Div(second)
	case rate.Price:
		u, _ = dollar.Div(of)
	}
	return u
}

// rateTable lends a profile to the parser.
type rateTable struct{ profile *rate.Profile }

// Dim implements [lang.Rates].
func (t rateTable) Dim(name string) (quantity.Dim, bool) {
	r, ok := t.profile.Get(name)
	if !ok {
		return quantity.Dim{}, false
	}
	return Unit(r).Dim, true
}

// Names implements [lang.Rates].
func (t rateTable) Names() []string {
	var names []string
	for _, r := range t.profile.All() {
		names = append(names, r.Name)
	}
	return names
}

// distribution is the law by which a rate becomes an input: its range is the 90 % interval, and its value the
// median. A measured rate is spread as its samples are: the range holds nine of ten of them, and their
// median is the median, also where the value is that of the fast samples. See [dist.Through].
func distribution(r rate.Rate, u quantity.Unit) dist.Dist {
	median := r.Value
	if r.Origin == rate.Measured && r.Samples != nil {
		median = r.Samples.Median
	}
	d, err := dist.Through(r.Low*u.Factor, median*u.Factor, r.High*u.Factor)
	if err == nil {
		return d
	}
	// A range that does not hold the median was narrowed to something else than single samples.
	if d, err = dist.Between(r.Low*u.Factor, r.High*u.Factor); err == nil {
		return d
	}
	return dist.Point(r.Value * u.Factor)
}

// sustained is what a rate is in a claim, and whether that differs from [distribution]. A claim is on what goes on
// for long, so that a measured operation that waits stands there at the mean of its samples, the slow ones
// included, as far as that is known. The interval that holds the mean with 95 % confidence is narrowed
// to one of 90 %.
func sustained(r rate.Rate, u quantity.Unit) (dist.Dist, bool) {
	s := r.Samples
	if r.Origin != rate.Measured || s == nil || !(s.Sustained > 0) {
		return nil, false
	}
	const narrower = 1.6448536269514722 / 1.959963984540054
	end := func(v float64) float64 { return u.Factor * s.Sustained * math.Pow(v/s.Sustained, narrower) }
	d, err := dist.Through(end(s.SustainedLow), u.Factor*s.Sustained, end(s.SustainedHigh))
	return d, err == nil
}

// used returns the remarks on a rate as of now; the zero time makes none on its age.
func used(r rate.Rate, now time.Time) UsedRate {
	u := UsedRate{Rate: r, Provenance: r.Provenance()}
	date, err := time.Parse(time.DateOnly, r.Date)
	if err != nil || now.IsZero() || !r.Stale(now) {
		return u
	}
	days := int(now.Sub(date).Hours() / 24)
	switch {
	case r.Kind == rate.Price:
		u.Stale = fmt.Sprintf("this price is %d days old; look it up before deciding on it", days)
	case days < 0:
		u.Stale = "this measurement is of a day that has not come; measure again"
	default:
		u.Stale = fmt.Sprintf("this measurement is %d days old; measure again before deciding on it", days)
	}
	return u
}
