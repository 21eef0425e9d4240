package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/napkin-infra/napkin/foundation/rate"
)

// Uneven is a comparison of two options that rests on rates of different origin: one was measured and the other is
// published, or they were measured at different places. What tells the options apart may be the machines.
type Uneven struct {
	// OfA and OfB are the rates that one of the two rests on and the other does not.
	OfA, OfB []rate.Rate
}

// uneven finds the rates of which only one of two outcomes is made, and holds where these come from different places: no
// place has some of both, or one that was measured stands against a published one that could have been measured
// beside it. Prices and sizes are of no machine and stay out.
func (e *evaluator) uneven(a, b string) *Uneven {
	ofA, ofB := e.text.rates(a), e.text.rates(b)
	only := func(of, not []string) []rate.Rate {
		var list []rate.Rate
		for _, name := range of {
			r, ok := e.result.profile.Get(name)
			if ok && r.Kind != rate.Price && r.Kind != rate.Size && !slices.Contains(not, name) {
				list = append(list, r)
			}
		}
		return list
	}
	u := &Uneven{only(ofA, ofB), only(ofB, ofA)}
	shared, unequal := false, false
	for _, x := range u.OfA {
		for _, y := range u.OfB {
			if x.Origin == y.Origin && x.Where == y.Where {
				shared = true
				continue
			}
			missed := func(measured, published rate.Rate) bool {
				return measured.Origin == rate.Measured && published.Origin == rate.Published && Runnable(published.Name)
			}
			unequal = unequal || missed(x, y) || missed(y, x) || x.Origin == rate.Measured && y.Origin == rate.Measured
		}
	}
	if unequal || !shared && len(u.OfA) > 0 && len(u.OfB) > 0 {
		return u
	}
	return nil
}

// sentence says what is compared with what. why gives the reason for which a rate was not measured, or nil.
func (u *Uneven) sentence(p Pair, why func(string) error) string {
	said := func(rates []rate.Rate) string {
		var words []string
		for _, r := range rates {
			word := fmt.Sprintf("%s (%s", r.Name, r.Provenance())
			if reason := why(r.Name); reason != nil {
				word += fmt.Sprintf(": not measured, because %v", reason)
			}
			words = append(words, word+")")
		}
		return list(words)
	}
	return fmt.Sprintf("This compares rates of different origin: %s rests on %s, %s on %s. The difference may be one of machines and not of options.", p.A, said(u.OfA), p.B, said(u.OfB))
}

// names are the rates of both, for a place that can measure them.
func (u *Uneven) names() string {
	var names []string
	for _, r := range slices.Concat(u.OfA, u.OfB) {
		if r.Origin != rate.Measured && Runnable(r.Name) {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		for _, r := range slices.Concat(u.OfA, u.OfB) {
			names = append(names, r.Name)
		}
	}
	return strings.Join(names, ", ")
}
