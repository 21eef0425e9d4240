package decision

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/rate/measure"
	"github.com/napkin-infra/napkin/foundation/report"
)

// TestBreakEvenByHand: a costs 50 $/month, b costs 20 $/month and 2 $ per user and month: 50 = 20 + 2 n.
func TestBreakEvenByHand(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nusers = 5 to 40 user\noption one { cost = 50 $/month }\noption two { cost = 20 $/month + 2 $/user/month * users }\nconstraint cost <= 60 $/month\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	p := r.Outcomes[0].Pairs[0]
	want := (50.0 - 20.0) / 2.0
	if len(p.Flips) != 1 || math.Abs(p.Flips[0].At/want-1) > 0.005 || len(p.Flips[0].Inside()) != 1 || p.Flips[0].FirstBelow {
		t.Errorf("flips %+v, want one at %v users", p.Flips, want)
	}
}

// TestAllCrossingsAreTold: a parabola meets a constant twice, and the order beyond the second is that below the first.
func TestAllCrossingsAreTold(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nx = 1 to 10\ny = -1 to 1\nz = 0\noption a { cost = (x-5)*(x-5) * $1/month }\noption b { cost = $4/month + (y + z) * $0.0001/month }\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	s := r.breakEvenSection()
	if len(s.Rows) != 1 || s.Rows[0][3] != "3 and 7 (inside its range)" || s.Rows[0][4] != "b below 3, a from there to 7, b above" {
		t.Errorf("%v", s.Rows)
	}
	if !strings.Contains(s.Text, "The order stays the same: cost of a and b over y.") {
		t.Errorf("%s", s.Text)
	}
}

// TestSharesFlipWithinReason: no share is searched beyond 100 %.
func TestSharesFlipWithinReason(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nmiss = 20 %\nhit = 30 % to 60 %\noption a { cost = (miss + hit) * $1/month }\noption b { cost = $2/month }\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	if s := r.breakEvenSection(); len(s.Rows) != 0 || !strings.Contains(s.Text, "cost of a and b over miss and hit") {
		t.Errorf("%s %v", s.Text, s.Rows)
	}
}

// TestExample reads the example by the published rates, which leave its claim open.
func TestExample(t *testing.T) {
	r := example(t, "sqlite-or-postgres.md")
	if r.Chosen != "sqlite" || len(r.Missing) != 0 || len(r.Claims) != 2 || r.Claims[0].Judged != Undecided || len(r.Claims[0].Runnable) != 1 {
		t.Errorf("chosen %q, missing %v, claims %+v", r.Chosen, r.Missing, r.Claims)
	}
	sections := r.Report("test").Sections
	if last := sections[len(sections)-1]; last.Title != "Open questions" || len(last.Rows) == 0 {
		t.Errorf("the report ends with %q of %d rows", last.Title, len(last.Rows))
	}
}

// TestClaimBand holds claims on one lognormal amount, of median 10 and 90 % between 1 and 100, to the band.
func TestClaimBand(t *testing.T) {
	const deviation = 2.302585092994046 / 1.6448536269514722 // ln 10 over the 95th percentile of the normal
	for _, c := range []struct {
		name string
		z    float64 // the quantile below which the claim holds, in standard deviations
		want ClaimVerdict
	}{
		{"true in 96 %", 1.7507, Supported},
		{"true in 94 %", 1.5548, Undecided},
		{"true in half", 0, Undecided},
		{"true in 11 %", -1.2265, Undecided},
		{"true in 9 %", -1.3408, Contradicted},
		{"true in 4 %", -1.7507, Contradicted},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := review(t, fmt.Sprintf("# T\n\n```napkin\nx = 1 to 100\noption one { cost = x * $1 }\nclaim: x < %.6f\n```\n", 10*math.Exp(deviation*c.z)))
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Claims[0]; got.Judged != c.want {
				t.Errorf("%s at probability %.4f, want %s", got.Judged, got.Probability, c.want)
			}
		})
	}
}

// TestReportOfAnExperiment says what was measured and what was not, and does not ask for what was done.
func TestReportOfAnExperiment(t *testing.T) {
	rec, err := Read("d.md", []byte("# T\n\n```napkin\noption a { write = sqlite.commit.durable }\noption b { write = postgres.commit.durable }\nclaim: sqlite.commit.durable < 500 us\nclaim: postgres.commit.durable < 1 ms\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	commit := rate.Rate{Name: rate.SQLiteDurable, Kind: rate.Latency, What: "a commit", Origin: rate.Measured, Value: 500e-6, Low: 300e-6, High: 1e-3, Date: "2026-11-28",
		Samples: &rate.Samples{N: 400, Floor: 200e-6, Median: 450e-6, P95: 1e-3, Sustained: 500e-6, SustainedLow: 450e-6, SustainedHigh: 550e-6}}
	r, err := Review(t.Context(), rec, Options{Profile: rate.Embedded().With(commit), Experiments: []string{rate.SQLiteDurable},
		Refused: []measure.Refusal{{Name: rate.PostgresDurable, Reason: errors.New("the measurement was disturbed too much to be used")}}})
	if err != nil {
		t.Fatal(err)
	}
	claims := r.claimSection().Rows
	if claims[0][1] != "open, also by experiment" || !strings.HasPrefix(claims[1][1], "needs an experiment") {
		t.Errorf("%v", claims)
	}
	questions := fmt.Sprint(r.questionSection().Rows)
	if strings.Contains(questions, "--experiment") || !strings.Contains(questions, "postgres.commit.durable could not be measured: the measurement was disturbed too much to be used.") {
		t.Errorf("%s", questions)
	}
	if rates := fmt.Sprint(r.rateSection().Rows); !strings.Contains(rates, "not measured by this review, because the measurement was disturbed too much") {
		t.Errorf("%s", rates)
	}
}

// TestRatesOfDifferentOrigin: what was measured here beside what was published is no comparison of options.
func TestRatesOfDifferentOrigin(t *testing.T) {
	rec, err := Read("d.md", []byte("# T\n\n```napkin\nc = 1.0\noption a { commit = sqlite.commit.durable\n write = commit + tcp.roundtrip.zone\n cost = cloud.disk * 1 GB }\noption b { write = postgres.commit.durable + tcp.roundtrip.zone + tcp.roundtrip.internet\n cost = cloud.vcpu * 1 h/month }\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	measured := func(name, where string) rate.Rate {
		return rate.Rate{Name: name, Kind: rate.Latency, What: "a commit", Origin: rate.Measured, Value: 500e-6, Low: 300e-6, High: 1e-3, Date: "2026-11-28", Where: where}
	}
	for _, c := range []struct {
		name  string
		rates []rate.Rate
		want  string
	}{
		{"both published", nil, ""},
		{"both measured", []rate.Rate{measured(rate.SQLiteDurable, ""), measured(rate.PostgresDurable, "")}, ""},
		{"one measured", []rate.Rate{measured(rate.SQLiteDurable, "")}, "a rests on sqlite.commit.durable (measured 2026-11-28, this machine), b on postgres.commit.durable (published, "},
		{"at two places", []rate.Rate{measured(rate.SQLiteDurable, ""), measured(rate.PostgresDurable, "server db.internal:5432")}, "b on postgres.commit.durable (measured 2026-11-28, server db.internal:5432)"},
		{"what both share does not matter", []rate.Rate{measured(rate.TCPRoundTripZone, "")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Review(t.Context(), rec, Options{Profile: rate.Embedded().With(c.rates...)})
			if err != nil {
				t.Fatal(err)
			}
			rep := r.Report("test")
			section, top, questions := rep.Sections[0].Text, strings.Join(rep.Verdict.Paragraphs, " "), fmt.Sprint(r.questionSection().Rows)
			told := c.want != ""
			if !strings.Contains(section, c.want) || strings.Contains(section, "different origin") != told || strings.Contains(top, ", on rates of different origin.") != told || strings.Contains(questions, "rates of one origin") != told {
				t.Errorf("%s\n%s\n%s", section, top, questions)
			}
			if cost := rep.Sections[1].Text; strings.Contains(cost, "origin") {
				t.Errorf("%s", cost)
			}
		})
	}
}

// TestNoNaN: draws without a value are told where they count, and no cell of a report says NaN.
func TestNoNaN(t *testing.T) {
	r, err := review(t, "# T\n\n```napkin\nx = uniform(-1, 1)\ny = uniform(-2, -1)\noption a { cost = sqrt(x) * $1/month\n never = sqrt(y) * $1/month }\noption b { cost = $0.5/month / x\n never = $1/month }\nconstraint cost < $1/month\nconstraint never < $1/month\n```\n")
	if err != nil {
		t.Fatal(err)
	}
	rep := r.Report("test")
	var text, html strings.Builder
	if err := errors.Join(report.Text(&text, rep, report.TextOptions{Width: 400}), report.HTML(&html, rep), report.JSON(&html, rep)); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{text.String(), html.String()} {
		if strings.Contains(form, "NaN") {
			t.Errorf("%s", form)
		}
	}
	for _, want := range []string{"of the 50 % that have a value", "of the 50 % of the draws that have a value", "no value in any draw", "Notes on the model", "0.63 (inside its range)", "a below 0.63, b above, where both have a value", "a and b have no value in any draw together"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}

// TestTheQuestionsAreTrue: where the model tells two options apart on one outcome, it does not ask what else does.
func TestTheQuestionsAreTrue(t *testing.T) {
	const noise = "x = 1 to 10 ms\ny = 1 to 10 ms\n"
	for _, c := range []struct{ name, model, want, not string }{
		{"noise on all", noise + "option a { p99 = x }\noption b { p99 = y }", "What besides p99 decides between a and b? The model tells them apart on no outcome: P(a shorter) is 50 %.", "counts for more"},
		{"noise on one", noise + "option a { p99 = x\n cost = $1 }\noption b { p99 = y\n cost = $2 }", "", "What besides"},
		{"equal on all", "option a { p99 = 1 ms }\noption b { p99 = 1 ms }", "What besides p99 decides between a and b? They are equal on it.", "no outcome:"},
		{"each better on one", "option a { p99 = 2 ms\n cost = $1 }\noption b { p99 = 1 ms\n cost = $2 }", "What counts for more, cost, where a is the better, or p99, where b is?", "What besides"},
	} {
		r, err := review(t, "# T\n\n```napkin\n"+c.model+"\n```\n")
		if err != nil {
			t.Fatal(err)
		}
		questions := fmt.Sprint(r.questionSection().Rows)
		if !strings.Contains(questions, c.want) || strings.Contains(questions, c.not) {
			t.Errorf("%s: %s", c.name, questions)
		}
	}
}

// TestRefusedGroups: of a server that does not start, each rate is told, but those that were measured before.
func TestRefusedGroups(t *testing.T) {
	cause := errors.New("no server is installed")
	got := byRate(&measure.Result{Rates: []rate.Rate{{Name: "x.one"}}, Refused: []measure.Refusal{{Name: "x", Reason: cause}, {Name: "y.one", Reason: cause}}},
		[]measure.Group{{Name: "x", Probes: []measure.Probe{{Name: "x.one"}, {Name: "x.two"}}}, {Name: "y", Probes: []measure.Probe{{Name: "y.one"}}}})
	if len(got) != 2 || got[0].Name != "x.two" || got[1].Name != "y.one" {
		t.Errorf("%v", got)
	}
}

// TestClaimsAreJudgedBySustainedRates gives a claim that the median commit meets and that many commits do not.
func TestClaimsAreJudgedBySustainedRates(t *testing.T) {
	rec, err := Read("d.md", []byte("# T\n\n```napkin\noption one { write = sqlite.commit.durable }\nclaim: 1 / sqlite.commit.durable > 5k/s at synchronous=FULL\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	commit := rate.Rate{Name: rate.SQLiteDurable, Kind: rate.Latency, What: "a commit", Origin: rate.Measured, Value: 150e-6, Low: 100e-6, High: 4e-3, Date: "2026-11-28"}
	for _, c := range []struct {
		name    string
		samples *rate.Samples
		want    ClaimVerdict
	}{
		{"the range of single commits", nil, Undecided},
		{"by the mean", &rate.Samples{N: 400, Floor: 130e-6, Median: 150e-6, P95: 4e-3, ValueLow: 145e-6, ValueHigh: 155e-6, Sustained: 800e-6, SustainedLow: 700e-6, SustainedHigh: 900e-6}, Contradicted},
		{"by single commits where the mean is not kept", &rate.Samples{N: 400, Floor: 130e-6, Median: 150e-6, P95: 4e-3, ValueLow: 145e-6, ValueHigh: 155e-6}, Undecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			commit.Samples = c.samples
			opt := Options{Profile: rate.Embedded().With(commit), Experiments: []string{rate.SQLiteDurable}, Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
			r, err := Review(t.Context(), rec, opt)
			if err != nil {
				t.Fatal(err)
			}
			claim := r.Claims[0]
			if claim.Judged != c.want || !claim.ByExperiment || !claim.Measured {
				t.Errorf("%s at %.3f, measured %v, by experiment %v; want %s", claim.Judged, claim.Probability, claim.Measured, claim.ByExperiment, c.want)
			}
			basis := r.claimSection().Rows[0][5]
			if c.samples != nil && strings.Contains(basis, "what is sustained") != (c.samples.Sustained > 0) || strings.Contains(basis, "145 µs") {
				t.Errorf("%s", basis)
			}
			// Outcomes keep the range of single commits.
			if out := r.Outcomes[0].ByOption["one"]; math.Abs(out.High()/4e-3-1) > 1e-9 {
				t.Errorf("the outcome's high end is %v", out.High())
			}
		})
	}
}
