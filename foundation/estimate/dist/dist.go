package dist

import (
	"fmt"
	"math"
	"slices"
)

// z95 is the 95th percentile of the standard normal distribution: half the width of a 90 % interval.
const z95 = 1.6448536269514722

// Dist is a distribution of one number. All are immutable and may be shared.
type Dist interface {
	// Quantile returns the value below which the share p of the probability lies, for p within (0, 1).
	Quantile(p float64) float64
	// CDF returns the probability of a value up to x.
	CDF(x float64) float64
	Mean() float64
	// Kind names the family: "lognormal".
	Kind() string
}

// Point is a fixed number.
type Point float64

// Lognormal is the distribution of exp(Mu + Sigma*Z), Z standard normal.
type Lognormal struct{ Mu, Sigma float64 }

// Normal has a mean and a standard deviation.
type Normal struct{ Mu, Sigma float64 }

// Uniform lies between two ends.
type Uniform struct{ Low, High float64 }

// LogitNormal is a probability whose log-odds are normal.
type LogitNormal struct{ Mu, Sigma float64 }

// Exponential is the time to the next of independent events that are M apart on average.
type Exponential struct{ M float64 }

// Beta is the beta distribution with two positive shapes.
type Beta struct{ A, B float64 }

// Empirical gives each of its values the same probability. They are sorted; make it by [NewEmpirical].
type Empirical struct{ Sorted []float64 }

// Affine is Shift + Scale*D.
type Affine struct {
	D            Dist
	Scale, Shift float64
}

// Between returns the distribution whose 5th and 95th percentiles are the given ends: lognormal where
// both are positive, normal where the lower is negative. A lower end of zero fits neither, and low must
// be below high: the error says so.
func Between(low, high float64) (Dist, error) {
	switch {
	case math.IsNaN(low) || math.IsNaN(high) || math.IsInf(low, 0) || math.IsInf(high, 0):
		return nil, fmt.Errorf("the ends of a range are finite")
	case low == high:
		return nil, fmt.Errorf("the ends of the range are equal; write the amount alone")
	case low > high:
		return nil, fmt.Errorf("the lower end of the range is above the upper end")
	case low == 0:
		return nil, fmt.Errorf("a range that begins at zero has no 5th percentile above it; write uniform(0, ...), or a positive lower end")
	case low > 0:
		return Lognormal{Mu: (math.Log(low) + math.Log(high)) / 2, Sigma: (math.Log(high) - math.Log(low)) / (2 * z95)}, nil
	}
	return NormalBetween(low, high), nil
}

// Share returns the distribution of a probability whose 5th and 95th percentiles are the given ends,
// 0 < low < high < 1: its log-odds are normal, so that it stays between 0 and 1.
func Share(low, high float64) (Dist, error) {
	if !(0 < low && low < high && high < 1) {
		return nil, fmt.Errorf("the ends of a range of probabilities rise and lie between 0 %% and 100 %%")
	}
	a, b := math.Log(low/(1-low)), math.Log(high/(1-high))
	return LogitNormal{Mu: (a + b) / 2, Sigma: (b - a) / (2 * z95)}, nil
}

// NewEmpirical returns the distribution of the given values.
func NewEmpirical(values ...float64) Empirical {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return Empirical{sorted}
}

// InverseNormal returns the quantile of the standard normal distribution. The standard library's Erfinv
// is Wichura's algorithm AS 241.
func InverseNormal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// Quantile implements [Dist].
func (d Point) Quantile(float64) float64 { return float64(d) }

// CDF implements [Dist].
func (d Point) CDF(x float64) float64 {
	if x >= float64(d) {
		return 1
	}
	return 0
}

// Mean implements [Dist].
func (d Point) Mean() float64 { return float64(d) }

// Kind implements [Dist].
func (d Point) Kind() string { return "fixed" }

// Quantile implements [Dist].
func (d Lognormal) Quantile(p float64) float64 { return math.Exp(d.Mu + d.Sigma*InverseNormal(p)) }

// CDF implements [Dist].
func (d Lognormal) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return normalCDF((math.Log(x) - d.Mu) / d.Sigma)
}

// Mean implements [Dist].
func (d Lognormal) Mean() float64 { return math.Exp(d.Mu + d.Sigma*d.Sigma/2) }

// Kind implements [Dist].
func (d Lognormal) Kind() string { return "lognormal" }

// Quantile implements [Dist].
func (d Normal) Quantile(p float64) float64 { return d.Mu + d.Sigma*InverseNormal(p) }

// CDF implements [Dist].
func (d Normal) CDF(x float64) float64 { return normalCDF((x - d.Mu) / d.Sigma) }

// Mean implements [Dist].
func (d Normal) Mean() float64 { return d.Mu }

// Kind implements [Dist].
func (d Normal) Kind() string { return "normal" }

// Quantile implements [Dist].
func (d Uniform) Quantile(p float64) float64 { return d.Low + p*(d.High-d.Low) }

// CDF implements [Dist].
func (d Uniform) CDF(x float64) float64 { return min(max((x-d.Low)/(d.High-d.Low), 0), 1) }

// Mean implements [Dist].
func (d Uniform) Mean() float64 { return d.Low/2 + d.High/2 }

// Kind implements [Dist].
func (d Uniform) Kind() string { return "uniform" }

// Quantile implements [Dist].
func (d LogitNormal) Quantile(p float64) float64 {
	return 1 / (1 + math.Exp(-d.Mu-d.Sigma*InverseNormal(p)))
}

// CDF implements [Dist].
func (d LogitNormal) CDF(x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	}
	return normalCDF((math.Log(x/(1-x)) - d.Mu) / d.Sigma)
}

// Mean implements [Dist]; it has no closed form and is integrated by the midpoint rule over quantiles.
func (d LogitNormal) Mean() float64 {
	const n = 2000
	sum := 0.0
	for i := range n {
		sum += d.Quantile((float64(i) + 0.5) / n)
	}
	return sum / n
}

// Kind implements [Dist].
func (d LogitNormal) Kind() string { return "logit-normal" }

// Quantile implements [Dist].
func (d Exponential) Quantile(p float64) float64 { return -d.M * math.Log1p(-p) }

// CDF implements [Dist].
func (d Exponential) CDF(x float64) float64 { return -math.Expm1(-max(x, 0) / d.M) }

// Mean implements [Dist].
func (d Exponential) Mean() float64 { return d.M }

// Kind implements [Dist].
func (d Exponential) Kind() string { return "exponential" }

// Quantile implements [Dist]: the least value up to which at least the share p lies.
func (d Empirical) Quantile(p float64) float64 {
	i := int(math.Ceil(p*float64(len(d.Sorted)))) - 1
	return d.Sorted[min(max(i, 0), len(d.Sorted)-1)]
}

// CDF implements [Dist].
func (d Empirical) CDF(x float64) float64 {
	i, _ := slices.BinarySearchFunc(d.Sorted, x, func(a, b float64) int {
		if a <= b {
			return -1
		}
		return 1
	})
	return float64(i) / float64(len(d.Sorted))
}

// Mean implements [Dist].
func (d Empirical) Mean() float64 {
	sum := 0.0
	for _, v := range d.Sorted {
		sum += v
	}
	return sum / float64(len(d.Sorted))
}

// Kind implements [Dist].
func (d Empirical) Kind() string { return "empirical" }

// Quantile implements [Dist].
func (d Affine) Quantile(p float64) float64 {
	if d.Scale < 0 {
		p = 1 - p
	}
	return d.Shift + d.Scale*d.D.Quantile(p)
}

// CDF implements [Dist]. D is continuous where Scale is negative.
func (d Affine) CDF(x float64) float64 {
	c := d.D.CDF((x - d.Shift) / d.Scale)
	if d.Scale < 0 {
		return 1 - c
	}
	return c
}

// Mean implements [Dist].
func (d Affine) Mean() float64 { return d.Shift + d.Scale*d.D.Mean() }

// Kind implements [Dist].
func (d Affine) Kind() string { return d.D.Kind() }

// NormalBetween returns the normal distribution whose 5th and 95th percentiles are the given ends, low
// below high.
func NormalBetween(low, high float64) Normal {
	return Normal{Mu: low/2 + high/2, Sigma: (high/2 - low/2) / z95}
}
