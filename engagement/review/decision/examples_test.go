package decision

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const examples = "../../../examples/decisions/"

// example reads and reviews one of the worked examples by the published rates.
func example(t *testing.T, name string) *Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	r, err := review(t, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// middle is the median of a lognormal amount with this 90 % interval.
func middle(low, high float64) float64 { return math.Sqrt(low * high) }

// medianRatio is the median of x/y, each a two-piece lognormal of its 5th, 50th and 95th percentile, by the midpoint
// rule over y and bisection.
func medianRatio(x, y [3]float64) float64 {
	const z95, steps = 1.6448536269514722, 4000
	width := func(of [3]float64, above bool) float64 {
		if above {
			return math.Log(of[2]/of[1]) / z95
		}
		return math.Log(of[1]/of[0]) / z95
	}
	below := func(ratio float64) float64 {
		sum := 0.0
		for i := range steps {
			z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/steps-1)
			limit := math.Log(ratio * y[1] * math.Exp(z*width(y, z >= 0)) / x[1])
			sum += math.Erfc(-limit/width(x, limit >= 0)/math.Sqrt2) / 2 / steps
		}
		return sum
	}
	low, high := 1e-3, 1e3
	for range 60 {
		if m := math.Sqrt(low * high); below(m) < 0.5 {
			low = m
		} else {
			high = m
		}
	}
	return low
}

// handSolutions are break-evens of the examples, each solved on paper from the figures of the record and the
// table of published rates: seconds, bytes and dollars. Where one uncertain input is left beside the one
// that is varied, and the difference of the two sides grows with it, the break-even is that of its median.
var handSolutions = []struct {
	file, outcome, a, b, over string
	want                      float64
	equation                  string
}{
	{"sqlite-or-postgres.md", "peak", "sqlite", "postgres", "batch",
		20 * medianRatio([3]float64{0.1e-3, 0.5e-3, 8e-3}, [3]float64{0.3e-3, 1.5e-3, 10e-3}), "batch / sqlite's commit = 20 rows / PostgreSQL's"},
	{"redis-or-postgres-queue.md", "cost", "redis", "postgres", "jobs",
		2 * 0.1071 / (3 * 0.1e-3 / 0.5 * 0.2142 / 4), "jobs * 3 * 0.1 ms / 50 % * $0.2142/h / 4 = 2 * $0.1071/h"},
	{"shard-or-bigger-machine.md", "cost", "bigger", "shard", "shards",
		(2*4.8384*730 - 2*0.0725*730 - middle(20, 60)*4000/36) / (2 * 0.8064 * 730), "$7064 = shards * $1177 + $106 + 34.6 * $4000 / 36"},
	{"shard-or-bigger-machine.md", "capacity", "bigger", "shard", "shards",
		96 * 1.2 / 16, "96 = shards * 16 / 1.2"},
	{"s3-or-own-storage.md", "cost", "managed", "own", "traffic",
		(6*middle(150, 350) + 25*90 - 120e3*0.023) / 0.085 * 1e9 / (365.25 / 12 * 86400), "$2760 + traffic * $0.085/GB = 6 * $229 + 25 * $90, a month"},
	{"replica-cache-or-index.md", "cost", "replica", "cache", "reads",
		2 * 0.1071 / (0.8 * middle(2e-3, 8e-3) / 0.6 * 0.2016 / 4), "reads * 80 % * 4 ms / 60 % * $0.2016/h / 4 = 2 * $0.1071/h"},
}

func TestExamplesBreakEvenByHand(t *testing.T) {
	for _, c := range handSolutions {
		t.Run(c.file+"/"+c.over, func(t *testing.T) {
			found := math.NaN()
			r := example(t, c.file)
			for _, o := range r.Outcomes {
				for _, p := range o.Pairs {
					for _, f := range p.Flips {
						if o.Name == c.outcome && p.A == c.a && p.B == c.b && f.Over == c.over {
							found = f.At
						}
					}
				}
			}
			if !(math.Abs(found/c.want-1) < 0.005) {
				t.Errorf("%s: %.4g, by hand %.4g", c.equation, found, c.want)
			}
			t.Logf("%s: %.4g, by hand %.4g, %+.2f %%", c.equation, found, c.want, 100*(found/c.want-1))
		})
	}
}

// TestExamplesAreWhole holds each example to what the documentation asks of a record.
func TestExamplesAreWhole(t *testing.T) {
	files, err := filepath.Glob(examples + "*.md")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			r := example(t, name)
			if r.Chosen == "" || len(r.Missing) != 0 || len(r.PreMortem) < 2 || len(r.Constraints) < 2 || len(r.Outcomes) < 1 {
				t.Errorf("chosen %q, missing %v, %d failure modes, %d constraints, %d outcomes", r.Chosen, r.Missing, len(r.PreMortem), len(r.Constraints), len(r.Outcomes))
			}
			for _, tag := range r.Record.Front.Tags {
				if !slices.Contains(Tags(), tag) {
					t.Errorf("the library knows no failure mode for the tag %s", tag)
				}
			}
			if failures := r.Failures(0.2); len(failures) != 0 {
				t.Errorf("the chosen option fails: %v", failures)
			}
			hand := 0
			for _, c := range handSolutions {
				if c.file == name {
					hand++
				}
			}
			if hand == 0 {
				t.Error("no break-even of it is solved by hand")
			}
			sections := r.Report("test").Sections
			if last := sections[len(sections)-1]; last.Title != "Open questions" {
				t.Errorf("the report ends with %q", last.Title)
			}
		})
	}
}
