package dist

import (
	"fmt"
	"math"
)

// TwoPiece is the two-piece lognormal distribution: exp(Mu + Below*Z) where the standard normal Z is negative
// and exp(Mu + Above*Z) where it is not. Its median is exp(Mu), however far its ends lie from it on either
// side. It is the split normal distribution of a logarithm in the form that keeps half of the probability on each side
// (Wallis, "The two-piece normal, binormal, or double Gaussian distribution", Statistical Science 29(1), 2014,
// describes the form that keeps the density continuous instead). One of Below and Above may be zero: then half
// of the probability is at the median.
type TwoPiece struct{ Mu, Below, Above float64 }

// Through returns the distribution whose 5th, 50th and 95th percentiles are the given positive amounts: a
// [TwoPiece], a [Lognormal] where the median is the geometric middle, and a [Point] where all three are equal.
func Through(low, median, high float64) (Dist, error) {
	if !(0 < low && low <= median && median <= high) || math.IsInf(high, 0) {
		return nil, fmt.Errorf("a median lies between its 5th and 95th percentile, all of them positive and finite")
	}
	below, above := math.Log(median/low)/z95, math.Log(high/median)/z95
	switch {
	case low == high:
		return Point(median), nil
	case math.Abs(below-above) <= 1e-12*(below+above):
		return Lognormal{Mu: math.Log(median), Sigma: (below + above) / 2}, nil
	}
	return TwoPiece{Mu: math.Log(median), Below: below, Above: above}, nil
}

// sigma is that of the half in which z lies.
func (d TwoPiece) sigma(z float64) float64 {
	if z < 0 {
		return d.Below
	}
	return d.Above
}

// Quantile implements [Dist].
func (d TwoPiece) Quantile(p float64) float64 {
	z := InverseNormal(p)
	return math.Exp(d.Mu + d.sigma(z)*z)
}

// CDF implements [Dist].
func (d TwoPiece) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	z := math.Log(x) - d.Mu
	sigma := d.sigma(z)
	switch {
	case sigma > 0:
		return normalCDF(z / sigma)
	case z < 0:
		return 0
	}
	return 1
}

// Mean implements [Dist].
func (d TwoPiece) Mean() float64 {
	half := func(sigma, sign float64) float64 { return math.Exp(sigma*sigma/2) * normalCDF(sign*sigma) }
	return math.Exp(d.Mu) * (half(d.Below, -1) + half(d.Above, 1))
}

// Kind implements [Dist].
func (d TwoPiece) Kind() string { return "two-piece lognormal" }

// logVariance is the variance of the logarithm.
func (d TwoPiece) logVariance() float64 {
	mean := (d.Above - d.Below) / math.Sqrt(2*math.Pi)
	return (d.Above*d.Above+d.Below*d.Below)/2 - mean*mean
}

// power is the distribution of |coef| times the given power of d: one of the same family.
func (d TwoPiece) power(coef, exponent float64) TwoPiece {
	p := TwoPiece{Mu: math.Log(math.Abs(coef)) + exponent*d.Mu, Below: exponent * d.Below, Above: exponent * d.Above}
	if exponent < 0 {
		p.Below, p.Above = -exponent*d.Above, -exponent*d.Below
	}
	return p
}

// stepped says whether single values of a distribution have a probability of their own, so that less and at
// most differ.
func stepped(d Dist) bool {
	switch d := d.(type) {
	case Empirical, Point:
		return true
	case TwoPiece:
		return d.Below == 0 || d.Above == 0
	case Affine:
		return stepped(d.D)
	}
	return false
}

// Continuous says whether no single value of a distribution has a probability of its own.
func Continuous(d Dist) bool { return !stepped(d) }
