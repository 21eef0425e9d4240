// Package budget computes what a lock on a busy table costs: how long the application stands it, what a try with a
// lock timeout costs, and how many tries it takes.
//
// The model is that of a queue of which nobody leaves: while a table is locked, or while a request for a lock stands
// before all later ones, requests that need the table arrive at the rate λ and each holds one of the C connections of
// the pool. It gives a bound, not a forecast: requests that do not need the table, timeouts of clients and retries of
// users are outside it.
package budget

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/napkin-infra/napkin/foundation/unit"
)

// Load is what the application asks of one table.
type Load struct {
	Arrivals unit.Rate // requests per second that need the table
	Pool     int       // connections that the application may use, all its processes together
}

// Stall returns after how long a lock has all connections waiting, so that requests for any table stand still: C/λ, by
// Little's law with nobody served. Without arrivals it never happens.
func (l Load) Stall() (time.Duration, bool) {
	if l.Arrivals.PerSecond <= 0 || l.Pool <= 0 {
		return 0, false
	}
	return seconds(float64(l.Pool) / l.Arrivals.PerSecond), true
}

// Delayed returns how many requests at most wait for a lock that is held, or waited for, that long: λτ.
func (l Load) Delayed(held time.Duration) unit.Count {
	return unit.Count(l.Arrivals.PerSecond * held.Seconds())
}

// Timeout returns the longest lock timeout whose failed try leaves half of the pool free: C/2λ, not less than 10 ms,
// below which the try itself would hardly be made, and not more than 2 s, which is long for those who wait.
func (l Load) Timeout() time.Duration {
	stall, ever := l.Stall()
	if !ever {
		return 2 * time.Second
	}
	return min(max(stall/2, 10*time.Millisecond), 2*time.Second)
}

// Standing is how the time for which a lock is held stands to the budget.
type Standing string

// Standings, from the mildest.
const (
	FarUnder Standing = "far under" // let go while nine tenths of the pool are free, at least
	Under    Standing = "under"
	MayReach Standing = "may reach" // the interval holds the budget
	Over     Standing = "over"      // all connections wait before the lock is let go
)

// farUnder is the share of the pool that may wait for a lock of no concern. Published rates and fits are off by a factor of a
// few where they are wrong; ten is beyond that.
const farUnder = 10

// Standing returns how a hold of the interval stands to [Load.Stall].
func (l Load) Standing(low, high time.Duration) Standing {
	stall, ever := l.Stall()
	switch {
	case !ever || high < stall/farUnder:
		return FarUnder
	case high < stall:
		return Under
	case low < stall:
		return MayReach
	}
	return Over
}

// Fills says the budget in a clause: "the pool of 50 at 200/s fills in 250 ms".
func (l Load) Fills() string {
	stall, ever := l.Stall()
	if !ever {
		return "no requests arrive"
	}
	return fmt.Sprintf("the pool of %d at %s fills in %s", l.Pool, l.Arrivals, unit.Duration(stall))
}

// String says the budget with its arithmetic.
func (l Load) String() string {
	stall, ever := l.Stall()
	if !ever {
		return "No requests arrive: a lock stops nobody."
	}
	return fmt.Sprintf("A lock that stops %s has all %d connections waiting after %s (%d / %s); with a lock timeout of %s a try that fails delays at most %s requests.",
		l.Arrivals, l.Pool, unit.Duration(stall), l.Pool, l.Arrivals, unit.Duration(l.Timeout()), l.Delayed(l.Timeout()))
}

// Transactions is a sample of how long the transactions that hold locks on the table last, which conflict with the
// lock that is asked for, and how many of them begin per second.
type Transactions struct {
	Lengths []time.Duration
	Rate    unit.Rate // transactions per second
}

// Free returns the chance that within τ of asking all transactions that held the table at that moment have ended. Those
// that come later wait behind the request and do not count.
//
// With transactions that begin as a Poisson process of rate r and last L, those under way at a moment are
// Poisson in number with mean r·E[L], and the rest of each has the density P(L > x)/E[L] (the inspection paradox:
// Feller II, section XI.4). Hence those that still run after τ are Poisson with mean r·E[(L−τ)+], and the chance of none
// is exp(−r·E[(L−τ)+]), with the expectation taken over the sample.
func (t Transactions) Free(within time.Duration) float64 {
	if len(t.Lengths) == 0 {
		return 1
	}
	var beyond float64
	for _, l := range t.Lengths {
		beyond += max(l-within, 0).Seconds()
	}
	return math.Exp(-t.Rate.PerSecond * beyond / float64(len(t.Lengths)))
}

// Tries returns how many tries with the timeout are expected until the lock comes, 1/P, if each meets the table afresh,
// which holds when the pause between tries is longer than most transactions. It is +Inf where the chance is 0.
func (t Transactions) Tries(timeout time.Duration) float64 { return 1 / t.Free(timeout) }

// Plan is what a lock with a timeout costs.
type Plan struct {
	Timeout time.Duration
	Tries   float64    // expected
	Each    unit.Count // requests that a failed try delays at most
	Total   unit.Count // of all failed tries together, expected at most
}

// PlanFor returns the cost of asking for a lock with the timeout.
func PlanFor(l Load, t Transactions, timeout time.Duration) Plan {
	p := Plan{Timeout: timeout, Tries: t.Tries(timeout), Each: l.Delayed(timeout)}
	p.Total = unit.Count(float64(p.Each) * (p.Tries - 1))
	return p
}

// Choose returns of the timeouts the one whose failed tries delay the fewest requests in all, among those that leave half of
// the pool free (the shortest where none does).
func Choose(l Load, t Transactions, timeouts []time.Duration) Plan {
	sorted := slices.Sorted(slices.Values(timeouts))
	if len(sorted) == 0 {
		return PlanFor(l, t, l.Timeout())
	}
	best := PlanFor(l, t, sorted[0])
	for _, timeout := range sorted[1:] {
		if p := PlanFor(l, t, timeout); timeout <= l.Timeout() && p.Total < best.Total {
			best = p
		}
	}
	return best
}

// String says the plan with its arithmetic.
func (p Plan) String() string {
	if math.IsInf(p.Tries, 1) || p.Tries > 1e6 {
		return fmt.Sprintf("With a lock timeout of %s the lock will hardly ever come: there is always a longer transaction on the table. End it, or ask when it does not run.", unit.Duration(p.Timeout))
	}
	return fmt.Sprintf("With a lock timeout of %s the lock comes after %s tries on average; each that fails delays at most %s requests for at most %s, all together %s.",
		unit.Duration(p.Timeout), unit.Digits(p.Tries), p.Each, unit.Duration(p.Timeout), p.Total)
}

func seconds(s float64) time.Duration {
	if s > math.MaxInt64/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(s * float64(time.Second))
}
