package dist

import "math"

const (
	halfLog2Pi = 0.918938533204672741780329736405617639861397473637783412817
	smallest   = 0x1p-1022 // the smallest normal number
)

// stirling returns ln n! - ln(√(2πn) (n/e)^n), the error of Stirling's formula, for n above 0.
func stirling(n float64) float64 {
	if n < 1 {
		lg, _ := math.Lgamma(n + 1)
		return lg - (n+0.5)*math.Log(n) + n - halfLog2Pi
	}
	// The series is good from 16 on; what is below is brought there one by one.
	sum := 0.0
	for n < 16 {
		sum += (n+0.5)*math.Log1p(1/n) - 1
		n++
	}
	r := 1 / (n * n)
	return sum + (1./12-(1./360-(1./1260-(1./1680-1./1188*r)*r)*r)*r)/n
}

// deviance returns x ln(x/m) + m - x, for x and m above 0.
func deviance(x, m float64) float64 {
	if !(math.Abs(x-m) < 0.1*(x+m)) { // NaN too, which the series would never end for
		r := x / m
		if r < smallest || math.IsInf(r, 1) {
			return x*(math.Log(x)-math.Log(m)) + m - x
		}
		return x*math.Log(r) + m - x
	}
	v := (x - m) / (x + m)
	s := (x - m) * v
	term := 2 * x * v
	v *= v
	for j := 3.0; ; j += 2 {
		term *= v
		next := s + term/j
		if next == s || next != next {
			return next
		}
		s = next
	}
}

// poisson returns m^x e^-m / Γ(x+1), for real x and m from 0 on.
func poisson(x, m float64) float64 {
	switch {
	case m == 0:
		if x == 0 {
			return 1
		}
		return 0
	case x <= m*smallest:
		return math.Exp(-m)
	case m < x*smallest:
		lg, _ := math.Lgamma(x + 1)
		return math.Exp(-m + x*math.Log(m) - lg)
	}
	return math.Exp(-stirling(x)-deviance(x, m)) / math.Sqrt(2*math.Pi*x)
}

// binomial returns Γ(x+y+1) / (Γ(x+1) Γ(y+1)) p^x q^y, for real x and y from 0 on, and p + q = 1.
func binomial(x, y, p, q float64) float64 {
	switch {
	case p == 0:
		if x == 0 {
			return 1
		}
		return 0
	case q == 0:
		if y == 0 {
			return 1
		}
		return 0
	case x == 0:
		return power(q, p, y)
	case y == 0:
		return power(p, q, x)
	}
	n := x + y
	if n <= 50 && x == math.Trunc(x) && y == math.Trunc(y) {
		// All coefficients to 50 are exact, and so are the simplest probabilities.
		choices := 1.0
		for i := 1.0; i <= min(x, y); i++ {
			choices = choices * (n - i + 1) / i
		}
		if f := choices * power(p, q, x) * power(q, p, y); f > 1e-290 {
			return f
		}
	}
	lc := stirling(n) - stirling(x) - stirling(y) - deviance(x, n*p) - deviance(y, n*q)
	return math.Exp(lc) * math.Sqrt(n/(2*math.Pi*x)/y)
}

// power returns p^n, where q = 1-p is known better than p if it is small.
func power(p, q, n float64) float64 {
	if q < 0.1 {
		return math.Exp(n * math.Log1p(-q))
	}
	return math.Pow(p, n)
}
