package dist

import "math"

// Beta returns both tails of the beta distribution, the regularised incomplete beta functions I_x(a, b) and I_y(b, a), for a and
// b above 0, x and y from 0 to 1 and x + y = 1. Both x and y are asked for because the small one of them has digits
// that the other has not.
func Beta(x, y, a, b float64) (lower, upper float64) {
	switch {
	case !(a > 0 && b > 0 && x >= 0 && y >= 0 && a+b <= greatest):
		return math.NaN(), math.NaN()
	case x == 0:
		return 0, 1
	case y == 0:
		return 1, 0
	case x == y && a == b:
		return 0.5, 0.5
	case x <= (a+1)/(a+b+2):
		lower = betaTail(x, y, a, b)
		return lower, 1 - lower
	}
	upper = betaTail(y, x, b, a)
	return 1 - upper, upper
}

// betaTail is I_x(a, b) below the mean, by the continued fraction of A. DiDonato and A. Morris, "Significant Digit Computation
// of the Incomplete Beta Function Ratios" (ACM TOMS 18, 1992), equation 9, and Lentz's method. Its terms do not cancel
// near the mean, however great a and b are.
func betaTail(x, y, a, b float64) float64 {
	lambda := a*y - b*x
	h := nonzero(a * (lambda + 1) / (a + 1))
	c, d := h, 0.0
	for m := 1.0; ; m++ {
		if m > maxTerms {
			return math.NaN()
		}
		n := a + 2*m
		w := m * (b - m) * x / (n - 1)
		num := (a + m - 1) / (n - 1) * (a + b + m - 1) * x * w
		den := m + w + (a+m)/(n+1)*(lambda+1+m*(1+y))
		d = 1 / nonzero(den+num*d)
		c = nonzero(den + num/c)
		h *= d * c
		if math.Abs(d*c-1) < 0x1p-51 {
			break
		}
	}
	return min(a*(b/(a+b))*binomial(a, b, x, y)/h, 1)
}

// BetaDensity is the density of the beta distribution at x, where x + y = 1. It may be infinite at either end.
func BetaDensity(x, y, a, b float64) float64 {
	switch {
	case !(a > 0 && b > 0 && x >= 0 && y >= 0):
		return math.NaN()
	case x == 0:
		return betaEnd(a, b)
	case y == 0:
		return betaEnd(b, a)
	case a < 1 && b < 1:
		return a * b / ((a + b) * x * y) * binomial(a, b, x, y)
	case a < 1:
		return a / x * binomial(a, b-1, x, y)
	case b < 1:
		return b / y * binomial(a-1, b, x, y)
	}
	return (a + b - 1) * binomial(a-1, b-1, x, y)
}

// betaEnd is the density at the end where the power is a-1.
func betaEnd(a, b float64) float64 {
	switch {
	case a < 1:
		return math.Inf(1)
	case a > 1:
		return 0
	}
	return b
}

// BetaInverse returns the x, and y = 1-x, whose lower tail is p and whose upper tail is q = 1-p. The smaller of both is
// what counts.
func BetaInverse(p, q, a, b float64) (x, y float64) {
	switch {
	case !(a > 0 && b > 0 && p >= 0 && q >= 0):
		return math.NaN(), math.NaN()
	case p == 0:
		return 0, 1
	case q == 0:
		return 1, 0
	}
	// As functions of ln(x/y) both tails are log-concave.
	u, rest := solve(func(u float64) (t, slope float64) {
		x, y := logistic(u)
		lower, upper := Beta(x, y, a, b)
		slope = a * (b / (a + b)) * binomial(a, b, x, y)
		if p <= q {
			return lower, slope
		}
		return upper, -slope
	}, p, q, math.Log(a/b))
	x, y = logistic(u)
	return x * (1 + y*rest), y * (1 - x*rest)
}

func logistic(u float64) (x, y float64) { return 1 / (1 + math.Exp(-u)), 1 / (1 + math.Exp(u)) }
