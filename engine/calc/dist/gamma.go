package dist

import "math"

// maxTerms bounds every series, and with it the time of a call to some hundredths of a second. Shapes of 1E10 need half
// of it.
const maxTerms = 2e6

// greatest is the greatest parameter of a tail: beyond, a float64 cannot tell the places around its mean apart.
const greatest = 1e15

// Gamma returns both tails of the gamma distribution of unit scale: the regularised incomplete gamma functions
// P(shape, x) and Q(shape, x), for shape above 0 and x from 0 on.
func Gamma(x, shape float64) (lower, upper float64) {
	switch {
	case !(shape > 0 && x >= 0 && shape <= greatest):
		return math.NaN(), math.NaN()
	case x == 0:
		return 0, 1
	case math.IsInf(x, 1):
		return 1, 0
	case x < shape+1:
		// NIST DLMF 8.11.4: a series of positive terms.
		sum, term := 1.0, 1.0
		for k := 1.0; ; k++ {
			if k > maxTerms {
				return math.NaN(), math.NaN()
			}
			term *= x / (shape + k)
			sum += term
			if term < sum*0x1p-54 {
				break
			}
		}
		lower = min(poisson(shape, x)*sum, 1)
		return lower, 1 - lower
	}
	// NIST DLMF 8.9.2 in its even part, by Lentz's method.
	b := x + 1 - shape
	c := math.Inf(1)
	d := 1 / b
	h := d
	for k := 1.0; ; k++ {
		if k > maxTerms {
			return math.NaN(), math.NaN()
		}
		a := -k * (k - shape)
		b += 2
		d = 1 / nonzero(a*d+b)
		c = nonzero(b + a/c)
		h *= d * c
		if math.Abs(d*c-1) < 0x1p-51 {
			break
		}
	}
	upper = min(shape*poisson(shape, x)*h, 1)
	return 1 - upper, upper
}

func nonzero(f float64) float64 {
	if math.Abs(f) < 1e-300 {
		return 1e-300
	}
	return f
}

// GammaDensity is the density of the gamma distribution of unit scale. At 0 it is infinite for shapes below 1.
func GammaDensity(x, shape float64) float64 {
	switch {
	case !(shape > 0 && x >= 0):
		return math.NaN()
	case x == 0:
		switch {
		case shape < 1:
			return math.Inf(1)
		case shape > 1:
			return 0
		}
		return 1
	case shape < 1:
		return poisson(shape, x) * shape / x
	}
	return poisson(shape-1, x)
}

// GammaInverse returns the x whose lower tail is p and whose upper tail is q = 1-p. The smaller of both is what counts.
// It is 0 for p = 0 and infinite for q = 0.
func GammaInverse(p, q, shape float64) float64 {
	switch {
	case !(shape > 0 && p >= 0 && q >= 0):
		return math.NaN()
	case p == 0:
		return 0
	case q == 0:
		return math.Inf(1)
	}
	// As functions of ln x both tails are log-concave.
	u, relative := solve(func(u float64) (t, slope float64) {
		x := math.Exp(u)
		lower, upper := Gamma(x, shape)
		if p <= q {
			return lower, shape * poisson(shape, x)
		}
		return upper, -shape * poisson(shape, x)
	}, p, q, math.Log(shape))
	return math.Exp(u) * (1 + relative)
}
