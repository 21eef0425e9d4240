package decision

import (
	"strings"
	"testing"
)

// headlineOf reviews a model with a choice and returns the first sentence and the whole of the verdict.
func headlineOf(t *testing.T, chosen, model string) (r *Result, first, whole string) {
	t.Helper()
	r, err := review(t, "---\nchosen: "+chosen+"\n---\n# T\n\n```napkin\n"+model+"\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	v := r.Report("test").Verdict
	return r, v.Headline, v.Headline + "\n" + strings.Join(v.Paragraphs, "\n")
}

func TestHeadlineTellsWhatTheChoiceLoses(t *testing.T) {
	const nothing = "The model contradicts nothing in the record."
	for _, c := range []struct{ name, model, want, also string }{
		{"loses everything", "n = 1 to 10\noption a { cost = $100000/month * n\n p99 = 500 ms * n }\noption b { cost = $1/month * n\n p99 = 5 ms * n }",
			"The chosen option a loses to b on every outcome that tells them apart.", "Option a is worse than b on cost and p99, each with probability 100 %, and better on no outcome"},
		{"equal on one", "option a { cost = $2/month\n p99 = 5 ms }\noption b { cost = $2/month\n p99 = 4 ms }",
			"The chosen option a loses to b on every outcome that tells them apart.", "Option a is worse than b on p99 with probability 100 %, equal on cost, and"},
		{"wins on one", "option a { cost = $2/month\n p99 = 3 ms }\noption b { cost = $1/month\n p99 = 4 ms }", nothing, ""},
		{"noise on one", "x = 1 to 10 ms\ny = 1 to 10 ms\noption a { cost = $2/month\n p99 = x }\noption b { cost = $1/month\n p99 = y }", nothing, ""},
		{"higher is wanted", "option a { peak = 10/s }\noption b { peak = 20/s }\nconstraint peak >= 5/s", "The chosen option a loses to b on every outcome that tells them apart.", ""},
		{"nobody knows what is wanted", "option a { peak = 10/s }\noption b { peak = 20/s }", nothing, ""},
		{"a demanded outcome is not there", "option a { cost = $1/month }\noption b { cost = $2/month\n p99 = 5 ms }\nconstraint p99 < 10 ms",
			"One constraint could not be checked for the chosen option a.", "`p99 < 10 ms` (line 10) was not checked for a, which has no p99"},
		{"of another option it is no matter", "option b { cost = $3/month }\noption a { cost = $2/month\n p99 = 5 ms }\nconstraint p99 < 10 ms", nothing, ""},
		{"constraints of several options", "x = 1 to 9\noption a { cost = $3/month }\noption b { cost = $9/month\n p99 = x * 1 ms }\noption c { cost = $10/month }\nconstraint cost < $8/month\nconstraint b.p99 < 3 ms\nconstraint x < 3",
			"One constraint of b is missed, one constraint of c is missed, one constraint of b is open and one constraint of the model is open.", ""},
		{"nothing to decide", "option a { cost = $1/month }", "The model decides nothing: a is its only option, and it states no constraint and no claim.", ""},
		{"one option with a demand", "option a { cost = $1/month }\nconstraint cost < $2/month", nothing, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, first, whole := headlineOf(t, "a", c.model)
			if strings.Contains(strings.Join(r.Failures(0.2), " "), "b.p99") {
				t.Error("a demand on another option is held against the chosen one")
			}
			if first != c.want || !strings.Contains(whole, c.also) {
				t.Errorf("%s\nwant %q and %q", whole, c.want, c.also)
			}
			if fails := len(r.Failures(0.2)) > 0; fails != (strings.Contains(first, "could not be checked") || strings.Contains(first, "constraint of the model is open")) {
				t.Errorf("failures: %v", r.Failures(0.2))
			}
		})
	}
}

func TestEqualIsNoNoise(t *testing.T) {
	for _, c := range []struct{ name, model, want string }{
		{"fixed", "option a { cost = $100/month }\noption b { cost = $100/month }", "On cost, a and b are equal."},
		{"never higher", "x = 1 to 3\noption a { cost = ceil(x) * $1/month }\noption b { cost = ceil(x * 1.01) * $1/month }", "Cost is never higher for a than for b: equal with probability 98 %, lower with 2 %."},
		{"ties beside noise", "x = 1 to 3\ny = 1 to 3\noption a { cost = ceil(x) * $1/month }\noption b { cost = ceil(y) * $1/month }", "and P(equal) = "},
		{"no ties", "x = 1 to 3\ny = 1 to 3\noption a { cost = x * $1/month }\noption b { cost = y * $1/month }", "On cost, a and b are within noise: P("},
		{"some without a value", "x = uniform(-1, 1)\noption a { cost = sqrt(x) * $1/month }\noption b { cost = $9/month }", "Cost is lower for a than for b with probability 100 %, of the 50 % of the draws in which both have a value."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _, whole := headlineOf(t, "a", c.model)
			if !strings.Contains(whole, c.want) {
				t.Errorf("%s\nwant %q", whole, c.want)
			}
			if p := r.Outcomes[0].Pairs[0]; p.Noise() != strings.Contains(whole, "within noise") {
				t.Errorf("noise %v of %+v", p.Noise(), p.Comparison)
			}
		})
	}
}
