package estimate_test

import (
	"math"
	"strings"
	"testing"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/rate"
)

// TestWhatHasNoValueIsRefused holds each fixed amount without a value to a sentence with its place.
func TestWhatHasNoValueIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"log(0)": "takes a positive number", "0/0": "divides by zero", "1/0": "divides by zero", "sqrt(-1)": "no square root", "(-8)^(1/3)": "no such power",
		"p99_fanout(10 ms, 5 ms, 100)": "not below it", "queue_mmc(100/s, 20 ms, 0)": "at least one server", "queue_mm1(-5/s, 1 s)": "not negative",
		"usl(5, 1/s, -1, 0)": "not negative", "usl(-5, 1/s, 0, 0)": "not negative", "1e308*10": "does not fit", "1e-400": "does not fit", "x = 3\nx / (x - 3)": "divides by zero",
	} {
		_, err := estimate.Parse(lang.Source{Text: text}, rate.Embedded())
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "^") {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{"queue_mmc(100/s, 20 ms, 100000000)": "20 ms", "queue_mm1(100/s, 20 ms)": "unbounded", "0.0e-5": "0"} {
		if got := evaluate(t, parse(t, text), estimate.Options{}).Outcomes[0].String(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// TestWholeNumbersHaveWholePercentiles asks for percentiles of what has single values alone.
func TestWholeNumbersHaveWholePercentiles(t *testing.T) {
	for _, text := range []string{"x = 1 to 10\nceil(x)", "x = 0.2 to 3\nfloor(x)", "ceil(1 to 10) * 3 + floor(2 to 5)", "sample(1, 2) + sample(10, 20)", "x = 1 to 10\nround(x) - round(x / 2)"} {
		r := evaluate(t, parse(t, text), estimate.Options{})
		o := r.Outcomes[len(r.Outcomes)-1]
		for p := 0.01; p < 1; p += 0.01 {
			if v := o.Dist.Quantile(p); v != math.Trunc(v) {
				t.Errorf("%s: q%.2f = %v", text, p, v)
			}
		}
	}
	o := evaluate(t, parse(t, "ceil(1 to 10)"), estimate.Options{}).Outcomes[0]
	if o.Low() > 2 || o.High() < 10 || o.High() > 11 { // the ends of the range are where the percentiles are
		t.Errorf("ceil(1 to 10) is %v to %v", o.Low(), o.High())
	}
}

// TestTiesAreTies compares options that are equal in most draws, and in all.
func TestTiesAreTies(t *testing.T) {
	m := parse(t, "x = 1 to 10\noption a { cost = $1 * ceil(x) }\noption b { cost = $1 * ceil(x*1.01) }\noption c { cost = $5 }\noption d { cost = $5 }")
	c, err := m.Compare(t.Context(), estimate.Options{}, "a.cost", "b.cost")
	if err != nil || c.Greater != 0 || !(c.Less > 0.005 && c.Less < 0.05) || math.Abs(c.Less+c.Equal-1) > 1e-12 {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = m.Compare(t.Context(), estimate.Options{}, "c.cost", "d.cost"); err != nil || c.Equal != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	r := evaluate(t, parse(t, "x = sample(1, 2)\nconstraint x < 1\nconstraint x <= 1\nconstraint 3*x < 3\nconstraint x >= 2"), estimate.Options{})
	for i, want := range []float64{0, 0.5, 0, 0.5} {
		if p := r.Constraints[i].Probability; math.Abs(p-want) > 0.001 {
			t.Errorf("%s holds with %v, want %v", r.Constraints[i].Text, p, want)
		}
	}
}

// TestProbabilitiesAreOfTheDrawsOfTheInterval takes a root that half of the draws have none of.
func TestProbabilitiesAreOfTheDrawsOfTheInterval(t *testing.T) {
	r := evaluate(t, parse(t, "x = -1 to 1\na = sqrt(x)\nconstraint sqrt(x) < 1.05"), estimate.Options{})
	v := r.Constraints[0]
	if math.Abs(v.Invalid-0.5) > 0.001 || math.Abs(v.Probability-r.Outcomes[1].Dist.CDF(1.05)) > 0.001 || v.Probability < 0.8 {
		t.Errorf("holds with %v without %v, of the interval %v", v.Probability, v.Invalid, r.Outcomes[1].Dist.CDF(1.05))
	}
	below := evaluate(t, parse(t, "x = 1 to 2\nlog(floor(x / 9))"), estimate.Options{})
	if notes := strings.Join(below.Notes, "\n"); !strings.Contains(notes, "unbounded in 100 %") {
		t.Errorf("the logarithm of zero in all draws: %q", notes)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "has no value in 50 % of the draws; its probability is of the others") {
		t.Errorf("notes: %s", notes)
	}
}
