package dist

import "math"

// Normal returns the lower tail of the standard normal distribution.
func Normal(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }

// NormalDensity is the density of the standard normal distribution.
func NormalDensity(z float64) float64 {
	// The square is split so that its rounding does not become an error of the exponential.
	h := math.Float64frombits(math.Float64bits(z) &^ (1<<27 - 1))
	return math.Exp(-0.5*h*h) * math.Exp(-0.5*(z-h)*(z+h)) / math.Sqrt(2*math.Pi)
}

// NormalInverse returns the z whose lower tail is p, and infinities for 0 and 1.
func NormalInverse(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case p > 0.5:
		return -NormalInverse(1 - p)
	}
	z := 0.0
	if p > 0.01 {
		z = math.Sqrt2 * math.Erfinv(2*p-1)
	} else {
		// Abramowitz and Stegun, 26.2.23, to start from.
		t := math.Sqrt(-2 * math.Log(p))
		z = -(t - (2.515517+t*(0.802853+t*0.010328))/(1+t*(1.432788+t*(0.189269+t*0.001308))))
	}
	// Halley's steps on the logarithm, of which the second is enough for all p.
	for range 3 {
		t := Normal(z)
		if t == 0 {
			return z
		}
		r := NormalDensity(z) / t
		e := math.Log(t / p)
		step := e / r
		z -= step / (1 + 0.5*step*(z+r))
		if math.Abs(step) < 1e-15*math.Abs(z) {
			break
		}
	}
	return z
}
