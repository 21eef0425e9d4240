package estimate

import (
	"math"

	"github.com/napkin-infra/napkin/foundation/estimate/dist"
)

// Histogram is the shape of an outcome: the probability in each of some bins of equal width, on a
// logarithmic axis where the outcome spans more than a factor of eight and is more even there.
type Histogram struct {
	From, To float64 // in base units
	Log      bool
	Bins     []float64 // probabilities; those outside of From and To are left out
}

// Histogram divides the central 99 % of an outcome into n bins. It has no bins for a fixed amount and for
// one without finite ends.
func (o Outcome) Histogram(n int) Histogram {
	h := Histogram{From: o.Dist.Quantile(0.005), To: o.Dist.Quantile(0.995)}
	if s, ok := o.Dist.(*dist.Sampled); ok && s.Unbounded() > 0 {
		h.To = math.Min(h.To, o.Dist.Quantile(0.995*(1-s.Unbounded())))
	}
	if o.Fixed() || !(h.To > h.From) || math.IsInf(h.From, 0) || math.IsInf(h.To, 0) {
		return h
	}
	h.Log = h.From > 0 && o.High()/o.Low() > 8 && skewed(o.Low(), o.Median(), o.High())
	below := o.Dist.CDF(h.at(0, n))
	for i := range n {
		next := o.Dist.CDF(h.at(i+1, n))
		h.Bins = append(h.Bins, math.Max(0, next-below))
		below = next
	}
	return h
}

// skewed says whether the percentiles lie more evenly on a logarithmic axis than on a linear one.
func skewed(low, median, high float64) bool {
	uneven := func(low, median, high float64) float64 { return math.Abs(high+low-2*median) / (high - low) }
	return uneven(low, median, high) > uneven(math.Log(low), math.Log(median), math.Log(high))
}

// at is the lower end of bin i of n.
func (h Histogram) at(i, n int) float64 {
	share := float64(i) / float64(n)
	if h.Log {
		return h.From * math.Pow(h.To/h.From, share)
	}
	return h.From + share*(h.To-h.From)
}

// Bin returns the bin that a value falls in; the outermost take what lies outside.
func (h Histogram) Bin(v float64) int {
	share := (v - h.From) / (h.To - h.From)
	if h.Log {
		share = math.Log(v/h.From) / math.Log(h.To/h.From)
	}
	if math.IsNaN(share) {
		return 0
	}
	return int(math.Min(math.Max(share, 0), 1) * (float64(len(h.Bins)) - 0.5))
}
