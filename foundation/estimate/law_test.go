package estimate_test

import (
	"math"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// TestRatesAreComputedAsTheyArePrinted holds every published rate to its own figures: the value is the median,
// and the range the 90 % interval.
func TestRatesAreComputedAsTheyArePrinted(t *testing.T) {
	for _, r := range rate.Embedded().All() {
		o := evaluate(t, parse(t, r.Name), estimate.Options{}).Outcomes[0]
		f := estimate.Unit(r).Factor
		for _, c := range [][2]float64{{o.Low(), r.Low}, {o.Median(), r.Value}, {o.High(), r.High}} {
			if math.Abs(c[0]/(c[1]*f)-1) > 1e-9 {
				t.Errorf("%s: %v, printed %v", r.Name, c[0], c[1]*f)
			}
		}
	}
	r := evaluate(t, parse(t, "cloud.egress * 1 TB"), estimate.Options{})
	if got := r.Outcomes[0].Format(r.Outcomes[0].Median()); got != "$90" {
		t.Errorf("a terabyte of egress at $0.09/GB is %s", got)
	}
	r = evaluate(t, parse(t, "option a { cost = cloud.egress * 1 TB/month }\noption b { cost = $80/month }\nconstraint cost < $85/month"), estimate.Options{})
	if p := r.Constraints[0].Probability; p >= 0.5 {
		t.Errorf("$90 is below $85 with %v", p)
	}
}

// measuredCommit is a commit whose median is near its floor: the range is far from symmetric.
func measuredCommit() rate.Rate {
	return rate.Rate{Name: rate.RedisDurable, Kind: rate.Latency, Value: 154e-6, Low: 134e-6, High: 4.04e-3, Origin: rate.Measured, Date: "2026-11-28",
		What: "a commit", Source: "A probe.", Verdict: rate.Quiet,
		Samples: &rate.Samples{N: 400, Floor: 134e-6, Median: 154e-6, P95: 4.04e-3, ValueLow: 150e-6, ValueHigh: 160e-6, Sustained: 800e-6, SustainedLow: 700e-6, SustainedHigh: 900e-6}}
}

func TestMeasuredRateHasItsMeasuredMedian(t *testing.T) {
	profile := rate.Embedded().With(measuredCommit())
	m, err := estimate.Parse(lang.Source{Text: "redis.commit.durable"}, profile)
	if err != nil {
		t.Fatal(err)
	}
	o := evaluate(t, m, estimate.Options{}).Outcomes[0]
	for _, c := range [][2]float64{{o.Low(), 134e-6}, {o.Median(), 154e-6}, {o.High(), 4.04e-3}} {
		if math.Abs(c[0]/c[1]-1) > 1e-9 {
			t.Errorf("%v, measured %v", c[0], c[1])
		}
	}
}

// TestClaimsTakeWhatIsSustained asks for 1,000 commits a second: the median commit is fast enough, and the mean
// of 800 us gives 1,250.
func TestClaimsTakeWhatIsSustained(t *testing.T) {
	profile := rate.Embedded().With(measuredCommit())
	text := "x = 1 to 2\nrate = 1 / redis.commit.durable\nclaim: 1 / redis.commit.durable > 1000/s\nclaim: rate > 1400/s\nconstraint rate > 1400/s\nclaim: x > 1.2\nconstraint x > 1.2\nclaim: x * rate > x * 1400/s"
	m, err := estimate.Parse(lang.Source{Text: text}, profile)
	if err != nil {
		t.Fatal(err)
	}
	r := evaluate(t, m, estimate.Options{})
	if p := r.Claims[0].Probability; p < 0.99 {
		t.Errorf("1,250/s is above 1,000/s with %v", p)
	}
	if p := r.Claims[1].Probability; p > 0.1 {
		t.Errorf("by way of a definition 1,250/s is above 1,400/s with %v", p)
	}
	if p := r.Claims[3].Probability; p > 0.1 {
		t.Errorf("beside a range 1,250/s is above 1,400/s with %v", p)
	}
	if p := r.Constraints[0].Probability; p < 0.5 {
		t.Errorf("a constraint is on single operations: %v", p)
	}
	if r.Claims[2].Probability != r.Constraints[1].Probability {
		t.Errorf("a claim without rates differs from a constraint: %v and %v", r.Claims[2].Probability, r.Constraints[1].Probability)
	}
	if len(r.Rates) != 1 || len(r.Claims[0].Rates) != 1 || len(r.Claims[1].Rates) != 1 {
		t.Errorf("rates %v, of the claims %v and %v", len(r.Rates), r.Claims[0].Rates, r.Claims[1].Rates)
	}
}
