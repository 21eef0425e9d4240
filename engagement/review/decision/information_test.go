package decision

import (
	"math"
	"strings"
	"testing"
)

// below is the standard normal distribution function.
func below(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// lognormal returns the parameters of an amount with this 90 % interval.
func lognormal(low, high float64) (mu, sigma float64) {
	return math.Log(low*high) / 2, math.Log(high/low) / 2 / 1.6448536269514722
}

// leastOf is E[min(X, k)] of a lognormal X.
func leastOf(k, mu, sigma float64) float64 {
	z := (math.Log(k) - mu) / sigma
	return math.Exp(mu+sigma*sigma/2)*below(z-sigma) + k*(1-below(z))
}

// TestWorthInClosedForm compares the value of information with E[min(X, k)], which a lognormal cost against a
// fixed one has: min(E[X E[Y]], k) - E[min(X E[Y], k)].
func TestWorthInClosedForm(t *testing.T) {
	xMu, xSigma := lognormal(50, 300)
	yMu, ySigma := lognormal(0.8, 1.25)
	meanX, meanY := math.Exp(xMu+xSigma*xSigma/2), math.Exp(yMu+ySigma*ySigma/2)
	for _, c := range []struct {
		name, text string
		k          float64
		want       map[string]float64
	}{
		{"one input", "x = 50 to 300 $/month\noption a { cost = x }\noption b { cost = 140 $/month }", 140,
			map[string]float64{"x": math.Min(meanX, 140) - leastOf(140, xMu, xSigma)}},
		{"two inputs", "x = 50 to 300 $/month\ny = 0.8 to 1.25\noption a { cost = x * y }\noption b { cost = 140 $/month }", 140,
			map[string]float64{
				"x": math.Min(meanX*meanY, 140) - leastOf(140, xMu+math.Log(meanY), xSigma),
				"y": math.Min(meanX*meanY, 140) - leastOf(140, yMu+math.Log(meanX), ySigma),
			}},
		{"never changes the choice", "x = 50 to 300 $/month\noption a { cost = x }\noption b { cost = x + 20 $/month }", 0, map[string]float64{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := review(t, "# T\n\n```napkin\n"+c.text+"\n```\n")
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]float64{}
			for _, w := range r.Outcomes[0].Worth {
				got[w.Label] = w.Value * 365.25 / 12 * 86400 // dollars a month
			}
			if len(got) != len(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
			for label, want := range c.want {
				// A bin that holds the turning point judges its draws together: at most half a dollar here.
				if math.Abs(got[label]-want) > 0.03*want+0.05 {
					t.Errorf("%s is worth $%.3f/month, in closed form $%.3f", label, got[label], want)
				}
			}
		})
	}
}

// TestNarrowingInClosedForm: of a product of two lognormals, knowing one leaves the width of the other.
func TestNarrowingInClosedForm(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nx = 1 to 100\ny = 2 to 20\noption a { cost = x * y * $1 }\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	_, sx := lognormal(1, 100)
	_, sy := lognormal(2, 20)
	want := map[string]float64{"x": sy / math.Hypot(sx, sy), "y": sx / math.Hypot(sx, sy)}
	for _, s := range r.Outcomes[0].Sensitivity["a"] {
		if math.Abs(s.Left-want[s.Label]) > 0.02 {
			t.Errorf("knowing %s leaves %.3f of the width, in closed form %.3f", s.Label, s.Left, want[s.Label])
		}
		delete(want, s.Label)
	}
	if len(want) != 0 {
		t.Errorf("nothing is said of %v", want)
	}
}

// TestDecisiveInClosedForm: a constraint that turns at a known value of one input is wrong with min(p, 1-p)
// now and, but for the bin that holds the value, never once the input is known.
func TestDecisiveInClosedForm(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nx = 1 to 100\ny = 0.99 to 1.01\noption a { cost = x * y * $1 }\nconstraint cost <= $15\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	mu, sigma := lognormal(1, 100)
	wrong := 1 - below((math.Log(15)-mu)/sigma)
	d := r.Constraints[0].Decisive
	if len(d) != 2 || d[0].Label != "x" {
		t.Fatalf("%+v", d)
	}
	if math.Abs(d[0].WrongNow-wrong) > 0.01 || d[0].WrongKnown > 0.5/bins || math.Abs(d[1].WrongKnown-wrong) > 0.01 {
		t.Errorf("wrong now %.3f, in closed form %.3f; %.3f with x known, %.3f with y known", d[0].WrongNow, wrong, d[0].WrongKnown, d[1].WrongKnown)
	}
	if math.Abs(d[0].BelowFigure/15-1) > 0.15 {
		t.Errorf("it turns at %v", d[0].BelowFigure)
	}
}

// TestWorthOfHeavyTails: draws hold half of the mean of a lognormal of six magnitudes, so that its worth is not told; the
// mean in closed form is, because it turns the order.
func TestWorthOfHeavyTails(t *testing.T) {
	for _, c := range []struct {
		name, high  string
		told, turns bool
	}{{"six magnitudes", "1e6", false, true}, {"one", "10", true, false}} {
		t.Run(c.name, func(t *testing.T) {
			r, err := review(t, "# T\n\n```napkin\nx = 1 to "+c.high+"\noption a { cost = x * 1 $/month }\noption b { cost = "+c.high+" * 0.5 $/month }\n```\n")
			if err != nil {
				t.Fatal(err)
			}
			o := &r.Outcomes[0]
			said := r.outcomeSection(o).Text
			if len(o.Worth) > 0 != c.told || len(o.Heavy) > 0 == c.told || strings.Contains(said, "is not told") == c.told {
				t.Errorf("worth %v, heavy %v: %s", o.Worth, o.Heavy, said)
			}
			if strings.Contains(said, "By the mean it is the other way round") != c.turns {
				t.Errorf("%s", said)
			}
		})
	}
}
