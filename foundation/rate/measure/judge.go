package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/napkin-infra/napkin/foundation/rate"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// Quantiles of the samples' times that become the value: of CPU time the fastest tenth, because only
// interference makes a slice slower; of wall time the median, because waiting is part of the work.
const (
	fastQuantile   = 0.1
	medianQuantile = 0.5
)

// Bounds of the verdict. docs/rates.md tells them.
const (
	loosely       = 0.15 // relative width of the 95 % interval of the value from which a rate is noisy
	wildly        = 1.0  // the same, from which it is invalid
	slowedHalf    = 1.25 // median over value of CPU time from which the floor is in doubt
	busyShared    = 0.10 // cores kept busy by others that disturb work on shared caches and memory
	busyWall      = 0.15 // cores kept busy by others that disturb work that waits
	waitingCPU    = 0.10 // share of an idle moment in which a task waited for a CPU that disturbs work that waits
	waitingIO     = 0.05 // the same of a disk, that disturbs work on the disk
	stolen        = 0.02 // share of CPU time that the hypervisor took that disturbs any
	resamples     = 300
	bootstrapSeed = 1
)

// judge makes a rate of the samples of all rounds.
func (h *harness) judge(machine rate.Conditions) (rate.Rate, error) {
	p := h.probe
	quantile := medianQuantile
	if p.Clock != Wall {
		quantile = fastQuantile
	}
	samples, middle, low, high := h.pool(quantile)
	// value turns seconds per operation into the rate's unit; fast becomes high for a throughput.
	value := func(seconds float64) float64 { return seconds }
	if p.Kind == rate.Throughput {
		each := p.Each
		if each == 0 {
			each = 1
		}
		value = func(seconds float64) float64 { return each / seconds }
	}
	ordered := func(a, b float64) (float64, float64) { return min(a, b), max(a, b) }
	r := rate.Rate{Name: p.Name, Kind: p.Kind, Of: p.Of, What: p.What, Origin: rate.Measured, Value: value(middle)}
	r.Low, r.High = ordered(value(at(samples, 0.05)), value(at(samples, 0.95)))
	s := &rate.Samples{N: len(samples), Floor: value(samples[0]), Median: value(at(samples, 0.5)), P95: value(at(samples, 0.95))}
	s.ValueLow, s.ValueHigh = ordered(value(low), value(high))
	if p.Single {
		mean, margin := meanOf(samples)
		s.Sustained = value(mean)
		s.SustainedLow, s.SustainedHigh = ordered(value(max(mean-margin, samples[0])), value(mean+margin))
	}
	if len(h.rounds) > 1 {
		for _, round := range h.rounds {
			s.Rounds = append(s.Rounds, value(at(round.samples, quantile)))
		}
	}
	c := h.seen.during(machine)
	r.Samples, r.Conditions = s, &c
	if err := h.possible(r, s.Floor); err != nil {
		return rate.Rate{}, err
	}
	r.Verdict = h.verdict(samples, middle, (high-low)/middle, c)
	r.Source = fmt.Sprintf("%s; %s of %d samples of %s%s, by %s.", p.How, map[bool]string{true: "median", false: "fastest tenth"}[p.Clock == Wall],
		len(samples), operations(h.rounds[0].n), inRounds(len(h.rounds)), map[Clock]string{Wall: "the wall clock", ThreadCPU: "CPU time of the thread", ProcessCPU: "CPU time of the process"}[p.Clock])
	return r, nil
}

// pool sorts the samples of each round and of all together, and returns with the latter the rate's value in
// seconds and its interval. With several rounds the value is the median of theirs, and the interval holds all
// of theirs: what changes from one set-up to the next is not in the samples of any of them.
func (h *harness) pool(quantile float64) (samples []float64, middle, low, high float64) {
	values := make([]float64, len(h.rounds))
	for i, round := range h.rounds {
		slices.Sort(round.samples)
		values[i] = at(round.samples, quantile)
		samples = append(samples, round.samples...)
	}
	slices.Sort(samples)
	if len(h.rounds) == 1 {
		low, high = bootstrap(samples, quantile)
		return samples, values[0], low, high
	}
	slices.Sort(values)
	middle = at(values, 0.5)
	for _, round := range h.rounds {
		if at(round.samples, quantile) == middle {
			low, high = bootstrap(round.samples, quantile)
		}
	}
	return samples, middle, min(low, values[0]), max(high, values[len(values)-1])
}

func inRounds(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(" in %d rounds, of whose values it is the median", n)
}

func operations(n int) string {
	if n == 1 {
		return "one operation"
	}
	return unit.Count(n).String() + " operations"
}

// possible refuses what no hardware can do.
func (h *harness) possible(r rate.Rate, floor float64) error {
	for _, v := range []float64{r.Value, floor} {
		if math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
			return fmt.Errorf("its samples took no time that the clock can tell; the probe does nothing")
		}
		over := r.Kind == rate.Latency && v < h.probe.Ceiling || r.Kind == rate.Throughput && v > h.probe.Ceiling
		if over {
			return fmt.Errorf("measured %s, which no hardware can do (the ceiling is %s): the probe skips its work", r.Format(v), r.Format(h.probe.Ceiling))
		}
	}
	return nil
}

// verdict judges sorted samples of a probe, whose value is given with the relative width of its interval.
func (h *harness) verdict(samples []float64, value, width float64, c rate.Conditions) rate.Verdict {
	p := h.probe
	switch {
	case len(samples) < minSlices || width > wildly:
		return rate.Invalid
	case width > loosely || c.Throttled || c.Steal > stolen:
		return rate.Noisy
	case p.Clock == Wall:
		if c.OtherCores > busyWall || c.IdleCPU > waitingCPU || h.disk && c.IdleIO > waitingIO {
			return rate.Noisy
		}
	case at(samples, 0.5)/value > slowedHalf:
		return rate.Noisy
	case p.Shared && c.OtherCores > busyShared:
		return rate.Noisy
	}
	return rate.Quiet
}

// at returns a quantile of sorted samples: the nearest rank.
func at(sorted []float64, q float64) float64 {
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

// bootstrap returns the 95 % interval of a quantile by resampling (percentile method, Efron 1979). The same
// samples give the same interval.
//
// A resample's quantile is an order statistic of the samples. Its rank is that of the k-th smallest of N
// uniform ranks, so it is drawn directly, as a beta variate by two gammas, instead of by N draws and a sort.
func bootstrap(sorted []float64, q float64) (low, high float64) {
	n := len(sorted)
	k := q*float64(n-1) + 1
	random := rand.New(rand.NewPCG(bootstrapSeed, uint64(n)))
	values := make([]float64, resamples)
	for i := range values {
		a, b := gamma(random, k), gamma(random, float64(n)+1-k)
		values[i] = sorted[min(n-1, int(a/(a+b)*float64(n)))]
	}
	slices.Sort(values)
	return at(values, 0.025), at(values, 0.975)
}

// meanOf is the mean of samples with what it may be off by, with 95 % confidence: 1.96 standard errors.
func meanOf(samples []float64) (mean, margin float64) {
	n := float64(len(samples))
	for _, v := range samples {
		mean += v / n
	}
	squares := 0.0
	for _, v := range samples {
		squares += (v - mean) * (v - mean)
	}
	return mean, 1.96 * math.Sqrt(squares/(n-1)/n)
}

// gamma draws a gamma variate of shape k >= 1 and scale 1 (Marsaglia and Tsang, "A simple method for
// generating gamma variables", ACM TOMS 26(3), 2000).
func gamma(random *rand.Rand, k float64) float64 {
	d := k - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
