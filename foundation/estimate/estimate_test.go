package estimate_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/napkin-infra/napkin/foundation/estimate"
	"github.com/napkin-infra/napkin/foundation/estimate/lang"
	"github.com/napkin-infra/napkin/foundation/estimate/quantity"
	"github.com/napkin-infra/napkin/foundation/rate"
)

var update = flag.Bool("update", false, "write the tables of docs/estimate.md anew")

func parse(t testing.TB, text string) *estimate.Model {
	t.Helper()
	m, err := estimate.Parse(lang.Source{Text: text}, rate.Embedded())
	if err != nil {
		t.Fatalf("%s\n%v", text, err)
	}
	return m
}

func evaluate(t testing.TB, m *estimate.Model, opt estimate.Options) *estimate.Result {
	t.Helper()
	r, err := m.Evaluate(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnswers(t *testing.T) {
	for text, want := range map[string]string{
		"1k..10k req/s * 2 kB in MB/s": "6.32 MB/s, 90 % between 2 MB/s and 20 MB/s", "x = 1 to 2; x - x": "0", "x = 1 to 2 ms; x / x": "1", "x = 1 to 2; (x + 1)*(x - 1) - x^2": "-1",
		"x = 2 to 3; z = 4 to 5; (x + z) / (x + z)": "1, 90 % between 1 and 1", "2^3^2": "512", "-2^2": "-4", "7 - 2 - 1": "4", "1 TB / 30 / day in GB/d": "33.3 GB/d", "100 GB / 2 MB/s in h": "13.9 h",
		"min(3 s, 200 ms)": "0.2 s", "sum(1 GB, 1 GiB) in MB": "2073.741824 MB", "ceil(10.2 servers)": "11 servers", "sqrt(16 s^2)": "4 s", "5 to 10 million users": "7.07M users, 90 % between 5M users and 10M users",
		"$5..20/month": "$10/month, 90 % between $5/month and $20/month", "usl(8, 100 req/s, 0, 0)": "800 req/s", "queue_mm1(50 req/s, 10 ms)": "20 ms", "users = 2M; 1 TB / users": "500 kB",
		"exponential(5 ms)": "3.47 ms, 90 % between 0.256 ms and 15 ms", "uniform(0, 1)": "0.5, 90 % between 0.05 and 0.95", "sample(1 ms, 1 ms, 2 ms)": "1 ms, 90 % between 1 ms and 2 ms", "80 % ± 5 %": "80 %, 90 % between 75 % and 85 %",
	} {
		r := evaluate(t, parse(t, strings.ReplaceAll(text, "; ", "\n")), estimate.Options{})
		if got := r.Outcomes[len(r.Outcomes)-1].String(); got != want {
			t.Errorf("%s = %s, want %s", text, got, want)
		}
	}
}

func TestRatesAreInputsWithProvenance(t *testing.T) {
	m := parse(t, "a = 100 GiB / disk.read.sequential\nz = 50 GiB / disk.read.sequential\na / z\n5 GB * cloud.egress")
	r := evaluate(t, m, estimate.Options{Now: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)})
	if got := r.Outcomes[2].String(); got != "2" {
		t.Errorf("one rate is two draws: the quotient is %s", got)
	}
	if len(r.Rates) != 2 || !strings.HasPrefix(r.Rates[0].Provenance, "published") || r.Rates[0].Stale != "" || !strings.Contains(r.Rates[1].Stale, "days old") {
		t.Errorf("rates: %+v", r.Rates)
	}
	sequential, _ := rate.Embedded().Get("disk.read.sequential")
	if low := r.Outcomes[0].High(); math.Abs(low*sequential.Low/(100*(1<<30))-1) > 1e-9 {
		t.Errorf("the slow end takes %v s", low)
	}
}

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		name, text string
		risk       float64
		want       []string
	}{
		{"all hold", "a = 1 to 2\nconstraint a < 100", 0.01, nil},
		{"even odds", "a = 1 to 4\nconstraint a < 2", 0.4, []string{"a < 2"}},
		{"even odds, taken", "a = 1 to 4\nconstraint a < 2", 0.6, nil},
		{"claim", "a = 1 to 2\nclaim: a > 100 at noon", 0.5, []string{"a > 100"}},
		{"certain failure", "constraint 1 s > 2 s", 0, []string{"1 s > 2 s"}},
		{"any risk", "constraint 1 s > 2 s", 1, nil},
		{"one option of two by its name", "option x = 1 to 2 s\noption y = 50 to 60 s\nconstraint x < 9 s\nconstraint y < 9 s", 0.1, []string{"y < 9 s"}},
		{"one option of two by an outcome", "option x { t = 1 to 2 s }\noption y { t = 50 to 60 s }\nconstraint t < 9 s", 0.1, nil},
		{"both options", "option x { t = 40 to 45 s }\noption y { t = 50 to 60 s }\nconstraint t < 9 s", 0.1, []string{"t < 9 s", "t < 9 s"}},
	} {
		var got []string
		for _, v := range evaluate(t, parse(t, c.text), estimate.Options{}).Broken(c.risk) {
			got = append(got, v.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEveryRateHasAUnit(t *testing.T) {
	for _, r := range rate.Embedded().All() {
		u := estimate.Unit(r)
		if _, err := quantity.ParseUnit(r.Of); err != nil {
			t.Errorf("%s counts %q: %v", r.Name, r.Of, err)
		}
		if u.Dim.Plain() || !(u.Factor > 0) {
			t.Errorf("%s has the unit %+v", r.Name, u)
		}
		// Every rate has a name that the language reads, 24xlarge included.
		if m := parse(t, "x = "+r.Name); !slices.Equal(m.File.Rates, []string{r.Name}) {
			t.Errorf("%s is read as the rates %v", r.Name, m.File.Rates)
		}
	}
}

const decision = `users = 100k to 1M users
option small = $100/month + users * $0.001/user/month
option big { cost = $500/month; p99 = 5 to 20 ms }
option slow { cost = $80/month; p99 = 40 to 90 ms }
constraint p99 < 30 ms
constraint small < $600/month
claim: 1/fsync > 5k/s at sync=full`

func TestDecision(t *testing.T) {
	m := parse(t, decision)
	r := evaluate(t, m, estimate.Options{})
	if len(r.Options) != 3 || len(r.Options[1].Outcomes) != 2 || r.Options[0].Outcomes[0].FullName() != "small" || r.Options[1].Outcomes[1].FullName() != "big.p99" {
		t.Fatalf("options: %+v", r.Options)
	}
	if len(r.Constraints) != 3 || r.Constraints[0].Option != "big" || r.Constraints[1].Option != "slow" || r.Constraints[2].Option != "" {
		t.Fatalf("constraints: %+v", r.Constraints)
	}
	sigma := math.Log(4) / (2 * 1.6448536269514722)
	want := math.Erfc(-math.Log(30e-3/10e-3)/sigma/math.Sqrt2) / 2
	if got := r.Constraints[0].Probability; math.Abs(got-want) > 1e-9 {
		t.Errorf("big is fast enough with %v, want %v", got, want)
	}
	c := r.Claims[0]
	if c.Conditions != "sync=full" || !slices.Equal(c.Rates, []string{"fsync"}) || !(c.Probability > 0 && c.Probability < 0.5) {
		t.Errorf("claim: %+v", c)
	}
	even, err := m.BreakEven(t.Context(), estimate.Options{}, "small", "big.cost", "users")
	if err != nil || !even.Found || math.Abs(even.At/400e3-1) > 1e-5 || !even.FirstBelow || even.Display.Format(even.At) != "400k users" {
		t.Errorf("break-even: %+v, %v; want 400k users", even, err)
	}
	less, err := m.ProbabilityLess(t.Context(), estimate.Options{}, "small", "big.cost")
	want = math.Erfc(-math.Log(400e3/math.Sqrt(1e11))/(math.Log(10)/(2*1.6448536269514722))/math.Sqrt2) / 2
	if err != nil || math.Abs(less-want) > 0.005 {
		t.Errorf("small is cheaper with %v, %v; want %v", less, err, want)
	}
	if _, err := m.BreakEven(t.Context(), estimate.Options{}, "big.cost", "big.p99", "users"); err == nil || !strings.Contains(err.Error(), "seconds") {
		t.Errorf("dollars cross milliseconds: %v", err)
	}
	if _, err := m.BreakEven(t.Context(), estimate.Options{}, "small", "big.cost", "usres"); err == nil {
		t.Error("an unknown input is varied")
	}
}

func TestSampledAgreesWithExact(t *testing.T) {
	m := parse(t, "a = 1 to 10 ms\nz = 5 to 9\na * z^2\na / z\nconstraint a * z < 60 ms")
	exact, drawn := evaluate(t, m, estimate.Options{}), evaluate(t, m, estimate.Options{AlwaysSample: true})
	for i, o := range exact.Outcomes {
		d := drawn.Outcomes[i]
		if !o.Exact() || d.Exact() {
			t.Errorf("%s: exact %v and %v", o.Text, o.Exact(), d.Exact())
		}
		for _, p := range []float64{0.05, 0.5, 0.95} {
			if math.Abs(d.Dist.Quantile(p)/o.Dist.Quantile(p)-1) > 0.005 {
				t.Errorf("%s: q%v is %v drawn and %v exact", o.Text, p, d.Dist.Quantile(p), o.Dist.Quantile(p))
			}
		}
	}
	again := evaluate(t, m, estimate.Options{AlwaysSample: true})
	if again.Outcomes[2].Median() != drawn.Outcomes[2].Median() {
		t.Error("the same seed gives other draws")
	}
}

func TestNotes(t *testing.T) {
	r := evaluate(t, parse(t, "queue_mm1(50 to 150 req/s, 10 ms)\nsqrt(normal(0, 1))\n3 req in 1"), estimate.Options{})
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "unbounded in") || !strings.Contains(notes, "no value in 50 %") || !strings.Contains(notes, "leaves out the requests") {
		t.Errorf("notes: %s", notes)
	}
	if d := r.Document(); d.Outcomes[0].Q95 != nil || d.Outcomes[0].Median == nil {
		t.Errorf("JSON of an unbounded end: %+v", d.Outcomes[0])
	}
}

// TestDocumentation runs the examples of docs/estimate.md and compares its tables with the code.
func TestDocumentation(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "estimate.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	var functions, units strings.Builder
	for _, f := range lang.Functions() {
		source := f.Source
		if source == "" {
			source = "-"
		}
		fmt.Fprintf(&functions, "| `%s` | %s | %s |\n", f.Usage, f.Text, source)
	}
	byDim := map[string][]string{}
	var dims []string
	for _, word := range quantity.Words() {
		u, _ := quantity.Lookup(word)
		dim := u.Dim.String()
		if byDim[dim] == nil {
			dims = append(dims, dim)
		}
		byDim[dim] = append(byDim[dim], "`"+word+"`")
	}
	slices.Sort(dims)
	for _, dim := range dims {
		fmt.Fprintf(&units, "| %s | %s |\n", dim, strings.Join(byDim[dim], " "))
	}
	if *update {
		page = table(page, "| function | what | source |\n| --- | --- | --- |\n", functions.String())
		page = table(page, "| of | words |\n| --- | --- |\n", units.String())
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(page, functions.String()) || !strings.Contains(page, units.String()) {
		t.Error("the tables of docs/estimate.md are not those of the code; -update writes them anew")
	}
	blocks := strings.Split(page, "```napkin\n")[1:]
	checked := 0
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		r := evaluate(t, parse(t, text), estimate.Options{})
		for i, line := range strings.Split(text, "\n") {
			_, want, ok := strings.Cut(line, "# => ")
			if !ok {
				continue
			}
			checked++
			for _, o := range r.Outcomes {
				if o.Line == i+1 && o.String() != want {
					t.Errorf("%s: %s", line, o)
				}
			}
		}
	}
	if checked < 7 {
		t.Errorf("%d lines were compared", checked)
	}
}

// table replaces the rows behind a heading up to the next empty line.
func table(page, heading, rows string) string {
	before, after, _ := strings.Cut(page, heading)
	_, rest, _ := strings.Cut(after, "\n\n")
	return before + heading + rows + "\n" + rest
}
