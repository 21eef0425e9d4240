package estimate

import (
	"fmt"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// staleAfter is the age at which a price is called old: list prices change about twice a year.
const staleAfter = 180 * 24 * time.Hour

// UsedRate is a base rate that a text uses, with where it comes from.
type UsedRate struct {
	rate.Rate
	// Provenance says where the figure comes from: "measured 2026-11-22, this machine".
	Provenance string
	// Stale is a remark on a price that is older than 180 days, or empty.
	Stale string
}

// Unit returns the unit in which the value of a rate is given: seconds for a latency, bytes for a size, what
// is counted per second for a throughput, dollars per what is bought for a price. Something that is
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
		return byteUnit
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

// distribution reads the range of a rate as a 90 % interval.
func distribution(r rate.Rate, u quantity.Unit) dist.Dist {
	d, err := dist.Between(r.Low*u.Factor, r.High*u.Factor)
	if err != nil {
		return dist.Point(r.Value * u.Factor)
	}
	return d
}

// used returns the remarks on a rate as of now; the zero time makes none on its age.
func used(r rate.Rate, now time.Time) UsedRate {
	u := UsedRate{Rate: r, Provenance: r.Provenance()}
	date, err := time.Parse(time.DateOnly, r.Date)
	if r.Kind == rate.Price && err == nil && !now.IsZero() {
		if age := now.Sub(date); age > staleAfter {
			u.Stale = fmt.Sprintf("this price is %d days old; look it up before deciding on it", int(age.Hours()/24))
		}
	}
	return u
}
