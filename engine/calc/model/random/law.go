package random

import "math"

// Law is a family of distributions. Products are rounded before they are added, so that all processors give the same
// draws, up to the last bit of exp and log.
type Law uint8

// Laws, with the arguments of [Law.Quantile] and [Law.Mean].
const (
	Normal        Law = iota // mean, standard deviation
	NormalFrom               // 5th percentile, 95th percentile
	Triangular               // least, most likely, greatest
	UniformLaw               // least, greatest
	Lognormal                // mean and standard deviation of the value itself
	LognormalFrom            // 5th percentile, 95th percentile
	Poisson                  // mean
	Bernoulli                // probability of 1
)

// z95 is the 95th percentile of the standard normal distribution.
const z95 = 1.6448536269514722

// InverseNormal is the quantile of the standard normal distribution.
func InverseNormal(u float64) float64 { return math.Sqrt2 * math.Erfinv(2*u-1) }

// Mean is the expectation, and NaN where the arguments are none of the law's ([Law.Check] says why).
func (l Law) Mean(a []float64) float64 {
	if l.Check(a) != "" {
		return math.NaN()
	}
	switch l {
	case Normal, Lognormal, Poisson, Bernoulli:
		return a[0]
	case NormalFrom, UniformLaw:
		return a[0]/2 + a[1]/2
	case Triangular:
		return (a[0] + a[1] + a[2]) / 3
	}
	mu, sigma := logParameters(a)
	return math.Exp(mu + float64(sigma*sigma)/2)
}

// Quantile is the value below which the share u of the draws lies, 0 < u < 1; of a discrete law, the least value that
// the share u does not exceed. It is NaN where the arguments are none of the law's.
func (l Law) Quantile(u float64, a []float64) float64 {
	if l.Check(a) != "" {
		return math.NaN()
	}
	switch l {
	case Normal:
		return a[0] + float64(a[1]*InverseNormal(u))
	case NormalFrom:
		mean, sd := a[0]/2+a[1]/2, (a[1]-a[0])/(2*z95)
		return mean + float64(sd*InverseNormal(u))
	case Triangular:
		return triangular(u, a[0], a[1], a[2])
	case UniformLaw:
		return a[0] + float64(u*(a[1]-a[0]))
	case Lognormal:
		if a[1] == 0 {
			return a[0]
		}
		// Of the logarithm: sigma² = ln(1 + sd²/mean²), mu = ln(mean) - sigma²/2.
		s2 := math.Log1p((a[1] / a[0]) * (a[1] / a[0]))
		return math.Exp(math.Log(a[0]) - s2/2 + float64(math.Sqrt(s2)*InverseNormal(u)))
	case LognormalFrom:
		mu, sigma := logParameters(a)
		return math.Exp(mu + float64(sigma*InverseNormal(u)))
	case Poisson:
		return poisson(u, a[0])
	}
	if u > 1-a[0] {
		return 1
	}
	return 0
}

// Check says what is wrong with arguments, and returns "" where they are right.
func (l Law) Check(a []float64) string {
	for _, x := range a {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "an argument is not a number"
		}
	}
	switch {
	case (l == Normal || l == Lognormal) && a[1] < 0:
		return "the standard deviation is below zero"
	case l == Lognormal && a[0] <= 0, l == LognormalFrom && a[0] <= 0:
		return "a lognormal amount is above zero"
	case (l == NormalFrom || l == LognormalFrom || l == UniformLaw) && a[1] < a[0]:
		return "the upper end is below the lower"
	case l == Triangular && !(a[0] <= a[1] && a[1] <= a[2]):
		return "the three values must rise"
	case l == Poisson && a[0] < 0:
		return "the mean is below zero"
	case l == Bernoulli && (a[0] < 0 || a[0] > 1):
		return "a probability lies between 0 and 1"
	}
	return ""
}

func logParameters(a []float64) (mu, sigma float64) {
	low, high := math.Log(a[0]), math.Log(a[1])
	return low/2 + high/2, (high - low) / (2 * z95)
}

func triangular(u, low, mode, high float64) float64 {
	width := high - low
	if width == 0 {
		return low
	}
	if at := (mode - low) / width; u < at {
		return low + math.Sqrt(u*width*(mode-low))
	}
	return high - math.Sqrt((1-u)*width*(high-mode))
}

// poissonExact bounds the means for which probabilities are added up; e^-700 is still a normal number.
const poissonExact = 700

// poisson inverts the distribution function: by adding probabilities, and above poissonExact by the expansion of Cornish
// and Fisher to the second order, whose error is then below half a unit in all but the farthest tails.
func poisson(u, mean float64) float64 {
	if mean == 0 {
		return 0
	}
	if mean > poissonExact {
		z := InverseNormal(u)
		sd := math.Sqrt(mean)
		return max(0, math.Floor(mean+float64(sd*z)+(float64(z*z)-1)/6+(z-float64(z*z*z))/(72*sd)+0.5))
	}
	p := math.Exp(-mean)
	total := p
	k := 0.0
	for total < u && k < mean+60*math.Sqrt(mean)+200 {
		k++
		p = float64(p * (mean / k))
		total += p
	}
	return k
}
