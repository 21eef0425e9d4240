package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/napkin-infra/napkin/engagement/review/scale"
)

// tally counts trials by clock and kind of work.
type tally struct {
	clocks   map[string]map[string]*count
	order    []string
	pressure []float64
}

type count struct {
	trials, inside, wide int
	ratios, errors       []float64 // width of intervals; actual over median
}

func newTally() *tally { return &tally{clocks: map[string]map[string]*count{}} }

func (t *tally) add(kind, clock string, p scale.Prediction, actual float64) {
	if t.clocks[clock] == nil {
		t.clocks[clock] = map[string]*count{}
	}
	c := t.clocks[clock][kind]
	if c == nil {
		c = &count{}
		t.clocks[clock][kind] = c
	}
	if !slices.Contains(t.order, kind) {
		t.order = append(t.order, kind)
	}
	c.trials++
	if !p.Estimated() {
		c.wide++
		return
	}
	if p.Low <= actual && actual <= p.High {
		c.inside++
	}
	if p.Ratio() > 3 {
		c.wide++
	}
	c.ratios, c.errors = append(c.ratios, p.Ratio()), append(c.errors, actual/p.Median)
}

// print writes a table for each clock, as docs/benchmarks/duration.md has it.
func (t *tally) print(w io.Writer) {
	for _, clock := range []string{"cpu", "wall"} {
		fmt.Fprintf(w, "\n| work, by %s time | trials | inside | widest interval | actual / median of the prediction |\n| --- | ---: | ---: | ---: | --- |\n", clock)
		all := count{}
		for _, kind := range t.order {
			c := t.clocks[clock][kind]
			all.trials, all.inside, all.wide = all.trials+c.trials, all.inside+c.inside, all.wide+c.wide
			all.ratios, all.errors = append(all.ratios, c.ratios...), append(all.errors, c.errors...)
			c.row(w, kind)
		}
		all.row(w, "all")
		fmt.Fprintf(w, "\nWider than a factor 3 or not estimated: %d.\n", all.wide)
	}
	fmt.Fprintf(w, "\nSomething waited for a processor in %.0f %% of the time (median of the rehearsals).\n", 100*median(t.pressure))
}

func (c *count) row(w io.Writer, name string) {
	if len(c.ratios) == 0 {
		fmt.Fprintf(w, "| %s | %d | 0 | | |\n", name, c.trials)
		return
	}
	fmt.Fprintf(w, "| %s | %d | %d (%.0f %%) | %.2f | %.2f (%.2f to %.2f) |\n", name, c.trials, c.inside, 100*float64(c.inside)/float64(c.trials),
		slices.Max(c.ratios), median(c.errors), slices.Min(c.errors), slices.Max(c.errors))
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
