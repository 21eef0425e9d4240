package dist

import "math"

// Quantile implements [Dist], by Newton's method kept inside a bracket.
func (d Beta) Quantile(p float64) float64 {
	low, high := 0.0, 1.0
	x := d.A / (d.A + d.B)
	logB := logBeta(d.A, d.B)
	for range 100 {
		f := d.CDF(x) - p
		if f > 0 {
			high = x
		} else {
			low = x
		}
		slope := math.Exp((d.A-1)*math.Log(x) + (d.B-1)*math.Log1p(-x) - logB)
		next := x - f/slope
		if !(next > low && next < high) {
			next = low/2 + high/2
		}
		if math.Abs(next-x) <= 1e-13*x || next == low || next == high {
			return next
		}
		x = next
	}
	return x
}

// CDF implements [Dist]: the regularised incomplete beta function, by its continued fraction (Abramowitz and
// Stegun, 26.5.8).
func (d Beta) CDF(x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (d.A+1)/(d.A+d.B+2):
		return 1 - betaFraction(d.B, d.A, 1-x)
	}
	return betaFraction(d.A, d.B, x)
}

// Mean implements [Dist].
func (d Beta) Mean() float64 { return d.A / (d.A + d.B) }

// Kind implements [Dist].
func (d Beta) Kind() string { return "beta" }

func logBeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// betaFraction evaluates the fraction from its front, by the method of Lentz.
func betaFraction(a, b, x float64) float64 {
	const tiny = 1e-300
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/away(1-(a+b)*x/(a+1))
	h := d
	for m := 1.0; m < 10000; m++ {
		delta := 1.0
		for _, term := range [2]float64{
			m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)),
			-(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1)),
		} {
			d = 1 / away(1+term*d)
			c = away(1 + term/c)
			delta = c * d
			h *= delta
		}
		if math.Abs(delta-1) < 1e-15 {
			break
		}
	}
	return math.Exp(a*math.Log(x)+b*math.Log1p(-x)-logBeta(a, b)) * h / a
}
